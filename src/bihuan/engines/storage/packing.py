"""A battery's parameters as the numbers its kernel takes."""

import numpy as np

from bihuan.engines.storage import kernel
from bihuan.engines.storage.ageing import calendar_law, cyclic_law
from bihuan.engines.storage.battery import RAINFLOW, LfpBattery
from bihuan.engines.storage.cell import cell_named
from bihuan.engines.storage.converter import converter_named
from bihuan.engines.storage.kernel import Floats, Pack
from bihuan.engines.storage.station import Measure, Station
from bihuan.engines.storage.station_kernel import StationPack


def pack_of(battery: LfpBattery) -> Pack:
    """The kernel's parameters of a battery."""
    cell = cell_named(battery.cell)
    calendar, cyclic = calendar_law(), cyclic_law()
    return Pack(
        rated_mw=battery.power_mw,
        per_rated_mw=1.0 / battery.power_mw,
        watts_per_mw=1e6 / battery.cell_count,
        mw_per_watt=battery.cell_count / 1e6,
        capacity_ah=cell.capacity_ah,
        charge_a_max=cell.charge_rate_max_per_h * cell.capacity_ah,
        discharge_a_max=cell.discharge_rate_max_per_h * cell.capacity_ah,
        voltage_max_v=cell.voltage_max_v,
        voltage_min_v=cell.voltage_min_v,
        soc_min=battery.soc_min,
        soc_max=battery.soc_max,
        capacity_start=battery.capacity_start,
        resistance_start=battery.resistance_start,
        rainflow=battery.cycles == RAINFLOW,
        calendar=(
            calendar.capacity_charge_cubic,
            calendar.capacity_charge_constant,
            calendar.resistance_charge_square,
            calendar.resistance_charge_constant,
        ),
        cyclic=(
            cyclic.capacity_rate_slope,
            cyclic.capacity_rate_constant,
            cyclic.capacity_depth_cubic,
            cyclic.capacity_depth_constant,
            cyclic.resistance_rate_slope,
            cyclic.resistance_rate_constant,
            cyclic.resistance_depth_cubic,
            cyclic.resistance_depth_constant,
        ),
    )


def tables_of(battery: LfpBattery) -> Floats:
    """The kernel's tables of a battery; the resistances are filled in for a temperature."""
    cell, converter = cell_named(battery.cell), converter_named(battery.converter)
    tables = np.zeros(kernel.TABLES_SIZE)
    for (first, last), values in (
        (kernel.REST_V, cell.rest_voltage_v),
        (kernel.CHARGING_DC, converter.charging_dc),
        (kernel.DISCHARGING_DC, converter.discharging_dc),
    ):
        tables[first : first + last + 1] = values
    return tables


def thermal_of(battery: LfpBattery, temperatures_c: Floats) -> Floats:
    """A line for each temperature: R(soc) charging, then discharging, then k_q and k_r."""
    cell, calendar = cell_named(battery.cell), calendar_law()
    factor = battery.resistance_factor
    return np.array(
        [
            [
                *(factor * ohm for ohm in cell.resistance_at_ohm(t, charging=True)),
                *(factor * ohm for ohm in cell.resistance_at_ohm(t, charging=False)),
                calendar.capacity_k(t),
                calendar.resistance_k(t),
            ]
            for t in map(float, temperatures_c)
        ]
    )


def station_pack_of(station: Station, measure: Measure, step_s: float) -> StationPack:
    """The kernel's parameters of a station besides its battery."""
    wheel, transformer, controller = station.flywheel, station.transformer, station.controller
    return StationPack(
        grid_mw=station.grid_mw,
        auxiliary_mw=station.auxiliary_mw,
        no_load_mw=transformer.no_load_mw,
        load_per_mw=transformer.load_per_mw,
        ramp_mw=controller.ramp_mw_per_min * step_s / 60.0,
        filter_share=step_s / (controller.filter_s + step_s),
        recentre_per_h=3600.0 / controller.recentre_s,
        guard_band=controller.guard_band,
        wheel_mw=wheel.power_mw,
        wheel_mwh=wheel.energy_mwh,
        wheel_target_mwh=controller.flywheel_target * wheel.energy_mwh,
        wheel_in=wheel.efficiency_in,
        wheel_room_per_h=3600.0 / step_s / wheel.efficiency_in,
        wheel_give_per_h=3600.0 / step_s * wheel.efficiency_out,
        wheel_per_out=1.0 / wheel.efficiency_out,
        steps_per_h=3600.0 / step_s,
        standby_mw=wheel.standby_mw,
        measure=(
            measure.start_band_mw,
            measure.target_band_mw,
            measure.speed_share,
            measure.settle_from_s / step_s,
            measure.settle_to_s / step_s,
        ),
    )
