"""From idle to let: which measures, when, to reach the targets by their dates at least cost."""

from bihuan.engines.path.problem import (
    Kind,
    Measure,
    PathParams,
    PathProblem,
    Space,
    Target,
)
from bihuan.engines.path.result import Goal, Month, PathResult, Start
from bihuan.engines.path.solving import solve
from bihuan.engines.shape import Engine, Task, Words

__all__ = [
    "ENGINE",
    "Goal",
    "Kind",
    "Measure",
    "Month",
    "PathParams",
    "PathProblem",
    "PathResult",
    "Space",
    "Start",
    "Target",
    "solve",
]

ENGINE = Engine(
    name="path",
    title=Words("Path to targets", "达标路径"),
    tasks={
        "letting": Task(
            problem=PathProblem,
            run=solve,
            title=Words("the path to the letting targets", "入驻率目标路径"),
            picture="bihuan.engines.path.pictures:gantt",
        )
    },
)
