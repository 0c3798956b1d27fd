"""The path as a Gantt chart of measures over the share that is let."""

from matplotlib.figure import Figure

from bihuan.engines.path.problem import KIND_WORDS, Kind
from bihuan.engines.path.result import PathResult
from bihuan.engines.picture import figure, label
from bihuan.engines.shape import Words

COLOURS = dict(
    zip(Kind, ("#1971c2", "#0ca678", "#f59f00", "#7048e8", "#e03131", "#74b816"), strict=True)
)
MOST = 60  # measures drawn: the dearest
FEW = 20  # measures up to which there is room for larger letters


def gantt(result: PathResult, language: str = "en") -> Figure:
    """Bars from start to effect; below, the share let month by month with the targets."""
    dear = sorted(result.starts, key=lambda s: -s.cost_cny)[:MOST]
    shown = sorted(dear, key=lambda s: (s.starts_in, s.measure))
    picture = figure(12, max(5.0, 0.18 * len(shown) + 3.5))
    bars, curve = picture.subplots(2, 1, sharex=True, height_ratios=[max(1.0, len(shown) / 12), 1])
    months = [m.month for m in result.months]
    for row, start in enumerate(shown):
        begin = months.index(start.starts_in)
        end = months.index(start.effective_in) if start.effective_in in months else len(months)
        bars.barh(row, max(end - begin, 0.3), left=begin, color=COLOURS[Kind(start.kind)])
    size = 6 if len(shown) > FEW else 9
    bars.set_yticks(range(len(shown)), [s.measure for s in shown], fontsize=size)
    bars.invert_yaxis()
    handles = [bars.barh(0, 0, color=COLOURS[kind]) for kind in Kind]
    bars.legend(handles, [label(KIND_WORDS[kind], language) for kind in Kind], fontsize=7)
    bars.set_title(label(result.title, language))
    curve.plot(range(len(months)), [100 * m.share for m in result.months], color="#1971c2")
    for goal in result.goals:
        at = months.index(goal.by[:7])
        curve.plot(at, 100 * goal.share, "v", color="#2f9e44" if goal.is_met else "#e03131")
    step = max(1, len(months) // 24)
    curve.set_xticks(range(0, len(months), step), months[::step], rotation=60, fontsize=7)
    curve.set_ylabel(label(Words("let, %", "入驻率，%"), language))
    return picture
