"""Replanning: somebody falls ill, a visit is added, a day is lost; promises stand."""

import datetime as dt
from collections.abc import Collection

from bihuan.engines.routing.problem import Promise, RoutingProblem, Visit
from bihuan.engines.routing.result import RoutingResult
from bihuan.engines.shape import BadProblem, Words

SLACK_S = 0  # an announced time is kept to the minute


def replan(
    problem: RoutingProblem,
    before: RoutingResult,
    *,
    today: dt.date,
    told: Collection[str],
    added: tuple[Visit, ...] = (),
    cancelled: Collection[str] = (),
    keeps_people: bool = False,
) -> RoutingProblem:
    """The problem of what is left from `today` on, with every promise made so far.

    `told` are the visits whose day and time the enterprise knows; they keep both (and, if
    `keeps_people`, who comes). What was planned before `today` counts as done. Change
    `people` of the result for who is absent, then solve it as any other.
    """
    booked = {a.visit: a for a in before.appointments}
    kept: list[Visit] = []
    for visit in problem.visits:
        appointment = booked.get(visit.code)
        if visit.code in cancelled or (appointment and appointment.day < today.isoformat()):
            continue
        if appointment is not None and visit.code in told:
            visit = visit.replace(
                promise=Promise(
                    day=dt.date.fromisoformat(appointment.day),
                    earliest=_time(appointment.starts_s - SLACK_S),
                    latest=_time(appointment.starts_s + SLACK_S),
                    people=appointment.people if keeps_people else (),
                )
            )
        kept.append(visit)
    days = tuple(day for day in problem.days if day >= today)
    return problem.replace(
        days=days, visits=(*kept, *added), travel_minutes=_travel(problem, kept, added)
    )


def _travel(
    problem: RoutingProblem, kept: list[Visit], added: tuple[Visit, ...]
) -> tuple[tuple[float, ...], ...] | None:
    """Measured travel between the base and the visits that are left."""
    if problem.travel_minutes is None:
        return None
    if added:
        raise BadProblem(
            "added",
            Words("no measured travel to them: give it in the problem", "缺少到新增走访的行程时间"),
        )
    number = {visit.code: i + 1 for i, visit in enumerate(problem.visits)}
    places = [0, *(number[visit.code] for visit in kept)]
    table = problem.travel_minutes
    return tuple(tuple(table[a][b] for b in places) for a in places)


def _time(seconds: int) -> dt.time:
    return dt.time(seconds // 3600, seconds % 3600 // 60, seconds % 60)
