"""A year of quarter hours dispatched: ours, the bare solver, PyPSA and oemof-solph."""

import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.engines.harness import (
    Clock,
    Figure,
    Measured,
    Peer,
    Row,
    at_least,
    at_most,
    beside,
    best_in_turn,
    ours,
    theirs,
)
from benchmarks.engines.parks import park
from bihuan.engines import lp
from bihuan.engines.greenpark import dispatch
from bihuan.engines.greenpark.model import assemble

PYPSA = Peer("pypsa-1.4", ("pypsa==1.4.0", "highspy==1.16.0"))
OEMOF = Peer("oemof-solph", ("oemof.solph", "highspy==1.16.0"))


def run(rounds: int) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        data = write(Path(folder) / "park.npz")
        mine, bare, pypsa = best_in_turn(
            rounds,
            lambda: ours(__name__, "ours"),
            lambda: ours(__name__, "bare"),
            lambda: theirs(PYPSA, "pypsa_dispatch.py", data),
        )
        oemof = theirs(OEMOF, "oemof_dispatch.py", data)
    return [
        *_times("ours", mine),
        *_times("bare HiGHS", bare),
        at_most("ours / bare HiGHS, time", mine.total_s / bare.total_s, "×", 1.1),
        Figure("ours / bare HiGHS, processor time", mine.processor_s / bare.processor_s, "×"),
        *beside("PyPSA", pypsa, lambda: _to_pypsa(mine, pypsa)),
        *beside("oemof-solph", oemof, lambda: _to_oemof(mine, oemof)),
    ]


def _to_pypsa(mine: Measured, pypsa: Measured) -> list[Figure]:
    return [
        *_times("PyPSA", pypsa),
        at_least("PyPSA / ours, time", pypsa.total_s / mine.total_s, "×", 2.0),
        Figure("PyPSA / ours, processor time", pypsa.processor_s / mine.processor_s, "×"),
        at_most("ours / PyPSA, memory", mine.peak_mb / pypsa.peak_mb, "×", 1 / 3),
        at_most("objective, ours to PyPSA, relative", _apart(mine, pypsa), "", 1e-6),
    ]


def _to_oemof(mine: Measured, oemof: Measured) -> list[Figure]:
    return [
        *_times("oemof-solph", oemof),
        Figure("oemof-solph / ours, time", oemof.total_s / mine.total_s, "×"),
        at_most("objective, ours to oemof-solph, relative", _apart(mine, oemof), "", 1e-6),
    ]


def _times(name: str, found: Measured) -> list[Figure]:
    return [
        Figure(f"{name}: time, imports left out", found.total_s, "s"),
        Figure(f"{name}: peak memory", found.peak_mb, "MB"),
    ]


def _apart(one: Measured, other: Measured) -> float:
    return abs(one.values["objective"] / other.values["objective"] - 1)


def write(path: Path) -> str:
    """The park as plain arrays, for programs that do not know it."""
    asked = park()
    wind, pv = asked.sources
    storage = asked.storages[0]
    np.savez(
        path,
        load=asked.load_mw,
        wind=wind.available.values,
        pv=pv.available.values,
        buy=asked.import_price - asked.self_use_price,
        sell=asked.export_price,
        fixed=asked.hours * asked.load_mw @ asked.self_use_price,
        wind_mw=wind.capacity_mw,
        pv_mw=pv.capacity_mw,
        power_mw=storage.power_mw,
        energy_mwh=storage.energy_mwh,
        efficiency=[storage.charge_efficiency, storage.discharge_efficiency],
        caps=[asked.grid.import_cap_mw, asked.grid.export_cap_mw],
    )
    return str(path)


def measure_ours() -> None:
    clock = Clock()
    asked = park()
    with clock("dispatch with ledger, money, checks and reasons"):
        result = dispatch(asked)
    assert result.is_ok, result.report()
    clock.report(objective=result.value)


def measure_bare() -> None:
    clock = Clock()
    arrays = assemble(park()).lp
    with clock("solve the same arrays"):
        highs = lp.load(arrays)
        highs.run()
    clock.report(objective=highs.getInfo().objective_function_value)


ROW = Row("A year in quarter hours (35,040 steps), 60 MWh of storage, least cost", run)

if __name__ == "__main__":
    {"ours": measure_ours, "bare": measure_bare}[sys.argv[1]]()
