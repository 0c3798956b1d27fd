"""Bad rounds are refused by the name of their field."""

import datetime as dt
from typing import Any

import pytest

from bihuan.engines import wire
from bihuan.engines.routing import RoutingProblem
from bihuan.engines.routing.generate import campaign
from bihuan.engines.shape import BadProblem

VISIT: dict[str, Any] = {"code": "v", "x_m": 1000.0, "y_m": 0.0, "minutes": 60.0}
GOOD: dict[str, Any] = {
    "days": ["2026-11-30", "2026-12-01"],
    "people": [{"code": "p"}],
    "visits": [VISIT],
}


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"days": ["2026-12-01", "2026-11-30"]}, "days", "in order"),
        ({"people": [{"code": "p"}, {"code": "p"}]}, "people", "2 times"),
        ({"visits": [VISIT | {"minutes": -5.0}]}, "visits[0].minutes", "above"),
        ({"visits": [VISIT | {"people": 3}]}, "visits[0].people", "at most"),
        ({"visits": [VISIT | {"x_m": None}]}, "visits[0].x_m", "no place"),
        # 60 km away: two hours out, two hours back
        ({"visits": [VISIT | {"x_m": 60_000.0}]}, "visits[0]", "cannot be reached"),
        ({"visits": [VISIT | {"minutes": 300.0}]}, "visits[0]", "longest session"),
        (
            {"visits": [VISIT | {"opens": [{"starts": "09:00:00", "ends": "09:30:00"}]}]},
            "visits[0].opens",
            "longest span is 30 min",
        ),
        (  # open at lunch time only
            {"visits": [VISIT | {"opens": [{"starts": "11:10:00", "ends": "14:50:00"}]}]},
            "visits[0].opens",
            "no opening leaves 60 min within a session",
        ),
        (
            {"visits": [VISIT | {"earliest": "2026-12-01", "deadline": "2026-11-30"}]},
            "visits[0].deadline",
            "before earliest",
        ),
        (
            {
                "visits": [
                    VISIT
                    | {
                        "promise": {
                            "day": "2027-01-01",
                            "earliest": "09:00:00",
                            "latest": "09:00:00",
                        }
                    }
                ]
            },
            "visits[0].promise.day",
            "not a day of the plan",
        ),
        ({"travel_minutes": [[0.0, 5.0], [float("inf"), 0.0]]}, "travel_minutes[1][0]", "no way"),
        ({"travel_minutes": [[0.0]]}, "travel_minutes", "2 × 2"),
        ({"sessions": []}, "sessions", "one"),
    ],
)
def test_refused(change: dict[str, Any], field: str, says: str) -> None:
    with pytest.raises(BadProblem) as refused:
        wire.read(RoutingProblem, GOOD | change)
    assert refused.value.field == field
    assert says in str(refused.value)


def test_a_problem_survives_being_written() -> None:
    asked = campaign(5, 2, 2)
    assert wire.read(RoutingProblem, wire.plain(asked)) == asked
    assert wire.read(RoutingProblem, GOOD).days[0] == dt.date(2026, 11, 30)
