"""Finding things the person may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils.functional import Promise

from bihuan.core.composition import listed
from bihuan.core.permissions import Permission
from bihuan.search.models import Entry
from bihuan.search.rules import Searched, for_postgres, for_sqlite, parts, place_of
from bihuan.zones.models import Zone
from bihuan.zones.permissions import Standing

SHOWN = 20  # of each kind
LOOKED_AT = 200  # hits of each kind that are checked for what the person may see
LOOKED_AT_BY_FEW = 5000  # where they reach but a part of the zone, most hits are not theirs


@dataclass(frozen=True)
class Hits:
    """What was found of one kind, newest first. more says that there may be others."""

    name: str | Promise
    page: str
    rows: list[tuple[UUID, str, str]]
    more: bool


def find(standing: Standing, query: str) -> list[Hits]:
    """Return what a query finds in the zone, by kind: two queries a kind."""
    wanted = parts(query)
    if not wanted:
        return []
    found = []
    whole_zone = standing.scope(Permission.CASE_READ).whole_zone
    most = LOOKED_AT if whole_zone else LOOKED_AT_BY_FEW
    for searched in kinds():
        ids = _ids(standing.zone, searched, wanted, most)
        rows = list(searched.rows(standing, ids)) if ids else []
        if rows:
            order = {pk: place for place, pk in enumerate(ids)}
            rows.sort(key=lambda row: order[row[0]])
            more = len(rows) > SHOWN or len(ids) == most
            found.append(Hits(searched.name, searched.page, rows[:SHOWN], more))
    return found


def kinds() -> Sequence[Searched]:
    """Return the kinds of things the composition makes findable."""
    return [it for it in listed("SEARCH") if isinstance(it, Searched)]


def _ids(zone: Zone, searched: Searched, wanted: Any, most: int) -> list[UUID]:
    place = place_of(zone.pk, searched.kind)
    if connection.vendor == "postgresql":
        numbers = _on_postgres(for_postgres(wanted, place), most)
    else:
        numbers = _on_sqlite(for_sqlite(wanted, place), most)
    subjects = dict(Entry.objects.filter(pk__in=numbers).values_list("pk", "subject"))
    return [subjects[number] for number in numbers if number in subjects]


def _on_postgres(asked: str, most: int) -> list[int]:
    with transaction.atomic(), connection.cursor() as cursor:
        # a word that is everywhere: take a part of its hits rather than all
        cursor.execute("SET LOCAL gin_fuzzy_search_limit = 20000")
        cursor.execute(
            "WITH hits AS MATERIALIZED"  # or else it walks back from the newest of any kind
            " (SELECT id FROM search_entry WHERE words @@ to_tsquery('simple', %s))"
            " SELECT id FROM hits ORDER BY id DESC LIMIT %s",
            [asked, most],
        )
        return [row[0] for row in cursor.fetchall()]


def _on_sqlite(asked: str, most: int) -> list[int]:
    """Ask without a transaction: it would wait for, and hold up, whoever writes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rowid FROM search_words WHERE search_words MATCH %s"
            " ORDER BY rowid DESC LIMIT %s",
            [asked, most],
        )
        return [row[0] for row in cursor.fetchall()]
