"""How lists of rounds, their entries and visits look."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bihuan.cases.models import Origin
from bihuan.cases.tables import GRADE_BADGES, STATUS_BADGES, due_column
from bihuan.dossiers.tables import RISK_BADGES, cells
from bihuan.enterprises.models import Sector, SectorFlag
from bihuan.rounds.models import Entry
from bihuan.rounds.rules.checklist import ANSWER_NAMES, Answer
from bihuan.rounds.rules.coverage import (
    JOINED_NAMES,
    ROUND_STATE_NAMES,
    STATE_NAMES,
    TEMPLATE_NAMES,
    EntryState,
    Joined,
    RoundState,
    Template,
)
from bihuan.rounds.tables.narrowing import Goer, OfDossier
from bihuan.ui.filters import Choice, Days, Flag, Words
from bihuan.ui.tables import Badge, Column, Kind, Table
from bihuan.zones.models import Cell

Choices = Iterable[tuple[Any, str | Promise]]

NOTHING = Badge("", "none")
ANSWER_BADGES: dict[Any, Badge] = {
    Answer.YES: Badge(ANSWER_NAMES[Answer.YES], "green"),
    Answer.NO: Badge(ANSWER_NAMES[Answer.NO], "red"),
    Answer.NOT_APPLICABLE: Badge(ANSWER_NAMES[Answer.NOT_APPLICABLE], "grey"),
}
STATE_BADGES = {
    EntryState.TO_GO: Badge(STATE_NAMES[EntryState.TO_GO], "orange"),
    EntryState.VISITED: Badge(STATE_NAMES[EntryState.VISITED], "green"),
    EntryState.EXCUSED: Badge(STATE_NAMES[EntryState.EXCUSED], "purple"),
}
ROUND_BADGES = {
    RoundState.OPENING: Badge(ROUND_STATE_NAMES[RoundState.OPENING], "yellow"),
    RoundState.OPEN: Badge(ROUND_STATE_NAMES[RoundState.OPEN], "blue"),
    RoundState.CLOSED: Badge(ROUND_STATE_NAMES[RoundState.CLOSED], "green"),
    RoundState.CANCELLED: Badge(ROUND_STATE_NAMES[RoundState.CANCELLED], "grey"),
}
TEMPLATE_BADGES = {
    Template.ROUTINE: Badge(TEMPLATE_NAMES[Template.ROUTINE], "grey"),
    Template.HOLIDAY: Badge(TEMPLATE_NAMES[Template.HOLIDAY], "yellow"),
    Template.SPECIAL: Badge(TEMPLATE_NAMES[Template.SPECIAL], "red"),
}
JOINED_BADGES = {
    Joined.FROZEN: NOTHING,
    Joined.NEWCOMER: Badge(JOINED_NAMES[Joined.NEWCOMER], "blue"),
    Joined.BY_HAND: Badge(JOINED_NAMES[Joined.BY_HAND], "blue"),
}


def in_cell(rows: QuerySet[Any], path: str) -> QuerySet[Any]:
    return rows.filter(
        cell__in=list(Cell.objects.filter(path__startswith=path).values_list("pk", flat=True))
    )


def in_sector(rows: QuerySet[Any], value: str) -> QuerySet[Any]:
    flags = SectorFlag.objects.filter(sector=value)
    return rows.filter(dossier__in=flags.values("enterprise"))


def to_go(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Give rounds the number that is still to go, for the table."""
    found: QuerySet[Any] = rows.annotate(to_go=F("total") - F("visited") - F("excused"))
    return found


def who_goes(ids: Sequence[UUID]) -> Mapping[UUID, str]:
    """Return, for the entries of a page, who goes: assigned, or the contact of today."""
    name = Coalesce("assignee__name", "dossier__contact__name")
    return dict(Entry.objects.filter(pk__in=ids).values_list("pk", name))


ROUNDS = Table(
    name="rounds",
    caption=_("Rounds"),
    sheet=_("Round ledger"),
    order="-opened_at",
    empty=_("No round yet. Open the first one with the button above."),
    filters=(
        Words(key="q", label=_("Round"), field="name"),
        Choice(
            key="state",
            label=_("State"),
            choices=[(state.value, words) for state, words in ROUND_STATE_NAMES.items()],
        ),
        Choice(
            key="template",
            label=_("Sort of round"),
            choices=[(sort.value, words) for sort, words in TEMPLATE_NAMES.items()],
        ),
    ),
    columns=(
        Column(key="name", label=_("Round"), link="rounds:detail", wide=True),
        Column(key="template", label=_("Sort of round"), kind=Kind.BADGE, badges=TEMPLATE_BADGES),
        Column(key="state", label=_("State"), kind=Kind.BADGE, badges=ROUND_BADGES),
        Column(key="total", label=_("On the list"), kind=Kind.NUMBER),
        Column(key="visited", label=_("Visited"), kind=Kind.NUMBER),
        Column(key="excused", label=_("Excused"), kind=Kind.NUMBER),
        Column(key="to_go", label=_("To go"), kind=Kind.NUMBER),
        Column(key="opened_at", label=_("Opened"), kind=Kind.DATE, sort=True),
        Column(key="due_on", label=_("Deadline"), kind=Kind.DATE, sort=True),
    ),
)

_ENTRY_FILTERS = (
    OfDossier(key="q", label=_("Enterprise")),
    Choice(
        key="state",
        label=_("State"),
        choices=[(state.value, words) for state, words in STATE_NAMES.items()],
    ),
    Choice(key="cell", label=_("Grid cell"), choices=cells, apply=in_cell),
    Goer(key="person", label=_("Who goes")),
    Choice(
        key="sector", label=_("Key sector"), choices=Sector.choices, apply=in_sector, main=False
    ),
    Choice(
        key="joined",
        label=_("On the list because"),
        choices=[(joined.value, words) for joined, words in JOINED_NAMES.items()],
        main=False,
    ),
)
_ENTRY_COLUMNS = (
    Column(
        key="dossier__name",
        label=_("Enterprise"),
        link="rounds:entry",
        wide=True,
    ),
    Column(key="state", label=_("State"), kind=Kind.BADGE, badges=STATE_BADGES),
    Column(key="cell__name", label=_("Grid cell")),
    Column(key="goer", label=_("Who goes"), fill=who_goes),
    Column(key="dossier__risk", label=_("Risk"), kind=Kind.BADGE, badges=RISK_BADGES),
    Column(key="settled_on", label=_("Settled"), kind=Kind.DATE),
    Column(key="joined", label=_("Joined later"), kind=Kind.BADGE, badges=JOINED_BADGES),
)
ENTRIES = Table(
    name="entries",
    caption=_("The list"),
    sheet=_("List of a round"),
    order="pk",
    filters=_ENTRY_FILTERS,
    columns=_ENTRY_COLUMNS,
)
ENTRIES_TO_GIVE = Table(
    name="entries",
    caption=_("The list"),
    sheet=_("List of a round"),
    order="pk",
    filters=_ENTRY_FILTERS,
    columns=_ENTRY_COLUMNS,
    check="assign",
)

MINE = Table(
    name="mine",
    caption=_("To visit"),
    order="round__due_on",
    empty=_("Nothing left to visit. New rounds show up here."),
    filters=(
        OfDossier(key="q", label=_("Enterprise")),
        Choice(key="cell", label=_("Grid cell"), choices=cells, apply=in_cell),
        Flag(
            key="due",
            label=_("High risk first of all"),
            apply=lambda rows, _value: rows.filter(dossier__risk__in=("red", "orange")),
        ),
    ),
    columns=(
        Column(key="dossier__name", label=_("Enterprise"), link="rounds:visit_entry", wide=True),
        Column(key="cell__name", label=_("Grid cell")),
        Column(key="dossier__place", label=_("Place"), wide=True),
        Column(key="dossier__risk", label=_("Risk"), kind=Kind.BADGE, badges=RISK_BADGES),
        Column(key="dossier__last_visited_on", label=_("Last visited"), kind=Kind.DATE),
        Column(key="round__name", label=_("Round"), link="rounds:detail", link_id="round_id"),
        Column(key="round__due_on", label=_("Deadline"), kind=Kind.DUE),
    ),
)

VISITS = Table(
    name="visits",
    caption=_("Visits"),
    sheet=_("Visit ledger"),
    order="-visited_on",
    empty=_("No visit recorded yet."),
    filters=(
        Words(
            key="q",
            label=_("Number or enterprise"),
            fields=("number", "dossier__name", "by_name"),
        ),
        Days(key="on", label=_("Day of the visit"), field="visited_on"),
        Choice(
            key="cell",
            label=_("Grid cell"),
            choices=cells,
            apply=lambda rows, path: rows.filter(dossier__cell__path__startswith=path),
        ),
        Flag(
            key="found",
            label=_("With findings"),
            apply=lambda rows, _value: rows.filter(found__gt=0),
        ),
        Flag(
            key="refused",
            label=_("Signing refused"),
            apply=lambda rows, _value: rows.exclude(refusal=""),
            main=False,
        ),
        Choice(
            key="origin",
            label=_("Origin"),
            choices=[(Origin.HERE, _("made here")), (Origin.IMPORT, _("imported history"))],
            main=False,
        ),
    ),
    columns=(
        Column(key="number", label=_("Number"), link="rounds:visit"),
        Column(
            key="dossier__name",
            label=_("Enterprise"),
            link="dossiers:detail",
            link_id="dossier_id",
            wide=True,
        ),
        Column(key="visited_on", label=_("Day of the visit"), kind=Kind.DATE, sort=True),
        Column(key="by_name", label=_("Recorded by")),
        Column(key="round__name", label=_("Round"), link="rounds:detail", link_id="round_id"),
        Column(key="found", label=_("Findings"), kind=Kind.NUMBER),
        Column(
            key="origin",
            label=_("Origin"),
            kind=Kind.BADGE,
            badges={
                Origin.HERE: NOTHING,
                Origin.IMPORT: Badge(_("imported history"), "purple"),
            },
        ),
    ),
)
VISITS_SHORT = Table(
    name="visits-short",
    order="-visited_on",
    columns=(
        Column(key="number", label=_("Number"), link="rounds:visit"),
        Column(key="visited_on", label=_("Day of the visit"), kind=Kind.DATE),
        Column(key="by_name", label=_("Recorded by")),
        Column(key="checklist__name", label=_("Checklist"), wide=True),
        Column(key="found", label=_("Findings"), kind=Kind.NUMBER),
    ),
)
CHECKLISTS = Table(
    name="checklists",
    order="sector",
    columns=(
        Column(key="name", label=_("Checklist"), link="rounds:checklist", wide=True),
        Column(key="version", label=_("Version"), kind=Kind.NUMBER),
        Column(
            key="sector",
            label=_("Key sector"),
            kind=Kind.BADGE,
            badges={value: Badge(label) for value, label in Sector.choices},
        ),
        Column(key="loaded_at", label=_("In use since"), kind=Kind.DATE),
    ),
)
OPEN_CASES = Table(
    name="open-cases",
    order="due_on",
    columns=(
        Column(key="number", label=_("Number"), link="cases:detail"),
        Column(key="title", label=_("What was found"), wide=True),
        Column(key="grade", label=_("Grade"), kind=Kind.BADGE, badges=GRADE_BADGES),
        Column(key="status", label=_("State"), kind=Kind.BADGE, badges=STATUS_BADGES),
        due_column(_("To be rectified by")),
    ),
)
