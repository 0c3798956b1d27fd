"""Moving a case on: one door for every move of every kind."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.accounts.models import Person
from bihuan.cases.actions._writing import (
    PROJECTED,
    Attached,
    Leaf,
    check_attached,
    project,
    write_move,
)
from bihuan.cases.models import Case, Move
from bihuan.cases.permissions import require
from bihuan.cases.queries import THE_ENTERPRISE, attempt_of, kind_of, told
from bihuan.cases.rules.declaration import Attempt, Hand, Input, MoveRule, Situation
from bihuan.cases.rules.story import Told, after, fold, latest, refusal
from bihuan.core.actors import Actor
from bihuan.core.days import day_of
from bihuan.core.refusals import Refused, Stale
from bihuan.dossiers.actions import organisation_of
from bihuan.dossiers.queries import hold_dossiers
from bihuan.zones.models import Post, Unit
from bihuan.zones.permissions import standing_of
from bihuan.zones.queries import calendar_of, lock_person

CLOCK_SLACK = timedelta(minutes=5)


@dataclass(frozen=True)
class Wanted:
    """A move as someone asks for it: its name, what it was given, what was seen before.

    seen is the version of the case on the asker's screen; id names the move, so that
    sending it twice makes it once.
    """

    name: str
    inputs: Mapping[str, Any]
    attached: Attached = ()
    seen: int | None = None
    id: UUID | None = None


@transaction.atomic
def make_move(*, case: UUID, wanted: Wanted, by: Actor, at: datetime) -> Case:
    """Make one move of a case and return the case as it then stands.

    Raises Forbidden (not this person's hand), Stale (the case was moved by someone else
    since it was seen), Refused (the declaration does not allow it now, or something it
    needs is missing). Nothing is written unless all is.
    """
    row = _locked(case, with_dossier=THE_ENTERPRISE in wanted.inputs.values())
    if wanted.id and (made := Move.objects.filter(pk=wanted.id).first()):
        return _same(row, made, wanted)
    rule = kind_of(row.kind).move(wanted.name)
    require(by, rule.permission, row, on=day_of(at))
    if wanted.seen is not None and wanted.seen != row.version:
        raise Stale(_("Someone moved this case on meanwhile. Look at it again before you decide."))
    moves = list(row.moves.order_by("seq"))
    at = _not_before(moves[-1].at, at)
    return _carry_out(row, rule, moves, wanted, by, at)


def _carry_out(
    row: Case, rule: MoveRule, moves: list[Move], wanted: Wanted, by: Actor, at: datetime
) -> Case:
    kind, calendar = kind_of(row.kind), calendar_of(row.zone)
    situation = fold(kind, told(moves), calendar)
    inputs, names = _read(rule, row, wanted.inputs, by, at)
    proofs = frozenset(proof for kept, proof in wanted.attached)
    attempt = replace(_attempt(by, row, situation, at), inputs=inputs, proofs=proofs)
    if refused := refusal(rule, situation, attempt):
        raise Refused(refused[1], field=refused[0])
    check_attached(row.zone, wanted.attached, by)
    data = {**inputs, "names": names} if names else dict(inputs)
    from_status = row.status
    made = Told(rule.name, at, attempt.by_id, data)
    now = after(kind, situation, made, calendar)
    project(row, now)
    row.version += 1
    if rule.hand is not Hand.SYSTEM:
        row.last_move = latest(now, rule.name, row.last_move)
    row.save(update_fields=PROJECTED)
    leaf = Leaf(
        rule.name, rule.past, moves[-1].seq + 1, from_status, data, wanted.attached, wanted.id
    )
    write_move(case=row, leaf=leaf, by=by, at=at)
    return row


def _locked(case: UUID, *, with_dossier: bool) -> Case:
    """Return a case held until the transaction ends; its dossier before it, if that is written."""
    if with_dossier:
        hold_dossiers(Case.objects.filter(pk=case).values_list("dossier_id", flat=True))
    return (
        Case.objects.select_for_update(of=("self",), no_key=True)
        .select_related("dossier", "zone")
        .get(pk=case)
    )


def _same(case: Case, made: Move, wanted: Wanted) -> Case:
    if made.case_id == case.pk and made.name == wanted.name:
        return case
    raise Stale(_("This record was already sent with other contents. Reload and enter it anew."))


def _not_before(last: datetime, at: datetime) -> datetime:
    """Return a moment no earlier than the last move; refuse where the clock went astray."""
    if at < last - CLOCK_SLACK:
        raise Refused(
            _("The clock of this machine runs behind the last entry. Tell the administrator.")
        )
    return max(at, last)


def _attempt(by: Actor, case: Case, situation: Situation, at: datetime) -> Attempt:
    if not isinstance(by, Person):
        return Attempt(None, frozenset(), at)
    return attempt_of(standing_of(by, case.zone, on=day_of(at)), situation, at=at)


def _read(
    rule: MoveRule, case: Case, given: Mapping[str, Any], by: Actor, at: datetime
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the inputs the declaration knows, typed, and the names of units and people."""
    inputs: dict[str, Any] = {}
    names: dict[str, str] = {}
    for wanted in rule.inputs:
        value = given.get(wanted.name)
        if value is None or not str(value).strip():
            continue
        if wanted.kind == "unit":
            unit = _unit(case, value, by, at)
            inputs[wanted.name], names[wanted.name] = unit.pk, unit.name
        elif wanted.kind == "person":
            person = _person(case, value, at)
            inputs[wanted.name], names[wanted.name] = person.pk, person.name
        else:
            inputs[wanted.name] = (
                _date(wanted, value) if wanted.kind == "date" else str(value).strip()
            )
    return inputs, names


def _unit(case: Case, value: Any, by: Actor, at: datetime) -> Unit:
    if value == THE_ENTERPRISE:
        return organisation_of(dossier=case.dossier, by=by, at=at)
    unit = Unit.objects.filter(zone=case.zone, is_open=True, pk=_id(value, "unit")).first()
    if unit is None:
        raise Refused(_("Choose a unit from the list."), field="unit")
    return unit


def _person(case: Case, value: Any, at: datetime) -> Person:
    held = Post.objects.filter(zone=case.zone, person=_id(value, "person")).held_on(day_of(at))
    post = held.select_related("person").first()
    if post is None or not lock_person(post.person).is_active or not held.exists():
        raise Refused(_("Choose a person who holds a post in this zone today."), field="person")
    return post.person


def _id(value: Any, field: str) -> UUID:
    try:
        return value if isinstance(value, UUID) else UUID(str(value))
    except ValueError as error:
        raise Refused(_("Choose from the list."), field=field) from error


def _date(wanted: Input, value: Any) -> date:
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value).strip())
    except ValueError as error:
        raise Refused(_("Write the date like 2026-11-23."), field=wanted.name) from error
