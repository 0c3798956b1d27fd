"""365 co-optimised days, hourly with regulation: linear, and exact with smallest offers."""

import sys

from benchmarks.engines.harness import Clock, Figure, Row, at_most, best, ours
from benchmarks.engines.stations import hourly_year
from bihuan.engines.storage import solve_schedule


def run(rounds: int) -> list[Figure]:
    linear = best(rounds, lambda: ours(__name__, "linear"))
    either = best(rounds, lambda: ours(__name__, "either"))
    offers = best(rounds, lambda: ours(__name__, "offers"))
    return [
        at_most("linear programmes", linear.total_s, "s", 5.0),
        at_most("exact: never charging and discharging at once", either.total_s, "s", 60.0),
        at_most("exact, and offers of 30 MW at least", offers.total_s, "s", 60.0),
        Figure("days that needed binaries for the offers", offers.values["exact"], ""),
    ]


def measure(kind: str) -> None:
    problem, clock = hourly_year(minimum_mw=30.0 if kind == "offers" else 0.0), Clock()
    if kind == "linear":
        problem = problem.replace(exact=False)
    with clock("365 days"):
        result = solve_schedule(problem)
    assert result.is_ok, result.report()
    clock.report(value=result.value, exact=result.windows_exact)


ROW = Row("365 days, hourly, energy with regulation up and down", run)

if __name__ == "__main__":
    measure(sys.argv[1])
