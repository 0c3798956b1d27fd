"""Telling the next rung of the ladder, by working days late."""

from datetime import datetime

from django.db import transaction

from bihuan.cases.actions.move import Wanted, make_move
from bihuan.cases.models import Case
from bihuan.cases.queries import kind_of
from bihuan.core.actors import System
from bihuan.core.days import day_of
from bihuan.core.permissions import Permission
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
    late = Case.objects.filter(zone=zone).overdue(today=today).order_by("due_on", "pk")
    for case in late.only("pk", "kind", "level", "due_on", "version")[:AT_ONCE]:
        assert case.due_on is not None
        days = calendar.working_days_between(case.due_on, today)
        for step in kind_of(case.kind).ladder[case.level :]:
            if step.working_days_late > days:
                break
            inputs = {"role": step.role, "days_late": str(days)}
            with transaction.atomic():
                make_move(case=case.pk, wanted=Wanted("escalate", inputs), by=by, at=at)
            made += 1
    return made
