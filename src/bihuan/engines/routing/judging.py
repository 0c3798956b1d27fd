"""Is a plan true? Checked from the problem alone, appointment by appointment."""

from collections import defaultdict

import numpy as np

from bihuan.engines.routing.crews import Crew
from bihuan.engines.routing.days import starts
from bihuan.engines.routing.problem import RoutingProblem
from bihuan.engines.routing.result import Appointment
from bihuan.engines.shape import Check


def checks(
    problem: RoutingProblem,
    travel: np.ndarray,
    booked: tuple[Appointment, ...],
    unplanned: tuple[str, ...],
) -> tuple[Check, ...]:
    """Named properties every plan must have, with by how much it misses them."""
    codes = [a.visit for a in booked] + list(unplanned)
    missing = len({v.code for v in problem.visits} ^ set(codes)) + len(codes) - len(set(codes))
    return (
        Check.of("every visit is planned once or named as left", float(missing), 0, "visits"),
        Check.of("visits lie in their opening hours and promises", _hours(problem, booked), 0, "s"),
        Check.of("crews are complete, certified, present", _crews(problem, booked), 0, "visits"),
        Check.of("nobody is in two places; the way fits", _ways(problem, travel, booked), 0, "s"),
        Check.of("visits lie within their dates", _dates(problem, booked), 0, "visits"),
    )


def _hours(problem: RoutingProblem, booked: tuple[Appointment, ...]) -> float:
    by_code = {v.code: v for v in problem.visits}
    worst = 0.0
    for a in booked:
        spans = starts(by_code[a.visit])
        miss = min(max(early - a.starts_s, a.starts_s - late, 0) for early, late in spans)
        worst = max(worst, float(miss))
    return worst


def _crews(problem: RoutingProblem, booked: tuple[Appointment, ...]) -> float:
    people = {p.code: p for p in problem.people}
    by_code = {v.code: v for v in problem.visits}
    wrong = 0
    for a in booked:
        crew = [people[code] for code in a.people]
        is_absent = any(a.day in {day.isoformat() for day in p.absent} for p in crew)
        wrong += is_absent or not Crew(tuple(crew)).may_take(by_code[a.visit])
    return float(wrong)


def _ways(problem: RoutingProblem, travel: np.ndarray, booked: tuple[Appointment, ...]) -> float:
    """Seconds by which somebody would be late, at a visit or back at the base."""
    place = {v.code: i + 1 for i, v in enumerate(problem.visits)}
    shifts: dict[tuple[str, str, int], list[Appointment]] = defaultdict(list)
    for a in booked:
        for code in a.people:
            shifts[code, a.day, a.session].append(a)
    worst = 0.0
    for (_, _, number), mine in shifts.items():
        session = problem.sessions[number]
        at, when = 0, session.starts_s
        for a in sorted(mine, key=lambda a: a.starts_s):
            there = when + int(travel[at, place[a.visit]])
            worst = max(worst, float(there - a.starts_s))
            at, when = place[a.visit], a.ends_s
        worst = max(worst, float(when + int(travel[at, 0]) - session.ends_s))
    return worst


def _dates(problem: RoutingProblem, booked: tuple[Appointment, ...]) -> float:
    by_code = {v.code: v for v in problem.visits}
    wrong = 0
    for a in booked:
        visit = by_code[a.visit]
        late = visit.deadline is not None and a.day > visit.deadline.isoformat()
        early = visit.earliest is not None and a.day < visit.earliest.isoformat()
        shut = a.day in {day.isoformat() for day in visit.closed_on}
        broken = visit.promise is not None and a.day != visit.promise.day.isoformat()
        wrong += (
            late or (early and visit.promise is None) or (shut and visit.promise is None) or broken
        )
    return float(wrong)
