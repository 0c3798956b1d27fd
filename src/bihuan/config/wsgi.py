"""The WSGI entry of the server."""

import gc
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.config.settings")

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

import bihuan.config.sqlite  # noqa: F401

application = get_wsgi_application()

# Load every view now, and leave what is loaded out of garbage collection: a full
# collection over it takes most of a second and would fall on somebody's request.
_ = get_resolver().url_patterns
gc.collect()
gc.freeze()
