"""The programme: which measure has started by which month, and what is let when.

    y[k, t]   1 if measure k has started by the end of month t (never falls)
    in effect in month t:  y[k, t − months]
    L[s, t]   m² of space s let by the end of month t;  L ≤ idle · (in effect, each obstacle)
    R[t]      m² let again of what exits left

    letting   Σ (L[s, t] − L[s, t−1]) + R[t] − R[t−1] ≤ demand + what incentives add
    money     spending spread evenly over a measure's months ≤ budget (cumulated if it carries)
    crews     those of running measures ≤ those there are
    targets   let + Σ L + R − exits ≥ share · lettable − shortfall

"Started by" instead of "starts in" keeps the matrix sparse and the relaxation tight: an order
between two measures is one difference of two columns.
"""

from dataclasses import dataclass

import numpy as np

from bihuan.engines import lp
from bihuan.engines.path.problem import Measure, PathProblem


@dataclass(frozen=True, eq=False)
class Model:
    """The arrays, and where things are. Column costs are zero: see `Model.aimed`."""

    problem: PathProblem
    arrays: lp.Lp
    started: np.ndarray  # measures × months, columns
    let: np.ndarray  # spaces × months, columns
    again: np.ndarray  # months, columns
    short: np.ndarray  # targets, columns
    extra: dict[str, int]  # name of a limit → column of what is added to it

    def costs(self) -> np.ndarray:
        """Money by column: a measure is paid if it has started by the last month."""
        cost = np.zeros(self.arrays.columns)
        cost[self.started[:, -1]] = [m.cost_cny for m in self.problem.measures]
        return cost

    def shortfalls(self) -> np.ndarray:
        cost = np.zeros(self.arrays.columns)
        cost[self.short] = 1.0
        return cost


class _Builder:
    def __init__(self, problem: PathProblem) -> None:
        self.problem = problem
        self.build = lp.Builder()
        months, measures, spaces = problem.months, len(problem.measures), len(problem.spaces)
        self.started = self._block(measures, months, upper=self._earliest(), integer=True)
        idle = np.repeat([s.idle_m2 for s in problem.spaces], months)
        self.let = self._block(spaces, months, upper=idle)
        gone = problem.exits_m2_per_month * np.arange(1, months + 1)
        self.again = self._block(1, months, upper=gone)[0]
        goals = np.array([t.share * problem.lettable_m2 for t in problem.targets])
        self.short = self._block(1, len(goals), upper=goals)[0] if len(goals) else np.zeros(0, int)
        self.extra = {name: self._block(1, 1, upper=0.0)[0, 0] for name in self._limits()}

    def _limits(self) -> list[str]:
        return ["budget", "demand", *(f"crews:{trade}" for trade in self.problem.crews)]

    def _block(
        self, rows: int, columns: int, *, upper: float | np.ndarray, integer: bool = False
    ) -> np.ndarray:
        where = self.build.columns(rows * columns, upper=upper, integer=integer)
        return np.arange(where.start, where.stop).reshape(rows, columns)

    def _earliest(self) -> np.ndarray:
        """1 where a measure may have started, 0 before its earliest month."""
        upper = np.ones((len(self.problem.measures), self.problem.months))
        for number, measure in enumerate(self.problem.measures):
            if measure.starts_earliest is not None:
                upper[number, : max(0, self.problem.month_of(measure.starts_earliest))] = 0.0
        return upper.ravel()

    def row(self, columns: list[int], values: list[float], upper: float) -> None:
        at = self.build.rows(1, upper=upper).start
        self.build.put(at, np.array(columns), np.array(values, dtype=float))

    def effect(self, number: int, month: int) -> int | None:
        """The column that says whether a measure is in effect in a month; None: it cannot be."""
        begun = month - self.problem.measures[number].months
        return int(self.started[number, begun]) if begun >= 0 else None

    def never_falls(self) -> None:
        for block in (self.started, self.let, self.again.reshape(1, -1)):
            before, after = block[:, :-1].ravel(), block[:, 1:].ravel()
            if len(before):
                rows = self.build.rows(len(before), upper=0.0)
                self.build.put(rows, before, 1.0)
                self.build.put(rows, after, -1.0)

    def order(self) -> None:
        number_of = {m.code: i for i, m in enumerate(self.problem.measures)}
        for number, measure in enumerate(self.problem.measures):
            for code in measure.after:
                for month in range(self.problem.months):
                    before = self.effect(number_of[code], month)
                    mine = int(self.started[number, month])
                    if before is None:
                        self.row([mine], [1.0], 0.0)
                    else:
                        self.row([mine, before], [1.0, -1.0], 0.0)

    def opening(self) -> None:
        """L[s, t] ≤ idle · Σ in effect, for each obstacle of the space."""
        for number, space in enumerate(self.problem.spaces):
            for obstacle in space.obstacles:
                cures = [
                    i
                    for i, m in enumerate(self.problem.measures)
                    if _cures(m, space.building, obstacle)
                ]
                for month in range(self.problem.months):
                    done = [c for i in cures if (c := self.effect(i, month)) is not None]
                    let = int(self.let[number, month])
                    self.row([let, *done], [1.0, *[-space.idle_m2] * len(done)], 0.0)

    def letting(self) -> None:
        problem = self.problem
        for number, space in enumerate(problem.spaces):
            for month in range(problem.months):
                self._grows(
                    [int(c) for c in self.let[number, : month + 1][-2:]], space.uptake_m2_per_month
                )
        for month in range(problem.months):
            columns, values = [], []
            for block in (*self.let, self.again):
                columns += [int(block[month])]
                values += [1.0]
                if month:
                    columns += [int(block[month - 1])]
                    values += [-1.0]
            for number, measure in enumerate(problem.measures):
                effect = self.effect(number, month)
                if measure.adds_demand_m2_per_month and effect is not None:
                    columns.append(effect)
                    values.append(-measure.adds_demand_m2_per_month)
            self.row([*columns, self.extra["demand"]], [*values, -1.0], problem.demand_m2_per_month)

    def _grows(self, columns: list[int], most: float) -> None:
        """The last column exceeds the one before by at most so much."""
        self.row(columns[::-1], [1.0, -1.0][: len(columns)], most)

    def crews(self) -> None:
        for trade, there in self.problem.crews.items():
            users = [(i, m) for i, m in enumerate(self.problem.measures) if m.crews.get(trade)]
            for month in range(self.problem.months):
                columns, values = [self.extra[f"crews:{trade}"]], [-1.0]
                for number, measure in users:
                    self._running(columns, values, number, month, float(measure.crews[trade]))
                self.row(columns, values, float(there))

    def _running(
        self, columns: list[int], values: list[float], number: int, month: int, weight: float
    ) -> None:
        """weight · (started by this month − already in effect)."""
        if self.problem.measures[number].months == 0:
            return
        columns.append(int(self.started[number, month]))
        values.append(weight)
        effect = self.effect(number, month)
        if effect is not None:
            columns.append(effect)
            values.append(-weight)

    def budget(self) -> None:
        """Spending of a month, or up to it. An extra budget is one sum on the first day."""
        problem = self.problem
        total = 0.0
        for month in range(problem.months):
            spent: dict[int, float] = {}
            first = 0 if problem.budget_carries_over else month
            for number, measure in enumerate(problem.measures):
                for then in range(first, month + 1):
                    self._spending(spent, number, measure, then)
            columns = [c for c, v in spent.items() if abs(v) > 1e-9]
            total = (
                total + problem.budget_of(month)
                if problem.budget_carries_over
                else problem.budget_of(month)
            )
            self.row([*columns, self.extra["budget"]], [*(spent[c] for c in columns), -1.0], total)

    def _spending(self, spent: dict[int, float], number: int, measure: Measure, month: int) -> None:
        """cost / months while it runs; all at once where it takes no time."""
        months = max(1, measure.months)
        rate = measure.cost_cny / months
        begun = int(self.started[number, month])
        spent[begun] = spent.get(begun, 0.0) + rate
        if month - months >= 0:
            ended = int(self.started[number, month - months])
            spent[ended] = spent.get(ended, 0.0) - rate

    def targets(self) -> None:
        problem = self.problem
        for number, target in enumerate(problem.targets):
            month = problem.month_of(target.by)
            goal = (
                target.share * problem.lettable_m2
                - problem.let_m2
                + problem.exits_m2_per_month * (month + 1)
            )
            columns = [int(c) for c in (*self.let[:, month], self.again[month], self.short[number])]
            self.row(columns, [-1.0] * len(columns), -goal)


def build(problem: PathProblem) -> Model:
    """The programme of a problem."""
    made = _Builder(problem)
    made.never_falls()
    made.order()
    made.opening()
    made.letting()
    made.crews()
    made.budget()
    made.targets()
    return Model(
        problem=problem,
        arrays=made.build.arrays(),
        started=made.started,
        let=made.let,
        again=made.again,
        short=made.short,
        extra={name: int(column) for name, column in made.extra.items()},
    )


def _cures(measure: Measure, building: str, obstacle: str) -> bool:
    return measure.building == building and obstacle in measure.cures
