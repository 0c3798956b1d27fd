"""The answers: a dispatched year, and a sized park."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from bihuan.engines import wire
from bihuan.engines.greenpark.explain import RatioLine
from bihuan.engines.greenpark.flows import Flows
from bihuan.engines.greenpark.money import MoneyLine
from bihuan.engines.greenpark.problem import Park
from bihuan.engines.shape import Result, Table, Words


@dataclass(frozen=True, kw_only=True)
class Dispatch(Result):
    """A park run at least cost. `value` is CNY over the horizon, without investment."""

    title: ClassVar[Words] = Words("Dispatch of a green-power park", "绿电园区运行方案")

    park: Park
    flows: Flows | None = None
    money: tuple[MoneyLine, ...] = ()
    ratios: tuple[RatioLine, ...] = ()
    worths: Mapping[str, float] = field(default_factory=dict)  # CNY over the horizon that one
    # more MW of a source, MW or MWh of a storage would save, before its own cost

    def lines(self) -> list[Words]:
        return _flow_lines(self) + [_ratio_words(line) for line in self.ratios]

    def tables(self) -> list[Table]:
        if self.flows is None:
            return []
        return [money_table(self.money), ratio_table(self.ratios), user_table(self), ledger(self)]

    def plain(self) -> dict[str, object]:
        """Without the problem, and with the ledger in hours."""
        return written(self)


@dataclass(frozen=True, kw_only=True)
class Size:
    """One capacity that was chosen."""

    name: str
    value: float
    unit: str
    capex_cny: float
    at_limit: str = ""  # "least", "most" or ""


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """One figure of the project as a whole."""

    key: str
    name: Words
    value: float | None
    unit: str


@dataclass(frozen=True, kw_only=True)
class Sizing(Result):
    """A park sized on hours and dispatched in its own steps. `value` is CNY/yr, all included."""

    title: ClassVar[Words] = Words("Sizing of a green-power park", "绿电园区容量配置")

    sizes: tuple[Size, ...] = ()
    year: Dispatch | None = None
    money: tuple[MoneyLine, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    regret_at_most: float | None = None  # relative; a proof, where prices hold for whole hours
    regret_estimate: float | None = None  # relative; gained by correcting the sizes once more

    def lines(self) -> list[Words]:
        said = [
            Words(f"{s.name}: {s.value:,.2f} {s.unit}", f"{s.name}：{s.value:,.2f} {s.unit}")
            for s in self.sizes
        ]
        if self.regret_estimate is not None:
            share = f"{self.regret_estimate:.4%}"
            said.append(
                Words(
                    f"regret of sizing on hours, estimated: {share}",
                    f"按小时定容的后悔值（估计）：{share}",
                )
            )
        if self.regret_at_most is not None:
            share = f"{self.regret_at_most:.4%}"
            said.append(
                Words(
                    f"regret of sizing on hours, proven: at most {share}",
                    f"按小时定容的后悔值（可证上界）：{share}",
                )
            )
        if self.year is not None:
            said += self.year.lines()
        said += [_indicator_words(item) for item in self.indicators]
        return said

    def tables(self) -> list[Table]:
        if self.year is None:
            return []
        sizes = Table(
            name="sizes",
            title=Words("Sizes", "容量"),
            columns={
                "name": [s.name for s in self.sizes],
                "value": [s.value for s in self.sizes],
                "unit": [s.unit for s in self.sizes],
                "capex_cny": [s.capex_cny for s in self.sizes],
                "at_limit": [s.at_limit for s in self.sizes],
            },
        )
        return [sizes, money_table(self.money), *self.year.tables()[1:]]

    def plain(self) -> dict[str, object]:
        return written(self)


def _indicator_words(item: Indicator) -> Words:
    value = (
        "–"
        if item.value is None
        else f"{item.value:,.4g}"
        if abs(item.value) < 1000
        else f"{item.value:,.0f}"
    )
    return Words(f"{item.name.en}: {value} {item.unit}", f"{item.name.zh}：{value} {item.unit}")


def _ratio_words(line: RatioLine) -> Words:
    if line.limit is None:
        return Words(f"{line.name.en}: {line.value:.2%}", f"{line.name.zh}：{line.value:.2%}")
    sign = "≥" if line.is_floor else "≤"
    kept = Words("kept", "达标") if line.kept else Words("BROKEN", "不达标")
    return Words(
        f"{line.name.en}: {line.value:.2%} ({sign} {line.limit:.2%}: {kept.en}; {line.source.en})",
        f"{line.name.zh}：{line.value:.2%}（{sign} {line.limit:.2%}：{kept.zh}；{line.source.zh}）",
    )


def _flow_lines(result: Dispatch) -> list[Words]:
    flows = result.flows
    if flows is None:
        return []
    h = result.park.hours
    energy = {
        Words("consumed", "用电"): flows.load_mw,
        Words("bought", "下网"): flows.bought_mw,
        Words("sold", "上网"): flows.sold_mw,
        Words("curtailed", "弃电"): flows.curtailed_mw,
        Words("charged", "充电"): flows.charged_mw,
        Words("discharged", "放电"): flows.discharged_mw,
    }
    mwh = {name: float(power.sum()) * h for name, power in energy.items()}
    return [
        Words(
            "MWh: " + ", ".join(f"{name.en} {value:,.0f}" for name, value in mwh.items()),
            "电量（MWh）：" + "，".join(f"{name.zh} {value:,.0f}" for name, value in mwh.items()),
        )
    ]


def money_table(lines: tuple[MoneyLine, ...]) -> Table:
    return Table(
        name="money",
        title=Words("Money by line: cost +, income −", "资金分项：支出为正，收入为负"),
        columns={
            "line": [line.name.en for line in lines],
            "项目": [line.name.zh for line in lines],
            "cny": [line.cny for line in lines],
            "mwh": [line.mwh for line in lines],
        },
    )


def ratio_table(lines: tuple[RatioLine, ...]) -> Table:
    return Table(
        name="ratios",
        title=Words("Ratios", "比例校核"),
        columns={
            "ratio": [line.name.en for line in lines],
            "指标": [line.name.zh for line in lines],
            "value": [line.value for line in lines],
            "limit": [line.limit for line in lines],
            "kept": [line.kept for line in lines],
            "worth_cny_per_yr_per_point": [line.worth_cny_per_yr_per_point for line in lines],
            "source": [line.source.zh for line in lines],
        },
    )


def user_table(result: Dispatch) -> Table:
    """Each user's energy and what it pays for energy: bought, and fees on self-used."""
    park, flows = result.park, result.flows
    assert flows is not None
    h = park.hours
    loads = [float(user.load_mw.values.sum()) * h for user in park.users]
    bought = [flows.bought_by_user_mw[user.name] for user in park.users]
    bought_mwh = [float(power.sum()) * h for power in bought]
    paid = [
        h
        * float(
            power @ (park.import_price + user.premium_cny_per_mwh)
            + (user.load_mw.values - power) @ park.self_use_price
        )
        for user, power in zip(park.users, bought, strict=True)
    ]
    return Table(
        name="users",
        title=Words("Users", "用户"),
        columns={
            "user": [user.name for user in park.users],
            "consumed_mwh": loads,
            "bought_mwh": bought_mwh,
            "green_mwh": [load - own for load, own in zip(loads, bought_mwh, strict=True)],
            "green_share": [
                1 - own / load if load else 0.0 for load, own in zip(loads, bought_mwh, strict=True)
            ],
            "paid_to_grid_cny": paid,
        },
    )


def ledger(result: Dispatch, step_s: int = 3600) -> Table:
    """The flows hour by hour: energy in MWh, AC and DC sides of the storages apart."""
    park, flows = result.park, result.flows
    assert flows is not None
    steps = max(1, step_s // park.load.step_s)
    h = park.hours

    def mwh(power: np.ndarray) -> np.ndarray:
        sums: np.ndarray = power.reshape(-1, steps).sum(axis=1) * h
        return sums

    def mean(values: np.ndarray) -> np.ndarray:
        means: np.ndarray = values.reshape(-1, steps).mean(axis=1)
        return means

    columns: dict[str, list[object] | np.ndarray] = {
        "time": [time.strftime("%Y-%m-%d %H:%M") for time in park.load.times()[::steps]],
        "load_mwh": mwh(flows.load_mw),
    }
    for source in park.sources:
        columns[f"{source.name}_available_mwh"] = mwh(flows.available_mw[source.name])
        columns[f"{source.name}_used_mwh"] = mwh(flows.used_mw[source.name])
    columns |= {
        "curtailed_mwh": mwh(flows.curtailed_mw),
        "bought_mwh": mwh(flows.bought_mw),
        "sold_mwh": mwh(flows.sold_mw),
    }
    for storage in park.storages:
        flow, name = flows.storages[storage.name], storage.name
        columns[f"{name}_charged_ac_mwh"] = mwh(flow.charged_mw)
        columns[f"{name}_charged_dc_mwh"] = mwh(flow.charged_mw) * storage.charge_efficiency
        columns[f"{name}_discharged_ac_mwh"] = mwh(flow.discharged_mw)
        columns[f"{name}_discharged_dc_mwh"] = (
            mwh(flow.discharged_mw) / storage.discharge_efficiency
        )
        columns[f"{name}_stored_mwh"] = flow.stored_mwh[steps - 1 :: steps]
    columns |= {
        "import_price_cny_per_mwh": mean(park.import_price),
        "export_price_cny_per_mwh": mean(park.export_price),
        "marginal_cny_per_mwh": mean(flows.marginal_cny_per_mwh),
    }
    return Table(name="ledger", title=Words("Hourly ledger", "逐小时台账"), columns=columns)


def written(result: Result) -> dict[str, object]:
    """The written form: every figure, the report and the tables, without the problem."""
    names = [f.name for f in dataclasses.fields(result) if f.name not in ("park", "flows", "year")]
    form: dict[str, object] = {name: wire.plain(getattr(result, name)) for name in names}
    form["gap"] = result.gap
    form["report"] = {"en": result.report("en"), "zh": result.report("zh")}
    form["tables"] = {table.name: wire.plain(table.columns) for table in result.tables()}
    return form
