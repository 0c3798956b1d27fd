"""The zone's own papers: 检查记录, 隐患整改通知单, 复查意见, 移送函. Views of records, never typed."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.cases.models import Case, Move
from bihuan.cases.rules.declaration import Status
from bihuan.core.refusals import Refused
from bihuan.enterprises.models import Enterprise
from bihuan.files.models import StoredFile
from bihuan.rounds.models import Present, Visit
from bihuan.rounds.queries import Answered, Record, record_of
from bihuan.rounds.rules.checklist import ANSWER_NAMES
from bihuan.ui.formats import date_long


@dataclass(frozen=True)
class Signing:
    """A line to sign on: for whom, who is known already, and their signature."""

    label: str
    names: str = ""
    images: Sequence[StoredFile] = ()
    note: str = ""


@dataclass(frozen=True)
class Paper:
    """A paper ready to be printed or written as .docx."""

    title: str
    number: str
    zone: str
    facts: Sequence[tuple[str, str]]
    lead: str = ""
    heads: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    parts: Sequence[tuple[str, str]] = field(default_factory=tuple)
    signings: Sequence[Signing] = ()
    foot: str = ""


def _about(visit: Visit) -> list[tuple[str, str]]:
    enterprise = Enterprise.objects.filter(pk=visit.dossier_id).first()
    facts = [
        (_("Inspected unit"), visit.dossier.name),
        (_("Unified social credit code"), enterprise.uscc if enterprise else ""),
        (_("Address"), visit.dossier.place),
        (_("Principal responsible person"), enterprise.principal if enterprise else ""),
    ]
    return [(label, value) for label, value in facts if value]


def inspection_record(visit: Visit, zone: str) -> Paper:
    """Return the record of a visit (检查记录): time, place, content, findings, signatures."""
    told = record_of(visit)
    found = [_problem(place, one.case) for place, one in enumerate(told.findings, start=1)]
    parts = [(_("What was inspected"), visit.summary)] if visit.summary else []
    if visit.checklist:
        parts.append((_("Checklist"), str(visit.checklist)))
    parts += [(name, "\n".join(map(_answer_line, rows))) for name, rows in told.sections]
    parts.append((_("Problems found"), "\n".join(found) or _("None found.")))
    return Paper(
        title=_("Inspection record"),
        number=visit.number,
        zone=zone,
        facts=[
            *_about(visit),
            (_("Time of inspection"), _times(visit)),
            (_("Inspectors"), "、".join(map(_named, told.ours))),
            (_("Present for the unit"), "、".join(map(_named, told.theirs))),
        ],
        parts=parts,
        signings=_signings(told),
        foot=_("Items without an answer were not looked at."),
    )


def _times(visit: Visit) -> str:
    """Return from when until when, the second day only where it is another."""
    began, ended = (timezone.localtime(it) for it in (visit.started_at, visit.ended_at))
    until = "" if ended.date() == began.date() else f"{date_long(ended)} "
    return f"{date_long(began)} {began:%H:%M} – {until}{ended:%H:%M}"


def _problem(place: int, case: Case) -> str:
    return f"{place}. {case.title}" + (f"（{case.place}）" if case.place else "")


def _named(person: Present) -> str:
    return f"{person.name}（{person.title}）" if person.title else person.name


def _answer_line(one: Answered) -> str:
    said = str(ANSWER_NAMES[one.answer]) if one.answer else one.value
    return f"{one.item.code} {one.item.text}：{said}" + (f"（{one.note}）" if one.note else "")


def _signings(told: Record) -> list[Signing]:
    why = told.visit.refusal
    return [
        _signing(_("Inspectors (signature)"), told.ours),
        _signing(
            _("For the inspected unit (signature)"),
            told.theirs,
            _("Signing refused: %(why)s") % {"why": why} if why else "",
        ),
    ]


def _signing(label: str, people: Sequence[Present], note: str = "") -> Signing:
    images = [one.signature for one in people if one.signature]
    return Signing(label, "、".join(one.name for one in people), images, note)


def rectification_notice(visit: Visit, zone: str) -> Paper:
    """Return the notice of a visit (隐患整改通知单): each problem with its own deadline."""
    told = record_of(visit)
    found = [one for one in told.findings if not one.is_known]
    if not found:
        raise Refused(_("This visit found nothing, so there is nothing to give notice of."))
    rows = [
        (
            str(place),
            one.case.title + (f"（{one.case.place}）" if one.case.place else ""),
            one.case.clause,
            one.case.get_grade_display(),
            _until(one.case, visit),
            one.case.number,
        )
        for place, one in enumerate(found, start=1)
    ]
    return Paper(
        title=_("Notice to rectify hazards"),
        number=f"{visit.number}-T",
        zone=zone,
        facts=[*_about(visit), (_("Day of inspection"), date_long(visit.visited_on))],
        lead=_(
            "The following problems were found at your unit. Rectify each by its own date, take "
            "measures for safety meanwhile, and report with photos taken afterwards."
        ),
        heads=(
            _("Item no."), _("Problem"), _("Basis"), _("Grade"), _("To be rectified by"), _("Case no."),
        ),
        rows=rows,
        signings=_signings(told),
        foot=_(
            "A paper of the zone's administration for supervision; not an administrative penalty "
            "or a statutory enforcement document."
        ),
    )  # fmt: skip


def _until(case: Case, visit: Visit) -> str:
    """Return by when a problem is to be rectified, or that it was on the spot."""
    if case.status == Status.CLOSED and case.rectified_on == visit.visited_on:
        return _("Corrected on the spot")
    return date_long(case.original_due_on)


def reinspection_opinion(case: Case, zone: str) -> Paper:
    """Return the opinion on re-inspection (复查意见) of a case that was verified or sent back."""
    moves = list(case.moves.order_by("seq"))
    seen = [move for move in moves if move.name in ("verify", "reject", "fix_on_spot")]
    if not seen:
        raise Refused(_("The rectification of this case has not been re-inspected yet."))
    last = seen[-1]
    done = [move for move in moves if move.name in ("submit", "fix_on_spot")]
    verdict = (
        _("Sent back to be rectified") if last.name == "reject" else _("Found to be rectified")
    )
    second = [move.by_name for move in moves if move.name == "countersign" and move.at > last.at]
    opinion = str(last.data.get("opinion") or last.data.get("reason") or "")
    return Paper(
        title=_("Opinion on re-inspection"),
        number=f"{case.number}-F",
        zone=zone,
        facts=[
            (_("Inspected unit"), case.dossier.name),
            (_("Case"), f"{case.number} {case.title}"),
            (_("Basis"), case.clause),
            (_("Original deadline"), date_long(case.original_due_on)),
            (_("Re-inspected"), date_long(timezone.localtime(last.at))),
        ],
        parts=[
            (_("Rectification"), str(done[-1].data.get("measures", "")) if done else ""),
            (_("Opinion on re-inspection"), f"{verdict}。{opinion}"),
        ],
        signings=[
            Signing(_("Re-inspected by (signature)"), last.by_name),
            *(Signing(_("Second signature (major hazard)"), name) for name in second),
            Signing(_("For the inspected unit (signature)")),
        ],
    )


def transfer_letter(case: Case, zone: str) -> Paper:
    """Return the letter that hands a case to the authority it belongs to (移送函).

    Before the transfer it is printed with room to write: the receipt comes in answer to it.
    """
    move = Move.objects.filter(case=case, name="transfer").order_by("seq").last()
    if move is None and not case.is_live:
        raise Refused(_("This case was not transferred."))
    told = move.data if move else {}
    return Paper(
        title=_("Letter of transfer"),
        number=f"{case.number}-Y",
        zone=zone,
        facts=[
            (_("Addressed to"), str(told.get("receiver", ""))),
            (_("Unit concerned"), case.dossier.name),
            (_("Case"), f"{case.number} {case.title}"),
            (_("Found"), date_long(timezone.localtime(case.found_at).date())),
            (_("Number of the receipt"), str(told.get("receipt_number", ""))),
        ],
        parts=[
            (_("Facts"), case.description or case.title),
            (_("Reason for the transfer"), str(told.get("reason", "")) or "\n" * 3),
        ],
        signings=[
            Signing(_("Handed over by"), move.by_name if move else ""),
            Signing(_("Received by (signature or seal)")),
        ],
        foot=""
        if move
        else _("Not transferred yet: that is entered once the receiver's receipt is here."),
    )
