"""The page of a dossier: its header, what other apps put on it, and its history.

composition.PANELS maps a kind of dossier to the Panels of its page; docs/develop/pages.md
shows how an app writes one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from bihuan.accounts.models import Person
from bihuan.core.actors import part_of_system
from bihuan.core.composition import listed, table
from bihuan.core.permissions import Permission
from bihuan.core.ready import Given, Ready
from bihuan.dossiers.models import Document, Dossier, DossierState, Risk
from bihuan.dossiers.queries import fact, origins, reaches
from bihuan.dossiers.rules import EXPIRY_NAMES, EXPIRY_TONES, expiry
from bihuan.dossiers.tables import RISK_BADGES, STATE_BADGES
from bihuan.ledger.queries import Line, history
from bihuan.ui.cells import Badge
from bihuan.ui.components import Fact, Moment
from bihuan.ui.links import page
from bihuan.zones.models import Cell
from bihuan.zones.permissions import who_asks

Draw = Callable[[HttpRequest, Dossier], str]

_DOCUMENTS = Ready(
    lambda: Document.objects.filter(
        zone=Given("zone"), dossier=Given("dossier"), withdrawn_at=None
    ).order_by("valid_to", "kind")
)


@dataclass(frozen=True, kw_only=True)
class Panels:
    """What stands on the page of one kind of dossier, from above to below.

    Each function gets the request and the dossier (with zone, cell, unit and contact
    loaded) and returns safe HTML, or "" where it has nothing to show. list_page is the
    list the page is reached from.
    """

    list_name: str | Promise
    list_page: str
    main: tuple[Draw, ...] = ()
    side: tuple[Draw, ...] = ()


def whole(request: HttpRequest, dossier: Dossier) -> dict[str, Any]:
    """Return everything the page of a dossier shows."""
    panels: Panels = table("PANELS")[dossier.kind]
    standing = who_asks(request)
    return {
        "dossier": dossier,
        "list_name": panels.list_name,
        "list_url": page(panels.list_page, standing.zone.slug),
        "may_give_account": standing.may(Permission.PEOPLE_MANAGE),
        "state": STATE_BADGES[DossierState(dossier.state)],
        "risk": RISK_BADGES[Risk(dossier.risk)],
        "main": [draw(request, dossier) for draw in panels.main],
        "side": [draw(request, dossier) for draw in panels.side],
        "may_edit": reaches(standing, Permission.DOSSIER_EDIT, dossier),
    }


def header(request: HttpRequest, dossier: Dossier) -> str:
    """The facts every dossier has; who answers stands in a panel of its own."""
    standing = who_asks(request)
    context = {
        "dossier": dossier,
        "facts": _header_facts(dossier),
        "may_edit": reaches(standing, Permission.DOSSIER_EDIT, dossier),
    }
    return render_to_string("dossiers/_header.html", context, request)


def _header_facts(dossier: Dossier) -> list[Fact]:
    known = origins(dossier)
    place = None
    if dossier.lat is not None:
        place = f"{dossier.lat:f}, {dossier.lng:f}"
    return [
        Fact(label=_("Dossier code"), value=dossier.code),
        Fact(label=_("Grid cell"), value=dossier.cell.name),
        Fact(label=_("Responsible unit"), value=dossier.unit.name if dossier.unit else None),
        fact(_("Place"), dossier.place, known.get("place")),
        fact(_("Coordinates"), place, known.get("lat")),
        Fact(label=_("Last visited"), value=_day(dossier.last_visited_on)),
    ]


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def who_answers(request: HttpRequest, dossier: Dossier) -> str:
    """The contact since when, and the leader of the cell."""
    standing = who_asks(request)
    context = {
        "dossier": dossier,
        "since": getattr(dossier, "contact_since", None),
        "may_see_load": standing.may(Permission.CONTACT_READ),
        "may_hand_over": reaches(standing, Permission.DOSSIER_HAND_OVER, dossier),
    }
    return render_to_string("dossiers/_who.html", context, request)


@dataclass(frozen=True)
class Paper:
    """A document with how near its end is."""

    document: Document
    kind: str | Promise
    badge: Badge


def documents(request: HttpRequest, dossier: Dossier) -> str:
    """The dossier's papers in use, those that end first on top."""
    standing = who_asks(request)
    names = dict(listed("DOCUMENT_KINDS"))
    today = timezone.localdate()
    papers = []
    for row in _DOCUMENTS.ask(zone=dossier.zone_id, dossier=dossier.pk):
        step = expiry(row.valid_to, today=today)
        badge = Badge(EXPIRY_NAMES[step], EXPIRY_TONES[step])
        papers.append(Paper(row, names.get(row.kind, row.kind), badge))
    context = {
        "dossier": dossier,
        "papers": sorted(papers, key=lambda it: it.document.valid_to or date.max),
        "may_edit": reaches(standing, Permission.DOSSIER_EDIT, dossier),
    }
    return render_to_string("dossiers/_documents.html", context, request)


def later_history(request: HttpRequest, dossier: Dossier) -> str:
    """The place of the history, which is fetched when the page stands."""
    return render_to_string("dossiers/_history.html", {"dossier": dossier}, request)


def moments(dossier: Dossier, *, limit: int) -> list[Moment]:
    """Return what happened to the dossier, newest first. At most three queries."""
    lines = history(dossier.zone_id, ("dossier", str(dossier.pk)), limit=limit)
    names = _names(lines)
    words, fields = table("EVENTS"), table("EVENT_FIELDS")
    return [
        Moment(
            at=line.at,
            title=words.get(line.kind, line.kind),
            who=_who(line.actor, names),
            text="\n".join(_details(line, names, fields)),
            tone="blue",
        )
        for line in lines
    ]


def _who(actor: str, names: dict[str, str]) -> str:
    key = actor.partition(":")[2]
    return names.get(key) or part_of_system(key)


def _names(lines: Iterable[Line]) -> dict[str, str]:
    """Return id -> name of the people and cells the lines speak of. Two queries."""
    wanted: set[UUID] = set()
    for line in lines:
        said = (line.actor.partition(":")[2], line.data.get("from"), line.data.get("to"))
        for text in (*said, line.data.get("contact"), line.data.get("cell")):
            try:
                wanted.add(UUID(str(text)))
            except ValueError:
                continue
    if not wanted:
        return {}
    people = Person.objects.filter(pk__in=wanted).values_list("pk", "name")
    cells = Cell.objects.filter(pk__in=wanted).values_list("pk", "name")
    return {str(pk): name for pk, name in (*people, *cells)}


def _details(line: Line, names: dict[str, str], fields: dict[str, Any]) -> Iterable[str]:
    """Yield what an event says in words: what changed from what to what, and why."""
    before, after = line.data.get("from"), line.data.get("to")
    if isinstance(before, dict) and isinstance(after, dict):
        for name in line.data.get("facts") or sorted({*before, *after}):
            change = _change(name, before.get(name), after.get(name))
            yield _("%(label)s: %(change)s") % {"label": fields.get(name, name), "change": change}
        return
    if "to" in line.data:
        yield f"{_said(before, names)} → {_said(after, names)}"
    for name in ("name", "number", "address", "reason", "valid_to"):
        if line.data.get(name):
            yield _("%(label)s: %(change)s") % {
                "label": fields.get(name, name),
                "change": line.data[name],
            }


def _change(name: str, before: Any, after: Any) -> str:
    if name in listed("SEALED_FACTS"):
        return _("changed (personal data stays out of the ledger)")
    return f"{_said(before, {})} → {_said(after, {})}"


def _said(value: Any, names: dict[str, str]) -> str:
    if value is None or value == "" or value == []:
        return "—"
    if isinstance(value, bool):
        return str(_("yes")) if value else str(_("no"))
    if isinstance(value, list):
        return "、".join(str(it) for it in value)
    known = names.get(str(value)) or table("VALUE_WORDS").get(str(value))
    return str(known or value)
