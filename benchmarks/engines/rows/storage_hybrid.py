"""A flywheel + LFP station through a year at 1 s, each command judged."""

from benchmarks.engines.harness import Clock, Figure, Row, at_most, best, compiling, ours
from benchmarks.engines.stations import hybrid_year
from bihuan.engines.storage import simulate_station


def run(rounds: int) -> list[Figure]:
    first = compiling(__name__)
    ours(__name__)  # keeps the kernels on disk
    year = best(rounds, lambda: ours(__name__))
    return [
        at_most("a year of 31,536,000 steps", year.total_s, "s", 3.0),
        Figure("processor time", year.processor_s, "s"),
        first,
        at_most("peak memory", year.peak_mb, "MB", 1024.0),
        Figure("commands judged", year.values["commands"], ""),
        at_most("energy balance, relative", year.values["balance"], "", 1e-9),
    ]


def measure() -> None:
    problem, clock = hybrid_year(), Clock()
    with clock("kernels, compiled or from disk"):
        simulate_station(hybrid_year(1))
    kernels_s, clock.processor_s = clock.seconds.popitem()[1], 0.0
    with clock("simulate"):
        result = simulate_station(problem)
    assert result.is_ok, result.report()
    turnover = result.energy_mwh["out"] + result.energy_mwh["in"]
    balance = next(check for check in result.checks if check.name == "energy balance")
    clock.report(
        commands=len(result.answers), balance=balance.residual / turnover, kernels_s=kernels_s
    )


ROW = Row("Flywheel + LFP station, second by second for a year", run)

if __name__ == "__main__":
    measure()
