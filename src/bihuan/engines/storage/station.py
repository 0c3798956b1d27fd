"""A station of flywheels and batteries behind one transformer: its parts.

All power in MW, discharge > 0. `station_state.py` says how the station behaves.
"""

import datetime as dt
from dataclasses import dataclass, field
from functools import cache

from bihuan.engines import dated
from bihuan.engines.problem import Problem, quantity
from bihuan.engines.shape import BadProblem, Words
from bihuan.engines.storage.battery import LfpBattery

KW = Words("Was it given in kW?", "是否误填为 kW？")


@cache
def equipment(row: str) -> dated.Row:
    """The latest row of data/equipment.toml with this id."""
    return dated.load("bihuan.engines.storage", "equipment").on(row, dt.date.max)


@dataclass(frozen=True, kw_only=True)
class Flywheel(Problem):
    """An array of flywheels as one: energy, two-way efficiency, standby loss, no depth wear.

        dE/dt = −P/η_out − standby      discharging
        dE/dt = −P·η_in  − standby      charging (P < 0)

    Efficiencies and the standby loss: data/equipment.toml (confidence C and U). Rotors age by
    neither depth nor number within their life, so no wear is counted.
    """

    power_mw: float = quantity("rated power at the bus", "MW", low=0, high=5000, hint=KW)
    energy_mwh: float = quantity("usable energy when full", "MWh", low=0, high=2000)
    efficiency_in: float = quantity(
        "charging efficiency",
        "1",
        above=0,
        high=1,
        default_factory=lambda: equipment("flywheel-efficiency").value,
    )
    efficiency_out: float = quantity(
        "discharging efficiency",
        "1",
        above=0,
        high=1,
        default_factory=lambda: equipment("flywheel-efficiency").value,
    )
    standby_share: float = quantity(
        "standby loss as a share of the rated power",
        "1",
        low=0,
        high=0.2,
        default_factory=lambda: equipment("flywheel-standby").value,
    )
    charge_start: float = quantity(
        "share of the energy at the start", "1", low=0, high=1, default=0.5
    )

    def check(self) -> None:
        if (self.power_mw > 0) != (self.energy_mwh > 0):
            raise BadProblem(
                "energy_mwh",
                Words(
                    "power and energy must both be above 0, or both 0 (no flywheels)",
                    "功率与能量须同时大于 0，或同时为 0（无飞轮）",
                ),
            )

    @property
    def standby_mw(self) -> float:
        return self.standby_share * self.power_mw


@dataclass(frozen=True, kw_only=True)
class Transformer(Problem):
    """The step-up transformer: loss = no-load + full-load · (P/P_rated)²; data/equipment.toml."""

    rated_mw: float = quantity("rated power", "MW", above=0, high=5000, hint=KW)
    no_load_share: float = quantity(
        "no-load loss",
        "1",
        low=0,
        high=0.05,
        default_factory=lambda: equipment("transformer-losses").value["no_load"],
    )
    full_load_share: float = quantity(
        "load loss at rated power",
        "1",
        low=0,
        high=0.1,
        default_factory=lambda: equipment("transformer-losses").value["full_load"],
    )

    @property
    def no_load_mw(self) -> float:
        return self.no_load_share * self.rated_mw

    @property
    def load_per_mw(self) -> float:
        """Load loss at 1 MW [1/MW]: loss = load_per_mw · P²."""
        return self.full_load_share / self.rated_mw


@dataclass(frozen=True, kw_only=True)
class Controller(Problem):
    """How the station shares a command between its parts, and what it never does."""

    ramp_mw_per_min: float = quantity(
        "ceiling on the station's rate of change; Shanxi scores faster storage 0.1",
        "MW/min",
        above=0,
        default=60.0,
    )
    filter_s: float = quantity(
        "time constant of the low-pass filter: slower parts of the command go to the battery",
        "s",
        low=0,
        high=86_400,
        default=60.0,
    )
    recentre_s: float = quantity(
        "time constant with which the battery brings the flywheels back to their target",
        "s",
        above=0,
        high=86_400,
        default=600.0,
    )
    flywheel_target: float = quantity(
        "share of energy to come back to", "1", low=0, high=1, default=0.5
    )
    guard_band: float = quantity(
        "within this of its charge limits the battery's power tapers to 0",
        "1",
        low=0,
        high=0.3,
        default=0.02,
    )


@dataclass(frozen=True, kw_only=True)
class Measure(Problem):
    """How a dispatch centre measures the answer to a command (rules differ by region)."""

    start_band_mw: float = quantity("dead band a response must leave", "MW", low=0, default=1.5)
    target_band_mw: float = quantity("dead band around the command", "MW", low=0, default=1.5)
    speed_share: float = quantity(
        "the speed is measured up to this share of the step", "1", above=0, high=1, default=1.0
    )
    settle_from_s: float = quantity(
        "accuracy is measured from this long after arrival", "s", low=0, default=0.0
    )
    settle_to_s: float = quantity("and until this long after arrival", "s", above=0, default=1e9)


@dataclass(frozen=True, kw_only=True)
class Station(Problem):
    """Flywheels, batteries, transformer, auxiliaries and the connection to the grid."""

    battery: LfpBattery
    flywheel: Flywheel
    transformer: Transformer
    grid_mw: float = quantity(
        "power agreed at the grid connection", "MW", above=0, high=5000, hint=KW
    )
    auxiliary_mw: float = quantity(
        "auxiliary consumption, always on", "MW", low=0, high=500, hint=KW, default=0.0
    )
    controller: Controller = field(default_factory=Controller)

    def check(self) -> None:
        if self.transformer.rated_mw < self.grid_mw:
            raise BadProblem(
                "transformer.rated_mw",
                Words(
                    f"{self.transformer.rated_mw:g} MW carries less than the {self.grid_mw:g} MW agreed with the grid",
                    f"{self.transformer.rated_mw:g} MW 小于并网容量 {self.grid_mw:g} MW",
                ),
            )


def assumed(station: Station) -> list[dated.Row]:
    """The unverified figures of data/equipment.toml that this station still has."""
    wheel, transformer = station.flywheel, station.transformer
    used = {"no_load": transformer.no_load_share, "full_load": transformer.full_load_share}
    values: dict[str, object] = {"transformer-losses": used}
    if wheel.power_mw > 0:
        values["flywheel-standby"] = wheel.standby_share
        values["flywheel-efficiency"] = wheel.efficiency_out
    rows = (equipment(name) for name in values)
    return [row for row in rows if row.confidence.must_be_checked and row.value == values[row.id]]
