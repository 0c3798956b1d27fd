"""Telling the next rung of the ladder, by working days late."""

from datetime import date, datetime, timedelta

from django.db.models import Q

from bihuan.cases.actions.move import Wanted, make_move
from bihuan.cases.models import Case
from bihuan.cases.queries import kind_of
from bihuan.core.actors import System
from bihuan.core.composition import listed
from bihuan.core.days import day_of
from bihuan.core.permissions import Permission
from bihuan.core.refusals import Stale
from bihuan.core.working_days import WorkCalendar
from bihuan.zones.models import Zone
from bihuan.zones.queries import calendar_of

SWEEP = System("deadline sweep", frozenset({Permission.CASE_ESCALATE}))
AT_ONCE = 500  # more in one sweep is a clock that jumped or an import: the next sweep goes on


def escalate_late(*, zone: Zone, by: System = SWEEP, at: datetime) -> int:
    """Move every late case of a zone up the rungs it has reached; return how many moves.

    Each case is a transaction of its own, so a sweep that dies has lost nothing and a
    sweep that runs twice tells nobody twice. Raises CalendarEnds where working days can
    no longer be counted.
    """
    calendar, today, made = calendar_of(zone), day_of(at), 0
    late = Case.objects.filter(_next_rung_reached(calendar, today), zone=zone)
    late = late.overdue(today=today).order_by("due_on", "pk")
    for case in late.only("pk", "kind", "level", "due_on", "version")[:AT_ONCE]:
        made += _tell_rungs(case, calendar, by, at)
    return made


def _next_rung_reached(calendar: WorkCalendar, today: date) -> Q:
    """Return the condition "late enough for the next rung": others need no look today."""
    reached = Q(pk__in=())
    for kind in listed("KINDS"):
        for level, step in enumerate(kind.ladder):
            due = today
            while calendar.working_days_between(due, today) < step.working_days_late:
                due -= timedelta(days=1)
            reached |= Q(kind=kind.code, level=level, due_on__lte=due)
    return reached


def _tell_rungs(case: Case, calendar: WorkCalendar, by: System, at: datetime) -> int:
    """Move a case up every rung it has reached, unless someone moves it on meanwhile."""
    assert case.due_on is not None
    days = calendar.working_days_between(case.due_on, day_of(at))
    reached = [
        step for step in kind_of(case.kind).ladder[case.level :] if step.working_days_late <= days
    ]
    for made, step in enumerate(reached):
        inputs = {"role": step.role, "days_late": str(days)}
        wanted = Wanted("escalate", inputs, seen=case.version + made)
        try:
            make_move(case=case.pk, wanted=wanted, by=by, at=at)
        except Stale:
            return made
    return len(reached)
