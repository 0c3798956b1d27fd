"""Visits, the checklists they are asked by, and what they left."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import F, Q, QuerySet

from bihuan.cases.models import Case, Origin
from bihuan.dossiers.models import Dossier
from bihuan.enterprises.models import SectorFlag
from bihuan.files.models import StoredFile
from bihuan.rounds.models import (
    Checklist,
    Entry,
    Excuse,
    Finding,
    Photo,
    Present,
    Visit,
)
from bihuan.rounds.rules.checklist import Answer, AnswerKind, Item
from bihuan.rounds.rules.visiting import OURS, THEIRS
from bihuan.zones.models import Zone
from bihuan.zones.permissions import Standing


def current_checklists(zone: Zone) -> QuerySet[Checklist]:
    """Return the checklists in use, the general one first."""
    return Checklist.objects.filter(zone=zone, is_current=True).order_by("sector", "code")


def checklist_for(zone: Zone, dossier: Dossier) -> Checklist | None:
    """Return the checklist that fits a dossier's key sector, the general one otherwise."""
    sectors = SectorFlag.objects.filter(zone=zone, enterprise=dossier.pk).values("sector")
    fitting = current_checklists(zone).filter(Q(sector__in=sectors) | Q(code="general"))
    return fitting.order_by("-sector", "code").first()


def open_cases(dossier: Dossier) -> list[Case]:
    """Return a dossier's live cases, the most pressing first: what a visit asks about first."""
    return list(
        Case.objects.filter(zone=dossier.zone_id, dossier=dossier, is_live=True).order_by(
            F("due_on").asc(nulls_last=True), "id"
        )[:50]
    )


def last_visits(dossier: Dossier, *, count: int) -> list[Visit]:
    """Return the latest visits to a dossier, latest first."""
    return list(Visit.objects.filter(dossier=dossier).order_by("-visited_on", "-id")[:count])


def shows_file(standing: Standing, kept: StoredFile) -> bool:
    """Say whether a file is a photo, signature or excuse that the person may see."""
    visits = Visit.objects.visible_to(standing)
    photos = Photo.objects.filter(zone=standing.zone, file=kept).values("visit")
    signed = Present.objects.filter(zone=standing.zone, signature=kept).values("visit")
    if visits.filter(Q(pk__in=photos) | Q(pk__in=signed)).exists():
        return True
    excused = Excuse.objects.filter(zone=standing.zone, evidence=kept).values("entry")
    return Entry.objects.visible_to(standing).filter(pk__in=excused).exists()


def visit_key(row: Any) -> tuple[object, ...]:
    """Return what makes two visits of an earlier ledger the same one."""
    return row.dossier.pk, row.visited_on, row.visitors.strip()[:64], row.reference.strip()[:80]


def known_visits(zone: Zone, past: Iterable[Any]) -> dict[tuple[object, ...], str]:
    """Return key -> summary of imported visits to the dossiers, on the days, of past; one query."""
    rows = list(past)
    known = Visit.objects.filter(
        zone=zone,
        origin=Origin.IMPORT,
        dossier__in={row.dossier.pk for row in rows},
        visited_on__in={row.visited_on for row in rows},
    )
    fields = ("dossier", "visited_on", "by_name", "reference", "summary")
    return {row[:-1]: row[-1] for row in known.values_list(*fields)}


@dataclass(frozen=True)
class Answered:
    """An item and what was said of it. answer is None for a number or a text."""

    item: Item
    answer: Answer | None
    value: str
    note: str


@dataclass(frozen=True)
class Record:
    """A visit with all that belongs to it; asked counts the items of its checklist."""

    visit: Visit
    ours: list[Present]
    theirs: list[Present]
    findings: list[Finding]
    photos: list[Photo]
    sections: list[tuple[str, list[Answered]]]
    asked: int

    @property
    def looked(self) -> int:
        """How many items were looked at; no answer means not looked at."""
        return sum(len(rows) for _name, rows in self.sections)


def record_of(visit: Visit) -> Record:
    """Return a visit (with its checklist loaded) and all that belongs to it; three queries."""
    people = list(visit.present.select_related("signature").order_by("place"))
    items = visit.checklist.items if visit.checklist else ()
    looked = [_answered(visit, item) for item in items if visit.answers.get(item.code)]
    return Record(
        visit=visit,
        ours=[one for one in people if one.side == OURS],
        theirs=[one for one in people if one.side == THEIRS],
        findings=list(visit.findings.select_related("case").order_by("place")),
        photos=list(visit.photos.select_related("file").order_by("id")),
        sections=[(name, list(rows)) for name, rows in groupby(looked, _section)],
        asked=len(items),
    )


def _section(one: Answered) -> str:
    return one.item.section


def _answered(visit: Visit, item: Item) -> Answered:
    value = str(visit.answers[item.code])
    is_choice = item.kind is AnswerKind.YES_NO and value in tuple(Answer)
    said = value if is_choice else f"{value} {item.unit}".strip()
    answer = Answer(value) if is_choice else None
    return Answered(item, answer, said, str(visit.notes.get(item.code, "")))
