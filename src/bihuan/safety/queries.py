"""What pages ask about hazards, and who may enforce."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from bihuan.cases.models import Case, Move
from bihuan.cases.queries import kind_of
from bihuan.cases.rules.declaration import Grade, Situation, Words
from bihuan.cases.rules.story import Told, fold
from bihuan.core.ready import RowsByIds
from bihuan.safety.models import Delegation
from bihuan.safety.rules import HAZARD, Mandate, statutory_refusal
from bihuan.zones.models import Post, Unit, Zone
from bihuan.zones.permissions import Standing
from bihuan.zones.queries import calendar_of


def hazards(standing: Standing) -> QuerySet[Case]:
    """Return the hazards the person may see."""
    return Case.objects.visible_to(standing).filter(kind=HAZARD.code)


def majors(standing: Standing) -> QuerySet[Case]:
    """Return the major hazards the person may see."""
    return hazards(standing).filter(grade=Grade.MAJOR)


@dataclass(frozen=True)
class Remedy:
    """What was done about a hazard, and what the re-inspection said."""

    measures: str = ""
    opinion: str = ""
    verified_by: str = ""
    closed_by: str = ""


DONE = ("submit", "fix_on_spot")
SEEN = ("verify", "reject")
_MOVES = RowsByIds(
    Move,
    *("seq", "case", "name", "data", "by_name"),
    key="case",
    where=Q(name__in=(*DONE, *SEEN, "close")),
)


def remedies(ids: Sequence[UUID]) -> dict[UUID, Remedy]:
    """Return, for the cases of a page, what was done and found on re-inspection; one query."""
    told: dict[UUID, dict[str, str]] = defaultdict(dict)
    for _seq, case, name, data, by_name in sorted(_MOVES.ask(ids)):
        known = told[case]
        if name in DONE:
            known["measures"] = str(data.get("measures", ""))
        if name in SEEN:
            known["opinion"] = str(data.get("opinion") or data.get("reason") or "")
            known["verified_by"] = by_name
        if name in ("close", "fix_on_spot"):
            known["closed_by"] = by_name
    return {case: Remedy(**words) for case, words in told.items()}


def situations(zone: Zone, ids: Sequence[UUID]) -> dict[UUID, Situation]:
    """Return where the cases of a page stand; one query."""
    moves: dict[UUID, list[Told]] = defaultdict(list)
    for move in Move.objects.filter(case__in=ids).order_by("case", "seq"):
        moves[move.case_id].append(Told(move.name, move.at, move.by_id, move.data))
    calendar, kind = calendar_of(zone), kind_of(HAZARD.code)
    return {case: fold(kind, told, calendar) for case, told in moves.items()}


def officers_of(unit: Unit, *, on: date) -> list[str]:
    """Return the certificate numbers of a unit's officers on a day."""
    posts = Post.objects.filter(zone=unit.zone_id, unit=unit, person__is_active=True).held_on(on)
    return list(posts.exclude(certificate="").values_list("certificate", flat=True).distinct())


def mandates_of(unit: Unit) -> list[Mandate]:
    """Return the delegations recorded for a unit."""
    return [
        Mandate(unit.name, row.starts_on, row.withdrawn_on or row.ends_on)
        for row in Delegation.objects.filter(zone=unit.zone_id, unit=unit)
    ]


def statutory_refusal_of(zone: Zone, unit: Unit, *, on: date) -> Words | None:
    """Return why a unit may not make out a statutory form on a day, or None."""
    return statutory_refusal(mandates_of(unit), officers_of(unit, on=on), on)


@dataclass(frozen=True)
class Powers:
    """A department, its delegations, its certified officers, and what it lacks."""

    unit: Unit
    delegations: list[Delegation]
    officers: list[tuple[str, str]]
    lacks: Words | None


def powers(zone: Zone, *, on: date) -> list[Powers]:
    """Return every department with its powers; three queries."""
    delegations: dict[UUID, list[Delegation]] = defaultdict(list)
    for row in Delegation.objects.filter(zone=zone).order_by("-starts_on"):
        delegations[row.unit_id].append(row)
    officers: dict[UUID | None, dict[str, str]] = defaultdict(dict)
    posts = Post.objects.filter(zone=zone, person__is_active=True).held_on(on)
    named = posts.exclude(Q(certificate="") | Q(unit=None)).select_related("person")
    for post in named.order_by("person__name"):
        officers[post.unit_id][post.certificate] = post.person.name
    rows = []
    for unit in Unit.objects.filter(zone=zone, kind="department", is_open=True).order_by("name"):
        held = [
            Mandate(unit.name, row.starts_on, row.withdrawn_on or row.ends_on)
            for row in delegations[unit.pk]
        ]
        certified = officers[unit.pk]
        lacks = statutory_refusal(held, list(certified), on)
        named_officers = [(name, number) for number, name in certified.items()]
        rows.append(Powers(unit, delegations[unit.pk], named_officers, lacks))
    return rows


def shows_file(standing: Standing, kept: Any) -> bool:
    """Say whether a file is the document of a delegation; everyone of the zone may see it."""
    return Delegation.objects.filter(zone=standing.zone, file=kept).exists()
