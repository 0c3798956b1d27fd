"""The hazard ledger in the office's form (问题、整改、销号), and the major hazards."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from bihuan.cases.rules.declaration import Situation
from bihuan.cases.tables import CASES, GRADE_BADGES, STATUS_BADGES
from bihuan.safety.queries import remedies, situations
from bihuan.safety.rules import CATEGORIES
from bihuan.ui.filters import Choice
from bihuan.ui.tables import Badge, Column, Kind, Table
from bihuan.zones.models import Zone

CATEGORY_BADGES = {code: Badge(words) for code, words in CATEGORIES.items()}


def measures(ids: Sequence[UUID]) -> Mapping[UUID, str]:
    return {case: told.measures for case, told in remedies(ids).items()}


def opinions(ids: Sequence[UUID]) -> Mapping[UUID, str]:
    found = {}
    for case, told in remedies(ids).items():
        words = (told.opinion, told.verified_by)
        found[case] = " · ".join(word for word in words if word)
    return found


def closers(ids: Sequence[UUID]) -> Mapping[UUID, str]:
    return {case: told.closed_by for case, told in remedies(ids).items()}


_NOT_KIND = tuple(it for it in CASES.filters if it.key != "kind")
_CATEGORY = Choice(
    key="category", label=_("Category"), choices=list(CATEGORIES.items()), main=False
)

LEDGER = Table(
    name="hazards",
    caption=_("Hazard ledger"),
    order="-found_at",
    export="safety:export_hazards",
    empty=_("No hazard matches."),
    filters=(*_NOT_KIND, _CATEGORY),
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
        Column(key="place", label=_("Where exactly"), wide=True),
        Column(key="category", label=_("Category"), kind=Kind.BADGE, badges=CATEGORY_BADGES),
        Column(key="clause", label=_("Basis"), wide=True),
        Column(key="grade", label=_("Grade"), kind=Kind.BADGE, badges=GRADE_BADGES),
        Column(key="found_at", label=_("Found"), kind=Kind.DATE, sort=True),
        Column(key="finder_name", label=_("Found by")),
        Column(key="rectifier_unit__name", label=_("Rectified by"), wide=True),
        Column(key="original_due_on", label=_("Original deadline"), kind=Kind.DATE),
        Column(key="due_on", label=_("Deadline now"), kind=Kind.DATE, sort=True),
        Column(key="measures", label=_("Rectification"), fill=measures, wide=True),
        Column(key="rectified_on", label=_("Rectified"), kind=Kind.DATE),
        Column(key="opinions", label=_("Re-inspection"), fill=opinions, wide=True),
        Column(key="ended_at", label=_("Closed on"), kind=Kind.DATE),
        Column(key="closers", label=_("Closed by"), fill=closers),
        Column(key="status", label=_("Status"), kind=Kind.BADGE, badges=STATUS_BADGES),
    ),
)


def plan_words(case: Situation) -> str:
    """Say how far the five-part plan of a major hazard is."""
    if case.plan_approved:
        return _now("approved")
    return _now("waits for approval") if case.plan_by_id else _now("missing")


def signature_words(case: Situation) -> str:
    """Say how far the two signatures are."""
    if case.countersigned_by_id:
        return _now("both signed")
    return _now("one signed") if case.verified_by_id else _now("none yet")


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
        export="safety:export_majors",
        empty=_("No major hazard matches."),
        filters=_NOT_KIND,
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
            Column(key="due_on", label=_("Deadline now"), kind=Kind.DUE, sort=True),
        ),
    )


def _is_stopped(case: Situation) -> bool:
    return case.stopped
