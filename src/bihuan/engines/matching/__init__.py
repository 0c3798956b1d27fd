"""Which plant for which enterprise: the whole queue at once, under everything they share."""

from bihuan.engines.matching import gap
from bihuan.engines.matching.params import MatchingParams
from bihuan.engines.matching.problem import (
    Affinity,
    Booking,
    Building,
    Crane,
    MatchingProblem,
    Need,
    Unit,
    Utility,
)
from bihuan.engines.matching.result import MatchingResult, Placement, Unserved
from bihuan.engines.matching.solving import solve
from bihuan.engines.matching.vocabulary import FireClass, Resource, Verdict
from bihuan.engines.shape import Engine, Task, Words

__all__ = [
    "ENGINE",
    "Affinity",
    "Booking",
    "Building",
    "Crane",
    "FireClass",
    "MatchingParams",
    "MatchingProblem",
    "MatchingResult",
    "Need",
    "Placement",
    "Resource",
    "Unit",
    "Unserved",
    "Utility",
    "Verdict",
    "solve",
]

ENGINE = Engine(
    name="matching",
    title=Words("Matching", "厂房匹配"),
    tasks={
        "queue": Task(
            problem=MatchingProblem,
            run=solve,
            title=Words("the whole queue of needs", "整个需求队列"),
            picture="bihuan.engines.matching.pictures:stack_plan",
        ),
        "gap": Task(
            problem=gap.GapProblem,
            run=gap.solve,
            title=Words("generalised assignment", "广义指派问题"),
        ),
    },
)
