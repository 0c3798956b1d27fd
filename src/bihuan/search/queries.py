"""Finding things the person may see."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from uuid import UUID

from django.core.cache import cache as remembered
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils.functional import Promise

from bihuan.core.composition import listed
from bihuan.ledger.models import Event
from bihuan.search.models import Cursor
from bihuan.search.rules import (
    Part,
    Searched,
    Seen,
    Share,
    for_postgres,
    for_sqlite,
    parts,
    place_of,
    title_pairs,
)
from bihuan.zones.models import Zone
from bihuan.zones.permissions import Standing

SHOWN = 20  # of each kind
RARE = 5000  # hits that are better all taken from the index than sought from the newest back
NEAR, NEAR_OF_SOME = 5000, 50_000  # entries that are looked at for a common word, the latter
# by who sees only some
HOLDS = "words @@ %s::tsquery"
FEW = 10_000  # rows of a list that are better looked at one by one than all in its order
REMEMBERED_S = 300  # for so long words that more held are taken to be common still
UNREAD = 2000  # events the index may be behind and still help a list


@dataclass(frozen=True)
class Hits:
    """What was found of one kind, newest first. more says that there may be others."""

    name: str | Promise
    page: str
    rows: list[tuple[UUID, str, str]]
    more: bool


def find(standing: Standing, query: str) -> list[Hits]:
    """Return what a query finds in the zone of what the person may see, by kind."""
    wanted = parts(query)
    found = [_hits(standing, searched, wanted) for searched in kinds()] if wanted else []
    return [hits for hits in found if hits.rows]


def _hits(standing: Standing, searched: Searched, wanted: Sequence[Part]) -> Hits:
    """Return the newest things of a kind that hold the words and that the person may see."""
    seen = searched.seen(standing)
    try:
        ids = _newest(standing.zone, searched.kind, wanted, _Theirs(seen))
    except EmptyResultSet:  # nothing is theirs
        ids = []
    rows = seen.rows.filter(pk__among=ids)
    lines = {row[0].hex: row for row in searched.lines(rows)} if ids else {}
    found = [lines[pk] for pk in ids if pk in lines]
    return Hits(searched.name, searched.page, found[:SHOWN], len(found) > SHOWN)


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
        found = self._indexed([place_of(self.zone.pk, kind), *pairs], FEW if few is None else few)
        if found is None:
            return None
        later = (UUID(pk).hex for about, pk in self._unread if about in searched.abouts)
        return list(dict.fromkeys([*found, *later]))

    @staticmethod
    def _indexed(tokens: Sequence[str], few: int) -> list[str] | None:
        """Ask the index; that it names many is remembered, as it only tells the way to look."""
        key = f"common-{few}-{hashlib.sha256(' '.join(tokens).encode()).hexdigest()}"
        if remembered.get(key):
            return None
        found = _subjects(tokens, few)
        if found is None:
            remembered.set(key, True, REMEMBERED_S)
        return found

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
    """Return what has all tokens, as hexadecimal digits; None for more than a few.

    How many there are is told by the index alone; the many are neither looked up nor sent.
    """
    if connection.vendor == "postgresql":
        asked = " & ".join(f"'{token}'" for token in tokens)
        found = "FROM search_entry WHERE words @@ %s::tsquery"
        entries = f"SELECT replace(subject::text, '-', '') {found} AND NOT (SELECT are FROM many)"  # noqa: S608
    else:
        asked = " AND ".join(f'"{token}"' for token in tokens)
        found = "FROM search_words WHERE search_words MATCH %s"
        entries = (
            "SELECT subject FROM many CROSS JOIN search_words CROSS JOIN search_entry AS entry"
            " ON entry.id = search_words.rowid WHERE NOT are AND search_words MATCH %s"
        )
    sql = (
        f"WITH many AS (SELECT COUNT(*) > %s AS are FROM (SELECT 1 {found} LIMIT %s) AS counted)"  # noqa: S608
        f" SELECT '' FROM many WHERE are UNION ALL {entries}"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [few, asked, few + 1, asked])
        subjects = [subject for (subject,) in cursor.fetchall()]
    return None if subjects == [""] else subjects


def kinds() -> Sequence[Searched]:
    """Return the kinds of things the composition makes findable."""
    return [it for it in listed("SEARCH") if isinstance(it, Searched)]


class _Theirs:
    """The condition, in SQL, that what an entry tells of is among what a person may see.

    Where that is little, its ids are fetched once; where much, each entry is asked.
    """

    def __init__(self, seen: Seen) -> None:
        self.share = seen.share
        self.sql, self.values = "TRUE", ()
        if seen.share in (Share.FEW, Share.LITTLE):
            ways = list(_sql_of(seen.ways))
            if not ways:
                raise EmptyResultSet
            self.ids = " UNION ALL ".join(sql for sql, _ in ways)
            # of a bare IN PostgreSQL makes a join, and loses the order
            self.sql = f"(entry.subject IN ({self.ids})) IS TRUE"
            self.values = tuple(value for _, values in ways for value in values)
        elif seen.share is Share.MUCH:
            one = seen.rows.filter(pk=RawSQL("entry.subject", ())).values("pk")
            sql, self.values = one.query.sql_with_params()
            self.sql = f"EXISTS ({sql} LIMIT 1 OFFSET 0)"


def _sql_of(ways: Sequence[QuerySet[Any]]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    for rows in ways:
        with suppress(EmptyResultSet):
            yield rows.values("pk").query.sql_with_params()


def _newest(zone: Zone, kind: str, wanted: Sequence[Part], theirs: _Theirs) -> list[str]:
    """Return the newest that hold the words and are theirs, one more than are shown."""
    place = place_of(zone.pk, kind)
    if connection.vendor == "postgresql":
        return _on_postgres(zone, kind, for_postgres(wanted, place), theirs)
    # without a transaction, which would wait for, and hold up, whoever writes
    return _told(
        "SELECT subject FROM search_words CROSS JOIN search_entry AS entry"  # noqa: S608
        f" ON entry.id = search_words.rowid WHERE search_words MATCH %s AND {theirs.sql}"
        " ORDER BY search_words.rowid DESC LIMIT %s",
        [for_sqlite(wanted, place), *theirs.values, SHOWN + 1],
    )


def _on_postgres(zone: Zone, kind: str, asked: str, theirs: _Theirs) -> list[str]:
    """Look up the few that are theirs; else seek a common word among the newest entries, and
    take a rare one from the index.

    For a GIN index knows no order. What is common the planner guesses well enough.
    """
    if theirs.share is Share.FEW:
        return _told(
            "WITH entry AS MATERIALIZED (SELECT id, subject FROM search_entry WHERE zone_id = %s"  # noqa: S608
            f" AND kind = %s AND subject = ANY(ARRAY({theirs.ids})) AND {HOLDS})"
            " SELECT subject FROM entry ORDER BY id DESC LIMIT %s",
            [zone.pk, kind, *theirs.values, asked, SHOWN + 1],
        )
    if _guessed(asked) > RARE:
        near = NEAR if theirs.share is Share.ALL else NEAR_OF_SOME
        found = _walked(zone, kind, asked, theirs, near)
        if len(found) > SHOWN:
            return found
    return _told(
        "WITH entry AS MATERIALIZED (SELECT id, subject FROM search_entry"  # noqa: S608
        f" WHERE {HOLDS}) SELECT subject FROM entry WHERE {theirs.sql} ORDER BY id DESC LIMIT %s",
        [asked, *theirs.values, SHOWN + 1],
    )


def _guessed(asked: str) -> int:
    """Return how many entries of a kind PostgreSQL thinks hold the rarest of the words.

    Of several it would think that they fall together by chance, as neighbours do not.
    """
    place, *words = asked.split(" & ")
    one = f"SELECT FROM search_entry WHERE {HOLDS}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"EXPLAIN (FORMAT JSON) {' UNION ALL '.join([one] * len(words))}",
            [f"{place} & {word}" for word in words],
        )
        ((told,),) = cursor.fetchall()
    plan = told[0]["Plan"]
    return min(int(it["Plan Rows"]) for it in (plan["Plans"] if len(words) > 1 else [plan]))


def _walked(zone: Zone, kind: str, asked: str, theirs: _Theirs, most: int) -> list[str]:
    """Look back from the newest of a kind: at those that are theirs for the words, or the reverse."""
    held, ours = (HOLDS, (asked,)), (theirs.sql, theirs.values)
    (first, one), (then, two) = (ours, held) if theirs.share is Share.LITTLE else (held, ours)
    return _told(
        "SELECT subject FROM (SELECT subject, words, age FROM"  # noqa: S608
        " (SELECT subject, words, -id AS age FROM search_entry"
        " WHERE zone_id = %s AND kind = %s ORDER BY -id LIMIT %s) AS entry"
        f" WHERE {first} ORDER BY age OFFSET 0) AS entry WHERE {then} ORDER BY age LIMIT %s",
        [zone.pk, kind, most, *one, *two, SHOWN + 1],
    )


def _told(sql: str, values: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [getattr(subject, "hex", subject) for (subject,) in cursor.fetchall()]
