"""A hybrid station second by second: the readable reference of `station_kernel.py`.

Each second:

1.  The target is the command within the power agreed with the grid (GRID), and no further
    from the power delivered before than the ramp ceiling allows (RAMP).
2.  What the devices must give at the bus: P_poi = P_t − P_0 − k·P_t² solved for P_t, plus
    the auxiliaries.
3.  A low-pass filter gives the slow part to the battery; the rest is the flywheels', which the
    battery also brings back to their target energy.
4.  Each takes over what the other cannot: first the battery what exceeds the flywheels, within
    its charge guard, then the flywheels what the battery could not deliver.
5.  What is still missing is named by the causes that stood in the way.
"""

import math
from dataclasses import dataclass, field

from bihuan.engines.storage.battery import BatteryState
from bihuan.engines.storage.limits import Limit
from bihuan.engines.storage.station import Controller, Flywheel, Station, Transformer

SAME_MW = 1e-9  # a smaller difference is rounding, not a shortfall


@dataclass
class FlywheelState:
    """Energy in the flywheels [MWh]."""

    flywheel: Flywheel
    energy_mwh: float = field(init=False)

    def __post_init__(self) -> None:
        self.energy_mwh = self.flywheel.charge_start * self.flywheel.energy_mwh

    def range_mw(self, seconds: float) -> tuple[float, float]:
        """Most negative and most positive power for the next step."""
        wheel, per_h = self.flywheel, 3600.0 / seconds
        room_mwh = wheel.energy_mwh - self.energy_mwh
        return (
            -min(wheel.power_mw, room_mwh / wheel.efficiency_in * per_h),
            min(wheel.power_mw, self.energy_mwh * wheel.efficiency_out * per_h),
        )

    def step(self, power_mw: float, seconds: float) -> float:
        """Deliver a power inside `range_mw`, then stand by; the losses [MW]."""
        wheel, hours = self.flywheel, seconds / 3600.0
        inner_mw = (
            power_mw / wheel.efficiency_out if power_mw > 0 else power_mw * wheel.efficiency_in
        )
        left_mwh = max(0.0, self.energy_mwh - inner_mw * hours)
        standby_mw = min(wheel.standby_mw, left_mwh / hours)  # a rotor at rest loses nothing
        self.energy_mwh = min(wheel.energy_mwh, left_mwh - standby_mw * hours)
        return inner_mw - power_mw + standby_mw


def at_the_bus(transformer: Transformer, grid_mw: float) -> float:
    """Power into the transformer for a power at the grid: the smaller root of k·P² − P + w = 0,
    w = P_grid + P_0, in the form that loses no digits where k is small.
    """
    wanted_mw = grid_mw + transformer.no_load_mw
    return 2.0 * wanted_mw / (1.0 + math.sqrt(1.0 - 4.0 * transformer.load_per_mw * wanted_mw))


def at_the_grid(transformer: Transformer, bus_mw: float) -> float:
    """Power at the grid for a power into the transformer."""
    return bus_mw - transformer.no_load_mw - transformer.load_per_mw * bus_mw**2


@dataclass
class Second:
    """What the station did in one step."""

    requested_mw: float
    delivered_mw: float
    battery_mw: float
    flywheel_mw: float
    limit: Limit


@dataclass
class StationState:
    """The station at one moment; `step` moves it on."""

    station: Station
    battery: BatteryState = field(init=False)
    flywheel: FlywheelState = field(init=False)
    delivered_mw: float = field(init=False)
    slow_mw: float = field(init=False)  # output of the low-pass filter

    def __post_init__(self) -> None:
        self.battery = BatteryState(self.station.battery)
        self.flywheel = FlywheelState(self.station.flywheel)
        self.delivered_mw = 0.0
        self.slow_mw = at_the_bus(self.station.transformer, 0.0) + self.station.auxiliary_mw

    def step(self, command_mw: float, seconds: float) -> Second:
        """Follow a command at the grid for some seconds."""
        target_mw, limit = self._target(command_mw, seconds)
        need_mw = at_the_bus(self.station.transformer, target_mw) + self.station.auxiliary_mw
        low_mw, high_mw = self.flywheel.range_mw(seconds)
        flywheel_mw = _clip(need_mw - self._share_of_battery(need_mw, seconds), low_mw, high_mw)
        asked_mw = need_mw - flywheel_mw
        guarded_mw = self._guarded(asked_mw)
        battery = self.battery.step(guarded_mw, seconds)
        wished_mw = need_mw - battery.ac_mw
        flywheel_mw = _clip(wished_mw, low_mw, high_mw)
        if abs(wished_mw - flywheel_mw) > SAME_MW:
            limit |= battery.limit | self._flywheel_limit(flywheel_mw)
            limit |= Limit.CHARGE_GUARD if guarded_mw != asked_mw else Limit.NONE
        self.flywheel.step(flywheel_mw, seconds)
        given_mw = battery.ac_mw + flywheel_mw - self.station.auxiliary_mw
        self.delivered_mw = at_the_grid(self.station.transformer, given_mw)
        return Second(command_mw, self.delivered_mw, battery.ac_mw, flywheel_mw, limit)

    def _target(self, command_mw: float, seconds: float) -> tuple[float, Limit]:
        grid_mw = self.station.grid_mw
        target_mw = _clip(command_mw, -grid_mw, grid_mw)
        limit = Limit.GRID if target_mw != command_mw else Limit.NONE
        reach_mw = self.station.controller.ramp_mw_per_min * seconds / 60.0
        ramped_mw = _clip(target_mw, self.delivered_mw - reach_mw, self.delivered_mw + reach_mw)
        return ramped_mw, limit | (Limit.RAMP if ramped_mw != target_mw else Limit.NONE)

    def _share_of_battery(self, need_mw: float, seconds: float) -> float:
        """The slow part of the need, less what brings the flywheels back to their target."""
        controller: Controller = self.station.controller
        self.slow_mw += (need_mw - self.slow_mw) * seconds / (controller.filter_s + seconds)
        target_mwh = controller.flywheel_target * self.flywheel.flywheel.energy_mwh
        excess_mwh = self.flywheel.energy_mwh - target_mwh
        return self.slow_mw - excess_mwh * 3600.0 / controller.recentre_s

    def _guarded(self, power_mw: float) -> float:
        """Taper the battery's power near the end of its charge window it moves towards."""
        battery, band = self.station.battery, self.station.controller.guard_band
        room = (
            self.battery.soc - battery.soc_min
            if power_mw > 0
            else battery.soc_max - self.battery.soc
        )
        if room >= band:
            return power_mw
        most_mw = battery.power_mw * room / band
        return _clip(power_mw, -most_mw, most_mw)

    def _flywheel_limit(self, power_mw: float) -> Limit:
        rated_mw = self.station.flywheel.power_mw
        return Limit.FLYWHEEL_POWER if abs(power_mw) >= rated_mw else Limit.FLYWHEEL_ENERGY


def _clip(value: float, low: float, high: float) -> float:
    return max(low, min(high, value))
