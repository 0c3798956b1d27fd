"""The figures of the platform: each counts the very rows it opens."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, cast

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext_lazy as _

from bihuan.cases.models import Case, Move
from bihuan.cases.rules.declaration import Grade, Status
from bihuan.core.days import HERE
from bihuan.core.ready import Given, Ready
from bihuan.core.together import Together, counts
from bihuan.dossiers.models import Document, Dossier, DossierKind
from bihuan.enterprises.models import DocumentKind, Enterprise
from bihuan.figures.models import RollUp
from bihuan.figures.rules import Figure, Of, Period, Value
from bihuan.rounds.models import Entry
from bihuan.rounds.rules.coverage import EntryState, RoundState
from bihuan.zones.models import Cell, Zone

YEAR = timedelta(days=365)
LARGE = 20_000  # enterprises and live cases together; beyond, every figure is counted by the hour

_KEPT = Ready(lambda: RollUp.objects.filter(zone=Given("zone")))
_CELLS = Ready(
    lambda: (
        Cell.objects.filter(zone=Given("zone"), is_open=True)
        .select_related("leader")
        .order_by("path")
    )
)


def last_year(on: date) -> Period:
    """Return the twelve months up to a day."""
    return Period(on - YEAR + timedelta(days=1), on)


def calendar_year(year: int) -> Period:
    """Return a calendar year."""
    return Period(date(year, 1, 1), date(year, 12, 31))


def _enterprises(zone: Zone, period: Period) -> QuerySet[Any]:
    return Dossier.objects.filter(zone=zone, kind=DossierKind.ENTERPRISE).looked_after()


def _above_size(zone: Zone, period: Period) -> QuerySet[Any]:
    listed = Enterprise.objects.filter(zone=zone, above_size=True, above_size_since__lte=period.on)
    return _enterprises(zone, period).filter(pk__in=listed.values("pk"))


def _new_above_size(zone: Zone, period: Period) -> QuerySet[Any]:
    new = Enterprise.objects.filter(zone=zone, above_size_since__range=(period.since, period.on))
    return _enterprises(zone, period).filter(pk__in=new.values("pk"))


def _holding(kind: str) -> Any:
    def rows(zone: Zone, period: Period) -> QuerySet[Any]:
        valid = Document.objects.filter(
            Q(valid_to=None) | Q(valid_to__gte=period.on),
            Q(valid_from=None) | Q(valid_from__lte=period.on),
            zone=zone,
            kind=kind,
            withdrawn_at=None,
        )
        return _enterprises(zone, period).filter(pk__in=valid.values("dossier"))

    return rows


def _newly_holding(kind: str) -> Any:
    def rows(zone: Zone, period: Period) -> QuerySet[Any]:
        new = Document.objects.filter(
            zone=zone, kind=kind, withdrawn_at=None, valid_from__range=(period.since, period.on)
        )
        return _enterprises(zone, period).filter(pk__in=new.values("dossier"))

    return rows


def _visited(zone: Zone, period: Period) -> QuerySet[Any]:
    since = period.on - timedelta(days=89)
    return _enterprises(zone, period).filter(last_visited_on__gte=since)


def _on_list(zone: Zone, period: Period) -> QuerySet[Any]:
    return Entry.objects.filter(zone=zone, round__state=RoundState.OPEN)


def _settled(zone: Zone, period: Period) -> QuerySet[Any]:
    return _on_list(zone, period).exclude(state=EntryState.TO_GO)


def _live(zone: Zone, period: Period) -> QuerySet[Any]:
    return Case.objects.filter(zone=zone, is_live=True)


def _overdue(zone: Zone, period: Period) -> QuerySet[Any]:
    return Case.objects.filter(zone=zone).overdue(today=period.on)


def _to_verify(zone: Zone, period: Period) -> QuerySet[Any]:
    return _live(zone, period).filter(status=Status.SUBMITTED)


def _live_majors(zone: Zone, period: Period) -> QuerySet[Any]:
    return _live(zone, period).filter(grade=Grade.MAJOR)


def _moments(period: Period) -> tuple[datetime, datetime]:
    begin = datetime.combine(period.since, datetime.min.time(), HERE)
    return begin, datetime.combine(period.on + timedelta(days=1), datetime.min.time(), HERE)


def _ended(zone: Zone, period: Period) -> QuerySet[Any]:
    begin, end = _moments(period)
    return Case.objects.filter(
        zone=zone,
        status=Status.CLOSED,
        ended_at__gte=begin,
        ended_at__lt=end,
        on_time__isnull=False,
    )


def _ended_on_time(zone: Zone, period: Period) -> QuerySet[Any]:
    return _ended(zone, period).filter(on_time=True)


def _found(zone: Zone, period: Period) -> QuerySet[Any]:
    begin, end = _moments(period)
    return Case.objects.filter(zone=zone, found_at__gte=begin, found_at__lt=end)


def _came_back(zone: Zone, period: Period) -> QuerySet[Any]:
    """Found again: linked by hand, or the same clause at the same dossier closed before."""
    begin, _end = _moments(Period(period.since - YEAR, period.on))
    earlier = Case.objects.filter(  # of the dossier's few cases: the index by dossier serves it
        dossier=OuterRef("dossier"),
        is_live=False,
        clause=OuterRef("clause"),
        status=Status.CLOSED,
        on_time__isnull=False,
        ended_at__gte=begin,
        ended_at__lt=OuterRef("found_at"),
    )
    again = ~Q(clause="") & Exists(earlier)
    return _found(zone, period).filter(Q(recurs__isnull=False) | again)


def _moves(name: str) -> Any:
    def rows(zone: Zone, period: Period) -> QuerySet[Any]:
        begin, end = _moments(period)
        return Move.objects.filter(zone=zone, name=name, at__gte=begin, at__lt=end)

    return rows


FIGURES: tuple[Figure, ...] = (
    Figure("enterprises", _("enterprises looked after"),
           _("Enterprises of the zone that have not left."), Of.DOSSIERS, _enterprises),
    Figure("above_size", _("above designated size"),
           _("Enterprises in the directory of those above designated size on the day."),
           Of.DOSSIERS, _above_size),
    Figure("new_above_size", _("newly above designated size"),
           _("Enterprises whose directory batch lies within the period."), Of.DOSSIERS, _new_above_size),
    Figure("high_tech", _("high-tech enterprises"),
           _("Enterprises holding a high-tech certificate valid on the day."),
           Of.DOSSIERS, _holding(DocumentKind.HIGH_TECH)),
    Figure("new_high_tech", _("new high-tech enterprises"),
           _("Enterprises whose high-tech certificate begins within the period."),
           Of.DOSSIERS, _newly_holding(DocumentKind.HIGH_TECH)),
    Figure("specialised", _("specialised and innovative enterprises (专精特新)"),
           _("Enterprises recognised as specialised and innovative on the day."),
           Of.DOSSIERS, _holding(DocumentKind.SPECIALISED)),
    Figure("tech_centre", _("enterprise technology centres"),
           _("Enterprises with a technology centre of provincial level or above."),
           Of.DOSSIERS, _holding(DocumentKind.TECH_CENTRE)),
    Figure("doctoral_station", _("doctoral innovation stations"),
           _("Enterprises with a doctoral innovation station."),
           Of.DOSSIERS, _holding(DocumentKind.DOCTORAL_STATION)),
    Figure("visited", _("visited within 90 days"),
           _("Enterprises whose last visit lies no more than 90 days back, of all looked after."),
           Of.DOSSIERS, _visited, _enterprises, "high"),
    Figure("coverage", _("coverage of rounds under way"),
           _("Dossiers visited or excused, of all on the lists of rounds under way."),
           Of.ENTRIES, _settled, _on_list, "high"),
    Figure("live", _("cases not ended"), _("Cases found and not yet closed, transferred or void."),
           Of.CASES, _live, good="low"),
    Figure("overdue", _("overdue cases"),
           _("Cases not rectified by their present date; a paused clock does not run."),
           Of.CASES, _overdue, good="low"),
    Figure("to_verify", _("awaiting verification"),
           _("Cases whose rectification was submitted and not yet closed or sent back."),
           Of.CASES, _to_verify, good="low"),
    Figure("live_majors", _("major hazards not ended"), _("Live cases of the grade major."),
           Of.CASES, _live_majors, good="low"),
    Figure("on_time", _("rectified on time"),
           _("Cases closed in the period that were rectified by their original date, of all closed "
             "whose date is known. Extensions and pauses do not count as punctual."),
           Of.CASES, _ended_on_time, _ended, "high", rolled=True),
    Figure("came_back", _("came back"),
           _("Cases found in the period that repeat one closed within the year before: linked by "
             "hand, or of the same clause at the same enterprise; of all found."),
           Of.CASES, _came_back, _found, "low", rolled=True),
    Figure("extended", _("extensions"), _("Extensions granted in the period, of all assignments."),
           Of.MOVES, _moves("extend"), _moves("assign"), "low", rolled=True),
    Figure("rejected", _("sent back"), _("Rectifications sent back in the period, of all submitted."),
           Of.MOVES, _moves("reject"), _moves("submit"), "low", rolled=True),
)  # fmt: skip


def figure(code: str) -> Figure:
    """Return the figure of that code; KeyError if there is none."""
    return {it.code: it for it in FIGURES}[code]


def count_all(zone: Zone, wanted: Iterable[Figure], period: Period) -> list[Value]:
    """Count figures now; one query, and what the rows of a figure ask for themselves."""
    figures = list(wanted)
    numbers = iter(_counting(tuple(it.code for it in figures), period).ask(zone=zone.pk))
    return [Value(it, next(numbers), next(numbers) if it.base else None, period) for it in figures]


@lru_cache(maxsize=50)
def _counting(codes: tuple[str, ...], period: Period) -> Together[int]:
    """Return the query that counts figures of any zone, compiled once for a period."""
    zone: Any = Given("zone")
    both = ((it.rows, it.base) for it in map(figure, codes))
    return counts([rows(zone, period) for it in both for rows in it if rows])


def count(zone: Zone, it: Figure, period: Period) -> Value:
    """Count a figure now."""
    return count_all(zone, [it], period)[0]


def kept_of(zone: Zone) -> dict[str, RollUp]:
    """Return what was counted by the hour; one query, kept on the zone object while it lives."""
    kept: dict[str, RollUp] | None = zone.__dict__.get("_rolled")
    if kept is None:
        kept = zone.__dict__["_rolled"] = {it.code: it for it in _KEPT.ask(zone=zone.pk)}
    return kept


def is_large(zone: Zone) -> bool:
    """Say whether all figures of a zone are shown as counted by the hour, not just the rolled."""
    kept = kept_of(zone)
    return sum((kept[code].number or 0) for code in ("enterprises", "live") if code in kept) > LARGE


def values(zone: Zone, codes: Collection[str], *, on: date) -> dict[str, Value]:
    """Return figures as of a day: counted now, or by the hour where they are rolled.

    A figure that was never counted by the hour is counted now. Two queries at most.
    """
    period, kept, large = last_year(on), kept_of(zone), is_large(zone)
    found: dict[str, Value] = {}
    for it in map(figure, codes):
        if (it.rolled or large) and it.code in kept:
            stored = kept[it.code]
            found[it.code] = Value(it, stored.number, stored.of, period, stored.computed_at)
    now = [figure(code) for code in codes if code not in found]
    return found | {value.figure.code: value for value in count_all(zone, now, period)}


@dataclass(frozen=True)
class ByCell:
    """What a grid cell has to answer for, its own dossiers only."""

    cell: Cell
    dossiers: int
    live: int
    overdue: int
    majors: int
    to_go: int
    listed: int


COUNTS = ("dossiers", "live", "overdue", "majors", "to_go", "listed")


def by_cell(zone: Zone, *, on: date) -> list[ByCell]:
    """Return counts for every cell of a zone: as of now, or of the hour where it is large."""
    kept = kept_of(zone).get("by_cell") if is_large(zone) else None
    counted = kept.series if kept and kept.series else count_by_cell(zone, on=on)
    cells = _CELLS.ask(zone=zone.pk)
    return [ByCell(cell, *counted.get(str(cell.pk), (0,) * 6)) for cell in cells]


def count_by_cell(zone: Zone, *, on: date) -> dict[str, list[int]]:
    """Return cell id -> dossiers, live, overdue, majors, to go, listed; three queries."""
    dossiers, cases, entries = (
        {cell: counted for cell, *counted in it.ask(zone=zone.pk)} for it in _by_cell(on)
    )
    return {
        str(cell): [
            *dossiers.get(cell, [0]),
            *cases.get(cell, [0] * 3),
            *entries.get(cell, [0] * 2),
        ]
        for cell in {*dossiers, *cases, *entries}
    }


@lru_cache(maxsize=50)
def _by_cell(on: date) -> tuple[Ready, Ready, Ready]:
    """Return what counts dossiers, cases and entries by cell, in any zone; compiled once a day."""
    zone, period = cast("Any", Given("zone")), last_year(on)
    late = Q(due_on__lt=on, paused_on=None, status__in=(Status.OPEN, Status.ASSIGNED))
    dossiers = _enterprises(zone, period).order_by().values_list("cell").annotate(Count("pk"))
    cases = Case.objects.filter(zone=zone, is_live=True).order_by().values_list("cell")
    cases = cases.annotate(
        n=Count("pk"),
        late=Count("pk", filter=late),
        majors=Count("pk", filter=Q(grade=Grade.MAJOR)),
    )
    entries = _on_list(zone, period).order_by().values_list("cell")
    entries = entries.annotate(
        to_go=Count("pk", filter=Q(state=EntryState.TO_GO)), listed=Count("pk")
    )
    return Ready(lambda: dossiers), Ready(lambda: cases), Ready(lambda: entries)


def with_below(cells: Iterable[ByCell]) -> list[ByCell]:
    """Return each cell's counts with those of all cells below it, as lists by cell show them."""
    own = {it.cell.path: it for it in cells}
    sums = {path: [0] * len(COUNTS) for path in own}
    for path, it in own.items():
        steps = path.strip("/").split("/")
        for depth in range(1, len(steps) + 1):
            above = sums.get(f"/{'/'.join(steps[:depth])}/")
            if above is not None:
                above[:] = [n + getattr(it, name) for n, name in zip(above, COUNTS, strict=True)]
    return [ByCell(it.cell, *sums[path]) for path, it in own.items()]


def trend(zone: Zone, *, on: date) -> dict[str, list[Any]]:
    """Return how many cases were found and how many closed in each of the last twelve months."""
    period = last_year(on)
    months = []
    year, month = on.year, on.month
    for _step in range(12):
        months.append(f"{year}-{month:02d}")
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    months.reverse()
    found = _by_month(_found(zone, period), "found_at")
    begin, end = _moments(period)
    closed_rows = Case.objects.filter(
        zone=zone, status=Status.CLOSED, ended_at__gte=begin, ended_at__lt=end
    )
    closed = _by_month(closed_rows, "ended_at")
    return {
        "months": months,
        "found": [found.get(month, 0) for month in months],
        "closed": [closed.get(month, 0) for month in months],
    }


def _by_month(rows: QuerySet[Any], field: str) -> dict[str, int]:
    grouped = rows.order_by().annotate(month=TruncMonth(field, tzinfo=HERE)).values("month")
    return {f"{row['month']:%Y-%m}": row["n"] for row in grouped.annotate(n=Count("pk"))}
