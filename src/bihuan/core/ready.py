"""Queries that are compiled once and asked many times.

Building and compiling a query costs the ORM several times what a small query costs the
database. A query that every page asks, or every list, is written here as usual, with
Given("name") where a value will be told, and compiled when it is first asked:

    POSTS = Ready(lambda: Post.objects.filter(person=Given("person")))
    POSTS.ask(person=person.pk)

Nothing of what the database answers is kept.
"""

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import connection, models

LENGTHS = (1, 10, 50, 100)  # of lists of ids: few, so that few queries are compiled


class Given(models.Expression):
    """A value told when a Ready query is asked: filter(name=Given("name")).

    With a length it is a list of one up to so many values: filter(pk__in=Given("ids", 50)).
    """

    def __init__(self, name: str, length: int = 0) -> None:
        super().__init__()
        self.name = name
        self.length = length

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        if not self.length:
            return "%s", [_Place(self.name)]
        places = [_Place(self.name, place) for place in range(self.length)]
        return f"({', '.join(['%s'] * self.length)})", places


@dataclass(frozen=True)
class _Place:
    """Where a told value, or one of a told list, goes among a query's parameters."""

    name: str
    place: int | None = None

    def told(self, values: dict[str, Any]) -> Any:
        value = values[self.name]
        if self.place is not None:  # a shorter list repeats its last
            value = value[min(self.place, len(value) - 1)]
        if value is None:
            raise ValueError(f"{self.name}: SQL finds nothing that equals None")
        return _written(value)


class Ready:
    """A query compiled once. build returns the queryset; it runs once, so it may hold no clock."""

    def __init__(self, build: Callable[[], models.QuerySet[Any]]) -> None:
        self._build = build

    def ask(self, **values: Any) -> list[Any]:
        """Return the rows for these values, as the queryset would give them."""
        rows, compiler, sql, params = self._compiled
        fresh: Any = rows.all()
        asking = copy(compiler)
        asking.connection = connection  # this thread's
        told = [it.told(values) if isinstance(it, _Place) else it for it in params]
        asking.as_sql = lambda *_, **__: (sql, told)
        fresh.query.get_compiler = lambda *_, **__: asking
        return list(fresh)

    @cached_property
    def _compiled(self) -> tuple[models.QuerySet[Any], Any, str, Sequence[Any]]:
        rows = self._build()
        compiler = rows.query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        converters = compiler.get_converters([it for it, *_ in compiler.select])
        compiler.get_converters = lambda _columns: converters
        return rows, compiler, sql, params


class RowsByIds:
    """The rows whose key is among some ids, or columns of them; compiled once for each length."""

    def __init__(
        self,
        model: type[models.Model],
        *fields: str,
        key: str = "pk",
        where: models.Q = models.Q(),  # noqa: B008  a condition is never changed
    ) -> None:
        self._model = model
        self._where = where
        self._fields = fields
        self._key = key
        self._ready: dict[int, Ready] = {}

    def ask(self, ids: Sequence[Any]) -> list[Any]:
        """Return the rows in no order: tuples of the columns, or whole where none is named."""
        if not ids:
            return []
        length = next((it for it in LENGTHS if it >= len(ids)), len(ids))
        if length not in self._ready:
            self._ready[length] = Ready(lambda: self._among(Given("ids", length)))
        return self._ready[length].ask(ids=ids)

    def _among(self, ids: Given) -> models.QuerySet[Any]:
        rows = self._model._base_manager.filter(self._where, **{f"{self._key}__in": ids})
        return rows.values_list(*self._fields) if self._fields else rows


def _written(value: Any) -> Any:
    """Return a value as the database is told it."""
    if isinstance(value, UUID):
        return value if connection.features.has_native_uuid_field else value.hex
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return connection.ops.adapt_datefield_value(value) if isinstance(value, date) else value
