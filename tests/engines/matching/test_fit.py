"""Three-valued fit, block by block; and the table of fire compartments, cell by cell."""

import datetime as dt
from typing import Any

import pytest

from bihuan.engines.matching import FireClass, MatchingParams, Need, Resource, Unit, Verdict
from bihuan.engines.matching.blocks import Space
from bihuan.engines.matching.fire import FireTable
from bihuan.engines.matching.fit import Fitter
from tests.engines.matching.places import building, need, power, problem, unit

FITS, UNKNOWN, FAILS = Verdict.FITS, Verdict.UNKNOWN, Verdict.FAILS
TODAY = dt.date(2027, 1, 1)
LOAD, RENT = "live_load_kn_per_m2", "rent_cny_per_m2_month"
RENT_MAX = "rent_max_cny_per_m2_month"


def fitter(units: list[Unit], **changes: Any) -> Fitter:
    asked = problem(units, [], **changes)
    return Fitter(Space(asked, FireTable.on(TODAY), 6), MatchingParams())


@pytest.mark.parametrize(
    ("floor", "wanted", "name", "verdict"),
    [
        ({"clear_height_m": 4.0}, {"clear_height_m": 4.0}, "clear_height_m", FITS),
        ({"clear_height_m": 3.9}, {"clear_height_m": 4.0}, "clear_height_m", FAILS),
        ({"clear_height_m": None}, {"clear_height_m": 4.0}, "clear_height_m", UNKNOWN),
        ({LOAD: 7.5}, {LOAD: 10}, LOAD, FAILS),
        ({"freight_lift_t": None}, {"freight_lift_t": 2}, "freight_lift_t", UNKNOWN),
        ({"freight_lift_t": 0}, {"freight_lift_t": 2}, "freight_lift_t", FAILS),
        ({"dock_doors": None}, {"dock_doors": 1}, "dock_doors", UNKNOWN),
        ({RENT: 15}, {RENT_MAX: 14}, RENT_MAX, FAILS),
        ({RENT: None}, {RENT_MAX: 14}, RENT_MAX, UNKNOWN),
        ({"cranes_surveyed": True}, {"crane_t": 5}, "crane_t", FAILS),
        ({"cranes_surveyed": False}, {"crane_t": 5}, "crane_t", UNKNOWN),
        ({}, {"floor_max": 1}, "floor_max", FAILS),
    ],
)
def test_one_field(
    floor: dict[str, Any], wanted: dict[str, Any], name: str, verdict: Verdict
) -> None:
    compared = fitter([unit("A", 2, **floor)]).explain(need("n", **wanted), ["A2"])
    assert compared[name] is verdict


def test_in_a_block_a_known_low_floor_fails_whatever_the_unknown_one() -> None:
    space = fitter([unit("A", 1, clear_height_m=3.0), unit("A", 2, clear_height_m=None)])
    assert space.explain(need("n", clear_height_m=4.0), ["A1", "A2"])["clear_height_m"] is FAILS
    assert space.explain(need("n", clear_height_m=2.5), ["A1", "A2"])["clear_height_m"] is UNKNOWN


def test_a_building_without_a_known_supply_is_unknown() -> None:
    wants = need("n", draws={Resource.POWER_KVA: 100.0})
    name = Resource.POWER_KVA.value
    assert fitter([unit("A", 1)]).explain(wants, ["A1"])[name] is UNKNOWN
    for spare, verdict in ((None, UNKNOWN), (100.0, FITS), (99.0, FAILS)):
        supplied = fitter([unit("A", 1)], utilities=(power(spare, "A"),))
        assert supplied.explain(wants, ["A1"])[name] is verdict


def test_industry_and_papers() -> None:
    papers = building("A", industries=("14",), has_title=None, is_fire_accepted=False)
    compared = fitter([unit("A", 1)], buildings=[papers]).explain(
        Need(code="n", area_min_m2=1000.0, industry="1411", needs_title=True), ["A1"]
    )
    assert compared["industry"] is FITS
    assert compared["needs_title"] is UNKNOWN
    assert compared["is_fire_accepted"] is FAILS


# GB 50016-2014 (2018) table 3.3.1: single, multi, high-rise, basement; 0 no limit, -1 never
TABLE = {
    "甲1": (4000, 3000, -1, -1),
    "甲2": (3000, 2000, -1, -1),
    "乙1": (5000, 4000, 2000, -1),
    "乙2": (4000, 3000, 1500, -1),
    "丙1": (0, 6000, 3000, 500),
    "丙2": (8000, 4000, 2000, 500),
    "丙3": (3000, 2000, -1, -1),
    "丁1": (0, 0, 4000, 1000),
    "丁2": (0, 0, 4000, 1000),
    "丁3": (4000, 2000, -1, -1),
    "丁4": (1000, -1, -1, -1),
    "戊1": (0, 0, 6000, 1000),
    "戊2": (0, 0, 6000, 1000),
    "戊3": (5000, 3000, -1, -1),
    "戊4": (1500, -1, -1, -1),
}
PLACES = ((1, 10.0, 1), (3, 16.0, 2), (6, 30.0, 2), (3, 16.0, -1))  # storeys, height, floor


@pytest.mark.parametrize("key", TABLE)
def test_fire_table(key: str) -> None:
    """At the limit it fits, one m² more fails; a dash always fails."""
    fire_class, resistance = FireClass(key[0]), int(key[1])
    table = FireTable.on(TODAY)
    most = table.limits[key]["storeys_max"]
    for limit, (storeys, height_m, floor) in zip(TABLE[key], PLACES, strict=True):
        if most and storeys > most:
            continue
        plant = building(
            "A",
            storeys=storeys,
            height_m=height_m,
            fire_class=fire_class,
            fire_resistance=resistance,
        )
        sizes = (float(limit), limit + 1.0) if limit > 0 else (1.0, 90_000.0)
        at, above = (
            table.verdict(plant, unit("A", floor, compartment_m2=m2), fire_class) for m2 in sizes
        )
        wanted = {-1: (FAILS, FAILS), 0: (FITS, FITS)}.get(limit, (FITS, FAILS))
        assert (at, above) == wanted


def test_fire_unknowns_and_ceilings() -> None:
    table = FireTable.on(TODAY)
    floor = unit("A", 2)
    tall = building("A", storeys=7, fire_class=FireClass.YI)
    assert table.verdict(building("A", fire_class=None), floor, FireClass.DING) is UNKNOWN
    assert table.verdict(building("A", fire_class=FireClass.DING), floor, FireClass.BING) is FAILS
    assert table.verdict(building("A", height_m=None), floor, FireClass.BING) is UNKNOWN
    assert table.verdict(tall, floor, FireClass.YI) is FAILS


def test_sprinklers_only_where_the_parameter_allows() -> None:
    plant, large = building("A", has_sprinklers=True), unit("A", 2, compartment_m2=7000.0)
    assert FireTable.on(TODAY).verdict(plant, large, FireClass.BING) is FAILS
    enlarged = FireTable.on(TODAY, sprinklers_enlarge=True)
    assert enlarged.verdict(plant, large, FireClass.BING) is FITS
    assert enlarged.verdict(building("A", has_sprinklers=None), large, FireClass.BING) is UNKNOWN
