"""A synthetic zone of idle buildings from a seed: for tests of scale and benchmarks."""

import datetime as dt

import numpy as np

from bihuan.engines.path.problem import Kind, Measure, PathProblem, Space, Target, month_start

# kind → obstacle it cures, CNY per m², months, trade
RECIPES: dict[Kind, tuple[tuple[str, ...], float, int, str]] = {
    Kind.REPAIR: (("facilities",), 180.0, 4, "builders"),
    Kind.DIVIDE: (("layout",), 60.0, 2, "builders"),
    Kind.RAISE_POWER: (("power",), 90.0, 3, "electricians"),
    Kind.CLEAR_TITLE: (("title",), 25.0, 6, "office"),
    Kind.ACQUIRE: (("title", "dispute"), 900.0, 5, "office"),
    Kind.INCENTIVE: (("price",), 40.0, 1, "office"),
}
OBSTACLES = ("facilities", "layout", "power", "title", "dispute", "price")
LIKELY = np.array([0.5, 0.3, 0.3, 0.35, 0.08, 0.35])


def zone(buildings: int, months: int = 25, seed: int = 0) -> PathProblem:
    """Idle buildings with one to four obstacles each, six measures a building, two targets."""
    random = np.random.default_rng(seed)
    spaces, measures = [], []
    for number in range(buildings):
        code = f"B{number + 1:03}"
        idle_m2 = float(random.integers(10, 60) * 100)
        wrong = tuple(
            o for o, is_so in zip(OBSTACLES, random.random(6) < LIKELY, strict=True) if is_so
        )
        spaces.append(
            Space(
                code=f"{code}-idle",
                building=code,
                idle_m2=idle_m2,
                obstacles=wrong,
                uptake_m2_per_month=idle_m2 / 2,
            )
        )
        measures += _measures(random, code, idle_m2)
    idle = sum(space.idle_m2 for space in spaces)
    lettable = idle / 0.45
    start = dt.date(2026, 12, 1)
    goals = ((dt.date(2027, 9, 30), 0.70), (dt.date(2028, 12, 31), 0.90))
    last = month_start(start, months)
    return PathProblem(
        starts_on=start,
        months=months,
        lettable_m2=lettable,
        let_m2=0.55 * lettable,
        targets=tuple(Target(by=by, share=share) for by, share in goals if by < last),
        spaces=tuple(spaces),
        measures=tuple(measures),
        demand_m2_per_month=idle / 18,
        exits_m2_per_month=idle / 400,
        budget_cny_per_month=(idle * 250 / months,),
        crews={
            "builders": buildings // 5 + 1,
            "electricians": buildings // 10 + 1,
            "office": buildings // 4 + 1,
        },
    )


def _measures(random: np.random.Generator, code: str, idle_m2: float) -> list[Measure]:
    made = []
    for kind, (cures, rate, months, trade) in RECIPES.items():
        made.append(
            Measure(
                code=f"{code}-{kind.value}",
                building=code,
                kind=kind,
                cost_cny=float(round(idle_m2 * rate * random.uniform(0.6, 1.6))),
                months=max(1, months + int(random.integers(-1, 2))),
                cures=cures,
                after=(f"{code}-{Kind.DIVIDE.value}",)
                if kind is Kind.RAISE_POWER and random.random() < 0.3
                else (),
                crews={trade: 1},
            )
        )
    return made
