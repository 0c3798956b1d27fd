"""A synthetic round from a seed, for examples, tests of scale and benchmarks."""

import datetime as dt

import numpy as np

from bihuan.engines.routing.problem import Person, RoutingProblem, Session, Visit

FIRST = dt.date(2026, 11, 30)
SKILLS = ("hazardous chemicals", "fire", "special equipment", "construction")
LAW = "law enforcement"
MORNING = Session(starts=dt.time(8, 30), ends=dt.time(12))
AFTERNOON = Session(starts=dt.time(14), ends=dt.time(18))


def working_days(count: int) -> tuple[dt.date, ...]:
    """The first `count` Mondays to Fridays from FIRST on (no holidays: a synthetic calendar)."""
    days = (FIRST + dt.timedelta(days=n) for n in range(2 * count + 7))
    return tuple([day for day in days if day.weekday() < 5][:count])


def campaign(visits: int, people: int, days: int, seed: int = 0) -> RoutingProblem:
    """Enterprises in clusters over a zone of about 12 km, a fifth of them visited in pairs."""
    random = np.random.default_rng(seed)
    centres = random.uniform(-6000, 6000, (12, 2))
    dates = working_days(days)
    return RoutingProblem(
        days=dates,
        people=tuple(_person(random, number) for number in range(people)),
        visits=tuple(_visit(random, number, centres, dates) for number in range(visits)),
    )


def _person(random: np.random.Generator, number: int) -> Person:
    return Person(
        code=f"P{number + 1:02}",
        skills=tuple(skill for skill in SKILLS if random.random() < 0.5),
        certificates=(LAW,) if number % 2 == 0 else (),
    )


def _visit(
    random: np.random.Generator, number: int, centres: np.ndarray, dates: tuple[dt.date, ...]
) -> Visit:
    x, y = centres[random.integers(len(centres))] + random.normal(0, 700, 2)
    for_two, narrow, urgent = random.random(3) < (0.2, 0.15, 0.1)
    return Visit(
        code=f"E{number + 1:04}",
        x_m=float(round(x)),
        y_m=float(round(y)),
        minutes=float(random.choice([30, 40, 60, 90], p=[0.4, 0.3, 0.2, 0.1])),
        people=2 if for_two else 1,
        certificate=LAW if for_two else None,
        skill=str(random.choice(SKILLS)) if random.random() < 0.15 else None,
        opens=(MORNING,) if narrow else (),
        deadline=dates[len(dates) // 2] if urgent else None,
    )
