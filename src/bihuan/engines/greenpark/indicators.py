"""The project in single figures: what it costs, saves and returns against the grid alone."""

import numpy as np

from bihuan.engines import cash
from bihuan.engines.greenpark.flows import Flows
from bihuan.engines.greenpark.money import built, grid_only_cny, invest_lines
from bihuan.engines.greenpark.problem import Park
from bihuan.engines.greenpark.result import Dispatch, Indicator
from bihuan.engines.shape import Words


def indicators_of(park: Park, year: Dispatch) -> list[Indicator]:
    """Money and technical indicators of a park whose year is dispatched."""
    if year.flows is None or year.value is None:
        return []
    return (
        _money(park, year.value)
        + _supply(park, year.flows, year.value)
        + _technical(park, year.flows)
    )


def cash_flows(park: Park, yearly_operation_cny: float) -> list[float]:
    """Flow of each year against supply from the grid alone; + is gained, year 0 is today.

    Replacements at the end of each life at `replacement_share` of the price for storages
    and at the full price for sources; at the end, what is left of a life counts pro rata.
    """
    finance = park.finance
    flows = np.zeros(finance.horizon_yr + 1)
    saving = grid_only_cny(park) * park.year_factor - yearly_operation_cny
    upkeep = finance.staff_cny_per_yr
    depreciation = 0.0
    storages = {f"{s.name} {part}" for s in park.storages for part in ("power", "energy")}
    for name, invest, amount in built(park):
        capex = amount * invest.capex_cny
        upkeep += capex * invest.om_share_per_yr
        depreciation += capex / invest.life_yr
        price, bought, cost = finance.replacement_share if name in storages else 1.0, 0.0, capex
        while bought < finance.horizon_yr:
            flows[round(bought)] -= cost
            left = max(0.0, bought + invest.life_yr - finance.horizon_yr) / invest.life_yr
            flows[-1] += cost * left
            bought, cost = bought + invest.life_yr, capex * price
    gained = saving - upkeep
    tax = finance.tax_rate * max(0.0, gained - depreciation)
    flows[1:] += gained - tax
    return [float(flow) for flow in flows]


def _money(park: Park, operation_cny: float) -> list[Indicator]:
    operation = operation_cny * park.year_factor
    flows = cash_flows(park, operation)
    capex = sum(amount * invest.capex_cny for _, invest, amount in built(park))
    rate = park.finance.discount_rate
    alone = grid_only_cny(park) * park.year_factor
    total = operation + sum(line.cny for line in invest_lines(park))
    return [
        _one("capex", Words("investment", "总投资"), capex, "CNY"),
        _one("grid_only", Words("supply from the grid alone", "纯下网购电费用"), alone, "CNY/yr"),
        _one(
            "saving",
            Words("saved against the grid alone", "较纯下网年节省"),
            alone - total,
            "CNY/yr",
        ),
        _one("npv", Words("net present value", "净现值"), cash.present_value(rate, flows), "CNY"),
        _one(
            "irr", Words("internal rate of return", "内部收益率"), cash.internal_rate(flows), "1/yr"
        ),
        _one("payback", Words("payback", "静态回收期"), cash.payback_years(flows), "yr"),
    ]


def _supply(park: Park, flows: Flows, operation_cny: float) -> list[Indicator]:
    consumed = float(flows.load_mw.sum()) * park.hours
    total = operation_cny + sum(line.cny for line in invest_lines(park)) / park.year_factor
    per_mwh = total / consumed if consumed else None
    return [_one("cost_per_mwh", Words("cost of supply", "综合用电成本"), per_mwh, "CNY/MWh")]


def _technical(park: Park, flows: Flows) -> list[Indicator]:
    h, year = park.hours, park.year_factor
    found = []
    for source in park.sources:
        used = float(flows.used_mw[source.name].sum()) * h * year
        hours = used / source.capacity_mw if source.capacity_mw > 0 else None
        name = Words(f"full-load hours of {source.name}", f"{source.name} 利用小时数")
        found.append(_one(f"hours:{source.name}", name, hours, "h/yr"))
    for storage in park.storages:
        out = float(flows.storages[storage.name].discharged_mw.sum()) * h * year
        full = storage.energy_mwh * storage.discharge_efficiency
        name = Words(f"full cycles of {storage.name}", f"{storage.name} 等效循环次数")
        found.append(_one(f"cycles:{storage.name}", name, out / full if full > 0 else None, "1/yr"))
    peak = float(flows.bought_mw.max())
    mean = float(flows.bought_mw.mean())
    found.append(_one("peak_draw", Words("highest draw", "最大下网功率"), peak, "MW"))
    share = mean / peak if peak > 0 else None
    found.append(
        _one("draw_factor", Words("load factor of the draw", "下网平均负荷率"), share, "1")
    )
    return found


def _one(key: str, name: Words, value: float | None, unit: str) -> Indicator:
    return Indicator(key=key, name=name, value=None if value is None else float(value), unit=unit)
