"""Money by line. A cost is +, an income −; the lines add up to the value of the result."""

from dataclasses import dataclass

import numpy as np

from bihuan.engines.cash import annuity_factor
from bihuan.engines.greenpark.flows import Flows
from bihuan.engines.greenpark.problem import Invest, Park
from bihuan.engines.shape import Words


@dataclass(frozen=True, kw_only=True)
class MoneyLine:
    """One line of the account, CNY over the horizon (CNY/yr in a sizing)."""

    key: str
    name: Words
    cny: float
    mwh: float | None = None  # the energy it is paid for


PART_WORDS = {
    "energy": Words("energy", "电量电价"),
    "line_loss": Words("line losses", "上网环节线损费"),
    "transmission": Words("transmission and distribution", "输配电价"),
    "system": Words("system operation", "系统运行费"),
    "cross_subsidy": Words("cross subsidy", "政策性交叉补贴"),
    "fund": Words("government funds", "政府性基金及附加"),
    "other": Words("other", "其他"),
}


def operation_lines(park: Park, flows: Flows) -> list[MoneyLine]:
    """What running the park costs over the horizon, by line."""
    lines = _tariff_lines(park, flows) + _access_lines(park, flows)
    sold_mwh = float(flows.sold_mw.sum()) * park.hours
    income = park.hours * float((flows.sold_mw * park.export_price).sum())
    lines.append(_line("sold", Words("energy sold", "上网电费收入"), -income, sold_mwh))
    for storage in park.storages:
        mwh = float(flows.storages[storage.name].discharged_mw.sum()) * park.hours
        wear = mwh * storage.wear_cny_per_mwh
        lines.append(
            _line(
                f"wear:{storage.name}",
                Words(f"wear of {storage.name}", f"{storage.name} 损耗"),
                wear,
                mwh,
            )
        )
    for source in park.sources:
        mwh = float(flows.used_mw[source.name].sum()) * park.hours
        cost = mwh * source.variable_cost_cny_per_mwh
        lines.append(
            _line(
                f"run:{source.name}",
                Words(f"running {source.name}", f"{source.name} 变动成本"),
                cost,
                mwh,
            )
        )
    return [line for line in lines if line.cny or line.key == "sold"]


def _line(key: str, name: Words, cny: float, mwh: float | None = None) -> MoneyLine:
    return MoneyLine(key=key, name=name, cny=float(cny), mwh=mwh)


def _tariff_lines(park: Park, flows: Flows) -> list[MoneyLine]:
    h, lines = park.hours, []
    bought_mwh = float(flows.bought_mw.sum()) * h
    to_users = np.sum(list(flows.bought_by_user_mw.values()), axis=0)
    own_mw = park.load_mw - to_users
    for part in park.tariff.parts:
        price, words = park.priced(part.price_cny_per_mwh), PART_WORDS[part.kind]
        name = Words(
            f"{part.name} ({words.en}) on bought energy", f"{part.name}（{words.zh}）·下网电量"
        )
        lines.append(
            _line(
                f"bought:{part.name}", name, h * float((flows.bought_mw * price).sum()), bought_mwh
            )
        )
        if part.on_self_use:
            name = Words(
                f"{part.name} ({words.en}) on self-used energy",
                f"{part.name}（{words.zh}）·自发自用电量",
            )
            lines.append(
                _line(
                    f"own:{part.name}",
                    name,
                    h * float((own_mw * price).sum()),
                    float(own_mw.sum()) * h,
                )
            )
    for user in park.users:
        bought = flows.bought_by_user_mw[user.name]
        cost = h * user.premium_cny_per_mwh * float(bought.sum())
        name = Words(f"{user.name}'s premium", f"{user.name} 价差")
        lines.append(_line(f"premium:{user.name}", name, cost, float(bought.sum()) * h))
    return lines


def _access_lines(park: Park, flows: Flows) -> list[MoneyLine]:
    """Demand charge on each month's peak, capacity charge on the access."""
    months = park.months()
    count = int(months.max()) + 1
    peaks = np.zeros(count)
    np.maximum.at(peaks, months, flows.bought_mw)
    demand = park.tariff.demand_cny_per_mw_month * float(peaks.sum())
    capacity = park.tariff.capacity_cny_per_mw_month * park.grid.import_cap_mw * count
    return [
        _line("demand", Words("demand charge", "需量电费"), demand),
        _line("capacity", Words("capacity charge on the access", "容量电费"), capacity),
    ]


def constant_cny(park: Park) -> float:
    """The lines no dispatch can change and the programme leaves out."""
    count = int(park.months().max()) + 1
    return park.tariff.capacity_cny_per_mw_month * park.grid.import_cap_mw * count


def invest_lines(park: Park) -> list[MoneyLine]:
    """The yearly cost of what is built: annuity and O&M, CNY/yr."""
    rate = park.finance.discount_rate
    lines = []
    for name, invest, size in built(park):
        annuity = size * invest.capex_cny * annuity_factor(rate, invest.life_yr)
        lines.append(
            _line(f"annuity:{name}", Words(f"annuity of {name}", f"{name} 投资年金"), annuity)
        )
        upkeep = size * invest.capex_cny * invest.om_share_per_yr
        lines.append(_line(f"om:{name}", Words(f"O&M of {name}", f"{name} 运维"), upkeep))
    staff = park.finance.staff_cny_per_yr
    return [*lines, _line("staff", Words("wages", "人员工资"), staff)]


def built(park: Park) -> list[tuple[str, Invest, float]]:
    """Everything that is paid for by size: (name, what a unit costs, size)."""
    found = [(s.name, s.invest, s.capacity_mw) for s in park.sources]
    for storage in park.storages:
        found.append((f"{storage.name} power", storage.invest_power, storage.power_mw))
        found.append((f"{storage.name} energy", storage.invest_energy, storage.energy_mwh))
    return [(name, invest, size) for name, invest, size in found if invest is not None]


def grid_only_cny(park: Park) -> float:
    """What the same users would pay over the horizon with nothing but the grid."""
    h, load, months = park.hours, park.load_mw, park.months()
    energy = h * float(load @ park.import_price)
    energy += h * sum(u.premium_cny_per_mwh * float(u.load_mw.values.sum()) for u in park.users)
    peaks = np.zeros(int(months.max()) + 1)
    np.maximum.at(peaks, months, load)
    return energy + park.tariff.demand_cny_per_mw_month * float(peaks.sum()) + constant_cny(park)
