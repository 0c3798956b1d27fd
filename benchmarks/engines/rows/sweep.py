"""A sweep of hybrid station years, second by second: two workers against one.

200 years take minutes; BIHUAN_BENCH_POINTS=24 makes a try-out, and the row says how many.
"""

import os
import sys
from typing import Any

from benchmarks.engines.harness import Clock, Figure, Row, at_least, ours
from benchmarks.engines.stations import hybrid_year
from bihuan.engines import wire
from bihuan.engines.storage import simulate_station
from bihuan.engines.sweep import grid, sweep

POINTS = int(os.environ.get("BIHUAN_BENCH_POINTS", "200"))
SHARES_MW = tuple(5.0 + 5.0 * step for step in range(20))


def points() -> list[dict[str, Any]]:
    return grid(seed=range(-(-POINTS // len(SHARES_MW))), flywheel_mw=SHARES_MW)[:POINTS]


def run(rounds: int) -> list[Figure]:
    """Once, whatever the rounds: it takes minutes."""
    del rounds
    alone, both = ours(__name__, "1"), ours(__name__, "2")
    is_same = alone.values["digest"] == both.values["digest"]
    return [
        Figure("hybrid years at 1 s", len(points())),
        Figure("one worker", alone.total_s, "s"),
        Figure("two workers, starting them included", both.total_s, "s"),
        at_least("two workers against one", alone.total_s / both.total_s, "×", 1.8),
        at_least("same answers (1: yes)", float(is_same), "", 1.0),
    ]


def station_year(point: Any) -> dict[str, float]:
    """One year; what is left of the battery, and how far commands were missed."""
    year = hybrid_year(seed=point["seed"], flywheel_mw=point["flywheel_mw"])
    result = simulate_station(year)
    return {"health": result.capacity_health, "error_mw": result.error_mw}


def measure(workers: int) -> None:
    simulate_station(hybrid_year(1))  # the kernels, from disk
    clock = Clock()
    with clock("sweep"):
        done = sweep(station_year, points(), workers=workers)
    failed = [found.error for found in done if found.error]
    assert not failed, failed[0]
    clock.report(digest=wire.digest([found.value for found in done]))


ROW = Row("A sweep of hybrid years over flywheel sizes and signals, at 1 s", run)

if __name__ == "__main__":
    measure(int(sys.argv[1]))
