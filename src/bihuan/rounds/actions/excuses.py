"""Not visited, and why: a reason, evidence, and another person's word."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.accounts.models import Person
from bihuan.core.days import day_of
from bihuan.core.ids import new_id
from bihuan.core.permissions import Permission
from bihuan.core.refusals import Refused, Stale
from bihuan.files.models import StoredFile
from bihuan.ledger.actions import record
from bihuan.rounds.actions._locking import count_over, entry_locked
from bihuan.rounds.models import Entry, Excuse
from bihuan.rounds.rules.coverage import NO_EVIDENCE, EntryState, Excusal, Verdict
from bihuan.zones.permissions import require


@transaction.atomic
def ask_excuse(
    *,
    entry_id: UUID,
    reason: Excusal,
    note: str,
    evidence: StoredFile | None,
    by: Person,
    at: datetime,
    id: UUID | None = None,  # noqa: A002  the record's own name
) -> Excuse:
    """Propose to excuse a dossier from being visited. It is still to go until approved.

    The same id sent again returns the proposal that is there. Raises Stale where the id is
    taken by another one.
    """
    if id and (there := Excuse.objects.filter(pk=id).first()):
        return _same(there, entry_id, by)
    entry = entry_locked(entry_id)
    require(by, Permission.VISIT_RECORD, zone=entry.round.zone, on=day_of(at), row=entry.dossier)
    if entry.state != EntryState.TO_GO:
        raise Refused(_("This dossier is settled already."))
    if evidence is None:
        raise Refused(NO_EVIDENCE, field="evidence")
    if evidence.zone_id != entry.zone_id or evidence.received_by_id != by.pk:
        raise Refused(
            _("You can only attach files you uploaded yourself. Upload it again."),
            field="evidence",
        )
    if reason is Excusal.OTHER and not note.strip():
        raise Refused(_("Say what the other reason is."), field="note")
    if Excuse.objects.filter(entry=entry, verdict=Verdict.ASKED).exists():
        raise Refused(_("An excuse waits for approval already."))
    made = Excuse.objects.create(
        pk=id or new_id(),
        zone_id=entry.zone_id,
        entry=entry,
        reason=reason,
        note=note.strip()[:300],
        evidence=evidence,
        asked_by=by,
        asked_at=at,
    )
    _tell("excuse.asked", entry, made, by, at, evidence)
    return made


def _same(there: Excuse, entry_id: UUID, by: Person) -> Excuse:
    if (there.entry_id, there.asked_by_id) == (entry_id, by.pk):
        return there
    raise Stale(_("This record was already sent with other contents. Reload and enter it anew."))


@transaction.atomic
def decide_excuse(
    *, excuse_id: UUID, approve: bool, note: str = "", by: Person, at: datetime
) -> Excuse:
    """Approve or decline an excuse. Who asked for it cannot decide it."""
    entry = entry_locked(Excuse.objects.values_list("entry", flat=True).get(pk=excuse_id))
    require(by, Permission.ROUND_EXCUSE, zone=entry.round.zone, on=day_of(at), row=entry.dossier)
    row = (
        Excuse.objects.select_for_update(of=("self",)).select_related("evidence").get(pk=excuse_id)
    )
    if row.verdict != Verdict.ASKED:
        raise Refused(_("This excuse is decided already."))
    if row.asked_by_id == by.pk:
        raise Refused(_("You proposed this excuse yourself. Another person must decide it."))
    if approve and entry.state != EntryState.TO_GO:
        raise Refused(_("It was visited meanwhile. Decline the excuse."))
    if not approve and not note.strip():
        raise Refused(_("Say why it is declined."), field="note")
    row.verdict = Verdict.APPROVED if approve else Verdict.DECLINED
    row.decided_by, row.decided_at, row.decision_note = by, at, note.strip()[:300]
    row.save(update_fields=["verdict", "decided_by", "decided_at", "decision_note"])
    if approve:
        count_over(entry.round_id, entry.state, EntryState.EXCUSED)
        entry.state, entry.settled_on = EntryState.EXCUSED, day_of(at)
        entry.save(update_fields=["state", "settled_on"])
    _tell(f"excuse.{row.verdict}", entry, row, by, at, row.evidence)
    return row


def _tell(
    kind: str, entry: Entry, excuse: Excuse, by: Person, at: datetime, evidence: StoredFile
) -> None:
    record(
        zone_id=entry.zone_id,
        kind=kind,
        about=("round", str(entry.round_id)),
        by=by,
        at=at,
        data={
            "excuse": excuse.pk,
            "dossier": entry.dossier_id,
            "reason": str(excuse.reason),
            "note": excuse.decision_note or excuse.note,
        },
        files=[evidence.sha256],
    )
