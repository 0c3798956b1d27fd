"""One window of a schedule as arrays for HiGHS; `schedule.py` has the equations."""

from dataclasses import dataclass

import highspy
import numpy as np

from bihuan.engines import lp
from bihuan.engines.shape import Watch
from bihuan.engines.storage.kernel import Floats
from bihuan.engines.storage.schedule import End, Headroom, Schedule

PROVEN = {"mip_rel_gap": 0.0}  # HiGHS itself is content with 1e-4


@dataclass(frozen=True)
class Blocks:
    """Where the variables and the rows which a capacity limits are."""

    charge: slice
    discharge: slice
    up: slice
    down: slice
    energy: slice  # at the end of each period; energy[0] is the state before the first
    power_out_rows: slice
    power_in_rows: slice
    reserve_low_rows: slice | None
    cycle_row: slice | None


@dataclass(frozen=True, eq=False)
class Window:
    """A programme for `steps` periods that is loaded once and solved for one window after another."""

    problem: Schedule
    steps: int
    blocks: Blocks
    highs: highspy.Highs
    exact: bool

    def solve(self, first: int, energy_mwh: float, watch: Watch) -> lp.LpAnswer:
        """The best schedule from period `first`, starting with `energy_mwh`."""
        costs = costs_of(self.problem, first, self.steps)
        columns = np.arange(len(costs), dtype=np.int32)
        self.highs.changeColsCost(len(costs), columns, costs)
        self.highs.changeColBounds(self.blocks.energy.start, energy_mwh, energy_mwh)
        return lp.run(self.highs, watch, watch.stop.gap)

    def reach(self, energy_mwh: float, watch: Watch) -> tuple[float, float] | None:
        """Least and most energy that a window may end with, whatever it earns; None: no plan at all."""
        store, last = self.problem.store, self.blocks.energy.stop - 1
        self.highs.changeColBounds(self.blocks.energy.start, energy_mwh, energy_mwh)
        low, high = store.soc_min * store.energy_mwh, store.soc_max * store.energy_mwh
        self.highs.changeColBounds(last, low, high)
        count = self.highs.getNumCol()
        ends = []
        for sign in (1.0, -1.0):
            costs = np.zeros(count)
            costs[last] = sign
            self.highs.changeColsCost(count, np.arange(count, dtype=np.int32), costs)
            answer = lp.run(self.highs, watch)
            if not answer.status.has_solution:
                return None
            ends.append(float(answer.x[last]))
        return ends[0], ends[1]


def costs_of(problem: Schedule, first: int, steps: int) -> Floats:
    """Cost of charge, discharge, up, down of each period, then of the energy left."""
    hours, store, sold = problem.energy_price.hours, problem.store, problem.regulation
    price = problem.energy_price.values[first : first + steps]
    earn = price - store.wear_cny_per_mwh
    pay = price + problem.fee_cny_per_mwh
    given, bought = earn, pay
    up = down = np.zeros(steps)
    if sold is not None:
        mileage = sold.mileage_cny_per_mwh
        if not sold.energy_settled:
            earn, pay = np.full(steps, -store.wear_cny_per_mwh), np.zeros(steps)
        if sold.up_price is not None:
            up = sold.up_price.values[first : first + steps] + sold.up_used * earn + mileage
        if sold.down_price is not None:
            down = sold.down_price.values[first : first + steps] - sold.down_used * pay + mileage
        elif sold.symmetric:
            down = -sold.down_used * pay
    left = np.zeros(steps + 1)
    left[-1] = -problem.end_value_cny_per_mwh
    return np.concatenate([hours * bought, -hours * given, -hours * up, -hours * down, left])


def window_of(problem: Schedule, steps: int, *, exact: bool) -> Window:
    """The programme of a window, loaded into HiGHS."""
    build, store = lp.Builder(), problem.store
    hours, sold = problem.energy_price.hours, problem.regulation
    up_mw, down_mw = _most(problem)
    # elsewhere the rows of `_power` bound all four; a bound said twice would halve its price
    net = sold is not None and sold.headroom is Headroom.NET
    blocks: dict[str, slice | None] = {
        "charge": build.columns(steps, upper=store.power_in_mw if net else lp.INF),
        "discharge": build.columns(steps, upper=store.power_out_mw if net else lp.INF),
        "up": build.columns(steps, upper=lp.INF if up_mw else 0.0),
        "down": build.columns(steps, upper=lp.INF if down_mw else 0.0),
        "energy": build.columns(
            steps + 1, lower=_energy_low(problem, steps), upper=_energy_high(problem, steps)
        ),
    }
    places = {name: np.arange(block.start, block.stop) for name, block in blocks.items() if block}
    _balance(build, problem, places, steps, hours)
    blocks |= _power(build, problem, places, steps)
    blocks["reserve_low_rows"] = _reserve(build, problem, places, steps)
    blocks["cycle_row"] = _cycles(build, problem, places, steps, hours)
    if sold is not None and sold.symmetric:
        rows = build.rows(steps, lower=0.0, upper=0.0)
        build.put(rows, places["up"], 1.0)
        build.put(rows, places["down"], -1.0)
    if exact:
        _either(build, problem, places, steps)
    return Window(problem, steps, Blocks(**blocks), lp.load(build.arrays(), PROVEN), exact)  # type: ignore[arg-type]


def _most(problem: Schedule) -> tuple[float, float]:
    """The most regulation up and down that can be sold [MW]."""
    sold, store = problem.regulation, problem.store
    if sold is None:
        return 0.0, 0.0
    both = store.power_in_mw + store.power_out_mw if sold.headroom is Headroom.NET else 0.0
    up = max(both, store.power_out_mw) if sold.up_price is not None else 0.0
    down = max(both, store.power_in_mw) if sold.down_price is not None or sold.symmetric else 0.0
    return up, down


def _energy_low(problem: Schedule, steps: int) -> Floats:
    low = np.full(steps + 1, problem.store.soc_min * problem.store.energy_mwh)
    if problem.end is not End.FREE:
        low[-1] = problem.soc_end * problem.store.energy_mwh
    return low


def _energy_high(problem: Schedule, steps: int) -> Floats:
    high = np.full(steps + 1, problem.store.soc_max * problem.store.energy_mwh)
    if problem.end is End.EQUAL:
        high[-1] = problem.soc_end * problem.store.energy_mwh
    return high


def _balance(
    build: lp.Builder, problem: Schedule, at: dict[str, Floats], steps: int, hours: float
) -> None:
    """e' − (1 − σΔ) e − η_c (c + r_w w) Δ + (d + r_u u) Δ/η_d = 0."""
    store, sold = problem.store, problem.regulation
    rows = build.rows(steps, lower=0.0, upper=0.0)
    into, out = store.efficiency_in * hours, hours / store.efficiency_out
    build.put(rows, at["energy"][1:], 1.0)
    build.put(rows, at["energy"][:-1], -(1.0 - store.loss_per_h * hours))
    build.put(rows, at["charge"], -into)
    build.put(rows, at["discharge"], out)
    if sold is not None:
        build.put(rows, at["up"], out * sold.up_used)
        build.put(rows, at["down"], -into * sold.down_used)


def _power(
    build: lp.Builder, problem: Schedule, at: dict[str, Floats], steps: int
) -> dict[str, slice]:
    """Headroom: see `schedule.py`."""
    store, sold = problem.store, problem.regulation
    headroom = sold.headroom if sold is not None else Headroom.SEPARATE
    if headroom is Headroom.SHARED:
        rows = build.rows(steps, upper=min(store.power_in_mw, store.power_out_mw))
        for name in ("charge", "discharge", "up", "down"):
            build.put(rows, at[name], 1.0)
        return {"power_out_rows": rows, "power_in_rows": rows}
    out = build.rows(steps, upper=store.power_out_mw)
    build.put(out, at["discharge"], 1.0)
    build.put(out, at["up"], 1.0)
    into = build.rows(steps, upper=store.power_in_mw)
    build.put(into, at["charge"], 1.0)
    build.put(into, at["down"], 1.0)
    if headroom is Headroom.NET:
        build.put(out, at["charge"], -1.0)
        build.put(into, at["discharge"], -1.0)
    return {"power_out_rows": out, "power_in_rows": into}


def _reserve(
    build: lp.Builder, problem: Schedule, at: dict[str, Floats], steps: int
) -> slice | None:
    """sustain·u/η_d ≤ e − e_min and sustain·w·η_c ≤ e_max − e, before and after each period."""
    store, sold = problem.store, problem.regulation
    if sold is None or sold.sustain_h == 0.0:
        return None
    low, high = store.soc_min * store.energy_mwh, store.soc_max * store.energy_mwh
    first = build.rows(4 * steps, lower=np.repeat([low, low, -high, -high], steps))
    rows = np.arange(first.start, first.stop).reshape(4, steps)
    for line, energy, sign, name, factor in (
        (0, at["energy"][:-1], 1.0, "up", -sold.sustain_h / store.efficiency_out),
        (1, at["energy"][1:], 1.0, "up", -sold.sustain_h / store.efficiency_out),
        (2, at["energy"][:-1], -1.0, "down", -sold.sustain_h * store.efficiency_in),
        (3, at["energy"][1:], -1.0, "down", -sold.sustain_h * store.efficiency_in),
    ):
        build.put(rows[line], energy, sign)
        build.put(rows[line], at[name], factor)
    return first


def _cycles(
    build: lp.Builder, problem: Schedule, at: dict[str, Floats], steps: int, hours: float
) -> slice | None:
    """Σ (d + r_u u) Δ / η_d ≤ cycles · energy · days."""
    if problem.cycles_per_day == 0.0:
        return None
    store, sold = problem.store, problem.regulation
    days = steps * hours / 24.0
    row = build.rows(1, upper=problem.cycles_per_day * store.energy_mwh * days)
    build.put(row, at["discharge"], hours / store.efficiency_out)
    if sold is not None:
        build.put(row, at["up"], hours / store.efficiency_out * sold.up_used)
    return row


def _either(build: lp.Builder, problem: Schedule, at: dict[str, Floats], steps: int) -> None:
    """c ≤ P_in z, d ≤ P_out (1 − z); and u, w zero or at least the smallest offer."""
    store, sold = problem.store, problem.regulation
    charging = build.columns(steps, upper=1.0, integer=True)
    rows = build.rows(steps, upper=0.0)
    build.put(rows, at["charge"], 1.0)
    build.put(rows, charging, -store.power_in_mw)
    rows = build.rows(steps, upper=store.power_out_mw)
    build.put(rows, at["discharge"], 1.0)
    build.put(rows, charging, store.power_out_mw)
    if sold is None or sold.minimum_mw == 0.0:
        return
    for name, most in zip(("up", "down"), _most(problem), strict=True):
        if most < sold.minimum_mw:
            continue
        offered = build.columns(steps, upper=1.0, integer=True)
        rows = build.rows(steps, upper=0.0)
        build.put(rows, at[name], 1.0)
        build.put(rows, offered, -most)
        rows = build.rows(steps, upper=0.0)
        build.put(rows, at[name], -1.0)
        build.put(rows, offered, sold.minimum_mw)
