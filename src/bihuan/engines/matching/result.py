"""What matching answers: who sits where from when, who does not and why."""

from dataclasses import dataclass
from typing import ClassVar

from bihuan.engines.shape import Result, Table, Words


@dataclass(frozen=True, kw_only=True)
class Placement:
    """One need and its place."""

    need: str
    building: str
    units: tuple[str, ...]
    area_m2: float
    starts_on: str
    ends_on: str | None
    crane: str | None
    points_m2: float
    is_move: bool
    must_be_surveyed: bool


@dataclass(frozen=True, kw_only=True)
class Unserved:
    """One need without a place, and why."""

    need: str
    area_min_m2: float
    fitting_blocks: int
    why: Words


@dataclass(frozen=True, kw_only=True)
class MatchingResult(Result):
    """`value` and `bound` are in m² of need served, weighed as the parameters say."""

    title: ClassVar[Words] = Words("Matching of needs to space", "需求与厂房匹配")

    placements: tuple[Placement, ...] = ()
    unserved: tuple[Unserved, ...] = ()
    let_m2: float = 0.0
    lettable_m2: float = 0.0
    greedy_value: float | None = None
    second_best_value: float | None = None

    def lines(self) -> list[Words]:
        share = self.let_m2 / self.lettable_m2 if self.lettable_m2 else 0.0
        placed, waiting = len(self.placements), len(self.unserved)
        said = [
            Words(
                f"{placed} of {placed + waiting} needs are served; {self.let_m2:,.0f} m² of "
                f"{self.lettable_m2:,.0f} m² let ({share:.1%})",
                f"{placed + waiting} 个需求中满足 {placed} 个；"
                f"出租 {self.let_m2:,.0f} / {self.lettable_m2:,.0f} m²（{share:.1%}）",
            )
        ]
        if self.greedy_value is not None and self.value is not None:
            gain = self.value - self.greedy_value
            said.append(
                Words(
                    f"{gain:,.0f} points more than matching one need after another by hand",
                    f"比逐个手工匹配多 {gain:,.0f} 分",
                )
            )
        if self.second_best_value is not None and self.value is not None:
            loss = self.value - self.second_best_value
            said.append(
                Words(
                    f"the second best plan is worth {loss:,.2f} points less",
                    f"次优方案少 {loss:,.2f} 分",
                )
            )
        return said

    def tables(self) -> list[Table]:
        placed = self.placements
        return [
            Table(
                name="placements",
                title=Words("needs served", "已满足的需求"),
                columns={
                    "need": [p.need for p in placed],
                    "building": [p.building for p in placed],
                    "units": [" + ".join(p.units) for p in placed],
                    "area_m2": [p.area_m2 for p in placed],
                    "starts_on": [p.starts_on for p in placed],
                    "ends_on": [p.ends_on or "" for p in placed],
                    "crane": [p.crane or "" for p in placed],
                    "is_move": [p.is_move for p in placed],
                    "must_be_surveyed": [p.must_be_surveyed for p in placed],
                },
            ),
            Table(
                name="unserved",
                title=Words("needs not served, and why", "未满足的需求及原因"),
                columns={
                    "need": [u.need for u in self.unserved],
                    "area_min_m2": [u.area_min_m2 for u in self.unserved],
                    "fitting_blocks": [u.fitting_blocks for u in self.unserved],
                    "why": [u.why.en for u in self.unserved],
                    "why_zh": [u.why.zh for u in self.unserved],
                },
            ),
        ]
