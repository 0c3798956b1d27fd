"""The path of 200 buildings over 25 months with six measures each, to 1 % of the proven bound."""

from benchmarks.engines.harness import Clock, Figure, Row, at_most, best, ours
from bihuan.engines.path import PathParams, solve
from bihuan.engines.path.generate import zone
from bihuan.engines.shape import Stop

SECONDS = 120.0
GOAL = 0.01


def run(rounds: int) -> list[Figure]:
    found = best(min(rounds, 1), lambda: ours(__name__))
    return [
        at_most("time, building and beginning early included", found.total_s, "s", SECONDS),
        at_most("gap to the proven bound", found.values["gap_percent"], "%", 100 * GOAL),
        at_most("short of the targets", found.values["short_m2"], "m²", 1.0),
        Figure("peak memory", found.peak_mb, "MB"),
    ]


def measure() -> None:
    clock, problem = Clock(), zone(200)
    with clock("solve"):
        result = solve(
            problem,
            stop=Stop(max_runtime_s=SECONDS, gap=GOAL),
            params=PathParams(finds_second_best=False),
        )
    gap = result.gap if result.is_ok and result.gap is not None else float("inf")
    clock.report(gap_percent=100 * gap, short_m2=sum(goal.short_m2 for goal in result.goals))


ROW = Row(__doc__, run)

if __name__ == "__main__":
    measure()
