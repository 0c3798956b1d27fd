"""How far a round is: as a whole, by cell, by person, by sector."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from bihuan.accounts.models import Person
from bihuan.enterprises.models import Sector, SectorFlag
from bihuan.rounds.models import (
    Entry,
    Round,
)
from bihuan.rounds.rules.coverage import (
    Counts,
    EntryState,
    counts_of,
)
from bihuan.zones.models import Cell


def tally(round: Round) -> Counts:  # noqa: A002
    """Return how far a round is, counted from its entries."""
    return tally_of(Entry.objects.filter(round=round))


def tally_of(entries: QuerySet[Entry]) -> Counts:
    """Return how far some entries are; one query."""
    rows = entries.values("state").annotate(n=Count("pk")).order_by()
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


def by_cell(
    round: Round,  # noqa: A002
    entries: QuerySet[Entry],
    *,
    sums: bool = True,
) -> list[Part]:
    """Return coverage by cell where dossiers sat when they joined; two queries.

    entries are the lines of the round that whoever asks may see, here and below.

    A cell's counts include those of the cells below it, so the parts do not add up. Without
    sums only cells that lines sit in are told: who sees a part must not read it as the whole.
    """
    own = _tallies(entries.filter(round=round).annotate(part=F("cell")))
    cells = list(Cell.objects.filter(zone=round.zone_id).order_by("path").only("path", "name"))
    if not sums:
        return [Part(cell.path, cell.name, own[cell.pk]) for cell in cells if cell.pk in own]
    parts = []
    for cell in cells:
        inside = [own[c.pk] for c in cells if c.path.startswith(cell.path) and c.pk in own]
        if inside:
            depth = cell.path.count("/") - 2
            parts.append(Part(cell.path, cell.name, _sum(inside), depth))
    return parts


def by_person(round: Round, entries: QuerySet[Entry]) -> list[Part]:  # noqa: A002
    """Return coverage by the person who goes, those with most to go first; two queries."""
    own = _tallies(
        entries.filter(round=round).annotate(part=Coalesce("assignee", "dossier__contact"))
    )
    names = dict(Person.objects.filter(pk__in=list(own)).values_list("pk", "name"))
    parts = [Part(str(pk), names.get(pk, ""), counts) for pk, counts in own.items()]
    return sorted(parts, key=lambda part: (-part.counts.to_go, part.name))


def by_sector(round: Round, entries: QuerySet[Entry]) -> list[Part]:  # noqa: A002
    """Return coverage by key sector; one query. Who belongs to two is in both."""
    state = entries.filter(round=round, dossier=OuterRef("enterprise")).values("state")[:1]
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
