"""Blocks: sets of units that can be let as one, with the figures a need is compared to.

A block is a connected set of free units of one building. Its figures are arrays over all
blocks, so that one need is compared with every block in a handful of vector operations.
A figure has two halves: what the surveyed units say, and whether a unit is unsurveyed.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bihuan.engines.matching.fire import FireTable
from bihuan.engines.matching.problem import Building, MatchingProblem, Unit
from bihuan.engines.matching.vocabulary import FireClass, Verdict


@dataclass(frozen=True, eq=False)
class Figure:
    """A number per block (`known`, from surveyed units) and where a unit is not surveyed."""

    known: np.ndarray
    has_unknown: np.ndarray

    def at_least(self, wanted: float) -> np.ndarray:
        """Verdicts where the smallest unit decides: a known low one fails, whatever the rest."""
        verdict = np.where(self.has_unknown, Verdict.UNKNOWN, Verdict.FITS)
        return np.where(self.known < wanted - 1e-9, Verdict.FAILS, verdict)

    def at_most(self, wanted: float) -> np.ndarray:
        verdict = np.where(self.has_unknown, Verdict.UNKNOWN, Verdict.FITS)
        return np.where(self.known > wanted + 1e-9, Verdict.FAILS, verdict)

    def sums_to(self, wanted: float) -> np.ndarray:
        """Verdicts where units add up: enough known ones suffice, whatever the rest."""
        lacking = np.where(self.has_unknown, Verdict.UNKNOWN, Verdict.FAILS)
        return np.where(self.known >= wanted - 1e-9, Verdict.FITS, lacking)


def three_valued(values: Sequence[bool | None]) -> np.ndarray:
    """True fits, False fails, None is unknown."""
    table = {True: Verdict.FITS, False: Verdict.FAILS, None: Verdict.UNKNOWN}
    return np.array([table[value] for value in values], dtype=np.int8)


class Space:
    """The problem's blocks and their figures."""

    def __init__(self, problem: MatchingProblem, fire: FireTable, max_units: int) -> None:
        self.problem = problem
        self.fire = fire
        self.building_at = {b.code: i for i, b in enumerate(problem.buildings)}
        self.unit_at = {u.code: i for i, u in enumerate(problem.units)}
        self.blocks = tuple(_blocks(problem, self.unit_at, max_units))
        self.block_at = {block: i for i, block in enumerate(self.blocks)}
        self.building_of = np.array(
            [self.building_at[problem.units[block[0]].building] for block in self.blocks], dtype=int
        )

    def __len__(self) -> int:
        return len(self.blocks)

    def buildings(self) -> list[Building]:
        """The building of each block."""
        return [self.problem.buildings[b] for b in self.building_of]

    def codes(self, block: int) -> tuple[str, ...]:
        return tuple(self.problem.units[u].code for u in self.blocks[block])

    @cached_property
    def area_m2(self) -> np.ndarray:
        areas = np.array([u.area_m2 for u in self.problem.units])
        return np.array([areas[list(block)].sum() for block in self.blocks])

    @cached_property
    def clear_height_m(self) -> Figure:
        return self._figure(lambda u: u.clear_height_m, min, np.inf)

    @cached_property
    def live_load_kn_per_m2(self) -> Figure:
        return self._figure(lambda u: u.live_load_kn_per_m2, min, np.inf)

    @cached_property
    def column_spacing_m(self) -> Figure:
        return self._figure(lambda u: u.column_spacing_m, min, np.inf)

    @cached_property
    def freight_lift_t(self) -> Figure:
        """The weakest lift above the ground floor; the ground floor needs none."""
        return self._figure(lambda u: np.inf if u.floor == 1 else u.freight_lift_t, min, np.inf)

    @cached_property
    def dock_doors(self) -> Figure:
        return self._figure(lambda u: u.dock_doors, sum, 0.0)

    @cached_property
    def top_floor(self) -> np.ndarray:
        return np.array([max(self.problem.units[u].floor for u in block) for block in self.blocks])

    @cached_property
    def rent_cny_per_m2_month(self) -> Figure:
        """The mean asking rent by area; unknown where one unit's is."""
        known, unknown = [], []
        for block in self.blocks:
            units = [self.problem.units[u] for u in block]
            rents = [(u.rent_cny_per_m2_month, u.area_m2) for u in units]
            unknown.append(any(rent is None for rent, _ in rents))
            known.append(0.0 if unknown[-1] else _mean([(r or 0.0, a) for r, a in rents]))
        return Figure(np.array(known), np.array(unknown, dtype=bool))

    def fire_verdict(self, fire_class: FireClass) -> np.ndarray:
        """Whether table 3.3.1 lets production of this class into each block."""
        if fire_class not in self._block_fire:
            units, first = self._members
            by_unit = self.unit_fire_verdict(fire_class)
            self._block_fire[fire_class] = np.minimum.reduceat(by_unit[units], first)
        return self._block_fire[fire_class]

    def unit_fire_verdict(self, fire_class: FireClass) -> np.ndarray:
        """The same, unit by unit."""
        if fire_class not in self._unit_fire:
            self._unit_fire[fire_class] = np.array(
                [
                    self.fire.verdict(
                        self.problem.buildings[self.building_at[u.building]], u, fire_class
                    )
                    for u in self.problem.units
                ],
                dtype=np.int8,
            )
        return self._unit_fire[fire_class]

    def best_of_units(self, by_unit: np.ndarray) -> np.ndarray:
        """For each block the best of its units' verdicts."""
        units, first = self._members
        best: np.ndarray = np.maximum.reduceat(by_unit[units], first)
        return best

    @cached_property
    def _members(self) -> tuple[np.ndarray, np.ndarray]:
        """The units of all blocks one after another, and where each block begins."""
        sizes = [len(block) for block in self.blocks]
        units = np.array([unit for block in self.blocks for unit in block], dtype=np.int64)
        return units, np.cumsum([0, *sizes[:-1]])

    @cached_property
    def _unit_fire(self) -> dict[FireClass, np.ndarray]:
        return {}

    @cached_property
    def _block_fire(self) -> dict[FireClass, np.ndarray]:
        return {}

    def _figure(
        self,
        value: Callable[[Unit], float | None],
        join: Callable[[list[float]], float],
        empty: float,
    ) -> Figure:
        values = [value(unit) for unit in self.problem.units]
        known, unknown = [], []
        for block in self.blocks:
            said = [values[u] for u in block]
            surveyed = [float(v) for v in said if v is not None]
            known.append(join(surveyed) if surveyed else empty)
            unknown.append(len(surveyed) < len(said))
        return Figure(np.array(known, dtype=float), np.array(unknown, dtype=bool))

    def first_free_day(self, block: int, earliest: dt.date, days: int | None) -> dt.date | None:
        """The first day from `earliest` on which the block is free for `days` (None: for good)."""
        units = [self.problem.units[u] for u in self.blocks[block]]
        day = max([earliest, *(u.available_from for u in units if u.available_from is not None)])
        taken = sorted((b.starts_on, b.ends_on or dt.date.max) for u in units for b in u.bookings)
        for starts_on, ends_on in taken:
            if ends_on <= day:
                continue
            if days is not None and (starts_on - day).days >= days:
                return day
            if ends_on == dt.date.max:
                return None
            day = max(day, ends_on)
        return day


def _mean(pairs: list[tuple[float, float]]) -> float:
    total = sum(weight for _, weight in pairs)
    return sum(value * weight for value, weight in pairs) / total


def _blocks(
    problem: MatchingProblem, unit_at: dict[str, int], max_units: int
) -> Iterator[tuple[int, ...]]:
    """Every connected set of at most `max_units` units, and every sitting tenant's present set.

    Enumerated without repetition: a set grows only by neighbours above its smallest member
    that its earlier branches have not already tried (S. Wernicke, 2006, ESU).
    """
    neighbours = _neighbours(problem, unit_at)
    seen = set()
    for root in range(len(problem.units)):
        for block in _grow((root,), neighbours[root], root, neighbours, max_units):
            seen.add(block)
            yield block
    for need in problem.needs:
        present = tuple(sorted(unit_at[code] for code in need.sits_in))
        if present and present not in seen:
            seen.add(present)
            yield present


def _grow(
    block: tuple[int, ...],
    frontier: frozenset[int],
    root: int,
    neighbours: list[frozenset[int]],
    max_units: int,
) -> Iterator[tuple[int, ...]]:
    yield tuple(sorted(block))
    if len(block) == max_units:
        return
    touched = frozenset(block).union(*(neighbours[u] for u in block))
    remaining = {unit for unit in frontier if unit > root}
    while remaining:
        unit = min(remaining)
        remaining.discard(unit)
        fresh = {n for n in neighbours[unit] if n > root and n not in touched}
        yield from _grow((*block, unit), frozenset(remaining | fresh), root, neighbours, max_units)


def _neighbours(problem: MatchingProblem, unit_at: dict[str, int]) -> list[frozenset[int]]:
    linked: list[set[int]] = [set() for _ in problem.units]
    for one, other in problem.joins if problem.joins is not None else _stacked(problem):
        linked[unit_at[one]].add(unit_at[other])
        linked[unit_at[other]].add(unit_at[one])
    return [frozenset(items) for items in linked]


def _stacked(problem: MatchingProblem) -> Iterator[tuple[str, str]]:
    """Floors directly above one another; there is no floor 0."""
    by_place: dict[tuple[str, int], list[str]] = {}
    for unit in problem.units:
        by_place.setdefault((unit.building, unit.floor), []).append(unit.code)
    for (building, floor), units in by_place.items():
        above = by_place.get((building, floor + 1 if floor != -1 else 1), [])
        yield from ((one, other) for one in units for other in above)
