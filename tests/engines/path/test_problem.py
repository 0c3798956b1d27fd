"""Bad paths are refused by the name of their field."""

import datetime as dt
from typing import Any

import pytest

from bihuan.engines import wire
from bihuan.engines.path import PathProblem
from bihuan.engines.path.generate import zone
from bihuan.engines.shape import BadProblem

SPACE: dict[str, Any] = {
    "code": "A",
    "building": "A",
    "idle_m2": 500.0,
    "uptake_m2_per_month": 100.0,
}
WORK: dict[str, Any] = {
    "code": "fix",
    "building": "A",
    "kind": "repair",
    "cost_cny": 1.0,
    "months": 1,
}
GOOD: dict[str, Any] = {
    "starts_on": "2027-01-01",
    "months": 12,
    "lettable_m2": 1000.0,
    "let_m2": 500.0,
    "targets": [{"by": "2027-06-30", "share": 0.75}],
    "spaces": [SPACE],
    "measures": [WORK],
    "demand_m2_per_month": 100.0,
    "budget_cny_per_month": [100.0],
}


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"starts_on": "2027-01-15"}, "starts_on", "first of a month"),
        ({"let_m2": 800.0}, "lettable_m2", "add up to 1300"),
        ({"targets": [{"by": "2027-06-30", "share": 75.0}]}, "targets[0].share", "0.75"),
        ({"targets": [{"by": "2030-06-30", "share": 0.75}]}, "targets[0].by", "outside the plan"),
        ({"budget_cny_per_month": [1.0, 2.0]}, "budget_cny_per_month", "1 or 12"),
        ({"measures": [WORK | {"after": ["x"]}]}, "measures[0].after", "does not exist"),
        ({"measures": [WORK | {"crews": {"x": 1}}]}, "measures[0].crews.x", "no such trade"),
        ({"measures": [WORK | {"after": ["fix"]}]}, "measures.after", "circle"),
        ({"measures": [WORK, WORK]}, "measures", "2 times"),
        ({"measures": [WORK | {"kind": "demolish"}]}, "measures[0].kind", "one of"),
        ({"demand_m2_per_month": float("nan")}, "demand_m2_per_month", "finite"),
    ],
)
def test_refused(change: dict[str, Any], field: str, says: str) -> None:
    with pytest.raises(BadProblem) as refused:
        wire.read(PathProblem, GOOD | change)
    assert refused.value.field == field
    assert says in str(refused.value)


def test_a_problem_survives_being_written() -> None:
    asked = zone(3)
    assert wire.read(PathProblem, wire.plain(asked)) == asked
    assert wire.read(PathProblem, GOOD).starts_on == dt.date(2027, 1, 1)
