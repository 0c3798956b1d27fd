"""A round of 2,000 enterprises in 20 days by 30 people, a fifth of the visits in pairs."""

from benchmarks.engines.harness import Clock, Figure, Row, at_most, best, ours
from bihuan.engines.routing import solve
from bihuan.engines.routing.generate import campaign
from bihuan.engines.shape import Stop

SECONDS = 290.0


def run(rounds: int) -> list[Figure]:
    found = best(min(rounds, 1), lambda: ours(__name__))
    return [
        at_most("time", found.total_s, "s", 300.0),
        at_most("visits neither planned nor named", found.values["lost"], "", 0),
        at_most("checks of the plan that fail", found.values["failed"], "", 0),
        Figure("visits named as not coverable", found.values["named"], ""),
        Figure("longest over mean load of a person", found.values["uneven"], "×"),
        Figure("peak memory", found.peak_mb, "MB"),
    ]


def measure() -> None:
    clock, problem = Clock(), campaign(2000, 30, 20)
    with clock("solve"):
        result = solve(problem, stop=Stop(max_runtime_s=SECONDS))
    work = [load.work_minutes for load in result.loads]
    clock.report(
        lost=len(problem.visits) - len(result.appointments) - len(result.unplanned),
        failed=sum(not check.ok for check in result.checks),
        named=len(result.unplanned),
        uneven=max(work) / (sum(work) / len(work)),
    )


ROW = Row(__doc__, run)

if __name__ == "__main__":
    measure()
