"""What every record has, and how many are written at once."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models.expressions import Col

from bihuan.core.ids import new_id

Writer = Callable[[Any], Any]
_AS_THEY_ARE = (
    models.CharField,
    models.TextField,
    models.IntegerField,
    models.BooleanField,
    models.BinaryField,
)


class Record(models.Model):
    """A row named by a UUIDv7, which a phone without signal can make for itself."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        abstract = True


@models.BooleanField.register_lookup
class _Is(models.lookups.Exact[Any]):
    """column = 1, where Django would write the bare column: SQLite finds only this in an index."""

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        if not isinstance(self.lhs, Col):  # EXISTS (…), (a, b) > (x, y): as they stand
            return self.as_sql(compiler, connection)
        return super(models.lookups.Exact, self).as_sql(compiler, connection)


@models.UUIDField.register_lookup
class Among(models.Lookup[Any]):
    """id__among=ids: like __in, with one parameter however many they are.

    Or among those that a query finds: PostgreSQL asks for these first, and looks each up.
    """

    lookup_name = "among"
    prepare_rhs = False

    def _ids(self) -> list[str]:
        if not self.rhs:
            raise EmptyResultSet
        return [it.hex if isinstance(it, UUID) else it for it in self.rhs]

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        sql, params = self.process_lhs(compiler, connection)
        if hasattr(self.rhs, "as_sql"):
            asked, given = self.process_rhs(compiler, connection)
            return f"{sql} = ANY(ARRAY{asked})", [*params, *given]
        return f"{sql} = ANY(%s::uuid[])", [*params, self._ids()]

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        sql, params = self.process_lhs(compiler, connection)
        listed = f"{sql} IN (SELECT value FROM json_each(%s))"  # noqa: S608
        return listed, [*params, json.dumps(self._ids())]


def insert_many(rows: Sequence[models.Model]) -> None:
    """Insert complete new rows of one model: bulk_create for the hundred thousands.

    About a third of bulk_create's time, because each column's way into the database is
    decided once for the model and not once for every value. Every key is set by the
    caller, but for numbers that the database counts, which are not read back; no default
    of the database is used.
    """
    if not rows:
        return
    insert_plain(type(rows[0]), [row.__dict__ for row in rows])
    for row in rows:
        row._state.adding = False
        row._state.db = connection.alias


def insert_plain(model: type[models.Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows given as attribute name -> value, every one of them, where no object is needed."""
    if not rows:
        return
    sql, columns = _plan(model, connection.vendor)
    values = [
        [write(told[name]) if write else told[name] for name, write in columns] for told in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(sql, values)


@lru_cache(maxsize=64)
def _plan(model: type[models.Model], _vendor: str) -> tuple[str, list[tuple[str, Writer | None]]]:
    quote = connection.ops.quote_name
    fields = [
        it for it in model._meta.local_concrete_fields if not isinstance(it, models.AutoField)
    ]
    names = ", ".join(quote(field.column or "") for field in fields)
    places = ", ".join(["%s"] * len(fields))
    sql = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({places})"  # noqa: S608
    return sql, [(field.attname, _writer(field)) for field in fields]


def _writer(field: Any) -> Writer | None:
    """Return how a value of field is given to the database; None: as it is."""
    target = field
    while target.remote_field:
        target = target.target_field
    if isinstance(target, _AS_THEY_ARE):
        return None
    if isinstance(target, models.UUIDField):
        if connection.features.has_native_uuid_field:
            return None
        return lambda value: None if value is None else value.hex
    return lambda value: None if value is None else target.get_db_prep_save(value, connection)
