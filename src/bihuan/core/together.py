"""Several lists asked for in one query: how many rows each has, and its first.

A list that a row may be in for one of several reasons ("my own, or of a dossier of mine") is
asked for once for each reason, so that each is one walk along an index. Asked for as one
condition with OR, the database looks at every row, or, on SQLite, trusts to luck. And what
is found through others ("of a dossier of mine") is looked for by those: PostgreSQL, which
takes the live cases to be few, would look at each of them and ask whose it is.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Lookup, Model, QuerySet
from django.db.models.lookups import In
from django.db.models.sql import Query
from django.db.models.sql.where import AND, OR, WhereNode

from bihuan.core.models import Among
from bihuan.core.ready import told

Asked = tuple[str, list[Any]]
T = TypeVar("T")


@dataclass(frozen=True)
class Together(Generic[T]):
    """Several lists compiled into one query, to be asked for now or many times (core.ready)."""

    models: tuple[type[Model], ...]
    sql: str
    params: list[Any]
    places: tuple[int, ...]  # of the lists that can hold a row
    read: Callable[[Any], T]

    def ask(self, **values: Any) -> list[T]:
        """Return what each list is asked for, for these values; one query."""
        found: list[Any] = [None] * len(self.models)
        if self.places:
            with connection.cursor() as cursor:
                cursor.execute(self.sql, told(self.params, values))
                for place, value in zip(self.places, cursor.fetchone(), strict=True):
                    found[place] = value
        return list(map(self.read, found))


def counts(querysets: Sequence[QuerySet[Any]], *, at_most: int | None = None) -> Together[int]:
    """Return the query for how many rows each queryset has, counted no further than at_most."""

    def counted(rows: QuerySet[Any]) -> Asked:
        rows = rows.order_by()
        sql, params = _united([it.values("pk")[:at_most] for it in ways(rows)])
        limit = "" if at_most is None else f" LIMIT {at_most}"
        return f"(SELECT COUNT(*) FROM ({sql}{limit}) AS counted)", params  # noqa: S608

    return _together(querysets, counted, lambda it: it or 0)


def firsts(querysets: Sequence[QuerySet[Any]], *, at_most: int) -> Together[list[UUID]]:
    """Return the query for the first ids of each queryset, in its own order.

    The order is of columns, rising.
    """

    def first(rows: QuerySet[Any]) -> Asked:
        columns = [name for name in rows.query.order_by if name != "pk"]
        few = [it.values_list("pk", *columns)[:at_most] for it in ways(rows)]
        sql, params = _united(few)
        order = ", ".join(str(place) for place in (*range(2, len(columns) + 2), 1))
        sql = f"SELECT pk FROM ({sql} ORDER BY {order} LIMIT {at_most}) AS few"  # noqa: S608
        if connection.vendor == "sqlite":
            return f"(SELECT json_group_array(pk) FROM ({sql}))", params  # noqa: S608
        return f"ARRAY({sql})", params

    return _together(querysets, first, _ids)


def _ids(found: Any) -> list[UUID]:
    ids = json.loads(found) if isinstance(found, str) else found or ()
    return [it if isinstance(it, UUID) else UUID(it) for it in ids]


def ways(rows: QuerySet[Any]) -> list[QuerySet[Any]]:
    """Return querysets that together hold the rows, one for each reason a row may be among them.

    A reason is one side of an OR of which another side asks elsewhere. A row may be in several.
    """
    where: Any = rows.query.where
    if where.connector != AND or where.negated:
        return [rows]
    for place, condition in enumerate(where.children):
        if _is_choice(condition) and asks_elsewhere(condition):
            others = [*where.children[:place], *where.children[place + 1 :]]
            return [_way(rows, [reason, *others]) for reason in condition.children]
    return [_way(rows, where.children)]


def _way(rows: QuerySet[Any], conditions: Sequence[Any]) -> QuerySet[Any]:
    way = rows.all()
    first = connection.vendor == "postgresql"
    way.query.where = WhereNode([_by_those(it) if first else it for it in conditions])
    return way


def _by_those(condition: Any) -> Any:
    """Return a condition so that what its subqueries find is found first, and then looked up."""
    if isinstance(condition, WhereNode) and condition.connector == AND and not condition.negated:
        return WhereNode(list(map(_by_those, condition.children)))
    if isinstance(condition, In) and isinstance(condition.rhs, Query):
        return Among(condition.lhs, condition.rhs)
    return condition


def asks_elsewhere(condition: Any) -> bool:
    """Say whether a condition holds a subquery, or a list that is given as one."""
    if isinstance(condition, WhereNode):
        return any(map(asks_elsewhere, condition.children))
    is_plain = isinstance(condition, Lookup) and condition.lookup_name != "among"
    return not is_plain or hasattr(condition.rhs, "as_sql")


def _is_choice(condition: Any) -> bool:
    return isinstance(condition, WhereNode) and condition.connector == OR and not condition.negated


def _united(querysets: Sequence[QuerySet[Any]]) -> Asked:
    """Return the rows of all, each once; EmptyResultSet where none can have any."""
    parts: list[str] = []
    params: list[Any] = []
    for rows in querysets:
        try:
            sql, given = rows.query.sql_with_params()
        except EmptyResultSet:
            continue
        parts.append(f"SELECT * FROM ({sql}) AS way")  # noqa: S608
        params += given
    if not parts:
        raise EmptyResultSet
    return " UNION ".join(parts), params


def _together(
    querysets: Sequence[QuerySet[Any]],
    ask: Callable[[QuerySet[Any]], Asked],
    read: Callable[[Any], T],
) -> Together[T]:
    parts: dict[int, str] = {}
    params: list[Any] = []
    for place, rows in enumerate(querysets):
        try:
            parts[place], given = ask(rows)
        except EmptyResultSet:
            continue
        params += given
    sql = f"SELECT {', '.join(parts.values())}"
    return Together(tuple(it.model for it in querysets), sql, params, tuple(parts), read)
