"""Finding things the person may see."""

from collections.abc import Sequence
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
from bihuan.search.models import Cursor, Entry
from bihuan.search.rules import (
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
LOOKED_AT = 200  # hits of each kind that are checked for what the person may see
LOOKED_AT_BY_FEW = 5000  # where they reach but a part of the zone, most hits are not theirs
FEW = 10_000  # rows of a list that are better looked at one by one than all in its order
UNREAD = 2000  # events the index may be behind and still help a list


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
