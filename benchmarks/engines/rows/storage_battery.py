"""An LFP battery at 1 s with ageing: a year here; a day of it in SimSES, whose year takes hours."""

import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.engines.harness import (
    Clock,
    Figure,
    Measured,
    Peer,
    Row,
    at_least,
    at_most,
    beside,
    best,
    compiling,
    ours,
    theirs,
)
from benchmarks.engines.stations import BATTERY, battery_year, duty_mw
from bihuan.engines.storage import simulate_battery

SIMSES = Peer("simses-2.1", ("simses==2.1.1",), python="3.12")
DAYS = 365


def run(rounds: int) -> list[Figure]:
    first = compiling(__name__, "1")
    ours(__name__, "1")  # keeps the kernels on disk
    year = best(rounds, lambda: ours(__name__, str(DAYS)))
    day = best(rounds, lambda: ours(__name__, "1"))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "duty.npz"
        write(file)
        simses = best(rounds, lambda: theirs(SIMSES, "simses_day.py", str(file)))
    return [
        at_most("ours: a year of 31,536,000 steps", year.total_s, "s", 3.0),
        Figure("ours: processor time", year.processor_s, "s"),
        Figure("ours: peak memory, with the year's input", year.peak_mb, "MB"),
        first,
        *beside("SimSES", simses, lambda: _to_simses(year, day, simses)),
    ]


def _to_simses(year: Measured, day: Measured, simses: Measured) -> list[Figure]:
    states = ("soc", "capacity", "resistance")
    apart = max(abs(day.values[name] - simses.values[name]) for name in states)
    return [
        Figure("SimSES: a day of 86,400 steps", simses.total_s, "s"),
        at_least("SimSES / ours, time of a step", DAYS * simses.total_s / year.total_s, "×", 50.0),
        at_most("states after the day, ours to SimSES", apart, "", 1e-9),
    ]


def write(file: Path) -> None:
    np.savez(
        file,
        duty_mw=duty_mw(1),
        energy_mwh=BATTERY.energy_mwh,
        power_mw=BATTERY.power_mw,
        soc_start=BATTERY.soc_start,
        soc_min=BATTERY.soc_min,
        soc_max=BATTERY.soc_max,
    )


def measure(days: int) -> None:
    problem, clock = battery_year(days), Clock()
    with clock("kernels, compiled or from disk"):
        simulate_battery(battery_year(1))
    kernels_s, clock.processor_s = clock.seconds.popitem()[1], 0.0
    with clock("simulate"):
        result = simulate_battery(problem)
    assert result.is_ok, result.report()
    clock.report(
        soc=result.soc_end,
        capacity=result.capacity_health,
        resistance=result.resistance_health,
        kernels_s=kernels_s,
    )


ROW = Row("LFP battery with converter and ageing at 1 s, arbitrage and regulation", run)

if __name__ == "__main__":
    measure(int(sys.argv[1]))
