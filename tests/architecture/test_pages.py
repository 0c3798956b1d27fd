"""Every page says who may see it. Closed unless opened by name."""

import pytest
from django.urls import URLResolver, get_resolver

from bihuan.core.permissions import Permission

# Pages that need no sign-in -> why.
OPEN_TO_STRANGERS = {
    "account_login": "signing in",
    "account_logout": "signing out is harmless to who is not signed in",
    "account_inactive": "tells a deactivated person why they cannot sign in",
    "account_signup": "says that accounts are made by administrators; makes none",
    "mfa_authenticate": "the second factor, between password and sign-in",
    "openid_connect_login": "signing in with the office's own account",
    "openid_connect_callback": "the way back from there",
    "socialaccount_login_cancelled": "the way back from there, given up",
    "socialaccount_login_error": "the way back from there, failed",
    "socialaccount_signup": "says that the office's account is not known here; makes none",
    "accounts:welcome": "a one-time link; the token is the proof",
    "ui:language": "the sign-in page too has the switch",
    "ui:worker": "a script that is the same for everyone",
}
LIBRARY_NAMES = ("account_", "mfa_", "socialaccount_", "openid_connect_")  # fixed by allauth
SIGNED_IN, OPEN = "signed_in", "open"


def walk(patterns, namespace=(), route=""):
    """Yield (name, whole route, view) of every page."""
    for entry in patterns:
        here = route + str(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = (*namespace, entry.namespace) if entry.namespace else namespace
            yield from walk(entry.url_patterns, inner, here)
        else:
            yield ":".join((*namespace, str(entry.name))), here, entry.callback


PAGES = list(walk(get_resolver().url_patterns))
OURS = [page for page in PAGES if page[2].__module__.startswith("bihuan.")]


def test_only_listed_pages_are_open_to_strangers():
    opened = {name for name, _route, view in PAGES if not getattr(view, "login_required", True)}
    assert opened == OPEN_TO_STRANGERS.keys()


@pytest.mark.parametrize(("name", "route", "view"), OURS, ids=[page[0] for page in OURS])
def test_every_page_names_its_permission(name, route, view):
    permission = getattr(view, "permission", None)
    assert permission in {SIGNED_IN, OPEN, *Permission}, f"{name} names no permission"
    if permission == OPEN:
        assert name in OPEN_TO_STRANGERS


@pytest.mark.parametrize(("name", "route", "view"), OURS, ids=[page[0] for page in OURS])
def test_a_permission_is_asked_for_in_a_zone(name, route, view):
    in_zone = route.startswith("z/<slug:zone>/")
    assert isinstance(view.permission, Permission) == in_zone, f"{name} is at {route}"


@pytest.mark.parametrize(("name", "route", "view"), OURS, ids=[page[0] for page in OURS])
def test_pages_have_names_that_can_be_searched_for(name, route, view):
    if name.startswith(LIBRARY_NAMES):
        return
    app, _colon, page = name.partition(":")
    assert page, f"{name} ({route}) has no app_name"
    assert view.__module__.startswith(f"bihuan.{app}."), f"{name} is served by {view.__module__}"
