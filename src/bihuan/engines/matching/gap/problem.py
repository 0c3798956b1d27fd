"""The generalised assignment problem and its result."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

import numpy as np

from bihuan.engines.problem import Problem, quantity
from bihuan.engines.shape import BadProblem, Result, Table, Words


class Sense(StrEnum):
    MINIMISE = "minimise"
    MAXIMISE = "maximise"


@dataclass(frozen=True, kw_only=True, eq=False)
class GapProblem(Problem):
    """Assign each of n jobs to exactly one of m agents.

        minimise (or maximise)  Σ cost[i, j]·x[i, j]
        subject to              Σ_i x[i, j] = 1,   Σ_j use[i, j]·x[i, j] ≤ capacity[i]

    Numbers are whole, as in the published instances, so that optima compare exactly.
    """

    cost: np.ndarray = quantity("agents × jobs", "1", low=-1e9, high=1e9)
    use: np.ndarray = quantity("capacity used, agents × jobs", "1", low=0, high=1e9)
    capacity: np.ndarray = quantity("of each agent", "1", low=0, high=1e12)
    sense: Sense = Sense.MINIMISE
    name: str = ""

    def check(self) -> None:
        if self.cost.ndim != 2 or 0 in self.cost.shape:
            raise BadProblem("cost", Words("must be agents × jobs", "必须是 代理×任务 的矩阵"))
        if self.use.shape != self.cost.shape:
            raise BadProblem(
                "use",
                Words(
                    f"is {self.use.shape}, but cost is {self.cost.shape}",
                    f"为 {self.use.shape}，而 cost 为 {self.cost.shape}",
                ),
            )
        if self.capacity.shape != (self.agents,):
            raise BadProblem(
                "capacity",
                Words(f"must hold {self.agents} numbers", f"必须有 {self.agents} 个数"),
            )
        for field in ("cost", "use", "capacity"):
            values = getattr(self, field)
            if np.isnan(values).any():
                raise BadProblem(field, Words("holds a NaN", "含有 NaN"))
            if not np.array_equal(values, np.rint(values)):
                raise BadProblem(field, Words("must hold whole numbers", "必须全为整数"))

    @property
    def agents(self) -> int:
        return int(self.cost.shape[0])

    @property
    def jobs(self) -> int:
        return int(self.cost.shape[1])

    def value_of(self, agent_of: np.ndarray) -> float:
        return float(self.cost[agent_of, np.arange(self.jobs)].sum())

    def used_by(self, agent_of: np.ndarray) -> np.ndarray:
        """Capacity each agent uses under an assignment."""
        used = self.use[agent_of, np.arange(self.jobs)]
        return np.bincount(agent_of, weights=used, minlength=self.agents)


@dataclass(frozen=True, kw_only=True)
class GapResult(Result):
    """`agent_of[j]` is the agent of job j; empty without a solution."""

    title: ClassVar[Words] = Words("Generalised assignment", "广义指派")

    agent_of: tuple[int, ...] = ()
    greedy_value: float | None = None

    def tables(self) -> list[Table]:
        return [
            Table(
                name="assignment",
                title=Words("assignment", "指派"),
                columns={"job": range(len(self.agent_of)), "agent": self.agent_of},
            )
        ]
