"""The round as bars: one row a person, one colour a day."""

from matplotlib.figure import Figure

from bihuan.engines.picture import figure, label
from bihuan.engines.routing.result import RoutingResult
from bihuan.engines.shape import Words

MOST_DAYS = 20
FEW = 40  # visits up to which there is room for their names
ALONE, PAIR = "#1971c2", "#e8590c"


def day_map(result: RoutingResult, language: str = "en") -> Figure:
    """When each person is at a visit, day beside day, without the nights."""
    days = sorted({a.day for a in result.appointments})[:MOST_DAYS]
    shown = [a for a in result.appointments if a.day in days]
    people = sorted({code for a in shown for code in a.people})
    first = min((a.starts_s for a in shown), default=0) // 3600
    width = max((a.ends_s for a in shown), default=3600) / 3600 - first + 1
    picture = figure(12, max(3.0, 0.25 * len(people) + 1.5))
    axes = picture.subplots()
    for a in shown:
        begin = days.index(a.day) * width + a.starts_s / 3600 - first
        hours = (a.ends_s - a.starts_s) / 3600
        colour = ALONE if len(a.people) == 1 else PAIR
        for code in a.people:
            bars = axes.barh(people.index(code), hours, left=begin, color=colour)
            if len(shown) <= FEW:
                axes.bar_label(bars, [a.visit], label_type="center", fontsize=6, color="white")
    for number in range(1, len(days)):
        axes.axvline(number * width - 0.5, color="#ced4da")
    axes.set_yticks(range(len(people)), people)
    axes.set_xticks([(i + 0.5) * width - 0.5 for i in range(len(days))], days, fontsize=8)
    if len(days) > MOST_DAYS // 3:
        axes.tick_params(axis="x", rotation=45)
    axes.set_xlabel(label(Words("blue: alone; orange: in a pair", "蓝：单人；橙：双人"), language))
    axes.set_title(label(result.title, language))
    return picture
