"""Charts and maps as declarations: drawn by ECharts and Leaflet, readable as tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Literal

from django.conf import settings
from django.utils.functional import Promise

from bihuan.ui.components import linked, shown, unknown
from bihuan.ui.formats import count

Text = str | Promise
Value = int | float | None


@dataclass(frozen=True, kw_only=True)
class Series:
    """One row of numbers, as long as the chart's labels. None is a gap."""

    name: Text
    values: Sequence[Value]
    kind: Literal["bar", "line"] = "bar"
    tone: str = ""
    stack: str = ""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Numbers by label. hrefs, where given, open the rows behind each label."""

    name: str
    title: Text
    labels: Sequence[Text]
    series: Sequence[Series]
    unit: Text = ""
    hrefs: Sequence[str] = ()
    lying: bool = False  # bars lie: for long labels
    height: Literal["low", "middle", "high"] = "middle"

    def __post_init__(self) -> None:
        lengths = [len(it.values) for it in self.series] + [len(self.hrefs or self.labels)]
        if any(length != len(self.labels) for length in lengths):
            raise ValueError(
                f"chart {self.name}: values and hrefs must match the labels one by one"
            )

    @property
    def data(self) -> dict[str, Any]:
        """Return what the drawing script reads."""
        return {
            "title": str(self.title),
            "unit": str(self.unit),
            "labels": [str(it) for it in self.labels],
            "hrefs": list(self.hrefs),
            "lying": self.lying,
            "series": [
                {
                    "name": str(it.name),
                    "values": list(it.values),
                    "kind": it.kind,
                    "tone": it.tone,
                    "stack": it.stack,
                }
                for it in self.series
            ],
        }

    @property
    def rows(self) -> list[tuple[Text, str, list[Value]]]:
        """Return label, address and numbers of each line of the table beside the chart."""
        hrefs = self.hrefs or [""] * len(self.labels)
        columns = [it.values for it in self.series]
        return [
            (label, href, [values[place] for values in columns])
            for place, (label, href) in enumerate(zip(self.labels, hrefs, strict=True))
        ]


@dataclass(frozen=True, kw_only=True)
class Outline:
    """One shape on a map: a GeoJSON geometry in WGS-84, its figure and the page behind it."""

    name: Text
    geometry: Mapping[str, Any] | None
    value: Value = None
    said: Text = ""  # the figure in words, where the bare number is not enough
    href: str = ""

    def row(self) -> str:
        """Return its line of the table beside the map, as HTML."""
        number = unknown() if self.value is None else escape(count(self.value))
        said = shown(self.said) if self.said else number
        name = linked(self.href, shown(self.name))
        return f'<tr><th scope="row">{name}</th><td class="num">{said}</td></tr>\n'


@dataclass(frozen=True, kw_only=True)
class Pin:
    """A marked place on a map in WGS-84: a number or a sign, its name and the page behind it."""

    lat: float
    lng: float
    sign: str
    name: Text
    href: str = ""


@dataclass(frozen=True, kw_only=True)
class Map:
    """Outlines coloured by a figure. bad_high turns the scale: more is worse.

    With pins the outlines are a plain ground: ways are lines through (lat, lng), and a tap on
    the map is told to the page as the event "map-point".
    """

    name: str
    title: Text
    outlines: Sequence[Outline]
    unit: Text = ""
    bad_high: bool = False
    height: Literal["low", "middle", "high"] = "middle"
    pins: Sequence[Pin] = ()
    ways: Sequence[Sequence[tuple[float, float]]] = ()

    @property
    def rows(self) -> str:
        """The table beside the map, as HTML."""
        return "".join(it.row() for it in self.outlines)

    @property
    def data(self) -> dict[str, Any]:
        """Return what the drawing script reads. Tiles only where the deployment set a layer."""
        return {
            "unit": str(self.unit),
            "bad_high": self.bad_high,
            "tiles": getattr(settings, "MAP_TILES", ""),
            "outlines": [
                {
                    "name": str(it.name),
                    "geometry": it.geometry,
                    "value": it.value,
                    "said": str(it.said),
                    "href": it.href,
                }
                for it in self.outlines
                if it.geometry
            ],
            "pins": [
                {"at": [it.lat, it.lng], "sign": it.sign, "name": str(it.name), "href": it.href}
                for it in self.pins
            ],
            "ways": [list(way) for way in self.ways],
        }
