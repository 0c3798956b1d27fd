"""Which blocks serve a need, and why the others do not.

Every criterion compares one field of the need with one figure of the block and answers
fits, fails or unknown. The verdict of a block is the worst of its criteria: a single
failure fails it, and it is unknown where nothing fails but something was not surveyed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from bihuan.engines.matching.blocks import Space, three_valued
from bihuan.engines.matching.params import MatchingParams
from bihuan.engines.matching.problem import Building, Need
from bihuan.engines.matching.vocabulary import RESOURCE_WORDS, Resource, Verdict
from bihuan.engines.shape import Words

Verdicts = np.ndarray[Any, Any]
Test = Callable[["Fitter", Need], "Verdicts | None"]


@dataclass(frozen=True)
class Criterion:
    """One comparison. `test` gives a verdict per block, or None where the need does not ask."""

    name: str
    words: Words
    test: Test


class Fitter:
    """Compares needs with the blocks of a space."""

    def __init__(self, space: Space, params: MatchingParams) -> None:
        self.space = space
        self.params = params
        self._supplied = {resource: self._supply(resource) for resource in Resource}
        buildings = space.problem.buildings
        self._title = three_valued([b.has_title for b in buildings])[space.building_of]
        self._accepted = three_valued([b.is_fire_accepted for b in buildings])[space.building_of]
        self._places = np.array([[_nan(b.x_m), _nan(b.y_m)] for b in buildings]).reshape(-1, 2)

    def verdicts(self, need: Need) -> dict[str, np.ndarray]:
        """The verdict of every criterion the need asks for, over all blocks."""
        asked = {criterion.name: criterion.test(self, need) for criterion in CRITERIA}
        return {name: verdict for name, verdict in asked.items() if verdict is not None}

    def overall(self, verdicts: dict[str, np.ndarray]) -> np.ndarray:
        """The verdict of every block: the worst of its criteria."""
        worst: np.ndarray = np.min(np.vstack(list(verdicts.values())), axis=0)
        return worst

    def explain(self, need: Need, units: Iterable[str]) -> dict[str, Verdict]:
        """The verdict of each criterion on one block: the answer to "why not this one?"."""
        key = tuple(sorted(self.space.unit_at[code] for code in units))
        block = self.space.block_at[key]
        return {name: Verdict(v[block]) for name, v in self.verdicts(need).items()}

    # --- the comparisons -----------------------------------------------------------------

    def largest_m2(self, need: Need) -> float:
        """The largest block the need would take: as it says, or by the general allowance."""
        if need.area_max_m2 is not None:
            return need.area_max_m2
        return need.area_min_m2 * self.params.oversize_factor

    def area(self, need: Need) -> np.ndarray:
        area = self.space.area_m2
        inside = (area >= need.area_min_m2 - 1e-6) & (area <= self.largest_m2(need) + 1e-6)
        return np.where(inside, Verdict.FITS, Verdict.FAILS)

    def floor(self, need: Need) -> np.ndarray | None:
        if need.floor_max is None:
            return None
        return np.where(self.space.top_floor <= need.floor_max, Verdict.FITS, Verdict.FAILS)

    def title(self, need: Need) -> np.ndarray | None:
        return self._title if need.needs_title else None

    def acceptance(self, _: Need) -> np.ndarray | None:
        """No use before fire acceptance (消防法 art. 13)."""
        return self._accepted if self.params.requires_fire_acceptance else None

    def industry(self, need: Need) -> np.ndarray | None:
        if need.industry is None:
            return None
        code = need.industry
        allowed = three_valued([_permits(b, code) for b in self.space.problem.buildings])
        return self._of_blocks(allowed)

    def distance(self, need: Need) -> np.ndarray | None:
        if need.near is None or need.near_within_m is None:
            return None
        metres = self.distance_m(self.space.building_at[need.near])
        verdict = np.where(metres <= need.near_within_m, Verdict.FITS, Verdict.FAILS)
        return self._of_blocks(np.where(np.isnan(metres), Verdict.UNKNOWN, verdict))

    def distance_m(self, building: int) -> np.ndarray:
        """Straight-line distance of every building from one; NaN where a place is unknown."""
        metres: np.ndarray = np.hypot(*(self._places - self._places[building]).T)
        metres[building] = 0.0
        return metres

    def crane(self, need: Need) -> np.ndarray | None:
        """A crane strong and high enough over one of the block's units."""
        if need.crane_t is None:
            return None
        space, serves = self.space, self.serving_cranes(need)
        by_unit = np.zeros(len(space.problem.units), dtype=np.int8)
        for unit, item in enumerate(space.problem.units):
            by_unit[unit] = Verdict.FAILS if item.cranes_surveyed else Verdict.UNKNOWN
        for crane, verdict in serves.items():
            for code in space.problem.cranes[crane].units:
                unit = space.unit_at[code]
                by_unit[unit] = max(by_unit[unit], verdict)
        return space.best_of_units(by_unit)

    def serving_cranes(self, need: Need) -> dict[int, Verdict]:
        """The cranes that can (or may) do the need's lifts."""
        found = {}
        for i, crane in enumerate(self.space.problem.cranes):
            if need.crane_t is None or crane.capacity_t < need.crane_t:
                continue
            if crane.hours_per_day < need.crane_hours_per_day:
                continue
            if need.crane_hook_m is None:
                found[i] = Verdict.FITS
            elif crane.hook_height_m is None:
                found[i] = Verdict.UNKNOWN
            elif crane.hook_height_m >= need.crane_hook_m:
                found[i] = Verdict.FITS
        return found

    def draw(self, need: Need, resource: Resource) -> np.ndarray | None:
        """Whether the utilities of the block's building could carry this need alone."""
        wanted = need.draws.get(resource, 0.0)
        if wanted <= 0:
            return None
        spare, unknown = self._supplied[resource]
        verdict = np.where(spare >= wanted - 1e-9, Verdict.FITS, Verdict.FAILS)
        verdict = np.where(unknown & (verdict == Verdict.FITS), Verdict.UNKNOWN, verdict)
        return self._of_blocks(verdict)

    def _of_blocks(self, by_building: Verdicts) -> Verdicts:
        verdicts: Verdicts = by_building[self.space.building_of]
        return verdicts

    def _supply(self, resource: Resource) -> tuple[np.ndarray, np.ndarray]:
        """Least known spare of the utilities feeding each building, and where one is unknown."""
        count = len(self.space.problem.buildings)
        spare, feeds, unknown = np.full(count, np.inf), np.zeros(count, bool), np.zeros(count, bool)
        for utility in self.space.problem.utilities:
            if utility.resource is not resource:
                continue
            at = [self.space.building_at[code] for code in utility.buildings]
            feeds[at] = True
            if utility.spare is None:
                unknown[at] = True
            else:
                spare[at] = np.minimum(spare[at], utility.spare)
        return spare, unknown | ~feeds


def _nan(value: float | None) -> float:
    return float("nan") if value is None else value


def _permits(building: Building, industry: str) -> bool | None:
    """Whether the zone plan permits this industry in the building; an empty list permits all."""
    if building.industries is None:
        return None
    return not building.industries or industry.startswith(building.industries)


def _at_least(field: str) -> Test:
    def test(fitter: Fitter, need: Need) -> np.ndarray | None:
        wanted = getattr(need, field)
        if wanted is None:
            return None
        verdict: np.ndarray = getattr(fitter.space, field).at_least(wanted)
        return verdict

    return test


def _rent(fitter: Fitter, need: Need) -> np.ndarray | None:
    most = need.rent_max_cny_per_m2_month
    return None if most is None else fitter.space.rent_cny_per_m2_month.at_most(most)


def _docks(fitter: Fitter, need: Need) -> np.ndarray | None:
    return None if need.dock_doors is None else fitter.space.dock_doors.sums_to(need.dock_doors)


def _draws(resource: Resource) -> Test:
    return lambda fitter, need: fitter.draw(need, resource)


CRITERIA: tuple[Criterion, ...] = (
    Criterion("area_m2", Words("area", "面积"), Fitter.area),
    Criterion("clear_height_m", Words("clear height", "净高"), _at_least("clear_height_m")),
    Criterion(
        "live_load_kn_per_m2", Words("floor load", "楼面荷载"), _at_least("live_load_kn_per_m2")
    ),
    Criterion("column_spacing_m", Words("column spacing", "柱距"), _at_least("column_spacing_m")),
    Criterion("floor_max", Words("storey", "楼层"), Fitter.floor),
    Criterion("freight_lift_t", Words("freight lift", "货梯"), _at_least("freight_lift_t")),
    Criterion("dock_doors", Words("dock doors", "装卸口"), _docks),
    Criterion("crane_t", Words("crane", "行车"), Fitter.crane),
    Criterion(
        "fire_class",
        Words("fire class and compartment", "火灾危险性类别与防火分区"),
        lambda fitter, need: fitter.space.fire_verdict(need.fire_class),
    ),
    Criterion("industry", Words("industry permitted", "准入产业"), Fitter.industry),
    Criterion("needs_title", Words("property certificate", "不动产权证"), Fitter.title),
    Criterion("is_fire_accepted", Words("fire acceptance", "消防验收或备案"), Fitter.acceptance),
    Criterion("rent_max_cny_per_m2_month", Words("rent", "租金"), _rent),
    Criterion(
        "near_within_m", Words("distance to the chain leader", "与链主距离"), Fitter.distance
    ),
    *(Criterion(r.value, RESOURCE_WORDS[r], _draws(r)) for r in Resource),
)

CRITERION_WORDS = {criterion.name: criterion.words for criterion in CRITERIA}
