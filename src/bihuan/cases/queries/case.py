"""One case: where it stands, what may happen next and who may do it, and its story."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from bihuan.cases.models import Case, Evidence, Move
from bihuan.cases.permissions import allows
from bihuan.cases.queries.kinds import kind_of
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
from bihuan.cases.rules.guards import is_the_rectifier
from bihuan.cases.rules.story import BEGINNING_WORDS, Told, fold, leads_on, not_offered
from bihuan.core.permissions import ROLES, Permission
from bihuan.core.ready import Given, Ready
from bihuan.core.working_days import WorkCalendar
from bihuan.zones.permissions import Standing, WithinReach
from bihuan.zones.queries import units_since

_MOVES = Ready(lambda: Move.objects.filter(case=Given("case")).order_by("seq"))
_EVIDENCE = Ready(
    lambda: Evidence.objects.filter(case=Given("case")).select_related("file").order_by("id")
)
_CASES = WithinReach(
    lambda who: (
        Case.objects.visible_to(who)
        .filter(pk=Given("pk"))
        .select_related(
            "dossier__cell__leader",
            "dossier__contact",
            "zone",
            "rectifier_unit",
            "rectifier",
            "recurs",
        )
    ),
    Permission.CASE_READ,
)
_RECURRENCES = Ready(
    lambda: (
        Case.objects.filter(recurs=Given("case")).order_by("found_at").only("number", "title")[:10]
    )
)


def told(moves: Iterable[Move]) -> list[Told]:
    """Return stored moves as the rules read them."""
    return [Told(move.name, move.at, move.by_id, move.data) for move in moves]


def the_case(standing: Standing, pk: UUID) -> Case | None:
    """Return a case that the person may see, with what its page shows of others; one query."""
    return next(iter(_CASES.ask(standing, pk=pk)), None)


def recurrences_of(case: Case) -> list[Case]:
    """Return the first ten cases that repeat this one; one query."""
    return _RECURRENCES.ask(case=case.pk)


def moves_of(case: Case) -> list[Move]:
    """Return the moves of a case as they were made; one query."""
    return _MOVES.ask(case=case.pk)


def situation_of(case: Case, calendar: WorkCalendar) -> Situation:
    """Return where a case stands, from its moves; one query."""
    return fold(kind_of(case.kind), told(moves_of(case)), calendar)


def attempt_of(standing: Standing, situation: Situation, *, at: datetime) -> Attempt:
    """Return who would make a move; one query while a case waits to be verified."""
    units = frozenset(post.unit_id for post in standing.posts if post.unit_id)
    before: frozenset[UUID] = frozenset()
    if situation.status is Status.SUBMITTED and situation.rectifying_since:
        before = units_since(standing.person, standing.zone, situation.rectifying_since)
    return Attempt(standing.person.pk, units, at, units_before=before)


def asked_due(case: Case, situation: Situation) -> date | None:
    """Return the date an extension that awaits a decision was asked for; one query."""
    if situation.extension_asked_by_id is None:
        return None
    asked = [move.data["due_on"] for move in moves_of(case) if move.name == "ask_extension"]
    return date.fromisoformat(asked[-1])


@dataclass(frozen=True)
class Choice:
    """A move known from here, or what blocks it; onward is the usual way, asks its inputs."""

    rule: MoveRule
    blocked: Words | None
    onward: bool
    label: Words
    asks: tuple[Input, ...]


def choices(standing: Standing, case: Case, situation: Situation, *, at: datetime) -> list[Choice]:
    """Return the moves this person's posts open on a case, with what blocks each.

    The usual way on comes first, then what turns aside, each as declared.
    """
    attempt = attempt_of(standing, situation, at=at)
    needless = {"on_behalf"} if is_the_rectifier(situation, attempt) else set()
    found = [
        Choice(
            rule,
            not_offered(rule, situation, attempt),
            leads_on(rule, situation),
            rule.label_at(case.status),
            tuple(it for it in rule.inputs if it.name not in needless | _settled(rule, case)),
        )
        for rule in kind_of(case.kind).moves
        if rule.hand is not Hand.SYSTEM
        and case.status in rule.sources
        and allows(standing, rule.permission, case)
    ]
    return sorted(found, key=lambda it: not it.onward)


def _settled(rule: MoveRule, case: Case) -> set[str]:
    """Return what is not asked again when work goes to someone else: the deadline stands."""
    return {"due_on"} if rule.target == case.status else set()


@dataclass(frozen=True)
class Line:
    """One line of a case's story."""

    move: Move
    words: Words
    details: Sequence[tuple[Words, str]]
    evidence: Sequence[Evidence]


def story(case: Case, moves: Iterable[Move]) -> list[Line]:
    """Return the story of a case from finding to end; one query."""
    kind = kind_of(case.kind)
    by_move: dict[UUID, list[Evidence]] = {}
    for evidence in _EVIDENCE.ask(case=case.pk):
        by_move.setdefault(evidence.move_id, []).append(evidence)
    return [Line(move, *_words(kind, move), by_move.get(move.pk, [])) for move in moves]


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
