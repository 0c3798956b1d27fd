"""Tables: a declaration, one query for the page, and one loop over plain values.

See docs/develop/ui.md for how to write one.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from html import escape
from typing import Any
from urllib.parse import urlencode

from django.core.cache import cache as remembered
from django.core.exceptions import EmptyResultSet, FieldDoesNotExist
from django.db.models import Field, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from bihuan.core.composition import listed
from bihuan.core.permissions import Permission
from bihuan.core.ready import RowsByIds
from bihuan.ui.cells import Badge, Kind
from bihuan.ui.drawing import Column, Drawing, css_class
from bihuan.ui.filters import Chip, Chosen, Filter
from bihuan.ui.keyset import Mark, Walk, along_its_order, is_lured
from bihuan.ui.links import zone_of

__all__ = ["Badge", "Column", "Kind", "Page", "Table"]

Text = str | Promise
AS, SHEET = "as", "xlsx"  # ?as=xlsx asks a list for its spreadsheet
FURTHEST = 100_000  # pages one may jump over
LEAF = "page"  # ?page=7 asks for the seventh page
MORE = "more"  # ?more=1 asks for the filters that are folded away
VARY = "HX-Request, HX-Target, Cookie"
MANY = 10_000  # counting stops here; the page says "10,000+"
REMEMBERED_S = 300  # for so long a list that was longer than that is taken to be so still


@dataclass(frozen=True, kw_only=True)
class Table:
    """A list of one kind of rows: its columns, filters, order and words when empty.

    order is a column key, with a minus for descending. export names the page that writes
    the same filtered list as a spreadsheet; with a sheet title instead, the list's own page
    writes it. check is the id of a <form>: each row then
    carries a box named "pk" that belongs to that form.
    """

    name: str
    columns: tuple[Column, ...]
    order: str
    filters: tuple[Filter, ...] = ()
    per_page: int = 50
    sheet: Text = ""
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
        return self.drawing(request).whole([tuple(row) for row in found])

    def drawing(self, request: HttpRequest) -> Drawing:
        """Return what draws the rows of this table for one request."""
        today = timezone.localdate()
        return Drawing(self.columns, self.caption, self.check, zone_of(request), today)

    def fields(self) -> tuple[str, ...]:
        """Return the paths a row is read by: pk, the columns, then ids of links elsewhere."""
        own = [path for it in self.columns for path in it.paths]
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


class Page:
    """One page of a table, ready for templates: {{ page }} or {% include "ui/table.html" %}."""

    jump_key = LEAF  # what a jump asks by: the number of a page

    def __init__(
        self, table: Table, request: HttpRequest, rows: QuerySet[Any], total: int | None
    ) -> None:
        self.table = table
        self.request = request
        self.rows_given = rows
        self.chosen = Chosen.read(table.filters, request)
        self.rows_all = self.chosen.narrow(rows)
        self.column, self.descending = table.sorting(request)
        self._total = total
        self.first = 1
        self._read()

    def _read(self) -> None:
        path = self.column.sort_path
        rows = self.rows_all
        if is_lured(rows) and self._known() > MANY:
            rows = along_its_order(rows)
        walk = Walk(rows, path, _field_of(rows, path), self.descending)
        size = self.table.per_page
        given = self.request.GET
        mark = Mark.read(given.get("after", "")) or Mark.read(given.get("before", ""))
        to_end = given.get("before") == "last"
        if LEAF in given:
            mark = self._jump(walk, given[LEAF])
            to_end = mark is None and self.leaves is None and self._asked_leaf(given[LEAF]) > 1
        if to_end or ("before" in given and mark is not None):
            found = walk.before(mark, size + 1)
            more_before, more_after, found = len(found) > size, mark is not None, found[-size:]
            self.first = (
                _number(mark.number - len(found), mark.number) if mark else self._end(found)
            )
        else:
            found = walk.after(mark, size + 1)
            more_before, more_after, found = mark is not None, len(found) > size, found[:size]
            self.first = mark.number + 1 if mark else 1
        self.rows = self._rows([pk for _value, pk in found])
        self.next = self._turn(walk, found, -1, "after") if more_after and found else ""
        self.previous = self._turn(walk, found, 0, "before") if more_before and found else ""

    def _jump(self, walk: Walk, asked: str) -> Mark | None:
        """Return the last row before a page asked for by its number; None for the first."""
        self._known()
        leaf = min(self._asked_leaf(asked), self.leaves or FURTHEST)
        return walk.reached((leaf - 1) * self.table.per_page) if leaf > 1 else None

    def _asked_leaf(self, asked: str) -> int:
        return max(1, int(asked)) if asked.isdecimal() and len(asked) < 8 else 1

    @property
    def leaf(self) -> int | None:
        """The number of this page; None where a very long list was come to from its end."""
        return (self.first - 1) // self.table.per_page + 1 if self.first > 0 else None

    @property
    def leaves(self) -> int | None:
        """How many pages there are; None where they were not all counted."""
        return -(-self.total // self.table.per_page) if self.total <= MANY else None

    @property
    def near(self) -> list[tuple[int, str]]:
        """The pages around this one, by number, with their addresses."""
        if self.leaf is None or self.jump_key != LEAF:
            return []
        last = self.leaves or self.leaf + (2 if self.next else 0)
        around = range(max(1, self.leaf - 2), min(last, self.leaf + 2) + 1)
        return [
            (it, self._address({LEAF: str(it)}) if it > 1 else self.first_page) for it in around
        ]

    @property
    def asked_for(self) -> list[tuple[str, str]]:
        """What a jump to another page keeps of the address."""
        dropped = {"after", "before", self.jump_key, AS, MORE}
        kept = self.request.GET.lists()
        return [(k, v) for k, vs in kept if k not in dropped for v in vs if v]

    def _rows(self, ids: list[Any]) -> list[tuple[Any, ...]]:
        """Return the rows of these ids, in their order. That they may be seen is known already."""
        fields = self.table.fields()
        if self.rows_all.query.annotations:
            annotated = self.rows_all.filter(pk__in=ids).order_by()
            found = list(annotated.values_list(*fields))
        else:
            model: Any = self.rows_all.model
            found = reading(model, fields).ask(ids)
        by_id = {row[0]: row for row in found}
        return [by_id[pk] for pk in ids if pk in by_id]

    def _end(self, found: list[tuple[Any, Any]]) -> int:
        known = self.total <= MANY
        return max(1, self.total - len(found) + 1) if known else -len(found)

    def _turn(self, walk: Walk, found: list[tuple[Any, Any]], place: int, name: str) -> str:
        number = self.first + (len(found) - 1 if place else 0)
        return self._address({name: walk.mark(found[place], number).token()})

    def _address(self, extra: Mapping[str, str], *, without: Iterable[str] = ()) -> str:
        dropped = {*without, *extra}
        kept = [(k, v) for k, v in self.asked_for if k not in dropped]
        return "?" + urlencode([*kept, *extra.items()])

    @cached_property
    def total(self) -> int:
        """How many rows there are, counted to MANY + 1 at most."""
        is_first = not {"before", "after", self.jump_key} & self.request.GET.keys()
        if self._total is None and is_first and not self.next:
            return len(self.rows)
        return self._known()

    def _known(self) -> int:
        if self._total is None:
            self._total = self._counted()
        return self._total

    def _counted(self) -> int:
        """Count the rows; that there are more than MANY is remembered for a while."""
        rows = self.rows_all.order_by()[: MANY + 1]
        try:
            key = f"many-{hashlib.sha256(str(rows.query).encode()).hexdigest()}"
        except EmptyResultSet:
            return 0
        if remembered.get(key):
            return MANY + 1
        count = rows.count()
        if count > MANY:
            remembered.set(key, True, REMEMBERED_S)
        return count

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
    def said(self) -> str:
        """Which rows these are and how many there are, in words."""
        return _("%(place)s of %(total)s") % {"place": self.place, "total": self.total_said}

    @property
    def first_page(self) -> str:
        return self._address({})

    @property
    def last_page(self) -> str:
        leaves = self.leaves if self.jump_key == LEAF else None
        return self._address({LEAF: str(leaves)} if leaves else {"before": "last"})

    @property
    def chips(self) -> list[Chip]:
        return self.chosen.chips(lambda names: self._address({}, without=names))

    @property
    def cleared(self) -> str:
        return self._address({}, without=[n for it in self.table.filters for n in it.names()])

    @property
    def main_filters(self) -> SafeString:
        return self.chosen.fields(self.table.name, main=True)

    @property
    def more_filters(self) -> SafeString:
        return self.chosen.fields(self.table.name, main=False)

    @property
    def has_more(self) -> bool:
        return any(not it.main for it in self.table.filters)

    @property
    def more_shown(self) -> bool:
        """Whether the filters folded away are on the page: one is in force, or they are asked for.

        Otherwise they are fetched when they are unfolded: they may hold hundreds of choices.
        """
        folded = (it for it in self.table.filters if not it.main)
        return MORE in self.request.GET or any(it.key in self.chosen.values for it in folded)

    @property
    def more_url(self) -> str:
        return self._address({MORE: "1"})

    @property
    def sort(self) -> str:
        """The order asked for by hand, to be carried through the filter form."""
        return self.request.GET.get("sort", "")

    @cached_property
    def export_url(self) -> str:
        standing = getattr(self.request, "standing", None)
        if not (standing and standing.may(Permission.SHEET_EXPORT)):
            return ""
        return self._address({AS: SHEET}) if self.table.sheet else ""

    @property
    def drawn(self) -> SafeString:
        """The <table>: sortable heads and the page's rows."""
        drawing = self.table.drawing(self.request)
        box = '<th class="box"><input type="checkbox" data-check-all aria-label="✓"></th>'
        head = (box if self.table.check else "") + "".join(map(self._head, self.table.columns))
        return drawing.framed(head, drawing.body(self.rows))

    def _head(self, column: Column) -> str:
        label = escape(str(column.label))
        if not column.sort:
            return f'<th scope="col"{css_class(column.css)}>{label}</th>'
        order, turn, state = column.key, "", ""
        if column.key == self.column.key:
            turn = "▼" if self.descending else "▲"
            state = f' aria-sort="{"descending" if self.descending else "ascending"}"'
            order = column.key if self.descending else f"-{column.key}"
        href = escape(self._address({"sort": order}))
        arrow = f'<span aria-hidden="true">{turn}</span>' if turn else ""
        return f'<th scope="col"{css_class(column.css)}{state}><a href="{href}">{label}{arrow}</a></th>'

    def respond(self, template: str, context: Mapping[str, Any] | None = None) -> HttpResponse:
        """Return the whole page, or just the table when HTMX asks for it; context["page"] is self.

        Asked for as a spreadsheet, it is written by LIST_WRITERS of the composition.
        """
        if self.table.sheet and self.request.GET.get(AS) == SHEET:
            (write,) = listed("LIST_WRITERS")
            written: HttpResponse = write(self)
            return written
        htmx: Any = getattr(self.request, "htmx", None)
        wanted = htmx.target if htmx and not htmx.history_restore_request else None
        if wanted == f"more-{self.table.name}":
            return HttpResponse(self.more_filters, headers={"Vary": VARY})
        partial = wanted == self.element
        response = render(
            self.request,
            "ui/table.html" if partial else template,
            {**(context or {}), "page": self},
        )
        response["Vary"] = VARY
        return response

    @property
    def element(self) -> str:
        """The id of the part of the page that is swapped."""
        return f"table-{self.table.name}"


@cache
def reading(model: Any, fields: tuple[str, ...]) -> RowsByIds:
    """Return what reads some columns of rows by their ids."""
    return RowsByIds(model, *fields)


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
