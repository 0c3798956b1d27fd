"""Coverage as a register: visited + excused + to go = all, always."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy


class EntryState(StrEnum):
    """How a dossier stands in a round."""

    TO_GO = "to_go"
    VISITED = "visited"
    EXCUSED = "excused"


STATE_NAMES: dict[EntryState, Promise] = {
    EntryState.TO_GO: _("to go"),
    EntryState.VISITED: _("visited"),
    EntryState.EXCUSED: _("excused"),
}


class RoundState(StrEnum):
    """How a round stands. Nothing is reopened. A long list is written out while OPENING."""

    OPENING = "opening"
    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


ROUND_STATE_NAMES: dict[RoundState, Promise] = {
    RoundState.OPENING: pgettext_lazy("round", "being opened"),
    RoundState.OPEN: pgettext_lazy("round", "under way"),
    RoundState.CLOSED: pgettext_lazy("round", "closed"),
    RoundState.CANCELLED: pgettext_lazy("round", "cancelled"),
}


class Template(StrEnum):
    """The sorts of round an office runs."""

    ROUTINE = "routine"
    HOLIDAY = "holiday"
    SPECIAL = "special"


TEMPLATE_NAMES: dict[Template, Promise] = {
    Template.ROUTINE: _("routine inspection"),
    Template.HOLIDAY: _("before a holiday"),
    Template.SPECIAL: _("special action"),
}


@dataclass(frozen=True)
class Preset:
    """What a template proposes: checklist and how many calendar days it runs."""

    checklist: str
    days: int
    hint: Promise


PRESETS: dict[Template, Preset] = {
    Template.ROUTINE: Preset(
        "general", 30, _("Everyone, or those not visited for some time; each by its contact.")
    ),
    Template.HOLIDAY: Preset(
        "holiday",
        7,
        _("Before a public holiday: duty rosters, hot work one level stricter, resumption."),
    ),
    Template.SPECIAL: Preset(
        "general",
        14,
        _("One sector or one kind of risk, on an order from above or after an accident."),
    ),
}


class Joined(StrEnum):
    """Why a dossier is on a round's list."""

    FROZEN = "frozen"
    NEWCOMER = "newcomer"
    BY_HAND = "by_hand"


JOINED_NAMES: dict[Joined, Promise] = {
    Joined.FROZEN: _("on the list when the round opened"),
    Joined.NEWCOMER: _("newcomer during the round"),
    Joined.BY_HAND: _("added by hand"),
}


class Excusal(StrEnum):
    """Why a dossier was not visited."""

    ABSENT = "absent"
    SUSPENDED = "suspended"
    MOVED = "moved"
    DENIED = "denied"
    NOT_FOUND = "not_found"
    ELSEWHERE = "elsewhere"
    OTHER = "other"


EXCUSAL_NAMES: dict[Excusal, Promise] = {
    Excusal.ABSENT: _("nobody opened the door"),
    Excusal.SUSPENDED: _("production suspended"),
    Excusal.MOVED: _("moved away"),
    Excusal.DENIED: _("entry denied"),
    Excusal.NOT_FOUND: pgettext_lazy("excuse", "not found"),
    Excusal.ELSEWHERE: _("inspected by another department already"),
    Excusal.OTHER: _("other reason"),
}
NO_EVIDENCE = _("Attach evidence: a photo of the gate, a notice, a record of the call.")


class Verdict(StrEnum):
    """How an excuse was decided."""

    ASKED = "asked"
    APPROVED = "approved"
    DECLINED = "declined"


VERDICT_NAMES: dict[Verdict, Promise] = {
    Verdict.ASKED: _("waiting for approval"),
    Verdict.APPROVED: pgettext_lazy("excuse", "approved"),
    Verdict.DECLINED: pgettext_lazy("excuse", "declined"),
}


@dataclass(frozen=True)
class Criteria:
    """Which dossiers a round is for. Empty parts do not narrow; cell means its whole subtree.

    not_visited_since keeps those whose last visit is before that day, or who have none.
    """

    kind: str = "enterprise"
    sector: str = ""
    cell: str = ""
    risk: str = ""
    not_visited_since: date | None = None

    def data(self) -> dict[str, Any]:
        """Return the criteria as plain data; criteria_of reads it back."""
        since = self.not_visited_since
        return {**asdict(self), "not_visited_since": since.isoformat() if since else None}


def criteria_of(data: Mapping[str, Any]) -> Criteria:
    """Return criteria from plain data."""
    since = data.get("not_visited_since")
    return Criteria(
        kind=data.get("kind", "enterprise"),
        sector=data.get("sector", ""),
        cell=data.get("cell", ""),
        risk=data.get("risk", ""),
        not_visited_since=date.fromisoformat(since) if since else None,
    )


@dataclass(frozen=True)
class Counts:
    """How far a list is."""

    visited: int = 0
    excused: int = 0
    to_go: int = 0

    @property
    def total(self) -> int:
        """All on the list: it is the sum, so nobody can be missing from it."""
        return self.visited + self.excused + self.to_go

    @property
    def done(self) -> int:
        return self.visited + self.excused

    @property
    def share(self) -> float | None:
        """Return the share that is visited or excused; None of an empty list, not zero."""
        return self.done / self.total if self.total else None

    def plus(self, other: "Counts") -> "Counts":
        return Counts(
            self.visited + other.visited, self.excused + other.excused, self.to_go + other.to_go
        )


def counts_of(states: Mapping[str, int]) -> Counts:
    """Return the counts of a tally by state."""
    return Counts(**{state.value: states.get(state, 0) for state in EntryState})


def list_digest(dossiers: Iterable[str]) -> str:
    """Return the SHA-256 of a list of dossiers: their ids sorted, one a line.

    The ledger keeps it, so that a frozen list can be proved later.
    """
    return sha256("".join(f"{pk}\n" for pk in sorted(dossiers)).encode()).hexdigest()


Line = tuple[UUID, UUID]  # a dossier and the cell it sits in
ID_BYTES = 16


def packed(lines: Iterable[Line]) -> bytes:
    """Return a list of dossiers and their cells as bytes: 32 a line; unpacked reads it back."""
    return b"".join(dossier.bytes + cell.bytes for dossier, cell in lines)


def unpacked(listed: bytes) -> list[Line]:
    """Return the lines that packed() was given."""
    size = ID_BYTES
    return [
        (UUID(bytes=listed[at : at + size]), UUID(bytes=listed[at + size : at + 2 * size]))
        for at in range(0, len(listed), 2 * size)
    ]


def closing_refusal(missing: Sequence[tuple[str, int]], unlisted: int) -> str | None:
    """Return why a round cannot be closed, or None.

    missing is (person, how many are still to go in their name), most first; unlisted
    how many newcomers match the round but are not on its list yet.
    """
    if unlisted:
        return ngettext(
            "%(count)s newcomer belongs to this round but is not on its list. "
            "Let newcomers join before closing.",
            "%(count)s newcomers belong to this round but are not on its list. "
            "Let newcomers join before closing.",
            unlisted,
        ) % {"count": unlisted}
    count = sum(number for _name, number in missing)
    if not count:
        return None
    whose = "、".join(f"{name} {number}" for name, number in missing[:8])
    if len(missing) > 8:
        whose += "…"
    return ngettext(
        "%(count)s dossier is neither visited nor excused: %(whose)s. "
        "Visit it, or excuse it with a reason and evidence.",
        "%(count)s dossiers are neither visited nor excused: %(whose)s. "
        "Visit them, or excuse them with a reason and evidence.",
        count,
    ) % {"count": count, "whose": whose}
