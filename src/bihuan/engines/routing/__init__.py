"""Who visits whom and when, so that nobody on the list is missed."""

from bihuan.engines.routing import vrp
from bihuan.engines.routing.problem import (
    Person,
    Promise,
    RoutingParams,
    RoutingProblem,
    Session,
    Visit,
)
from bihuan.engines.routing.replanning import replan
from bihuan.engines.routing.result import Appointment, RoutingResult, Shortage, Unplanned
from bihuan.engines.routing.solving import solve
from bihuan.engines.shape import Engine, Task, Words

__all__ = [
    "ENGINE",
    "Appointment",
    "Person",
    "Promise",
    "RoutingParams",
    "RoutingProblem",
    "RoutingResult",
    "Session",
    "Shortage",
    "Unplanned",
    "Visit",
    "replan",
    "solve",
]

ENGINE = Engine(
    name="routing",
    title=Words("Routing", "走访排程"),
    tasks={
        "round": Task(
            problem=RoutingProblem,
            run=solve,
            title=Words("visits over days and people", "按日按人的走访安排"),
            picture="bihuan.engines.routing.pictures:day_map",
        ),
        "vrp": Task(
            problem=vrp.VrpProblem,
            run=vrp.solve,
            title=Words("vehicle routes", "车辆路径"),
        ),
    },
    files=dict.fromkeys((".vrp", ".txt"), ("vrp", "bihuan.engines.routing.classics:read")),
)
