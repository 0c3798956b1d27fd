"""The history of inspections, from a sheet: each visit, and the hazards found at it."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.cases.actions import PastCase, hold_series, take_over
from bihuan.cases.queries import known_history
from bihuan.core.days import day_of
from bihuan.dossiers.importers import NAME, Names
from bihuan.dossiers.queries import hold_dossiers
from bihuan.rounds.actions import PastVisit, import_visits
from bihuan.rounds.importers import COLUMNS as OF_THE_VISIT
from bihuan.rounds.importers import VISITED_ON, joined, visit_of
from bihuan.rounds.models import Visit
from bihuan.rounds.queries import known_visits, visit_key
from bihuan.safety.importers import words
from bihuan.safety.importers.hazards import (
    ABOUT,
    TITLE,
    Hazards,
    contradiction,
    hazards_of,
    is_own,
    of_our_own,
)
from bihuan.safety.rules import HAZARD
from bihuan.sheets.rules.cells import Unreadable
from bihuan.sheets.rules.importing import Context, Importer, Judged, Parsed, Verdict

SAID = frozenset({"measure", "state", "recheck", "remark"})  # worth keeping without a hazard
COLUMNS = (NAME, *OF_THE_VISIT, replace(TITLE, required=False), *ABOUT)


@dataclass
class _Inspection:
    """What a row says: a visit, and the hazards found at it."""

    visit: PastVisit
    hazards: Hazards = field(default_factory=Hazards)


def _read(names: Names, row: Parsed, today: date) -> _Inspection | str:
    """Return what a row says, or why it cannot be taken."""
    values: dict[str, Any] = row.values
    found = names.find(values["enterprise"])
    if found.it is None:
        return found.reason
    visit = visit_of(row, found.it)
    if isinstance(visit, str):
        return visit
    if visit.visited_on > today:
        return _("The day lies in the future.")
    if words.found_nothing(values.get("title")):
        return _Inspection(_with_remarks(visit, values))
    try:
        told = hazards_of(row, found.it, values[VISITED_ON.name], today)
    except Unreadable as problem:
        return str(problem)
    return contradiction(told.past, today) or _Inspection(visit, told)


def _with_remarks(visit: PastVisit, values: dict[str, Any]) -> PastVisit:
    """Return a visit at which nothing was found, with what else its row says."""
    said = [
        visit.summary,
        values.get("title"),
        *(values.get(it.name) for it in ABOUT if it.name in SAID),
    ]
    return replace(visit, summary="\n".join(str(it) for it in said if it))


def judge(context: Context, rows: Sequence[Parsed]) -> list[Judged]:
    """Say of each row whether it tells of a visit or of hazards not yet known."""
    names, today = Names(context, rows), day_of(context.at)
    own = of_our_own(Visit, context, rows)
    read = ["" if is_own(row, own) else _read(names, row, today) for row in rows]
    told = [it for it in read if isinstance(it, _Inspection)]
    visits = known_visits(context.zone, [it.visit for it in told])
    past = known_history(context.zone, [past for it in told for past in it.hazards.past])
    return [_judged(row, it, visits, past) for row, it in zip(rows, read, strict=True)]


def _judged(
    row: Parsed,
    told: _Inspection | str,
    visits: dict[tuple[object, ...], str],
    known: set[tuple[object, ...]],
) -> Judged:
    if told == "":
        return Judged(row, Verdict.UNCHANGED)
    if isinstance(told, str):
        return Judged(row, Verdict.REFUSED, told)
    kept = visits.get(visit_key(told.visit))
    fresh = [it for it in told.hazards.past if it.key not in known]
    if kept is not None and not fresh and told.visit.summary not in kept:
        reason = _(
            "This visit is known with another text. If it is another visit, give it a number of its own."
        )
        return Judged(row, Verdict.REFUSED, reason)
    if kept is not None and not fresh:
        return Judged(row, Verdict.UNCHANGED)
    notes = [_("hazards: %(count)d") % {"count": len(fresh)}] if fresh else []
    changes = (*notes, *told.hazards.notes) if fresh else ()
    visit = told.visit if kept is None else None
    return Judged(row, Verdict.NEW, changes=changes, plan=(visit, fresh))


def write(context: Context, judged: Sequence[Judged]) -> None:
    """Enter visits and hazards as imported history."""
    plans: list[tuple[PastVisit | None, list[PastCase]]] = [it.plan for it in judged]
    visits = [replace(visit, found=len(past)) for visit, past in plans if visit]
    past = [it for _visit, found in plans for it in found]
    zone, by, at = context.zone, context.by, context.at
    hold_dossiers({*(it.dossier.pk for it in visits), *(it.dossier.pk for it in past)})
    series = {f"JC{it.visited_on.year}" for it in visits}
    hold_series(zone, series | {f"{HAZARD.prefix}{day_of(it.found_at).year}" for it in past})
    import_visits(zone=zone, past=joined(visits), by=by, at=at)
    take_over(zone=zone, kind=HAZARD.code, past=past, by=by, at=at)


INSPECTIONS = Importer(
    code="visits",
    name=gettext_lazy("past visits and inspections"),
    description=gettext_lazy(
        "Visits made before: enterprise, day, who visited, and the hazards found, where the "
        "sheet tells. They enter as history."
    ),
    columns=COLUMNS,
    judge=judge,
    write=write,
    key=("enterprise", "visited_on", "visitors", "body", "reference", "title", "summary"),
    carries=("enterprise", "visited_on", "visitors", "body", "reference"),
)
