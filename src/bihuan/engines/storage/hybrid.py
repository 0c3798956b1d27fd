"""A flywheel + battery station through a year of schedule and regulation, second by second.

    command(t) = schedule(t) + regulation capacity(t) · signal(t)

The signal (−1 … 1) is repeated over the year, the command held as long as the dispatch centre
holds it. Kept are one line a minute, one line a command, and totals.
"""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from bihuan.engines.dated import Row
from bihuan.engines.problem import Problem, quantity
from bihuan.engines.series import Series, must_have_unit, must_match
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
from bihuan.engines.storage import station_kernel as sk
from bihuan.engines.storage.cell import cell_named
from bihuan.engines.storage.command_kernel import ANSWER_COLUMNS, room_for
from bihuan.engines.storage.compiled import stage
from bihuan.engines.storage.kernel import Floats
from bihuan.engines.storage.limits import LIMIT_WORDS, Limit
from bihuan.engines.storage.packing import pack_of, station_pack_of, tables_of, thermal_of
from bihuan.engines.storage.record import provenance
from bihuan.engines.storage.spans import spans
from bihuan.engines.storage.station import Measure, Station, assumed
from bihuan.engines.storage.station_state import at_the_bus
from bihuan.engines.storage.year import same_span, whole_intervals, within


@dataclass(frozen=True, kw_only=True)
class HybridYear(Problem):
    """A station that follows a schedule and a regulation signal."""

    station: Station
    schedule_mw: Series = quantity("scheduled power at the grid, discharge > 0", "MW")
    regulation_mw: Series = quantity("regulation capacity sold", "MW", low=0)
    signal: Series = quantity(
        "regulation signal, share of the capacity; repeats over the schedule", "1", low=-1, high=1
    )
    command_s: int = quantity(
        "how long the dispatch centre holds a command", "s", low=1, high=3600, default=30
    )
    step_s: int = quantity("step of the simulation", "s", low=1, high=60, default=1)
    record_s: int = quantity("interval of the record", "s", low=1, default=60)
    temperature_c: Series | None = None  # of the cells; absent: 25 °C
    measure: Measure = field(default_factory=Measure)

    def check(self) -> None:
        for name, unit in (
            ("schedule_mw", "MW"),
            ("regulation_mw", "MW"),
            ("signal", "1"),
            ("temperature_c", "°C"),
        ):
            must_have_unit(name, getattr(self, name), unit)
        must_match(schedule_mw=self.schedule_mw, regulation_mw=self.regulation_mw)
        whole_intervals("record_s", self.record_s, self.schedule_mw, self.step_s)
        self._check_steps()
        if self.temperature_c is not None:
            same_span("temperature_c", self.temperature_c, self.schedule_mw, self.step_s)
            cell = cell_named(self.station.battery.cell)
            within(
                "temperature_c",
                self.temperature_c.values,
                cell.temperature_min_c,
                cell.temperature_max_c,
            )
        asked_mw = float(np.max(np.abs(self.schedule_mw.values) + self.regulation_mw.values))
        if asked_mw > 10 * self.station.grid_mw:
            raise BadProblem(
                "schedule_mw",
                Words(
                    f"with the regulation asks for {asked_mw:g} MW of a connection of "
                    f"{self.station.grid_mw:g} MW; was it given in kW?",
                    f"连同调频共要求 {asked_mw:g} MW，而并网容量仅 {self.station.grid_mw:g} MW；是否误填为 kW？",
                ),
            )

    def _check_steps(self) -> None:
        for name, length_s in (
            ("schedule_mw", self.schedule_mw.step_s),
            ("signal", self.signal.step_s),
            ("command_s", self.command_s),
        ):
            if length_s % self.step_s:
                raise BadProblem(
                    name,
                    Words(
                        f"{length_s} s is not a whole number of steps of {self.step_s} s",
                        f"{length_s} 秒不是步长 {self.step_s} 秒的整数倍",
                    ),
                )
        span_s, signal_s = (
            len(self.schedule_mw) * self.schedule_mw.step_s,
            len(self.signal) * self.signal.step_s,
        )
        if self.signal.start != self.schedule_mw.start or span_s % signal_s:
            raise BadProblem(
                "signal",
                Words(
                    f"must start with the schedule and fit whole times into it: "
                    f"{signal_s} s in {span_s} s",
                    f"须与计划同时开始并整数次重复：{signal_s} 秒与 {span_s} 秒",
                ),
            )


@dataclass(frozen=True, kw_only=True)
class HybridYearResult(Result):
    """`value` is the mean of |requested − delivered|."""

    title: ClassVar[Words] = Words("Station, second by second", "电站逐秒仿真")

    record_s: int
    step_s: int
    record: Floats  # a line each interval; station_kernel.COLUMNS
    answers: Floats  # a line each command; command_kernel.ANSWER_COLUMNS
    energy_mwh: dict[str, float]  # out, in, and each loss
    commanded_mw: float  # Σ |change of the command|
    mileage_mw: float  # Σ |change of the delivered power|
    error_mw: float  # mean of |requested − delivered|
    soc_end: float
    flywheel_mwh_end: float
    flywheel_full_mwh: float
    capacity_health: float
    resistance_health: float
    calendar_loss: float
    cyclic_loss: float
    full_equivalent_cycles: float
    limited_s: dict[str, float]

    def lines(self) -> list[Words]:
        energy = self.energy_mwh
        lost = sum(value for name, value in energy.items() if name not in ("out", "in"))
        return [
            Words(
                f"mean error {self.error_mw:.3f} MW; mileage {self.mileage_mw:,.0f} MW of "
                f"{self.commanded_mw:,.0f} MW commanded, {len(self.answers):,} commands",
                f"平均偏差 {self.error_mw:.3f} MW；里程 {self.mileage_mw:,.0f} MW，"
                f"指令里程 {self.commanded_mw:,.0f} MW，指令 {len(self.answers):,} 条",
            ),
            Words(
                f"{energy['out']:,.0f} MWh out, {energy['in']:,.0f} MWh in, losses {lost:,.0f} MWh",
                f"放电 {energy['out']:,.0f} MWh，充电 {energy['in']:,.0f} MWh，损耗 {lost:,.0f} MWh",
            ),
            Words(
                f"battery capacity {self.capacity_health:.4f} after "
                f"{self.full_equivalent_cycles:.1f} full equivalent cycles",
                f"电池容量保持率 {self.capacity_health:.4f}，等效满循环 {self.full_equivalent_cycles:.1f} 次",
            ),
        ]

    def tables(self) -> list[Table]:
        return [
            Table(
                name="energy",
                title=Words("Energy", "电量"),
                columns={
                    "what": list(self.energy_mwh),
                    "energy_mwh": list(self.energy_mwh.values()),
                },
            ),
            Table(
                name="record",
                title=Words("Record", "运行记录"),
                columns={
                    "second": np.arange(1, len(self.record) + 1) * self.record_s,
                    **{name: self.record[:, i] for i, name in enumerate(sk.COLUMNS)},
                },
            ),
            Table(
                name="commands",
                title=Words("Commands", "调度指令"),
                columns={name: self.answers[:, i] for i, name in enumerate(ANSWER_COLUMNS)},
            ),
        ]


def simulate(
    problem: HybridYear, *, stop: Stop | None = None, seed: int = 0, progress: OnProgress = ignore
) -> HybridYearResult:
    """Run the station. Deterministic: `seed` is only recorded. A stopped run has no value."""
    watch = (stop or Stop()).begin()
    progress(Progress("storage", stage("station"), 0.0))
    battery, told, work = problem.station.battery, _commands(problem), _work(problem)
    pack = pack_of(battery)
    station_pack = station_pack_of(problem.station, problem.measure, problem.step_s)
    lines, steps_each = len(work.record), problem.record_s // problem.step_s
    open_ranges, done = kernel.new_ranges(work.wear, battery.soc_start), 0
    for first, done in spans(lines, steps_each, watch, progress, "station"):
        open_ranges = sk.run_station(pack, station_pack, told, work, open_ranges, first, done)
    sk.finish(pack, work, open_ranges, done * steps_each)
    return _result(problem, work, done, seed, watch)


def _commands(problem: HybridYear) -> sk.Commands:
    """What the station is told, in steps of the simulation."""
    schedule, temperatures, step_s = problem.schedule_mw, problem.temperature_c, problem.step_s
    span_s = len(schedule) * schedule.step_s
    return sk.Commands(
        schedule_mw=schedule.values,
        regulation_mw=problem.regulation_mw.values,
        steps_each=schedule.step_s // step_s,
        signal=problem.signal.values,
        signal_steps=problem.signal.step_s // step_s,
        command_steps=problem.command_s // step_s,
        seconds=float(step_s),
        steps_thermal=(span_s if temperatures is None else temperatures.step_s) // step_s,
    )


def _work(problem: HybridYear) -> sk.StationWork:
    """The arrays of a run, as they are before its first step."""
    station, battery, told = problem.station, problem.station.battery, _commands(problem)
    temperatures = problem.temperature_c
    steps = len(problem.schedule_mw) * told.steps_each
    work = sk.StationWork(
        state=np.zeros(sk.STATES),
        answer=np.zeros(len(ANSWER_COLUMNS)),
        wear=kernel.new_wear(),
        tables=tables_of(battery),
        thermal=thermal_of(
            battery, np.array([25.0]) if temperatures is None else temperatures.values
        ),
        record=np.zeros((steps * problem.step_s // problem.record_s, len(sk.COLUMNS))),
        totals=np.zeros(sk.TOTALS),
        answers=room_for(steps, told.command_steps, told.steps_each),
    )
    work.state[sk.SOC] = battery.soc_start
    work.state[sk.SLOW_MW] = at_the_bus(station.transformer, 0.0) + station.auxiliary_mw
    work.state[sk.WHEEL_MWH] = station.flywheel.charge_start * station.flywheel.energy_mwh
    return work


def _result(
    problem: HybridYear, work: sk.StationWork, lines: int, seed: int, watch: Watch
) -> HybridYearResult:
    """What was done in the lines of the record that were run."""
    soc, calendar_loss, calendar_rise = (float(value) for value in work.state[:3])
    flywheel_mwh, is_whole = float(work.state[sk.WHEEL_MWH]), lines == len(work.record)
    wear, totals, battery = work.wear, work.totals, problem.station.battery
    energy = {
        "out": float(totals[sk.OUT]),
        "in": float(totals[sk.IN]),
        "converter_loss": float(totals[sk.CONVERTER]),
        "cell_loss": float(totals[sk.CELLS]),
        "flywheel_loss": float(totals[sk.FLYWHEEL]),
        "transformer_loss": float(totals[sk.TRANSFORMER]),
        "auxiliary": problem.station.auxiliary_mw * lines * problem.record_s / 3600,
    }
    capacity = battery.capacity_start - calendar_loss - float(wear[kernel.CYCLIC_LOSS])
    limited = {
        Limit(1 << bit).name or "": float(totals[sk.CAUSES + bit])
        for bit in range(len(Limit))
        if totals[sk.CAUSES + bit]
    }
    error = float(work.record[:, 4].sum()) / max(lines, 1)
    return HybridYearResult(
        status=Status.SIMULATED if is_whole else Status.STOPPED,
        value=error if is_whole else None,
        unit="MW",
        bound=None,
        runtime_s=watch.elapsed_s,
        provenance=provenance(problem, seed, ("lfp-calendar", "lfp-cyclic", battery.cell)),
        checks=_checks(problem, work, energy, flywheel_mwh) if is_whole else (),
        bindings=tuple(
            Binding(
                name=f"storage.{name.lower()}",
                words=Words(
                    f"{LIMIT_WORDS[Limit[name]].en} held the station back for {seconds:,.0f} s",
                    f"{LIMIT_WORDS[Limit[name]].zh}限制电站 {seconds:,.0f} 秒",
                ),
            )
            for name, seconds in limited.items()
        ),
        warnings=tuple(_assumed(row) for row in assumed(problem.station)),
        record_s=problem.record_s,
        step_s=problem.step_s,
        record=work.record[:lines],
        answers=work.answers[: int(work.state[sk.COMMANDS])].copy(),
        energy_mwh=energy,
        commanded_mw=float(totals[sk.COMMANDED_MW]),
        mileage_mw=float(totals[sk.MILEAGE_MW]),
        error_mw=error,
        soc_end=soc,
        flywheel_mwh_end=flywheel_mwh,
        flywheel_full_mwh=problem.station.flywheel.energy_mwh,
        capacity_health=capacity,
        resistance_health=battery.resistance_start
        + calendar_rise
        + float(wear[kernel.CYCLIC_RISE]),
        calendar_loss=calendar_loss,
        cyclic_loss=float(wear[kernel.CYCLIC_LOSS]),
        full_equivalent_cycles=float(wear[kernel.CYCLES_EQUIVALENT]),
        limited_s=limited,
    )


def _assumed(row: Row) -> Words:
    return Words(
        f"{row.name.en} is a default of the engine, not the station's own figure ({row.cited().en})",
        f"{row.name.zh}采用默认值而非本站实际参数（{row.cited().zh}）",
    )


def _checks(
    problem: HybridYear,
    work: sk.StationWork,
    energy: dict[str, float],
    flywheel_mwh: float,
) -> tuple[Check, ...]:
    """Energy: drawn from cells and flywheels = out − in + every loss. Bounds. Ramp."""
    wheel, battery = problem.station.flywheel, problem.station.battery
    drawn = float(work.totals[sk.DRAWN]) + wheel.charge_start * wheel.energy_mwh - flywheel_mwh
    spent = energy["out"] - energy["in"]
    spent += sum(value for name, value in energy.items() if name not in ("out", "in"))
    turnover = energy["out"] + energy["in"] + abs(drawn)
    soc_column, wheel_column = work.record[:, 5], work.record[:, 6]
    return (
        Check.of("energy balance", drawn - spent, 1e-7 * turnover + 1e-9, "MWh"),
        Check.of(
            "state of charge in its window",
            max(0.0, battery.soc_min - soc_column.min(), soc_column.max() - battery.soc_max),
            1e-12,
            "1",
        ),
        Check.of(
            "flywheel energy in its window",
            max(0.0, -wheel_column.min(), wheel_column.max() - wheel.energy_mwh),
            1e-12,
            "MWh",
        ),
    )
