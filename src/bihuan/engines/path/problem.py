"""What the path is asked: idle space and its obstacles, measures that cure them, and limits.

A *space* is idle floor area which can be let once every one of its obstacles is cured. A
*measure* costs money, takes months and crews, and cures obstacles of its building. Two
measures may cure the same obstacle (clear the title, or acquire): one suffices.
"""

import datetime as dt
import graphlib
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

from bihuan.engines.problem import Problem, quantity
from bihuan.engines.shape import BadProblem, Words

AREA_TOLERANCE = 0.005  # measured areas are rounded


class Kind(StrEnum):
    """Sorts of measures; they differ in what they cure, not in how they are computed."""

    REPAIR = "repair"
    DIVIDE = "divide"
    RAISE_POWER = "raise_power"
    CLEAR_TITLE = "clear_title"
    ACQUIRE = "acquire"
    INCENTIVE = "incentive"


KIND_WORDS = {
    Kind.REPAIR: Words("repair", "改造提升"),
    Kind.DIVIDE: Words("divide", "分割"),
    Kind.RAISE_POWER: Words("raise power", "电力增容"),
    Kind.CLEAR_TITLE: Words("clear title", "完善手续"),
    Kind.ACQUIRE: Words("acquire", "收储"),
    Kind.INCENTIVE: Words("incentive", "政策激励"),
}


@dataclass(frozen=True, kw_only=True)
class Space(Problem):
    """Idle area of one building that is let as one market."""

    code: str
    building: str
    idle_m2: float = quantity("idle lettable area", "m²", above=0, high=1e6)
    obstacles: tuple[str, ...] = quantity("all must be cured before letting", default=())
    uptake_m2_per_month: float = quantity(
        "fastest letting once open", "m²/month", above=0, high=1e6
    )


@dataclass(frozen=True, kw_only=True)
class Measure(Problem):
    """Something that can be done to a building, once."""

    code: str
    building: str
    kind: Kind
    cost_cny: float = quantity("in all", "CNY", low=0, high=1e11)
    months: int = quantity("from start to effect", "months", low=0, high=120)
    cures: tuple[str, ...] = quantity("obstacles of its building", default=())
    adds_demand_m2_per_month: float = quantity(
        "to the whole zone, once in effect", "m²/month", low=0, default=0.0
    )
    after: tuple[str, ...] = quantity(
        "measures that must be in effect before it starts", default=()
    )
    crews: dict[str, int] = quantity(
        "crews of each trade it holds while it runs", default_factory=dict
    )
    starts_earliest: dt.date | None = quantity("first month it may start in", default=None)


@dataclass(frozen=True, kw_only=True)
class Target(Problem):
    """A share of the lettable area let by the end of the month in which `by` lies."""

    by: dt.date
    share: float = quantity(
        "let over lettable", "1", above=0, high=1, hint=Words("75 % is 0.75", "75 % 写作 0.75")
    )


@dataclass(frozen=True, kw_only=True)
class PathParams(Problem):
    """How the path is sought."""

    finds_relief: bool = quantity(
        "compute what is missing where targets cannot be met", default=True
    )
    finds_second_best: bool = quantity("also price the next best set of measures", default=True)


@dataclass(frozen=True, kw_only=True)
class PathProblem(Problem):
    """The zone from `starts_on` (a month's first day), month by month.

    The denominator `lettable_m2` is fixed: a target cannot be met by defining space away.
    `exits_m2_per_month` leave each month; what they leave can be let again, within demand.
    """

    starts_on: dt.date
    months: int = quantity("length of the plan", "months", low=1, high=240)
    lettable_m2: float = quantity("the fixed denominator", "m²", above=0, high=1e8)
    let_m2: float = quantity("let on the first day", "m²", low=0, high=1e8)
    targets: tuple[Target, ...]
    spaces: tuple[Space, ...]
    measures: tuple[Measure, ...] = quantity("what can be done", default=())
    demand_m2_per_month: float = quantity(
        "new lettings the market takes", "m²/month", low=0, high=1e7
    )
    exits_m2_per_month: float = quantity(
        "expected to leave", "m²/month", low=0, high=1e7, default=0.0
    )
    budget_cny_per_month: tuple[float, ...] = quantity(
        "one number, or one a month", "CNY", low=0, high=1e11
    )
    budget_carries_over: bool = quantity("unspent money stays", default=True)
    crews: dict[str, int] = quantity("crews there are, by trade", default_factory=dict)
    params: PathParams = quantity("how to search", default_factory=PathParams)

    def check(self) -> None:
        if self.starts_on.day != 1:
            raise BadProblem("starts_on", Words("must be the first of a month", "必须是某月 1 日"))
        if len(self.budget_cny_per_month) not in (1, self.months):
            raise BadProblem(
                "budget_cny_per_month",
                Words(f"must hold 1 or {self.months} numbers", f"必须为 1 个或 {self.months} 个数"),
            )
        for name in ("spaces", "measures"):
            for code, count in Counter(item.code for item in getattr(self, name)).items():
                if count > 1:
                    raise BadProblem(
                        name, Words(f"{code!r} is given {count} times", f"{code!r} 出现 {count} 次")
                    )
        self._check_areas()
        self._check_targets()
        self._check_measures()

    def _check_areas(self) -> None:
        total = self.let_m2 + sum(space.idle_m2 for space in self.spaces)
        if total > self.lettable_m2 * (1 + AREA_TOLERANCE):
            raise BadProblem(
                "lettable_m2",
                Words(
                    f"is {self.lettable_m2:g} m², but let and idle areas add up to {total:g} m²",
                    f"为 {self.lettable_m2:g} m²，但已出租与闲置面积合计 {total:g} m²",
                ),
            )

    def _check_targets(self) -> None:
        last = month_start(self.starts_on, self.months)
        for number, target in enumerate(self.targets):
            if not self.starts_on <= target.by < last:
                raise BadProblem(
                    f"targets[{number}].by",
                    Words(
                        f"{target.by} is outside the plan {self.starts_on} – {last}",
                        f"{target.by} 不在计划期 {self.starts_on} – {last} 内",
                    ),
                )

    def _check_measures(self) -> None:
        known = {measure.code for measure in self.measures}
        for number, measure in enumerate(self.measures):
            for code in measure.after:
                if code not in known:
                    raise BadProblem(
                        f"measures[{number}].after",
                        Words(f"{code!r} does not exist", f"{code!r} 不存在"),
                    )
            for trade in measure.crews:
                if trade not in self.crews:
                    raise BadProblem(
                        f"measures[{number}].crews.{trade}",
                        Words("no such trade in crews", "crews 中没有该工种"),
                    )
        circle = _circle({m.code: m.after for m in self.measures})
        if circle:
            said = " → ".join(circle)
            raise BadProblem(
                "measures.after", Words(f"goes in a circle: {said}", f"前后关系成环：{said}")
            )

    def budget_of(self, month: int) -> float:
        budget = self.budget_cny_per_month
        return budget[month] if len(budget) > 1 else budget[0]

    def month_of(self, day: dt.date) -> int:
        """Position of the month in which a day lies."""
        return (day.year - self.starts_on.year) * 12 + day.month - self.starts_on.month


def month_start(first: dt.date, months: int) -> dt.date:
    """The first day of the month `months` later."""
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return dt.date(year, month + 1, 1)


def _circle(after: dict[str, tuple[str, ...]]) -> list[str]:
    """Measures that wait for each other, or nothing."""
    try:
        graphlib.TopologicalSorter(after).prepare()
    except graphlib.CycleError as problem:
        return list(problem.args[1])
    return []
