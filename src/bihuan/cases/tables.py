"""How lists of cases look."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bihuan.cases.models import Case
from bihuan.cases.rules.declaration import GRADE_NAMES, STATUS_NAMES, Grade, Kind, Status
from bihuan.core.composition import listed
from bihuan.dossiers.queries import about_named
from bihuan.dossiers.tables import cells
from bihuan.search.queries import Titles
from bihuan.ui import tables
from bihuan.ui.cells import Draw, day
from bihuan.ui.cells import due as cells_due
from bihuan.ui.filters import Choice, Days, Flag, Words
from bihuan.ui.tables import MANY, Badge, Column, Table
from bihuan.zones.models import Cell, Zone
from bihuan.zones.permissions import who_asks

Choices = Iterable[tuple[Any, str | Promise]]

STATUS_BADGES = {
    Status.OPEN: Badge(STATUS_NAMES[Status.OPEN], "grey"),
    Status.ASSIGNED: Badge(STATUS_NAMES[Status.ASSIGNED], "blue"),
    Status.SUBMITTED: Badge(STATUS_NAMES[Status.SUBMITTED], "orange"),
    Status.CLOSED: Badge(STATUS_NAMES[Status.CLOSED], "green"),
    Status.TRANSFERRED: Badge(STATUS_NAMES[Status.TRANSFERRED], "purple"),
    Status.VOIDED: Badge(STATUS_NAMES[Status.VOIDED], "grey"),
}
GRADE_BADGES = {
    Grade.GENERAL: Badge(GRADE_NAMES[Grade.GENERAL], "grey"),
    Grade.MAJOR: Badge(GRADE_NAMES[Grade.MAJOR], "red"),
}


def kinds(request: HttpRequest) -> Choices:
    return [(kind.code, kind.name) for kind in listed("KINDS") if isinstance(kind, Kind)]


def in_cell(request: HttpRequest, rows: QuerySet[Any], path: str) -> QuerySet[Any]:
    """Narrow to a cell and all below it."""
    within = Cell.objects.filter(zone=who_asks(request).zone, path__startswith=path)
    return rows.filter(cell__pk__among=list(within.values_list("pk", flat=True)))


def late(rows: QuerySet[Any], value: bool) -> QuerySet[Any]:
    return overdue(rows, timezone.localdate())


def overdue(rows: QuerySet[Any], today: date) -> QuerySet[Any]:
    return rows.filter(
        is_live=True,
        due_on__lt=today,
        paused_on=None,
        status__in=(Status.OPEN, Status.ASSIGNED),
    )


def in_status(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    return rows.filter(is_live=True) if value == "live" else rows.filter(status=value)


def by_words(request: HttpRequest, rows: QuerySet[Any], words: str) -> QuerySet[Any]:
    """Match a number from its beginning, or words of the title or the dossier's name."""
    if any(words.upper().startswith(kind.prefix) for kind in listed("KINDS")):
        return rows.filter(numbered(who_asks(request).zone, words.upper()))
    titles = Titles(who_asks(request).zone, words)
    return rows.filter(titles.hold("case", "title") | about_named(titles))


def numbered(zone: Zone, beginning: str) -> Q:
    """Return the condition that a number begins so: by its index, unless it is that of many.

    Letters come behind all digits in every order of letters that a database may have.
    """
    begins = Q(number__startswith=beginning)
    found = Case.objects.filter(
        begins, zone=zone, number__gte=beginning, number__lte=f"{beginning}ZZ"
    )
    few = list(found.values_list("pk", flat=True)[: MANY + 1])
    return Q(pk__among=few) if len(few) <= MANY else begins


DUE = _("Due")


def due_cell(today: date) -> Draw:
    """Return the drawing of a case's date, and how late it is where the clock runs.

    Once rectification was submitted, or while the clock is paused, no day is counted any
    more; what was rectified after its original date says so for good.
    """
    late_as_of = cells_due(today)

    def draw(told: tuple[Any, ...]) -> str:
        due_on, status, paused_on, on_time = told
        runs = status in (Status.OPEN, Status.ASSIGNED) and paused_on is None
        drawn = late_as_of(due_on) if runs else day(due_on)
        if paused_on is not None:
            return f"{drawn} {Badge(_('paused'), 'grey').html()}"
        if not runs and on_time is False:
            return f"{drawn} {Badge(_('rectified late'), 'red').html()}"
        return drawn

    return draw


def due_column(label: str | Promise = DUE, *, sort: bool = False) -> Column:
    """Return the column that tells when a case is due; every list of cases has this one."""
    return Column(
        key="due",
        label=label,
        reads=("due_on", "status", "paused_on", "on_time"),
        as_of=due_cell,
        sort="due_on" if sort else False,
    )


CASES = Table(
    name="cases",
    caption=_("Cases"),
    order="-found_at",
    sheet=_("Case ledger"),
    empty=_("No case matches. Clear the filters, or report what was found."),
    filters=(
        Words(key="q", label=_("Number, title or enterprise"), asked=by_words),
        Choice(
            key="status",
            label=_("Status"),
            choices=[("live", _("not ended")), *((s.value, STATUS_NAMES[s]) for s in Status)],
            apply=in_status,
        ),
        Flag(key="late", label=_("Overdue"), apply=late),
        Choice(key="grade", label=_("Grade"), choices=[(g.value, GRADE_NAMES[g]) for g in Grade]),
        Choice(key="cell", label=_("Grid cell"), choices=cells, asked=in_cell),
        Choice(key="kind", label=_("Kind"), choices=kinds, main=False),
        Days(key="found", label=_("Found"), field="found_at", main=False),
        Days(key="due", label=_("Due"), field="due_on", main=False),
        Choice(
            key="origin",
            label=_("Origin"),
            choices=[("here", _("made here")), ("import", _("imported history"))],
            main=False,
        ),
    ),
    columns=(
        Column(key="number", label=_("Number"), link="cases:detail"),
        Column(key="title", label=_("What was found"), wide=True),
        Column(
            key="dossier__name",
            label=_("Dossier"),
            link="dossiers:detail",
            link_id="dossier_id",
        ),
        Column(key="grade", label=_("Grade"), kind=tables.Kind.BADGE, badges=GRADE_BADGES),
        Column(key="status", label=_("Status"), kind=tables.Kind.BADGE, badges=STATUS_BADGES),
        Column(key="rectifier_unit__name", label=_("Rectified by")),
        Column(key="dossier__contact__name", label=_("Contact")),
        Column(key="found_at", label=_("Found"), kind=tables.Kind.DATE, sort=True),
        due_column(sort=True),
    ),
)
SHORT = Table(
    name="cases-short",
    order="due_on",
    columns=(
        Column(key="number", label=_("Number"), link="cases:detail"),
        Column(key="title", label=_("What was found"), wide=True),
        Column(key="grade", label=_("Grade"), kind=tables.Kind.BADGE, badges=GRADE_BADGES),
        Column(key="status", label=_("Status"), kind=tables.Kind.BADGE, badges=STATUS_BADGES),
        Column(key="found_at", label=_("Found"), kind=tables.Kind.DATE),
        due_column(),
    ),
)
FIND = Table(
    name="find-dossier",
    order="name",
    columns=(
        Column(key="name", label=_("Dossier"), link="cases:report", wide=True),
        Column(key="code", label=_("Code")),
        Column(key="cell__name", label=_("Grid cell")),
        Column(key="place", label=_("Place"), wide=True),
    ),
)
