"""Generalised assignment: sixty small instances proven, large ones near their bound in 60 s."""

import sys

from benchmarks.engines.classics import large_gaps, small_gaps
from benchmarks.engines.harness import Clock, Figure, Row, at_least, at_most, best, ours
from bihuan.engines.matching import gap
from bihuan.engines.shape import Status, Stop

SECONDS = 60.0


def run(rounds: int) -> list[Figure]:
    small = best(rounds, lambda: ours(__name__, "small"))
    large = ours(__name__, "large")
    return [
        at_most("sixty small instances together", small.total_s, "s", 40.0),
        at_least(
            "of them proven, and equal to the published optimum", small.values["right"], "", 60
        ),
        *(
            at_most(f"{name}, 60 s: above the best known (or the bound)", miss, "%", 1.0)
            for name, miss in large.values.items()
        ),
    ]


def measure(which: str) -> None:
    clock = Clock()
    if which == "small":
        right = 0
        for problem, known in small_gaps():
            with clock("solve"):
                result = gap.solve(problem)
            is_known = known is None or result.value == known
            right += result.status is Status.OPTIMAL and result.is_ok and is_known
        clock.report(right=right)
        return
    missed = {}
    for problem, known in large_gaps():
        with clock(problem.name):
            result = gap.solve(problem, stop=Stop(max_runtime_s=SECONDS))
        reference = known if known is not None else result.bound or 1.0
        missed[problem.name] = 100 * ((result.value or float("inf")) / reference - 1)
    clock.report(**missed)


ROW = Row(__doc__, run)

if __name__ == "__main__":
    measure(sys.argv[1])
