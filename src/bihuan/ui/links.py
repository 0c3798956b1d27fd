"""Links made once for a page and then joined by hand: no reverse() per row."""

from functools import lru_cache
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import NoReverseMatch, get_urlconf, reverse

_NOBODY = UUID("00000000-0000-7000-8000-000000000000")


@lru_cache(maxsize=4096)
def _split(name: str, zone: str, further: tuple[Any, ...], urlconf: str | None) -> tuple[str, str]:
    before = (zone,) if zone else ()
    whole = reverse(name, urlconf, args=(*before, _NOBODY, *further))
    head, tail = whole.split(str(_NOBODY))
    return head, tail


def around(name: str, zone: str = "", *further: Any) -> tuple[str, str]:
    """Return what stands before and after the id in the address of a page about one row."""
    return _split(name, zone, further, get_urlconf())


@lru_cache(maxsize=4096)
def _fixed(name: str, zone: str, further: tuple[Any, ...], urlconf: str | None) -> str:
    return reverse(name, urlconf, args=(zone, *further) if zone else further)


def page(name: str, zone: str = "", *further: Any) -> str:
    """Return the address of a page, of the zone where one is given."""
    return _fixed(name, zone, further, get_urlconf())


def page_of(name: str, zone: str, row: Any, *further: Any) -> str:
    """Return the address of a page about one row, named by its id or, where it has none, a code."""
    if not isinstance(row, UUID):
        return page(name, zone, row, *further)
    before, after = around(name, zone, *further)
    return f"{before}{row}{after}"


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
