"""How much flywheel, how much battery? A sweep over the flywheels' share and the battery's hours.

Each point builds its station, runs it second by second, settles it by its rule, takes what a year
would earn and how fast it would age, and appraises the investment. The best is the one with the
highest net present value among those tried: a search on a grid proves nothing beyond it.

A run of n days stands for a year: money × 365/n; the loss of capacity × √(365/n), since it grows
with the root of time and of cycles (Naumann).
"""

import math
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from bihuan.engines import wire
from bihuan.engines.problem import Problem, quantity
from bihuan.engines.series import DAY_S
from bihuan.engines.shape import (
    BadProblem,
    Binding,
    OnProgress,
    Result,
    Status,
    Stop,
    Table,
    Words,
    ignore,
)
from bihuan.engines.storage.account import Account, AccountResult, settle
from bihuan.engines.storage.finance import VentureResult, appraise
from bihuan.engines.storage.record import provenance
from bihuan.engines.storage.venture import Capex, Revenue, Venture
from bihuan.engines.sweep import Done, grid, sweep

SMALL_STEPS = 5_000_000  # below this many steps in all, starting processes costs more


@dataclass(frozen=True, kw_only=True)
class Costs(Problem):
    """What the parts of a station cost."""

    battery_cny_per_mwh: float = quantity("cells, racks, containers", "CNY/MWh", low=0)
    converter_cny_per_mw: float = quantity("converters of the battery", "CNY/MW", low=0)
    flywheel_cny_per_mw: float = quantity("flywheels with their converters", "CNY/MW", low=0)
    fixed_cny: float = quantity("connection, land, building", "CNY", low=0, default=0.0)
    battery_replacement_share: float = quantity(
        "cost of new cells against today's", "1", low=0, high=3, default=0.5
    )


@dataclass(frozen=True, kw_only=True)
class Split(Problem):
    """A station whose flywheels and battery share its power, in several shares."""

    account: Account  # its station gives everything but the sizes tried here
    costs: Costs
    venture: Venture  # its capex and revenue are replaced by those of each point
    flywheel_shares: tuple[float, ...] = quantity(
        "flywheels' share of the power", "1", low=0, high=0.95
    )
    battery_hours: tuple[float, ...] = quantity(
        "battery's energy over its power", "h", above=0, high=24
    )
    flywheel_hours: float = quantity(
        "flywheels' energy over their power", "h", above=0, high=4, default=0.25
    )

    def check(self) -> None:
        for name in ("flywheel_shares", "battery_hours"):
            values = getattr(self, name)
            if not values or len(set(values)) < len(values):
                raise BadProblem(
                    name, Words("needs at least one value, and none twice", "至少一个值且不得重复")
                )


@dataclass(frozen=True, kw_only=True)
class SplitResult(Result):
    """`value` is the net present value of the best point tried [CNY]."""

    title: ClassVar[Words] = Words("Flywheel and battery: the split", "飞轮与电池配比")

    points: tuple[dict[str, float], ...]
    best: dict[str, float]
    failed: tuple[str, ...] = ()

    def lines(self) -> list[Words]:
        best = self.best
        return [
            Words(
                f"best of {len(self.points)}: {best['flywheel_share']:.0%} flywheels, battery of "
                f"{best['battery_hours']:g} h, capex {best['capex_cny'] / 1e6:,.0f} M CNY, "
                f"capacity lost in the first year {best['loss_first_year']:.2%}",
                f"{len(self.points)} 个方案中最佳：飞轮占比 {best['flywheel_share']:.0%}，电池 "
                f"{best['battery_hours']:g} 小时，投资 {best['capex_cny'] / 1e6:,.0f} 百万元，"
                f"首年容量损失 {best['loss_first_year']:.2%}",
            )
        ]

    def tables(self) -> list[Table]:
        names = list(self.points[0]) if self.points else []
        return [
            Table(
                name="points",
                title=Words("Points tried", "方案比较"),
                columns={name: [point[name] for point in self.points] for name in names},
            )
        ]


def station_at(study: Split, share: float, hours: float) -> Account:
    """The account of the station with this split."""
    station = study.account.run.station
    wheels_mw = share * station.grid_mw
    battery_mw = station.grid_mw - wheels_mw
    sized = station.replace(
        battery=station.battery.replace(power_mw=battery_mw, energy_mwh=battery_mw * hours),
        flywheel=station.flywheel.replace(
            power_mw=wheels_mw, energy_mwh=wheels_mw * study.flywheel_hours
        ),
    )
    return study.account.replace(run=study.account.run.replace(station=sized))


def venture_at(study: Split, account: Account, year: AccountResult) -> Venture:
    """The investment in a station that was run and settled."""
    run, costs = account.run, study.costs
    battery, wheels = run.station.battery, run.station.flywheel
    days = len(run.schedule_mw) * run.schedule_mw.step_s / DAY_S
    parts = (
        Capex(
            name="battery",
            cny=battery.energy_mwh * costs.battery_cny_per_mwh,
            worn_by_cycles=True,
            replacement_share=costs.battery_replacement_share,
        ),
        Capex(name="converters", cny=battery.power_mw * costs.converter_cny_per_mw),
        Capex(name="flywheels", cny=wheels.power_mw * costs.flywheel_cny_per_mw),
        Capex(name="fixed", cny=costs.fixed_cny),
    )
    lost = battery.capacity_start - year.station.capacity_health
    changes = {line.name: line.change_per_year for line in study.venture.revenue}
    return study.venture.replace(
        capex=parts,
        revenue=tuple(
            Revenue(name=name, cny=cny * 365 / days, change_per_year=changes.get(name, 0.0))
            for name, cny in year.money_cny.items()
        ),
        loss_first_year=min(0.5, lost * math.sqrt(365 / days)),
        discharged_mwh_per_year=year.station.energy_mwh["out"] * 365 / days,
        power_mw=run.station.grid_mw,
        total_cny=0.0,
    )


def appraised(study: Split, share: float, hours: float) -> tuple[AccountResult, VentureResult]:
    """One point: its station's account and its investment."""
    account = station_at(study, share, hours)
    year = settle(account)
    return year, appraise(venture_at(study, account, year))


def point(values: Any) -> dict[str, float]:
    """One point of the sweep, as plain numbers; runs in a worker."""
    study = _study(values["study"])
    share, hours = values["flywheel_share"], values["battery_hours"]
    year, money = appraised(study, share, hours)
    if not (year.is_ok and money.is_ok):
        bad = [check.name for check in (*year.checks, *money.checks) if not check.ok]
        raise ArithmeticError(f"checks failed: {', '.join(bad)}")
    return {
        "flywheel_share": share,
        "battery_hours": hours,
        "npv_cny": float(money.value or 0.0),
        "irr": float("nan") if money.irr is None else money.irr,
        "capex_cny": money.problem.capex_cny,
        "earned_cny_per_year": sum(line.cny for line in money.problem.revenue),
        "kp": year.kp_mean,
        "error_mw": year.station.error_mw,
        "loss_first_year": money.problem.loss_first_year,
        "energy_lost_mwh_per_day": _lost_per_day(year),
    }


def _lost_per_day(year: AccountResult) -> float:
    energy = year.station.energy_mwh
    lost = sum(value for name, value in energy.items() if name not in ("out", "in"))
    return lost / len(year.days["kp"])


@cache
def _study(path: str) -> Split:
    return wire.read(Split, wire.read_file(Path(path)))


def size(
    problem: Split,
    *,
    stop: Stop | None = None,
    seed: int = 0,
    progress: OnProgress = ignore,
    workers: int | None = None,
    store: Path | None = None,
) -> SplitResult:
    """Try every point. `store` is a folder in which finished points are kept, to go on later."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        folder = store or Path(scratch)
        file = folder / f"split-{wire.digest(problem)[:16]}.json"
        file.write_text(wire.to_json(problem), encoding="utf-8")
        points = grid(flywheel_share=problem.flywheel_shares, battery_hours=problem.battery_hours)
        points = [{"study": str(file), **values} for values in points]
        run = problem.account.run
        steps = len(run.schedule_mw) * run.schedule_mw.step_s // run.step_s * len(points)
        done = sweep(
            point,
            points,
            store=store / "points.sqlite" if store else None,
            workers=1 if workers is None and steps < SMALL_STEPS else workers,
            stop=stop,
            progress=progress,
        )
    return _result(problem, done, len(points), seed, began)


def _result(problem: Split, done: list[Done], wanted: int, seed: int, began: float) -> SplitResult:
    found = sorted((d.value for d in done if not d.error), key=lambda p: -p["npv_cny"])
    failed = tuple(f"{dict(d.point)}: {d.error}" for d in done if d.error)
    complete = len(found) == wanted
    return SplitResult(
        status=_status(bool(found), complete),
        value=found[0]["npv_cny"] if found else None,
        unit="CNY",
        bound=None,
        runtime_s=time.perf_counter() - began,
        provenance=provenance(problem, seed, (problem.account.rule,)),
        bindings=_second_best(found),
        warnings=tuple(Words(text, text) for text in failed),
        points=tuple(found),
        best=found[0] if found else dict.fromkeys(POINT_NAMES, float("nan")),
        failed=failed,
    )


POINT_NAMES = ("flywheel_share", "battery_hours", "capex_cny", "loss_first_year")


def _status(found: bool, complete: bool) -> Status:
    if not found:
        return Status.STOPPED
    return Status.SIMULATED if complete else Status.FEASIBLE


def _second_best(found: list[dict[str, float]]) -> tuple[Binding, ...]:
    if len(found) < 2:
        return ()
    best, second = found[0], found[1]
    less = best["npv_cny"] - second["npv_cny"]
    at = f"{second['flywheel_share']:.0%}, {second['battery_hours']:g} h"
    return (
        Binding(
            name="split.second_best",
            words=Words(
                f"the second best ({at}) is worth {less / 1e6:,.2f} M CNY less",
                f"次优方案（{at}）净现值少 {less / 1e6:,.2f} 百万元",
            ),
            relief=-less,
            unit="CNY",
        ),
    )
