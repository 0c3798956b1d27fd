"""Finding things the person may see."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils.functional import Promise

from bihuan.core.composition import listed
from bihuan.core.permissions import Permission
from bihuan.ledger.models import Event
from bihuan.search.models import Cursor
from bihuan.search.rules import (
    Part,
    Searched,
    for_postgres,
    for_sqlite,
    parts,
    place_of,
    title_pairs,
)
from bihuan.zones.models import Zone
from bihuan.zones.permissions import Standing

SHOWN = 20  # of each kind
LOOKED_AT = 5000  # hits of each kind that are checked for what the person may see
FIRST, FIRST_BY_FEW = 50, 500  # the first piece of them, the latter where few are theirs
NEAR = 5000  # of the newest entries tell whether a word is common
RARE = LOOKED_AT  # hits that are better all taken from the index than sought from the newest back
FEW = 10_000  # rows of a list that are better looked at one by one than all in its order
UNREAD = 2000  # events the index may be behind and still help a list
END = 2**63 - 1  # beyond any number of the index
Hit = tuple[int, str]  # the number of an entry, and its subject as hexadecimal digits
Newest = Callable[[int, int], list[Hit]]


@dataclass(frozen=True)
class Hits:
    """What was found of one kind, newest first. more says that there may be others."""

    name: str | Promise
    page: str
    rows: list[tuple[UUID, str, str]]
    more: bool


def find(standing: Standing, query: str) -> list[Hits]:
    """Return what a query finds in the zone of what the person may see, by kind.

    A kind without rows is named where the newest hits were not theirs and more are left.
    """
    wanted = parts(query)
    found = [_hits(standing, searched, wanted) for searched in kinds()] if wanted else []
    return [hits for hits in found if hits.rows or hits.more]


def _hits(standing: Standing, searched: Searched, wanted: Sequence[Part]) -> Hits:
    """Look at the newest hits piece by piece until a page is full."""
    newest = _newest(standing.zone, searched, wanted)
    size = FIRST if standing.scope(Permission.CASE_READ).whole_zone else FIRST_BY_FEW
    rows: list[tuple[UUID, str, str]] = []
    looked_at, before, more = 0, END, True
    while more and len(rows) <= SHOWN and looked_at < LOOKED_AT:
        size = min(size, LOOKED_AT - looked_at)
        piece = newest(before, size)
        ids = [subject for _number, subject in piece]
        theirs = {row[0].hex: row for row in searched.rows(standing, ids)} if ids else {}
        rows += [theirs[pk] for pk in ids if pk in theirs]
        looked_at += len(piece)
        more = len(piece) == size
        before = piece[-1][0] if piece else 0
        # as many as should fill the page, by the share that was theirs so far
        size = looked_at * (SHOWN + 1) * 5 // (4 * max(len(rows), 1))
    return Hits(searched.name, searched.page, rows[:SHOWN], more or len(rows) > SHOWN)


@dataclass
class Titles:
    """Which titles of a zone may hold some words: what spares a list looking at each of its rows.

    The index follows the ledger by up to a minute, so what the ledger has spoken of since
    counts as well. It is read first: what is indexed between the two is then in both,
    never in neither.
    """

    zone: Zone
    words: str

    def hold(self, kind: str, column: str, *, few: int | None = None) -> Q:
        """Return the condition that a column holds the words, in upper or lower case.

        column is part of the title that things of this kind are indexed under. Where no more
        than few may hold the words, only those are looked at; the words are looked for all
        the same, so the list is exact.
        """
        ids = self.may_hold(kind, few)
        holds = holding(column, self.words)
        return holds if ids is None else Q(pk__among=ids) & holds

    def may_hold(self, kind: str, few: int | None = None) -> list[str] | None:
        """Return the ids, as hexadecimal digits, of all that may hold the words; None for many."""
        pairs = title_pairs(self.words)
        searched = next((it for it in kinds() if it.kind == kind), None)
        if not pairs or searched is None or self._unread is None:
            return None
        found = _subjects([place_of(self.zone.pk, kind), *pairs], FEW if few is None else few)
        if found is None:
            return None
        later = (UUID(pk).hex for about, pk in self._unread if about in searched.abouts)
        return list(dict.fromkeys([*found, *later]))

    @cached_property
    def _unread(self) -> list[tuple[str, str]] | None:
        """What the ledger speaks of beyond the index; None where that is too much."""
        read = Cursor.objects.filter(zone=self.zone).values_list("seq", flat=True).first()
        # a query of its own: of a subquery's number PostgreSQL takes a third of the ledger to be
        events = Event.objects.filter(zone_id=self.zone.pk, seq__gt=read or 0)
        unread = list(events.values_list("about_type", "about_id")[: UNREAD + 1])
        return unread if len(unread) <= UNREAD else None


def holding(column: str, words: str) -> Q:
    """Return the condition that a column holds words, in upper or lower case."""
    if words.upper() == words.lower():  # Chinese: spares PostgreSQL changing each row's case
        return Q(**{f"{column}__contains": words})
    return Q(**{f"{column}__icontains": words})


def _subjects(tokens: Sequence[str], few: int) -> list[str] | None:
    """Return what has all tokens, as hexadecimal digits; None for more than a few."""
    if connection.vendor == "postgresql":
        asked = " & ".join(f"'{token}'" for token in tokens)
        sql = "SELECT subject FROM search_entry WHERE words @@ %s::tsquery LIMIT %s"
    else:
        asked = " AND ".join(f'"{token}"' for token in tokens)
        sql = (
            "SELECT subject FROM search_entry WHERE id IN"
            " (SELECT rowid FROM search_words WHERE search_words MATCH %s LIMIT %s)"
        )
    with connection.cursor() as cursor:
        cursor.execute(sql, [asked, few + 1])
        found = cursor.fetchall()
    if len(found) > few:
        return None
    return [getattr(subject, "hex", subject) for (subject,) in found]


def kinds() -> Sequence[Searched]:
    """Return the kinds of things the composition makes findable."""
    return [it for it in listed("SEARCH") if isinstance(it, Searched)]


def _newest(zone: Zone, searched: Searched, wanted: Sequence[Part]) -> Newest:
    """Return what tells so many hits before a number of the index, newest first."""
    place = place_of(zone.pk, searched.kind)
    if connection.vendor == "postgresql":
        return _on_postgres(zone, searched.kind, for_postgres(wanted, place))
    asked = for_sqlite(wanted, place)
    # without a transaction, which would wait for, and hold up, whoever writes
    return lambda before, size: _told(
        "SELECT entry.id, entry.subject FROM search_words CROSS JOIN search_entry AS entry"
        " ON entry.id = search_words.rowid WHERE search_words MATCH %s"
        " AND search_words.rowid < %s ORDER BY search_words.rowid DESC LIMIT %s",
        [asked, before, size],
    )


def _on_postgres(zone: Zone, kind: str, asked: str) -> Newest:
    """Seek a common word among the newest entries, and take all of a rare one from the index.

    For a GIN index knows no order. What is common is told by the newest entries, or by
    the index where it holds many.
    """
    rare: list[Hit] | None = None
    common = False

    def newest(before: int, size: int) -> list[Hit]:
        nonlocal rare, common
        if rare is None and not common:
            hits = _walked(zone, kind, asked, before, size, NEAR)
            if common := len(hits) == size:
                return hits
            hits = _all_of(asked)
            if common := len(hits) > RARE:
                return newest(before, size)
            rare = sorted(hits, reverse=True)
        if rare is None:
            return _walked(zone, kind, asked, before, size, None)
        return [hit for hit in rare if hit[0] < before][:size]

    return newest


def _all_of(asked: str) -> list[Hit]:
    """Return what the index holds, or one more than are rare."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")  # it may take rare words for common
        return _told(
            "SELECT id, subject FROM search_entry WHERE words @@ %s::tsquery LIMIT %s",
            [asked, RARE + 1],
        )


def _walked(
    zone: Zone, kind: str, asked: str, before: int, size: int, most: int | None
) -> list[Hit]:
    """Return hits of a kind before a number, looking back from it at the words of so many."""
    return _told(
        "SELECT id, subject FROM (SELECT id, subject, words, -id AS age FROM search_entry"
        " WHERE zone_id = %s AND kind = %s AND -id > %s ORDER BY -id LIMIT %s) AS entry"
        " WHERE words @@ %s::tsquery ORDER BY age LIMIT %s",
        [zone.pk, kind, -before, most, asked, size],
    )


def _told(sql: str, values: Sequence[Any]) -> list[Hit]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [(pk, getattr(subject, "hex", subject)) for pk, subject in cursor.fetchall()]
