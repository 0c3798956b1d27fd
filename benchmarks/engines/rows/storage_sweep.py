"""200 hybrid years, one core against two."""

import sys
from typing import Any

from benchmarks.engines.harness import Clock, Figure, Row, at_least, ours
from benchmarks.engines.stations import hybrid_year
from bihuan.engines.storage import simulate_station
from bihuan.engines.sweep import grid, sweep

SHARES, SEEDS = 20, 10


def run(rounds: int) -> list[Figure]:
    """Once, whatever the rounds: it takes minutes."""
    ours(__name__, "2", "1", "1")  # compiles and keeps the kernels
    one = ours(__name__, "1", str(SHARES), str(SEEDS))
    two = ours(__name__, "2", str(SHARES), str(SEEDS))
    return [
        Figure("one core", one.total_s, "s"),
        Figure("two cores", two.total_s, "s"),
        at_least("one core / two cores", one.total_s / two.total_s, "×", 1.8),
        Figure("same answers (1: yes)", float(one.values["sum"] == two.values["sum"]), ""),
    ]


def point(values: Any) -> dict[str, float]:
    result = simulate_station(hybrid_year(seed=values["seed"], flywheel_mw=values["flywheel_mw"]))
    return {"error_mw": result.error_mw, "capacity": result.capacity_health}


def measure(workers: int, shares: int, seeds: int) -> None:
    points = grid(
        flywheel_mw=[5.0 + 5.0 * i for i in range(shares)], seed=list(range(1, seeds + 1))
    )
    clock = Clock()
    with clock("sweep"):
        done = sweep(point, points, workers=workers)
    clock.report(sum=sum(found.value["error_mw"] for found in done))


ROW = Row("A sweep of 200 hybrid years", run)

if __name__ == "__main__":
    measure(*(int(value) for value in sys.argv[1:4]))
