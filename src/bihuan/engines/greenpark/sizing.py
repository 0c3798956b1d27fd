"""How large to build: sizes on hours, then the year in the park's own steps.

The programme with sizes as columns takes minutes on quarter hours and seconds on hours.
So sizes come from hourly means, and the park of those sizes is dispatched in its own
steps. What that loses is reported:

* `regret_at_most`: averaging any schedule over hours gives an hourly schedule of the same
  cost where prices hold for whole hours and storages lose nothing standing; so the hourly
  optimum V_h is a lower bound, and the regret is at most (V − V_h) / V.
* `regret_estimate` (with `sizing.corrections` ≥ 1): sizes are corrected by the difference
  of the two models' marginal costs of capacity, g = ∂V/∂x − ∂V_h/∂x, added to the hourly
  costs of capacity; what the corrected sizes gain estimates what the first ones lost.

With `sizing.step_s` equal to the series' own step there is nothing to lose or to report.
"""

from dataclasses import dataclass, replace

import numpy as np

from bihuan.engines import lp
from bihuan.engines.greenpark import operate as running
from bihuan.engines.greenpark.alternatives import without_each
from bihuan.engines.greenpark.diagnose import conflicts
from bihuan.engines.greenpark.explain import bindings, ratio_lines
from bihuan.engines.greenpark.flows import POWER_TOLERANCE_MW
from bihuan.engines.greenpark.indicators import indicators_of
from bihuan.engines.greenpark.layout import Model, throws_away_mw, tie_cny, yearly_cost
from bihuan.engines.greenpark.limits import limits
from bihuan.engines.greenpark.model import assemble
from bihuan.engines.greenpark.money import built, constant_cny, invest_lines
from bihuan.engines.greenpark.opposed import opposed
from bihuan.engines.greenpark.priced import coarser, options_for
from bihuan.engines.greenpark.problem import Park, Rules
from bihuan.engines.greenpark.result import Dispatch, Size, Sizing
from bihuan.engines.lp import LpAnswer
from bihuan.engines.series import Series
from bihuan.engines.shape import (
    BadProblem,
    Binding,
    Check,
    OnProgress,
    Progress,
    Status,
    Stop,
    Watch,
    Words,
    ignore,
)

AT_LIMIT = 1e-4
BURNT_SHARE = 1e-3
MARGIN_ROUNDS = 3
GOOD_RATE = 0.15
FLOORS = ("self_of_generation", "self_of_consumption")


@dataclass(frozen=True)
class Trial:
    """One choice of sizes: the coarse answer it came from, and its year."""

    coarse: Model
    answer: LpAnswer
    park: Park
    year: Dispatch
    value: float  # CNY/yr, all included
    tightened: bool  # floors had to be raised for the year to keep them


def size(
    park: Park, *, stop: Stop | None = None, seed: int = 0, progress: OnProgress = ignore
) -> Sizing:
    """The cheapest sizes of everything with an `invest`, proven by a dispatched year.

    value: CNY/yr: annuities, O&M, wages and the operation of a year. The method is
    deterministic: `seed` is only recorded.
    """
    watch = (stop or Stop()).begin()
    if not any_choice(park):
        raise BadProblem(
            "sources", Words("nothing to size: give an `invest`", "没有可优化的容量：请给出 invest")
        )
    first = _trial(park, {}, watch, progress)
    if isinstance(first, Sizing):
        return replace(first, provenance=replace(first.provenance, seed=seed))
    best, estimate = first, None
    for _ in range(park.sizing.corrections):
        other = _trial(park, _correction(best), watch, progress)
        if isinstance(other, Sizing) or other.value >= best.value:
            estimate = estimate or 0.0
            break
        estimate = (estimate or 0.0) + (best.value - other.value) / abs(other.value)
        best = other
    return _result(park, best, first, estimate, watch, seed)


def any_choice(park: Park) -> bool:
    return any(s.invest for s in park.sources) or any(s.invest_power for s in park.storages)


def _trial(
    park: Park, correction: dict[str, float], watch: Watch, progress: OnProgress
) -> Trial | Sizing:
    """Sizes on coarse steps, then their year; floors that the year misses are raised a little."""
    tightened = park
    for _ in range(MARGIN_ROUNDS):
        progress(Progress(running.ENGINE, "sizing on hours", 0.1, elapsed_s=watch.elapsed_s))
        model = coarse_model(tightened, correction)
        answer = _without_burning(model, watch)
        if answer.status.has_solution and throws_away_mw(model, answer.x) > POWER_TOLERANCE_MW:
            model = coarse_model(tightened, correction, curtails_own=True)
            answer = _without_burning(model, watch)
        if not answer.status.has_solution:
            return _without_sizes(tightened, model, answer, watch)
        sized = with_sizes(park, model, answer.x)
        prices = {limit.key: float(answer.row_dual[row]) for limit, row, _ in model.rule_rows}
        progress(Progress(running.ENGINE, "dispatching the year", 0.6, elapsed_s=watch.elapsed_s))
        left = replace(watch.stop, max_runtime_s=max(watch.remaining_s, 1e-3))
        year = running.dispatch(sized, stop=left, rule_prices=prices)
        if year.value is not None:
            value = year.value * park.year_factor + _invested(sized)
            return Trial(model, answer, sized, year, value, tightened is not park)
        if year.status is not Status.INFEASIBLE:
            break
        tightened = _tightened(tightened, year)
    return replace(
        _without_sizes(park, model, answer, watch), status=year.status, bindings=year.bindings
    )


def _without_burning(model: Model, watch: Watch) -> LpAnswer:
    """The coarse optimum without charging while discharging, as `operate.repair` does it.

    The value of the first optimum stays its bound.
    """
    first = answer = lp.solve(model.lp, watch=watch, options=options_for(model.park))
    for _ in range(MARGIN_ROUNDS):
        if not answer.status.has_solution or burnt_share(model, answer.x) < BURNT_SHARE:
            break
        model.lp.upper[opposed(model, answer)] = 0.0
        better = lp.solve(model.lp, watch=watch, options=options_for(model.park))
        if not better.status.has_solution:
            break
        answer = better
    if first.value is None:
        return answer
    return replace(answer, bound=first.value - tie_cny(model, first.x))


def burnt_share(model: Model, x: np.ndarray) -> float:
    """Charged while discharging, over all that is charged."""
    charged = sum(float(x[at.charge].sum()) for at in model.storages)
    both = sum(float(np.minimum(x[at.charge], x[at.discharge]).sum()) for at in model.storages)
    return both / charged if charged > 0 else 0.0


def coarse_model(park: Park, correction: dict[str, float], *, curtails_own: bool = False) -> Model:
    """The sizing programme on coarse steps, its costs of capacity corrected."""
    step_s = max(park.sizing.step_s, park.load.step_s)
    same = step_s == park.load.step_s
    coarse = park if same else coarser(park, step_s)
    model = assemble(coarse, sizing=True, curtails_own=curtails_own)
    for name, column in size_columns(model).items():
        model.lp.cost[column] += correction.get(name, 0.0)
    return model


def size_columns(model: Model) -> dict[str, int]:
    """Column of each capacity, by the names of `built`."""
    found = {s.name: c for s, c in zip(model.park.sources, model.sources, strict=True)}
    for storage, at in zip(model.park.storages, model.storages, strict=True):
        found[f"{storage.name} power"] = at.power or 0
        found[f"{storage.name} energy"] = at.energy or 0
    return found


def with_sizes(park: Park, model: Model, x: np.ndarray) -> Park:
    """The park with the chosen sizes in place of the given ones."""
    sizes = {name: max(0.0, float(x[column])) for name, column in size_columns(model).items()}
    sources = tuple(s.replace(capacity_mw=sizes[s.name]) for s in park.sources)
    storages = tuple(
        s.replace(power_mw=sizes[f"{s.name} power"], energy_mwh=sizes[f"{s.name} energy"])
        for s in park.storages
    )
    return park.replace(sources=sources, storages=storages)


def _correction(trial: Trial) -> dict[str, float]:
    """g = ∂V/∂x − ∂V_h/∂x for each capacity, CNY/yr and unit."""
    duals = trial.answer.column_dual
    factor = trial.park.year_factor
    costs = {
        name: yearly_cost(invest, trial.park.finance.discount_rate)
        for name, invest, _ in built(trial.park)
    }
    columns = size_columns(trial.coarse)
    return {
        name: -factor * trial.year.worths[name] - (float(duals[columns[name]]) - costs[name])
        for name in costs
    }


def _tightened(park: Park, year: Dispatch) -> Park:
    """Floors raised by what the year missed, and a little more."""
    short = {binding.name: (binding.relief or 0.0) / 100 for binding in year.bindings}
    shares = {limit.key: limit.share for limit in limits(park)}
    raised = {
        f"{key}_min": min(1.0, shares[key] + 1.1 * short[f"rules.{key}"] + 1e-6)
        for key in FLOORS
        if f"rules.{key}" in short and key in shares
    }
    rules: Rules = park.rules.replace(**raised)
    return park.replace(rules=rules)


def _invested(park: Park) -> float:
    return sum(line.cny for line in invest_lines(park))


def _without_sizes(park: Park, model: Model, answer: LpAnswer, watch: Watch) -> Sizing:
    found: tuple[Binding, ...] = ()
    if answer.status is Status.INFEASIBLE:
        found = tuple(conflicts(model.park, watch, sizing=True))
    return Sizing(
        status=answer.status,
        value=None,
        unit="CNY/yr",
        bound=None,
        runtime_s=watch.elapsed_s,
        provenance=running.provenance(park, model, 0),
        bindings=found,
        warnings=running.warnings(park),
    )


def _result(
    park: Park, best: Trial, first: Trial, estimate: float | None, watch: Watch, seed: int
) -> Sizing:
    year, model = best.year, best.coarse
    factor = park.year_factor
    money = [replace(line, cny=line.cny * factor) for line in year.money] + invest_lines(best.park)
    exact = model.park.steps == park.steps
    bound = _bound(park, first, exact=exact)
    ratios = ratio_lines(model, best.answer)
    checks = [*year.checks, running.money_check(best.value, sum(m.cny for m in money), "CNY/yr")]
    checks.append(_sizes_check(best))
    regret = None if bound is None or exact else max(0.0, (best.value - bound) / abs(best.value))
    return Sizing(
        status=running.proven(year.status, best.value, bound)
        if bound is not None
        else Status.FEASIBLE,
        value=best.value,
        unit="CNY/yr",
        bound=bound,
        runtime_s=watch.elapsed_s,
        provenance=running.provenance(park, model, seed),
        checks=tuple(checks),
        bindings=(
            *bindings(model, best.answer, ratios),
            *_limit_bindings(best),
            *_second_best(best, watch),
        ),
        warnings=year.warnings + credibility(best),
        sizes=tuple(_sizes(best.park)),
        year=year,
        money=tuple(line for line in money if line.cny),
        indicators=tuple(indicators_of(best.park, year)),
        regret_at_most=regret,
        regret_estimate=estimate,
    )


def _bound(park: Park, first: Trial, *, exact: bool) -> float | None:
    """The coarse optimum, CNY/yr, where it is a lower bound of the whole problem."""
    if first.tightened or not (exact or averages_are_bounds(park)) or first.answer.bound is None:
        return None
    fixed = constant_cny(park) * park.year_factor + park.finance.staff_cny_per_yr
    return min(first.answer.bound + fixed, first.value)  # the solver's tolerance may cross them


def averages_are_bounds(park: Park) -> bool:
    """Prices hold for whole coarse steps and storages lose nothing standing."""
    steps = max(1, park.sizing.step_s // park.load.step_s)
    prices = [part.price_cny_per_mwh for part in park.tariff.parts]
    prices.append(park.tariff.export_price_cny_per_mwh)
    for price in prices:
        if isinstance(price, Series):
            blocks = price.values.reshape(-1, steps)
            if np.ptp(blocks, axis=1).max() > 1e-9:
                return False
    return all(storage.loss_per_hour == 0 for storage in park.storages)


def _sizes(park: Park) -> list[Size]:
    found = []
    for name, invest, value in built(park):
        slack = AT_LIMIT * max(invest.max_size, 1.0)
        at_limit = "most" if value >= invest.max_size - slack else ""
        at_limit = "least" if value <= invest.min_size + slack else at_limit
        unit = "MWh" if name.endswith(" energy") else "MW"
        found.append(
            Size(
                name=name,
                value=value,
                unit=unit,
                capex_cny=value * invest.capex_cny,
                at_limit=at_limit,
            )
        )
    return found


def _sizes_check(trial: Trial) -> Check:
    over = [
        max(0.0, value - invest.max_size, invest.min_size - value)
        for _, invest, value in built(trial.park)
    ]
    return Check.of("sizes within their limits", max(over, default=0.0), 1e-3, "MW or MWh")


def _second_best(trial: Trial, watch: Watch) -> list[Binding]:
    if not trial.park.sizing.compare or trial.answer.value is None:
        return []
    return without_each(trial.coarse, trial.answer.value, watch)


def _limit_bindings(trial: Trial) -> tuple[Binding, ...]:
    """Sizes that end at their largest, with what one more unit is worth."""
    duals, columns = trial.answer.column_dual, size_columns(trial.coarse)
    found = []
    for item in _sizes(trial.park):
        worth = -float(duals[columns[item.name]])
        if item.at_limit == "most" and worth > 1.0:
            words = Words(
                f"the largest {item.name} allowed binds: one more {item.unit} is worth {worth:,.0f} yuan/yr",
                f"{item.name} 已达允许上限：每增加 1 {item.unit} 值 {worth:,.0f} 元/年",
            )
            found.append(
                Binding(name=item.name, words=words, relief=worth, unit="CNY/yr", per=item.unit)
            )
    return tuple(found)


def credibility(trial: Trial) -> tuple[Words, ...]:
    """A return that is too good to be true is said to be."""
    rate = next(item.value for item in indicators_of(trial.park, trial.year) if item.key == "irr")
    if rate is None or rate <= GOOD_RATE:
        return ()
    return (
        Words(
            f"an internal rate of {rate:.1%} is above {GOOD_RATE:.0%}: check prices, investment and full-load hours",
            f"内部收益率 {rate:.1%} 超过 {GOOD_RATE:.0%}：请核对电价、投资与利用小时数",
        ),
    )
