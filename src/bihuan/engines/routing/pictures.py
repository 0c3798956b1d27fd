"""The round as bars: one row a person, one colour a day."""

from matplotlib.figure import Figure

from bihuan.engines.picture import figure, label
from bihuan.engines.routing.result import RoutingResult
from bihuan.engines.shape import Words

MOST_DAYS = 20


def day_map(result: RoutingResult, language: str = "en") -> Figure:
    """When each person is at a visit, day beside day."""
    days = sorted({a.day for a in result.appointments})[:MOST_DAYS]
    people = sorted({code for a in result.appointments for code in a.people})
    picture = figure(12, max(3.0, 0.25 * len(people) + 1.5))
    axes = picture.subplots()
    for a in result.appointments:
        if a.day in days:
            begin = days.index(a.day) * 24 + a.starts_s / 3600
            for code in a.people:
                colour = "#1971c2" if len(a.people) == 1 else "#e8590c"
                axes.barh(
                    people.index(code), (a.ends_s - a.starts_s) / 3600, left=begin, color=colour
                )
    axes.set_yticks(range(len(people)), people)
    axes.set_xticks([24 * i + 13 for i in range(len(days))], days, rotation=45, fontsize=7)
    axes.set_xlabel(label(Words("blue: alone; orange: in a pair", "蓝：单人；橙：双人"), language))
    axes.set_title(label(result.title, language))
    return picture
