"""Numbering, provenance and expiry of dossiers."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bihuan.core.refusals import Refused
from bihuan.sheets.rules.cells import BRACKETS

PREFIX = {"enterprise": "E"}  # of a kind's dossier codes; the number has six digits
HIGHEST = 999_999

Provenance = dict[str, list[str]]


def canonical(name: str) -> str:
    """Return a name as names are compared: brackets full-width, as on the business licence."""
    return name.translate(BRACKETS)


def forms_of(name: str) -> set[str]:
    """Return how a name may be stored: as written, and with brackets of either width."""
    full = canonical(name)
    return {name, full, full.translate(_HALF)}


_HALF = str.maketrans("（）", "()")


def code_of(kind: str, number: int) -> str:
    """Return the dossier code of a kind and number, such as E000123."""
    if number > HIGHEST:
        raise Refused(_("The zone has used up its dossier numbers; give the code by hand."))
    return f"{PREFIX[kind]}{number:06d}"


def number_of(kind: str, code: str) -> int | None:
    """Return the number in a code that code_of made, or None for any other code."""
    found = re.fullmatch(rf"{PREFIX[kind]}(\d{{6}})", code, re.ASCII)
    return int(found[1]) if found else None


def origin_key(source_id: object, row: int | None = None) -> str:
    """Return how provenance names a source, or one row of it."""
    return str(source_id) if row is None else f"{source_id}#{row}"


def origin_of(key: str) -> tuple[str, int | None]:
    """Return the source's id and the row of a provenance key."""
    source, _mark, row = key.partition("#")
    return source, int(row) if row else None


def restate(provenance: Mapping[str, Iterable[str]], key: str, names: Iterable[str]) -> Provenance:
    """Return provenance with names moved to the source called key.

    Every fact has one source: the last that changed it. A source no fact comes from
    any more goes.
    """
    moved = set(names)
    kept = {
        source: [name for name in told if name not in moved] for source, told in provenance.items()
    }
    kept[key] = sorted({*kept.get(key, ()), *moved})
    return {source: told for source, told in kept.items() if told}


class Expiry(StrEnum):
    """How near a document's end is."""

    EXPIRED = "expired"
    MONTH = "30"
    TWO_MONTHS = "60"
    QUARTER = "90"
    LATER = "later"
    OPEN = "open"  # no end stated


def expiry(valid_to: date | None, *, today: date) -> Expiry:
    """Return how near valid_to, the last day of validity, is."""
    if valid_to is None:
        return Expiry.OPEN
    left = (valid_to - today).days
    if left < 0:
        return Expiry.EXPIRED
    for days, step in ((30, Expiry.MONTH), (60, Expiry.TWO_MONTHS), (90, Expiry.QUARTER)):
        if left <= days:
            return step
    return Expiry.LATER


EVENT_FIELDS: dict[str, str | Promise] = {  # what their details are called
    "from": _("from"),
    "to": _("to"),
    "reason": _("reason"),
    "name": _("name"),
    "number": _("number"),
    "valid_to": _("valid until"),
    "on": _("on"),
}
EXPIRY_NAMES: dict[Expiry, str | Promise] = {
    Expiry.EXPIRED: _("expired"),
    Expiry.MONTH: _("within 30 days"),
    Expiry.TWO_MONTHS: _("within 60 days"),
    Expiry.QUARTER: _("within 90 days"),
    Expiry.LATER: _("valid"),
    Expiry.OPEN: _("no end stated"),
}
EXPIRY_TONES: dict[Expiry, str] = {
    Expiry.EXPIRED: "red",
    Expiry.MONTH: "orange",
    Expiry.TWO_MONTHS: "yellow",
    Expiry.QUARTER: "yellow",
    Expiry.LATER: "green",
    Expiry.OPEN: "grey",
}
STATE_TONES = {"active": "green", "suspended": "orange", "left": "grey"}
RISK_TONES = {"": "grey", "red": "red", "orange": "orange", "yellow": "yellow", "blue": "blue"}
RISK_SHORT: dict[str, str | Promise] = {  # for lists, where the colour says the rest
    "": _("not yet graded"),
    "red": _("red"),
    "orange": _("orange"),
    "yellow": _("yellow"),
    "blue": _("blue"),
}
