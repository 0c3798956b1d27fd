"""Links made once for a page and then joined by hand: no reverse() per row."""

from functools import lru_cache
from uuid import UUID

from django.http import HttpRequest
from django.urls import NoReverseMatch, get_urlconf, reverse

_NOBODY = UUID("00000000-0000-7000-8000-000000000000")


@lru_cache(maxsize=4096)
def _split(name: str, zone: str, urlconf: str | None) -> tuple[str, str]:
    before = (zone,) if zone else ()
    head, tail = reverse(name, urlconf, args=(*before, _NOBODY)).split(str(_NOBODY))
    return head, tail


def around(name: str, zone: str = "") -> tuple[str, str]:
    """Return what stands before and after the id in the address of a page about one row."""
    return _split(name, zone, get_urlconf())


@lru_cache(maxsize=4096)
def _fixed(name: str, zone: str, urlconf: str | None) -> str:
    return reverse(name, urlconf, args=(zone,) if zone else ())


def page(name: str, zone: str = "") -> str:
    """Return the address of a page, of the zone where one is given."""
    return _fixed(name, zone, get_urlconf())


def page_if_any(name: str, zone: str = "") -> str:
    """Return the address of a page, or nothing where this deployment has no such page."""
    try:
        return page(name, zone) if name else ""
    except NoReverseMatch:
        return ""


def zone_of(request: HttpRequest) -> str:
    """Return the slug of the zone the request is about, or nothing."""
    zone = getattr(getattr(request, "standing", None), "zone", None)
    if zone is not None:
        return str(zone.slug)
    match = request.resolver_match
    return str(match.kwargs.get("zone", "")) if match else ""
