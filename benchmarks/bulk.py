"""Writing very many rows at once, without indexes and durability until all are there."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, models, transaction

from bihuan.cases.models import Case, Move
from bihuan.core.ids import new_id
from bihuan.core.models import insert_many
from bihuan.dossiers.models import Contact, Document, Dossier
from bihuan.enterprises.models import Enterprise
from bihuan.rounds.models import Entry, Visit

PIECE = 10_000
BIG = (Dossier, Enterprise, Contact, Document, Case, Move, Visit, Entry)


def maker(model: type[models.Model], **common: Any) -> Callable[..., Any]:
    """Return what makes a row of model from what differs, without Django's checks."""
    base = model(**common).__dict__
    named = isinstance(model._meta.pk, models.UUIDField)

    def make(**told: Any) -> Any:
        row = model.__new__(model)
        row.__dict__ = {**base, **({"id": new_id()} if named else {}), **told}
        return row

    return make


def fill(rows: Iterator[models.Model]) -> None:
    """Insert rows of any models as they come, in the order of their first row."""
    waiting: dict[type[models.Model], list[models.Model]] = {}
    count = 0
    for count, row in enumerate(rows, 1):
        waiting.setdefault(type(row), []).append(row)
        if count % (PIECE * 5) == 0:
            _insert(waiting)
    _insert(waiting)


@transaction.atomic
def _insert(waiting: dict[type[models.Model], list[models.Model]]) -> None:
    for kept in waiting.values():
        insert_many(kept)
    waiting.clear()


@contextmanager
def in_bulk() -> Iterator[None]:
    """Leave out indexes, foreign keys and durability until all rows are there."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA foreign_keys = OFF")
            cursor.execute("PRAGMA synchronous = OFF")
            cursor.execute("PRAGMA cache_size = -800000")
        else:
            cursor.execute("SET session_replication_role = replica")
            cursor.execute("SET maintenance_work_mem = '512MB'")
    with connection.schema_editor() as editor:
        for model in BIG:
            for index in model._meta.indexes:
                editor.remove_index(model, index)
    yield
    with connection.schema_editor() as editor:
        for model in BIG:
            for index in model._meta.indexes:
                editor.add_index(model, index)
    connection.close()  # and with it the settings above
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")
