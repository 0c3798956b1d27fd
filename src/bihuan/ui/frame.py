"""What stands around every page: zone, menu, search, person, languages.

Built from request.standing (person, zone, may) without a query of its own, so that
this app needs to know neither zones nor people.
"""

from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import get_language

from bihuan.core.permissions import Permission
from bihuan.ui import links
from bihuan.ui.links import zone_of

Text = str | Promise


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


_MENUS: dict[tuple[Any, ...], str] = {}  # drawn, by language and lines


@dataclass(frozen=True)
class Frame:
    """Everything ui/frame.html shows."""

    language: str
    languages: list[tuple[str, str]]
    language_url: str
    path: str
    home: str = "/"
    person: str = ""
    person_id: str = ""
    zone: Any = None
    menu: list[Group] = field(default_factory=list)
    zones: str = ""
    search: str = ""
    query: str = ""
    own: list[Line] = field(default_factory=list)
    sign_in: str = ""
    sign_out: str = ""

    @property
    def drawn_menu(self) -> str:
        """The menu as HTML: the same for everyone with the same lines, so drawn once for all."""
        key = (self.language, *((it.href, it.here) for group in self.menu for it in group.items))
        if key not in _MENUS:
            if len(_MENUS) > 1000:
                _MENUS.clear()
            _MENUS[key] = render_to_string("ui/menu.html", {"groups": self.menu})
        return _MENUS[key]


def frame(request: HttpRequest) -> dict[str, Frame]:
    """Context processor: put the frame on every page; built once for all parts of it."""
    kept: dict[str, Frame] | None = request.__dict__.get("_frame")
    if kept is None:
        kept = request.__dict__["_frame"] = {"frame": _frame(request)}
    return kept


def _frame(request: HttpRequest) -> Frame:
    language = get_language() or settings.LANGUAGE_CODE
    user = getattr(request, "user", None)
    standing = getattr(request, "standing", None)
    signed_in = bool(user is not None and user.is_authenticated)
    zone = getattr(standing, "zone", None)
    common: dict[str, Any] = {
        "language": language,
        "languages": [it for it in settings.LANGUAGES if it[0] != language],
        "language_url": "/language/",
        "path": request.get_full_path(),
    }
    if not signed_in:
        return Frame(**common, sign_in=links.page_if_any("account_login"))
    search = links.page_if_any(_listed("SEARCH_PAGE"), zone.slug) if zone else ""
    return Frame(
        **common,
        person=str(getattr(user, "display_name", "") or user),
        person_id=str(getattr(user, "pk", "")),
        zone=zone,
        home=f"/z/{zone.slug}/" if zone else "/",
        menu=_menu(request, standing) if zone else [],
        zones=links.page_if_any(_listed("ZONES_PAGE")),
        search=search,
        query=request.GET.get("q", "") if request.path == search else "",
        own=[
            Line(label, href)
            for label, name in _listed("OWN_PAGES")
            if (href := links.page_if_any(name))
        ],
        sign_out=links.page_if_any("account_logout"),
    )


def _menu(request: HttpRequest, standing: Any) -> list[Group]:
    zone, path = zone_of(request), request.path
    root = f"/z/{zone}/"
    groups: dict[str, Group] = {}
    best = ""
    lines: list[tuple[MenuItem, str]] = []
    for item in _listed("MENU"):
        if standing.may(item.permission) and (href := links.page_if_any(item.page, zone)):
            lines.append((item, href))
            inside = path.startswith(href) and href != root  # every page lies below the root
            if (inside or path == href) and len(href) > len(best):
                best = href
    for item, href in lines:
        group = groups.setdefault(str(item.group), Group(item.group))
        group.items.append(Line(item.label, href, item.icon, href == best))
    return list(groups.values())


def _listed(name: str) -> Any:
    """Return a list of the composition; nothing where it has none."""
    try:
        return import_string(f"{settings.COMPOSITION}.{name}")
    except ImportError:
        return ()
