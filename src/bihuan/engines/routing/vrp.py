"""Classic vehicle routing, solved by PyVRP; `classics.py` reads the published files.

One depot, like vehicles, capacity, perhaps time windows: the yardstick of the route search.
"""

import math
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, ClassVar

import numpy as np
import pyvrp
from pyvrp.stop import MaxIterations

from bihuan import __version__
from bihuan.engines import wire
from bihuan.engines.problem import Problem, quantity
from bihuan.engines.shape import (
    BadProblem,
    Check,
    OnProgress,
    Progress,
    Provenance,
    Result,
    Status,
    Stop,
    Table,
    Watch,
    Words,
    ignore,
)

EPS = 1e-9
NEVER = int(np.iinfo(np.int64).max)
WITHOUT_LIMIT = 5_000  # iterations where the caller gives neither time nor count


class Rounding(StrEnum):
    """How published distances are made whole."""

    ROUND = "round"  # to the nearest whole number: VRPLIB's EUC_2D
    DIMACS = "dimacs"  # one decimal, cut off: the published optima of Solomon's instances
    EXACT = "exact"  # three decimals, rounded

    @property
    def scale(self) -> int:
        return {Rounding.ROUND: 1, Rounding.DIMACS: 10, Rounding.EXACT: 1000}[self]

    def whole(self, values: np.ndarray) -> np.ndarray:
        scaled = np.asarray(values, dtype=float) * self.scale
        cut = np.floor(scaled + 1e-9) if self is Rounding.DIMACS else np.rint(scaled)
        return np.asarray(cut, dtype=np.int64)


@dataclass(frozen=True, kw_only=True, eq=False)
class VrpProblem(Problem):
    """Row and column 0 are the depot. `ready`, `due` and `service` in units of distance."""

    distance: np.ndarray = quantity("between all places", low=0, high=1e9)
    demand: np.ndarray = quantity("of each place; depot 0", low=0, high=1e9)
    capacity: float = quantity("of a vehicle", above=0, high=1e12)
    vehicles: int | None = quantity("at most; none: as many as wanted", low=1, default=None)
    ready: np.ndarray | None = quantity("earliest start", low=0, default=None)
    due: np.ndarray | None = quantity("latest start; depot: latest return", low=0, default=None)
    service: np.ndarray | None = quantity("time on the spot", low=0, default=None)
    rounding: Rounding = Rounding.ROUND
    name: str = ""

    def check(self) -> None:
        size = len(self.demand)
        if self.distance.shape != (size, size):
            raise BadProblem(
                "distance", Words(f"must be {size} × {size}", f"必须为 {size} × {size}")
            )
        if size < 2:
            raise BadProblem("demand", Words("there is nobody to visit", "没有客户"))
        for field in ("ready", "due", "service"):
            values = getattr(self, field)
            if values is not None and len(values) != size:
                raise BadProblem(field, Words(f"must hold {size} numbers", f"必须有 {size} 个数"))
        self._check_loads()
        self._check_reach()

    def _check_loads(self) -> None:
        for field, values in (("demand", self.demand), ("capacity", np.array([self.capacity]))):
            if not np.array_equal(values, np.rint(values)):
                raise BadProblem(
                    field,
                    Words("must be whole: give a smaller unit", "必须为整数：请换用更小的单位"),
                )
        if self.demand[0] != 0:
            raise BadProblem("demand[0]", Words("the depot asks for nothing", "车场的需求须为 0"))
        if float(self.demand.max()) > self.capacity:
            raise BadProblem(
                f"demand[{int(self.demand.argmax())}]",
                Words("is above the capacity of a vehicle", "超过单车容量"),
            )

    def _check_reach(self) -> None:
        if self.ready is None or self.due is None:
            if self.ready is not None or self.due is not None:
                raise BadProblem("due", Words("goes with ready: give both", "须与 ready 同时给出"))
            return
        service = np.zeros(len(self.demand)) if self.service is None else self.service
        there = np.maximum(self.ready[0] + self.distance[0], self.ready)
        home = np.where(np.arange(len(there)) > 0, there + service + self.distance[:, 0], 0.0)
        for wrong, said in (
            (self.due < self.ready, Words("is before ready", "早于 ready")),
            (there > self.due + EPS, Words(
                "cannot be reached from the depot in time", "从车场出发无法按时到达"
            )),
            (home > self.due[0] + EPS, Words(
                "leaves no time to be back at the depot", "来不及返回车场"
            )),
        ):  # fmt: skip
            if wrong.any():
                raise BadProblem(f"due[{int(np.argmax(wrong))}]", said)


@dataclass(frozen=True, kw_only=True)
class VrpResult(Result):
    """Routes as places in order, without the depot."""

    title: ClassVar[Words] = Words("Vehicle routes", "车辆路径")

    routes: tuple[tuple[int, ...], ...] = ()

    def tables(self) -> list[Table]:
        return [
            Table(
                name="routes",
                title=Words("routes", "路线"),
                columns={
                    "route": range(1, len(self.routes) + 1),
                    "places": [" ".join(map(str, route)) for route in self.routes],
                },
            )
        ]


def solve(
    problem: VrpProblem,
    *,
    stop: Stop | None = None,
    seed: int = 0,
    progress: OnProgress = ignore,
) -> VrpResult:
    """Short routes by iterated local search; feasible or none, and never proven."""
    limit = stop or Stop()
    if math.isinf(limit.max_runtime_s) and limit.max_iterations is None:
        limit = replace(limit, max_iterations=WITHOUT_LIMIT)  # nothing is ever proven
    watch = limit.begin()
    data = _data(problem)
    found = pyvrp.solve(data, _until(watch, progress), seed=seed % 2**31, collect_stats=False)
    routes = tuple(
        tuple(a.idx + 1 for a in route.schedule() if a.is_client()) for route in found.best.routes()
    )
    is_feasible = found.best.is_feasible()
    return VrpResult(
        status=Status.FEASIBLE if is_feasible else Status.STOPPED,
        value=found.best.distance() / problem.rounding.scale if is_feasible else None,
        unit="",
        bound=None,
        runtime_s=watch.elapsed_s,
        provenance=Provenance(
            engine="routing.vrp",
            version=__version__,
            problem_sha256=wire.digest(problem),
            seed=seed,
            solver="PyVRP",
        ),
        checks=_checks(problem, routes, found.best.distance()) if is_feasible else (),
        routes=routes if is_feasible else (),
    )


class _until:  # noqa: N801 - used as a function by PyVRP
    def __init__(self, watch: Watch, progress: OnProgress) -> None:
        count = watch.stop.max_iterations
        self._count = MaxIterations(count) if count is not None else None
        self._watch, self._progress, self._calls = watch, progress, 0

    def __call__(self, best_cost: int) -> bool:
        self._calls += 1
        if self._calls % 1000 == 0:
            self._progress(Progress("routing", "search", None, elapsed_s=self._watch.elapsed_s))
        is_counted_out = self._count is not None and self._count(best_cost)
        return bool(is_counted_out) or self._watch.is_over()


def _data(problem: VrpProblem) -> pyvrp.ProblemData:
    size = len(problem.demand)
    distance: Any = problem.rounding.whole(problem.distance)
    ready, due, service = (
        None if values is None else problem.rounding.whole(values)
        for values in (problem.ready, problem.due, problem.service)
    )
    clients = [
        pyvrp.Client(
            location=i,
            delivery=[int(problem.demand[i])],
            service_duration=0 if service is None else int(service[i]),
            tw_early=0 if ready is None else int(ready[i]),
            tw_late=NEVER if due is None else int(due[i]),
        )
        for i in range(1, size)
    ]
    return pyvrp.ProblemData(
        locations=[pyvrp.Location(0, 0) for _ in range(size)],
        clients=clients,
        depots=[pyvrp.Depot(0)],
        vehicle_types=[
            pyvrp.VehicleType(
                num_available=problem.vehicles or size - 1,
                capacity=[int(problem.capacity)],
                tw_late=NEVER if due is None else int(due[0]),
            )
        ],
        distance_matrices=[distance],
        duration_matrices=[distance if due is not None else np.zeros_like(distance)],
    )


def _checks(
    problem: VrpProblem, routes: tuple[tuple[int, ...], ...], said: int
) -> tuple[Check, ...]:
    distance = problem.rounding.whole(problem.distance)
    total = sum(
        int(distance[a, b])
        for route in routes
        for a, b in zip((0, *route), (*route, 0), strict=True)
    )
    visited = sorted(place for route in routes for place in route)
    missing = len(problem.demand) - 1 - len(set(visited)) + len(visited) - len(set(visited))
    heaviest = max((float(problem.demand[list(r)].sum()) for r in routes), default=0.0)
    return (
        Check.of("every customer once", float(missing), 0),
        Check.of("capacity of every vehicle", max(0.0, heaviest - problem.capacity), 1e-9),
        Check.of("distance = Σ legs", float(total - said), 0),
        Check.of("time windows", _lateness(problem, distance, routes), 0),
    )


def _lateness(
    problem: VrpProblem, distance: np.ndarray, routes: tuple[tuple[int, ...], ...]
) -> float:
    if problem.ready is None or problem.due is None:
        return 0.0
    ready, due = problem.rounding.whole(problem.ready), problem.rounding.whole(problem.due)
    size = len(problem.demand)
    service = np.zeros(size) if problem.service is None else problem.rounding.whole(problem.service)
    worst = 0.0
    for route in routes:
        at, when = 0, float(ready[0])
        for place in (*route, 0):
            when = max(when + float(distance[at, place]), float(ready[place]))
            worst = max(worst, when - float(due[place]))
            at, when = place, when + float(service[place])
    return worst
