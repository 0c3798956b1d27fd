"""What a visit must say before it is one."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bihuan.ledger.rules.body import plain as _body

CLOCK_SLACK = timedelta(minutes=10)  # a phone's clock may run ahead of ours by this
LONGEST = timedelta(hours=24)
OURS, THEIRS = "ours", "theirs"


@dataclass(frozen=True)
class Attendee:
    """Someone present. side is ours or theirs; signature the SHA-256 of an image, or empty."""

    side: str
    name: str
    title: str = ""
    certificate: str = ""
    signature: str = ""


@dataclass(frozen=True)
class Found:
    """A finding as it is told on the visit; photos are SHA-256 of what was uploaded.

    item is the code of the checklist item that found it. known is the number of an open case
    that tells of it already: then no second one is made. corrected says what was done on the
    spot, if it was.
    """

    title: str = ""
    description: str = ""
    place: str = ""
    category: str = ""
    clause: str = ""
    grade: str = "general"
    due_on: date | None = None
    item: str = ""
    known: str = ""
    corrected: str = ""
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class Told:
    """A visit as its recorder tells it."""

    started_at: datetime
    ended_at: datetime
    present: tuple[Attendee, ...] = ()
    answers: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Found, ...] = ()
    photos: tuple[str, ...] = ()
    summary: str = ""
    refusal: str = ""


def fingerprint(told: Told, **about: str) -> str:
    """Return the SHA-256 of a visit's content and of what it is about (dossier, round).

    Two sendings of one visit have the same; any other word makes another.
    """
    body = {"told": _plain(told.__dict__), "about": about}
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def digest(kept: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a visit as it is kept: the columns and parts given, in one spelling."""
    text = json.dumps(_body(kept), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Attendee | Found):
        return _plain(value.__dict__)
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in value]
    return value


def refusal(told: Told, noes: Iterable[str], now: datetime) -> tuple[str, Promise] | None:
    """Return the field and the sentence that refuse a visit, or None if it may be kept."""
    return (
        _times(told, now)
        or _people(told.present, told.refusal)
        or _noes(noes, told.findings)
        or _findings(told.findings)
    )


def _times(told: Told, now: datetime) -> tuple[str, Promise] | None:
    if told.ended_at < told.started_at:
        return "ended_at", _("The visit ends before it starts. Check the times.")
    if told.ended_at - told.started_at > LONGEST:
        return "ended_at", _("The visit lasts more than a day. Check the times.")
    if told.ended_at > now + CLOCK_SLACK:
        return "ended_at", _(
            "The visit ends in the future. Check the times and the device's clock."
        )
    return None


def _people(present: Sequence[Attendee], refused: str) -> tuple[str, Promise] | None:
    ours = [one for one in present if one.side == OURS]
    theirs = [one for one in present if one.side == THEIRS]
    if not ours:
        return "ours", _("Say who of your side was there.")
    if any(not one.name.strip() for one in present):
        return "theirs", _("Give the name of everyone present.")
    if refused.strip():
        return None
    if not theirs:
        return "theirs", _("Say who of the enterprise was there, or why nobody was.")
    if not any(one.signature for one in theirs):
        return (
            "signature",
            _("Have the record signed, or note that signing was refused and why."),
        )
    return None


def _noes(noes: Iterable[str], findings: Sequence[Found]) -> tuple[str, Promise] | None:
    told = {found.item for found in findings}
    for code in noes:
        if code not in told:
            return (
                f"item-{code}",
                _("Say what was found for this item, or name the open case that tells of it."),
            )
    return None


def _findings(findings: Sequence[Found]) -> tuple[str, Promise] | None:
    for place, found in enumerate(findings):
        if found.known:
            continue
        if not found.title.strip():
            return f"finding-{place}-title", _("Say in a few words what was found.")
        if not found.before:
            return f"finding-{place}-before", _("Attach a photo of what was found.")
        if found.corrected and not found.after:
            return (
                f"finding-{place}-after",
                _("Corrected on the spot: attach a photo taken afterwards."),
            )
        if found.corrected and found.grade == "major":
            return (
                f"finding-{place}-corrected",
                _("A major hazard cannot end on the spot: it needs a plan and two signatures."),
            )
    return None
