"""What stands around every page: zone, menu, search, person, languages.

Built from request.standing (person, zone, permissions) without a query of its own, so that
this app needs to know neither zones nor people. What does not change from page to page is
drawn once for everyone who sees the same.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache, partial
from html import escape
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import get_urlconf
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from bihuan.core.permissions import Permission
from bihuan.ui import links

Text = str | Promise
CHANGING = ("menu", "path", "query", "csrf_token")  # what of the bar each page fills in
_PLACES = re.compile(f"\0({'|'.join(CHANGING)})\0")


@dataclass(frozen=True)
class MenuItem:
    """A line of the menu: a page of the zone, and the permission its view names.

    Lines with the same group stand together. icon is the name of a Tabler outline icon.
    """

    label: Text
    page: str
    permission: Permission
    icon: str = "point"
    group: Text = ""


@dataclass(frozen=True)
class Line:
    label: Text
    href: str
    icon: str = ""
    here: bool = False


@dataclass
class Group:
    label: Text
    items: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class Seen:
    """Who sees a page, where and in which language: what the bar above it is drawn for."""

    language: str
    urlconf: str | None
    person: str = ""
    zone: str = ""
    zone_name: str = ""
    at_the_door: bool = False  # the page to sign in does not lead to itself

    @property
    def home(self) -> str:
        return f"/z/{self.zone}/" if self.zone else "/"

    @property
    def search(self) -> str:
        return links.page_if_any(_listed("SEARCH_PAGE"), self.zone) if self.zone else ""


@dataclass(frozen=True)
class Frame:
    """What stands around a page; its templates may ask for zone, home, language and person."""

    request: HttpRequest
    seen: Seen
    person_id: str = ""
    zone: Any = None
    permissions: frozenset[Permission] = frozenset()

    @property
    def language(self) -> str:
        return self.seen.language

    @property
    def home(self) -> str:
        return self.seen.home

    @property
    def person(self) -> str:
        return self.seen.person

    @property
    def menu(self) -> str:
        """The menu, with the line marked that leads here or to what this page lies below."""
        path, opened = self.request.path, (self.seen.urlconf, self.seen.zone, self.permissions)
        below = (href for _item, href in lines(*opened) if path.startswith(href))
        here = max((it for it in below if it == path or it != self.home), key=len, default="")
        return drawn_menu(self.language, here, *opened)

    def bar(self, token: str) -> SafeString:
        """Return the bar above the page; token goes into its form."""
        query = self.request.GET.get("q", "") if self.request.path == self.seen.search else ""
        own = {
            "menu": self.menu if self.zone else "",
            "path": quote(self.request.get_full_path()),
            "query": escape(query),
            "csrf_token": token,
        }
        parts = list(drawn_bar(self.seen))
        parts[1::2] = [own[name] for name in parts[1::2]]
        return mark_safe("".join(parts))  # noqa: S308  drawn by a template, escaped here


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor: put the frame on every page, and one token; once for all parts of it."""
    kept: dict[str, Any] | None = request.__dict__.get("_frame")
    if kept is None:
        token = SimpleLazyObject(partial(get_token, request))
        kept = request.__dict__["_frame"] = {"frame": _frame(request), "csrf_token": token}
    return kept


def _frame(request: HttpRequest) -> Frame:
    language, urlconf = get_language() or settings.LANGUAGE_CODE, get_urlconf()
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        at_the_door = request.path == links.page_if_any("account_login")
        return Frame(request, Seen(language, urlconf, at_the_door=at_the_door))
    person, person_id = str(getattr(user, "display_name", "") or user), str(getattr(user, "pk", ""))
    standing = getattr(request, "standing", None)
    if standing is None:
        return Frame(request, Seen(language, urlconf, person), person_id)
    zone = standing.zone
    seen = Seen(language, urlconf, person, zone.slug, zone.name)
    return Frame(request, seen, person_id, zone, standing.permissions)


@lru_cache(maxsize=1000)
def drawn_bar(seen: Seen) -> list[str]:
    """Draw the bar; every second part is the name of what each page puts there."""
    context = {
        "seen": seen,
        "languages": [it for it in settings.LANGUAGES if it[0] != seen.language],
        "sign_in": "" if seen.at_the_door else links.page_if_any("account_login"),
        "sign_out": links.page_if_any("account_logout"),
        "zones": links.page_if_any(_listed("ZONES_PAGE")),
        "own": [
            Line(label, href)
            for label, name in _listed("OWN_PAGES")
            if (href := links.page_if_any(name))
        ],
    }
    places = {name: mark_safe(f"\0{name}\0") for name in CHANGING}  # noqa: S308
    return _PLACES.split(render_to_string("ui/frame.html", context | places))


@lru_cache(maxsize=1000)
def lines(
    urlconf: str | None, zone: str, permissions: frozenset[Permission]
) -> tuple[tuple[MenuItem, str], ...]:
    """Return the lines of the menu that these permissions open, with their addresses."""
    opened = (it for it in _listed("MENU") if it.permission in permissions)
    return tuple((it, href) for it in opened if (href := links.page_if_any(it.page, zone)))


@lru_cache(maxsize=1000)
def drawn_menu(
    language: str, here: str, urlconf: str | None, zone: str, permissions: frozenset[Permission]
) -> str:
    """Draw the menu, with the line marked that leads here."""
    groups: dict[str, Group] = {}
    for item, href in lines(urlconf, zone, permissions):
        group = groups.setdefault(str(item.group), Group(item.group))
        group.items.append(Line(item.label, href, item.icon, href == here))
    return render_to_string("ui/menu.html", {"groups": groups.values()}) if groups else ""


def _listed(name: str) -> Any:
    """Return a list of the composition; nothing where it has none."""
    try:
        return import_string(f"{settings.COMPOSITION}.{name}")
    except ImportError:
        return ()
