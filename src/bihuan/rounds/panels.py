"""What the page of a visit shows, and what a dossier's page shows of visits."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from bihuan.cases.models import Case
from bihuan.cases.tables import GRADE_BADGES, STATUS_BADGES
from bihuan.core.permissions import Permission
from bihuan.dossiers.models import Dossier
from bihuan.dossiers.queries import reaches
from bihuan.rounds.models import Finding, Visit
from bihuan.rounds.rules.checklist import ANSWER_NAMES, Answer, AnswerKind, Item
from bihuan.rounds.tables import VISITS_SHORT
from bihuan.ui.tables import Badge
from bihuan.zones.permissions import Standing

SHOWN = 5  # visits on a dossier's page
TONES = {Answer.YES: "green", Answer.NO: "red", Answer.NOT_APPLICABLE: "grey"}


@dataclass(frozen=True)
class Answered:
    """An item and what was said of it; nothing said means not looked at."""

    item: Item
    badge: Badge | None
    value: str
    note: str
    finding: Finding | None


def record_of(visit: Visit) -> dict[str, Any]:
    """Return everything the page of a visit shows; four queries."""
    findings = list(visit.findings.select_related("case").order_by("place"))
    people = list(visit.present.select_related("signature").order_by("place"))
    by_item = {finding.item: finding for finding in findings if finding.item}
    answered = [_answered(visit, item, by_item.get(item.code)) for item in _items(visit)]
    looked = [one for one in answered if one.value]
    return {
        "visit": visit,
        "ours": [one for one in people if one.side == "ours"],
        "theirs": [one for one in people if one.side == "theirs"],
        "findings": [(one, *_badges(one.case)) for one in findings],
        "photos": visit.photos.select_related("file").order_by("id"),
        "sections": [(name, list(rows)) for name, rows in groupby(looked, _section)],
        "looked": len(looked),
        "asked": len(answered),
    }


def _items(visit: Visit) -> tuple[Item, ...]:
    return visit.checklist.items if visit.checklist else ()


def _section(one: Answered) -> str:
    return one.item.section


def _answered(visit: Visit, item: Item, finding: Finding | None) -> Answered:
    value = str(visit.answers.get(item.code, ""))
    badge = None
    if item.kind is AnswerKind.YES_NO and value in tuple(Answer):
        answer = Answer(value)
        badge = Badge(ANSWER_NAMES[answer], TONES[answer])
    elif value:
        value = f"{value} {item.unit}".strip()
    return Answered(item, badge, value, str(visit.notes.get(item.code, "")), finding)


def _badges(case: Case) -> tuple[Badge, Badge]:
    statuses: dict[Any, Badge] = {**STATUS_BADGES}
    grades: dict[Any, Badge] = {**GRADE_BADGES}
    return statuses[case.status], grades[case.grade]


def latest_visits(request: HttpRequest, dossier: Dossier) -> str:
    """The latest visits to a dossier, and the button for the next; one query."""
    standing: Standing = request.standing  # type: ignore[attr-defined]
    if not standing.may(Permission.ROUND_READ):
        return ""
    rows = Visit.objects.visible_to(standing).filter(dossier=dossier)
    found = list(rows.order_by("-visited_on", "-id").values_list(*VISITS_SHORT.fields())[:SHOWN])
    may_visit = reaches(standing, Permission.VISIT_RECORD, dossier)
    if not found and not may_visit:
        return ""
    context = {
        "rows": VISITS_SHORT.plain(request, found),
        "any": bool(found),
        "dossier": dossier,
        "may_visit": may_visit,
    }
    return render_to_string("rounds/_visits.html", context, request)
