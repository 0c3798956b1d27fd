"""The product's settings, but for what Django itself has of sessions and sign-in, and no more."""

from bihuan.config.settings import *  # noqa: F403, TID251

INSTALLED_APPS = [it for it in INSTALLED_APPS if not it.startswith("allauth")]  # noqa: F405
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
SESSION_ENGINE = "django.contrib.sessions.backends.db"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
ROOT_URLCONF = "benchmarks.floor.site"
