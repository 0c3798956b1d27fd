"""Plan a round: days first, then the tours of each day, then what was left over.

1. *Spread*: a transport problem gives every visit a day (see spread.py).
2. *Days*, one after another: crews are formed and PyVRP makes their tours. What a day cannot
   take is carried to the next day that allows it.
3. *Leftovers* are offered again to every day that allows them.
4. What is still left is named with its cause, and what it would take is computed.
"""

import datetime as dt
import math
from collections.abc import Iterable

from bihuan import __version__
from bihuan.engines import wire
from bihuan.engines.routing.days import EMPTY, DayPlan, Planner
from bihuan.engines.routing.judging import checks
from bihuan.engines.routing.problem import RoutingParams, RoutingProblem, travel_s
from bihuan.engines.routing.result import Appointment, Load, RoutingResult, Shortage, Unplanned
from bihuan.engines.routing.shortage import causes_of, shortage
from bihuan.engines.routing.spread import possible_days, road_minutes, spread
from bihuan.engines.shape import (
    Binding,
    OnProgress,
    Progress,
    Provenance,
    Status,
    Stop,
    Words,
    ignore,
)

SECOND_LOOK = 0.25  # of the time is kept for leftovers
LONG_S = 1e6  # seconds for a day where there is no limit


def solve(
    problem: RoutingProblem,
    *,
    stop: Stop | None = None,
    seed: int = 0,
    progress: OnProgress = ignore,
    params: RoutingParams | None = None,
) -> RoutingResult:
    """A plan of all visits. Every one is planned, or named with its cause."""
    if params is not None:
        problem = problem.replace(params=params)
    watch = (stop or Stop()).begin()
    travel = travel_s(problem)
    planner = Planner(problem, travel, road_minutes(travel, problem), watch, seed)
    plans = _days(planner, spread(problem, travel, seed), progress)
    _leftovers(planner, plans, progress)
    left = [n for n in range(len(problem.visits)) if not any(n in plan.served for plan in plans)]
    unplanned = causes_of(planner, left)
    short = shortage(
        planner, [n for n, u in zip(left, unplanned, strict=True) if u.cause == "time"]
    )
    return _result(planner, plans, unplanned, short)


def _days(planner: Planner, day_of: list[int | None], progress: OnProgress) -> list[DayPlan]:
    """The plan of each day in turn; what a day leaves goes to the next that allows it."""
    problem, watch = planner.problem, planner.watch
    allowed = [set(possible_days(problem, visit)) for visit in problem.visits]
    waiting = {n for n, day in enumerate(day_of) if day is None}
    load_s: dict[str, int] = {}
    plans = []
    for number, day in enumerate(problem.days):
        mine = {n for n, d in enumerate(day_of) if d == number}
        mine |= {n for n in waiting if number in allowed[n]}
        waiting -= mine
        seconds = LONG_S
        if math.isfinite(watch.remaining_s):
            seconds = (1 - SECOND_LOOK) * watch.remaining_s / (len(problem.days) - number)
        plan = planner.plan(day, mine, load_s, seconds) if not watch.is_over() else EMPTY
        waiting |= mine - plan.served
        for code, work in plan.work_s().items():
            load_s[code] = load_s.get(code, 0) + work
        plans.append(plan)
        share = (number + 1) / len(problem.days)
        progress(Progress("routing", "days", share, elapsed_s=watch.elapsed_s))
    return plans


def _leftovers(planner: Planner, plans: list[DayPlan], progress: OnProgress) -> None:
    """Offer what is left to every day that allows it; keep a day's new plan if it serves more."""
    problem, watch = planner.problem, planner.watch
    everything = set(range(len(problem.visits)))
    for number, day in enumerate(problem.days):
        left = everything - set().union(*(plan.served for plan in plans))
        mine = {n for n in left if number in possible_days(problem, problem.visits[n])}
        if not mine or watch.is_over():
            continue
        seconds = LONG_S
        if math.isfinite(watch.remaining_s):
            seconds = watch.remaining_s / (len(problem.days) - number)
        plan = planner.plan(day, plans[number].served | mine, _load(plans, number), seconds)
        kept_all = plans[number].served <= plan.served
        if kept_all and plan.weight(problem.visits) > plans[number].weight(problem.visits):
            plans[number] = plan
        progress(Progress("routing", "leftovers", None, elapsed_s=watch.elapsed_s))


def _load(plans: list[DayPlan], but: int) -> dict[str, int]:
    load: dict[str, int] = {}
    for number, plan in enumerate(plans):
        for code, work in plan.work_s().items():
            if number != but:
                load[code] = load.get(code, 0) + work
    return load


# --- the result --------------------------------------------------------------------------


def _result(
    planner: Planner, plans: list[DayPlan], unplanned: tuple[Unplanned, ...], short: Shortage | None
) -> RoutingResult:
    problem, travel = planner.problem, planner.travel
    booked = tuple(
        a
        for day, plan in zip(problem.days, plans, strict=True)
        for a in _appointments(problem, day, plan)
    )
    was_cut = any(plan.was_cut for plan in plans) or planner.watch.is_over()
    return RoutingResult(
        status=Status.FEASIBLE if problem.visits else Status.OPTIMAL,
        value=sum(plan.travel_s for plan in plans) / 60,
        unit="person-min of travel",
        bound=None,
        runtime_s=planner.watch.elapsed_s,
        provenance=Provenance(
            engine="routing",
            version=__version__,
            problem_sha256=wire.digest(problem),
            seed=planner.seed,
            solver="PyVRP, HiGHS",
            params=wire.plain(problem.params),
        ),
        checks=checks(problem, travel, booked, tuple(u.visit for u in unplanned)),
        bindings=tuple(_bindings(unplanned)),
        warnings=_warnings(was_cut),
        appointments=booked,
        unplanned=unplanned,
        shortage=short,
        loads=_loads(problem, plans),
    )


def _appointments(problem: RoutingProblem, day: dt.date, plan: DayPlan) -> Iterable[Appointment]:
    session_at = {session.starts_s: i for i, session in enumerate(problem.sessions)}
    for tour in plan.tours:
        for number, start in tour.stops:
            visit = problem.visits[number]
            yield Appointment(
                visit=visit.code,
                day=day.isoformat(),
                people=plan.crews[tour.shift.crew].codes,
                starts_s=start,
                ends_s=start + round(visit.minutes * 60),
                session=session_at[tour.shift.begins_s],
            )


def _loads(problem: RoutingProblem, plans: list[DayPlan]) -> tuple[Load, ...]:
    work, road, count = ({p.code: 0 for p in problem.people} for _ in range(3))
    for plan in plans:
        for tour in plan.tours:
            for code in plan.crews[tour.shift.crew].codes:
                work[code] += tour.returns_s - tour.leaves_s
                road[code] += tour.travel_s
                count[code] += len(tour.stops)
    return tuple(
        Load(
            person=p.code,
            visits=count[p.code],
            work_minutes=work[p.code] / 60,
            travel_minutes=road[p.code] / 60,
        )
        for p in problem.people
    )


def _bindings(unplanned: tuple[Unplanned, ...]) -> Iterable[Binding]:
    for cause in dict.fromkeys(u.cause for u in unplanned):
        mine = [u for u in unplanned if u.cause == cause]
        some = "1 visit" if len(mine) == 1 else f"{len(mine)} visits"
        en = f"{some} ({cause}), such as {mine[0].visit}: {mine[0].why.en}"
        zh = f"{len(mine)} 次走访，如 {mine[0].visit}：{mine[0].why.zh}"
        yield Binding(name=cause, words=Words(en, zh), relief=float(len(mine)), unit="visits")


def _warnings(was_cut: bool) -> tuple[Words, ...]:
    said = [
        Words(
            "tours are found by search, not proven shortest",
            "路线由搜索得到，未证明最短",
        )
    ]
    if was_cut:
        said.append(
            Words(
                "the time limit cut the search: another run may give another plan",
                "时间上限截断了搜索：再次运行结果可能不同",
            )
        )
    return tuple(said)
