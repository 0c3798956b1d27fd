"""The battery's step, rainflow and ageing in machine code; `battery.py` explains them.

Kernels know only numbers: the parameters come as a `Pack`, what cycles have worn
lives in an array whose places are named below.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bihuan.engines.storage.compiled import compiled

Floats = NDArray[np.float64]

RATE, VOLTAGE, CHARGE, CONVERTER = 1, 2, 4, 8  # limits.Limit

# places in a battery's wear: what cycles took, what was counted, and the movement under way
CYCLIC_LOSS, CYCLIC_RISE, COUNT, CYCLES_FOUND, DEPTH_SUM, CYCLES_EQUIVALENT = range(6)
LAST, DIRECTION, MOVING_H = 6, 7, 8
WEAR_SIZE = 9


class Pack(NamedTuple):
    """Everything about one battery that does not change during a run."""

    rated_mw: float
    per_rated_mw: float
    watts_per_mw: float  # of one cell, per MW of the battery
    mw_per_watt: float
    capacity_ah: float
    charge_a_max: float
    discharge_a_max: float
    voltage_max_v: float
    voltage_min_v: float
    soc_min: float
    soc_max: float
    capacity_start: float
    resistance_start: float
    rainflow: bool
    calendar: tuple[float, float, float, float]  # capacity cubic, constant; resistance square, …
    cyclic: tuple[float, float, float, float, float, float, float, float]


# All tables of a battery lie in one array, one after another: machine code that juggles
# several arrays in its inner loop spends most of its time counting references to them.
# Each is (first place, last index).
REST_V = (0, 200)
CHARGING_DC = (201, 100)
DISCHARGING_DC = (302, 100)
OHM_CHARGE = (403, 10)
OHM_DISCHARGE = (414, 10)
TABLES_SIZE = 425


@compiled
def at(tables: Floats, table: tuple[int, int], share: float) -> float:
    """`tables.at` without its check: callers stay inside."""
    place = share * table[1]
    low = min(int(place), table[1] - 1)
    first = tables[table[0] + low]
    return float(first + (tables[table[0] + low + 1] - first) * (place - low))


@compiled
def where(tables: Floats, table: tuple[int, int], value: float) -> float:
    """`tables.where` without its check."""
    low, high = 0, table[1]
    while high - low > 1:
        middle = (low + high) // 2
        if tables[table[0] + middle] <= value:
            low = middle
        else:
            high = middle
    first = tables[table[0] + low]
    return float((low + (value - first) / (tables[table[0] + low + 1] - first)) / table[1])


@compiled
def dc_of(tables: Floats, ac: float) -> float:
    """`Converter.dc_of`."""
    return at(tables, DISCHARGING_DC, ac) if ac > 0 else -at(tables, CHARGING_DC, -ac)


@compiled
def ac_of(tables: Floats, dc: float) -> float:
    """`Converter.ac_of`."""
    return where(tables, DISCHARGING_DC, dc) if dc > 0 else -where(tables, CHARGING_DC, -dc)


@compiled
def warm_to(tables: Floats, thermal: Floats, piece: int) -> tuple[float, float]:
    """Fill in the resistances of a temperature; gives its calendar factors k_q and k_r."""
    for i in range(22):
        tables[OHM_CHARGE[0] + i] = thermal[piece, i]
    return thermal[piece, 22], thermal[piece, 23]


@compiled
def bounded(
    pack: Pack,
    soc: float,
    capacity_ah: float,
    rest_v: float,
    ohm: float,
    wanted_a: float,
    seconds: float,
) -> tuple[float, int]:
    """The wanted current of one cell within its limits, and the tightest of them."""
    if wanted_a < 0.0:
        bound_a, cause = pack.charge_a_max, RATE
        voltage_a = (pack.voltage_max_v - rest_v) / ohm
        room_a = (pack.soc_max - soc) * capacity_ah * 3600.0 / seconds
    else:
        bound_a, cause = pack.discharge_a_max, RATE
        voltage_a = (rest_v - pack.voltage_min_v) / ohm
        room_a = (soc - pack.soc_min) * capacity_ah * 3600.0 / seconds
    if voltage_a < bound_a:
        bound_a, cause = voltage_a, VOLTAGE
    if room_a < bound_a:
        bound_a, cause = room_a, CHARGE
    bound_a = max(0.0, bound_a)
    if abs(wanted_a) <= bound_a:
        return wanted_a, 0
    return (bound_a if wanted_a > 0 else -bound_a), cause


@compiled
def battery_step(
    pack: Pack,
    tables: Floats,
    soc: float,
    capacity_health: float,
    resistance_health: float,
    ac_mw: float,
    seconds: float,
) -> tuple[float, float, float, float, float, int]:
    """`BatteryState.step` without ageing: (soc, ac_mw, dc_mw, R·I² mw, U·I mw, limit)."""
    limit = 0
    if abs(ac_mw) > pack.rated_mw:
        limit = CONVERTER
        ac_mw = pack.rated_mw if ac_mw > 0.0 else -pack.rated_mw
    if ac_mw == 0.0:
        return soc, 0.0, 0.0, 0.0, 0.0, limit
    dc_mw = dc_of(tables, ac_mw * pack.per_rated_mw) * pack.rated_mw
    charging = dc_mw < 0.0
    rest_v = at(tables, REST_V, soc)
    ohm = at(tables, OHM_CHARGE, soc) if charging else at(tables, OHM_DISCHARGE, soc)
    ohm *= resistance_health
    root = math.sqrt(max(0.0, rest_v * rest_v - 4.0 * ohm * dc_mw * pack.watts_per_mw))
    current_a = (rest_v - root) / (2.0 * ohm)
    capacity_ah = pack.capacity_ah * capacity_health
    moved = soc - current_a * seconds / (3600.0 * capacity_ah)
    voltage = rest_v - ohm * current_a
    if (  # only then look closer: the limits cost divisions
        moved <= pack.soc_min
        or moved >= pack.soc_max
        or voltage <= pack.voltage_min_v
        or voltage >= pack.voltage_max_v
        or current_a >= pack.discharge_a_max
        or current_a <= -pack.charge_a_max
    ):
        current_a, cause = bounded(pack, soc, capacity_ah, rest_v, ohm, current_a, seconds)
        if cause:
            dc_mw = (rest_v - ohm * current_a) * current_a * pack.mw_per_watt
            ac_mw = ac_of(tables, dc_mw * pack.per_rated_mw) * pack.rated_mw
            limit |= cause
        moved = soc - current_a * seconds / (3600.0 * capacity_ah)
        if cause == CHARGE:
            moved = pack.soc_max if charging else pack.soc_min
    joule_mw = ohm * current_a * current_a * pack.mw_per_watt
    return moved, ac_mw, dc_mw, joule_mw, rest_v * current_a * pack.mw_per_watt, limit


@compiled
def cube(x: float) -> float:
    """x³ by products."""
    return x * x * x


@compiled
def continued(loss: float, stress: float, amount: float) -> float:
    """`ageing._continued`."""
    if stress <= 0.0:
        return loss
    explained = loss / stress
    return stress * math.sqrt(explained * explained + amount)


@compiled
def calendar_loss_after(pack: Pack, loss: float, soc: float, k: float, seconds: float) -> float:
    """`Health.rest`, capacity."""
    stress = k * (pack.calendar[0] * cube(soc - 0.5) + pack.calendar[1])
    return continued(loss, stress, seconds)


@compiled
def calendar_rise_per_s(pack: Pack, soc: float, k: float) -> float:
    """`Health.rest`, resistance."""
    return k * (pack.calendar[2] * (soc - 0.5) * (soc - 0.5) + pack.calendar[3])


@compiled
def age_by_cycle(pack: Pack, wear: Floats, depth: float, count: float, hours: float) -> None:
    """`Health.cycle`."""
    law = pack.cyclic
    fec = depth * count
    rate = 2.0 * fec / hours if hours > 0.0 else 0.0
    stress = (law[0] * rate + law[1]) * (law[2] * cube(depth - 0.6) + law[3]) / 100.0
    wear[CYCLIC_LOSS] = continued(wear[CYCLIC_LOSS], stress, fec)
    wear[CYCLIC_RISE] += (
        (law[4] * rate + law[5]) * (law[6] * cube(depth - 0.5) + law[7]) * fec / 100.0
    )
    wear[CYCLES_FOUND] += count
    wear[DEPTH_SUM] += count * depth
    wear[CYCLES_EQUIVALENT] += fec


@compiled
def close_one(open_ranges: Floats, count: int) -> tuple[int, float, float, float]:
    """One turn of `RainflowCounter._close`: (count left, depth, cycles, hours); 0 cycles: done."""
    levels, hours = open_ranges[0], open_ranges[1]
    if count < 3:
        return count, 0.0, 0.0, 0.0
    later = abs(levels[count - 1] - levels[count - 2])
    earlier = abs(levels[count - 2] - levels[count - 3])
    if later < earlier:
        return count, 0.0, 0.0, 0.0
    if count == 3:
        spent_h = hours[1]
        levels[0], levels[1] = levels[1], levels[2]
        hours[0], hours[1] = 0.0, hours[2]
        return 2, earlier, 0.5, spent_h
    taken_h = hours[count - 1] * earlier / later
    spent_h = hours[count - 2] + taken_h
    hours[count - 3] += hours[count - 1] - taken_h
    levels[count - 3] = levels[count - 1]
    return count - 2, earlier, 1.0, spent_h


@compiled
def turned(wear: Floats, soc: float, hours: float) -> bool:
    """Follow the state of charge; true, with nothing done yet, where it has turned round."""
    last = wear[LAST]
    if soc == last:
        return False
    direction = 1.0 if soc > last else -1.0
    if direction == -wear[DIRECTION]:
        return True
    wear[DIRECTION] = direction
    wear[MOVING_H] += hours
    wear[LAST] = soc
    return False


@compiled
def turn(pack: Pack, wear: Floats, open_ranges: Floats, soc: float, hours: float) -> Floats:
    """It has turned at LAST: close cycles, age by them, and follow it the other way."""
    if pack.rainflow:
        open_ranges = close_cycles(pack, wear, open_ranges)
    else:
        age_by_cycle(pack, wear, abs(wear[LAST] - open_ranges[0, 0]), 0.5, wear[MOVING_H])
        open_ranges[0, 0] = wear[LAST]
    wear[DIRECTION] = -wear[DIRECTION]
    wear[MOVING_H] = hours
    wear[LAST] = soc
    return open_ranges


@compiled
def close_cycles(pack: Pack, wear: Floats, open_ranges: Floats) -> Floats:
    """`RainflowCounter._close` after the turning point LAST, and the ageing by each cycle."""
    count = int(wear[COUNT])
    if count == open_ranges.shape[1]:  # deeper nesting than ever before: more room
        larger = np.zeros((2, 2 * count))
        larger[:, :count] = open_ranges
        open_ranges = larger
    open_ranges[0, count] = wear[LAST]
    open_ranges[1, count] = wear[MOVING_H]
    count += 1
    while True:
        count, depth, cycles, hours = close_one(open_ranges, count)
        if cycles == 0.0:
            break
        age_by_cycle(pack, wear, depth, cycles, hours)
    wear[COUNT] = count
    return open_ranges


@compiled
def count_causes(totals: Floats, first: int, limit: int, seconds: float) -> None:
    """Add the seconds to each cause in `limit`; the causes begin at `first`."""
    for bit in range(9):
        if limit >> bit & 1:
            totals[first + bit] += seconds


@compiled
def finish(pack: Pack, wear: Floats, open_ranges: Floats) -> None:
    """`BatteryState.finish`: what the end closes, and the open ranges as half cycles."""
    if not pack.rainflow or wear[DIRECTION] == 0.0:
        return
    open_ranges = close_cycles(pack, wear, open_ranges)
    for i in range(1, int(wear[COUNT])):
        depth = abs(open_ranges[0, i] - open_ranges[0, i - 1])
        age_by_cycle(pack, wear, depth, 0.5, open_ranges[1, i])


def new_wear() -> Floats:
    """The wear of a battery that no cycle has worn yet."""
    return np.zeros(WEAR_SIZE)


@compiled
def new_ranges(wear: Floats, soc: float) -> Floats:
    """Turning points (line 0) and times (line 1) of the ranges open at the start: one point."""
    open_ranges = np.zeros((2, 256))
    open_ranges[0, 0] = soc
    wear[COUNT], wear[LAST] = 1.0, soc
    return open_ranges
