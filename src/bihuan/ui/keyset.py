"""Paging by "after this row": as quick on the last page as on the first.

A page is ordered by one column and then by primary key, empty values last in both
directions. Each half (rows with a value, rows without) is one index scan, so an index
on (zone, column, id) serves every page on SQLite and on PostgreSQL.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import BooleanField, F, Field, Func, QuerySet, Value
from django.db.models.sql.where import AND, WhereNode

from bihuan.core.together import asks_elsewhere

Places = list[tuple[Any, Any]]


@dataclass(frozen=True)
class Mark:
    """A place in an ordered list: the sort value and id of a row, and its number.

    Numbers run from 1, or from -1 backwards where only the distance to the end is known.
    """

    value: str | None
    pk: str
    number: int

    def token(self) -> str:
        text = json.dumps([self.value, self.pk, self.number], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()

    @classmethod
    def read(cls, token: str) -> "Mark | None":
        """Return the mark that token stands for; None for what is not one of ours."""
        try:
            value, pk, number = json.loads(
                base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
            )
        except (binascii.Error, ValueError, TypeError):
            return None
        if not isinstance(pk, str) or not (value is None or isinstance(value, str)):
            return None
        return cls(value, pk, number) if isinstance(number, int) and number else None


class _Beside(Func):
    """(a, b) > (x, y) as a row value, which both databases look up in an index."""

    conditional = True
    output_field = BooleanField()

    def __init__(self, *expressions: Any, operator: str) -> None:
        super().__init__(*expressions)
        self.operator = operator

    def as_sql(
        self, compiler: Any, connection: Any, *_: Any, **__: Any
    ) -> tuple[str, tuple[Any, ...]]:
        parts = [compiler.compile(part) for part in self.get_source_expressions()]
        (a, a_in), (b, b_in), (x, x_in), (y, y_in) = parts
        return f"({a}, {b}) {self.operator} ({x}, {y})", (*a_in, *b_in, *x_in, *y_in)


class _Each(WhereNode):
    """Conditions asked of each row met; SQLite never begins with an expression's rows."""

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        sql, params = super().as_sql(compiler, connection)
        return f"+({sql})", params


def is_lured(rows: QuerySet[Any]) -> bool:
    """Say whether SQLite may leave a list's order for a condition of it.

    It takes every subquery for 25 rows, so it fetches all that the subquery names and sorts
    them, though in the order of the list the first fifty were soon met.
    """
    return connection.vendor == "sqlite" and asks_elsewhere(rows.query.where)


def along_its_order(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return rows so asked for that SQLite walks along the order and asks each row it meets."""
    rows = rows.all()
    where = rows.query.where
    parts = where.children if where.connector == AND and not where.negated else [where]
    kept = [it for it in parts if not asks_elsewhere(it)]
    asked = [it for it in parts if asks_elsewhere(it)]
    rows.query.where = WhereNode([*kept, _Each(asked)])
    return rows


@dataclass(frozen=True)
class Walk:
    """An ordered list that pages are cut from.

    The queryset carries no order and no slice; sort is a column of it (or an annotation),
    field is what that column's values are read with. Only (sort value, pk) is read: what
    else a page shows is fetched for its ids, so that no join can lure the planner away
    from the index.
    """

    queryset: QuerySet[Any]
    sort: str
    field: "Field[Any, Any]"
    descending: bool

    def after(self, mark: Mark | None, count: int) -> Places:
        """Return count places that follow mark, or the first ones."""
        return self._read(mark, count, forward=True)

    def before(self, mark: Mark | None, count: int) -> Places:
        """Return count places that precede mark, or the last ones, in the list's order."""
        return self._read(mark, count, forward=False)[::-1]

    def reached(self, number: int) -> Mark | None:
        """Return the place of the list's number-th row, counted from 1; None past its end.

        Only the order's index is walked, to that row and no further.
        """
        left = number
        nullable = getattr(self.field, "null", True)
        for empty in (False, True) if nullable else (False,):
            rows = self._ordered(self.queryset, empty=empty, rising=not self.descending)
            if found := list(rows[left - 1 : left]):
                return self.mark(found[0], number)
            left -= rows.order_by().count() if nullable and not empty else 0
        return None

    def mark(self, row: tuple[Any, Any], number: int) -> Mark:
        value = row[0]
        return Mark(None if value is None else str(value), str(row[1]), number)

    def _read(self, mark: Mark | None, count: int, *, forward: bool) -> Places:
        halves = [False, True] if forward else [True, False]  # is the value empty?
        if not getattr(self.field, "null", True):
            halves = [False]
        if mark is not None and (mark.value is None) in halves:
            halves = halves[halves.index(mark.value is None) :]
        rows: Places = []
        for place, empty in enumerate(halves):
            start = mark if place == 0 else None
            rows += self._half(start, count - len(rows), empty=empty, forward=forward)
            if len(rows) >= count:
                break
        return rows

    def _half(self, mark: Mark | None, count: int, *, empty: bool, forward: bool) -> Places:
        rising = forward != self.descending
        queryset = self.queryset
        if mark is not None:
            queryset = self._beyond(queryset, mark, ">" if rising else "<", empty=empty)
        return list(self._ordered(queryset, empty=empty, rising=rising)[:count])

    def _ordered(
        self, queryset: QuerySet[Any], *, empty: bool, rising: bool
    ) -> QuerySet[Any, tuple[Any, Any]]:
        """Return one half in the order of the list: those with a value, or those without."""
        if getattr(self.field, "null", True):
            queryset = queryset.filter(**{f"{self.sort}__isnull": empty})
        keys = ["pk"] if empty or self.sort == "pk" else [self.sort, "pk"]
        order = keys if rising else [f"-{key}" for key in keys]
        return queryset.order_by(*order).values_list(self.sort, "pk")

    def _beyond(
        self, queryset: QuerySet[Any], mark: Mark, operator: str, *, empty: bool
    ) -> QuerySet[Any]:
        key = queryset.model._meta.pk
        assert key is not None
        try:
            pk = key.to_python(mark.pk)
            value = self.field.to_python(mark.value)
        except (ValidationError, ValueError):
            return queryset
        if empty or self.sort == "pk":
            return queryset.filter(**{f"pk__{'gt' if operator == '>' else 'lt'}": pk})
        place = (Value(value, output_field=self.field), Value(pk, output_field=key))
        return queryset.filter(_Beside(F(self.sort), F("pk"), *place, operator=operator))
