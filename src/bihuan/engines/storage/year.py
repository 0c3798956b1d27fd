"""A battery through a year second by second: the problem, the kernel and its result.

What it keeps is one line a minute (or another interval) and totals, not the traces: a
year of float64 at 1 s would be 252 MB for each quantity.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from bihuan.engines.problem import Problem, quantity
from bihuan.engines.series import Series, must_have_unit
from bihuan.engines.shape import (
    BadProblem,
    Binding,
    Check,
    OnProgress,
    Progress,
    Result,
    Status,
    Stop,
    Table,
    Watch,
    Words,
    ignore,
)
from bihuan.engines.storage import kernel
from bihuan.engines.storage.battery import LfpBattery
from bihuan.engines.storage.cell import cell_named
from bihuan.engines.storage.compiled import stage
from bihuan.engines.storage.kernel import Floats
from bihuan.engines.storage.limits import LIMIT_WORDS, Limit
from bihuan.engines.storage.packing import pack_of, tables_of, thermal_of
from bihuan.engines.storage.record import provenance
from bihuan.engines.storage.spans import spans
from bihuan.engines.storage.year_kernel import (
    CAUSES,
    COLUMNS,
    DRAWN,
    IN,
    LOST,
    OUT,
    SOC,
    STATES,
    TOTALS,
    Duty,
    Work,
    run_battery,
)


@dataclass(frozen=True, kw_only=True)
class LfpYear(Problem):
    """A battery that follows a series of powers at its bus, whatever the series' length."""

    battery: LfpBattery
    power_mw: Series = quantity("requested power at the bus, discharge > 0", "MW")
    temperature_c: Series | None = None  # of the cells; absent: 25 °C
    record_s: int = quantity("interval of the record", "s", low=1, default=60)

    def check(self) -> None:
        must_have_unit("power_mw", self.power_mw, "MW")
        must_have_unit("temperature_c", self.temperature_c, "°C")
        whole_intervals("record_s", self.record_s, self.power_mw, self.power_mw.step_s)
        cell = cell_named(self.battery.cell)
        if self.temperature_c is not None:
            same_span("temperature_c", self.temperature_c, self.power_mw, self.power_mw.step_s)
            within(
                "temperature_c",
                self.temperature_c.values,
                cell.temperature_min_c,
                cell.temperature_max_c,
            )
        largest_mw = float(np.max(np.abs(self.power_mw.values)))
        if largest_mw > 100 * self.battery.power_mw:
            raise BadProblem(
                "power_mw",
                Words(
                    f"asks for {largest_mw:g} MW of a {self.battery.power_mw:g} MW battery; "
                    "was it given in kW?",
                    f"要求 {largest_mw:g} MW，而储能仅 {self.battery.power_mw:g} MW；是否误填为 kW？",
                ),
            )


@dataclass(frozen=True, kw_only=True)
class LfpYearResult(Result):
    """`value` is the capacity left at the end, as a share of the nominal capacity."""

    title: ClassVar[Words] = Words("Battery, second by second", "电池逐秒仿真")

    record_s: int
    record: Floats  # a line each interval; COLUMNS
    soc_end: float
    capacity_health: float
    resistance_health: float
    calendar_loss: float
    cyclic_loss: float
    full_equivalent_cycles: float
    mean_depth: float  # of the cycles found, half cycles counting half
    discharged_mwh: float
    charged_mwh: float
    limited_s: dict[str, float]

    def lines(self) -> list[Words]:
        return [
            Words(
                f"capacity {self.capacity_health:.4f}, resistance {self.resistance_health:.4f}; "
                f"loss: calendar {self.calendar_loss:.4%}, cycles {self.cyclic_loss:.4%}",
                f"容量保持率 {self.capacity_health:.4f}，内阻 {self.resistance_health:.4f}；"
                f"损失：日历 {self.calendar_loss:.4%}，循环 {self.cyclic_loss:.4%}",
            ),
            Words(
                f"{self.full_equivalent_cycles:.2f} full equivalent cycles of mean depth "
                f"{self.mean_depth:.3f}; {self.discharged_mwh:,.1f} MWh out, "
                f"{self.charged_mwh:,.1f} MWh in",
                f"等效满循环 {self.full_equivalent_cycles:.2f} 次，平均深度 {self.mean_depth:.3f}；"
                f"放电 {self.discharged_mwh:,.1f} MWh，充电 {self.charged_mwh:,.1f} MWh",
            ),
        ]

    def tables(self) -> list[Table]:
        return [
            Table(
                name="record",
                title=Words("Record", "运行记录"),
                columns={
                    "second": np.arange(1, len(self.record) + 1) * self.record_s,
                    **{name: self.record[:, i] for i, name in enumerate(COLUMNS)},
                },
            )
        ]


def whole_intervals(field: str, interval_s: int, series: Series, step_s: int) -> None:
    """Raise unless intervals of that length fill the series and hold whole steps."""
    if interval_s % step_s or (len(series) * series.step_s) % interval_s:
        raise BadProblem(
            field,
            Words(
                f"intervals of {interval_s} s do not fill {len(series) * series.step_s} s in "
                f"whole steps of {step_s} s",
                f"{interval_s} 秒的区间无法以 {step_s} 秒步长填满 {len(series) * series.step_s} 秒",
            ),
        )


def same_span(field: str, series: Series, other: Series, step_s: int) -> None:
    """Raise unless both cover the same time, and the first in whole steps."""
    if (series.start, series.end) != (other.start, other.end) or series.step_s % step_s:
        raise BadProblem(
            field,
            Words(
                f"covers {series.start.isoformat()} to {series.end.isoformat()} in steps of "
                f"{series.step_s} s; needed: {other.start.isoformat()} to "
                f"{other.end.isoformat()}, in whole multiples of {step_s} s",
                f"覆盖 {series.start.isoformat()} 至 {series.end.isoformat()}，步长 {series.step_s} 秒；"
                f"应为 {other.start.isoformat()} 至 {other.end.isoformat()}，步长为 {step_s} 秒的整数倍",
            ),
        )


def within(field: str, values: Floats, low: float, high: float) -> None:
    """Raise where a value lies outside [low, high]."""
    outside = (values < low) | (values > high)
    if np.any(outside):
        at = int(np.argmax(outside))
        raise BadProblem(
            f"{field}[{at}]",
            Words(
                f"is {values[at]:g}; the tables cover [{low:g}, {high:g}]",
                f"为 {values[at]:g}；数据表范围为 [{low:g}, {high:g}]",
            ),
        )


def simulate(
    problem: LfpYear, *, stop: Stop | None = None, seed: int = 0, progress: OnProgress = ignore
) -> LfpYearResult:
    """Run the battery. Deterministic: `seed` is only recorded. A stopped run has no value."""
    watch = (stop or Stop()).begin()
    progress(Progress("storage", stage("battery"), 0.0))
    series, battery, pack = problem.power_mw, problem.battery, pack_of(problem.battery)
    lines = len(series) * series.step_s // problem.record_s
    thermal, steps_each = _thermal(problem)
    work = Work(
        state=np.zeros(STATES),
        wear=kernel.new_wear(),
        tables=tables_of(battery),
        thermal=thermal,
        record=np.zeros((lines, len(COLUMNS))),
        totals=np.zeros(TOTALS),
    )
    work.state[SOC] = battery.soc_start
    duty = Duty(series.values, float(series.step_s), steps_each)
    open_ranges, done = kernel.new_ranges(work.wear, battery.soc_start), 0
    for first, done in spans(lines, len(series) // lines, watch, progress, "battery"):
        open_ranges = run_battery(pack, duty, work, open_ranges, first, done)
    kernel.finish(pack, work.wear, open_ranges)
    return _result(problem, work, done, seed, watch)


def _thermal(problem: LfpYear) -> tuple[Floats, int]:
    """What depends on temperature, for each of its steps; and how many powers each holds."""
    pieces = problem.temperature_c
    if pieces is None:
        return thermal_of(problem.battery, np.array([25.0])), len(problem.power_mw)
    return thermal_of(problem.battery, pieces.values), pieces.step_s // problem.power_mw.step_s


def _result(problem: LfpYear, work: Work, lines: int, seed: int, watch: Watch) -> LfpYearResult:
    """What was done in the lines of the record that were run."""
    wear, totals, is_whole = work.wear, work.totals, lines == len(work.record)
    soc, calendar_loss, calendar_rise = (float(value) for value in work.state)
    cyclic_loss, cyclic_rise = float(wear[kernel.CYCLIC_LOSS]), float(wear[kernel.CYCLIC_RISE])
    capacity = problem.battery.capacity_start - calendar_loss - cyclic_loss
    limited = {
        Limit(1 << bit).name or "": float(totals[CAUSES + bit])
        for bit in range(len(Limit))
        if totals[CAUSES + bit]
    }
    discharged, charged = float(totals[OUT]), float(totals[IN])
    balance = totals[DRAWN] - totals[LOST] - (discharged - charged)
    return LfpYearResult(
        status=Status.SIMULATED if is_whole else Status.STOPPED,
        value=capacity if is_whole else None,
        unit="1",
        bound=None,
        runtime_s=watch.elapsed_s,
        provenance=provenance(problem, seed, ("lfp-calendar", "lfp-cyclic", problem.battery.cell)),
        checks=(
            Check.of("energy balance", balance, 1e-7 * (discharged + charged) + 1e-9, "MWh"),
            Check.of("capacity above zero", max(0.0, -capacity), 0.0, "1"),
        ),
        bindings=tuple(
            Binding(
                name=f"storage.{name.lower()}",
                words=Words(
                    f"{LIMIT_WORDS[Limit[name]].en} held it back for {seconds:,.0f} s",
                    f"{LIMIT_WORDS[Limit[name]].zh}限制了 {seconds:,.0f} 秒",
                ),
            )
            for name, seconds in limited.items()
        ),
        record_s=problem.record_s,
        record=work.record[:lines],
        soc_end=soc,
        capacity_health=capacity,
        resistance_health=problem.battery.resistance_start + calendar_rise + cyclic_rise,
        calendar_loss=calendar_loss,
        cyclic_loss=cyclic_loss,
        full_equivalent_cycles=float(wear[kernel.CYCLES_EQUIVALENT]),
        mean_depth=float(wear[kernel.DEPTH_SUM] / max(wear[kernel.CYCLES_FOUND], 1e-12)),
        discharged_mwh=discharged,
        charged_mwh=charged,
        limited_s=limited,
    )
