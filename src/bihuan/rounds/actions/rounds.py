"""Opening, closing and cancelling a round."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.core.actors import Actor, System
from bihuan.core.days import day_of
from bihuan.core.models import insert_many
from bihuan.core.permissions import Permission
from bihuan.core.refusals import Refused
from bihuan.jobs import actions as jobs
from bihuan.ledger.actions import record
from bihuan.rounds.actions._locking import open_locked
from bihuan.rounds.models import Checklist, Entry, Opening, Round
from bihuan.rounds.queries import matching, missing_by_person, newcomers, tally
from bihuan.rounds.rules.coverage import (
    Criteria,
    Joined,
    Line,
    RoundState,
    Template,
    closing_refusal,
    list_digest,
    packed,
    unpacked,
)
from bihuan.zones.models import Zone
from bihuan.zones.permissions import require

WRITER = System("worker")
AT_ONCE = 500  # longer lists are written out by a job
AT_A_TIME = 1000


@dataclass(frozen=True)
class Plan:
    """What a round is to be. id is the round's own name, so that sending twice makes one."""

    name: str
    template: Template
    criteria: Criteria
    checklist: Checklist
    due_on: date
    note: str = ""
    id: UUID | None = None


@transaction.atomic
def open_round(
    *,
    zone: Zone,
    plan: Plan,
    then: Callable[[Round], object] | None = None,
    by: Actor,
    at: datetime,
) -> Round:
    """Open a round: freeze its list by the plan's criteria, as of now.

    A list longer than AT_ONCE is frozen just the same, and then, where given, is done in the
    same transaction: asking a job to write it out. Until that is through the round is OPENING.

    Raises Refused where nobody would be on the list, the deadline lies in the past or
    the checklist is not in use.
    """
    require(by, Permission.ROUND_MANAGE, zone=zone, on=day_of(at))
    if plan.id and (there := Round.objects.filter(pk=plan.id, zone=zone).first()):
        return there
    _check(zone, plan, at)
    rows = list(
        matching(zone, plan.criteria)
        .order_by("cell__path", "name", "pk")
        .values_list("pk", "cell_id")
    )
    if not rows:
        raise Refused(_("No dossier matches. Widen the choice."), field="criteria")
    made = Round(
        zone=zone,
        name=plan.name.strip(),
        template=plan.template,
        criteria=plan.criteria.data(),
        checklist=plan.checklist,
        note=plan.note.strip(),
        due_on=plan.due_on,
        total=len(rows),
        opened_at=at,
        opened_by_name=by.display_name,
    )
    if plan.id:
        made.id = plan.id
    is_long = then is not None and len(rows) > AT_ONCE
    made.state = RoundState.OPENING if is_long else RoundState.OPEN
    made.save(force_insert=True)
    if is_long and then:
        Opening.objects.create(zone=zone, round=made, listed=packed(rows))
        then(made)
    else:
        for start in range(0, len(rows), AT_A_TIME):
            _write(made, rows[start : start + AT_A_TIME])
    record(
        zone_id=zone.pk,
        kind="round.opened",
        about=("round", str(made.pk)),
        by=by,
        at=at,
        data={
            "name": made.name,
            "template": made.template,
            "note": made.note,
            "criteria": made.criteria,
            "checklist": plan.checklist.pk,
            "due_on": made.due_on,
            "total": made.total,
            "list_sha256": list_digest(str(pk) for pk, _cell in rows),
        },
    )
    return made


def _check(zone: Zone, plan: Plan, at: datetime) -> None:
    if not plan.name.strip():
        raise Refused(_("Give the round a name."), field="name")
    if len(plan.name.strip()) > 100:
        raise Refused(_("At most 100 characters."), field="name")
    if plan.due_on < day_of(at):
        raise Refused(_("The deadline lies in the past."), field="due_on")
    if plan.checklist.zone_id != zone.pk or not plan.checklist.is_current:
        raise Refused(_("Choose a checklist that is in use."), field="checklist")


def write_out(*, round_id: UUID, by: Actor = WRITER, at: datetime) -> None:
    """Write out the frozen list of a round that is being opened; then it is open.

    Piece by piece, each a transaction: one that was cut off goes on where it stood, and one
    that is through changes nothing. Raises RuntimeError if what stands is not what was frozen.
    """
    opening = Opening.objects.filter(round=round_id).first()
    lines = unpacked(bytes(opening.listed)) if opening else []
    while opening and _write_piece(round_id, lines):
        pass


@transaction.atomic
def _write_piece(round_id: UUID, lines: list[Line]) -> bool:
    """Write the next lines and return True, or open the round once all stand."""
    jobs.fence()
    row = Round.objects.select_for_update(of=("self",), no_key=True).get(pk=round_id)
    if row.state != RoundState.OPENING:
        return False
    written = Entry.objects.filter(round=row)
    start = written.count()
    if start < len(lines):
        _write(row, lines[start : start + AT_A_TIME])
        return True
    frozen = list_digest(str(dossier) for dossier, _cell in lines)
    if list_digest(map(str, written.values_list("dossier", flat=True))) != frozen:
        raise RuntimeError(f"round {round_id}: what stands is not what was frozen")
    row.state = RoundState.OPEN
    row.save(update_fields=["state"])
    Opening.objects.filter(round=row).delete()
    return False


def _write(row: Round, lines: Sequence[Line]) -> None:
    insert_many(
        [
            Entry(
                zone_id=row.zone_id,
                round_id=row.pk,
                dossier_id=dossier,
                cell_id=cell,
                joined=Joined.FROZEN,
                joined_at=row.opened_at,
            )
            for dossier, cell in lines
        ]
    )


@transaction.atomic
def close_round(*, round_id: UUID, by: Actor, at: datetime) -> Round:
    """Close a round of which every dossier is visited or excused.

    Raises Refused, saying how many are missing and in whose name, or how many newcomers
    are not on the list yet.
    """
    row = open_locked(round_id)
    require(by, Permission.ROUND_MANAGE, zone=row.zone, on=day_of(at))
    counts = tally(row)
    missing = missing_by_person(row) if counts.to_go else []
    if sentence := closing_refusal(missing, newcomers(row).count()):
        raise Refused(sentence)
    row.total, row.visited, row.excused = counts.total, counts.visited, counts.excused
    _end(row, RoundState.CLOSED, "", by, at)
    record(
        zone_id=row.zone_id,
        kind="round.closed",
        about=("round", str(row.pk)),
        by=by,
        at=at,
        data={"total": row.total, "visited": row.visited, "excused": row.excused},
    )
    return row


@transaction.atomic
def cancel_round(*, round_id: UUID, reason: str, by: Actor, at: datetime) -> Round:
    """Cancel a round with a reason; what was visited stays recorded.

    One that is still being opened is cancelled, too: its half-written list goes, and the job
    that wrote it finds nothing more to do.
    """
    row = open_locked(round_id, or_opening=True)
    require(by, Permission.ROUND_MANAGE, zone=row.zone, on=day_of(at))
    if not reason.strip():
        raise Refused(_("Say why the round is cancelled."), field="reason")
    if row.state == RoundState.OPENING:
        Opening.objects.filter(round=row).delete()
        Entry.objects.filter(round=row).delete()
    _end(row, RoundState.CANCELLED, reason.strip()[:300], by, at)
    record(
        zone_id=row.zone_id,
        kind="round.cancelled",
        about=("round", str(row.pk)),
        by=by,
        at=at,
        data={
            "total": row.total,
            "visited": row.visited,
            "excused": row.excused,
            "reason": row.ended_reason,
        },
    )
    return row


def _end(row: Round, state: RoundState, reason: str, by: Actor, at: datetime) -> None:
    row.state, row.ended_at = state, at
    row.ended_by_name, row.ended_reason = by.display_name, reason
    row.save(
        update_fields=[
            "state", "ended_at", "ended_by_name", "ended_reason", "total", "visited", "excused",
        ]
    )  # fmt: skip
