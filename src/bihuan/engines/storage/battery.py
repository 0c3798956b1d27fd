"""A battery of many equal cells behind one converter: the readable reference.

Power is in MW at the bus (`ac`) or at the cells (`dc`), discharge > 0, charge < 0. One step:

    P_dc = converter(P_ac)                         losses of the converter
    I    = (U − √(U² − 4 R P_dc)) / 2R             the circuit's current for that power
    I    within rate, voltage and charge limits    the cause is kept
    soc −= I·Δt / (3600 · capacity · health)
    ageing by calendar, then by the cycles which this state of charge closes

`kernel.py` is the same in machine code; a test holds the two together to 1e-9.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bihuan.engines.problem import Problem, quantity
from bihuan.engines.shape import BadProblem, Words
from bihuan.engines.storage.ageing import Health, calendar_law, cyclic_law
from bihuan.engines.storage.cell import Cell, cell_named
from bihuan.engines.storage.converter import converter_named
from bihuan.engines.storage.cycles import RainflowCounter, ReversalCounter
from bihuan.engines.storage.limits import Limit

RAINFLOW, REVERSALS = "rainflow", "reversals"


@dataclass(frozen=True, kw_only=True)
class LfpBattery(Problem):
    """A lithium iron phosphate battery system with its converter."""

    energy_mwh: float = quantity(
        "nominal energy: capacity × nominal voltage of all cells",
        "MWh",
        above=0,
        high=20_000,
        hint=Words("Was it given in kWh?", "是否误填为 kWh？"),
    )
    power_mw: float = quantity(
        "rated power of the converter at the bus",
        "MW",
        above=0,
        high=5_000,
        hint=Words("Was it given in kW?", "是否误填为 kW？"),
    )
    cell: str = "sony-us26650ftc1"
    converter: str = "converter-sinamics-s120"
    resistance_factor: float = quantity(
        "resistance against the measured cell's, per Ah", "1", above=0, high=10, default=1.0
    )
    soc_min: float = quantity("lowest state of charge", "1", low=0, high=1, default=0.05)
    soc_max: float = quantity("highest state of charge", "1", low=0, high=1, default=0.95)
    soc_start: float = quantity("state of charge at the start", "1", low=0, high=1, default=0.5)
    capacity_start: float = quantity(
        "capacity at the start against nominal", "1", above=0, high=1, default=1.0
    )
    resistance_start: float = quantity(
        "resistance at the start against a new cell", "1", low=1, high=10, default=1.0
    )
    cycles: str = quantity("how cycles are found: rainflow or reversals", "", default=RAINFLOW)

    def check(self) -> None:
        if not self.soc_min < self.soc_max:
            raise BadProblem(
                "soc_max",
                Words(
                    f"{self.soc_max:g} must be above soc_min {self.soc_min:g}",
                    f"{self.soc_max:g} 必须大于 soc_min {self.soc_min:g}",
                ),
            )
        if not self.soc_min <= self.soc_start <= self.soc_max:
            raise BadProblem(
                "soc_start",
                Words(
                    f"{self.soc_start:g} lies outside [{self.soc_min:g}, {self.soc_max:g}]",
                    f"{self.soc_start:g} 超出 [{self.soc_min:g}, {self.soc_max:g}]",
                ),
            )
        if self.cycles not in (RAINFLOW, REVERSALS):
            raise BadProblem(
                "cycles", Words("must be rainflow or reversals", "只能为 rainflow 或 reversals")
            )
        for name, find in (("cell", cell_named), ("converter", converter_named)):
            try:
                find(getattr(self, name))
            except BadProblem as unknown:
                raise BadProblem(name, unknown.words) from unknown

    @property
    def cell_count(self) -> float:
        """Cells of the nominal size that make up the energy; need not be whole."""
        return self.energy_mwh * 1e6 / cell_named(self.cell).energy_wh


@dataclass
class Delivered:
    """One step of a battery, seen at the bus and inside."""

    ac_mw: float
    dc_mw: float
    joule_mw: float  # R·I² of all cells
    limit: Limit


@dataclass
class BatteryState:
    """The battery at one moment; `step` moves it on."""

    battery: LfpBattery
    temperature_c: float = 25.0
    soc: float = field(init=False)
    capacity_health: float = field(init=False)
    resistance_health: float = field(init=False)
    health: Health = field(default_factory=Health)

    def __post_init__(self) -> None:
        self.soc = self.battery.soc_start
        self.cell: Cell = cell_named(self.battery.cell)
        self.converter = converter_named(self.battery.converter)
        self.calendar, self.cyclic = calendar_law(), cyclic_law()
        self.counter: RainflowCounter | ReversalCounter = (
            RainflowCounter(self.soc)
            if self.battery.cycles == RAINFLOW
            else ReversalCounter(self.soc)
        )
        self._refresh()

    def _refresh(self) -> None:
        """Health now is health at the start less what ageing took since."""
        self.capacity_health = self.battery.capacity_start + self.health.capacity - 1.0
        self.resistance_health = self.battery.resistance_start + self.health.resistance - 1.0

    def step(self, ac_mw: float, seconds: float) -> Delivered:
        """Ask for a power at the bus for some seconds; see what is delivered."""
        rated_mw = self.battery.power_mw
        asked_mw = max(-rated_mw, min(rated_mw, ac_mw))
        limit = Limit.NONE if asked_mw == ac_mw else Limit.CONVERTER
        dc_mw = self.converter.dc_of(asked_mw / rated_mw) * rated_mw
        watts_per_mw = 1e6 / self.battery.cell_count
        current_a, rest_v, resistance_ohm, cell_limit = self._current(dc_mw * watts_per_mw, seconds)
        if cell_limit:
            dc_mw = (rest_v - resistance_ohm * current_a) * current_a / watts_per_mw
            asked_mw = self.converter.ac_of(dc_mw / rated_mw) * rated_mw
        self._move(current_a, seconds, to_the_end=Limit.CELL_CHARGE in cell_limit)
        return Delivered(
            ac_mw=asked_mw,
            dc_mw=dc_mw,
            joule_mw=resistance_ohm * current_a**2 / watts_per_mw,
            limit=limit | cell_limit,
        )

    def _current(self, watts: float, seconds: float) -> tuple[float, float, float, Limit]:
        """Current of one cell for a power, within its limits; and U, R and the cause."""
        cell, charging = self.cell, watts < 0
        rest_v = cell.rest_v(self.soc)
        ohm = cell.resistance_ohm(self.soc, self.temperature_c, charging=charging)
        ohm *= self.battery.resistance_factor * self.resistance_health
        if watts == 0.0:
            return 0.0, rest_v, ohm, Limit.NONE
        root = math.sqrt(max(0.0, rest_v**2 - 4.0 * ohm * watts))  # 0: beyond the power peak
        current_a = (rest_v - root) / (2.0 * ohm)
        capacity_ah = cell.capacity_ah * self.capacity_health
        if charging:
            room = (self.battery.soc_max - self.soc) * capacity_ah * 3600.0 / seconds
            bounds = (
                (cell.charge_rate_max_per_h * cell.capacity_ah, Limit.CELL_RATE),
                ((cell.voltage_max_v - rest_v) / ohm, Limit.CELL_VOLTAGE),
                (room, Limit.CELL_CHARGE),
            )
        else:
            room = (self.soc - self.battery.soc_min) * capacity_ah * 3600.0 / seconds
            bounds = (
                (cell.discharge_rate_max_per_h * cell.capacity_ah, Limit.CELL_RATE),
                ((rest_v - cell.voltage_min_v) / ohm, Limit.CELL_VOLTAGE),
                (room, Limit.CELL_CHARGE),
            )
        bound_a, cause = min(bounds, key=lambda bound: bound[0])
        bound_a = max(0.0, bound_a)
        if abs(current_a) <= bound_a:
            return current_a, rest_v, ohm, Limit.NONE
        return math.copysign(bound_a, current_a), rest_v, ohm, cause

    def _move(self, current_a: float, seconds: float, *, to_the_end: bool) -> None:
        capacity_ah = self.cell.capacity_ah * self.capacity_health
        self.soc -= current_a * seconds / (3600.0 * capacity_ah)
        if to_the_end:  # the limit by charge ends there exactly; rounding would leave crumbs
            down = math.copysign(1.0, current_a) > 0
            self.soc = self.battery.soc_min if down else self.battery.soc_max
        self.health.rest(self.calendar, self.soc, self.temperature_c, seconds)
        for cycle in self.counter.feed(self.soc, seconds / 3600.0):
            self.health.cycle(self.cyclic, cycle)
        self._refresh()

    def finish(self) -> None:
        """Count the cycles still open at the end, as halves."""
        for cycle in self.counter.residue():
            self.health.cycle(self.cyclic, cycle)
        self._refresh()


def run(
    battery: LfpBattery, power_mw: Iterable[float], *, step_s: float, temperature_c: float = 25.0
) -> Iterator[tuple[BatteryState, Delivered]]:
    """The reference over a series of powers; the state is the same object at every step."""
    state = BatteryState(battery, temperature_c)
    for asked_mw in power_mw:
        delivered = state.step(asked_mw, step_s)
        yield state, delivered
