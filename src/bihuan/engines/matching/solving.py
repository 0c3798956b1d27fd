"""Match a whole queue at once. The steps, in the order of this file:

compare → candidates → programme → greedy plan → relaxation → quarters (large) → CP-SAT.
"""

import datetime as dt
import math
from dataclasses import dataclass

import numpy as np

from bihuan import __version__
from bihuan.engines import lp, wire
from bihuan.engines.matching.blocks import Space
from bihuan.engines.matching.candidates import FOREVER, NO_CRANE, POINTS_PER_M2, candidates
from bihuan.engines.matching.fire import FireTable
from bihuan.engines.matching.fit import Fitter
from bihuan.engines.matching.greedy import greedy
from bihuan.engines.matching.improve import Zone, climb, round_down
from bihuan.engines.matching.model import Model, build
from bihuan.engines.matching.params import MatchingParams
from bihuan.engines.matching.problem import MatchingProblem
from bihuan.engines.matching.relaxation import Relaxed, keepers, programme, relax
from bihuan.engines.matching.result import MatchingResult, Placement, Unserved
from bihuan.engines.matching.search import search
from bihuan.engines.matching.verdicts import NeedFit, compare, gaps, reason
from bihuan.engines.matching.whynot import binding_limits, conflict
from bihuan.engines.shape import (
    Binding,
    Check,
    OnProgress,
    Progress,
    Provenance,
    Status,
    Stop,
    Watch,
    Words,
    ignore,
)

SMALL = 4_000  # candidates that CP-SAT takes whole
WHOLE_POINT = 1 - 1e-6


@dataclass(frozen=True, eq=False)
class Asked:
    """The problem made ready: fits of every need, the programme, and its greedy plan."""

    problem: MatchingProblem
    fitter: Fitter
    fits: list[NeedFit]
    model: Model
    by_hand: np.ndarray
    seed: int
    watch: Watch
    progress: OnProgress

    def holds(self, chosen: np.ndarray) -> bool:
        return not any(self.model.violations(chosen).values())


@dataclass(frozen=True, eq=False)
class Answer:
    """The best plan found, in points, and what is proven about it."""

    status: Status
    chosen: np.ndarray | None
    bound: float
    relaxed: Relaxed
    second: int | None = None


def solve(
    problem: MatchingProblem,
    *,
    stop: Stop | None = None,
    seed: int = 0,
    progress: OnProgress = ignore,
    params: MatchingParams | None = None,
) -> MatchingResult:
    """The plan that serves most m² of needs under all shared limits.

    `params` replaces those of the problem. The plan is never worse than the greedy one.
    """
    if params is not None:
        problem = problem.replace(params=params)
    watch = (stop or Stop()).begin()
    asked = _ask(problem, seed, watch, progress)
    answer = _answer(asked)
    return _result(asked, answer)


def _ask(problem: MatchingProblem, seed: int, watch: Watch, progress: OnProgress) -> Asked:
    params = problem.params
    fire = FireTable.on(problem.starts_on, sprinklers_enlarge=params.sprinklers_enlarge)
    fitter = Fitter(Space(problem, fire, params.max_units), params)
    fits = [compare(fitter, need) for need in problem.needs]
    progress(Progress("matching", "compared", None, elapsed_s=watch.elapsed_s))
    model = build(fitter, candidates(fitter, [fit.overall for fit in fits]))
    return Asked(problem, fitter, fits, model, greedy(model), seed, watch, progress)


def _answer(asked: Asked) -> Answer:
    model, watch = asked.model, asked.watch
    if not len(model.columns):
        nothing = np.zeros(0, dtype=np.int64)
        return Answer(Status.OPTIMAL, nothing, 0.0, Relaxed(Status.OPTIMAL, 0.0, *([nothing] * 3)))
    whole = programme(model)
    relaxed = relax(model, whole, watch)
    if relaxed.status is Status.INFEASIBLE:
        return Answer(Status.INFEASIBLE, None, -math.inf, relaxed)
    best = asked.by_hand if asked.holds(asked.by_hand) else None
    is_large = len(model.columns) > SMALL
    if is_large and math.isfinite(relaxed.bound):
        best = _quarters(asked, whole, relaxed, best)
    return _proven(asked, relaxed, best)


def _quarters(
    asked: Asked, whole: lp.Lp, relaxed: Relaxed, best: np.ndarray | None
) -> np.ndarray | None:
    model = asked.model
    rounded = round_down(model, relaxed)
    if asked.holds(rounded) and (best is None or model.value(rounded) > model.value(best)):
        best = rounded
    if best is None:
        return None
    building = asked.fitter.space.building_of[model.columns.block]
    zone = Zone(asked.fitter, model, whole, relaxed, building, asked.seed)
    return climb(zone, best, asked.watch, asked.progress)


def _proven(asked: Asked, relaxed: Relaxed, best: np.ndarray | None) -> Answer:
    """Close the gap with CP-SAT in the time that is left, then look for the second best."""
    model, watch, params = asked.model, asked.watch, asked.problem.params
    value = model.value(best) if best is not None else -(10**15)
    bound = math.floor(relaxed.bound + 1e-3) if math.isfinite(relaxed.bound) else math.inf
    goal = max(watch.stop.gap * abs(value), 1 - WHOLE_POINT)
    if best is not None and bound - value <= goal:
        status = Status.OPTIMAL if bound <= value else Status.FEASIBLE
        return Answer(status, best, max(bound, value), relaxed, _second(asked, best, value))
    if watch.is_over():
        status = Status.STOPPED if best is None else Status.FEASIBLE
        return Answer(status, best, bound, relaxed)
    keep = keepers(model, relaxed, value) if best is not None else np.ones(len(model.columns), bool)
    if best is not None:
        keep[best] = True
    plan = search(
        model,
        keep,
        best,
        watch,
        seed=asked.seed,
        workers=params.workers,
        progress=asked.progress,
    )
    if plan.chosen is not None and plan.value >= value:
        best, value = plan.chosen, plan.value
    if best is None:
        return Answer(plan.status, None, bound, relaxed)
    bound = min(bound, max(plan.bound, value))
    status = Status.OPTIMAL if bound - value < WHOLE_POINT else Status.FEASIBLE
    second = _second(asked, best, value) if status is Status.OPTIMAL else None
    return Answer(status, best, bound, relaxed, second)


def _second(asked: Asked, best: np.ndarray, value: int) -> int | None:
    """The value of the best other plan; None where it is not asked for or not proven."""
    is_small = len(asked.model.columns) <= SMALL
    if not (asked.problem.params.finds_second_best and is_small) or asked.watch.is_over():
        return None
    plan = search(
        asked.model,
        np.ones(len(asked.model.columns), dtype=bool),
        None,
        asked.watch,
        seed=asked.seed,
        workers=asked.problem.params.workers,
        progress=asked.progress,
        forbid=best,
    )
    return min(plan.value, value) if plan.status is Status.OPTIMAL else None


# --- the result --------------------------------------------------------------------------


def _result(asked: Asked, answer: Answer) -> MatchingResult:
    problem, model, chosen = asked.problem, asked.model, answer.chosen
    has = chosen is not None
    placements = tuple(_placement(asked, int(c)) for c in chosen) if chosen is not None else ()
    placed = {p.need for p in placements}
    unserved = tuple(
        Unserved(
            need=need.code,
            area_min_m2=need.area_min_m2,
            fitting_blocks=fit.fits,
            why=reason(asked.fitter, fit),
        )
        for need, fit in zip(problem.needs, asked.fits, strict=True)
        if has and need.code not in placed
    )
    by_hand = asked.by_hand if asked.holds(asked.by_hand) else None
    return MatchingResult(
        status=answer.status,
        value=model.value(chosen) / POINTS_PER_M2 if chosen is not None else None,
        unit="m²",
        bound=answer.bound / POINTS_PER_M2 if math.isfinite(answer.bound) else None,
        runtime_s=asked.watch.elapsed_s,
        provenance=Provenance(
            engine="matching",
            version=__version__,
            problem_sha256=wire.digest(problem),
            seed=asked.seed,
            solver="HiGHS, OR-Tools CP-SAT",
            params=wire.plain(problem.params),
            rules=tuple(f"fire/{row.id}" for row in asked.fitter.space.fire.rows),
        ),
        checks=_checks(asked, chosen) if chosen is not None else (),
        bindings=_bindings(asked, answer),
        warnings=_warnings(asked),
        placements=placements,
        unserved=unserved,
        let_m2=sum(p.area_m2 for p in placements),
        lettable_m2=sum(unit.area_m2 for unit in problem.units),
        greedy_value=None if by_hand is None else model.value(by_hand) / POINTS_PER_M2,
        second_best_value=None if answer.second is None else answer.second / POINTS_PER_M2,
    )


def _placement(asked: Asked, column: int) -> Placement:
    columns, space = asked.model.columns, asked.fitter.space
    block, crane = int(columns.block[column]), int(columns.crane[column])
    end = int(columns.end_day[column])
    return Placement(
        need=asked.problem.needs[columns.need[column]].code,
        building=asked.problem.buildings[space.building_of[block]].code,
        units=space.codes(block),
        area_m2=float(space.area_m2[block]),
        starts_on=dt.date.fromordinal(int(columns.start_day[column])).isoformat(),
        ends_on=None if end == FOREVER else dt.date.fromordinal(end).isoformat(),
        crane=None if crane == NO_CRANE else asked.problem.cranes[crane].code,
        points_m2=float(columns.points[column]) / POINTS_PER_M2,
        is_move=bool(columns.is_move[column]),
        must_be_surveyed=bool(columns.is_unknown[column]),
    )


CHECKS = {
    "need": "every need at most once, sitting tenants exactly once",
    "unit": "no unit let twice on one day",
    "utility": "shared utilities within their spare",
    "crane": "shared cranes within their hours",
    "moves": "moves within their limit",
    "fire": "no building above the class its compartments allow",
    "nuisance": "nobody beside what it cannot bear",
}


def _checks(asked: Asked, chosen: np.ndarray) -> tuple[Check, ...]:
    found = [
        Check.of(CHECKS[kind], excess, 0.0)
        for kind, excess in asked.model.violations(chosen).items()
    ]
    if asked.holds(asked.by_hand):
        lost = max(0, asked.model.value(asked.by_hand) - asked.model.value(chosen))
        found.append(Check.of("never worse than greedy", lost / POINTS_PER_M2, 0.0, "m²"))
    return tuple(found)


def _bindings(asked: Asked, answer: Answer) -> tuple[Binding, ...]:
    if answer.status is Status.INFEASIBLE:
        return tuple(conflict(asked.fitter, asked.model, asked.watch))
    return (
        *gaps(asked.fits),
        *binding_limits(asked.fitter, asked.model, answer.relaxed),
    )


def _warnings(asked: Asked) -> tuple[Words, ...]:
    rows = [row.cited() for row in asked.fitter.space.fire.rows]
    return (
        Words(
            "fire classes are screened, not approved: " + "; ".join(w.en for w in rows),
            "消防条件仅为初筛，不代表合规：" + "；".join(w.zh for w in rows),
        ),
    )
