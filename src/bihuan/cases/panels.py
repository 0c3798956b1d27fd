"""What the page of a case shows, and what other pages show of cases."""

from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from bihuan.cases.models import Case
from bihuan.cases.queries import (
    Choice,
    Line,
    choices,
    hands,
    kind_of,
    moves_of,
    recurrences_of,
    story,
    told,
)
from bihuan.cases.rules.declaration import (
    ENDS,
    STATUS_NAMES,
    Attempt,
    Grade,
    Hand,
    Kind,
    MoveRule,
    Situation,
    Status,
    Words,
)
from bihuan.cases.rules.guards import only_major
from bihuan.cases.rules.story import TURN_BACK, fold, leads_on, not_offered, working_days_late
from bihuan.cases.tables import GRADE_BADGES, SHORT, STATUS_BADGES
from bihuan.core.actors import part_of_system
from bihuan.core.composition import listed
from bihuan.core.days import day_of
from bihuan.core.permissions import ROLES, Permission
from bihuan.core.ready import Given
from bihuan.core.refusals import Refused
from bihuan.core.working_days import WorkCalendar
from bihuan.dossiers.models import Dossier
from bihuan.dossiers.queries import reaches
from bihuan.ui.components import Fact, Moment, Step
from bihuan.zones.permissions import Standing, WithinReach, who_asks
from bihuan.zones.queries import calendar_of

COURSE = (Status.OPEN, Status.ASSIGNED, Status.SUBMITTED, Status.CLOSED)
OPEN_SHOWN = 20  # cases on the page of a dossier
TONES = {
    "reject": "red",
    "decline_extension": "red",
    "decline_void": "red",
    "escalate": "red",
    "close": "green",
    "verify": "green",
    "submit": "orange",
}


class CasePaper(NamedTuple):
    """What can be printed of a case once one of some moves was made, or before one is."""

    words: Words
    page: str
    after: frozenset[str] = frozenset()
    before: frozenset[str] = frozenset()


def whole(request: HttpRequest, case: Case, *, now: datetime) -> dict[str, Any]:
    """Return everything the page of a case shows; the same queries whatever its length."""
    standing = who_asks(request)
    kind, calendar = kind_of(case.kind), calendar_of(standing.zone)
    moves = moves_of(case)
    situation = fold(kind, told(moves), calendar)
    lines = story(case, moves)
    offered = choices(standing, case, situation, at=now)
    made = {line.move.name for line in lines}
    return {
        "case": case,
        "kind": kind,
        "status": STATUS_BADGES[Status(case.status)],
        "grade": GRADE_BADGES[situation.grade],
        "steps": _course(case, situation),
        "possible": [it for it in offered if it.blocked is None],
        "main": next((it for it in offered if it.blocked is None and _leads_on(it)), None),
        "awaited": _awaited(kind, case, situation, offered, now),
        "blocked": [it for it in offered if it.blocked is not None and _concerns(it, situation)],
        "facts": _facts(case, kind, situation),
        "returned": _returned(lines),
        "clock": _clock(situation, calendar, now),
        "hands": hands(moves, now=now),
        "moments": [_moment(line) for line in reversed(lines)],
        "evidence": [(line, it) for line in lines for it in line.evidence],
        "met": [show(request, case) for show in listed("CASE_PANELS")],
        "papers": [it for it in listed("CASE_PAPERS") if it.after & made],
        "recurrences": recurrences_of(case),
    }


def behind(case: Case, rule: MoveRule) -> dict[str, Any]:
    """Return what someone about to make a move looks at first: evidence, story, papers to print."""
    lines = story(case, moves_of(case))
    return {
        "evidence": [(line, it) for line in lines for it in line.evidence],
        "moments": [_moment(line) for line in reversed(lines)],
        "papers": [it for it in listed("CASE_PAPERS") if rule.name in it.before],
        "returned": _returned(lines),
    }


def _returned(lines: list[Line]) -> str:
    """Return why the rectification was sent back, until it is handed in again."""
    for line in reversed(lines):
        if line.move.name == "submit":
            return ""
        if line.move.name == "reject":
            return str(line.move.data.get("reason", ""))
    return ""


def _leads_on(choice: Choice) -> bool:
    """Say whether a move is the usual way forward, rather than one back."""
    return choice.onward and choice.rule.name not in TURN_BACK


def _awaited(
    kind: Kind, case: Case, situation: Situation, offered: list[Choice], now: datetime
) -> list[tuple[Words, str]]:
    """Return what comes next by the hands of others, and by whose."""
    mine = {it.rule.name for it in offered if it.blocked is None}
    anyone = Attempt(None, frozenset(), now)
    return [
        (rule.label_at(situation.status), _whose(rule, case))
        for rule in kind.moves
        if rule.name not in mine | TURN_BACK
        and rule.hand is not Hand.SYSTEM
        and leads_on(rule, situation)
        and not_offered(rule, situation, anyone) is None
    ]


def _whose(rule: MoveRule, case: Case) -> str:
    """Return who makes a move: the one asked to rectify, or the roles that may."""
    if rule.hand is Hand.RECTIFIER and (named := _rectifier(case)):
        return named
    roles = (str(it.name) for it in ROLES.values() if rule.permission in it.permissions)
    return _(", ").join(roles)


def _concerns(choice: Choice, situation: Situation) -> bool:
    """Say whether it helps to be told why a move cannot be made: it is what comes next here."""
    foreign = only_major in choice.rule.offers and situation.grade is not Grade.MAJOR
    return choice.onward and not foreign and choice.rule.hand is not Hand.DECIDER


def _course(case: Case, situation: Situation) -> list[Step]:
    """Return the stages of the loop as far as the case has come."""
    status = Status(case.status)
    if status in ENDS and status is not Status.CLOSED:
        return [
            Step(label=STATUS_NAMES[Status.OPEN], state="done"),
            Step(label=STATUS_NAMES[status], state="done"),
        ]
    reached = COURSE.index(status)
    notes = {
        Status.SUBMITTED: pgettext("of a rectification", "verified")
        if situation.verified_by_id
        else ""
    }
    return [
        Step(
            label=STATUS_NAMES[stage],
            state="done"
            if place < reached or status is Status.CLOSED
            else "now"
            if place == reached
            else "todo",
            note=notes.get(stage, ""),
        )
        for place, stage in enumerate(COURSE)
    ]


def _facts(case: Case, kind: Kind, situation: Situation) -> list[Fact]:
    rows = [
        Fact(label=_("Kind"), value=kind.name),
        Fact(label=_("Category"), value=kind.categories.get(case.category)),
        Fact(label=_("Where exactly"), value=case.place or None),
        Fact(label=_("Clause"), value=case.clause or None),
        Fact(label=_("Found by"), value=case.finder_name, at=day_of(case.found_at)),
        Fact(label=_("Rectified by"), value=_rectifier(case) or _unassigned(situation)),
        Fact(label=_("Contact"), value=case.dossier.contact.name),
        Fact(
            label=_("Responsible grid cell"),
            value=str(case.dossier.cell),
            by=case.dossier.cell.leader.name,
        ),
    ]
    if situation.rejections:
        rows.append(Fact(label=_("Sent back"), value=situation.rejections))
    return rows


def _unassigned(situation: Situation) -> str | None:
    return _("not assigned yet") if situation.status is Status.OPEN else None


def _rectifier(case: Case) -> str | None:
    names = (
        case.rectifier_unit and case.rectifier_unit.name,
        case.rectifier and case.rectifier.name,
    )
    return " · ".join(name for name in names if name) or None


def _clock(situation: Situation, calendar: WorkCalendar, now: datetime) -> dict[str, Any]:
    """Return the deadline, where it came from, and how late the case is."""
    try:
        late: int | None = working_days_late(situation, day_of(now), calendar)
    except Refused:  # the calendar ends: how many is unknown, that it is late is not
        late = None
    return {
        "due_on": situation.due_on,
        "runs": situation.status in (Status.OPEN, Status.ASSIGNED) and not situation.paused_on,
        "original_due_on": situation.original_due_on,
        "moved": situation.due_on != situation.original_due_on,
        "extensions": situation.extensions,
        "paused_on": situation.paused_on,
        "paused_days": situation.paused_days,
        "late": late,
        "level": situation.level,
        "asked": situation.extension_asked_by_id is not None,
    }


def _moment(line: Line) -> Moment:
    details = "\n".join(f"{label}：{text}" for label, text in line.details)
    return Moment(
        at=line.move.at,
        title=line.words,
        who=line.move.by_name if line.move.by_id else part_of_system(line.move.by_name),
        text=details,
        tone=TONES.get(line.move.name, "blue"),
    )


def _open(who: Standing) -> QuerySet[Any]:
    rows = Case.objects.visible_to(who).filter(dossier=Given("dossier")).live()
    shown = rows.order_by(F("due_on").asc(nulls_last=True), "id").values_list(*SHORT.fields())
    return shown[: OPEN_SHOWN + 1]


_OPEN = WithinReach(_open, Permission.CASE_READ)


def open_cases(request: HttpRequest, dossier: Dossier) -> str:
    """The dossier's cases that have not ended, the most pressing first; one query."""
    standing = who_asks(request)
    if not standing.may(Permission.CASE_READ):
        return ""
    found = _OPEN.ask(standing, dossier=dossier.pk)
    may_report = reaches(standing, Permission.CASE_REPORT, dossier)
    if not found and not may_report:
        return ""
    context = {
        "rows": SHORT.plain(request, found[:OPEN_SHOWN]),
        "any": bool(found),
        "more": len(found) > OPEN_SHOWN,
        "dossier": dossier,
        "may_report": may_report,
    }
    return render_to_string("cases/_open.html", context, request)
