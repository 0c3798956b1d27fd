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


class Work(NamedTuple):
    """The arrays a run reads and fills."""

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
    pack: Pack, work: Work, soc: float, power_mw: Floats, seconds: float, steps_each: int
) -> tuple[float, float, float]:
    """All steps of `power_mw`: (soc, calendar loss, calendar rise) at the end.

    A temperature holds for `steps_each` steps.
    """
    wear, tables, thermal = work.wear, work.tables, work.thermal
    record, totals = work.record, work.totals
    open_ranges = kernel.new_ranges(wear, soc)
    hours, steps = seconds / 3600.0, power_mw.shape[0] // record.shape[0]
    step, piece_ends, piece = 0, 0, -1
    capacity_k = resistance_k = 0.0
    calendar_loss = calendar_rise = 0.0
    for line in range(record.shape[0]):
        asked = given = out = converter_loss = joule = drawn = limited = 0.0
        for _ in range(steps):
            if step == piece_ends:
                piece, piece_ends = piece + 1, piece_ends + steps_each
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
    kernel.finish(pack, wear, open_ranges)
    return soc, calendar_loss, calendar_rise
