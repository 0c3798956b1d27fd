"""What a zone's setup must satisfy: paths, outlines, posts, sign-in names, calendars."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bihuan.core.permissions import ROLES, Permission, Reach
from bihuan.core.refusals import Refused

DEEPEST = 8  # levels of cells
OUTLINE_POINTS = 5_000  # corners of one outline, all rings together
ANSWERING = frozenset(  # the roles whose holder may answer for a dossier
    code for code, role in ROLES.items() if Permission.VISIT_RECORD in role.permissions
)

_CODE = re.compile(r"[A-Za-z0-9_-]{1,20}")
_DAYS_LINE = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:\s*[~～至-]\s*(\d{4}-\d\d-\d\d))?\s+(休|班|off|work)", re.ASCII
)
_USERNAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{2,63}")


@dataclass(frozen=True)
class Rest:
    """Something that still rests on a person, and the page where it is handed over."""

    count: int
    words: str | Promise
    page: str  # the name of a page of the zone; empty where there is none
    of: UUID | None = None  # whose page, where each person has one


@dataclass(frozen=True)
class NewPerson:
    """Someone who is to be able to sign in."""

    username: str
    name: str
    phone: str = ""
    email: str = ""
    is_synthetic: bool = False


def check_cell_code(code: str) -> str:
    """Return a cell's code: 1 to 20 letters, digits, - or _."""
    code = code.strip()
    if not _CODE.fullmatch(code):
        raise Refused(
            _("A cell's code has 1 to 20 letters, digits, - or _ and nothing else."), field="code"
        )
    return code


def path_of(parent_path: str, code: str) -> str:
    """Return the path of a cell below parent_path ("" for a root): "/east/07/"."""
    path = f"{parent_path or '/'}{code}/"
    if path.count("/") - 1 > DEEPEST:
        raise Refused(
            _("Cells can be %(levels)s levels deep at most. Choose a cell further up.")
            % {"levels": DEEPEST},
            field="parent",
        )
    return path


def check_outline(outline: Any) -> dict[str, Any] | None:
    """Return a GeoJSON Polygon or MultiPolygon (WGS-84 / CGCS2000), or None for none.

    A Feature, or a FeatureCollection of one, is taken out of its wrapping. Rings must
    be closed, have at least three corners and lie within China's bounding box, which
    tells degrees from metres and longitude from latitude.
    """
    if outline in (None, "", {}):
        return None
    shape = _unwrapped(outline)
    try:
        rings = _rings(shape["type"], shape["coordinates"])
        found = [[(point[0], point[1]) for point in ring] for ring in rings]
    except (TypeError, KeyError, IndexError):
        raise _bad_outline(_("The outline's coordinates cannot be read.")) from None
    if not found or sum(map(len, found)) > OUTLINE_POINTS:
        raise _bad_outline(
            _("An outline has 1 to %(count)s corners; simplify it.") % {"count": OUTLINE_POINTS}
        )
    for ring in found:
        _check_ring(ring)
    return {"type": shape["type"], "coordinates": shape["coordinates"]}


def _rings(kind: str, coordinates: Any) -> list[Any]:
    if kind == "Polygon":
        return list(coordinates)
    if kind == "MultiPolygon":
        return [ring for polygon in coordinates for ring in polygon]
    raise _bad_outline(_("The outline must be a GeoJSON Polygon or MultiPolygon."))


def _unwrapped(outline: Any) -> dict[str, Any]:
    if not isinstance(outline, dict):
        raise _bad_outline(_("The outline must be a GeoJSON Polygon or MultiPolygon."))
    features = outline.get("features")
    if isinstance(features, list) and len(features) == 1 and isinstance(features[0], dict):
        outline = features[0]
    geometry = outline.get("geometry")
    return geometry if isinstance(geometry, dict) else outline


def _check_ring(ring: list[tuple[Any, Any]]) -> None:
    if len(ring) < 4 or ring[0] != ring[-1] or len(set(ring)) < 3:
        raise _bad_outline(
            _("Each ring of an outline has at least three corners and ends where it began.")
        )
    for lng, lat in ring:
        numbers = all(isinstance(x, int | float) and not isinstance(x, bool) for x in (lng, lat))
        if not numbers or not (73 <= lng <= 136 and 3 <= lat <= 54):
            raise _bad_outline(
                _(
                    "The corner (%(lng)s, %(lat)s) is not in China: write longitude first, in "
                    "degrees."
                )
                % {"lng": lng, "lat": lat}
            )


def _bad_outline(message: str | Promise) -> Refused:
    return Refused(message, field="outline")


def check_place(lat: Any, lng: Any) -> None:
    """Refuse a latitude and longitude that are half given or not in China."""
    if lat is None and lng is None:
        return
    if lat is None or lng is None or not (3 <= lat <= 54 and 73 <= lng <= 136):
        raise Refused(
            _("Latitude and longitude go together, in degrees: 3 to 54 and 73 to 136 in China."),
            field="lat",
        )


def check_post(role: str, *, has_cell: bool, has_unit: bool) -> None:
    """Refuse a post whose reach names no cell or unit, or that names one for nothing."""
    if role not in ROLES:
        raise Refused(_("There is no such role."), field="role")
    reach = ROLES[role].reach
    if reach is Reach.CELL and not has_cell:
        raise Refused(_("Say which cell this post is for."), field="cell")
    if reach is Reach.UNIT and not has_unit:
        raise Refused(_("Say which unit this post is for."), field="unit")
    if has_cell and reach is not Reach.CELL:
        raise Refused(_("Only a cell leader's post is for a cell."), field="cell")


def check_username(username: str) -> str:
    """Return a sign-in name in lower case: 3 to 64 letters, digits, dots, - or _."""
    username = username.strip().lower()
    if not _USERNAME.fullmatch(username):
        raise Refused(
            _(
                "A sign-in name has 3 to 64 Latin letters, digits, dots, - or _ and begins "
                "with a letter or digit."
            ),
            field="username",
        )
    return username


def check_year(year: int, days: Mapping[str, bool]) -> dict[str, bool]:
    """Return the exceptions of a year: ISO date -> worked, sorted.

    A make-up day must lie on a weekend; a day off may lie on any day, since notices
    name whole spans. A year without any day off on a weekday is no arrangement.
    """
    if not 2000 <= year <= 2100:
        raise Refused(_("The year must be between 2000 and 2100."), field="year")
    off = 0
    for text, worked in days.items():
        try:
            day = date.fromisoformat(text)
        except (TypeError, ValueError):
            raise Refused(_("%(day)s is not a date.") % {"day": text}, field="days") from None
        if day.year != year:
            raise Refused(
                _("%(day)s is not in %(year)s.") % {"day": text, "year": year}, field="days"
            )
        if worked and day.weekday() < 5:
            raise Refused(
                _("%(day)s is a weekday: only a Saturday or Sunday can be a make-up working day.")
                % {"day": text},
                field="days",
            )
        off += not worked and day.weekday() < 5
    if not off:
        raise Refused(
            _("Enter the year's days off as the State Council's notice has them."), field="days"
        )
    return dict(sorted(days.items()))


def total(rests: Iterable[Rest]) -> list[Rest]:
    """Return what truly rests: entries that count something."""
    return [rest for rest in rests if rest.count]


PERMISSION_WORDS: dict[Permission, str | Promise] = {
    Permission.WORK: _("have a page of one's own"),
    Permission.ZONE_SETUP: _("set up cells, units and calendars"),
    Permission.PEOPLE_MANAGE: _("appoint people and end posts"),
    Permission.DOSSIER_READ: _("see dossiers"),
    Permission.DOSSIER_EDIT: _("register and correct dossiers"),
    Permission.DOSSIER_HAND_OVER: _("hand dossiers over to another contact"),
    Permission.CONTACT_READ: _("see who answers for what"),
    Permission.PERSONAL_READ: _("see telephone numbers, each time recorded"),
    Permission.SHEET_IMPORT: _("import spreadsheets"),
    Permission.SHEET_EXPORT: _("export spreadsheets"),
    Permission.ROUND_READ: _("see rounds"),
    Permission.ROUND_MANAGE: _("open and close rounds"),
    Permission.ROUND_EXCUSE: _("excuse a dossier from a round"),
    Permission.VISIT_RECORD: _("record visits"),
    Permission.CASE_READ: _("see cases"),
    Permission.CASE_REPORT: _("report findings"),
    Permission.CASE_ASSIGN: _("assign cases"),
    Permission.CASE_RECTIFY: _("rectify"),
    Permission.CASE_VERIFY: _("verify on site"),
    Permission.CASE_CLOSE: _("close cases"),
    Permission.CASE_DECIDE: _("decide extensions, pauses, transfers and voids"),
    Permission.CASE_SIGN_MAJOR: _("sign major hazards"),
    Permission.CASE_ESCALATE: _("escalate what is late"),
    Permission.LEDGER_READ: _("read the ledger"),
    Permission.FIGURE_READ: _("see figures"),
    Permission.JOB_OPERATE: _("look after background work"),
}
REACH_WORDS: dict[Reach, str | Promise] = {
    Reach.ZONE: _("the whole zone"),
    Reach.CELL: _("the cell and all below it"),
    Reach.UNIT: _("what belongs to the unit"),
    Reach.CONTACT: _("the dossiers in their own name"),
}
_MARKS = {"休": False, "off": False, "班": True, "work": True}


def read_days(text: str) -> dict[str, bool]:
    """Return the exceptions written one a line: "2027-01-01 休", "2027-01-03 班".

    A span, "2027-02-06~2027-02-12 休", stands for each of its days.
    """
    days: dict[str, bool] = {}
    for line in text.splitlines():
        if not line.strip():
            continue
        found = _DAYS_LINE.fullmatch(line.strip().lower())
        try:
            if not found:
                raise ValueError
            first = date.fromisoformat(found[1])
            last = date.fromisoformat(found[2] or found[1])
        except ValueError:
            raise Refused(
                _("The line “%(line)s” cannot be read. Write a date, or two with ~, then 休 or 班.")
                % {"line": line.strip()},
                field="days",
            ) from None
        if not 0 <= (last - first).days <= 31:
            raise Refused(
                _("The span “%(line)s” ends before it begins, or is longer than a month.")
                % {"line": line.strip()},
                field="days",
            )
        for place in range((last - first).days + 1):
            days[(first + timedelta(days=place)).isoformat()] = _MARKS[found[3]]
    return days


def write_days(days: Mapping[str, bool]) -> str:
    """Return exceptions as read_days reads them, one a line."""
    return "\n".join(f"{day} {'班' if worked else '休'}" for day, worked in sorted(days.items()))
