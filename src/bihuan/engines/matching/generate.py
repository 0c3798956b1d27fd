"""A synthetic zone from a seed: for examples, tests of scale and benchmarks. Not a real place.

Sizes, loads and heights follow what the market offers (ground floors 10-30 kN/m², upper
floors 5-10 kN/m²; confidence C), so that every criterion binds for some needs.
"""

import datetime as dt

import numpy as np

from bihuan.engines.matching.problem import (
    Affinity,
    Building,
    Crane,
    MatchingProblem,
    Need,
    Unit,
    Utility,
)
from bihuan.engines.matching.vocabulary import FireClass, Resource

PLAN = (dt.date(2027, 1, 1), dt.date(2028, 12, 31))
CLASSES = (FireClass.YI, FireClass.BING, FireClass.DING, FireClass.WU)


def zone(units: int, needs: int, seed: int = 0, *, unknown_share: float = 0.05) -> MatchingProblem:
    """A zone with about `units` floors and exactly `needs` needs."""
    random = np.random.default_rng(seed)
    buildings: list[Building] = []
    floors: list[Unit] = []
    cranes: list[Crane] = []
    while len(floors) < units:
        building, own = _building(random, len(buildings), unknown_share, units - len(floors))
        buildings.append(building)
        floors += own
        if building.storeys == 1 or random.random() < 0.3:
            cranes.append(_crane(random, len(cranes), own[0]))
    queue = tuple(_need(random, i) for i in range(needs))
    return MatchingProblem(
        starts_on=PLAN[0],
        ends_on=PLAN[1],
        buildings=tuple(buildings),
        units=tuple(floors),
        needs=queue,
        utilities=tuple(_utilities(random, buildings)),
        cranes=tuple(cranes),
        affinities=tuple(_chains(random, queue)),
    )


def _building(
    random: np.random.Generator, number: int, unknown_share: float, at_most: int
) -> tuple[Building, list[Unit]]:
    storeys = min(int(random.choice([1, 3, 4, 5, 6], p=[0.2, 0.2, 0.3, 0.2, 0.1])), at_most)
    floor_m2 = float(random.integers(8, 40) * 100)
    code = f"B{number + 1:03}"
    cell = divmod(number, 12)
    units = [
        _unit(random, code, floor, floor_m2, storeys, unknown_share)
        for floor in range(1, storeys + 1)
    ]
    building = Building(
        code=code,
        lettable_m2=floor_m2 * storeys,
        x_m=120.0 * cell[1] + float(random.integers(0, 30)),
        y_m=90.0 * cell[0] + float(random.integers(0, 30)),
        storeys=storeys,
        height_m=5.0 * storeys + 2.0,
        fire_class=CLASSES[int(random.choice(4, p=[0.05, 0.6, 0.25, 0.1]))],
        fire_resistance=2,
        has_sprinklers=bool(random.random() < 0.4),
        has_title=bool(random.random() < 0.7),
        is_fire_accepted=None if random.random() < unknown_share else bool(random.random() < 0.85),
        industries=(),
    )
    return building, units


def _unit(
    random: np.random.Generator,
    building: str,
    floor: int,
    area_m2: float,
    storeys: int,
    unknown_share: float,
) -> Unit:
    storey_m = (
        (9.0 if storeys == 1 else 6.0) if floor == 1 else float(random.choice([4.2, 4.8, 5.4]))
    )
    load = float(random.choice([10, 15, 20, 30]) if floor == 1 else random.choice([5, 7.5, 10]))
    is_unknown = random.random() < unknown_share
    return Unit(
        code=f"{building}-{floor}F",
        building=building,
        floor=floor,
        area_m2=area_m2,
        storey_height_m=storey_m,
        clear_height_m=None if is_unknown else storey_m - 0.8,
        live_load_kn_per_m2=load,
        column_spacing_m=float(random.choice([8.0, 9.0, 12.0])),
        freight_lift_t=float(random.choice([0, 2, 3, 5], p=[0.1, 0.4, 0.3, 0.2])),
        dock_doors=int(random.integers(0, 5)) if floor == 1 else 0,
        compartment_m2=min(area_m2, 4000.0),
        rent_cny_per_m2_month=float(random.integers(8, 22)),
    )


def _crane(random: np.random.Generator, number: int, unit: Unit) -> Crane:
    return Crane(
        code=f"C{number + 1:03}",
        units=(unit.code,),
        capacity_t=float(random.choice([5, 10, 20, 32])),
        hook_height_m=max(2.0, (unit.storey_height_m or 6.0) - 1.5),
    )


def _need(random: np.random.Generator, number: int) -> Need:
    area = float(random.integers(6, 80) * 50)
    start = PLAN[0] + dt.timedelta(days=int(random.integers(0, 360)))
    heavy, dusty = random.random() < 0.15, random.random() < 0.08
    return Need(
        code=f"N{number + 1:04}",
        area_min_m2=area,
        area_max_m2=area * 1.5,
        priority=float(random.choice([1.0, 1.2, 1.5], p=[0.7, 0.2, 0.1])),
        starts_earliest=start,
        starts_latest=start + dt.timedelta(days=180),
        term_months=None if random.random() < 0.6 else int(random.choice([12, 36, 60])),
        clear_height_m=float(random.choice([3.0, 3.6, 4.5, 5.0])),
        live_load_kn_per_m2=float(random.choice([4, 5, 7.5, 10])),
        floor_max=int(random.choice([1, 2, 4])) if random.random() < 0.5 else None,
        freight_lift_t=float(random.choice([2, 3])) if random.random() < 0.4 else None,
        dock_doors=1 if random.random() < 0.1 else None,
        crane_t=float(random.choice([5, 10])) if heavy else None,
        fire_class=CLASSES[int(random.choice(4, p=[0.03, 0.4, 0.37, 0.2]))],
        needs_title=bool(random.random() < 0.2),
        rent_max_cny_per_m2_month=float(random.integers(10, 26)),
        draws={
            Resource.POWER_KVA: float(random.integers(20, 60)) * area / 1000,
            Resource.SEWAGE_M3_PER_DAY: float(random.integers(0, 12)),
        },
        emits=("dust",) if dusty else (),
        sensitive_to=("dust",) if not dusty and random.random() < 0.1 else (),
    )


def _utilities(random: np.random.Generator, buildings: list[Building]) -> list[Utility]:
    """A substation for six buildings, a sewer for twelve: both bind."""
    made = []
    for name, size, resource, low, high in (
        ("SUB", 6, Resource.POWER_KVA, 700, 1500),
        ("SEW", 12, Resource.SEWAGE_M3_PER_DAY, 80, 220),
    ):
        for number, start in enumerate(range(0, len(buildings), size)):
            made.append(
                Utility(
                    code=f"{name}{number + 1:02}",
                    resource=resource,
                    buildings=tuple(b.code for b in buildings[start : start + size]),
                    spare=float(random.integers(low, high)),
                )
            )
    return made


def _chains(random: np.random.Generator, needs: tuple[Need, ...]) -> list[Affinity]:
    count = len(needs) // 40
    pairs = random.permutation(len(needs))[: 2 * count].reshape(-1, 2)
    return [
        Affinity(first=needs[a].code, second=needs[b].code, within_m=150.0, bonus_m2=100.0)
        for a, b in pairs
    ]
