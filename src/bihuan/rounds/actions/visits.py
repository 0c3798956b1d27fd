"""Recording a visit: one call, one transaction, one record however often it is sent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.accounts.models import Person
from bihuan.cases.actions import Finding as CaseFinding
from bihuan.cases.actions import Wanted, make_move, next_number, report
from bihuan.cases.models import Case
from bihuan.cases.queries import THE_ENTERPRISE, found_kind
from bihuan.cases.rules.declaration import Grade, Proof
from bihuan.core.days import day_of
from bihuan.core.permissions import Permission
from bihuan.core.refusals import Refused, Stale
from bihuan.dossiers.models import Dossier
from bihuan.dossiers.queries import held_dossier
from bihuan.files.models import StoredFile
from bihuan.ledger.actions import record
from bihuan.rounds.actions._locking import count_over, entry_locked
from bihuan.rounds.models import Checklist, Entry, Finding, Photo, Present, Visit
from bihuan.rounds.queries import digests_of
from bihuan.rounds.rules.checklist import answer_faults, noes
from bihuan.rounds.rules.coverage import EntryState
from bihuan.rounds.rules.visiting import Attendee, Found, Told, fingerprint, refusal
from bihuan.zones.permissions import require


@dataclass(frozen=True)
class Evidence:
    """The files a visit speaks of by their SHA-256, as they were kept for its recorder."""

    files: Mapping[str, StoredFile] = field(default_factory=dict)

    @classmethod
    def of(cls, kept: Iterable[StoredFile]) -> "Evidence":
        return cls({file.sha256: file for file in kept})

    def get(self, digest: str) -> StoredFile:
        """Return a file; Refused if it was not handed over with the visit."""
        try:
            return self.files[digest]
        except KeyError:
            raise Refused(_("A photo did not arrive. Attach it again."), field="photos") from None


@transaction.atomic
def record_visit(
    *,
    id: UUID,  # noqa: A002  the record's own name, made where the visit was
    dossier: Dossier,
    told: Told,
    evidence: Evidence,
    entry_id: UUID | None = None,
    checklist: Checklist | None = None,
    by: Person,
    at: datetime,
) -> Visit:
    """Record a visit with all it found, and tick the dossier off the round's list.

    Each finding becomes a case with its own deadline. The same id sent again with the
    same contents returns the record that is there. Raises Stale where the id is taken by
    another visit, Refused where the record is not complete, Forbidden where the dossier
    is beyond the person's reach. Nothing is kept unless everything is.
    """
    print_ = fingerprint(told, dossier=str(dossier.pk), entry=str(entry_id or ""))
    dossier = held_dossier(dossier)
    if there := Visit.objects.filter(pk=id).first():
        return _same(there, print_, by)
    require(by, Permission.VISIT_RECORD, zone=dossier.zone, on=day_of(at), row=dossier)
    entry = _entry(entry_id, dossier)
    if entry and checklist is None:
        checklist = entry.round.checklist
    if checklist and checklist.zone_id != dossier.zone_id:
        raise Refused(_("Choose a checklist that is in use."), field="checklist")
    _check(told, checklist, evidence, dossier, at, by)
    visit = _write(id, dossier, told, entry, checklist, print_, by, at)
    _write_people(visit, told.present, evidence)
    Photo.objects.bulk_create(
        Photo(zone_id=visit.zone_id, visit=visit, file=evidence.get(digest))
        for digest in dict.fromkeys(told.photos)
    )
    _write_findings(visit, dossier, told, evidence, by, at)
    if entry:
        _tick_off(entry, visit)
    _keep_last_visit(dossier, visit.visited_on)
    record(
        zone_id=visit.zone_id,
        kind="visit.recorded",
        about=("visit", str(visit.pk)),
        by=by,
        at=at,
        data=_said(visit, entry),
        files=sorted(_used(told)),
    )
    return visit


def _same(there: Visit, print_: str, by: Person) -> Visit:
    if there.fingerprint == print_ and there.by_id == by.pk:
        return there
    raise Stale(_("This record was already sent with other contents. Reload and enter it anew."))


def _entry(entry_id: UUID | None, dossier: Dossier) -> Entry | None:
    if entry_id is None:
        return None
    entry = entry_locked(entry_id)
    if entry.dossier_id != dossier.pk:
        raise Refused(_("This entry of the round is about another dossier."))
    if entry.state == EntryState.VISITED:
        raise Refused(_("This dossier was visited in this round already. Open that visit."))
    return entry


def _check(
    told: Told,
    checklist: Checklist | None,
    evidence: Evidence,
    dossier: Dossier,
    at: datetime,
    by: Person,
) -> None:
    items = checklist.items if checklist else ()
    for code, sentence in answer_faults(items, told.answers).items():
        raise Refused(sentence, field=f"item-{code}")
    if refused := refusal(told, noes(items, told.answers), at):
        raise Refused(refused[1], field=refused[0])
    for digest in _used(told):
        file = evidence.get(digest)
        if file.received_by_id != by.pk or file.zone_id != dossier.zone_id:
            raise Refused(_("You can only attach files you uploaded yourself. Upload it again."))


def _used(told: Told) -> set[str]:
    """Return every file a visit rests on."""
    photos = {digest for found in told.findings for digest in (*found.before, *found.after)}
    signed = {one.signature for one in told.present if one.signature}
    return photos | signed | set(told.photos)


def _write(
    id: UUID,  # noqa: A002
    dossier: Dossier,
    told: Told,
    entry: Entry | None,
    checklist: Checklist | None,
    print_: str,
    by: Person,
    at: datetime,
) -> Visit:
    on = day_of(told.started_at)
    series = f"JC{on.year}"
    return Visit.objects.create(
        id=id,
        zone_id=dossier.zone_id,
        number=f"{series}-{next_number(dossier.zone, series):04d}",
        dossier=dossier,
        round=entry.round if entry else None,
        checklist=checklist,
        visited_on=on,
        started_at=told.started_at,
        ended_at=told.ended_at,
        answers=dict(told.answers),
        notes={code: note for code, note in told.notes.items() if note.strip()},
        summary=told.summary.strip(),
        refusal=told.refusal.strip()[:300],
        found=sum(not found.known for found in told.findings),
        fingerprint=print_,
        recorded_at=at,
        by=by,
        by_name=by.display_name,
    )


def _write_people(visit: Visit, present: Iterable[Attendee], evidence: Evidence) -> None:
    Present.objects.bulk_create(
        Present(
            zone_id=visit.zone_id,
            visit=visit,
            place=place,
            side=one.side,
            name=one.name.strip()[:64],
            title=one.title.strip()[:100],
            certificate=one.certificate.strip()[:40],
            signature=evidence.get(one.signature) if one.signature else None,
        )
        for place, one in enumerate(present)
    )


def _write_findings(
    visit: Visit, dossier: Dossier, told: Told, evidence: Evidence, by: Person, at: datetime
) -> None:
    for place, found in enumerate(told.findings):
        try:
            case = (
                _known(found.known, dossier)
                if found.known
                else _open_case(found, dossier, evidence, by, at)
            )
        except Refused as refused:
            refused.field = f"finding-{place}-{refused.field or 'title'}"
            raise
        Finding.objects.create(
            zone_id=visit.zone_id,
            visit=visit,
            place=place,
            item=found.item,
            case=case,
            is_known=bool(found.known),
        )


def _known(number: str, dossier: Dossier) -> Case:
    case = Case.objects.filter(dossier=dossier, is_live=True, number=number).first()
    if case is None:
        raise Refused(_("Choose one of the open cases of this dossier."), field="known")
    return case


def _open_case(
    found: Found, dossier: Dossier, evidence: Evidence, by: Person, at: datetime
) -> Case:
    """Open the case of a finding; correct it on the spot or give it to the enterprise."""
    before = [(evidence.get(digest), Proof.BEFORE) for digest in found.before]
    case = report(
        kind=found_kind().code,
        dossier=dossier,
        finding=CaseFinding(
            title=found.title,
            grade=Grade(found.grade),
            description=found.description,
            place=found.place[:200],
            category=found.category,
            clause=found.clause[:80],
            due_on=found.due_on,
        ),
        attached=before,
        by=by,
        at=at,
    )
    if found.corrected.strip():
        after = [(evidence.get(digest), Proof.AFTER) for digest in found.after]
        wanted = Wanted("fix_on_spot", {"measures": found.corrected}, [*before, *after])
    else:
        wanted = Wanted("assign", {"unit": THE_ENTERPRISE})
    return make_move(case=case.pk, wanted=wanted, by=by, at=at)


def _tick_off(entry: Entry, visit: Visit) -> None:
    """Settle the line in the name of who had to go, whoever is the dossier's contact later."""
    count_over(entry.round_id, entry.state, EntryState.VISITED)
    entry.state, entry.visit, entry.settled_on = EntryState.VISITED, visit, visit.visited_on
    entry.assignee_id = entry.assignee_id or entry.dossier.contact_id
    entry.save(update_fields=["state", "visit", "settled_on", "assignee"])


def _keep_last_visit(dossier: Dossier, on: date) -> None:
    """Let the dossier know its latest visit; an earlier one changes nothing."""
    if dossier.last_visited_on is None or dossier.last_visited_on < on:
        Dossier.objects.filter(pk=dossier.pk).update(last_visited_on=on)
        dossier.last_visited_on = on


def _said(visit: Visit, entry: Entry | None) -> dict[str, str | int | bool | None]:
    """Return what the ledger keeps: no names, but a hash of every word as it is stored."""
    return {
        "number": visit.number,
        "dossier": str(visit.dossier_id),
        "round": str(entry.round_id) if entry else None,
        "checklist": str(visit.checklist_id) if visit.checklist_id else None,
        "visited_on": visit.visited_on.isoformat(),
        "found": visit.found,
        "signed": not visit.refusal,
        "content_sha256": digests_of([visit.pk])[visit.pk],
    }
