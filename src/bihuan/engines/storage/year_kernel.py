"""The loop over a battery's steps in machine code; `year.py` gives it its problem."""

from typing import NamedTuple

from bihuan.engines.storage import kernel
from bihuan.engines.storage.compiled import compiled
from bihuan.engines.storage.kernel import Floats, Pack
from bihuan.engines.storage.limits import Limit

# columns of the record
ASKED, GIVEN, SOC_END, CONVERTER_LOSS, JOULE, LIMITED = 0, 1, 2, 3, 4, 5
COLUMNS = (
    "requested_mw",
    "delivered_mw",
    "soc_end",
    "converter_loss_mw",
    "cell_loss_mw",
    "limited_share",
)
# places in the totals: energies [MWh], then seconds for each cause of limits.Limit
OUT, IN, LOST, DRAWN, CAUSES = 0, 1, 2, 3, 4
TOTALS = CAUSES + len(Limit)


# places in the state, which goes from one span to the next
SOC, CALENDAR_LOSS, CALENDAR_RISE = range(3)
STATES = 3


class Duty(NamedTuple):
    """What the battery is asked for."""

    power_mw: Floats
    seconds: float  # of a step
    steps_each: int  # that a temperature holds


class Work(NamedTuple):
    """The arrays a run reads and fills."""

    state: Floats
    wear: Floats  # kernel.new_wear
    tables: Floats  # packing.tables_of
    thermal: Floats  # packing.thermal_of
    record: Floats  # a line each interval; COLUMNS
    totals: Floats


@compiled
def write(
    row: Floats,
    steps: int,
    asked: float,
    given: float,
    converter_loss: float,
    joule: float,
    limited: float,
) -> None:
    """Means over one interval into its line of the record."""
    row[ASKED], row[GIVEN] = asked / steps, given / steps
    row[CONVERTER_LOSS], row[JOULE] = converter_loss / steps, joule / steps
    row[LIMITED] = limited / steps


@compiled
def run_battery(
    pack: Pack, duty: Duty, work: Work, open_ranges: Floats, first: int, stop: int
) -> Floats:
    """The steps of the lines `first` to `stop` of the record; the ranges open after them.

    Runs of one span after another are one run: what goes on is in `work`.
    """
    wear, tables, thermal, state = work.wear, work.tables, work.thermal, work.state
    record, totals, power_mw, seconds = work.record, work.totals, duty.power_mw, duty.seconds
    hours, steps = seconds / 3600.0, power_mw.shape[0] // record.shape[0]
    soc, calendar_loss, calendar_rise = state[SOC], state[CALENDAR_LOSS], state[CALENDAR_RISE]
    step = first * steps
    piece = step // duty.steps_each
    piece_ends = (piece + 1) * duty.steps_each
    capacity_k, resistance_k = kernel.warm_to(tables, thermal, piece)
    for line in range(first, stop):
        asked = given = out = converter_loss = joule = drawn = limited = 0.0
        for _ in range(steps):
            if step == piece_ends:
                piece, piece_ends = piece + 1, piece_ends + duty.steps_each
                capacity_k, resistance_k = kernel.warm_to(tables, thermal, piece)
            soc, ac_mw, dc_mw, joule_mw, drawn_mw, limit = kernel.battery_step(
                pack,
                tables,
                soc,
                pack.capacity_start - calendar_loss - wear[kernel.CYCLIC_LOSS],
                pack.resistance_start + calendar_rise + wear[kernel.CYCLIC_RISE],
                power_mw[step],
                seconds,
            )
            calendar_loss = kernel.calendar_loss_after(
                pack, calendar_loss, soc, capacity_k, seconds
            )
            calendar_rise += kernel.calendar_rise_per_s(pack, soc, resistance_k) * seconds
            if kernel.turned(wear, soc, hours):
                open_ranges = kernel.turn(pack, wear, open_ranges, soc, hours)
            asked += power_mw[step]
            given += ac_mw
            out += max(0.0, ac_mw)
            converter_loss += dc_mw - ac_mw
            joule += joule_mw
            drawn += drawn_mw
            if limit:
                limited += 1.0
                kernel.count_causes(totals, CAUSES, limit, seconds)
            step += 1
        write(record[line], steps, asked, given, converter_loss, joule, limited)
        record[line, SOC_END] = soc
        totals[OUT] += out * hours
        totals[IN] += (out - given) * hours
        totals[LOST] += (converter_loss + joule) * hours
        totals[DRAWN] += drawn * hours
    state[SOC], state[CALENDAR_LOSS], state[CALENDAR_RISE] = soc, calendar_loss, calendar_rise
    return open_ranges
