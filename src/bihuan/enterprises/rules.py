"""What an enterprise's facts must satisfy, and what the law says of its safety manager."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bihuan.core.codes import check_industry, check_phone, check_uscc
from bihuan.core.refusals import Refused

Words = str | Promise

HEADER_FACTS = ("name", "place", "lat", "lng")  # kept on the dossier
PERSONAL_FACTS = frozenset(  # in the ledger only as seals
    {
        "legal_representative",
        "principal",
        "principal_phone",
        "safety_manager",
        "safety_manager_phone",
    }
)
LONGEST = {  # of text facts, as the columns hold them
    "name": 200,
    "place": 300,
    "short_name": 60,
    "registered_address": 300,
    "legal_representative": 64,
    "principal": 64,
    "safety_manager": 64,
}
MOST_HEADS = 2_000_000
SECTORS = frozenset({"chemicals", "construction", "industry_trade", "fire", "equipment", "petrol"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What is known of an enterprise. None and "" both say: not known."""

    name: str
    principal: str
    uscc: str = ""
    short_name: str = ""
    registered_address: str = ""
    place: str = ""
    lat: Decimal | None = None
    lng: Decimal | None = None
    legal_representative: str = ""
    principal_phone: str = ""
    safety_manager: str = ""
    safety_manager_phone: str = ""
    safety_manager_full_time: bool | None = None
    safety_body: bool | None = None
    industry: str = ""
    headcount: int | None = None
    above_size: bool | None = None
    above_size_since: date | None = None


FACTS = tuple(it.name for it in fields(Facts))
DETAIL_FACTS = tuple(name for name in FACTS if name not in HEADER_FACTS)
TEXT_FACTS = tuple(it.name for it in fields(Facts) if it.type in (str, "str"))


def as_mapping(facts: Facts) -> dict[str, Any]:
    """Return fact name -> value."""
    return {name: getattr(facts, name) for name in FACTS}


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a fact cannot be taken, and of which field it speaks."""

    field: str
    message: Words

    def __str__(self) -> str:
        return str(self.message)


@dataclass(frozen=True)
class Checked:
    """Facts as they would be stored, and what stands against storing them."""

    facts: Facts
    problems: list[Problem] = field(default_factory=list)


class _Unsound(Exception):
    """Something stands against storing these facts; the words are in the asker's language."""


def check(facts: Facts) -> Checked:
    """Return facts tidied (spaces, full-width digits, codes in canonical form) and every problem."""
    try:
        return Checked(_sound(facts))
    except _Unsound as found:
        checked: Checked = found.args[0]
        return checked


@lru_cache(maxsize=1024)  # a sheet's rows are checked when judged and when registered
def _sound(facts: Facts) -> Facts:
    told: dict[str, Any] = {name: getattr(facts, name).strip() for name in TEXT_FACTS}
    problems = _length_problems(told)
    for name, read in _READERS.items():
        if told[name]:
            try:
                told[name] = read(told[name])
            except Refused as refusal:
                problems.append(Problem(name, refusal.message))
    problems += _number_problems(facts)
    tidied = replace(facts, **told)
    if problems:
        raise _Unsound(Checked(tidied, problems))
    return tidied


def _length_problems(told: Mapping[str, str]) -> list[Problem]:
    found = [
        Problem(name, _("This is longer than %(count)s characters.") % {"count": longest})
        for name, longest in LONGEST.items()
        if len(told[name]) > longest
    ]
    return found + [Problem(name, words) for name, words in _MISSING.items() if not told[name]]


def _number_problems(facts: Facts) -> list[Problem]:
    found = []
    heads = facts.headcount
    if heads is not None and not 0 <= heads <= MOST_HEADS:
        found.append(Problem("headcount", _("The headcount must be between 0 and 2,000,000.")))
    if facts.above_size and facts.above_size_since is None:
        found.append(
            Problem(
                "above_size_since",
                _("Say since which directory batch the enterprise is above designated size."),
            )
        )
    if facts.above_size_since is not None and not facts.above_size:
        found.append(
            Problem("above_size_since", _("A directory batch belongs to enterprises above size."))
        )
    lat, lng = facts.lat, facts.lng
    if (lat is None) != (lng is None) or (
        lat is not None and lng is not None and not (3 <= lat <= 54 and 73 <= lng <= 136)
    ):
        found.append(
            Problem(
                "lat",
                _("Latitude and longitude go together, in degrees: 3 to 54 and 73 to 136."),
            )
        )
    return found


_MISSING: dict[str, Words] = {
    "name": _("Give the enterprise's name."),
    "principal": _("Name the principal responsible person: the law makes them answerable first."),
}
_READERS: dict[str, Callable[[str], str]] = {
    "uscc": check_uscc,
    "principal_phone": check_phone,
    "safety_manager_phone": check_phone,
    "industry": lambda text: check_industry(text).code,
}


def check_sectors(sectors: Collection[str]) -> frozenset[str]:
    """Return sectors as a set; refuse one that is none."""
    unknown = set(sectors) - SECTORS
    if unknown:
        raise Refused(
            _("There is no key sector %(name)s.") % {"name": min(unknown)}, field="sectors"
        )
    return frozenset(sectors)


def named(facts: Mapping[str, Any]) -> list[str]:
    """Return the names of the facts that say something."""
    return [name for name, value in facts.items() if value is not None and value != ""]


class Verdict(StrEnum):
    """What is to be said of a legal duty."""

    MET = "met"
    BREACH = "breach"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Finding:
    """A duty, whether it is met, and in words."""

    verdict: Verdict
    words: Words


SMELTING = ("C311", "C312", "C314", "C321", "C322", "C323")  # groups of GB/T 4754-2017
TRANSPORT = ("G53", "G54", "G55", "G56", "G57")


def is_high_hazard(sectors: Collection[str], industry: str) -> bool:
    """Say whether article 24's first group covers the enterprise: mining, metal smelting,
    construction, transport, and making, selling, storing or handling dangerous goods."""
    return bool({"chemicals", "construction", "petrol"} & set(sectors)) or industry.startswith(
        ("B", "E", *SMELTING, *TRANSPORT)
    )


def safety_manager_finding(
    *,
    high_hazard: bool,
    headcount: int | None,
    manager: str,
    full_time: bool | None,
    body: bool | None,
    many: int,
) -> Finding:
    """Say whether the enterprise has the safety department or manager that article 24 asks for.

    High-hazard enterprises need a department or a full-time manager whatever their
    size, the others from more than many people on; for fewer a part-time manager is enough.
    """
    if body or (manager and full_time):
        return Finding(Verdict.MET, _("Has a safety department or full-time manager."))
    if high_hazard or (headcount or 0) > many:
        return _full_time_missing(
            bool(manager) and full_time is None and body is not False,
            _(
                "High-hazard: needs a safety department or a full-time manager whatever its headcount."
            )
            if high_hazard
            else _("Over %(many)s people: needs a safety department or a full-time manager.")
            % {"many": many},
        )
    if headcount is None:
        return Finding(
            Verdict.UNKNOWN,
            _("The headcount is not known, so it cannot be said whether a part-time manager is "
              "enough."),
        )  # fmt: skip
    if manager:
        words = _("Has a safety manager; up to %(many)s people part-time is enough.")
        return Finding(Verdict.MET, words % {"many": many})
    return Finding(Verdict.BREACH, _("Needs a safety manager, full-time or part-time."))


def _full_time_missing(may_be_full_time: bool, breach: Words) -> Finding:
    if not may_be_full_time:
        return Finding(Verdict.BREACH, breach)
    return Finding(
        Verdict.UNKNOWN,
        _("Needs a safety department or a full-time manager; it is not known whether the "
          "manager is full-time."),
    )  # fmt: skip


FACT_NAMES: dict[str, Words] = {
    "name": _("name"),
    "place": _("place"),
    "lat": _("latitude"),
    "lng": _("longitude"),
    "uscc": _("unified social credit code"),
    "short_name": _("short name"),
    "registered_address": _("registered address"),
    "legal_representative": _("legal representative"),
    "principal": _("principal responsible person"),
    "principal_phone": _("phone of the principal"),
    "safety_manager": _("safety manager"),
    "safety_manager_phone": _("phone of the safety manager"),
    "safety_manager_full_time": _("full-time"),
    "safety_body": _("has a safety department"),
    "industry": _("industry class (GB/T 4754)"),
    "headcount": _("headcount"),
    "above_size": _("above designated size"),
    "above_size_since": _("directory batch"),
    "address": _("address"),
    "agreement": _("safety agreement"),
}
PHONES = ("principal_phone", "safety_manager_phone")
