"""Who is on a list, who goes, what is left to do."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet
from django.utils.translation import ngettext

from bihuan.accounts.models import Person
from bihuan.dossiers.models import Dossier, DossierState
from bihuan.enterprises.models import SectorFlag
from bihuan.rounds.models import (
    Entry,
    Excuse,
    Round,
)
from bihuan.rounds.rules.coverage import (
    Criteria,
    RoundState,
    Verdict,
)
from bihuan.rounds.rules.route import Errand, Point, middle
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


def entries_to_go(standing: Standing) -> QuerySet[Entry]:
    """Return what a person still has to visit in open rounds, the most pressing first."""
    return (
        Entry.objects.filter(zone=standing.zone, round__state=RoundState.OPEN)
        .of(standing.person)
        .to_go()
        .order_by("round__due_on", "round", "id")
    )


@dataclass(frozen=True)
class ToVisit:
    """A dossier to go to; entries are the lines it stands on: (entry, name of the round)."""

    name: str
    code: str
    address: str
    cell: str
    risk: str
    entries: list[tuple[UUID, str]]
    errand: Errand
    is_guessed: bool  # its place is the middle of its grid cell


def to_visit(rows: QuerySet[Entry], *, guess: bool, most: int) -> tuple[list[ToVisit], bool]:
    """Return the dossiers of some entries still to go, and whether there are more; two queries.

    guess puts dossiers without coordinates into the middle of their cell, where it has one.
    """
    waiting = set(
        Excuse.objects.filter(entry__in=rows.values("pk"), verdict=Verdict.ASKED).values_list(
            "entry", flat=True
        )
    )
    found: dict[UUID, list[Entry]] = {}
    lines = rows.select_related("dossier__cell", "round").order_by("round__due_on", "pk")
    read = list(lines.defer("dossier__provenance", "round__criteria")[: most + 1])
    for entry in read[:most]:
        found.setdefault(entry.dossier_id, []).append(entry)
    visits = [_to_visit(entries, waiting, guess) for entries in found.values()]
    return visits, len(read) > most


def _to_visit(entries: list[Entry], waiting: set[UUID], guess: bool) -> ToVisit:
    dossier = entries[0].dossier
    going = [entry for entry in entries if entry.pk not in waiting]
    place = None
    if dossier.lat is not None and dossier.lng is not None:
        place = Point(float(dossier.lat), float(dossier.lng))
    guessed = middle(dossier.cell.outline) if guess and place is None else None
    return ToVisit(
        name=dossier.name,
        code=dossier.code,
        address=dossier.place,
        cell=dossier.cell.name,
        risk=dossier.risk,
        entries=[(entry.pk, entry.round.name) for entry in going or entries],
        errand=Errand(
            key=str(dossier.pk),
            due_on=(going or entries)[0].round.due_on,
            risk=dossier.risk,
            place=place or guessed,
            rounds=max(1, len(going)),
            excuse_waits=not going,
        ),
        is_guessed=guessed is not None,
    )


def waiting_excuses(standing: Standing) -> QuerySet[Excuse]:
    """Return the excuses that wait for a decision by someone else than who asked."""
    return (
        Excuse.objects.waiting(standing.zone)
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
