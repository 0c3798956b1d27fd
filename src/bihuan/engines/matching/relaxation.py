"""The programme as arrays for HiGHS: whole and split, or a part of it with the rest fixed."""

import math
from dataclasses import dataclass, replace

import numpy as np

from bihuan.engines import lp
from bihuan.engines.matching.model import Model
from bihuan.engines.shape import Status, Stop, Watch

EPS = 1e-6
PART_GAP = 1e-6  # of the value of the whole zone, which the rest is part of


@dataclass(frozen=True, eq=False)
class Relaxed:
    """The LP: `bound` in points, `price` per row of the model, `reduced` cost per candidate.

    `reduced[c]` is how many points any plan with candidate c must lie below `bound`.
    """

    status: Status
    bound: float
    x: np.ndarray
    price: np.ndarray
    reduced: np.ndarray


def programme(model: Model) -> lp.Lp:
    """Minimise −points. Columns: candidates, then switches, then bonuses; all 0/1.

    Rows: first those of the model, in order; then the sides of switches and bonuses.
    """
    build = lp.Builder()
    points = model.columns.points.astype(float)
    build.columns(len(points), upper=1.0, cost=-points, integer=True)
    for row in model.rows:
        at = build.rows(1, lower=row.limit if row.is_equal else -lp.INF, upper=row.limit)
        build.put(at.start, row.columns, row.weights.astype(float))
    for switch in model.switches:
        y = build.columns(1, upper=1.0, integer=True)
        for groups, limit, sign in ((switch.one, 0.0, -1.0), (switch.other, 1.0, 1.0)):
            for group in groups:
                at = build.rows(1, upper=limit)
                build.put(at.start, group, 1.0)
                build.put(at.start, y, sign)
    for bonus in model.bonuses:
        w = build.columns(1, upper=1.0, cost=-float(bonus.points), integer=True)
        for side in (bonus.here, bonus.there):
            at = build.rows(1, upper=0.0)
            build.put(at.start, side, -1.0)
            build.put(at.start, w, 1.0)
    return build.arrays()


def relax(model: Model, whole: lp.Lp, watch: Watch) -> Relaxed:
    """The relaxation, candidates split at will; without a bound where time ran out."""
    answer = lp.solve(replace(whole, integer=None), watch=watch)
    if answer.status is not Status.OPTIMAL or answer.value is None:
        nothing = np.zeros(0)
        return Relaxed(answer.status, math.inf, nothing, nothing, nothing)
    count = len(model.columns)
    return Relaxed(
        status=answer.status,
        bound=-answer.value,
        x=answer.x[:count],
        price=-answer.row_dual[: len(model.rows)],
        reduced=np.maximum(answer.column_dual[:count], 0.0),
    )


def keepers(model: Model, relaxed: Relaxed, value: int) -> np.ndarray:
    """The candidates which a plan worth more than `value` could use."""
    if not math.isfinite(relaxed.bound):
        return np.ones(len(model.columns), dtype=bool)
    slack = relaxed.bound - value + EPS * max(1.0, abs(relaxed.bound))
    keep: np.ndarray = relaxed.reduced <= max(slack, 0.0)
    return keep


def part(model: Model, whole: lp.Lp, free: np.ndarray, chosen: np.ndarray) -> lp.Lp:
    """The programme over `free` candidates, with the other chosen ones fixed at 1."""
    count = len(model.columns)
    fixed = chosen[~np.isin(chosen, free)]
    rest = np.concatenate([free, np.arange(count, whole.columns)])
    start, index, value = _take(whole, rest)
    _, rows, weights = _take(whole, fixed)
    used = np.bincount(rows, weights=weights, minlength=whole.rows)
    assert whole.integer is not None
    return lp.Lp(
        cost=whole.cost[rest],
        lower=whole.lower[rest],
        upper=whole.upper[rest],
        row_lower=whole.row_lower - used,
        row_upper=whole.row_upper - used,
        start=start,
        index=index,
        value=value,
        offset=float(whole.cost[fixed].sum()),
        integer=whole.integer[rest],
    )


def improve_part(
    model: Model, whole: lp.Lp, free: np.ndarray, chosen: np.ndarray, seconds: float, seed: int
) -> np.ndarray:
    """The best choice among `free` with the rest kept: never worse than `chosen`."""
    if seconds <= 0:
        return chosen
    arrays = part(model, whole, free, chosen)
    start = np.full(arrays.columns, np.nan)
    start[: len(free)] = np.isin(free, chosen)
    answer = lp.solve_from(
        arrays,
        start,
        watch=Stop(max_runtime_s=seconds).begin(),
        options={"random_seed": seed % 2**31},
        gap=PART_GAP,
    )
    if not answer.status.has_solution:
        return chosen
    kept = chosen[~np.isin(chosen, free)]
    found = np.sort(np.concatenate([kept, free[answer.x[: len(free)] > 0.5]]))
    return found if model.value(found) > model.value(chosen) else chosen


def _take(whole: lp.Lp, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Start, row index and value of some columns of a column-wise matrix."""
    begin, length = whole.start[columns], np.diff(whole.start)[columns]
    start = np.zeros(len(columns) + 1, dtype=np.int32)
    np.cumsum(length, out=start[1:])
    at = np.repeat(begin - start[:-1], length) + np.arange(start[-1])
    return start, whole.index[at], whole.value[at]
