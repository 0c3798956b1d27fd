"""The WSGI entry of the server."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.config.settings")

import bihuan.config.sqlite  # noqa: E402, F401
from django.core.wsgi import get_wsgi_application  # noqa: E402

application = get_wsgi_application()
