"""What pages and actions ask about rounds and visits."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import ngettext

from bihuan.accounts.models import Person
from bihuan.cases.models import Case, Origin
from bihuan.dossiers.models import Dossier, DossierState
from bihuan.enterprises.models import Sector, SectorFlag
from bihuan.files.models import StoredFile
from bihuan.rounds.models import (
    Checklist,
    Entry,
    Excuse,
    Finding,
    Photo,
    Present,
    Round,
    Visit,
)
from bihuan.rounds.rules.checklist import Answer, AnswerKind, Item
from bihuan.rounds.rules.coverage import (
    Counts,
    Criteria,
    EntryState,
    RoundState,
    counts_of,
)
from bihuan.rounds.rules.visiting import OURS, THEIRS
from bihuan.zones.models import Cell, Zone
from bihuan.zones.permissions import Standing
from bihuan.zones.rules import Rest


def matching(zone: Zone, criteria: Criteria) -> QuerySet[Dossier]:
    """Return the dossiers a round with these criteria is for, those that left excepted."""
    rows = Dossier.objects.filter(zone=zone, kind=criteria.kind).exclude(state=DossierState.LEFT)
    if criteria.sector:
        flags = SectorFlag.objects.filter(zone=zone, sector=criteria.sector)
        rows = rows.filter(pk__in=flags.values("enterprise"))
    if criteria.cell:
        rows = rows.filter(cell__in=_subtree(zone, criteria.cell))
    if criteria.risk:
        rows = rows.filter(risk="" if criteria.risk == "unknown" else criteria.risk)
    if criteria.not_visited_since:
        since = criteria.not_visited_since
        rows = rows.filter(Q(last_visited_on=None) | Q(last_visited_on__lt=since))
    return rows


def _subtree(zone: Zone, cell: str) -> QuerySet[Cell, UUID]:
    top = Cell.objects.filter(zone=zone, pk=cell).values_list("path", flat=True).first()
    inside = Cell.objects.filter(zone=zone, path__startswith=top) if top else Cell.objects.none()
    return inside.values_list("pk", flat=True)


def newcomers(round: Round) -> QuerySet[Dossier]:  # noqa: A002  the word of the trade
    """Return dossiers opened since the round opened that belong on its list and are not."""
    listed = Entry.objects.filter(round=round, dossier=OuterRef("pk"))
    return (
        matching(round.zone, round.chosen)
        .filter(opened_at__gt=round.opened_at)
        .exclude(pk__in=listed.values("dossier"))
        .order_by("cell__path", "name", "pk")
    )


def tally(round: Round) -> Counts:  # noqa: A002
    """Return how far a round is, counted from its entries."""
    rows = Entry.objects.filter(round=round).values("state").annotate(n=Count("pk")).order_by()
    return counts_of({row["state"]: row["n"] for row in rows})


def missing_by_person(round: Round) -> list[tuple[str, int]]:  # noqa: A002
    """Return whose dossiers are still to go, and how many, most first."""
    who = Coalesce("assignee", "dossier__contact")
    rows = (
        Entry.objects.filter(round=round, state=EntryState.TO_GO)
        .annotate(who=who)
        .values("who")
        .annotate(n=Count("pk"))
        .order_by("-n", "who")
    )
    names = dict(Person.objects.filter(pk__in=[r["who"] for r in rows]).values_list("pk", "name"))
    return [(names.get(row["who"], ""), row["n"]) for row in rows]


@dataclass(frozen=True)
class Part:
    """A part of a round and how far it is; key is a cell's path, a person's id or a sector."""

    key: str
    name: str
    counts: Counts
    depth: int = 0


def by_cell(round: Round) -> list[Part]:  # noqa: A002
    """Return coverage by cell where dossiers sat when they joined; two queries.

    A cell's counts include those of the cells below it, so the parts do not add up.
    """
    own = _tallies(Entry.objects.filter(round=round).annotate(part=F("cell")))
    cells = list(Cell.objects.filter(zone=round.zone_id).order_by("path").only("path", "name"))
    parts = []
    for cell in cells:
        inside = [own[c.pk] for c in cells if c.path.startswith(cell.path) and c.pk in own]
        if inside:
            depth = cell.path.count("/") - 2
            parts.append(Part(cell.path, cell.name, _sum(inside), depth))
    return parts


def by_person(round: Round) -> list[Part]:  # noqa: A002
    """Return coverage by the person who goes, those with most to go first; two queries."""
    entries = Entry.objects.filter(round=round)
    own = _tallies(entries.annotate(part=Coalesce("assignee", "dossier__contact")))
    names = dict(Person.objects.filter(pk__in=list(own)).values_list("pk", "name"))
    parts = [Part(str(pk), names.get(pk, ""), counts) for pk, counts in own.items()]
    return sorted(parts, key=lambda part: (-part.counts.to_go, part.name))


def by_sector(round: Round) -> list[Part]:  # noqa: A002
    """Return coverage by key sector; one query. Who belongs to two is in both."""
    state = Entry.objects.filter(round=round, dossier=OuterRef("enterprise")).values("state")[:1]
    flags = SectorFlag.objects.filter(zone=round.zone_id).annotate(state=Subquery(state))
    rows = flags.exclude(state=None).values("sector", "state").annotate(n=Count("pk")).order_by()
    own: dict[str, dict[str, int]] = {}
    for row in rows:
        own.setdefault(row["sector"], {})[row["state"]] = row["n"]
    return [
        Part(sector.value, str(sector.label), counts_of(own[sector.value]))
        for sector in Sector
        if sector.value in own
    ]


def _tallies(entries: Any) -> dict[UUID, Counts]:
    """Return the counts by what is annotated as part."""
    rows = entries.values("part", "state").annotate(n=Count("pk")).order_by()
    own: dict[UUID, dict[str, int]] = {}
    for row in rows:
        own.setdefault(row["part"], {})[row["state"]] = row["n"]
    return {part: counts_of(states) for part, states in own.items()}


def _sum(counts: Iterable[Counts]) -> Counts:
    total = Counts()
    for one in counts:
        total = total.plus(one)
    return total


def current_checklists(zone: Zone) -> QuerySet[Checklist]:
    """Return the checklists in use, the general one first."""
    return Checklist.objects.filter(zone=zone, is_current=True).order_by("sector", "code")


def checklist_for(zone: Zone, dossier: Dossier) -> Checklist | None:
    """Return the checklist that fits a dossier's key sector, the general one otherwise."""
    sectors = SectorFlag.objects.filter(zone=zone, enterprise=dossier.pk).values("sector")
    fitting = current_checklists(zone).filter(Q(sector__in=sectors) | Q(code="general"))
    return fitting.order_by("-sector", "code").first()


def entries_to_go(standing: Standing) -> QuerySet[Entry]:
    """Return what a person still has to visit in open rounds, the most pressing first."""
    return (
        Entry.objects.filter(zone=standing.zone, round__state=RoundState.OPEN)
        .of(standing.person)
        .to_go()
        .order_by("round__due_on", "round", "id")
    )


def waiting_excuses(standing: Standing) -> QuerySet[Excuse]:
    """Return the excuses that wait for a decision by someone else than who asked."""
    return (
        Excuse.objects.waiting(standing.zone.pk)
        .exclude(asked_by=standing.person)
        .select_related("entry__round", "entry__dossier", "entry__cell", "asked_by", "evidence")
        .order_by("asked_at", "id")
    )


def entries_resting(person: Person, zone: Zone) -> list[Rest]:
    """Say how many visits still to make were given to person by name; for HANDOVERS."""
    entries = Entry.objects.filter(zone=zone, assignee=person, round__state=RoundState.OPEN)
    count = entries.to_go().count()
    words = ngettext("%(count)s visit to make", "%(count)s visits to make", count)
    return [Rest(count, words % {"count": count}, "rounds:list")]


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


def known_visits(zone: Zone, past: Iterable[Any]) -> set[tuple[object, ...]]:
    """Return the keys of imported visits to the dossiers, on the days, of past; one query."""
    rows = list(past)
    known = Visit.objects.filter(
        zone=zone,
        origin=Origin.IMPORT,
        dossier__in={row.dossier.pk for row in rows},
        visited_on__in={row.visited_on for row in rows},
    )
    return set(known.values_list("dossier", "visited_on", "by_name", "reference"))


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
