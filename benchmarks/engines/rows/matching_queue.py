"""A queue of 2,000 needs for 1,000 floors: contiguous, under shared power, sewage and cranes."""

from benchmarks.engines.harness import Clock, Figure, Row, at_least, at_most, best, ours
from bihuan.engines.matching import MatchingParams, solve
from bihuan.engines.matching.generate import zone
from bihuan.engines.shape import Stop

SECONDS = 60.0


def run(rounds: int) -> list[Figure]:
    found = best(min(rounds, 1), lambda: ours(__name__))
    return [
        at_most("time, reading the needs included", found.total_s, "s", 1.1 * SECONDS),
        at_most("gap to the proven bound", found.values["gap_percent"], "%", 0.5),
        at_most("peak memory", found.peak_mb, "MB", 2000.0),
        at_least("value over greedy", found.values["over_greedy"], "×", 1.0),
    ]


def measure() -> None:
    clock, problem = Clock(), zone(1000, 2000)
    with clock("solve"):
        result = solve(
            problem,
            stop=Stop(max_runtime_s=SECONDS, gap=0.002),
            params=MatchingParams(finds_second_best=False),
        )
    gap = result.gap if result.is_ok and result.gap is not None else float("inf")
    over = (result.value or 0.0) / (result.greedy_value or float("inf"))
    clock.report(gap_percent=100 * gap, over_greedy=over)


ROW = Row(__doc__, run)

if __name__ == "__main__":
    measure()
