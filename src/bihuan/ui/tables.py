"""Tables: a declaration, one query for the page, and one loop over plain values.

See docs/develop/ui.md. Nothing here asks per row: links are joined from a prefix, cells
are drawn by plain functions and escaped there.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from html import escape
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from bihuan.core.permissions import Permission
from bihuan.ui import cells, links
from bihuan.ui.cells import Badge, Draw, Kind
from bihuan.ui.filters import Chip, Chosen, Filter
from bihuan.ui.keyset import Mark, Walk

__all__ = ["Badge", "Column", "Kind", "Page", "Table"]

Text = str | Promise
Ids = Sequence[Any]
MANY = 10_000  # counting stops here; the page says "10,000+"


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column. key names a model path ("dossier__name") unless fill is given.

    draw replaces the kind's own drawing and must return safe HTML (escape what it is given).
    link makes the text a link to that page of the row, or of the row whose id is at link_id.
    sort is True, or the path to order by when it is not key; order by indexed columns only.
    fill(ids) returns {id: value} for just the ids of the page, in one query.
    """

    key: str
    label: Text
    kind: Kind = Kind.TEXT
    draw: Draw | None = None
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
    def css(self) -> str:
        return "num" if self.kind in cells.NUMERIC else "wide" if self.wide else ""

    def drawing(self, today: date) -> Draw:
        if self.draw is not None:
            return self.draw
        if self.kind is Kind.BADGE:
            return cells.badge(self.badges)
        if self.kind is Kind.DUE:
            return cells.due(today)
        return cells.PLAIN[self.kind]


@dataclass(frozen=True, kw_only=True)
class Table:
    """A list of one kind of rows: its columns, filters, order and words when empty.

    order is a column key, with a minus for descending. export names the page that writes
    the same filtered list as a spreadsheet. check is the id of a <form>: each row then
    carries a box named "pk" that belongs to that form.
    """

    name: str
    columns: tuple[Column, ...]
    order: str
    filters: tuple[Filter, ...] = ()
    per_page: int = 50
    export: str = ""
    check: str = ""
    empty: Text = ""
    caption: Text = ""

    def page(
        self, request: HttpRequest, rows: QuerySet[Any], *, total: int | None = None
    ) -> "Page":
        """Return the page of rows that the request asks for. rows: visible ones, unordered."""
        return Page(self, request, rows, total)

    def plain(
        self, request: HttpRequest, rows: QuerySet[Any] | Iterable[tuple[Any, ...]]
    ) -> SafeString:
        """Return a small table without paging: a slice of a queryset in its own order, or
        tuples of (id, one value per column, then the link ids in column order)."""
        fields = self.fields()
        found = rows.values_list(*fields) if isinstance(rows, QuerySet) else rows
        return _Drawing(self, request).whole([tuple(row) for row in found])

    def fields(self) -> tuple[str, ...]:
        """Return the paths a row is read by: pk, the columns, then ids of links elsewhere."""
        own = [it.key for it in self.columns if it.fill is None]
        away = [it.link_id for it in self.columns if it.link and it.link_id != "pk"]
        return ("pk", *own, *away)

    def filtered(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return rows narrowed and ordered as the request asks: what an export writes."""
        column, descending = self.sorting(request)
        keys = dict.fromkeys((column.sort_path, "pk"))
        rows = Chosen.read(self.filters, request).narrow(rows)
        return rows.order_by(*(f"-{key}" if descending else key for key in keys))

    def sorting(self, request: HttpRequest) -> tuple[Column, bool]:
        """Return the column to order by, and whether from the greatest."""
        sortable = {it.key: it for it in self.columns if it.sort}
        for asked in (request.GET.get("sort", ""), self.order):
            if asked.lstrip("-") in sortable:
                return sortable[asked.lstrip("-")], asked.startswith("-")
        key = self.order.lstrip("-")
        return Column(key=key, label="", sort=True), self.order.startswith("-")


class _Drawing:
    """Draws the rows of one table for one request."""

    def __init__(self, table: Table, request: HttpRequest) -> None:
        self.table = table
        self.zone = zone_of(request)
        self.today = timezone.localdate()

    def framed(self, head: str, body: str) -> SafeString:
        caption = f'<caption class="visually-hidden">{escape(str(self.table.caption))}</caption>'
        return mark_safe(  # noqa: S308  every cell is escaped where it is drawn
            f'<table class="bh-rows">{caption}<thead hx-boost="true"><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        )

    def whole(self, rows: list[tuple[Any, ...]]) -> SafeString:
        head = "".join(
            f'<th scope="col"{_class(it.css)}>{escape(str(it.label))}</th>'
            for it in self.table.columns
        )
        return self.framed(head, self.body(rows))

    def body(self, rows: list[tuple[Any, ...]]) -> str:
        ids = [row[0] for row in rows]
        makers = self._makers(ids)
        box = f'<td class="box"><input type="checkbox" name="pk" form="{escape(self.table.check)}" value="'
        parts: list[str] = []
        add = parts.append
        for row in rows:
            add("<tr>")
            if self.table.check:
                add(f'{box}{row[0]}" aria-label="{escape(str(row[1]))}">')
            for maker in makers:
                add(maker(row))
            add("</tr>\n")
        return "".join(parts)

    def _makers(self, ids: list[Any]) -> list[Callable[[tuple[Any, ...]], str]]:
        own = 1
        away = 1 + sum(1 for it in self.table.columns if it.fill is None)
        makers = []
        for column in self.table.columns:
            if column.fill is None:
                value, own = _at(own), own + 1
            else:
                value = _filled(column.fill(ids) if ids else {})
            subject = 0
            if column.link and column.link_id != "pk":
                subject, away = away, away + 1
            makers.append(self._maker(column, value, subject))
        return makers

    def _maker(
        self, column: Column, value: Callable[[tuple[Any, ...]], Any], subject: int
    ) -> Callable[[tuple[Any, ...]], str]:
        draw, start = column.drawing(self.today), f"<td{_class(column.css)}>"
        if not column.link:
            return lambda row: start + draw(value(row))
        before, after = (escape(part) for part in links.around(column.link, self.zone))

        def linked(row: tuple[Any, ...]) -> str:
            about, words = row[subject], draw(value(row))
            return (
                f'{start}<a href="{before}{about}{after}">{words}</a>' if about else start + words
            )

        return linked


class Page:
    """One page of a table, ready for templates: {{ page }} or {% include "ui/table.html" %}."""

    def __init__(
        self, table: Table, request: HttpRequest, rows: QuerySet[Any], total: int | None
    ) -> None:
        self.table = table
        self.request = request
        self.chosen = Chosen.read(table.filters, request)
        self.rows_all = self.chosen.narrow(rows)
        self.column, self.descending = table.sorting(request)
        self._total = total
        self.first = 1
        self._read()

    def _read(self) -> None:
        path = self.column.sort_path
        fields = self.table.fields()
        walk = Walk(
            self.rows_all, path, _field_of(self.rows_all, path), self.descending, (path, *fields)
        )
        size = self.table.per_page
        given = self.request.GET
        mark = Mark.read(given.get("after", "")) or Mark.read(given.get("before", ""))
        if "before" in given and (mark is not None or given["before"] == "last"):
            found = walk.before(mark, size + 1)
            more_before, more_after, found = len(found) > size, mark is not None, found[-size:]
            self.first = (
                _number(mark.number - len(found), mark.number) if mark else self._end(found)
            )
        else:
            found = walk.after(mark, size + 1)
            more_before, more_after, found = mark is not None, len(found) > size, found[:size]
            self.first = mark.number + 1 if mark else 1
        self.rows = [row[1:] for row in found]
        self.next = self._turn(walk, found, -1, "after") if more_after and found else ""
        self.previous = self._turn(walk, found, 0, "before") if more_before and found else ""

    def _end(self, found: list[tuple[Any, ...]]) -> int:
        known = self.total <= MANY
        return max(1, self.total - len(found) + 1) if known else -len(found)

    def _turn(self, walk: Walk, found: list[tuple[Any, ...]], place: int, name: str) -> str:
        number = self.first + (len(found) - 1 if place else 0)
        return self._address({name: walk.mark(found[place], number).token()})

    def _address(self, extra: Mapping[str, str], *, without: Iterable[str] = ()) -> str:
        dropped = {"after", "before", *without, *extra}
        kept = [(k, v) for k, vs in self.request.GET.lists() if k not in dropped for v in vs if v]
        return "?" + urlencode([*kept, *extra.items()])

    @cached_property
    def total(self) -> int:
        """How many rows there are, counted to MANY + 1 at most."""
        if self._total is None:
            if not {"before", "after"} & self.request.GET.keys() and not self.next:
                return len(self.rows)
            self._total = self.rows_all.order_by()[: MANY + 1].count()
        return self._total

    @property
    def total_said(self) -> str:
        return f"{MANY:,}+" if self.total > MANY else f"{self.total:,}"

    @property
    def place(self) -> str:
        """Which rows these are: 51–100, or counted from the end of a very long list."""
        last = self.first + len(self.rows) - 1
        if self.first > 0:
            return f"{self.first:,}–{last:,}"
        return _("the last %(from)s–%(to)s") % {"from": -self.first, "to": -last}

    @property
    def first_page(self) -> str:
        return self._address({})

    @property
    def last_page(self) -> str:
        return self._address({"before": "last"})

    @property
    def chips(self) -> list[Chip]:
        return self.chosen.chips(lambda names: self._address({}, without=names))

    @property
    def cleared(self) -> str:
        return self._address({}, without=[n for it in self.table.filters for n in it.names()])

    @property
    def main_filters(self) -> list[Mapping[str, Any]]:
        return self.chosen.fields(main=True)

    @property
    def more_filters(self) -> list[Mapping[str, Any]]:
        return self.chosen.fields(main=False)

    @property
    def sort(self) -> str:
        """The order asked for by hand, to be carried through the filter form."""
        return self.request.GET.get("sort", "")

    @cached_property
    def export_url(self) -> str:
        standing = getattr(self.request, "standing", None)
        if not self.table.export or not (standing and standing.may(Permission.SHEET_EXPORT)):
            return ""
        address = links.page_if_any(self.table.export, zone_of(self.request))
        return address and address + self._address({})

    @property
    def drawn(self) -> SafeString:
        """The <table>: sortable heads and the page's rows."""
        drawing = _Drawing(self.table, self.request)
        box = '<th class="box"><input type="checkbox" data-check-all aria-label="✓"></th>'
        head = (box if self.table.check else "") + "".join(map(self._head, self.table.columns))
        return drawing.framed(head, drawing.body(self.rows))

    def _head(self, column: Column) -> str:
        label = escape(str(column.label))
        if not column.sort:
            return f'<th scope="col"{_class(column.css)}>{label}</th>'
        order, turn, state = column.key, "", ""
        if column.key == self.column.key:
            turn = "▼" if self.descending else "▲"
            state = f' aria-sort="{"descending" if self.descending else "ascending"}"'
            order = column.key if self.descending else f"-{column.key}"
        href = escape(self._address({"sort": order}))
        arrow = f'<span aria-hidden="true">{turn}</span>' if turn else ""
        return (
            f'<th scope="col"{_class(column.css)}{state}><a href="{href}">{label}{arrow}</a></th>'
        )

    def respond(self, template: str, context: Mapping[str, Any] | None = None) -> HttpResponse:
        """Return the whole page, or just the table when HTMX asks for it; context["page"] is self."""
        htmx: Any = getattr(self.request, "htmx", None)
        partial = bool(htmx) and htmx.target == self.element and not htmx.history_restore_request
        response = render(
            self.request,
            "ui/table.html" if partial else template,
            {**(context or {}), "page": self},
        )
        response["Vary"] = "HX-Request, HX-Target, Cookie"
        return response

    @property
    def element(self) -> str:
        """The id of the part of the page that is swapped."""
        return f"table-{self.table.name}"


def zone_of(request: HttpRequest) -> str:
    """Return the slug of the zone the request is about, or nothing."""
    zone = getattr(getattr(request, "standing", None), "zone", None)
    if zone is not None:
        return str(zone.slug)
    match = request.resolver_match
    return str(match.kwargs.get("zone", "")) if match else ""


def _class(css: str) -> str:
    return f' class="{css}"' if css else ""


def _at(place: int) -> Callable[[tuple[Any, ...]], Any]:
    return lambda row: row[place]


def _filled(values: Mapping[Any, Any]) -> Callable[[tuple[Any, ...]], Any]:
    return lambda row: values.get(row[0])


def _field_of(rows: QuerySet[Any], path: str) -> "Field[Any, Any]":
    """Return the model field, or the field of the annotation, that path reads."""
    if path in rows.query.annotations:
        return rows.query.annotations[path].output_field
    model = rows.model
    found: Any = model._meta.pk
    nullable = False
    for part in path.split(LOOKUP_SEP):
        found = model._meta.pk if part == "pk" else model._meta.get_field(part)
        nullable = nullable or bool(found.null)
        model = found.related_model or model
    if not isinstance(found, Field):
        raise FieldDoesNotExist(path)
    if nullable and not found.null:
        found = found.clone()
        found.null = True
    field: Field[Any, Any] = found
    return field


def _number(first: int, mark: int) -> int:
    """Keep a row number on the side of zero it was counted from."""
    return max(1, first) if mark > 0 else first
