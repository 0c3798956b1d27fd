"""Bad input is refused by the name of its field."""

import copy
import datetime as dt
from typing import Any

import pytest

from bihuan.engines import wire
from bihuan.engines.matching import MatchingProblem
from bihuan.engines.matching.generate import zone
from bihuan.engines.shape import BadProblem

LET = {"starts_on": "2027-06-01", "why": "lease"}
GOOD: dict[str, Any] = {
    "starts_on": "2027-01-01",
    "ends_on": "2028-01-01",
    "buildings": [{"code": "A", "lettable_m2": 2000.0}, {"code": "B"}],
    "units": [
        {"code": "A1", "building": "A", "floor": 1, "area_m2": 1000.0, "live_load_kn_per_m2": 15.0},
        {"code": "A2", "building": "A", "floor": 2, "area_m2": 1000.0, "bookings": [LET]},
        {"code": "B1", "building": "B", "floor": 1, "area_m2": 1000.0},
    ],
    "needs": [{"code": "n", "area_min_m2": 1000.0}],
}


def written(path: str, value: Any) -> dict[str, Any]:
    """GOOD with one value changed."""
    data = copy.deepcopy(GOOD)
    *steps, last = path.split("/")
    at: Any = data
    for step in steps:
        at = at[int(step)] if step.isdigit() else at[step]
    at[int(last) if last.isdigit() else last] = value
    return data


def test_good_is_good() -> None:
    assert wire.read(MatchingProblem, GOOD).units[0].code == "A1"


@pytest.mark.parametrize(
    ("path", "value", "field", "says"),
    [
        # tonnes per m² for kilonewtons per m²
        ("units/0/live_load_kn_per_m2", 1.5, "units[0].live_load_kn_per_m2", "9.81"),
        ("needs/0/live_load_kn_per_m2", 0.75, "needs[0].live_load_kn_per_m2", "9.81"),
        ("units/0/area_m2", float("nan"), "units[0].area_m2", "finite"),
        ("units/0/area_m2", -5.0, "units[0].area_m2", "above"),
        ("units/0/area_m2", 900.0, "buildings[0].lettable_m2", "add up to 1900"),
        ("units/0/clear_height_m", "4 m", "units[0].clear_height_m", "a number"),
        ("units/0/floor", 0, "units[0].floor", "ground is 1"),
        ("units/0/building", "Z", "units[0].building", "does not exist"),
        ("units/1/code", "A1", "units", "given 2 times"),
        ("needs/0/starts_earliest", "2030-01-01", "needs[0].starts_earliest", "outside the plan"),
        ("needs/0/area_max_m2", 500.0, "needs[0].area_max_m2", "below area_min_m2"),
        ("needs/0/crane_hook_m", 5.0, "needs[0].crane_hook_m", "without crane_t"),
        ("needs/0/near_within_m", 5.0, "needs[0].near_within_m", "without near"),
        ("needs/0/sits_in", ["Z9"], "needs[0].sits_in", "does not exist"),
        (
            "needs",
            [{"code": "n", "area_min_m2": 100.0, "sits_in": ["A1", "B1"]}],
            "needs[0].sits_in",
            "two buildings",
        ),
        (
            "needs",
            [{"code": "n", "area_min_m2": 100.0, "sits_in": ["A2"]}],
            "needs[0].sits_in",
            "booked from 2027-06-01",
        ),
        ("needs/0/draws", {"power_kva": -1.0}, "needs[0].draws.power_kva", "at least 0"),
        ("needs/0/draws", {"power_kw": 1.0}, "needs[0].draws.power_kw", "must be one of"),
        ("needs/0/colour", "red", "needs[0].colour", "unknown"),
        ("ends_on", "2026-01-01", "ends_on", "after starts_on"),
    ],
)
def test_refused(path: str, value: Any, field: str, says: str) -> None:
    with pytest.raises(BadProblem) as refused:
        wire.read(MatchingProblem, written(path, value))
    assert refused.value.field == field
    assert says in str(refused.value)


def test_clear_height_above_storey_height_is_refused() -> None:
    floor = GOOD["units"][0] | {"clear_height_m": 5.0, "storey_height_m": 4.0}
    with pytest.raises(BadProblem, match="clear_height_m"):
        wire.read(MatchingProblem, written("units/0", floor))


def test_a_problem_survives_being_written() -> None:
    asked = zone(8, 8, 1)
    again = wire.read(MatchingProblem, wire.plain(asked))
    assert again == asked
    assert again.starts_on == dt.date(2027, 1, 1)
