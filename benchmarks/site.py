"""Django on a data folder of its own, for every benchmark that keeps what it builds."""

import os
from pathlib import Path

DATA = Path(os.environ.setdefault("BIHUAN_DATA", "var/bench")).resolve()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.config.settings")
DATA.mkdir(parents=True, exist_ok=True)

import django  # noqa: E402

import bihuan.config.sqlite  # noqa: E402, F401

django.setup()
