"""Linear and mixed-integer programmes as arrays, handed to HiGHS without a modelling layer.

    minimise    c·x + offset
    subject to  row_lower ≤ A·x ≤ row_upper,   lower ≤ x ≤ upper,   x_j whole for some j

A `Builder` collects blocks of columns and rows; `Builder.arrays()` makes the column-wise
matrix once; `solve()` passes it in a single call and gives back plain arrays. Duals are
those of the minimisation: the change of the optimal value for one more unit of the
row's bound (a shadow price), in the unit of the objective over the unit of the row.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import highspy
import numpy as np

from bihuan.engines.shape import Status, Watch

INF = math.inf
COLUMN_WISE = 1
MINIMISE = 1
PROVEN = 1.01e-4  # relative gap up to which HiGHS calls a whole-number programme solved


@dataclass(frozen=True, eq=False)
class Lp:
    """One programme, column-wise. `integer` is None for a pure LP."""

    cost: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    row_lower: np.ndarray
    row_upper: np.ndarray
    start: np.ndarray
    index: np.ndarray
    value: np.ndarray
    offset: float = 0.0
    integer: np.ndarray | None = None

    @property
    def columns(self) -> int:
        return len(self.cost)

    @property
    def rows(self) -> int:
        return len(self.row_lower)

    @property
    def nonzeros(self) -> int:
        return len(self.value)


@dataclass(frozen=True, eq=False)
class LpAnswer:
    """x and the duals, or empty arrays where nothing was found."""

    status: Status
    value: float | None
    bound: float | None
    x: np.ndarray
    row_dual: np.ndarray
    column_dual: np.ndarray


class Builder:
    """Collects a programme block by block. Blocks are addressed by slices of positions."""

    def __init__(self) -> None:
        self.offset = 0.0
        self._columns: list[tuple[np.ndarray, np.ndarray, np.ndarray, bool]] = []
        self._rows: list[tuple[np.ndarray, np.ndarray]] = []
        self._terms: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        self._column_count = 0
        self._row_count = 0
        self._has_integers = False

    def columns(
        self,
        count: int,
        *,
        lower: float | np.ndarray = 0.0,
        upper: float | np.ndarray = INF,
        cost: float | np.ndarray = 0.0,
        integer: bool = False,
    ) -> slice:
        """`count` new variables and where they are."""
        block = (spread(cost, count), spread(lower, count), spread(upper, count), integer)
        self._columns.append(block)
        self._has_integers |= integer
        self._column_count += count
        return slice(self._column_count - count, self._column_count)

    def rows(
        self, count: int, *, lower: float | np.ndarray = -INF, upper: float | np.ndarray = INF
    ) -> slice:
        """`count` new constraints and where they are."""
        self._rows.append((spread(lower, count), spread(upper, count)))
        self._row_count += count
        return slice(self._row_count - count, self._row_count)

    def put(
        self,
        rows: slice | int | np.ndarray,
        columns: slice | int | np.ndarray,
        values: float | np.ndarray,
    ) -> None:
        """A[rows, columns] = values, element by element; a single row, column or value repeats.

        A position must be put once only.
        """
        row, column = positions(rows), positions(columns)
        count = max(len(row), len(column), np.size(values))
        self._terms.append((spread(row, count), spread(column, count), spread(values, count)))

    def arrays(self) -> Lp:
        """The programme as arrays; zero coefficients are left out."""
        row = np.concatenate([term[0] for term in self._terms])
        column = np.concatenate([term[1] for term in self._terms])
        value = np.concatenate([term[2] for term in self._terms])
        keep = value != 0.0
        if not keep.all():
            row, column, value = row[keep], column[keep], value[keep]
        order = np.argsort(column, kind="stable")
        counts = np.bincount(column, minlength=self._column_count)
        start = np.zeros(self._column_count + 1, dtype=np.int32)
        np.cumsum(counts, out=start[1:])
        integer = None
        if self._has_integers:
            flags = [np.full(len(block[0]), block[3], dtype=np.int32) for block in self._columns]
            integer = np.concatenate(flags)
        return Lp(
            cost=np.concatenate([block[0] for block in self._columns]),
            lower=np.concatenate([block[1] for block in self._columns]),
            upper=np.concatenate([block[2] for block in self._columns]),
            row_lower=np.concatenate([block[0] for block in self._rows]),
            row_upper=np.concatenate([block[1] for block in self._rows]),
            start=start,
            index=row[order].astype(np.int32),
            value=value[order],
            offset=self.offset,
            integer=integer,
        )


def positions(where: slice | int | np.ndarray) -> np.ndarray:
    if isinstance(where, slice):
        return np.arange(where.start, where.stop, dtype=np.int64)
    return np.atleast_1d(np.asarray(where, dtype=np.int64))


def spread(values: Any, count: int) -> np.ndarray:
    """`values` as an array of `count`; one value repeats, another length raises."""
    array = np.asarray(values)
    if array.dtype != np.int64:
        array = array.astype(np.float64, copy=False)
    return np.broadcast_to(array.reshape(-1), (count,))


class _Silent(highspy.Highs):
    """HiGHS without its banner: it logs while it is made, before options can be set."""

    def enableCallbacks(self) -> None:  # noqa: N802 - highspy's name
        self.setOptionValue("output_flag", False)
        super().enableCallbacks()  # type: ignore[no-untyped-call]


def load(lp: Lp, options: Mapping[str, Any] | None = None) -> highspy.Highs:
    """A silent HiGHS object that holds the programme; for callers who change and solve again."""
    highs = _Silent()  # type: ignore[no-untyped-call]
    for name, value in (options or {}).items():
        if highs.setOptionValue(name, value) != highspy.HighsStatus.kOk:
            raise ValueError(f"HiGHS refuses option {name}={value!r}")
    integer = lp.integer if lp.integer is not None else np.zeros(lp.columns, dtype=np.int32)
    outcome = highs.passModel(
        lp.columns,
        lp.rows,
        lp.nonzeros,
        COLUMN_WISE,
        MINIMISE,
        lp.offset,
        lp.cost,
        lp.lower,
        lp.upper,
        lp.row_lower,
        lp.row_upper,
        lp.start,
        lp.index,
        lp.value,
        integer,
    )
    if outcome == highspy.HighsStatus.kError:
        raise ValueError("HiGHS refuses the arrays: a bound, cost or coefficient is out of range")
    return highs


def run(highs: highspy.Highs, watch: Watch | None = None, gap: float = 0.0) -> LpAnswer:
    """Solve what `highs` holds, within the time of `watch`, and read the answer."""
    if watch is not None:
        _limit(highs, watch)
    if gap:
        highs.setOptionValue("mip_rel_gap", gap)
    highs.run()
    return read(highs)


def solve(
    lp: Lp,
    *,
    watch: Watch | None = None,
    options: Mapping[str, Any] | None = None,
    gap: float = 0.0,
) -> LpAnswer:
    """Solve one programme from nothing."""
    return run(load(lp, options), watch, gap)


def solve_from(
    lp: Lp,
    start: np.ndarray,
    *,
    watch: Watch | None = None,
    options: Mapping[str, Any] | None = None,
    gap: float = 0.0,
) -> LpAnswer:
    """Solve from a known solution; NaN where a value is not known.

    HiGHS 1.16 can prove a better value in presolve and still hand back the start; the value
    and the columns then disagree, and the programme is solved again from nothing.
    """
    known = np.flatnonzero(~np.isnan(start))
    highs = load(lp, options)
    highs.setSolution(len(known), known.astype(np.int32), start[known])
    answer = run(highs, watch, gap)
    if answer.value is None:
        return answer
    said = float(lp.cost @ answer.x) + lp.offset
    if abs(said - answer.value) <= 1e-6 * max(1.0, abs(answer.value)):
        return answer
    return solve(lp, watch=watch, options=options, gap=gap)


def _limit(highs: highspy.Highs, watch: Watch) -> None:
    if math.isfinite(watch.remaining_s):
        # HiGHS counts from the first run of the object, not from this one.
        highs.setOptionValue("time_limit", highs.getRunTime() + watch.remaining_s)
    if watch.stop.has_cancel:
        for event in (highs.cbSimplexInterrupt, highs.cbIpmInterrupt, highs.cbMipInterrupt):
            event.subscribe(lambda at: at.interrupt() if watch.stop.cancelled() else None)


def read(highs: highspy.Highs) -> LpAnswer:
    """The answer HiGHS holds, as arrays."""
    status = STATUSES.get(highs.getModelStatus(), Status.STOPPED)
    info = highs.getInfo()
    feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    if status is Status.STOPPED and feasible:
        status = Status.FEASIBLE
    nothing = np.zeros(0)
    if not status.has_solution:
        solution = highs.getSolution()
        rows = np.array(solution.row_dual) if solution.dual_valid else nothing
        return LpAnswer(status, None, None, nothing, rows, nothing)
    solution = highs.getSolution()
    value = float(info.objective_function_value)
    is_mip = info.mip_node_count >= 0
    bound: float | None = float(info.mip_dual_bound) if is_mip else value
    if status is Status.FEASIBLE and not is_mip:
        bound = None
    if is_mip and info.mip_gap > PROVEN:
        status = Status.FEASIBLE  # stopped at the gap that was asked for
    return LpAnswer(
        status,
        value,
        bound,
        np.array(solution.col_value),
        np.array(solution.row_dual) if solution.dual_valid else nothing,
        np.array(solution.col_dual) if solution.dual_valid else nothing,
    )


STATUSES = {
    highspy.HighsModelStatus.kOptimal: Status.OPTIMAL,
    highspy.HighsModelStatus.kInfeasible: Status.INFEASIBLE,
    highspy.HighsModelStatus.kUnbounded: Status.UNBOUNDED,
    # Presolve cannot always tell the two apart; every engine's columns that earn are bounded.
    highspy.HighsModelStatus.kUnboundedOrInfeasible: Status.INFEASIBLE,
}
