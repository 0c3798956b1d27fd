"""Queries that are compiled once and asked many times.

Building and compiling a query costs the ORM several times what a small query costs the
database. A query that every page asks, or every list, is written here as usual, with
Given("name") where a value will be told, and compiled when it is first asked:

    POSTS = Ready(lambda: Post.objects.filter(person=Given("person")))
    POSTS.ask(person=person.pk)

Nothing of what the database answers is kept.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models.query import ModelIterable, ValuesListIterable, get_related_populators

LENGTHS = (1, 10, 50, 100)  # of lists of ids: few, so that few queries are compiled


def room(count: int) -> int:
    """Return the length of list that so many values are compiled with; none for none."""
    return next((it for it in LENGTHS if it >= count), count) if count else 0


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


def told(params: Sequence[Any], values: dict[str, Any]) -> list[Any]:
    """Return the parameters of a compiled query with the values told for what was Given."""
    return [it.told(values) if isinstance(it, _Place) else it for it in params]


class Ready:
    """A query compiled once. build returns the queryset; it runs once, so it may hold no clock."""

    def __init__(self, build: Callable[[], models.QuerySet[Any]]) -> None:
        self._build = build

    def ask(self, **values: Any) -> list[Any]:
        """Return the rows for these values, as the queryset would give them."""
        if self._compiled is None:
            return []
        compiler, sql, params, converters, made = self._compiled
        with connection.cursor() as cursor:
            cursor.execute(sql, told(params, values))
            rows = cursor.fetchall()
        return list(map(made, compiler.apply_converters(rows, converters)))

    @cached_property
    def _compiled(self) -> tuple[Any, str, Sequence[Any], Any, Callable[[Any], Any]] | None:
        rows = self._build()
        compiler = rows.query.get_compiler(connection=connection)
        try:
            sql, params = compiler.as_sql()
        except EmptyResultSet:
            return None
        converters = compiler.get_converters([it for it, *_ in compiler.select])
        made = MAKERS[rows._iterable_class](compiler)
        return compiler, sql, params, converters, made


def _model(compiler: Any) -> Callable[[Any], models.Model]:
    """Return what makes a model, with those it is selected with, of a row; as ModelIterable does."""
    about, select, using = compiler.klass_info, compiler.select, connection.alias
    model, places = about["model"], about["select_fields"]
    own = slice(places[0], places[-1] + 1)
    names = [column.target.attname for column, *_ in select[own]]
    related: Any = get_related_populators(about, select, using)  # type: ignore[call-arg]
    annotated = compiler.annotation_col_map or {}

    def made(row: Any) -> models.Model:
        one: models.Model = model.from_db(using, names, row[own])
        for it in related:
            it.populate(row, one)
        for name, place in annotated.items():
            setattr(one, name, row[place])
        return one

    return made


MAKERS: dict[Any, Callable[[Any], Callable[[Any], Any]]] = {  # by how a queryset is iterated
    ModelIterable: _model,
    ValuesListIterable: lambda _compiler: tuple,
}


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
        length = room(len(ids))
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
