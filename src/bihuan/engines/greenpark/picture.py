"""Pictures of a park: a week of flows, the ratios, the money."""

from datetime import timedelta

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bihuan.engines.greenpark.money import MoneyLine
from bihuan.engines.greenpark.result import Dispatch, Sizing
from bihuan.engines.picture import figure, label
from bihuan.engines.shape import Words

WEEK_H = 168
COLOURS = ("#4c78a8", "#f2a541", "#72a98f", "#8f6bb3", "#b0a078")


def draw(result: Dispatch | Sizing, language: str = "en") -> Figure:
    """The week with the highest draw, the stored energy under it, ratios and money."""
    year = result.year if isinstance(result, Sizing) else result
    assert year is not None
    assert year.flows is not None
    picture = figure(12, 8)
    grid = picture.add_gridspec(3, 2, height_ratios=[3, 1.3, 2])
    top = picture.add_subplot(grid[0, :])
    _week(top, year, language)
    _stored(picture.add_subplot(grid[1, :], sharex=top), year, language)
    _ratios(picture.add_subplot(grid[2, 0]), year, language)
    _money(picture.add_subplot(grid[2, 1]), result.money, language)
    return picture


def shown(year: Dispatch) -> slice:
    """Steps of the week around the highest draw."""
    assert year.flows is not None
    steps = round(WEEK_H / year.park.hours)
    peak = int(np.argmax(year.flows.bought_mw))
    first = max(0, min(peak - steps // 2, year.park.steps - steps))
    return slice(first, min(first + steps, year.park.steps))


def _times(year: Dispatch, window: slice) -> np.ndarray:
    start = year.park.load.start
    step = timedelta(seconds=year.park.load.step_s)
    first = np.datetime64(start.replace(tzinfo=None) + window.start * step)
    return first + np.arange(window.stop - window.start) * np.timedelta64(step)


def _week(axes: Axes, year: Dispatch, language: str) -> None:
    flows, window = year.flows, shown(year)
    assert flows is not None
    times = _times(year, window)
    above = {name: power[window] for name, power in flows.used_mw.items()}
    above[label(Words("discharged", "放电"), language)] = flows.discharged_mw[window]
    above[label(Words("bought", "下网"), language)] = flows.bought_mw[window]
    axes.stackplot(times, list(above.values()), labels=list(above), colors=COLOURS, step="post")
    below = {
        label(Words("charged", "充电"), language): -flows.charged_mw[window],
        label(Words("sold", "上网"), language): -flows.sold_mw[window],
    }
    axes.stackplot(
        times, list(below.values()), labels=list(below), colors=("#c9c9c9", "#e7b7b7"), step="post"
    )
    name = label(Words("consumed", "用电"), language)
    axes.step(times, flows.load_mw[window], where="post", color="black", lw=1.2, label=name)
    axes.set_ylabel("MW")
    axes.legend(ncols=7, fontsize="small", loc="upper left")
    axes.set_title(label(Words("The week with the highest draw", "最大下网功率所在周"), language))


def _stored(axes: Axes, year: Dispatch, language: str) -> None:
    flows, window = year.flows, shown(year)
    assert flows is not None
    times = _times(year, window)
    for name, flow in flows.storages.items():
        axes.plot(times, flow.stored_mwh[window], label=name)
    axes.set_ylabel(label(Words("stored, MWh", "储能电量 MWh"), language))
    if flows.storages:
        axes.legend(fontsize="small")


def _ratios(axes: Axes, year: Dispatch, language: str) -> None:
    names = [label(line.name, language) for line in year.ratios]
    places = np.arange(len(names))
    colours = ["#72a98f" if line.kept else "#c44e52" for line in year.ratios]
    axes.barh(places, [100 * line.value for line in year.ratios], color=colours)
    for place, line in zip(places, year.ratios, strict=True):
        if line.limit is not None:
            axes.plot([100 * line.limit] * 2, [place - 0.45, place + 0.45], color="black", lw=2)
    axes.set_yticks(places, names)
    axes.invert_yaxis()
    axes.set_xlabel("%")
    axes.set_title(label(Words("Ratios; a bar marks the limit", "比例（竖线为限值）"), language))


def _money(axes: Axes, lines: tuple[MoneyLine, ...], language: str) -> None:
    largest = sorted(lines, key=lambda line: -abs(line.cny))[:8]
    places = np.arange(len(largest))
    colours = ["#c44e52" if line.cny > 0 else "#72a98f" for line in largest]
    axes.barh(places, [line.cny / 1e6 for line in largest], color=colours)
    axes.set_yticks(places, [label(line.name, language) for line in largest])
    axes.invert_yaxis()
    axes.set_xlabel(label(Words("million yuan", "百万元"), language))
    axes.set_title(label(Words("Money: cost +, income −", "资金：支出为正，收入为负"), language))
