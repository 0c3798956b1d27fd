"""Pages of safety: the hazard ledger, major hazards, papers, powers of enforcement."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bihuan.cases.models import Case
from bihuan.core.permissions import Permission
from bihuan.core.refusals import Refused
from bihuan.files.actions import keep_all
from bihuan.rounds.models import Visit
from bihuan.safety import actions, panels, queries
from bihuan.safety.forms import DelegationForm
from bihuan.safety.models import Basis, Delegation
from bihuan.safety.panels import docx_of
from bihuan.safety.tables import LEDGER, majors_table
from bihuan.ui.forms import form_data, refuse, show_form
from bihuan.ui.once import once
from bihuan.ui.pages import needs
from bihuan.zones.models import Unit
from bihuan.zones.permissions import who_asks

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PAPER_LANGUAGE = "zh-hans"  # papers leave the house in Chinese, whoever prints them


@needs(Permission.CASE_READ)
def hazards(request: HttpRequest) -> HttpResponse:
    """List hazards in the form of the office's ledger: problem, rectification, closing."""
    standing = who_asks(request)
    page = LEDGER.page(request, queries.hazards(standing))
    sees = standing.may(Permission.CONTACT_READ)
    return page.respond("safety/hazards.html", {"sees_powers": sees})


@needs(Permission.CASE_READ)
def majors(request: HttpRequest) -> HttpResponse:
    """List major hazards with plan, stoppage and signatures."""
    standing = who_asks(request)
    table = majors_table(standing.zone)
    return table.page(request, queries.majors(standing)).respond("safety/majors.html")


@needs(Permission.ROUND_READ)
def record(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Print the record of a visit."""
    return _visit_paper(request, pk, panels.inspection_record)


@needs(Permission.ROUND_READ)
def notice(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Print the notice to rectify what a visit found."""
    return _visit_paper(request, pk, panels.rectification_notice)


def _visit_paper(
    request: HttpRequest, pk: UUID, make: Callable[[Visit, str], panels.Paper]
) -> HttpResponse:
    standing = who_asks(request)
    rows = Visit.objects.visible_to(standing).made_here().select_related("dossier", "checklist")
    visit = get_object_or_404(rows, pk=pk)
    return _paper(request, lambda: make(visit, standing.zone.name))


@needs(Permission.CASE_READ)
def opinion(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Print the opinion on re-inspection of a case."""
    return _case_paper(request, pk, panels.reinspection_opinion)


@needs(Permission.CASE_READ)
def transfer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Print the letter that transfers a case."""
    return _case_paper(request, pk, panels.transfer_letter)


def _case_paper(
    request: HttpRequest, pk: UUID, make: Callable[[Case, str], panels.Paper]
) -> HttpResponse:
    standing = who_asks(request)
    case = get_object_or_404(queries.hazards(standing).select_related("dossier"), pk=pk)
    return _paper(request, lambda: make(case, standing.zone.name))


def _paper(request: HttpRequest, make: Callable[[], panels.Paper]) -> HttpResponse:
    """Answer with the paper as a page to print, or as .docx with ?as=docx."""
    with translation.override(PAPER_LANGUAGE):
        paper, number_label = make(), _("Paper no.")
        if request.GET.get("as") == "docx":
            response = HttpResponse(docx_of(paper), content_type=WORD)
            name = f"{paper.title} {paper.number}.docx"
            header = content_disposition_header(as_attachment=True, filename=name)
            response["Content-Disposition"] = header
            return response
    context = {"paper": paper, "number_label": number_label}
    return render(request, "safety/paper.html", context)


@require_POST
@needs(Permission.ROUND_MANAGE)
def load_checklists(request: HttpRequest) -> HttpResponse:
    """Take the supplied checklists into use."""
    standing = who_asks(request)
    loaded = actions.load_supplied_checklists(
        zone=standing.zone, by=standing.person, at=timezone.now()
    )
    messages.success(request, _("%(count)d checklists are in use.") % {"count": len(loaded)})
    return redirect("rounds:checklists", standing.zone.slug)


@needs(Permission.CONTACT_READ)
def powers(request: HttpRequest) -> HttpResponse:
    """Show which department may make out statutory forms, and what the others lack."""
    standing = who_asks(request)
    context = {
        "rows": queries.powers(standing.zone, on=timezone.localdate()),
        "manages": standing.may(Permission.ZONE_SETUP),
        "decides": standing.may(Permission.CASE_DECIDE),
    }
    return render(request, "safety/powers.html", context)


@needs(Permission.ZONE_SETUP)
@once
def delegate(request: HttpRequest) -> HttpResponse:
    """Record a delegation of powers."""
    standing = who_asks(request)
    units = Unit.objects.filter(zone=standing.zone, kind="department", is_open=True)
    form = DelegationForm(*form_data(request), units=units.order_by("name"))
    kept = keep_all(
        zone=standing.zone,
        sent=request.FILES.getlist("file") if request.method == "POST" else (),
        earlier=request.POST.getlist("kept_file"),
        by=standing.person,
        at=timezone.now(),
    )
    for sentence in kept.refused:
        refuse(form, Refused(sentence, field="file"))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        grant = actions.Grant(
            given["unit"],
            Basis(given["basis"]),
            given["granted_by"],
            given["document"],
            given["starts_on"],
            given["ends_on"],
        )
        try:
            actions.record_delegation(
                zone=standing.zone,
                grant=grant,
                file=kept.files[-1] if kept.files else None,
                by=standing.person,
                at=timezone.now(),
            )
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("Recorded."))
            return redirect("safety:powers", standing.zone.slug)
    return show_form(request, "safety/delegate.html", {"form": form, "kept": kept.files})


@require_POST
@needs(Permission.ZONE_SETUP)
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Note that a delegation no longer holds."""
    standing = who_asks(request)
    row = get_object_or_404(Delegation.objects.filter(zone=standing.zone), pk=pk)
    actions.withdraw_delegation(delegation_id=row.pk, by=standing.person, at=timezone.now())
    messages.success(request, _("Withdrawn as of today."))
    return redirect("safety:powers", standing.zone.slug)


@require_POST
@needs(Permission.CASE_DECIDE)
def statutory(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for a statutory form in a department's name: refused unless its powers are on record."""
    standing = who_asks(request)
    unit = get_object_or_404(Unit.objects.filter(zone=standing.zone), pk=pk)
    actions.allow_statutory(
        zone=standing.zone,
        unit=unit,
        form="rectification_order",
        by=standing.person,
        at=timezone.now(),
    )
    raise Refused(
        _(
            "The powers are on record. The edition of the form now in force has not been checked "
            "against its original, so none is supplied; use the form of the authority."
        )
    )
