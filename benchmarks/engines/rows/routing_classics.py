"""VRPTW with 100 and CVRP with 200 customers in 30 s on one core, beside OR-Tools routing."""

import json
import sys
import tempfile
from pathlib import Path

from benchmarks.engines.classics import routings
from benchmarks.engines.harness import (
    Clock,
    Figure,
    Measured,
    Peer,
    Row,
    at_most,
    beside,
    ours,
    theirs,
)
from bihuan.engines.routing import vrp
from bihuan.engines.shape import Stop

ORTOOLS = Peer("ortools", ("ortools==9.15.6755",))
SECONDS = 30.0


def run(rounds: int) -> list[Figure]:
    del rounds  # the time is given: a second round would only repeat it
    return [figure for number in range(len(routings())) for figure in _compared(number)]


def _compared(number: int) -> list[Figure]:
    problem, known = routings()[number]
    found = ours(__name__, str(number))
    with tempfile.TemporaryDirectory() as home:
        file = Path(home) / "instance.json"
        file.write_text(json.dumps(plain(problem)))
        peer = theirs(ORTOOLS, "ortools_vrp.py", str(file), str(SECONDS))
    goal = 2.0 if problem.due is None else 1.0
    named = f"{problem.name}: OR-Tools / ours, distance"
    whole = found.values["distance"] * problem.rounding.scale
    compared = beside(named, peer, lambda: [_ratio(named, peer, whole)])
    if known is None:
        return compared
    above = 100 * (found.values["distance"] / known - 1)
    return [at_most(f"{problem.name}: above the best known", above, "%", goal), *compared]


def _ratio(what: str, peer: Measured, whole: float) -> Figure:
    distance = peer.values["distance"]
    return Figure(what, "it found no plan" if distance is None else distance / whole, "×")


def plain(problem: vrp.VrpProblem) -> dict[str, object]:
    """The instance in whole numbers, as the peer reads it."""
    whole = problem.rounding.whole
    return {
        "distance": whole(problem.distance).tolist(),
        "demand": [int(d) for d in problem.demand],
        "capacity": int(problem.capacity),
        "vehicles": problem.vehicles or len(problem.demand) - 1,
        "ready": None if problem.ready is None else whole(problem.ready).tolist(),
        "due": None if problem.due is None else whole(problem.due).tolist(),
        "service": None if problem.service is None else whole(problem.service).tolist(),
    }


def measure(number: int) -> None:
    clock, (problem, _) = Clock(), routings()[number]
    with clock("solve"):
        result = vrp.solve(problem, stop=Stop(max_runtime_s=SECONDS))
    clock.report(distance=result.value if result.is_ok else float("inf"))


ROW = Row(__doc__, run)

if __name__ == "__main__":
    measure(int(sys.argv[1]))
