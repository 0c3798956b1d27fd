"""Solving a schedule window by window, and saying why it earns no more."""

import time
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from bihuan.engines import lp
from bihuan.engines.shape import (
    Binding,
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
from bihuan.engines.storage.kernel import Floats
from bihuan.engines.storage.record import provenance
from bihuan.engines.storage.schedule import Schedule
from bihuan.engines.storage.schedule_model import Window, window_of
from bihuan.engines.storage.words import money_line

SAME_MW = 1e-6
PER_KWH = 2.0  # CNY/MWh; prices all below are probably for kWh


@dataclass(frozen=True, kw_only=True)
class ScheduleResult(Result):
    """`value` is the money earned in the hours kept [CNY]: Σ of `money_cny`."""

    title: ClassVar[Words] = Words("Schedule", "运行计划")

    charge_mw: Floats
    discharge_mw: Floats
    up_mw: Floats
    down_mw: Floats
    energy_mwh: Floats  # at the end of each period
    money_cny: dict[str, float]
    windows: int
    windows_exact: int
    problem: Schedule = field(repr=False)

    def lines(self) -> list[Words]:
        hours = self.problem.energy_price.hours
        days = len(self.charge_mw) * hours / 24
        cycles = float(self.discharge_mw.sum()) * hours / self.problem.store.energy_mwh
        return [
            Words(
                f"{self.windows} windows, {self.windows_exact} of them with binaries",
                f"{self.windows} 个滚动窗口，其中 {self.windows_exact} 个含 0-1 变量",
            ),
            *(money_line(name, cny) for name, cny in self.money_cny.items()),
            Words(
                f"{cycles / max(days, 1e-9):.2f} full discharges a day; regulation up "
                f"{self.up_mw.mean():.2f} MW and down {self.down_mw.mean():.2f} MW on average",
                f"日均等效满放 {cycles / max(days, 1e-9):.2f} 次；平均上调 {self.up_mw.mean():.2f} MW、"
                f"下调 {self.down_mw.mean():.2f} MW",
            ),
        ]

    def tables(self) -> list[Table]:
        return [
            Table(
                name="schedule",
                title=Words("Schedule", "运行计划"),
                columns={
                    "time": [
                        t.isoformat()
                        for t in self.problem.energy_price.times()[: len(self.charge_mw)]
                    ],
                    "price_cny_per_mwh": self.problem.energy_price.values[: len(self.charge_mw)],
                    "charge_mw": self.charge_mw,
                    "discharge_mw": self.discharge_mw,
                    "up_mw": self.up_mw,
                    "down_mw": self.down_mw,
                    "energy_mwh": self.energy_mwh,
                },
            )
        ]


@dataclass
class Plan:
    """The windows solved so far."""

    problem: Schedule
    kept: list[Floats] = field(default_factory=list)  # lines: charge, discharge, up, down, energy
    statuses: list[Status] = field(default_factory=list)
    exact: int = 0
    slack_cny: float = 0.0  # how far windows may be from their best
    per_mw: float = 0.0  # worth of one more MW, both ways [CNY]
    per_mwh: float = 0.0
    priced: int = 0  # windows with duals

    def add(self, window: Window, answer: lp.LpAnswer, keep: int) -> float:
        """Take a solved window in; the energy after the hours kept."""
        at, x = window.blocks, answer.x
        energy = x[at.energy][1:]
        lines = np.array([x[at.charge], x[at.discharge], x[at.up], x[at.down], energy])
        self.kept.append(lines[:, :keep])
        self.statuses.append(answer.status)
        self.exact += window.exact
        if answer.bound is not None and answer.value is not None:
            self.slack_cny += max(0.0, answer.value - answer.bound)
        if len(answer.column_dual) and not window.exact:
            self._price(window, answer)
        return float(energy[keep - 1])

    def _price(self, window: Window, answer: lp.LpAnswer) -> None:
        at, store = window.blocks, self.problem.store
        rows, columns = answer.row_dual, answer.column_dual
        self.per_mw -= float(rows[at.power_out_rows].sum())
        if at.power_in_rows != at.power_out_rows:
            self.per_mw -= float(rows[at.power_in_rows].sum())
        full = answer.x > 1e-9
        for block in (at.charge, at.discharge):
            self.per_mw -= float(columns[block][full[block]].sum())
        energy, duals = answer.x[at.energy], columns[at.energy]
        shares = energy / store.energy_mwh  # a bound that binds is at this share of the energy
        self.per_mwh -= float(duals @ shares)
        if at.reserve_low_rows is not None:
            low, high = rows[at.reserve_low_rows].reshape(2, -1)
            self.per_mwh -= store.soc_min * float(low.sum()) - store.soc_max * float(high.sum())
        if at.cycle_row is not None:
            days = window.steps * self.problem.energy_price.hours / 24
            self.per_mwh -= float(rows[at.cycle_row].sum()) * self.problem.cycles_per_day * days
        self.priced += 1


def solve(
    problem: Schedule, *, stop: Stop | None = None, seed: int = 0, progress: OnProgress = ignore
) -> ScheduleResult:
    """The best schedule at known prices, window by window; see `schedule.py` for `exact`."""
    began = time.perf_counter()
    watch = (stop or Stop()).begin()
    plan, total = Plan(problem), len(problem.energy_price)
    energy_mwh = problem.soc_start * problem.store.energy_mwh
    made: dict[tuple[int, bool], Window] = {}

    def window(steps: int, exact: bool) -> Window:
        if (steps, exact) not in made:
            made[steps, exact] = window_of(problem, steps, exact=exact)
        return made[steps, exact]

    first = 0
    why: tuple[Binding, ...]
    while first < total:
        steps = min(problem.window_steps, total - first)
        keep = min(problem.keep_steps, steps)
        used = window(steps, False)
        answer = used.solve(first, energy_mwh, watch)
        if answer.status.has_solution and problem.exact and not _is_physical(used, answer):
            used = window(steps, True)
            answer = used.solve(first, energy_mwh, watch)
        if not answer.status.has_solution:
            why = ()
            if answer.status is Status.INFEASIBLE:
                when = f"{problem.energy_price.times()[first]:%Y-%m-%d %H:%M}"
                why = (_why_not(problem, window(steps, False).reach(energy_mwh, watch), when),)
            return _nothing(problem, answer.status, why, seed, began)
        energy_mwh = plan.add(used, answer, keep)
        first += keep
        progress(Progress("storage", "schedule", first / total, elapsed_s=watch.elapsed_s))
    return _result(problem, plan, seed, began)


def _is_physical(window: Window, answer: lp.LpAnswer) -> bool:
    """Nothing at once, and no offer between 0 and the smallest."""
    at, sold = window.blocks, window.problem.regulation
    if np.any(np.minimum(answer.x[at.charge], answer.x[at.discharge]) > SAME_MW):
        return False
    smallest = sold.minimum_mw if sold is not None else 0.0
    offers = np.concatenate([answer.x[at.up], answer.x[at.down]])
    return not np.any((offers > SAME_MW) & (offers < smallest - SAME_MW))


def money_of(problem: Schedule, lines: Floats) -> dict[str, float]:
    """The money of a schedule by line [CNY]; costs are below 0."""
    charge, discharge, up, down = lines[:4]
    hours, store, sold = problem.energy_price.hours, problem.store, problem.regulation
    count = len(charge)
    price = problem.energy_price.values[:count]
    out, into = discharge.copy(), charge.copy()
    worn = out
    if sold is not None:
        worn = out + sold.up_used * up
        if sold.energy_settled:
            out, into = worn, into + sold.down_used * down
    money = {
        "energy sold": float(price @ out) * hours,
        "energy bought": 0.0 - float(price @ into) * hours,
        "fees": 0.0 - problem.fee_cny_per_mwh * float(into.sum()) * hours,
        "wear": 0.0 - store.wear_cny_per_mwh * float(worn.sum()) * hours,
    }
    if sold is not None:
        mileage = sold.mileage_cny_per_mwh * hours
        paid = 0.0
        if sold.up_price is not None:
            paid += float(sold.up_price.values[:count] @ up)
            money["mileage"] = mileage * float(up.sum())
        if sold.down_price is not None:
            paid += float(sold.down_price.values[:count] @ down)
            money["mileage"] = money.get("mileage", 0.0) + mileage * float(down.sum())
        money["regulation"] = paid * hours
    return money


def _result(problem: Schedule, plan: Plan, seed: int, began: float) -> ScheduleResult:
    lines = np.concatenate(plan.kept, axis=1)
    money = money_of(problem, lines)
    value = sum(money.values())
    proven = all(status is Status.OPTIMAL for status in plan.statuses)
    whole = problem.keep_steps == problem.window_steps
    return ScheduleResult(
        status=Status.OPTIMAL if proven else Status.FEASIBLE,
        value=value,
        unit="CNY",
        bound=value + plan.slack_cny if whole else None,
        runtime_s=time.perf_counter() - began,
        provenance=provenance(problem, seed, solver="HiGHS"),
        checks=_checks(problem, lines),
        bindings=_bindings(plan),
        warnings=_warnings(problem),
        charge_mw=lines[0],
        discharge_mw=lines[1],
        up_mw=lines[2],
        down_mw=lines[3],
        energy_mwh=lines[4],
        money_cny=money,
        windows=len(plan.kept),
        windows_exact=plan.exact,
        problem=problem,
    )


def _bindings(plan: Plan) -> tuple[Binding, ...]:
    said = []
    for name, worth, unit, en, zh in (
        ("store.power", plan.per_mw, "MW", "one more MW of power", "功率每增加 1 MW"),
        ("store.energy_mwh", plan.per_mwh, "MWh", "one more MWh of energy", "容量每增加 1 MWh"),
    ):
        if plan.priced and worth > 1e-9:
            said.append(
                Binding(
                    name=name,
                    words=Words(
                        f"{en} is worth {worth:,.2f} CNY over the horizon",
                        f"{zh}，全期可多收 {worth:,.2f} 元",
                    ),
                    relief=worth,
                    unit="CNY",
                    per=unit,
                )
            )
    return tuple(said)


def _warnings(problem: Schedule) -> tuple[Words, ...]:
    highest = float(np.abs(problem.energy_price.values).max())
    if highest >= PER_KWH:
        return ()
    return (
        Words(
            f"no price is above {highest:g} CNY/MWh: were they given in CNY/kWh?",
            f"电价最高仅 {highest:g} 元/MWh，是否误填为元/kWh？",
        ),
    )


def _checks(problem: Schedule, lines: Floats) -> tuple[Check, ...]:
    charge, discharge, up, down, energy = lines
    store, hours, sold = problem.store, problem.energy_price.hours, problem.regulation
    into, out = charge.copy(), discharge.copy()
    if sold is not None:
        into, out = into + sold.down_used * down, out + sold.up_used * up
    before = np.concatenate([[problem.soc_start * store.energy_mwh], energy[:-1]])
    balance = energy - before * (1 - store.loss_per_h * hours)
    balance -= hours * (store.efficiency_in * into - out / store.efficiency_out)
    low, high = store.soc_min * store.energy_mwh, store.soc_max * store.energy_mwh
    tolerance = 1e-6 * max(1.0, store.energy_mwh)
    return (
        Check.of("energy balance", float(np.abs(balance).max()), tolerance, "MWh"),
        Check.of(
            "energy in its window",
            max(0.0, low - float(energy.min()), float(energy.max()) - high),
            tolerance,
            "MWh",
        ),
        Check.of(
            "never charging and discharging at once",
            float(np.minimum(charge, discharge).max()),
            SAME_MW * max(1.0, store.power_out_mw),
            "MW",
        ),
    )


def _nothing(
    problem: Schedule, status: Status, why: tuple[Binding, ...], seed: int, began: float
) -> ScheduleResult:
    """No schedule, and what a window would need."""
    empty = np.zeros(0)
    return ScheduleResult(
        status=status,
        value=None,
        unit="CNY",
        bound=None,
        runtime_s=time.perf_counter() - began,
        provenance=provenance(problem, seed, solver="HiGHS"),
        bindings=why,
        charge_mw=empty,
        discharge_mw=empty,
        up_mw=empty,
        down_mw=empty,
        energy_mwh=empty,
        money_cny={},
        windows=0,
        windows_exact=0,
        problem=problem,
    )


def _why_not(problem: Schedule, reach: tuple[float, float] | None, when: str) -> Binding:
    """The end state that could be reached, or the power that would make up for the losses."""
    store = problem.store
    if reach is None:
        least_mw = store.loss_per_h * store.soc_min * store.energy_mwh / store.efficiency_in
        return Binding(
            name="store.power_in_mw",
            words=Words(
                f"from {when} charging cannot make up for the losses: to stay at soc_min takes "
                f"{least_mw:,.3f} MW, not {store.power_in_mw:g}",
                f"自 {when} 起充电不足以弥补自损耗：维持 soc_min 需 {least_mw:,.3f} MW，现为 {store.power_in_mw:g} MW",
            ),
            relief=max(0.0, least_mw - store.power_in_mw),
            unit="MW",
        )
    low, high = (energy_mwh / store.energy_mwh for energy_mwh in reach)
    en, zh, nearest = (
        ("at most", "至多", high) if problem.soc_end > high else ("at least", "至少", low)
    )
    return Binding(
        name="soc_end",
        words=Words(
            f"the window from {when} cannot end at {problem.soc_end:.3f} within the limits of power "
            f"and cycles: {en} {nearest:.3f}; or let end be 'at-least' or 'free'",
            f"自 {when} 起的窗口在功率与循环次数限制内无法以 {problem.soc_end:.3f} 结束，{zh} {nearest:.3f}；"
            "也可将 end 改为 'at-least' 或 'free'",
        ),
        relief=abs(problem.soc_end - nearest),
        unit="1",
    )
