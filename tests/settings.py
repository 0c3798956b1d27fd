"""The product's own settings in a folder of the test run, with cheap password hashing."""

import os
import tempfile
from pathlib import Path

if "BIHUAN_DATA" not in os.environ:
    os.environ["BIHUAN_DATA"] = tempfile.mkdtemp(prefix="bihuan-test-")

from bihuan.config.settings import *  # noqa: F403
from bihuan.config.settings import DATA_DIR, DATABASES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
(DATA_DIR / "static").mkdir(parents=True, exist_ok=True)
if "sqlite3" in str(DATABASES["default"]["ENGINE"]):
    # A real file, so that WAL and IMMEDIATE are what is tested.
    DATABASES["default"]["TEST"] = {"NAME": Path(DATA_DIR) / "test.sqlite3"}
