"""Sizes under the three ratios of 650号: how long, and how far from the best there is."""

import sys

from benchmarks.engines.harness import Clock, Figure, Row, at_most, best, ours
from benchmarks.engines.parks import park
from bihuan.engines import lp
from bihuan.engines.greenpark import Rules, size
from bihuan.engines.greenpark.layout import tie_cny
from bihuan.engines.greenpark.model import assemble
from bihuan.engines.greenpark.priced import INTERIOR


def run(rounds: int) -> list[Figure]:
    mine = best(rounds, lambda: ours(__name__, "ours"))
    whole = ours(__name__, "whole")
    regret = mine.values["objective"] / whole.values["objective"] - 1
    return [
        at_most("ours: sizes and their year", mine.total_s, "s", 20.0),
        Figure("ours: processor time", mine.processor_s, "s"),
        Figure("ours: peak memory", mine.peak_mb, "MB"),
        Figure("the whole programme in quarter hours at once", whole.total_s, "s"),
        Figure("whole / ours, time", whole.total_s / mine.total_s, "×"),
        at_most("regret against the whole programme", 100 * regret, "%", 0.01),
        Figure("regret proven by ours alone, at most", 100 * mine.values["at_most"], "%"),
    ]


def measure_ours() -> None:
    clock = Clock()
    asked = park(rules=Rules(regime="650"))
    with clock("size"):
        result = size(asked)
    assert result.is_ok, result.report()
    clock.report(objective=result.value, at_most=result.regret_at_most)


def measure_whole() -> None:
    clock = Clock()
    model = assemble(park(rules=Rules(regime="650")), sizing=True)
    with clock("solve"):
        answer = lp.solve(model.lp, options=INTERIOR)
    assert answer.value is not None
    clock.report(objective=answer.value - tie_cny(model, answer.x))


ROW = Row("Wind, PV, power and energy of a storage sized for a year under three ratios", run)

if __name__ == "__main__":
    {"ours": measure_ours, "whole": measure_whole}[sys.argv[1]]()
