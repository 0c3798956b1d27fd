"""What pages ask about cases."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import ngettext

from bihuan.accounts.models import Person
from bihuan.cases.models import Case, Evidence, Move, Origin
from bihuan.cases.permissions import allows
from bihuan.cases.rules.declaration import (
    Attempt,
    Hand,
    Input,
    Kind,
    MoveRule,
    Situation,
    Status,
    Words,
)
from bihuan.cases.rules.story import BEGINNING_WORDS, Told, fold, not_offered
from bihuan.core.composition import listed
from bihuan.core.days import day_of
from bihuan.core.permissions import ROLES
from bihuan.core.working_days import WorkCalendar
from bihuan.files.models import StoredFile
from bihuan.zones.models import Post, Unit, UnitKind, Zone
from bihuan.zones.permissions import Standing
from bihuan.zones.rules import Rest

THE_ENTERPRISE = "own"  # what a form sends for the organisation the dossier is about


def kind_of(code: str) -> Kind:
    """Return the declaration of a kind of case; KeyError if no domain declares it."""
    for kind in listed("KINDS"):
        if isinstance(kind, Kind) and kind.code == code:
            return kind
    raise KeyError(code)


def told(moves: Iterable[Move]) -> list[Told]:
    """Return stored moves as the rules read them."""
    return [Told(move.name, move.at, move.by_id, move.data) for move in moves]


def situation_of(case: Case, calendar: WorkCalendar) -> Situation:
    """Return where a case stands, from its moves; one query."""
    return fold(kind_of(case.kind), told(case.moves.order_by("seq")), calendar)


@dataclass(frozen=True)
class Choice:
    """A move the declaration knows from here: to be had, or why not; onward is the usual way."""

    rule: MoveRule
    blocked: Words | None
    onward: bool


def choices(standing: Standing, case: Case, situation: Situation, *, at: datetime) -> list[Choice]:
    """Return the moves this person's posts open on a case, with what blocks each.

    The usual way on comes first, then what turns aside, each as declared.
    """
    units = frozenset(post.unit_id for post in standing.posts if post.unit_id)
    attempt = Attempt(standing.person.pk, units, at)
    found = [
        Choice(rule, not_offered(rule, situation, attempt), case.status in rule.onward)
        for rule in kind_of(case.kind).moves
        if rule.hand is not Hand.SYSTEM
        and case.status in rule.sources
        and allows(standing, rule.permission, case)
    ]
    return sorted(found, key=lambda it: not it.onward)


@dataclass(frozen=True)
class Line:
    """One line of a case's story."""

    move: Move
    words: Words
    details: Sequence[tuple[Words, str]]
    evidence: Sequence[Evidence]


def story(case: Case) -> list[Line]:
    """Return the story of a case from finding to end; two queries."""
    kind = kind_of(case.kind)
    by_move: dict[UUID, list[Evidence]] = {}
    for evidence in case.evidence.select_related("file").order_by("id"):
        by_move.setdefault(evidence.move_id, []).append(evidence)
    return [
        Line(move, *_words(kind, move), by_move.get(move.pk, []))
        for move in case.moves.order_by("seq")
    ]


def _words(kind: Kind, move: Move) -> tuple[Words, list[tuple[Words, str]]]:
    if move.name in BEGINNING_WORDS:
        return BEGINNING_WORDS[move.name], []
    rule = kind.move(move.name)
    names = move.data.get("names", {})
    shown = [
        (wanted.label, names.get(wanted.name) or _said(wanted, move.data.get(wanted.name)))
        for wanted in rule.inputs
    ]
    return rule.story, [(label, text) for label, text in shown if text]


def _said(wanted: Input, value: Any) -> str:
    if wanted.kind == "role" and value in ROLES:
        return str(ROLES[value].name)
    return str(value or "")


@dataclass(frozen=True)
class Hands:
    """Whole days a case lay with us (to assign, to verify), with them (to rectify), paused."""

    ours: int
    theirs: int
    paused: int


def hands(moves: Sequence[Move], *, now: datetime) -> Hands:
    """Return in whose hands a case lay, and how long, from its moves in order."""
    spent = {"ours": timedelta(), "theirs": timedelta(), "paused": timedelta()}
    is_paused = False
    for move, following in zip(moves, [*moves[1:], None], strict=True):
        is_paused = move.name == "pause" or (is_paused and move.name != "resume")
        if move.to_status not in (Status.OPEN, Status.ASSIGNED, Status.SUBMITTED):
            break
        until = following.at if following else now
        whose = "theirs" if move.to_status == Status.ASSIGNED else "ours"
        spent["paused" if is_paused else whose] += max(until - move.at, timedelta())
    return Hands(spent["ours"].days, spent["theirs"].days, spent["paused"].days)


def similar(
    zone: Zone, dossier_id: UUID, *, category: str, clause: str, title: str, since: date
) -> list[Case]:
    """Return cases of one dossier that may be the same thing, or the same thing again.

    Live ones are possible duplicates, ended ones possible recurrences. Suggestions only:
    nothing is ever merged.
    """
    alike = Q(title__iexact=title.strip()) if title.strip() else Q(pk__in=())
    if clause:
        alike |= Q(clause=clause)
    if category:
        alike |= Q(category=category)
    return list(
        Case.objects.filter(zone=zone, dossier_id=dossier_id)
        .filter(alike)
        .filter(Q(is_live=True) | Q(status=Status.CLOSED, found_at__date__gte=since))
        .order_by("-is_live", "-found_at")[:10]
    )


def known_history(zone: Zone, past: Iterable[Any]) -> set[tuple[object, ...]]:
    """Return dossier, title and day of imported cases about the dossiers of past; one query."""
    dossiers = {row.dossier.pk for row in past}
    rows = Case.objects.filter(zone=zone, dossier__in=dossiers, origin=Origin.IMPORT)
    return {
        (dossier, title, day_of(found_at))
        for dossier, title, found_at in rows.values_list("dossier", "title", "found_at")
    }


def organisations(zone: Zone, case: Case) -> list[tuple[str, str]]:
    """Return who may be asked to rectify: the dossier's own organisation first, then units."""
    units = Unit.objects.filter(zone=zone, is_open=True).exclude(kind=UnitKind.ENTERPRISE)
    others = [(str(pk), name) for pk, name in units.order_by("name").values_list("pk", "name")]
    return [(THE_ENTERPRISE, case.dossier.name), *others]


def people_to_ask(zone: Zone, *, on: date) -> list[tuple[str, str]]:
    """Return the people who hold a post in the zone on a day, with unit or role; one query."""
    posts = Post.objects.filter(zone=zone, person__is_active=True).held_on(on)
    named = posts.exclude(role="auditor").order_by("person__name")
    rows = named.values_list("person", "person__name", "unit__name", "title")[:500]
    return [
        (str(pk), " · ".join(filter(None, (name, unit, title)))) for pk, name, unit, title in rows
    ]


def shows_file(standing: Standing, kept: StoredFile) -> bool:
    """Say whether a file is evidence of a case the person may see."""
    holding = Evidence.objects.filter(zone=standing.zone, file=kept).values("case")
    return Case.objects.visible_to(standing).filter(pk__in=holding).exists()


def cases_resting(person: Person, zone: Zone) -> list[Rest]:
    """Say how many live cases person has to rectify; for HANDOVERS."""
    count = resting_on(person.pk, zone)
    words = ngettext("%(count)s case to rectify", "%(count)s cases to rectify", count)
    return [Rest(count, words % {"count": count}, "cases:list")]


def resting_on(person_id: UUID, zone: Zone) -> int:
    """Return how many live cases name a person as the one who rectifies."""
    return Case.objects.filter(zone=zone, is_live=True, rectifier=person_id).count()
