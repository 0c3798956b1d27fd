"""A sweep of hybrid station years, second by second: two workers against one.

200 years take minutes; BIHUAN_BENCH_POINTS=24 makes a try-out, and the row says how many.
"""

import os
import sys

import numpy as np

from benchmarks.engines.harness import Clock, Figure, Row, at_least, ours
from bihuan.engines.series import Series
from bihuan.engines.storage import (
    Controller,
    Flywheel,
    HybridYear,
    LfpBattery,
    Station,
    Transformer,
    simulate_station,
    synthetic,
)
from bihuan.engines.sweep import grid, sweep

POINTS = int(os.environ.get("BIHUAN_BENCH_POINTS", "200"))
YEAR_H = 8760


def station_year(point):
    """One year at 1 s: charge at noon, discharge in the evening, 60 MW of regulation all day."""
    start = synthetic.midnight(2025)
    hour = np.arange(YEAR_H) % 24
    schedule = np.where(
        (hour >= 11) & (hour < 13), -40.0, np.where((hour >= 18) & (hour < 20), 30.0, 0.0)
    )
    power = 150.0 * (1 - point["flywheel_share"])
    station = Station(
        battery=LfpBattery(energy_mwh=power * point["battery_hours"], power_mw=power),
        flywheel=Flywheel(power_mw=150.0 - power, energy_mwh=(150.0 - power) / 4),
        transformer=Transformer(rated_mw=160.0),
        grid_mw=150.0,
        auxiliary_mw=1.5,
        controller=Controller(),
    )
    year = HybridYear(
        station=station,
        schedule_mw=Series(start=start, step_s=3600, unit="MW", values=schedule),
        regulation_mw=Series(start=start, step_s=3600, unit="MW", values=np.full(YEAR_H, 60.0)),
        signal=synthetic.regulation_signal(point["seed"], start=start),
    )
    result = simulate_station(year)
    return {"health": result.capacity_health, "error_mw": result.error_mw}


def points():
    seeds = max(1, POINTS // 20)
    axes = {"flywheel_share": [0.1, 0.2, 0.3, 0.4, 0.5], "battery_hours": [1.0, 1.5, 2.0, 3.0]}
    return grid(**axes, seed=list(range(seeds)))[:POINTS]


def run(rounds: int) -> list[Figure]:
    alone, both = ours(__name__, "1"), ours(__name__, "2")
    assert alone.values["digest"] == both.values["digest"], "the answers differ"
    return [
        Figure("hybrid years at 1 s", len(points()), ""),
        Figure("one worker", alone.total_s, "s"),
        Figure("two workers", both.total_s, "s"),
        at_least("two workers against one", alone.total_s / both.total_s, "×", 1.8),
    ]


ROW = Row(
    "A sweep of 1-s station years over sizes and signals, same answers on one core and two", run
)

if __name__ == "__main__":
    from benchmarks.engines.rows import sweep as this  # workers import it by this name
    from bihuan.engines import wire

    clock = Clock()
    asked = this.points()
    station_year(asked[0])  # compiled before it is timed
    with clock("sweep"):
        done = sweep(this.station_year, asked, workers=int(sys.argv[1]))
    failed = [found.error for found in done if found.error]
    assert not failed, failed[0]
    clock.report(digest=wire.digest([found.value for found in done]))
