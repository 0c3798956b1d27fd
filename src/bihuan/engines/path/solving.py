"""Find the path: as near to the targets as can be, then at least cost, then early.

The three are one programme with three objectives; each keeps what the one before reached.
Where a target is missed, `relief.py` says what is missing.
"""

from dataclasses import dataclass, replace

import numpy as np

from bihuan import __version__
from bihuan.engines import lp, wire
from bihuan.engines.path.model import Model, build
from bihuan.engines.path.problem import PathParams, PathProblem, month_start
from bihuan.engines.path.relief import missing
from bihuan.engines.path.result import Goal, Month, PathResult, Start
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

NEAR_M2 = 1.0  # shortfalls are told apart to a square metre
FIRST_SHARE = 0.4  # of the time, for coming near
LAST_SHARE, LAST_S, LEAST_S = 0.1, 20.0, 0.05  # for beginning early
EARLY_GAP = 1e-3
SMALL = 3_000  # started-by columns up to which the second best is sought
EPS = 1e-6


@dataclass(frozen=True, eq=False)
class Path:
    """A plan: the columns, how far short of the targets, what it costs, and what is proven."""

    status: Status
    x: np.ndarray
    short_m2: float
    short_bound_m2: float
    cost_cny: float
    cost_bound_cny: float
    is_early: bool = True  # proven: the measures begin as early as they can


def solve(
    problem: PathProblem,
    *,
    stop: Stop | None = None,
    seed: int = 0,
    progress: OnProgress = ignore,
    params: PathParams | None = None,
) -> PathResult:
    """The cheapest plan among those nearest to the targets."""
    if params is not None:
        problem = problem.replace(params=params)
    watch = (stop or Stop()).begin()
    model = build(problem)
    near = _nearest(model, watch, seed)
    if near is None:
        return _result(model, None, (), None, watch, seed)
    progress(Progress("path", "nearest", 0.3, near.short_m2, near.short_bound_m2, watch.elapsed_s))
    path = _cheapest(model, near, watch, seed)
    progress(Progress("path", "cheapest", 0.8, path.cost_cny, path.cost_bound_cny, watch.elapsed_s))
    path = _earliest(model, path, watch, seed)
    second = _second(model, path, watch, seed)
    told = missing(model, watch) if path.short_m2 > NEAR_M2 and problem.params.finds_relief else ()
    return _result(model, path, told, second, watch, seed)


def _nearest(model: Model, watch: Watch, seed: int) -> Path | None:
    """The least total shortfall; to do nothing is a plan, so there is always one, given time."""
    arrays = replace(model.arrays, cost=model.shortfalls())
    if not len(model.short):
        arrays = replace(arrays, cost=model.costs())
    share = Stop(
        max_runtime_s=max(0.05, FIRST_SHARE * watch.remaining_s), cancelled=watch.stop.cancelled
    )
    highs = lp.load(arrays, {"random_seed": seed % 2**31, "mip_abs_gap": NEAR_M2 / 2})
    answer = lp.run(highs, share.begin())
    if not answer.status.has_solution:
        return None
    short = float(answer.x[model.short].sum())
    bound = min(short, answer.bound or 0.0) if len(model.short) else 0.0
    cost = float(model.costs() @ answer.x)
    return Path(answer.status, answer.x, short, max(bound, 0.0), cost, 0.0)


def _cheapest(model: Model, near: Path, watch: Watch, seed: int) -> Path:
    """The cheapest plan that falls no further short than `near`."""
    arrays = _capped(model, near)
    part = Stop(
        max_runtime_s=max(0.05, (1 - LAST_SHARE) * watch.remaining_s),
        cancelled=watch.stop.cancelled,
    )
    answer = lp.solve_from(
        arrays,
        near.x,
        watch=part.begin(),
        options={"random_seed": seed % 2**31},
        gap=max(watch.stop.gap, 1e-6),
    )
    if not answer.status.has_solution or (answer.value or 0.0) > near.cost_cny + EPS:
        return replace(near, status=Status.FEASIBLE)
    short = float(answer.x[model.short].sum())
    is_nearest = short - near.short_bound_m2 <= 2 * NEAR_M2
    status = answer.status if is_nearest else Status.FEASIBLE
    bound = max(0.0, answer.bound or 0.0)
    return Path(
        status, answer.x, short, near.short_bound_m2, float(model.costs() @ answer.x), bound
    )


def _capped(model: Model, near: Path) -> lp.Lp:
    """The programme at cost, each target's shortfall held at what was reached."""
    upper = model.arrays.upper.copy()
    upper[model.short] = near.x[model.short] + EPS
    return replace(model.arrays, cost=model.costs(), upper=upper)


def _earliest(model: Model, path: Path, watch: Watch, seed: int) -> Path:
    """The same measures, begun and let as early as possible: most m²-months, at no more cost."""
    seconds = min(LAST_SHARE * watch.stop.max_runtime_s, LAST_S, watch.remaining_s)
    if seconds < LEAST_S or watch.is_over():
        return replace(path, is_early=False)
    last = model.started[:, -1]
    used = path.x[last] > 0.5
    arrays = _capped(model, path)
    lower, upper = arrays.lower.copy(), arrays.upper.copy()
    lower[last[used]] = 1.0
    upper[model.started[~used].ravel()] = 0.0
    early = np.zeros(arrays.columns)
    early[model.let.ravel()] = -1.0
    early[model.again] = -1.0
    arrays = replace(arrays, lower=lower, upper=upper, cost=early)
    answer = lp.solve_from(
        arrays,
        path.x,
        watch=Stop(max_runtime_s=seconds, cancelled=watch.stop.cancelled).begin(),
        options={"random_seed": seed % 2**31},
        gap=EARLY_GAP,
    )
    if not answer.status.has_solution or answer.value is None or answer.bound is None:
        return replace(path, is_early=False)
    is_early = answer.value - answer.bound <= 2 * EARLY_GAP * abs(answer.value)
    return replace(path, x=answer.x, is_early=is_early)


def _second(model: Model, path: Path, watch: Watch, seed: int) -> float | None:
    """The cost of the best other set of measures that is as near; small problems only."""
    is_asked = model.problem.params.finds_second_best and model.started.size <= SMALL
    if not is_asked or watch.is_over() or path.status is not Status.OPTIMAL:
        return None
    if not len(model.problem.measures):
        return None
    last = model.started[:, -1]
    used = path.x[last] > 0.5
    arrays = _capped(model, path)
    other = _with_row(arrays, last, np.where(used, -1.0, 1.0), 1.0 - float(used.sum()))
    answer = lp.solve(other, watch=watch, options={"random_seed": seed % 2**31})
    return answer.value if answer.status is Status.OPTIMAL else None


def _with_row(arrays: lp.Lp, columns: np.ndarray, values: np.ndarray, lower: float) -> lp.Lp:
    """The same programme with one more row: values·x[columns] ≥ lower."""
    ends = arrays.start[1:][columns]
    order = np.argsort(columns)
    grown = np.zeros(arrays.columns + 1, dtype=np.int32)
    np.add.at(grown, columns + 1, 1)
    return replace(
        arrays,
        row_lower=np.append(arrays.row_lower, lower),
        row_upper=np.append(arrays.row_upper, np.inf),
        start=(arrays.start + np.cumsum(grown)).astype(np.int32),
        index=np.insert(arrays.index, ends[order], arrays.rows).astype(np.int32),
        value=np.insert(arrays.value, ends[order], values[order]),
    )


# --- the result --------------------------------------------------------------------------


def _result(
    model: Model,
    path: Path | None,
    told: tuple[Binding, ...],
    second: float | None,
    watch: Watch,
    seed: int,
) -> PathResult:
    problem = model.problem
    return PathResult(
        status=path.status if path else Status.STOPPED,
        value=path.cost_cny if path else None,
        unit="CNY",
        bound=path.cost_bound_cny if path else None,
        runtime_s=watch.elapsed_s,
        provenance=Provenance(
            engine="path",
            version=__version__,
            problem_sha256=wire.digest(problem),
            seed=seed,
            solver="HiGHS",
            params=wire.plain(problem.params),
        ),
        checks=_checks(model, path) if path else (),
        bindings=told,
        warnings=_warnings(path, watch),
        starts=_starts(model, path.x) if path else (),
        months=_months(model, path.x) if path else (),
        goals=_goals(model, path.x) if path else (),
        second_best_cny=second,
    )


def _starts(model: Model, x: np.ndarray) -> tuple[Start, ...]:
    found = []
    for measure, columns in zip(model.problem.measures, model.started, strict=True):
        begun = np.flatnonzero(x[columns] > 0.5)
        if len(begun):
            month = int(begun[0])
            found.append(
                Start(
                    measure=measure.code,
                    building=measure.building,
                    kind=measure.kind.value,
                    starts_in=_label(model.problem, month),
                    effective_in=_label(model.problem, month + measure.months),
                    cost_cny=measure.cost_cny,
                )
            )
    return tuple(sorted(found, key=lambda s: (s.starts_in, s.building, s.measure)))


def _let_m2(model: Model, x: np.ndarray) -> np.ndarray:
    """Area let at each month's end."""
    problem = model.problem
    gone = problem.exits_m2_per_month * np.arange(1, problem.months + 1)
    let: np.ndarray = problem.let_m2 + x[model.let].sum(axis=0) + x[model.again] - gone
    return let


def _spent_cny(model: Model, x: np.ndarray) -> np.ndarray:
    """Money spent in each month, from the starts alone."""
    spent = np.zeros(model.problem.months)
    for measure, columns in zip(model.problem.measures, model.started, strict=True):
        begun = np.flatnonzero(x[columns] > 0.5)
        if len(begun):
            months = max(1, measure.months)
            spent[begun[0] : begun[0] + months] += measure.cost_cny / months
    return spent


def _months(model: Model, x: np.ndarray) -> tuple[Month, ...]:
    let, spent = _let_m2(model, x), _spent_cny(model, x)
    return tuple(
        Month(
            month=_label(model.problem, t),
            spent_cny=float(spent[t]),
            let_m2=float(let[t]),
            share=float(let[t]) / model.problem.lettable_m2,
        )
        for t in range(model.problem.months)
    )


def _goals(model: Model, x: np.ndarray) -> tuple[Goal, ...]:
    let = _let_m2(model, x)
    problem = model.problem
    reached = [float(let[problem.month_of(target.by)]) for target in problem.targets]
    return tuple(
        Goal(
            by=target.by.isoformat(),
            share=target.share,
            reached_share=m2 / problem.lettable_m2,
            short_m2=max(0.0, target.share * problem.lettable_m2 - m2),
        )
        for target, m2 in zip(problem.targets, reached, strict=True)
    )


def _label(problem: PathProblem, month: int) -> str:
    return month_start(problem.starts_on, month).strftime("%Y-%m")


def _warnings(path: Path | None, watch: Watch) -> tuple[Words, ...]:
    if path is None:
        return ()
    said = []
    if path.short_m2 > NEAR_M2:
        sure = "" if path.short_m2 - path.short_bound_m2 <= 2 * NEAR_M2 else " (not proven nearest)"
        said.append(
            Words(
                f"the targets cannot all be met; the cost is that of the nearest plan{sure}",
                f"无法全部达标；费用为最接近方案的费用{'（未证明最接近）' if sure else ''}",
            )
        )
    if path.status is Status.FEASIBLE:
        said.append(_why_it_ended(watch))
    if not path.is_early:
        said.append(
            Words(
                "measures may begin later than they need: time ended before the earliest "
                "months were found; cost and targets are not affected",
                "部分措施的开工月份可能偏晚：时间用尽，未找到最早安排；费用与达标情况不受影响",
            )
        )
    return tuple(said)


def _why_it_ended(watch: Watch) -> Words:
    gap = watch.stop.gap
    if gap and not watch.is_over():
        return Words(
            f"the search ended as asked, within {gap:.2%} of the proven bound",
            f"已按要求在距最优界 {gap:.2%} 以内时停止",
        )
    return Words(
        "the search was stopped before the proof: a cheaper plan may exist",
        "搜索在证明最优前停止：可能存在费用更低的方案",
    )


def _checks(model: Model, path: Path) -> tuple[Check, ...]:
    """Balances recomputed from the starts, not from the rows."""
    problem, x = model.problem, path.x
    spent = _spent_cny(model, x)
    budget = np.array([problem.budget_of(t) for t in range(problem.months)])
    over = np.cumsum(spent - budget) if problem.budget_carries_over else spent - budget
    # What a measure still owes after the plan's end is part of its cost, not of a month.
    owed = path.cost_cny - sum(s.cost_cny for s in _starts(model, x))
    fraction = float(np.abs(x[model.started] - np.rint(x[model.started])).max(initial=0.0))
    idle = sum(s.idle_m2 for s in problem.spaces)
    return (
        Check.of("money = Σ measures", owed, 1.0, "CNY"),
        Check.of("spending within the budget", max(0.0, float(over.max())), 1.0, "CNY"),
        Check.of("crews within those there are", _crew_excess(model, x), EPS, "crews"),
        Check.of("a measure is done or not", fraction, 1e-5),
        Check.of(
            "no more let than is idle",
            max(0.0, float(x[model.let[:, -1]].sum()) - idle),
            1e-3,
            "m²",
        ),
    )


def _crew_excess(model: Model, x: np.ndarray) -> float:
    problem, worst = model.problem, 0.0
    for trade, there in problem.crews.items():
        held = np.zeros(problem.months)
        for measure, columns in zip(problem.measures, model.started, strict=True):
            begun = np.flatnonzero(x[columns] > 0.5)
            if len(begun):
                held[begun[0] : begun[0] + measure.months] += measure.crews.get(trade, 0)
        worst = max(worst, float(held.max()) - there)
    return worst
