"""The zone's own papers: 检查记录, 隐患整改通知单, 复查意见, 移送函. Views of records, never typed."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.cases.models import Case, Move
from bihuan.core.refusals import Refused
from bihuan.enterprises.models import Enterprise
from bihuan.files.models import StoredFile
from bihuan.rounds.models import Visit
from bihuan.rounds.panels import record_of
from bihuan.rounds.rules.checklist import ANSWER_NAMES, Answer
from bihuan.ui.formats import date_long, moment


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
    looked = [
        (name, "\n".join(_answer_line(one) for one in rows)) for name, rows in told["sections"]
    ]
    findings = "\n".join(
        f"{place}. {one.case.title}" + (f"（{one.case.place}）" if one.case.place else "")
        for place, (one, _status, _grade) in enumerate(told["findings"], start=1)
    )
    parts = [(_("What was inspected"), visit.summary)] if visit.summary else []
    if visit.checklist:
        parts.append((_("Checklist"), str(visit.checklist)))
    parts += looked
    parts.append((_("Problems found"), findings or _("None found.")))
    return Paper(
        title=_("Inspection record"),
        number=visit.number,
        zone=zone,
        facts=[
            *_about(visit),
            (_("Time of inspection"), f"{moment(visit.started_at)} – {moment(visit.ended_at)}"),
            (_("Inspectors"), "、".join(_named(one) for one in told["ours"])),
            (_("Present for the unit"), "、".join(_named(one) for one in told["theirs"])),
        ],
        parts=parts,
        signings=_signings(visit, told),
        foot=_("Items without an answer were not looked at."),
    )


def _named(person: object) -> str:
    name, title = getattr(person, "name", ""), getattr(person, "title", "")
    return f"{name}（{title}）" if title else name


def _answer_line(one: object) -> str:
    item, value = one.item, one.value  # type: ignore[attr-defined]
    said = str(ANSWER_NAMES[Answer(value)]) if value in tuple(Answer) else value
    note = one.note  # type: ignore[attr-defined]
    return f"{item.code} {item.text}：{said}" + (f"（{note}）" if note else "")


def _signings(visit: Visit, told: dict[str, list[object]]) -> list[Signing]:
    def images(side: str) -> list[StoredFile]:
        return [one.signature for one in told[side] if one.signature]  # type: ignore[attr-defined]

    refused = _("Signing refused: %(why)s") % {"why": visit.refusal} if visit.refusal else ""
    return [
        Signing(_("Inspectors (signature)"), "、".join(map(_name, told["ours"])), images("ours")),
        Signing(
            _("For the inspected unit (signature)"),
            "、".join(map(_name, told["theirs"])),
            images("theirs"),
            refused,
        ),
    ]


def _name(person: object) -> str:
    return str(getattr(person, "name", ""))


def rectification_notice(visit: Visit, zone: str) -> Paper:
    """Return the notice of a visit (隐患整改通知单): each problem with its own deadline."""
    found = list(visit.findings.filter(is_known=False).select_related("case").order_by("place"))
    if not found:
        raise Refused(_("This visit found nothing, so there is nothing to give notice of."))
    told = record_of(visit)
    rows = [
        (
            str(place),
            one.case.title + (f"（{one.case.place}）" if one.case.place else ""),
            one.case.clause,
            one.case.get_grade_display(),
            date_long(one.case.original_due_on),
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
            _("Item no."), _("Problem"), _("Basis"), _("Grade"), _("To be rectified by"), _("Case"),
        ),
        rows=rows,
        signings=_signings(visit, told),
        foot=_(
            "A paper of the zone's administration for supervision; not an administrative penalty "
            "or a statutory enforcement document."
        ),
    )  # fmt: skip


def reinspection_opinion(case: Case, zone: str) -> Paper:
    """Return the opinion on re-inspection (复查意见) of a case that was verified or sent back."""
    moves = list(case.moves.order_by("seq"))
    seen = [move for move in moves if move.name in ("verify", "reject", "fix_on_spot")]
    if not seen:
        raise Refused(_("The rectification of this case has not been re-inspected yet."))
    last = seen[-1]
    done = [move for move in moves if move.name in ("submit", "fix_on_spot")]
    verdict = _("Sent back to be rectified") if last.name == "reject" else _("Rectified")
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
            (_("Re-inspected"), moment(last.at)),
        ],
        parts=[
            (_("Rectification"), str(done[-1].data.get("measures", "")) if done else ""),
            (_("Opinion on re-inspection"), f"{verdict}。{opinion}"),
        ],
        signings=[
            Signing(_("Re-inspected by (signature)"), last.by_name),
            Signing(_("For the inspected unit (signature)")),
        ],
    )


def transfer_letter(case: Case, zone: str) -> Paper:
    """Return the letter that hands a case to the authority it belongs to (移送函)."""
    move = Move.objects.filter(case=case, name="transfer").order_by("seq").last()
    if move is None:
        raise Refused(_("This case was not transferred."))
    told = move.data
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
            (_("Reason for the transfer"), str(told.get("reason", ""))),
        ],
        signings=[
            Signing(_("Handed over by"), move.by_name),
            Signing(_("Received by (signature or seal)")),
        ],
    )
