"""Keeping the index: it follows the ledger, and can be made anew from it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from bihuan.core.actors import System
from bihuan.ledger.models import Event
from bihuan.search.models import Cursor, Entry
from bihuan.search.queries import kinds
from bihuan.search.rules import Searched, entry_words, place_of
from bihuan.zones.models import Zone

INDEXER = System("search index")
EVENTS = 2000  # read at a time


def follow_ledger(*, zone: Zone, by: System = INDEXER, at: datetime) -> int:
    """Index what the ledger has spoken of since the last time; return how many things.

    Each piece is one transaction with its place in the ledger, so a job that dies goes
    on where it was.
    """
    indexed = 0
    while piece := _piece(zone):
        indexed += piece
    return indexed


@transaction.atomic
def _piece(zone: Zone) -> int:
    Cursor.objects.get_or_create(zone=zone)
    cursor = Cursor.objects.select_for_update().get(zone=zone)
    events = Event.objects.filter(zone_id=zone.pk, seq__gt=cursor.seq).order_by("seq")
    rows = list(events.values_list("seq", "about_type", "about_id")[:EVENTS])
    if not rows:
        return 0
    for searched in kinds():
        ids = dict.fromkeys(
            UUID(about_id) for _seq, about, about_id in rows if about in searched.abouts
        )
        _index(zone, searched, list(ids))
    cursor.seq = rows[-1][0]
    cursor.save(update_fields=["seq"])
    return len(rows)


def _index(zone: Zone, searched: Searched, ids: Sequence[UUID]) -> None:
    texts = list(searched.texts(zone, ids)) if ids else []
    if not texts:
        return
    Entry.objects.bulk_create(
        (Entry(zone=zone, kind=searched.kind, subject=it.subject) for it in texts),
        ignore_conflicts=True,
    )
    known = Entry.objects.filter(
        zone=zone, kind=searched.kind, subject__in=[it.subject for it in texts]
    )
    numbers = dict(known.values_list("subject", "pk"))
    place = place_of(zone.pk, searched.kind)
    _write((numbers[it.subject], entry_words(place, it.title, it.text)) for it in texts)


def _write(rows: Iterable[tuple[int, str]]) -> None:
    """Put words under the numbers of their entries, in place of those that were there."""
    written: list[Any] = list(rows)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.executemany(
                "UPDATE search_entry SET words = array_to_tsvector(string_to_array(%s, ' '))"
                " WHERE id = %s",
                [(words, number) for number, words in written],
            )
            return
        cursor.executemany(
            "DELETE FROM search_words WHERE rowid = %s", [(number,) for number, _words in written]
        )
        cursor.executemany("INSERT INTO search_words (rowid, words) VALUES (%s, %s)", written)


@transaction.atomic
def begin_anew(*, zone: Zone, by: System = INDEXER, at: datetime) -> None:
    """Let the index of a zone be read from the beginning of its ledger again."""
    Cursor.objects.filter(zone=zone).update(seq=0)
