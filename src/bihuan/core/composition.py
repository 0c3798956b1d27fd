"""Reading config/composition.py from below, without importing it."""

from functools import cache
from importlib import import_module
from typing import Any

from django.conf import settings


@cache
def listed(name: str) -> tuple[Any, ...]:
    """Return the list called name in the composition, e.g. listed("KINDS")."""
    return tuple(getattr(import_module(settings.COMPOSITION), name))


@cache
def table(name: str) -> dict[str, Any]:
    """Return the table called name in the composition, e.g. table("PANELS")["enterprise"]."""
    return dict(getattr(import_module(settings.COMPOSITION), name))
