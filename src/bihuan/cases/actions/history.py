"""Taking over cases that were found before: history, never moves made here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.cases.actions._writing import next_number, plain, project
from bihuan.cases.models import Case, Move, Origin
from bihuan.cases.queries import kind_of
from bihuan.cases.rules.declaration import Grade, Kind, Status
from bihuan.cases.rules.story import Told, content_of, fold
from bihuan.core.actors import Actor
from bihuan.core.days import day_of
from bihuan.core.permissions import Permission
from bihuan.core.refusals import Refused
from bihuan.dossiers.models import Dossier
from bihuan.dossiers.queries import hold_dossiers
from bihuan.ledger.actions import record_many
from bihuan.ledger.rules.body import Entry
from bihuan.zones.models import Zone
from bihuan.zones.permissions import require
from bihuan.zones.queries import calendar_of


@dataclass(frozen=True)
class PastCase:
    """A case as an earlier ledger tells it: still open, or closed on a day.

    Without rectified_on nobody can say whether a closed one was on time.
    """

    dossier: Dossier
    title: str
    found_at: datetime
    finder_name: str
    grade: Grade = Grade.GENERAL
    description: str = ""
    place: str = ""
    category: str = ""
    clause: str = ""
    unit: UUID | None = None
    due_on: date | None = None
    rectified_on: date | None = None
    closed_at: datetime | None = None
    reference: str = ""

    @property
    def key(self) -> tuple[object, ...]:
        """Return what makes two cases of an earlier ledger the same one."""
        return self.dossier.pk, self.title.strip()[:200], day_of(self.found_at)

    @property
    def status(self) -> Status:
        """Return where the earlier ledger leaves it."""
        if self.closed_at:
            return Status.CLOSED
        return Status.ASSIGNED if self.unit else Status.OPEN


@transaction.atomic
def take_over(
    *, zone: Zone, kind: str, past: Sequence[PastCase], by: Actor, at: datetime
) -> list[Case]:
    """Enter cases of an earlier ledger, open or closed, in one go (500 or so at a time).

    Each gets one move, "import", marked as imported; the ledger says the same. Raises
    Refused where a row contradicts itself, Forbidden where a dossier is out of reach.
    """
    declared = kind_of(kind)
    require(by, Permission.SHEET_IMPORT, zone=zone, on=day_of(at))
    calendar = calendar_of(zone)
    cells = hold_dossiers(row.dossier.pk for row in past)
    cases, moves = [], []
    for row, number in zip(past, _numbers(declared, zone, past), strict=True):
        _check(zone, row, by, at)
        case = _case(zone, declared, row, number, cells[row.dossier.pk])
        data = _data(row)
        project(case, fold(declared, [Told("import", at, None, data)], calendar))
        cases.append(case)
        moves.append(_move(case, data, by, at))
    Case.objects.bulk_create(cases)
    Move.objects.bulk_create(moves)
    entries = [
        Entry("case.imported", ("case", str(c.pk)), {"number": c.number, **m.data})
        for c, m in zip(cases, moves, strict=True)
    ]
    record_many(zone_id=zone.pk, entries=entries, by=by, at=at, origin="import")
    return cases


def _numbers(kind: Kind, zone: Zone, past: Sequence[PastCase]) -> list[str]:
    """Return a number for each, in the series of the year it was found."""
    years = [day_of(row.found_at).year for row in past]
    following = {
        year: next_number(zone, f"{kind.prefix}{year}", years.count(year))
        for year in sorted(set(years))
    }
    numbers = []
    for year in years:
        numbers.append(f"{kind.prefix}{year}-{following[year]:04d}")
        following[year] += 1
    return numbers


def _check(zone: Zone, row: PastCase, by: Actor, at: datetime) -> None:
    if row.dossier.zone_id != zone.pk:
        raise Refused(_("The dossier belongs to another zone."))
    require(by, Permission.SHEET_IMPORT, zone=zone, on=day_of(at), row=row.dossier)
    if not row.title.strip():
        raise Refused(_("Say in one line what was found."), field="title")
    if row.found_at > at or (row.closed_at and row.closed_at > at):
        raise Refused(_("The date lies in the future."), field="found_at")
    if row.closed_at and row.closed_at < row.found_at:
        raise Refused(_("It cannot have been closed before it was found."), field="closed_at")


def _case(zone: Zone, kind: Kind, row: PastCase, number: str, cell: UUID) -> Case:
    return Case(
        zone=zone,
        kind=kind.code,
        number=number,
        dossier=row.dossier,
        cell_id=cell,
        title=row.title.strip()[:200],
        description=row.description,
        place=row.place,
        category=row.category if row.category in kind.categories else "",
        clause=row.clause,
        grade=row.grade,
        found_at=row.found_at,
        finder_name=row.finder_name,
        origin=Origin.IMPORT,
        last_move="import",
    )


def _data(row: PastCase) -> dict[str, Any]:
    return plain(
        {
            "status": row.status.value,
            "grade": row.grade.value,
            "title": row.title.strip()[:200],
            "dossier": row.dossier.pk,
            "found_at": row.found_at,
            "unit": row.unit,
            "due_on": row.due_on,
            "rectified_on": row.rectified_on,
            "ended_at": row.closed_at,
            "reference": row.reference,
            "content_sha256": content_of(row.description, row.place, row.finder_name),
        }
    )


def _move(case: Case, data: dict[str, Any], by: Actor, at: datetime) -> Move:
    return Move(
        zone_id=case.zone_id,
        case=case,
        seq=1,
        name="import",
        to_status=case.status,
        at=at,
        by=None,
        by_name=by.display_name,
        data=data,
        origin=Origin.IMPORT,
    )
