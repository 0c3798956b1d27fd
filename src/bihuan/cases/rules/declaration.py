"""How a kind of case is declared: its states, moves, evidence, deadlines and ladder."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bihuan.core.permissions import ROLES, Permission

Words = str | Promise


class Status(StrEnum):
    """Where a case stands. The last three are its ends; nothing is reopened."""

    OPEN = "open"
    ASSIGNED = "assigned"
    SUBMITTED = "submitted"
    CLOSED = "closed"
    TRANSFERRED = "transferred"
    VOIDED = "voided"


STATUS_NAMES: dict[Status, Words] = {
    Status.OPEN: _("to be assigned"),
    Status.ASSIGNED: _("being rectified"),
    Status.SUBMITTED: _("awaiting verification"),
    Status.CLOSED: _("closed"),
    Status.TRANSFERRED: _("transferred"),
    Status.VOIDED: _("void"),
}
LIVE = frozenset({Status.OPEN, Status.ASSIGNED, Status.SUBMITTED})
ENDS = frozenset(Status) - LIVE


class Grade(StrEnum):
    """The two statutory grades (Order 16 of 2007, article 3; confidence B)."""

    GENERAL = "general"
    MAJOR = "major"


GRADE_NAMES: dict[Grade, Words] = {Grade.GENERAL: _("general"), Grade.MAJOR: _("major")}


class Hand(StrEnum):
    """Whose move it is. The four hands of a case, those who decide, and the system."""

    FINDER = "finder"
    RECTIFIER = "rectifier"
    VERIFIER = "verifier"
    CLOSER = "closer"
    DECIDER = "decider"
    SYSTEM = "system"


HAND_NAMES: dict[Hand, Words] = {
    Hand.FINDER: _("finder"),
    Hand.RECTIFIER: _("rectifier"),
    Hand.VERIFIER: _("verifier"),
    Hand.CLOSER: _("closer"),
    Hand.DECIDER: _("decider"),
    Hand.SYSTEM: _("system"),
}


class Proof(StrEnum):
    """What a file attached to a move shows."""

    BEFORE = "before"
    AFTER = "after"
    RECEIPT = "receipt"
    OTHER = "other"


PROOF_NAMES: dict[Proof, Words] = {
    Proof.BEFORE: _("before rectification"),
    Proof.AFTER: _("after rectification"),
    Proof.RECEIPT: _("the receiver's receipt"),
    Proof.OTHER: _("other evidence"),
}


@dataclass(frozen=True)
class Input:
    """Something a move asks for. kind is text, lines, date, unit, person or role."""

    name: str
    label: Words
    kind: str = "text"
    required: bool = True


@dataclass(frozen=True)
class Situation:
    """All that the moves so far say about a case; computed by story.fold.

    rectifying_since is the day since which the present unit has had it to rectify.
    """

    status: Status
    grade: Grade
    finder_id: UUID | None = None
    rectifier_unit_id: UUID | None = None
    rectifier_id: UUID | None = None
    rectifying_since: Any = None
    due_on: Any = None
    original_due_on: Any = None
    extensions: int = 0
    paused_on: Any = None
    paused_days: int = 0
    plan_by_id: UUID | None = None
    plan_approved: bool = False
    stopped: bool = False
    extension_asked_by_id: UUID | None = None
    submitted_on: Any = None
    submitted_by_id: UUID | None = None
    verified_by_id: UUID | None = None
    countersigned_by_id: UUID | None = None
    void_asked_by_id: UUID | None = None
    rejections: int = 0
    level: int = 0
    ended_at: datetime | None = None


@dataclass(frozen=True)
class Attempt:
    """A move someone wants to make: who, of which units, with what.

    units_before are those they held a post in at any time while the case was rectified.
    """

    by_id: UUID | None
    by_units: frozenset[UUID]
    at: datetime
    inputs: Mapping[str, Any] = field(default_factory=dict)
    proofs: frozenset[Proof] = frozenset()
    units_before: frozenset[UUID] = frozenset()


Guard = Callable[[Situation, Attempt], Words | None]


@dataclass(frozen=True)
class MoveRule:
    """One move of a kind: from where to where, by whose hand, with which evidence.

    target None leaves the status as it is. past is the ledger's word for it
    ("case.closed"). offers are checked before the move is shown as possible, checks
    once more and with the inputs when it is made. onward names the statuses in which it is
    what normally comes next. again is its label where the case stands at the target already.
    """

    name: str
    label: Words
    past: str
    story: Words
    sources: frozenset[Status]
    target: Status | None
    hand: Hand
    permission: Permission
    inputs: tuple[Input, ...] = ()
    proofs: frozenset[Proof] = frozenset()
    offers: tuple[Guard, ...] = ()
    checks: tuple[Guard, ...] = ()
    onward: frozenset[Status] = frozenset()
    again: Words = ""

    def label_at(self, status: Status | str) -> Words:
        """Return what the move is called from a status."""
        return self.again if self.again and status == self.target else self.label


@dataclass(frozen=True)
class Deadline:
    """How long rectification may take when nobody says otherwise.

    basis names where the number comes from; there is no national fixed length,
    so it is local policy unless a rule row says more.
    """

    working_days: int
    basis: Words


@dataclass(frozen=True)
class Step:
    """A rung of the escalation ladder: from so many working days late, tell this role."""

    working_days_late: int
    role: str


@dataclass(frozen=True)
class Kind:
    """A kind of case, whole.

    is_found says that this is the kind which findings of visits and reports by hand open;
    exactly one kind of a deployment is.
    """

    code: str
    name: Words
    prefix: str
    moves: tuple[MoveRule, ...]
    deadlines: Mapping[Grade, Deadline]
    ladder: tuple[Step, ...]
    categories: Mapping[str, Words]
    recurs_within_days: int = 365
    is_found: bool = False

    def move(self, name: str) -> MoveRule:
        """Return the move called name; KeyError if the kind has none."""
        for rule in self.moves:
            if rule.name == name:
                return rule
        raise KeyError(name)


def faults(kind: Kind) -> list[str]:
    """Return what is unsound in a declaration: dead ends, unreachable states, unowned moves."""
    reached = _reachable(kind)
    names = [rule.name for rule in kind.moves]
    rungs = [step.working_days_late for step in kind.ladder]
    return [
        *(f"{s} cannot be reached" for s in LIVE | {Status.CLOSED} if s not in reached),
        *(f"{s} leads to no end" for s in LIVE if not _reachable(kind, start=s) & ENDS),
        *(f"{rule.name} starts from an end" for rule in kind.moves if rule.sources & ENDS),
        *(f"{rule.name} is owned by no role" for rule in kind.moves if not _owned(rule)),
        *(f"{name} is declared twice" for name in {n for n in names if names.count(n) > 1}),
        *(["the ladder does not rise"] if rungs != sorted(set(rungs)) else []),
        *(["a grade has no deadline"] if set(kind.deadlines) != set(Grade) else []),
    ]


def _owned(rule: MoveRule) -> bool:
    held = any(rule.permission in role.permissions for role in ROLES.values())
    return held or rule.hand is Hand.SYSTEM


def _reachable(kind: Kind, start: Status = Status.OPEN) -> frozenset[Status]:
    reached = {start}
    while True:
        more = {
            rule.target for rule in kind.moves if rule.target and rule.sources & reached
        } - reached
        if not more:
            return frozenset(reached)
        reached |= more
