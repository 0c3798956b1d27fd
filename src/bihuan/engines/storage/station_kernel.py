"""The hybrid station in machine code; `station_state.py` explains it line by line."""

import math
from typing import NamedTuple

import numpy as np

from bihuan.engines.storage import kernel
from bihuan.engines.storage.command_kernel import begin, end, watch
from bihuan.engines.storage.compiled import compiled
from bihuan.engines.storage.kernel import Floats, Pack
from bihuan.engines.storage.limits import Limit

SAME_MW = 1e-9
CHARGE_GUARD, FLYWHEEL_POWER, FLYWHEEL_ENERGY, RAMP, GRID = 16, 32, 64, 128, 256  # limits.Limit

# columns of the record
COLUMNS = (
    "requested_mw",
    "delivered_mw",
    "battery_mw",
    "flywheel_mw",
    "error_mw",  # mean of |requested − delivered|
    "battery_soc_end",
    "flywheel_mwh_end",
    "mileage_mw",  # Σ |change of delivered power|
    "limited_share",
)
# places in the totals: energies [MWh], mileage [MW], then seconds for each cause
(OUT, IN, CONVERTER, CELLS, FLYWHEEL, TRANSFORMER, DRAWN, COMMANDED_MW, MILEAGE_MW) = range(9)
CAUSES = 9
TOTALS = CAUSES + len(Limit)
# places in the sums of an interval; 0-4 are the first columns of the record
S_MILEAGE, S_CONVERTER, S_OUT, S_LIMITED = 5, 6, 11, 12  # 6-10: the energies of the totals
SUMS = 13
# places in the state, which goes from one span to the next
(
    SOC,
    CALENDAR_LOSS,
    CALENDAR_RISE,
    DELIVERED_MW,
    SLOW_MW,
    WHEEL_MWH,
    COMMAND_MW,
    COMMAND_ENDS,
    COMMANDS,
) = range(9)
STATES = 9


class StationPack(NamedTuple):
    """Everything about a station besides its battery that does not change during a run."""

    grid_mw: float
    auxiliary_mw: float
    no_load_mw: float
    load_per_mw: float
    ramp_mw: float  # in one step
    filter_share: float  # of the way in one step
    recentre_per_h: float
    guard_band: float
    wheel_mw: float
    wheel_mwh: float
    wheel_target_mwh: float
    wheel_in: float
    wheel_room_per_h: float  # 1 / (wheel_in · hours of a step)
    wheel_give_per_h: float  # wheel_out / hours of a step
    wheel_per_out: float  # 1 / wheel_out
    steps_per_h: float
    standby_mw: float
    measure: tuple[float, float, float, float, float]  # station.Measure


class Commands(NamedTuple):
    """What the station is told: a schedule and a share of the regulation capacity."""

    schedule_mw: Floats
    regulation_mw: Floats
    steps_each: int  # of the schedule
    signal: Floats  # repeats
    signal_steps: int  # each value of the signal holds
    command_steps: int  # a command holds
    seconds: float  # of a step
    steps_thermal: int  # that a temperature holds


class StationWork(NamedTuple):
    """The arrays a run reads and fills."""

    state: Floats
    answer: Floats  # to the command that holds
    wear: Floats
    tables: Floats
    thermal: Floats
    record: Floats
    totals: Floats
    answers: Floats  # command_kernel.ANSWER_COLUMNS, a line each command


@compiled
def clip(value: float, low: float, high: float) -> float:
    return max(low, min(high, value))


@compiled
def at_the_bus(s: StationPack, grid_mw: float) -> float:
    """`station_state.at_the_bus`."""
    wanted_mw = grid_mw + s.no_load_mw
    return 2.0 * wanted_mw / (1.0 + math.sqrt(1.0 - 4.0 * s.load_per_mw * wanted_mw))


@compiled
def guarded(pack: Pack, s: StationPack, soc: float, power_mw: float) -> float:
    """`StationState._guarded`."""
    room = soc - pack.soc_min if power_mw > 0 else pack.soc_max - soc
    if room >= s.guard_band:
        return power_mw
    most_mw = pack.rated_mw * room / s.guard_band
    return clip(power_mw, -most_mw, most_mw)


@compiled
def wheel_step(
    s: StationPack, energy_mwh: float, power_mw: float, hours: float
) -> tuple[float, float]:
    """`FlywheelState.step`: (energy, losses in MW)."""
    inner_mw = power_mw * (s.wheel_per_out if power_mw > 0 else s.wheel_in)
    left_mwh = max(0.0, energy_mwh - inner_mw * hours)
    standby_mw = min(s.standby_mw, left_mwh * s.steps_per_h)
    after_mwh = min(s.wheel_mwh, left_mwh - standby_mw * hours)
    return after_mwh, inner_mw - power_mw + standby_mw


@compiled
def target(s: StationPack, command_mw: float, delivered_mw: float) -> tuple[float, int]:
    """`StationState._target`."""
    limit = 0
    target_mw = clip(command_mw, -s.grid_mw, s.grid_mw)
    if target_mw != command_mw:
        limit |= GRID
    ramped_mw = clip(target_mw, delivered_mw - s.ramp_mw, delivered_mw + s.ramp_mw)
    if ramped_mw != target_mw:
        limit |= RAMP
    return ramped_mw, limit


@compiled
def shortfall(s: StationPack, flywheel_mw: float, battery_limit: int, was_guarded: bool) -> int:
    """The causes in `StationState.step` where something is missing."""
    limit = FLYWHEEL_POWER if abs(flywheel_mw) >= s.wheel_mw else FLYWHEEL_ENERGY
    if was_guarded:
        limit |= CHARGE_GUARD
    return limit | battery_limit


@compiled
def command_at(told: Commands, step: int) -> tuple[float, int]:
    """The command of a step, and the step at which the next may come."""
    period = step // told.steps_each
    held_from = step - step % told.command_steps
    share = told.signal[(held_from // told.signal_steps) % told.signal.shape[0]]
    ends = min((period + 1) * told.steps_each, held_from + told.command_steps)
    return told.schedule_mw[period] + told.regulation_mw[period] * share, ends


@compiled
def book(sums: Floats, step: tuple[float, ...]) -> None:
    """Add what a step did to the sums of its interval."""
    for place in range(11):
        sums[place] += step[place]
    sums[S_OUT] += max(0.0, step[1])


@compiled
def close(work: StationWork, line: int, sums: Floats, steps: int, hours: float) -> None:
    """The end of an interval: its line of the record, and the totals."""
    row, totals = work.record[line], work.totals
    for column in range(5):
        row[column] = sums[column] / steps
    row[7], row[8] = sums[S_MILEAGE], sums[S_LIMITED] / steps
    totals[OUT] += sums[S_OUT] * hours
    totals[IN] += (sums[S_OUT] - sums[1]) * hours
    for place in range(5):
        totals[CONVERTER + place] += sums[S_CONVERTER + place] * hours
    totals[MILEAGE_MW] += sums[S_MILEAGE]
    sums[:] = 0.0


@compiled
def run_station(  # noqa: C901, PLR0915 - one loop, compiled as one
    pack: Pack,
    s: StationPack,
    told: Commands,
    work: StationWork,
    open_ranges: Floats,
    first: int,
    stop: int,
) -> Floats:
    """The steps of the lines `first` to `stop` of the record; the ranges open after them.

    Runs of one span after another are one run: what goes on is in `work`.
    """
    wear, tables, record, totals = work.wear, work.tables, work.record, work.totals
    state, answer, seconds = work.state, work.answer, told.seconds
    hours, steps = seconds / 3600.0, told.schedule_mw.shape[0] * told.steps_each // record.shape[0]
    soc, calendar_loss, calendar_rise = state[SOC], state[CALENDAR_LOSS], state[CALENDAR_RISE]
    delivered_mw, slow_mw, wheel_mwh = state[DELIVERED_MW], state[SLOW_MW], state[WHEEL_MWH]
    command_mw, command_ends = state[COMMAND_MW], int(state[COMMAND_ENDS])
    commands, sums, step = int(state[COMMANDS]), np.zeros(SUMS), first * steps
    piece = step // told.steps_thermal
    piece_ends = (piece + 1) * told.steps_thermal
    capacity_k, resistance_k = kernel.warm_to(tables, work.thermal, piece)
    for line in range(first, stop):
        for _ in range(steps):
            if step == piece_ends:
                piece, piece_ends = piece + 1, piece_ends + told.steps_thermal
                capacity_k, resistance_k = kernel.warm_to(tables, work.thermal, piece)
            if step == command_ends:
                new_mw, command_ends = command_at(told, step)
                if new_mw != command_mw:
                    commands = end(answer, work.answers, commands, step, delivered_mw)
                    begin(answer, new_mw, delivered_mw, step)
                    totals[COMMANDED_MW] += abs(new_mw - command_mw)
                    command_mw = new_mw
            # 1. the target  2. the need at the bus  3. the split
            target_mw, limit = target(s, command_mw, delivered_mw)
            need_mw = at_the_bus(s, target_mw) + s.auxiliary_mw
            low_mw = -min(s.wheel_mw, (s.wheel_mwh - wheel_mwh) * s.wheel_room_per_h)
            high_mw = min(s.wheel_mw, wheel_mwh * s.wheel_give_per_h)
            slow_mw += (need_mw - slow_mw) * s.filter_share
            share_mw = slow_mw - (wheel_mwh - s.wheel_target_mwh) * s.recentre_per_h
            # 4. each takes over what the other cannot
            asked_mw = need_mw - clip(need_mw - share_mw, low_mw, high_mw)
            guarded_mw = guarded(pack, s, soc, asked_mw)
            soc, battery_mw, dc_mw, joule_mw, drawn_mw, cause = kernel.battery_step(
                pack,
                tables,
                soc,
                pack.capacity_start - calendar_loss - wear[kernel.CYCLIC_LOSS],
                pack.resistance_start + calendar_rise + wear[kernel.CYCLIC_RISE],
                guarded_mw,
                seconds,
            )
            flywheel_mw = clip(need_mw - battery_mw, low_mw, high_mw)
            # 5. what is missing, and why
            if abs(need_mw - battery_mw - flywheel_mw) > SAME_MW:
                limit |= shortfall(s, flywheel_mw, cause, guarded_mw != asked_mw)
            wheel_mwh, wheel_loss_mw = wheel_step(s, wheel_mwh, flywheel_mw, hours)
            before_mw, bus_mw = delivered_mw, battery_mw + flywheel_mw - s.auxiliary_mw
            delivered_mw = bus_mw - s.no_load_mw - s.load_per_mw * bus_mw * bus_mw
            # ageing
            calendar_loss = kernel.calendar_loss_after(
                pack, calendar_loss, soc, capacity_k, seconds
            )
            calendar_rise += kernel.calendar_rise_per_s(pack, soc, resistance_k) * seconds
            if kernel.turned(wear, soc, hours):
                open_ranges = kernel.turn(pack, wear, open_ranges, soc, hours)
            # the books
            step += 1
            watch(answer, s.measure, delivered_mw, step)
            book(
                sums,
                (
                    command_mw,
                    delivered_mw,
                    battery_mw,
                    flywheel_mw,
                    abs(command_mw - delivered_mw),
                    abs(delivered_mw - before_mw),
                    dc_mw - battery_mw,
                    joule_mw,
                    wheel_loss_mw,
                    bus_mw - delivered_mw,
                    drawn_mw,
                ),
            )
            if limit:
                sums[S_LIMITED] += 1.0
                kernel.count_causes(totals, CAUSES, limit, seconds)
        close(work, line, sums, steps, hours)
        record[line, 5], record[line, 6] = soc, wheel_mwh
    state[SOC], state[CALENDAR_LOSS], state[CALENDAR_RISE] = soc, calendar_loss, calendar_rise
    state[DELIVERED_MW], state[SLOW_MW], state[WHEEL_MWH] = delivered_mw, slow_mw, wheel_mwh
    state[COMMAND_MW], state[COMMAND_ENDS], state[COMMANDS] = command_mw, command_ends, commands
    return open_ranges


@compiled
def finish(pack: Pack, work: StationWork, open_ranges: Floats, steps: int) -> None:
    """The last command ends with the run, and the ranges still open count as half cycles."""
    state = work.state
    count, delivered_mw = int(state[COMMANDS]), state[DELIVERED_MW]
    state[COMMANDS] = end(work.answer, work.answers, count, steps, delivered_mw)
    kernel.finish(pack, work.wear, open_ranges)
