"""Candidates: one way each to serve a need - a block, a crane where one is asked, a start.

A candidate is a column of the programme. Points are whole hundredths of a m² so that
CP-SAT, HiGHS and the greedy rule add up to the very same figure.
"""

import calendar
import datetime as dt
import heapq
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from bihuan.engines.matching.fit import Fitter
from bihuan.engines.matching.problem import Need
from bihuan.engines.matching.vocabulary import Verdict

POINTS_PER_M2 = 100
NO_CRANE = -1
FOREVER = dt.date.max.toordinal()


@dataclass(frozen=True, eq=False)
class Candidates:
    """Parallel arrays, one entry a candidate; days are ordinals, the end is exclusive."""

    need: np.ndarray
    block: np.ndarray
    crane: np.ndarray
    start_day: np.ndarray
    end_day: np.ndarray
    points: np.ndarray
    is_unknown: np.ndarray
    is_move: np.ndarray

    def __len__(self) -> int:
        return len(self.need)


@dataclass(frozen=True)
class _Row:
    need: int
    block: int
    crane: int
    start_day: int
    end_day: int
    points: int
    is_unknown: bool
    is_move: bool


def candidates(fitter: Fitter, verdicts: list[np.ndarray]) -> Candidates:
    """Every candidate worth having. `verdicts[n]` is the overall verdict of need n by block.

    A block that holds a smaller fitting block of the same building, free as early and under
    the same crane, is left out: the smaller one is worth more and takes less of everything.
    """
    rows: list[_Row] = []
    for number, need in enumerate(fitter.space.problem.needs):
        rows += _for_need(fitter, number, need, verdicts[number])
    columns = {
        name: np.array([getattr(row, name) for row in rows], dtype=kind)
        for name, kind in (
            ("need", np.int64),
            ("block", np.int64),
            ("crane", np.int64),
            ("start_day", np.int64),
            ("end_day", np.int64),
            ("points", np.int64),
            ("is_unknown", bool),
            ("is_move", bool),
        )
    }
    return Candidates(**columns)


def _for_need(fitter: Fitter, number: int, need: Need, verdict: np.ndarray) -> list[_Row]:
    space, params = fitter.space, fitter.params
    rows: list[_Row] = []
    present = tuple(sorted(space.unit_at[code] for code in need.sits_in))
    if present:
        rows += _at(fitter, number, need, space.block_at[present], False, True)
        if not need.may_move:
            return rows
    worst = Verdict.UNKNOWN if params.allows_unknown else Verdict.FITS
    usable = [int(b) for b in np.flatnonzero(verdict >= worst) if space.blocks[b] != present]
    usable.sort(key=lambda b: (len(space.blocks[b]), b))
    kept: dict[tuple[int, int], list[_Row]] = {}
    for block in usable:
        for row in _at(fitter, number, need, block, bool(verdict[block] == Verdict.UNKNOWN), False):
            rivals = kept.setdefault((int(space.building_of[block]), row.crane), [])
            if not any(_dominates(fitter, rival, row) for rival in rivals):
                rivals.append(row)
                rows.append(row)
    return rows


def _dominates(fitter: Fitter, one: _Row, other: _Row) -> bool:
    blocks = fitter.space.blocks
    return (
        set(blocks[one.block]) <= set(blocks[other.block])
        and one.start_day <= other.start_day
        and one.is_unknown <= other.is_unknown
    )


def _at(
    fitter: Fitter, number: int, need: Need, block: int, is_unknown: bool, is_present: bool
) -> Iterator[_Row]:
    """The candidates of a need on one block: at its first possible start, one a crane."""
    problem = fitter.space.problem
    earliest = max(need.starts_earliest or problem.starts_on, problem.starts_on)
    day: dt.date | None = problem.starts_on
    if not is_present:
        days = (
            None
            if need.term_months is None
            else (_months_on(earliest, need.term_months) - earliest).days
        )
        day = fitter.space.first_free_day(block, earliest, days)
        latest = min(need.starts_latest or problem.ends_on, problem.ends_on - dt.timedelta(days=1))
        if day is None or day > latest:
            return
    assert day is not None
    end = FOREVER if need.term_months is None else _months_on(day, need.term_months).toordinal()
    for crane in _cranes(fitter, need, block, is_present):
        yield _Row(
            need=number,
            block=block,
            crane=crane,
            start_day=day.toordinal(),
            end_day=end,
            points=_points(fitter, need, block, is_unknown, is_present),
            is_unknown=is_unknown,
            is_move=need.is_sitting and not is_present,
        )


def _cranes(fitter: Fitter, need: Need, block: int, is_present: bool) -> list[int]:
    if need.crane_t is None:
        return [NO_CRANE]
    codes = set(fitter.space.codes(block))
    found = [
        crane
        for crane in fitter.serving_cranes(need)
        if codes & set(fitter.space.problem.cranes[crane].units)
    ]
    # A block without a listed crane is here only if it is unsurveyed or the tenant's own.
    del is_present
    return found or [NO_CRANE]


def _points(fitter: Fitter, need: Need, block: int, is_unknown: bool, is_present: bool) -> int:
    """Worth in hundredths of a m²: the need served, less waste, distance, doubt and moving."""
    params, space = fitter.params, fitter.space
    waste_m2 = max(0.0, float(space.area_m2[block]) - need.area_min_m2)
    points_m2 = need.priority * need.area_min_m2 - params.waste_weight * waste_m2
    if need.near is not None:
        metres = fitter.distance_m(space.building_at[need.near])[space.building_of[block]]
        points_m2 -= params.far_weight_m2_per_km * (0.0 if np.isnan(metres) else metres / 1000)
    if is_unknown:
        points_m2 *= 1 - params.unknown_weight
    if need.is_sitting and not is_present:
        points_m2 -= need.move_cost_cny / params.cny_per_m2
    return round(points_m2 * POINTS_PER_M2)


def _months_on(day: dt.date, months: int) -> dt.date:
    """The same day `months` later, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, last))


def overlapping(start_day: np.ndarray, end_day: np.ndarray) -> Iterator[np.ndarray]:
    """The largest groups of intervals [start, end) that all share a day, as positions.

    Intervals that share a day pairwise share one together, so "at most one on any day" and
    "at most so much on any day" need one row for each of these groups and no more.
    """
    order = np.argsort(start_day, kind="stable")
    active: set[int] = set()
    ends: list[tuple[int, int]] = []
    grew = False
    for position in order.tolist():
        day = int(start_day[position])
        if ends and ends[0][0] <= day and grew:
            yield np.array(sorted(active), dtype=np.int64)
            grew = False
        while ends and ends[0][0] <= day:
            active.discard(heapq.heappop(ends)[1])
        active.add(position)
        heapq.heappush(ends, (int(end_day[position]), position))
        grew = True
    if active:
        yield np.array(sorted(active), dtype=np.int64)
