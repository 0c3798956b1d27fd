"""How a ledger looks: who did what to what, when; newest first, paged by number."""

import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from bihuan.core.actors import part_of_system
from bihuan.core.composition import listed, table
from bihuan.ledger.models import Event
from bihuan.ledger.queries import told_in
from bihuan.ui import links, tables
from bihuan.ui.components import Fact
from bihuan.ui.filters import Choice, Days, Words
from bihuan.ui.tables import Badge, Column, Table

SYSTEM = "system:"
PERSON = "person:"
Rows = QuerySet[Any]


def kinds(request: HttpRequest) -> Iterable[tuple[str, Any]]:
    return sorted(listed("EVENTS"), key=lambda pair: str(pair[0]))


def by_person(rows: Rows, words: str) -> Rows:
    """Keep what people of that name did."""
    people = get_user_model().objects.filter(name__icontains=words).values_list("pk", flat=True)
    return rows.filter(actor__in=[f"{PERSON}{pk}" for pk in people[:100]])


def about(rows: Rows, text: str) -> Rows:
    """Keep what is about one thing, named "case:<id>"."""
    kind, _colon, name = text.partition(":")
    return rows.filter(about_id=name, about_type=kind)


def words_of(kind: str) -> str:
    """Return an event's kind in words."""
    return str(dict(listed("EVENTS")).get(kind, kind))


def names_of(actors: Iterable[str]) -> Mapping[str, str]:
    """Return how each actor is called; one query for all the people among them."""
    ids = {actor: _person_id(actor) for actor in set(actors) if actor.startswith(PERSON)}
    people = get_user_model().objects.filter(pk__in=[pk for pk in ids.values() if pk])
    known = {f"{PERSON}{pk}": name for pk, name in people.values_list("pk", "name")}
    return {actor: known.get(actor, _("someone no longer known")) for actor in ids}


def called(zone: UUID, abouts: Iterable[tuple[str, str]]) -> Mapping[tuple[str, str], str]:
    """Return what (sort, id) goes by today, where it is known; one query a sort."""
    wanted: dict[str, list[str]] = {}
    for sort, name in abouts:
        if _id_of(name):
            wanted.setdefault(sort, []).append(name)
    people = wanted.pop("person", [])
    found = {
        ("person", actor.removeprefix(PERSON)): name
        for actor, name in names_of(f"{PERSON}{pk}" for pk in people).items()
    }
    for sort, (model, column) in table("SUBJECT_NAMES").items():
        if ids := wanted.get(sort):
            rows = apps.get_model(model)._base_manager.filter(zone_id=zone, pk__in=ids)
            found |= {(sort, str(pk)): name for pk, name in rows.values_list("pk", column)}
    return found


def _person_id(actor: str) -> UUID | None:
    return _id_of(actor.removeprefix(PERSON))


def _id_of(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None


def name_of(actor: str, names: Mapping[str, str]) -> str:
    """Return a person's name, or which part of the system it was."""
    if actor.startswith(SYSTEM):
        return _("system: %(part)s") % {"part": part_of_system(actor.removeprefix(SYSTEM))}
    return names.get(actor, actor)


def facts_of(data: Mapping[str, Any]) -> list[Fact]:
    """Return what an event says, in words: each detail by its name, a change as old → new.

    Ids, digests and what was left empty stay in the recorded text only.
    """
    names, facts = table("EVENT_FIELDS"), []
    before, after = data.get("from"), data.get("to")
    if isinstance(before, dict) and isinstance(after, dict):
        changed = [key for key in {**before, **after} if before.get(key) != after.get(key)]
        facts += [
            Fact(label=names[key], value=f"{_told(before.get(key))} → {_told(after.get(key))}")
            for key in changed
            if key in names
        ]
    elif _told(after) and before != after:
        facts.append(Fact(label=_("Change"), value=f"{_told(before) or '—'} → {_told(after)}"))
    return facts + [
        Fact(label=names[key], value=_told(value))
        for key, value in data.items()
        if key in names and key not in ("from", "to") and _told(value)
    ]


def _told(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return "、".join(filter(None, map(_told, value)))
    if value is None or isinstance(value, dict) or _OPAQUE.fullmatch(str(value)):
        return ""
    return str(table("VALUE_WORDS").get(str(value), value))


_OPAQUE = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{64}")  # an id or a digest


def subject(
    zone: str, about_type: str, about_id: str, data: Mapping[str, Any], *, called: str = ""
) -> str:
    """Return what an event is about as safe HTML: its sort, its name, a link where it has a page.

    called: the name it goes by today, for events that hold none.
    """
    sorts = {name: (label, page) for name, label, page in listed("SUBJECTS")}
    label, page = sorts.get(about_type, (about_type, ""))
    own = data.get("number") or _told(data.get("name")) or called or about_id[-8:]
    text = escape(f"{label} {own}")
    try:
        before, after = links.around(page, zone)
        return f'<a href="{before}{UUID(about_id)}{after}">{text}</a>'
    except (ValueError, NoReverseMatch):  # it has no page, or none by that id
        return text


LEDGER = Table(
    name="ledger",
    caption=gettext_lazy("Ledger"),
    order="-seq",
    empty=gettext_lazy("Nothing has been recorded yet."),
    filters=(
        Choice(key="kind", label=pgettext_lazy("ledger", "What happened"), choices=kinds),
        Words(key="who", label=gettext_lazy("Who"), apply=by_person),
        Days(key="at", label=gettext_lazy("When"), field="at__date", main=False),
        Words(key="about", label=gettext_lazy("About (sort:id)"), apply=about, main=False),
    ),
    columns=(
        Column(key="seq", label=gettext_lazy("No."), draw=lambda pair: pair),
        Column(key="at", label=gettext_lazy("When"), kind=tables.Kind.DATETIME),
        Column(key="actor", label=gettext_lazy("Who")),
        Column(key="kind", label=pgettext_lazy("ledger", "What happened"), wide=True),
        Column(key="about", label=gettext_lazy("To what"), draw=lambda html: html, wide=True),
        Column(
            key="origin",
            label=gettext_lazy("Origin"),
            kind=tables.Kind.BADGE,
            badges={
                "here": Badge(gettext_lazy("made here"), "grey"),
                "import": Badge(gettext_lazy("imported"), "purple"),
            },
        ),
    ),
)


class LedgerPage(tables.Page):
    """A page of one zone's ledger: ?after=, ?before= and ?no= are numbers in it."""

    jump_key = "no"

    def __init__(self, request: HttpRequest, zone: Any, size: int) -> None:
        self.place_in = zone
        self.size = size
        super().__init__(LEDGER, request, Event.objects.filter(zone_id=zone.pk), None)
        if not self.chosen.values:
            self._total = size

    def _read(self) -> None:
        size, given = self.table.per_page, self.request.GET
        rows = self.rows_all.values_list(
            "seq", "at", "actor", "kind", "about_type", "about_id", "origin", "body"
        )
        after, before = _number(given.get("after")), _number(given.get("before"))
        sought = _number(given.get(self.jump_key))
        to_end = given.get("before") == "last"
        if sought:
            after = sought + 1
            to_end = not rows.filter(seq__lt=after).exists()  # the oldest are the nearest
        if to_end or (before is not None and after is None):
            older = rows if before is None else rows.filter(seq__gt=before)
            found = list(older.order_by("seq")[: size + 1])
            newer, more = len(found) > size, before is not None
            found = found[:size][::-1]
        else:
            past = rows if after is None else rows.filter(seq__lt=after)
            found = list(past.order_by("-seq")[: size + 1])
            newer, more = after is not None and after <= self.size, len(found) > size
            found = found[:size]
        self.numbers = [row[0] for row in found]
        self.rows = self._drawn(found)
        self.next = self._address({"after": str(found[-1][0])}) if found and more else ""
        self.previous = self._address({"before": str(found[0][0])}) if found and newer else ""

    def _drawn(self, found: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        names = names_of(row[2] for row in found)
        own = called(self.place_in.pk, ((row[4], row[5]) for row in found))
        slug = self.place_in.slug
        before, after = reverse("ledger:event", args=(slug, 0)).rsplit("0", 1)
        rows = []
        for seq, at, actor, kind, sort, name, origin, body in found:
            number = f'<a href="{before}{seq}{after}">{seq}</a>'
            data, _files = told_in(body)
            what = subject(slug, sort, name, data, called=own.get((sort, name), ""))
            rows.append((seq, number, at, name_of(actor, names), words_of(kind), what, origin))
        return rows

    @property
    def said(self) -> str:
        words = {"first": self.numbers[0], "last": self.numbers[-1], "total": self.total_said}
        return _("No. %(first)s–%(last)s; %(total)s in all") % words

    @property
    def leaves(self) -> int:
        """The greatest number to jump to."""
        return self.size


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None
