"""How a view says who may see it. What says nothing is closed."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import HttpResponseBase

from bihuan.core.permissions import Permission

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def needs(permission: Permission) -> Callable[[View], View]:
    """Mark a view of a zone: only who holds permission in that zone may open it.

    The view's URL has a <slug:zone>; zones.middleware puts request.standing in
    place and refuses everyone else (404 for a foreign zone, 403 otherwise).
    """

    def mark(view: View) -> View:
        marked: Any = view
        marked.permission = permission
        return view

    return mark


def for_everyone_signed_in(view: View) -> View:
    """Mark a view outside any zone that every signed-in person may open."""
    marked: Any = view
    marked.permission = "signed_in"
    return view


def open_to_strangers(view: View) -> View:
    """Mark a view that needs no sign-in. The tests list these by name, with the reason."""
    marked: Any = view
    marked.permission = "open"
    marked.login_required = False
    return view
