"""What the path answers: what to start when, the share month by month, what is missing."""

from dataclasses import dataclass
from typing import ClassVar

from bihuan.engines.shape import Result, Table, Words


@dataclass(frozen=True, kw_only=True)
class Start:
    """One measure of the plan."""

    measure: str
    building: str
    kind: str
    starts_in: str
    effective_in: str
    cost_cny: float


@dataclass(frozen=True, kw_only=True)
class Month:
    """The zone at a month's end."""

    month: str
    spent_cny: float
    let_m2: float
    share: float


@dataclass(frozen=True, kw_only=True)
class Goal:
    """A target and how it is met."""

    by: str
    share: float
    reached_share: float
    short_m2: float

    @property
    def is_met(self) -> bool:
        return self.short_m2 <= 0.5


@dataclass(frozen=True, kw_only=True)
class PathResult(Result):
    """`value` is the cost in CNY of the cheapest plan that is nearest to the targets."""

    title: ClassVar[Words] = Words("Path to the letting targets", "入驻率目标路径")

    starts: tuple[Start, ...] = ()
    months: tuple[Month, ...] = ()
    goals: tuple[Goal, ...] = ()
    second_best_cny: float | None = None

    def lines(self) -> list[Words]:
        said = []
        for goal in self.goals:
            en = (
                "met"
                if goal.is_met
                else f"missed by {goal.short_m2:,.0f} m²: the nearest that can be"
            )
            zh = "达到" if goal.is_met else f"差 {goal.short_m2:,.0f} m²，已是最接近的方案"
            said.append(
                Words(
                    f"{goal.share:.1%} by {goal.by}: {goal.reached_share:.1%}, {en}",
                    f"{goal.by} 前 {goal.share:.1%}：为 {goal.reached_share:.1%}，{zh}",
                )
            )
        if self.second_best_cny is not None:
            said.append(
                Words(
                    f"the next best set of measures costs {self.second_best_cny:,.0f} CNY",
                    f"次优措施组合需 {self.second_best_cny:,.0f} 元",
                )
            )
        return said

    def tables(self) -> list[Table]:
        return [
            Table(
                name="measures",
                title=Words("measures and when to start", "措施与开工月份"),
                columns={
                    "starts_in": [s.starts_in for s in self.starts],
                    "effective_in": [s.effective_in for s in self.starts],
                    "building": [s.building for s in self.starts],
                    "kind": [s.kind for s in self.starts],
                    "measure": [s.measure for s in self.starts],
                    "cost_cny": [s.cost_cny for s in self.starts],
                },
            ),
            Table(
                name="months",
                title=Words("month by month", "逐月"),
                columns={
                    "month": [m.month for m in self.months],
                    "spent_cny": [round(m.spent_cny) for m in self.months],
                    "let_m2": [round(m.let_m2) for m in self.months],
                    "share": [round(m.share, 4) for m in self.months],
                },
            ),
        ]
