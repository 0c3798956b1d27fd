"""How the rows of a table become HTML: a loop over plain values, with nothing looked up in it.

Links are joined from a prefix, cells are drawn by plain functions and escaped there.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from html import escape
from typing import Any

from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe

from bihuan.ui import cells, links
from bihuan.ui.cells import Badge, Draw, Kind

Text = str | Promise
Ids = Sequence[Any]
Row = tuple[Any, ...]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column. key names a model path ("dossier__name") unless fill is given.

    draw replaces the kind's own drawing and must return safe HTML (escape what it is given).
    link makes the text a link to that page of the row, or of the row whose id is at link_id.
    sort is True, or the path to order by when it is not key; order by indexed columns only.
    fill(ids) returns {id: value} for just the ids of the page, in one query; columns with the
    same fill share it. reads names several paths of which the cell is drawn: it is given them
    as a tuple. as_of(today) returns the drawing where that depends on the day.
    """

    key: str
    label: Text
    kind: Kind = Kind.TEXT
    draw: Draw | None = None
    as_of: Callable[[date], Draw] | None = None
    reads: tuple[str, ...] = ()
    badges: Mapping[Any, Badge] = field(default_factory=dict)
    link: str = ""
    link_id: str = "pk"
    sort: bool | str = False
    fill: Callable[[Ids], Mapping[Any, Any]] | None = None
    wide: bool = False  # long text: gets what room is left and wraps

    @property
    def sort_path(self) -> str:
        return self.key if self.sort is True else str(self.sort or "")

    @property
    def paths(self) -> tuple[str, ...]:
        """Return what is read of a row for this column."""
        return () if self.fill else self.reads or (self.key,)

    @property
    def css(self) -> str:
        """Return how its cells lie: numbers right; text wraps; dates, badges and codes do not."""
        if self.wide:
            return "wide"
        if self.kind in cells.NUMERIC:
            return "num"
        code = bool(self.link) and self.link_id == "pk"
        is_free = self.draw or self.as_of or self.kind in (Kind.TEXT, Kind.YES)
        return "one" if code or not is_free else ""

    def drawing(self, today: date) -> Draw:
        if self.draw is not None:
            return self.draw
        if self.as_of is not None:
            return self.as_of(today)
        if self.kind is Kind.BADGE:
            return cells.badge(self.badges)
        if self.kind is Kind.DUE:
            return cells.due(today)
        if self.kind is Kind.ENDS:
            return cells.ends(today)
        return cells.PLAIN[self.kind]


@dataclass(frozen=True)
class Drawing:
    """Draws rows of plain values: (pk, a value per column without fill, ids of links elsewhere)."""

    columns: tuple[Column, ...]
    caption: Text
    check: str
    zone: str
    today: date

    def framed(self, head: str, body: str) -> SafeString:
        caption = f'<caption class="visually-hidden">{escape(str(self.caption))}</caption>'
        return mark_safe(  # noqa: S308  every cell is escaped where it is drawn
            f'<table class="bh-rows">{caption}<thead hx-boost="true"><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        )

    def whole(self, rows: list[Row]) -> SafeString:
        head = "".join(
            f'<th scope="col"{css_class(it.css)}>{escape(str(it.label))}</th>'
            for it in self.columns
        )
        return self.framed(head, self.body(rows))

    def body(self, rows: list[Row]) -> str:
        ids = [row[0] for row in rows]
        makers = self._makers(ids)
        box = (
            f'<td class="box"><input type="checkbox" name="pk" form="{escape(self.check)}" value="'
        )
        parts: list[str] = []
        add = parts.append
        for row in rows:
            add("<tr>")
            if self.check:
                add(f'{box}{row[0]}" aria-label="{escape(str(row[1]))}">')
            for maker in makers:
                add(maker(row))
            add("</tr>\n")
        return "".join(parts)

    def _makers(self, ids: list[Any]) -> list[Callable[[Row], str]]:
        own = 1
        away = 1 + sum(len(it.paths) for it in self.columns)
        fills = dict.fromkeys(it.fill for it in self.columns if it.fill)
        filled = {fill: fill(ids) if ids else {} for fill in fills}
        makers = []
        for column in self.columns:
            if column.fill:
                value = _filled(filled[column.fill])
            else:
                end = own + len(column.paths)
                value = _between(own, end) if column.reads else _at(own)
                own = end
            subject = 0
            if column.link and column.link_id != "pk":
                subject, away = away, away + 1
            makers.append(self._maker(column, value, subject))
        return makers

    def _maker(
        self, column: Column, value: Callable[[Row], Any], subject: int
    ) -> Callable[[Row], str]:
        draw, start = column.drawing(self.today), f"<td{css_class(column.css)}>"
        if not column.link:
            return lambda row: start + draw(value(row))
        before, after = (escape(part) for part in links.around(column.link, self.zone))

        def linked(row: Row) -> str:
            about, words = row[subject], draw(value(row))
            return (
                f'{start}<a href="{before}{about}{after}">{words}</a>' if about else start + words
            )

        return linked


def css_class(css: str) -> str:
    return f' class="{css}"' if css else ""


def _at(place: int) -> Callable[[Row], Any]:
    return lambda row: row[place]


def _between(start: int, end: int) -> Callable[[Row], Any]:
    return lambda row: row[start:end]


def _filled(values: Mapping[Any, Any]) -> Callable[[Row], Any]:
    return lambda row: values.get(row[0])
