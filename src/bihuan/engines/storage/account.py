"""A station's year at the market: simulate, score each command, pay each day, sell the energy."""

import datetime as dt
import time
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from bihuan.engines.dated import CHECK_THE_TEXT
from bihuan.engines.problem import Problem, quantity
from bihuan.engines.series import DAY_S, Series, must_be_whole_days, must_have_unit, must_match
from bihuan.engines.shape import (
    BadProblem,
    Check,
    OnProgress,
    Progress,
    Result,
    Status,
    Stop,
    Table,
    Words,
    ignore,
)
from bihuan.engines.storage import command_kernel as ck
from bihuan.engines.storage.hybrid import HybridYear, HybridYearResult
from bihuan.engines.storage.hybrid import simulate as simulate_station
from bihuan.engines.storage.kernel import Floats
from bihuan.engines.storage.record import provenance
from bihuan.engines.storage.settlement import Rule, Scores, rule_named, scores
from bihuan.engines.storage.words import money_line


@dataclass(frozen=True, kw_only=True)
class Account(Problem):
    """A run of a station and the rules it is paid by. The rule's way of measuring is used."""

    run: HybridYear
    rule: str = "shanxi-2025"
    bid_cny_per_mw: float | tuple[float, ...] = quantity(
        "price bid for mileage: one, or 24 for the hours of the day",
        "CNY/MW",
        low=0,
        high=1000,
        hint=Words("Was it given in CNY/MWh?", "是否误填为元/MWh？"),
    )
    market_kp_max: float = quantity(
        "best Kp in the market; used where the rule scales by it", "1", low=0, default=0.0
    )
    energy_price: Series | None = None  # CNY/MWh, like the schedule; negative is allowed

    def check(self) -> None:
        must_have_unit("energy_price", self.energy_price, "CNY/MWh")
        must_match(schedule_mw=self.run.schedule_mw, energy_price=self.energy_price)
        must_be_whole_days("run.schedule_mw", self.run.schedule_mw)
        if DAY_S % self.run.record_s or self.run.schedule_mw.step_s % self.run.record_s:
            raise BadProblem(
                "run.record_s",
                Words(
                    "must divide the schedule's step, so that energy can be priced",
                    "须能整除计划步长，以便电量计价",
                ),
            )
        if len(self.bids) != 24:
            raise BadProblem(
                "bid_cny_per_mw",
                Words(
                    f"has {len(self.bids)} prices; give 1 or 24",
                    f"有 {len(self.bids)} 个价格，应为 1 或 24 个",
                ),
            )
        rule = self.in_force()
        for hour, bid in enumerate(self.bids):
            rule.check_price("bid_cny_per_mw", bid, hour)

    @property
    def bids(self) -> tuple[float, ...]:
        """The price bid for each hour of the day."""
        bid = self.bid_cny_per_mw
        return (float(bid),) * 24 if isinstance(bid, (int, float)) else bid

    def in_force(self) -> Rule:
        """The rule that holds on every day of the run."""
        rule = rule_named(self.rule, self.run.schedule_mw.start.date())
        last = (self.run.schedule_mw.end - dt.timedelta(seconds=1)).date()
        if not rule.row.holds_on(last):
            raise BadProblem(
                "rule",
                Words(
                    f"{self.rule} ends on {rule.row.valid_to}, inside the run: settle the days before "
                    "and after apart",
                    f"{self.rule} 于 {rule.row.valid_to} 失效，早于运行结束日：请分段结算",
                ),
            )
        return rule


@dataclass(frozen=True, kw_only=True)
class AccountResult(Result):
    """`value` is the money of all days [CNY]: Σ of `money`."""

    title: ClassVar[Words] = Words("Station at the market", "电站市场结算")

    station: HybridYearResult
    days: dict[str, Floats]  # a value each day: commands, mileage, k1, k2, k3, kp, CNY
    money_cny: dict[str, float]
    kp_mean: float

    def lines(self) -> list[Words]:
        mean = {name: float(np.nanmean(self.days[name])) for name in ("k1", "k2", "k3")}
        mileage = float(self.days["mileage_mw"].sum())
        return [
            Words(
                f"K1 {mean['k1']:.3f}, K2 {mean['k2']:.3f}, K3 {mean['k3']:.3f}, "
                f"Kp {self.kp_mean:.3f}; {mileage:,.0f} MW of mileage",
                f"K1 {mean['k1']:.3f}，K2 {mean['k2']:.3f}，K3 {mean['k3']:.3f}，"
                f"Kp {self.kp_mean:.3f}；里程 {mileage:,.0f} MW",
            ),
            *(money_line(name, cny) for name, cny in self.money_cny.items()),
            *self.station.lines(),
        ]

    def tables(self) -> list[Table]:
        count = len(self.days["kp"])
        return [
            Table(
                name="days",
                title=Words("Days", "逐日结算"),
                columns={"day": np.arange(1, count + 1), **self.days},
            ),
            Table(
                name="money",
                title=Words("Money", "收支"),
                columns={"what": list(self.money_cny), "cny": list(self.money_cny.values())},
            ),
            *self.station.tables(),
        ]


def settle(
    problem: Account, *, stop: Stop | None = None, seed: int = 0, progress: OnProgress = ignore
) -> AccountResult:
    """Run the station under the rule's measure and settle every day. A stopped run has no money."""
    began = time.perf_counter()
    rule, rated_mw = problem.in_force(), problem.run.station.grid_mw
    run = problem.run.replace(measure=rule.measure(rated_mw))
    station = simulate_station(run, stop=stop, seed=seed, progress=progress)
    if not station.status.has_solution:
        return _unsettled(problem, station, seed)
    progress(Progress("storage", "settlement", 1.0, elapsed_s=time.perf_counter() - began))
    found = scores(rule, station.answers, rated_mw=rated_mw, step_s=run.step_s)
    days = _days(problem, rule, station, found)
    money = {"regulation": float(days["cny"].sum()), **_energy_money(problem, station)}
    judged = days["commands"] > 0
    return AccountResult(
        status=Status.SIMULATED,
        value=sum(money.values()),
        unit="CNY",
        bound=None,
        runtime_s=time.perf_counter() - began,
        provenance=provenance(problem, seed, (rule.row.id,)),
        checks=(
            *station.checks,
            Check.of(
                "mileage paid is at most mileage moved",
                max(0.0, float(days["mileage_mw"].sum()) - station.mileage_mw),
                # a command counts in full once its target dead band is reached
                1e-6 * station.mileage_mw + rule.target_band_share * rated_mw * len(found.judged),
                "MW",
            ),
        ),
        bindings=station.bindings,
        warnings=_warnings(rule, found) + station.warnings,
        station=station,
        days=days,
        money_cny=money,
        kp_mean=float(days["kp"][judged].mean()) if judged.any() else 0.0,
    )


def _unsettled(problem: Account, station: HybridYearResult, seed: int) -> AccountResult:
    """A run that was stopped: no day is settled."""
    return AccountResult(
        status=station.status,
        value=None,
        unit="CNY",
        bound=None,
        runtime_s=station.runtime_s,
        provenance=provenance(problem, seed, (problem.in_force().row.id,)),
        station=station,
        days={},
        money_cny={},
        kp_mean=0.0,
    )


def _days(
    problem: Account, rule: Rule, station: HybridYearResult, found: Scores
) -> dict[str, Floats]:
    """Means of the scores of each day, and its payment."""
    begun = station.answers[found.judged.astype(int), ck.START_STEP] * problem.run.step_s
    day = (begun // DAY_S).astype(int)
    count = len(problem.run.schedule_mw) * problem.run.schedule_mw.step_s // DAY_S
    commands = np.bincount(day, minlength=count).astype(float)
    columns = {"commands": commands, "mileage_mw": np.bincount(day, found.mileage_mw, count)}
    for name, values in (("k1", found.k1), ("k2", found.k2), ("k3", found.k3)):
        known = ~np.isnan(values)
        total = np.bincount(day[known], values[known], count)
        number = np.bincount(day[known], minlength=count)
        columns[name] = np.divide(total, number, out=np.full(count, rule.floor), where=number > 0)
    kp = [rule.kp(*ks) for ks in zip(columns["k1"], columns["k2"], columns["k3"], strict=True)]
    # every way of paying is proportional to price × mileage, so those are summed first
    bids = np.array(problem.bids)[(begun % DAY_S // 3600).astype(int)]
    priced = np.bincount(day, found.mileage_mw * bids, count)
    columns["kp"] = np.where(commands > 0, kp, 0.0)
    columns["cny"] = np.array(
        [
            rule.payment_cny(worth, k, 1.0, problem.market_kp_max) if number else 0.0
            for worth, k, number in zip(priced, kp, commands, strict=True)
        ]
    )
    return columns


def _energy_money(problem: Account, station: HybridYearResult) -> dict[str, float]:
    """Energy delivered at the price of its period; sold and bought apart."""
    price = problem.energy_price
    if price is None:
        return {}
    minutes = price.step_s // problem.run.record_s
    energy_mwh = station.record[:, 1] * problem.run.record_s / 3600
    sold = np.maximum(energy_mwh, 0.0).reshape(-1, minutes).sum(axis=1)
    bought = np.maximum(-energy_mwh, 0.0).reshape(-1, minutes).sum(axis=1)
    return {
        "energy sold": float(sold @ price.values),
        "energy bought": 0.0 - float(bought @ price.values),
    }


def _warnings(rule: Rule, found: Scores) -> tuple[Words, ...]:
    said = []
    if rule.row.confidence.must_be_checked:
        said.append(
            Words(
                f"{rule.row.name.en}: {CHECK_THE_TEXT.en} ({rule.row.doc})",
                f"{rule.row.name.zh}：{CHECK_THE_TEXT.zh}（{rule.row.doc}）",
            )
        )
    too_fast = int(np.sum(found.speed_mw_per_min > rule.speed_ceiling_mw_per_min * (1 + 1e-6)))
    if too_fast:
        said.append(
            Words(
                f"{too_fast} commands were answered faster than {rule.speed_ceiling_mw_per_min:g} "
                f"MW/min and score {rule.speed_ceiling_score:g}",
                f"{too_fast} 条指令的响应速率超过 {rule.speed_ceiling_mw_per_min:g} MW/min，"
                f"速率得分按 {rule.speed_ceiling_score:g} 计",
            )
        )
    return tuple(said)
