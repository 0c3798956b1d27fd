"""What the moves of a case add up to. Dates are computed here, never written down."""

import json
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Protocol
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from bihuan.cases.rules.declaration import (
    ENDS,
    LIVE,
    PROOF_NAMES,
    Attempt,
    Grade,
    Input,
    Kind,
    MoveRule,
    Proof,
    Situation,
    Status,
    Words,
)
from bihuan.core.days import day_of


class Calendar(Protocol):
    """Working days, as far as they are known."""

    def add_working_days(self, start: date, days: int) -> date: ...

    def working_days_between(self, start: date, end: date) -> int: ...


@dataclass(frozen=True)
class Told:
    """One move as it was made."""

    name: str
    at: datetime
    by_id: UUID | None
    data: Mapping[str, Any] = field(default_factory=dict)


def default_due(kind: Kind, grade: Grade, reported_on: date, calendar: Calendar) -> date:
    """Return the date by which a case found on that day is due, unless someone says otherwise."""
    return calendar.add_working_days(reported_on, kind.deadlines[grade].working_days)


def fold(kind: Kind, moves: Iterable[Told], calendar: Calendar) -> Situation:
    """Return where a case stands after its moves, the first of which reports it."""
    situation = Situation(Status.OPEN, Grade.GENERAL)
    for move in moves:
        situation = after(kind, situation, move, calendar)
    return situation


def after(kind: Kind, case: Situation, move: Told, calendar: Calendar) -> Situation:
    """Return where a case stands after one more move."""
    if move.name in _BEGINNINGS:
        return _BEGINNINGS[move.name](case, move)
    rule = kind.move(move.name)
    change = _CHANGES.get(move.name)
    if change:
        case = replace(case, **change(case, move, calendar))
    if rule.target:
        case = replace(case, status=rule.target)
    if rule.target in ENDS:
        case = replace(case, ended_at=move.at, paused_on=None)
    return case


def _reported(case: Situation, move: Told) -> Situation:
    return replace(
        case,
        grade=Grade(move.data["grade"]),
        finder_id=move.by_id,
        due_on=_date(move.data.get("due_on")),
        original_due_on=_date(move.data.get("due_on")),
    )


def _imported(case: Situation, move: Told) -> Situation:
    told = move.data
    return replace(
        case,
        status=Status(told["status"]),
        grade=Grade(told["grade"]),
        rectifier_unit_id=_uuid(told.get("unit")),
        rectifying_since=day_of(
            datetime.fromisoformat(told.get("found_at") or move.at.isoformat())
        ),
        due_on=_date(told.get("due_on")),
        original_due_on=_date(told.get("due_on")),
        submitted_on=_date(told.get("rectified_on")),
        ended_at=datetime.fromisoformat(told["ended_at"]) if told.get("ended_at") else None,
    )


_BEGINNINGS = {"report": _reported, "import": _imported}
BEGINNING_WORDS: dict[str, Words] = {
    "report": _("reported"),
    "import": _("taken over from the earlier ledger"),
}


def _assigned(case: Situation, move: Told, calendar: Calendar) -> dict[str, Any]:
    first = case.status is Status.OPEN
    due = _date(move.data.get("due_on")) if first else None
    unit = _uuid(move.data["unit"])
    stays = case.rectifying_since and unit == case.rectifier_unit_id
    return {
        "rectifier_unit_id": unit,
        "rectifying_since": case.rectifying_since if stays else day_of(move.at),
        "rectifier_id": _uuid(move.data.get("person")),
        "due_on": due or case.due_on,
        "original_due_on": due or case.original_due_on,
    }


def _resumed(case: Situation, move: Told, calendar: Calendar) -> dict[str, Any]:
    stood = calendar.working_days_between(case.paused_on, day_of(move.at))
    return {
        "paused_on": None,
        "paused_days": case.paused_days + stood,
        "due_on": calendar.add_working_days(case.due_on, stood),
    }


def _submitted(case: Situation, move: Told, calendar: Calendar) -> dict[str, Any]:
    return {
        "submitted_on": day_of(move.at),
        "submitted_by_id": move.by_id,
        "verified_by_id": None,
        "countersigned_by_id": None,
    }


def _rejected(case: Situation, move: Told, calendar: Calendar) -> dict[str, Any]:
    return {
        "submitted_on": None,
        "submitted_by_id": None,
        "verified_by_id": None,
        "countersigned_by_id": None,
        "rejections": case.rejections + 1,
    }


def _extended(case: Situation, move: Told, calendar: Calendar) -> dict[str, Any]:
    return {
        "due_on": _date(move.data["due_on"]),
        "extensions": case.extensions + 1,
        "extension_asked_by_id": None,
    }


Change = Callable[[Situation, Told, Calendar], dict[str, Any]]
_CHANGES: dict[str, Change] = {
    "fix_on_spot": lambda case, move, calendar: {
        "submitted_on": day_of(move.at),
        "verified_by_id": move.by_id,
    },
    "assign": _assigned,
    "plan": lambda case, move, calendar: {"plan_by_id": move.by_id, "plan_approved": False},
    "approve_plan": lambda case, move, calendar: {"plan_approved": True},
    "stop": lambda case, move, calendar: {"stopped": True},
    "resume_work": lambda case, move, calendar: {"stopped": False},
    "submit": _submitted,
    "reject": _rejected,
    "verify": lambda case, move, calendar: {"verified_by_id": move.by_id},
    "countersign": lambda case, move, calendar: {"countersigned_by_id": move.by_id},
    "ask_extension": lambda case, move, calendar: {"extension_asked_by_id": move.by_id},
    "extend": _extended,
    "decline_extension": lambda case, move, calendar: {"extension_asked_by_id": None},
    "pause": lambda case, move, calendar: {"paused_on": day_of(move.at)},
    "resume": _resumed,
    "ask_void": lambda case, move, calendar: {"void_asked_by_id": move.by_id},
    "decline_void": lambda case, move, calendar: {"void_asked_by_id": None},
    "escalate": lambda case, move, calendar: {"level": case.level + 1},
}


BESIDE = frozenset({"stop", "resume_work", "pause", "resume"})


def latest(case: Situation, made: str, before: str) -> str:
    """Return the move lists find a case by: made, unless something asked earlier still waits.

    case is how it stands after made, before the name it was found by until then.
    """
    if made in BESIDE:
        return before
    if made in _ASKED or case.status not in (Status.OPEN, Status.ASSIGNED):
        return made
    return next((name for name, waits in _ASKED.items() if waits(case)), made)


_ASKED: dict[str, Callable[[Situation], bool]] = {  # what somebody must decide, while it waits
    "plan": lambda case: case.plan_by_id is not None and not case.plan_approved,
    "ask_void": lambda case: case.void_asked_by_id is not None,
    "ask_extension": lambda case: (
        case.extension_asked_by_id is not None and case.status is Status.ASSIGNED
    ),
}


def refusal(rule: MoveRule, case: Situation, attempt: Attempt) -> tuple[str, Words] | None:
    """Return the field and the sentence that refuse a move, or None if it may be made."""
    standing = not_offered(rule, case, attempt)
    if standing:
        return "", standing
    for wanted in rule.inputs:
        if wanted.required and _empty(attempt.inputs.get(wanted.name)):
            return wanted.name, _missing(wanted)
    for proof in sorted(rule.proofs - attempt.proofs):
        return f"proof_{proof}", _missing_proof(proof)
    for guard in rule.checks:
        sentence = guard(case, attempt)
        if sentence:
            return "", sentence
    return None


def not_offered(rule: MoveRule, case: Situation, attempt: Attempt) -> Words | None:
    """Return why a move is not to be had now by this person, or None."""
    if case.status in ENDS:
        return _("The case has ended. What recurs is a new case.")
    if case.status not in rule.sources:
        return _("The case has moved on; this step is not possible now.")
    for guard in rule.offers:
        sentence = guard(case, attempt)
        if sentence:
            return sentence
    return None


_MADE = {"plan": "plan_by_id", "verify": "verified_by_id", "countersign": "countersigned_by_id"}
_DECIDES = {
    "extend": "extension_asked_by_id",
    "decline_extension": "extension_asked_by_id",
    "void": "void_asked_by_id",
    "decline_void": "void_asked_by_id",
}
TURN_BACK = frozenset({"reject", "decline_extension", "decline_void"})  # never the main thing


def leads_on(rule: MoveRule, case: Situation) -> bool:
    """Say whether a move is what comes next: it was asked for, or is usual and not made yet."""
    if getattr(case, _DECIDES.get(rule.name, ""), None):
        return True
    return case.status in rule.onward and not getattr(case, _MADE.get(rule.name, ""), None)


def on_time(case: Situation) -> bool | None:
    """Say whether rectification met the original date; None while nobody can know.

    Extensions and pauses never make a late case punctual.
    """
    if case.original_due_on is None or case.submitted_on is None:
        return None
    return bool(case.submitted_on <= case.original_due_on)


def columns(case: Situation) -> dict[str, Any]:
    """Return the columns of a case that stands so."""
    return {
        "status": case.status,
        "is_live": case.status in LIVE,
        "rectifier_unit_id": case.rectifier_unit_id,
        "rectifier_id": case.rectifier_id,
        "due_on": case.due_on,
        "original_due_on": case.original_due_on,
        "paused_on": case.paused_on,
        "rectified_on": case.submitted_on,
        "on_time": on_time(case),
        "ended_at": case.ended_at,
        "level": case.level,
    }


def content_of(*words: str) -> str:
    """Return the SHA-256 of the words a case is described by, for the ledger to keep."""
    text = json.dumps([unicodedata.normalize("NFC", it) for it in words], ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


def working_days_late(case: Situation, on: date, calendar: Calendar) -> int:
    """Return how many working days rectification is late on a day; 0 if it is not."""
    if case.due_on is None or case.paused_on or case.status not in (Status.OPEN, Status.ASSIGNED):
        return 0
    return calendar.working_days_between(case.due_on, on) if on > case.due_on else 0


def _empty(value: object) -> bool:
    return value is None or not str(value).strip()


def _missing(wanted: Input) -> Words:
    return _("Please fill in: %(what)s.") % {"what": wanted.label}


def _missing_proof(proof: Proof) -> Words:
    return _("Please attach a photo or file: %(what)s.") % {"what": PROOF_NAMES[proof]}


def _date(value: Any) -> date | None:
    if value is None or value == "":
        return None
    return value if isinstance(value, date) else date.fromisoformat(value)


def _uuid(value: Any) -> UUID | None:
    if value is None or value == "":
        return None
    return value if isinstance(value, UUID) else UUID(value)
