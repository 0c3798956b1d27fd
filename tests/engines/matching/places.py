"""Small named zones, and a plain judge of plans that shares no code with the engine."""

import datetime as dt
import itertools
from collections.abc import Iterator
from typing import Any

from bihuan.engines.matching import (
    Building,
    FireClass,
    MatchingProblem,
    MatchingResult,
    Need,
    Placement,
    Resource,
    Unit,
    Utility,
)

STARTS, ENDS = dt.date(2027, 1, 1), dt.date(2028, 1, 1)


def building(code: str, **changes: Any) -> Building:
    """A three-storey plant for class 丙 with every paper in order."""
    known: dict[str, Any] = {
        "storeys": 3,
        "height_m": 16.0,
        "fire_class": FireClass.BING,
        "fire_resistance": 2,
        "has_sprinklers": False,
        "has_title": True,
        "is_fire_accepted": True,
        "industries": (),
        "x_m": 0.0,
        "y_m": 0.0,
    }
    return Building(code=code, **(known | changes))


def unit(building: str, floor: int, area_m2: float = 1000.0, **changes: Any) -> Unit:
    """A surveyed floor."""
    known: dict[str, Any] = {
        "clear_height_m": 4.0,
        "storey_height_m": 4.8,
        "live_load_kn_per_m2": 10.0,
        "column_spacing_m": 9.0,
        "freight_lift_t": 3.0,
        "dock_doors": 1,
        "compartment_m2": area_m2,
        "rent_cny_per_m2_month": 12.0,
    }
    return Unit(
        code=f"{building}{floor}",
        building=building,
        floor=floor,
        area_m2=area_m2,
        **(known | changes),
    )


def need(code: str, area_min_m2: float = 1000.0, **changes: Any) -> Need:
    return Need(code=code, area_min_m2=area_min_m2, **changes)


def problem(
    units: list[Unit], needs: list[Need], buildings: list[Building] | None = None, **changes: Any
) -> MatchingProblem:
    """A zone of these units; buildings are ordinary unless given."""
    codes = dict.fromkeys(u.building for u in units)
    return MatchingProblem(
        starts_on=STARTS,
        ends_on=ENDS,
        buildings=tuple(buildings or [building(code) for code in codes]),
        units=tuple(units),
        needs=tuple(needs),
        **changes,
    )


def power(spare: float | None, *buildings: str, code: str = "substation") -> Utility:
    return Utility(code=code, resource=Resource.POWER_KVA, buildings=buildings, spare=spare)


def faults(asked: MatchingProblem, result: MatchingResult) -> list[str]:
    """What is wrong with a plan, read straight from the problem."""
    return [
        *(f for placed in result.placements for f in _misplaced(asked, placed)),
        *(f for pair in itertools.combinations(result.placements, 2) for f in _clash(asked, *pair)),
        *(f for utility in asked.utilities for f in _overdrawn(asked, result, utility)),
    ]


def _misplaced(asked: MatchingProblem, placed: Placement) -> Iterator[str]:
    wanted = next(need for need in asked.needs if need.code == placed.need)
    units = [unit for unit in asked.units if unit.code in placed.units]
    if sum(u.area_m2 for u in units) < wanted.area_min_m2:
        yield f"{placed.need}: too small"
    if any((u.clear_height_m or 0) < (wanted.clear_height_m or 0) for u in units):
        yield f"{placed.need}: too low"
    if len({u.building for u in units}) > 1:
        yield f"{placed.need}: over two buildings"
    floors = sorted(u.floor for u in units)
    if floors != list(range(floors[0], floors[0] + len(floors))):
        yield f"{placed.need}: floors not adjacent"


def _clash(asked: MatchingProblem, one: Placement, other: Placement) -> Iterator[str]:
    by_need = {need.code: need for need in asked.needs}
    apart = (one.ends_on or "9999") <= other.starts_on or (other.ends_on or "9999") <= one.starts_on
    if set(one.units) & set(other.units) and not apart:
        yield f"{one.need} and {other.need} share a unit"
    for a, b in ((one, other), (other, one)):
        tags = set(by_need[a.need].emits) & set(by_need[b.need].sensitive_to)
        if a.building == b.building and tags:
            yield f"{a.need} beside {b.need}: {tags}"


def _overdrawn(asked: MatchingProblem, result: MatchingResult, utility: Utility) -> Iterator[str]:
    by_need = {need.code: need for need in asked.needs}
    for day in {p.starts_on for p in result.placements}:
        drawn = sum(
            by_need[p.need].draws.get(utility.resource, 0.0)
            for p in result.placements
            if p.building in utility.buildings and p.starts_on <= day < (p.ends_on or "9999")
        )
        if utility.spare is not None and drawn > utility.spare + 1e-6:
            yield f"{utility.code} over on {day}"


def best_by_hand(asked: MatchingProblem, fits: dict[str, list[tuple[str, ...]]]) -> float:
    """The most m² of needs that can be served, by trying every combination.

    For problems without dates, waste or distance: only units and utilities are shared.
    """
    building_of = {unit.code: unit.building for unit in asked.units}
    best = 0.0
    choices = [[None, *fits[need.code]] for need in asked.needs]
    for picked in itertools.product(*choices):
        taken = [unit for block in picked if block for unit in block]
        if len(taken) != len(set(taken)):
            continue
        if any(_drawn(asked, building_of, picked, u) > (u.spare or 0.0) for u in asked.utilities):
            continue
        pairs = zip(asked.needs, picked, strict=True)
        best = max(best, sum(n.priority * n.area_min_m2 for n, block in pairs if block))
    return best


def _drawn(
    asked: MatchingProblem,
    building_of: dict[str, str],
    picked: tuple[tuple[str, ...] | None, ...],
    utility: Utility,
) -> float:
    return sum(
        need.draws.get(utility.resource, 0.0)
        for need, block in zip(asked.needs, picked, strict=True)
        if block and building_of[block[0]] in utility.buildings
    )
