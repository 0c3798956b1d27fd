"""The money of a venture: flows by line and year, NPV, IRR, LCOS, payback, scenarios, tornado.

NPV   Σ flow_k / (1 + r)^k                     flow_0 is the investment, today
IRR   the rate at which NPV is 0
LCOS  Σ cost_k/(1+r)^k / Σ energy_k/(1+r)^k    costs: investment, O&M, replacement, energy bought
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from bihuan.engines.cash import internal_rate, payback_years, present_value
from bihuan.engines.shape import (
    Check,
    OnProgress,
    Result,
    Status,
    Stop,
    Table,
    Words,
    ignore,
)
from bihuan.engines.storage.kernel import Floats
from bihuan.engines.storage.record import provenance
from bihuan.engines.storage.venture import Revenue, Scenario, Venture

LOSS_CARRIED_YEARS = 5  # 企业所得税法 art. 18
TOO_GOOD_RATE = 0.15  # stations in operation return less; see docs/develop/storage.md
TOO_GOOD_PAYBACK_YEARS = 4.0
CHEAP_YUAN_PER_KW = 1000.0


@dataclass(frozen=True, kw_only=True)
class Flows:
    """Money by line and year [CNY]; column k is the end of year k, column 0 today."""

    lines: dict[str, Floats]
    health: Floats  # mean capacity in each year; column 0 unused
    replaced: tuple[int, ...]  # years at whose end cells are replaced

    @property
    def total(self) -> Floats:
        return np.asarray(np.sum(list(self.lines.values()), axis=0))


def flows_of(venture: Venture) -> Flows:
    """Every line of money over the years."""
    years = venture.years
    health, replaced = _health(venture)
    lines: dict[str, Floats] = {}
    for part in venture.capex:
        line = np.zeros(years + 1)
        line[0] = -part.cny
        again = set(replaced) if part.worn_by_cycles else set()
        if part.life_years:
            again |= set(range(part.life_years, years, part.life_years))
        for year in again:
            line[year] -= part.cny * part.replacement_share
        lines[f"capex: {part.name}"] = line
    for revenue in venture.revenue:
        lines[f"revenue: {revenue.name}"] = _earned(revenue, years, health)
    growth = (1 + venture.om_change_per_year) ** np.arange(years)
    lines["O&M"] = np.concatenate([[0.0], -venture.om_share * venture.capex_cny * growth])
    salvage = np.zeros(years + 1)
    salvage[-1] = venture.salvage_share * venture.capex_cny
    lines["salvage"] = salvage
    lines["tax"] = _tax(venture, lines)
    return Flows(lines=lines, health=health, replaced=replaced)


def _earned(revenue: Revenue, years: int, health: Floats) -> Floats:
    line = revenue.cny * (1 + revenue.change_per_year) ** np.arange(years)
    return np.concatenate([[0.0], line * (health[1:] if revenue.follows_health else 1.0)])


def _health(venture: Venture) -> tuple[Floats, tuple[int, ...]]:
    """Mean capacity of each year, and the years that end with new cells."""
    health, replaced, age = np.ones(venture.years + 1), [], 0
    for year in range(1, venture.years + 1):
        before = 1 - venture.loss_first_year * age**0.5
        after = 1 - venture.loss_first_year * (age + 1) ** 0.5
        health[year] = (before + after) / 2
        age += 1
        if after < venture.replace_at and year < venture.years:
            replaced.append(year)
            age = 0
    return health, tuple(replaced)


def _tax(venture: Venture, lines: dict[str, Floats]) -> Floats:
    """Income tax, with depreciation and five years of carried losses."""
    income = sum(line for name, line in lines.items() if not name.startswith("capex"))
    taxable = np.array(income, dtype=float)
    taxable[-1] -= venture.salvage_share * venture.capex_cny  # its book value: no gain
    written_off = venture.capex_cny * (1 - venture.salvage_share) / venture.depreciation_years
    taxable[1 : venture.depreciation_years + 1] -= written_off
    taxable += sum(
        np.concatenate([[0.0], line[1:]])
        for name, line in lines.items()
        if name.startswith("capex")
    )  # replacements are repairs: expensed in their year
    tax, losses = np.zeros(venture.years + 1), np.zeros(0)
    for year in range(1, venture.years + 1):
        losses = losses[-LOSS_CARRIED_YEARS:]
        rest = taxable[year]
        if rest < 0:
            losses = np.append(losses, -rest)
            continue
        for i, loss in enumerate(losses):
            used = min(loss, rest)
            losses[i] -= used
            rest -= used
        losses = np.append(losses, 0.0)
        tax[year] = -venture.tax_rate * rest
    return tax


def net_present_value(venture: Venture) -> float:
    return present_value(venture.discount_rate, list(flows_of(venture).total))


def under(venture: Venture, scenario: Scenario) -> Venture:
    """The venture with the revenues of a scenario."""

    def changed(line: Revenue) -> Revenue:
        if line.name not in scenario.lines and (scenario.lines or line.cny <= 0):
            return line
        change = (1 + line.change_per_year) * (1 + scenario.change_per_year) - 1
        return line.replace(cny=line.cny * scenario.factor, change_per_year=change)

    return venture.replace(revenue=tuple(changed(line) for line in venture.revenue))


def _scaled_revenue(venture: Venture, factor: float) -> Venture:
    return under(venture, Scenario(name="", factor=factor))


def _scaled_capex(venture: Venture, factor: float) -> Venture:
    parts = tuple(part.replace(cny=part.cny * factor) for part in venture.capex)
    return venture.replace(capex=parts, total_cny=0.0, om_share=venture.om_share / factor)


def _scaled_replacement(venture: Venture, factor: float) -> Venture:
    parts = tuple(
        part.replace(replacement_share=part.replacement_share * factor) for part in venture.capex
    )
    return venture.replace(capex=parts)


SWINGS: dict[str, Callable[[Venture, float], Venture]] = {
    "revenue": _scaled_revenue,
    "capex": _scaled_capex,
    "O&M": lambda v, factor: v.replace(om_share=v.om_share * factor),
    "ageing": lambda v, factor: v.replace(loss_first_year=v.loss_first_year * factor),
    "replacement cost": _scaled_replacement,
    "discount rate": lambda v, factor: v.replace(discount_rate=v.discount_rate * factor),
}


def tornado(venture: Venture) -> dict[str, tuple[float, float]]:
    """NPV with each input lower and higher by `swing`, the widest first [CNY]."""
    low, high = 1 - venture.swing, 1 + venture.swing
    found = {
        name: (net_present_value(change(venture, low)), net_present_value(change(venture, high)))
        for name, change in SWINGS.items()
    }
    return dict(sorted(found.items(), key=lambda item: -abs(item[1][1] - item[1][0])))


@dataclass(frozen=True, kw_only=True)
class VentureResult(Result):
    """`value` is the net present value [CNY]."""

    title: ClassVar[Words] = Words("Investment", "投资测算")

    flows: Flows
    irr: float | None
    payback: float | None  # years
    discounted_payback: float | None
    lcos_cny_per_mwh: float | None
    scenarios: dict[str, tuple[float, float | None]]  # NPV [CNY] and IRR
    tornado: dict[str, tuple[float, float]]
    problem: Venture = field(repr=False)

    def lines(self) -> list[Words]:
        irr = "–" if self.irr is None else f"{self.irr:.2%}"
        back = "–" if self.payback is None else f"{self.payback:.1f}"
        lcos = "–" if self.lcos_cny_per_mwh is None else f"{self.lcos_cny_per_mwh:,.1f}"
        new = ", ".join(map(str, self.flows.replaced)) or "–"
        return [
            Words(
                f"IRR {irr}, payback {back} years, LCOS {lcos} CNY/MWh, cells replaced after year {new}",
                f"内部收益率 {irr}，回收期 {back} 年，度电成本 {lcos} 元/MWh，电芯更换年份 {new}",
            ),
            *(
                Words(
                    f"{name}: NPV {npv:,.0f} CNY, IRR {'–' if rate is None else f'{rate:.2%}'}",
                    f"{name}：净现值 {npv:,.0f} 元，内部收益率 {'–' if rate is None else f'{rate:.2%}'}",
                )
                for name, (npv, rate) in self.scenarios.items()
            ),
        ]

    def tables(self) -> list[Table]:
        return [
            Table(
                name="flows",
                title=Words("Cash flows", "现金流量"),
                columns={
                    "year": np.arange(self.problem.years + 1),
                    **self.flows.lines,
                    "total_cny": self.flows.total,
                },
            ),
            Table(
                name="tornado",
                title=Words("What the NPV depends on", "净现值敏感性"),
                columns={
                    "input": list(self.tornado),
                    "lower_cny": [low for low, _ in self.tornado.values()],
                    "higher_cny": [high for _, high in self.tornado.values()],
                },
            ),
        ]


def appraise(
    problem: Venture, *, stop: Stop | None = None, seed: int = 0, progress: OnProgress = ignore
) -> VentureResult:
    """Appraise a venture."""
    began = time.perf_counter()
    flows = flows_of(problem)
    total = [float(flow) for flow in flows.total]
    irr = internal_rate(total)
    npv = present_value(problem.discount_rate, total)
    scenarios = {}
    for scenario in problem.scenarios:
        course = [float(flow) for flow in flows_of(under(problem, scenario)).total]
        scenarios[scenario.name] = (
            present_value(problem.discount_rate, course),
            internal_rate(course),
        )
    by_line = sum(present_value(problem.discount_rate, list(line)) for line in flows.lines.values())
    size = problem.capex_cny
    return VentureResult(
        status=Status.SIMULATED,
        value=npv,
        unit="CNY",
        bound=None,
        runtime_s=time.perf_counter() - began,
        provenance=provenance(problem, seed),
        checks=(
            Check.of("NPV = Σ NPV of the lines", npv - by_line, 1e-9 * size, "CNY"),
            Check.of(
                "NPV at the IRR is 0",
                0.0 if irr is None else present_value(irr, total),
                1e-6 * size,
                "CNY",
            ),
        ),
        warnings=_warnings(problem, flows, irr, payback_years(total)),
        flows=flows,
        irr=irr,
        payback=payback_years(total),
        discounted_payback=payback_years(total, problem.discount_rate),
        lcos_cny_per_mwh=_lcos(problem, flows),
        scenarios=scenarios,
        tornado=tornado(problem),
        problem=problem,
    )


def _lcos(venture: Venture, flows: Flows) -> float | None:
    if venture.discharged_mwh_per_year == 0.0:
        return None
    costs = np.zeros(venture.years + 1)
    for name, line in flows.lines.items():
        if name.startswith(("capex", "O&M", "salvage")) or (
            name.startswith("revenue") and line.min() < 0 and line.max() <= 0
        ):
            costs -= line
    energy = np.concatenate([[0.0], venture.discharged_mwh_per_year * flows.health[1:]])
    rate = venture.discount_rate
    return present_value(rate, list(costs)) / present_value(rate, list(energy))


def _warnings(
    venture: Venture, flows: Flows, irr: float | None, payback: float | None
) -> tuple[Words, ...]:
    """Where a result is too good to be true, or leaves out what usually costs."""
    said: list[Words] = []

    def warn(when: bool, en: str, zh: str) -> None:
        if when:
            said.append(Words(en, zh))

    warn(
        irr is not None and irr > TOO_GOOD_RATE,
        f"IRR {irr or 0:.1%} is above {TOO_GOOD_RATE:.0%}: stations in operation do not earn that; "
        "check units, mileage price (CNY/MW, not CNY/MWh) and erosion",
        f"内部收益率 {irr or 0:.1%} 高于 {TOO_GOOD_RATE:.0%}，在运电站难以达到；请核对单位、里程价格（元/MW 而非元/MWh）与价格下行",
    )
    warn(
        payback is not None and payback < TOO_GOOD_PAYBACK_YEARS,
        f"pays back in {payback or 0:.1f} years: too good to be true",
        f"{payback or 0:.1f} 年回本，过于乐观",
    )
    per_kw = venture.capex_cny / (venture.power_mw * 1e3) if venture.power_mw else 0.0
    warn(
        0 < per_kw < CHEAP_YUAN_PER_KW,
        f"{per_kw:,.0f} CNY/kW is less than any station built: 390 M CNY bought 100 MW in Taiyuan",
        f"单位造价 {per_kw:,.0f} 元/kW 低于已建电站（太原 100 MW 投资 3.9 亿元）",
    )
    warn(
        all(line.change_per_year >= 0 for line in venture.revenue) and not venture.scenarios,
        "no revenue ever falls and there is no scenario of falling prices: more storage is being built",
        "收入从不下降且未设价格下行情景，而储能仍在大量建设",
    )
    warn(
        venture.loss_first_year == 0.0 and any(part.worn_by_cycles for part in venture.capex),
        "the cells never age: give loss_first_year from a simulation",
        "电芯不老化：请由仿真结果给出首年容量损失",
    )
    warn(
        float(flows.health.min()) < 0.6,
        f"capacity falls to {flows.health.min():.0%} before cells are replaced",
        f"更换前容量降至 {flows.health.min():.0%}",
    )
    return tuple(said)
