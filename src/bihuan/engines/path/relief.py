"""What is missing where a target cannot be met: the smallest relief of each limit alone.

One limit is loosened at a time, by one added amount which is made as small as possible while
every target is met. On large problems the relaxation is solved: "at least".
"""

from dataclasses import replace

import numpy as np

from bihuan.engines import lp
from bihuan.engines.path.model import Model, build
from bihuan.engines.path.problem import month_start
from bihuan.engines.shape import Binding, Status, Watch, Words

SMALL = 3_000  # started-by columns up to which the whole programme is solved
MOST = {"budget": 1e12, "demand": 1e8}
MOST_CREWS = 1e4
LATER = (1, 2, 3, 6, 9, 12, 18, 24, 36)  # months of delay that are tried
EPS = 1e-6

UNITS = {"budget": "CNY", "demand": "m²/month"}
LABELS = {
    "budget": Words("more money on the first day", "首日追加资金"),
    "demand": Words("more demand every month", "每月增加需求"),
}


def missing(model: Model, watch: Watch) -> tuple[Binding, ...]:
    """One binding for each limit whose relief alone would meet all targets, and for time."""
    is_small = model.started.size <= SMALL
    told = []
    for name, column in model.extra.items():
        amount = _least(model, column, MOST.get(name, MOST_CREWS), watch, is_small)
        if amount is not None:
            told.append(_binding(name, amount, is_small))
    told.append(_later(model, watch, is_small))
    return tuple(told)


def _least(model: Model, column: int, most: float, watch: Watch, is_small: bool) -> float | None:
    """The least addition to one limit that meets every target; None: it alone cannot."""
    upper = model.arrays.upper.copy()
    upper[model.short] = 0.0
    upper[column] = most
    cost = np.zeros(model.arrays.columns)
    cost[column] = 1.0
    integer = model.arrays.integer if is_small else None
    answer = lp.solve(replace(model.arrays, cost=cost, upper=upper, integer=integer), watch=watch)
    return answer.value if answer.status is Status.OPTIMAL else None


def _binding(name: str, amount: float, is_small: bool) -> Binding:
    trade = name.removeprefix("crews:")
    label = LABELS.get(name, Words(f"more crews ({trade})", f"增加班组（{trade}）"))
    unit = UNITS.get(name, "crews")
    least = Words("", "") if is_small else Words("at least ", "至少 ")
    words = Words(
        f"all targets would be met with {label.en}: {least.en}{amount:,.1f} {unit}, nothing else changed",
        f"仅靠{label.zh}即可全部达标：{least.zh}{amount:,.1f} {unit}",
    )
    return Binding(name=name, words=words, relief=amount, unit=unit)


def _later(model: Model, watch: Watch, is_small: bool) -> Binding:
    """How many months later the targets could be met with everything else as it is."""
    problem = model.problem
    for months in LATER:
        if watch.is_over():
            break
        budget = problem.budget_cny_per_month
        moved = problem.replace(
            months=problem.months + months,
            budget_cny_per_month=budget if len(budget) == 1 else (*budget, *[budget[-1]] * months),
            targets=tuple(
                t.replace(by=month_start(t.by.replace(day=1), months)) for t in problem.targets
            ),
        )
        later = build(moved)
        upper = later.arrays.upper.copy()
        upper[later.short] = 0.0
        integer = later.arrays.integer if is_small else None
        answer = lp.solve(replace(later.arrays, upper=upper, integer=integer), watch=watch)
        if answer.status is Status.OPTIMAL:
            least = Words("", "") if is_small else Words("at least ", "至少 ")
            words = Words(
                f"all targets would be met {least.en}{months} months later",
                f"全部目标推迟{least.zh} {months} 个月可达到",
            )
            return Binding(name="time", words=words, relief=float(months), unit="months")
    words = Words(
        f"not even {LATER[-1]} months more would meet all targets",
        f"即使推迟 {LATER[-1]} 个月也无法全部达标",
    )
    return Binding(name="time", words=words)
