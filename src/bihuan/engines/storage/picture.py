"""Pictures of a station: what it did, what it planned, what it earns."""

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bihuan.engines.picture import figure, label
from bihuan.engines.shape import Words
from bihuan.engines.storage.account import AccountResult
from bihuan.engines.storage.finance import VentureResult
from bihuan.engines.storage.hybrid import HybridYearResult
from bihuan.engines.storage.schedule_solve import ScheduleResult
from bihuan.engines.storage.split import SplitResult
from bihuan.engines.storage.words import SWING_WORDS
from bihuan.engines.storage.year import LfpYearResult

DAY_H = 24
BLUE, ORANGE, GREEN, GREY, RED = "#4c78a8", "#f2a541", "#72a98f", "#8a8a8a", "#c0504d"


def draw(result: Any, language: str = "en") -> Figure:
    """The picture of any result of this engine."""
    makers: dict[type, Callable[[Any, str], Figure]] = {
        AccountResult: _account,
        HybridYearResult: _station,
        LfpYearResult: _battery,
        ScheduleResult: _schedule,
        SplitResult: _split,
        VentureResult: _venture,
    }
    return makers[type(result)](result, language)


def _named(axes: Axes, language: str, en: str, zh: str) -> None:
    axes.set_ylabel(label(Words(en, zh), language))


def _account(result: AccountResult, language: str) -> Figure:
    picture = _station(result.station, language)
    axes = picture.add_subplot(4, 1, 4)
    axes.bar(np.arange(1, len(result.days["cny"]) + 1), result.days["cny"] / 1e4, color=GREEN)
    _named(axes, language, "regulation, 10⁴ CNY/day", "调频收入，万元/日")
    axes.set_xlabel(label(Words("days", "日"), language))
    return picture


def _station(result: HybridYearResult, language: str) -> Figure:
    """The first day: asked and given, the two devices, what they hold."""
    picture = figure(12, 10)
    lines = min(len(result.record), DAY_H * 3600 // result.record_s)
    hours = np.arange(lines) * result.record_s / 3600
    day = result.record[:lines]
    power, devices, held = (picture.add_subplot(4, 1, place) for place in (1, 2, 3))
    power.plot(hours, day[:, 0], color=GREY, lw=0.8, label=label(Words("asked", "指令"), language))
    power.plot(hours, day[:, 1], color=BLUE, lw=0.8, label=label(Words("given", "实发"), language))
    devices.plot(
        hours, day[:, 2], color=GREEN, lw=0.8, label=label(Words("battery", "电池"), language)
    )
    devices.plot(
        hours, day[:, 3], color=ORANGE, lw=0.8, label=label(Words("flywheels", "飞轮"), language)
    )
    held.plot(hours, day[:, 5], color=GREEN, label=label(Words("battery", "电池"), language))
    most = max(result.flywheel_full_mwh, 1e-9)
    held.plot(
        hours,
        day[:, 6] / most,
        color=ORANGE,
        lw=0.8,
        label=label(Words("flywheels", "飞轮"), language),
    )
    for axes in (power, devices, held):
        axes.set_xlim(0, DAY_H)
        axes.legend(loc="upper right", fontsize="small", ncols=2)
    _named(power, language, "first day, MW", "首日，MW")
    _named(devices, language, "MW", "MW")
    _named(held, language, "charge", "荷电状态")
    held.set_xlabel(label(Words("hours", "小时"), language))
    return picture


def _battery(result: LfpYearResult, language: str) -> Figure:
    picture = figure(12, 6)
    hours = np.arange(len(result.record)) * result.record_s / 3600
    power, soc = picture.subplots(2, 1, sharex=True)
    power.step(hours, result.record[:, 0], color=GREY, where="post", lw=0.8)
    power.step(hours, result.record[:, 1], color=BLUE, where="post", lw=0.8)
    soc.plot(hours, result.record[:, 2], color=GREEN)
    _named(power, language, "asked and given, MW", "指令与实发，MW")
    _named(soc, language, "state of charge", "荷电状态")
    soc.set_xlabel(label(Words("hours", "小时"), language))
    return picture


def _schedule(result: ScheduleResult, language: str) -> Figure:
    picture = figure(12, 7)
    price, power, energy = picture.subplots(3, 1, sharex=True)
    hours = np.arange(len(result.charge_mw)) * result.problem.energy_price.hours
    price.step(hours, result.problem.energy_price.values[: len(hours)], color=GREY, where="post")
    power.step(
        hours,
        result.discharge_mw,
        color=BLUE,
        where="post",
        label=label(Words("discharge", "放电"), language),
    )
    power.step(
        hours,
        -result.charge_mw,
        color=RED,
        where="post",
        label=label(Words("charge", "充电"), language),
    )
    power.fill_between(
        hours,
        -result.down_mw,
        result.up_mw,
        color=ORANGE,
        alpha=0.3,
        step="post",
        label=label(Words("regulation sold", "调频容量"), language),
    )
    power.legend(loc="upper right", fontsize="small", ncols=3)
    energy.step(hours, result.energy_mwh, color=GREEN, where="post")
    _named(price, language, "CNY/MWh", "元/MWh")
    _named(power, language, "MW", "MW")
    _named(energy, language, "MWh", "MWh")
    energy.set_xlabel(label(Words("hours", "小时"), language))
    return picture


def _venture(result: VentureResult, language: str) -> Figure:
    picture = figure(12, 6)
    flows, swings = picture.subplots(1, 2)
    total = result.flows.total / 1e6
    years = np.arange(len(total))
    flows.bar(years, total, color=[BLUE if flow >= 0 else RED for flow in total])
    flows.plot(years, np.cumsum(total), color=GREY)
    _named(flows, language, "cash flow and its sum, M CNY", "现金流与累计，百万元")
    flows.set_xlabel(label(Words("years", "年"), language))
    names = list(result.tornado)[::-1]
    for place, name in enumerate(names):
        low, high = (value / 1e6 for value in result.tornado[name])
        swings.barh(place, high - low, left=low, color=ORANGE)
    swings.axvline((result.value or 0.0) / 1e6, color=GREY)
    swings.set_yticks(range(len(names)), [label(SWING_WORDS[n], language) for n in names])
    percent = f"{result.problem.swing:.0%}"
    swings.set_xlabel(
        label(Words(f"NPV at ±{percent}, M CNY", f"±{percent} 时净现值，百万元"), language)
    )
    return picture


def _split(result: SplitResult, language: str) -> Figure:
    picture = figure(9, 6)
    axes = picture.subplots()
    for hours in sorted({point["battery_hours"] for point in result.points}):
        line = sorted(
            (point["flywheel_share"], point["npv_cny"] / 1e6)
            for point in result.points
            if point["battery_hours"] == hours
        )
        axes.plot(*zip(*line, strict=True), marker="o", label=f"{hours:g} h")
    axes.legend(title=label(Words("battery", "电池时长"), language))
    axes.set_xlabel(label(Words("flywheels' share of the power", "飞轮功率占比"), language))
    _named(axes, language, "NPV, M CNY", "净现值，百万元")
    return picture
