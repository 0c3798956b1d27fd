"""The stack plan: one column a building, one box a unit, filled by who sits there."""

from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from bihuan.engines.matching.result import MatchingResult
from bihuan.engines.picture import figure, label
from bihuan.engines.shape import Words

FREE, LET, MOVED, DOUBTFUL = "#f1f3f5", "#74b816", "#f59f00", "#4dabf7"
LEGEND = (
    (LET, Words("served", "已满足")),
    (MOVED, Words("moved", "搬迁")),
    (DOUBTFUL, Words("to be surveyed", "待核实")),
)
MOST = 40  # buildings drawn: the fullest ones
FEW = 12  # buildings up to which there is room for larger letters


def stack_plan(result: MatchingResult, language: str = "en") -> Figure:
    """Units that were let, stacked by building."""
    picture = figure(12, 6)
    axes = picture.subplots()
    by_building: dict[str, list[tuple[str, str, str]]] = {}
    for placed in result.placements:
        colour = DOUBTFUL if placed.must_be_surveyed else MOVED if placed.is_move else LET
        for unit in placed.units:
            by_building.setdefault(placed.building, []).append((unit, placed.need, colour))
    shown = sorted(by_building, key=lambda code: (-len(by_building[code]), code))[:MOST]
    size = 6 if len(shown) > FEW else 10
    for x, building in enumerate(sorted(shown)):
        for y, (unit, need, colour) in enumerate(sorted(by_building[building])):
            axes.add_patch(Rectangle((x, y), 0.92, 0.92, facecolor=colour, edgecolor="white"))
            text = f"{unit.removeprefix(building).lstrip('-')}\n{need}"
            axes.text(x + 0.46, y + 0.46, text, ha="center", va="center", fontsize=size)
    axes.set_xlim(0, max(len(shown), 1))
    axes.set_ylim(0, max((len(units) for units in by_building.values()), default=1) + 0.2)
    axes.set_xticks([x + 0.46 for x in range(len(shown))], sorted(shown), fontsize=size)
    if len(shown) > FEW:
        axes.tick_params(axis="x", rotation=90)
    axes.set_yticks([])
    axes.set_title(label(result.title, language))
    boxes = [Rectangle((0, 0), 1, 1, facecolor=colour) for colour, _ in LEGEND]
    axes.legend(boxes, [label(words, language) for _, words in LEGEND], loc="upper right")
    return picture
