"""Solving a park's programme whose ratios couple every step of the year.

A ratio is one row with an entry in every step. With such a row in the basis a simplex
step is no longer cheap: a year of quarter hours takes ten times as long. So the rows
enter priced. With multipliers y (from the same park in coarser steps, a little too low):

    1. solve   min (c − Σ y_i·a_i)·x  without the rows      (fast, sparse)
    2. put the rows back and go on from that basis by the dual simplex (few steps)

Where row i binds, a_i·x is constant on the optimal face, so the priced objective has the
same minimisers as c·x, and its full multiplier is y_i plus the row's remaining dual.
Where a priced row turns out slack its price is taken back and the primal simplex goes
on. The answer is that of the whole programme, exactly, in any case.
"""

from collections.abc import Mapping
from dataclasses import replace

import highspy
import numpy as np

from bihuan.engines import lp
from bihuan.engines.greenpark.layout import Model
from bihuan.engines.greenpark.model import assemble
from bihuan.engines.greenpark.problem import Park, PricePart
from bihuan.engines.series import Series
from bihuan.engines.shape import Status, Watch

DIRECT_STEPS = 3000  # below this the rows cost nothing worth saving
CAUTION = 0.97
TOLERANCE_MWH = 1e-4
SIMPLEX: Mapping[str, object] = {"presolve": "off"}  # nothing to remove: a third of the time
INTERIOR: Mapping[str, object] = {"solver": "ipx", "run_crossover": "off"}


def options_for(park: Park) -> Mapping[str, object]:
    """Interior point without crossover for programmes whose columns couple every step."""
    return INTERIOR if park.steps > DIRECT_STEPS else {}


def coarser(park: Park, step_s: int) -> Park:
    """The same park in longer steps: means of power and of prices."""

    def mean(price: Series | float) -> Series | float:
        return price.mean_over(step_s) if isinstance(price, Series) else price

    def part(item: PricePart) -> PricePart:
        return item.replace(price_cny_per_mwh=mean(item.price_cny_per_mwh))

    tariff = park.tariff
    return park.replace(
        users=tuple(u.replace(load_mw=u.load_mw.mean_over(step_s)) for u in park.users),
        sources=tuple(s.replace(available=s.available.mean_over(step_s)) for s in park.sources),
        tariff=tariff.replace(
            parts=tuple(part(item) for item in tariff.parts),
            export_price_cny_per_mwh=mean(tariff.export_price_cny_per_mwh),
        ),
    )


def rule_prices(park: Park, watch: Watch) -> dict[str, float]:
    """Multipliers of the ratios in steps four times as long, CNY/MWh; none where unsolved."""
    model = assemble(coarser(park, 4 * park.load.step_s))
    answer = lp.solve(model.lp, watch=watch, options=INTERIOR)
    if not answer.status.has_solution or not len(answer.row_dual):
        return {}
    return {limit.key: float(answer.row_dual[row]) for limit, row, _ in model.rule_rows}


class Priced:
    """A model inside HiGHS, its rule rows priced; can be changed and run again."""

    def __init__(self, model: Model, prices: Mapping[str, float], watch: Watch) -> None:
        self.model, self.watch = model, watch
        self.rows = np.array([row for _, row, _ in model.rule_rows], dtype=np.int64)
        known = [prices.get(limit.key, 0.0) * CAUTION for limit, _, _ in model.rule_rows]
        self.price = np.maximum(np.array(known, dtype=float), 0.0)
        self.highs: highspy.Highs

    def solve(self) -> lp.LpAnswer:
        """The optimum of the whole programme, with the whole multipliers."""
        whole = self.model.lp
        if not self.price.any():
            self.highs = lp.load(whole, SIMPLEX)
            return lp.run(self.highs, self.watch)
        lower = whole.row_lower.copy()
        lower[self.rows] = -np.inf
        self.highs = lp.load(replace(whole, cost=self._cost(), row_lower=lower), SIMPLEX)
        answer = lp.run(self.highs, self.watch)
        if not answer.status.has_solution:
            return answer
        if not answer.status.is_final:  # a solution that keeps no ratio is none
            return replace(answer, status=Status.STOPPED, value=None, bound=None, x=np.zeros(0))
        for row in self.rows:
            self.highs.changeRowBounds(int(row), float(whole.row_lower[row]), np.inf)
        return self.again()

    def again(self) -> lp.LpAnswer:
        """Go on from the last basis, taking back the price of rows that are slack."""
        while True:
            answer = lp.run(self.highs, self.watch)
            slack = self._slack_rows(answer)
            if not slack.any():
                return self._whole(answer)
            self.price[slack] = 0.0
            cost = self._cost()
            columns = np.arange(len(cost), dtype=np.int32)
            self.highs.changeColsCost(len(cost), columns, cost)

    def _cost(self) -> np.ndarray:
        """c − Σ y_i·a_i."""
        whole = self.model.lp
        cost = whole.cost.copy()
        column = np.repeat(np.arange(whole.columns), np.diff(whole.start))
        for row, price in zip(self.rows, self.price, strict=True):
            if price:
                here = whole.index == row
                cost[column[here]] -= price * whole.value[here]
        return cost

    def _slack_rows(self, answer: lp.LpAnswer) -> np.ndarray:
        if answer.status is not Status.OPTIMAL:
            return np.zeros(len(self.rows), dtype=bool)
        spare = self._activity(answer.x) - self.model.lp.row_lower[self.rows]
        slack: np.ndarray = (self.price > 0) & (spare > TOLERANCE_MWH)
        return slack

    def _activity(self, x: np.ndarray) -> np.ndarray:
        """a_i·x of each rule row."""
        whole = self.model.lp
        column = np.repeat(np.arange(whole.columns), np.diff(whole.start))
        found = [
            float(whole.value[here] @ x[column[here]])
            for here in (whole.index == row for row in self.rows)
        ]
        return np.array(found)

    def _whole(self, answer: lp.LpAnswer) -> lp.LpAnswer:
        """The answer in terms of the true costs."""
        if not answer.status.has_solution:
            return answer
        whole = self.model.lp
        value = float(whole.cost @ answer.x) + whole.offset
        if len(answer.row_dual):
            answer.row_dual[self.rows] += self.price
        bound = value if answer.status is Status.OPTIMAL else None
        return replace(answer, value=value, bound=bound)


def solve(
    model: Model, watch: Watch, prices: Mapping[str, float] | None = None
) -> tuple[Priced, lp.LpAnswer]:
    """Solve a dispatch model; `prices` may bring multipliers that are known already."""
    if prices is None:
        large = bool(model.rule_rows) and model.park.steps > DIRECT_STEPS
        prices = rule_prices(model.park, watch) if large else {}
    priced = Priced(model, prices, watch)
    return priced, priced.solve()
