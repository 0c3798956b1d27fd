"""Rounds and entries held still while something is decided about them."""

from uuid import UUID

from django.db.models import F
from django.utils.translation import gettext as _

from bihuan.core.refusals import Refused
from bihuan.rounds.models import Entry, Round
from bihuan.rounds.rules.coverage import EntryState, RoundState


def open_locked(round_id: UUID, *, or_opening: bool = False) -> Round:
    """Return a round under way, locked until the transaction ends; Refused if it ended.

    One whose list is still being written out is not under way: Refused, unless or_opening.
    """
    row = (
        Round.objects.select_for_update(of=("self",), no_key=True)
        .select_related("zone")
        .get(pk=round_id)
    )
    if row.state == RoundState.OPENING and or_opening:
        return row
    if row.state == RoundState.OPENING:
        raise Refused(_("This round is still being opened. Wait until its list is complete."))
    if row.state != RoundState.OPEN:
        raise Refused(_("This round has ended. Nothing on its list can change any more."))
    return row


def entry_locked(entry_id: UUID) -> Entry:
    """Return an entry of a round under way, both locked."""
    round_id = Entry.objects.values_list("round", flat=True).get(pk=entry_id)
    under_way = open_locked(round_id)
    entry = (
        Entry.objects.select_for_update(of=("self",), no_key=True)
        .select_related("dossier")
        .get(pk=entry_id)
    )
    entry.round = under_way
    return entry


COLUMN = {EntryState.VISITED: "visited", EntryState.EXCUSED: "excused"}


def count_over(round_id: UUID, before: str, after: str) -> None:
    """Move one entry of a round from one state's count to another's."""
    changes = {}
    if column := COLUMN.get(EntryState(before)):
        changes[column] = F(column) - 1
    if column := COLUMN.get(EntryState(after)):
        changes[column] = F(column) + 1
    if changes:
        Round.objects.filter(pk=round_id).update(**changes)
