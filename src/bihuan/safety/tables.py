"""The hazard ledger in the office's form (问题、整改、销号), and the major hazards."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any
from uuid import UUID

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bihuan.cases.rules.declaration import (
    GRADE_NAMES,
    STATUS_NAMES,
    Grade,
    Situation,
    Status,
)
from bihuan.cases.tables import (
    GRADE_BADGES,
    STATUS_BADGES,
    by_words,
    due_column,
    in_cell,
    in_status,
    late,
)
from bihuan.dossiers.tables import cells
from bihuan.safety.queries import Remedy, remedies, situations
from bihuan.safety.rules import CATEGORIES
from bihuan.ui.filters import Choice, Days, Flag, Words
from bihuan.ui.tables import Badge, Column, Kind, Table
from bihuan.zones.models import Zone

CATEGORY_BADGES = {code: Badge(words) for code, words in CATEGORIES.items()}


def measures(told: Remedy | None) -> str:
    return escape(told.measures) if told else ""


def opinion(told: Remedy | None) -> str:
    words = (told.opinion, told.verified_by) if told else ()
    return escape(" · ".join(word for word in words if word))


def closer(told: Remedy | None) -> str:
    return escape(told.closed_by) if told else ""


_FILTERS = (
    Words(key="q", label=_("Number, problem or enterprise"), asked=by_words),
    Choice(
        key="status",
        label=_("Status"),
        choices=[("live", _("not closed yet")), *((s.value, STATUS_NAMES[s]) for s in Status)],
        apply=in_status,
    ),
    Flag(key="late", label=_("Overdue"), apply=late),
    Choice(key="cell", label=_("Grid cell"), choices=cells, asked=in_cell),
    Days(key="found", label=_("Found"), field="found_at", main=False),
    Choice(key="category", label=_("Category"), choices=list(CATEGORIES.items()), main=False),
)
_GRADE = Choice(
    key="grade", label=_("Grade"), choices=[(g.value, GRADE_NAMES[g]) for g in Grade], main=False
)

LEDGER = Table(
    name="hazards",
    caption=_("Hazard ledger"),
    order="-found_at",
    sheet=_("Hazard ledger"),
    empty=_("No hazard matches."),
    filters=(*_FILTERS, _GRADE),
    columns=(
        Column(key="number", label=_("Number"), link="cases:detail"),
        Column(key="status", label=_("Status"), kind=Kind.BADGE, badges=STATUS_BADGES),
        Column(
            key="dossier__name",
            label=_("Enterprise"),
            link="dossiers:detail",
            link_id="dossier_id",
            wide=True,
        ),
        Column(key="title", label=_("Problem"), wide=True),
        Column(key="place", label=_("Where exactly")),
        Column(key="category", label=_("Category"), kind=Kind.BADGE, badges=CATEGORY_BADGES),
        Column(key="clause", label=_("Basis"), wide=True),
        Column(key="grade", label=_("Grade"), kind=Kind.BADGE, badges=GRADE_BADGES),
        Column(key="found_at", label=_("Found"), kind=Kind.DATE, sort=True),
        Column(key="finder_name", label=_("Found by")),
        Column(key="rectifier_unit__name", label=_("Rectified by"), wide=True),
        Column(key="original_due_on", label=_("Original deadline"), kind=Kind.DATE),
        Column(key="due_on", label=_("Deadline now"), kind=Kind.DATE, sort=True),
        Column(key="measures", label=_("Rectification"), fill=remedies, draw=measures, wide=True),
        Column(key="rectified_on", label=_("Rectified"), kind=Kind.DATE),
        Column(key="opinions", label=_("Re-inspection"), fill=remedies, draw=opinion, wide=True),
        Column(key="ended_at", label=_("Closed on"), kind=Kind.DATE),
        Column(key="closers", label=_("Closed by"), fill=remedies, draw=closer),
    ),
)


def plan_words(case: Situation) -> str:
    """Say how far the five-part plan of a major hazard is."""
    if case.plan_approved:
        return gettext("approved")
    return gettext("waits for approval") if case.plan_by_id else gettext("missing")


def signature_words(case: Situation) -> str:
    """Say how far the two signatures are."""
    if case.countersigned_by_id:
        return gettext("both signed")
    return gettext("one signed") if case.verified_by_id else gettext("none yet")


def majors_table(zone: Zone) -> Table:
    """Return the list of major hazards: plan, stoppage, signatures from their moves."""

    def told(say: Any) -> Any:
        def fill(ids: Sequence[UUID]) -> Mapping[UUID, str]:
            return {case: say(one) for case, one in known(ids).items()}

        return fill

    kept: dict[tuple[UUID, ...], dict[UUID, Situation]] = {}

    def known(ids: Sequence[UUID]) -> dict[UUID, Situation]:
        key = tuple(ids)
        if key not in kept:
            kept[key] = situations(zone, ids)
        return kept[key]

    return Table(
        name="majors",
        caption=_("Major hazards"),
        order="-found_at",
        sheet=_("Major hazards"),
        empty=_("No major hazard matches."),
        filters=_FILTERS,
        columns=(
            Column(key="number", label=_("Number"), link="cases:detail"),
            Column(
                key="dossier__name",
                label=_("Enterprise"),
                link="dossiers:detail",
                link_id="dossier_id",
                wide=True,
            ),
            Column(key="title", label=_("Problem"), wide=True),
            Column(key="status", label=_("Status"), kind=Kind.BADGE, badges=STATUS_BADGES),
            Column(key="plan", label=_("Five-part plan"), fill=told(plan_words)),
            Column(key="stopped", label=_("Work stopped"), kind=Kind.YES, fill=told(_is_stopped)),
            Column(key="signed", label=_("Signatures"), fill=told(signature_words)),
            Column(key="found_at", label=_("Found"), kind=Kind.DATE, sort=True),
            due_column(_("Deadline now"), sort=True),
        ),
    )


def _is_stopped(case: Situation) -> bool:
    return case.stopped
