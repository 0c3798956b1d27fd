"""The WSGI entry of the server."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.config.settings")

from django.core.wsgi import get_wsgi_application

import bihuan.config.sqlite  # noqa: F401

application = get_wsgi_application()
