"""Small named rounds."""

import datetime as dt
from typing import Any

from bihuan.engines.routing import Person, RoutingParams, RoutingProblem, RoutingResult, Visit

MONDAY, TUESDAY, WEDNESDAY = (dt.date(2026, 11, 30) + dt.timedelta(days=n) for n in range(3))
LAW = "law enforcement"
QUICK = RoutingParams(iterations_per_day=50)


def person(code: str, **changes: Any) -> Person:
    return Person(code=code, **changes)


def visit(code: str, minutes: float = 60.0, **changes: Any) -> Visit:
    """A visit one kilometre from the base unless placed."""
    return Visit(code=code, minutes=minutes, **({"x_m": 1000.0, "y_m": 0.0} | changes))


def problem(
    visits: list[Visit],
    people: list[Person] | None = None,
    days: tuple[dt.date, ...] = (MONDAY, TUESDAY),
    **changes: Any,
) -> RoutingProblem:
    """Two days and one ordinary person unless given."""
    return RoutingProblem(
        days=days,
        people=tuple(people or [person("p")]),
        visits=tuple(visits),
        **({"params": QUICK} | changes),
    )


def day_of(result: RoutingResult) -> dict[str, str]:
    return {a.visit: a.day for a in result.appointments}
