"""Pages of excuses: proposing one, deciding them."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bihuan.core.permissions import Permission
from bihuan.core.refusals import Refused
from bihuan.files.actions import keep_all
from bihuan.rounds import actions, queries
from bihuan.rounds.forms import ExcuseForm
from bihuan.rounds.models import Entry, Excuse
from bihuan.rounds.rules.coverage import Excusal
from bihuan.ui.forms import form_data, refuse, show_form, typed
from bihuan.ui.once import once, sent_key
from bihuan.ui.pages import needs
from bihuan.zones.permissions import who_asks


@needs(Permission.VISIT_RECORD)
@once
def ask(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Propose to excuse a dossier."""
    standing = who_asks(request)
    rows = Entry.objects.visible_to(standing).select_related("dossier", "round")
    entry = get_object_or_404(rows, pk=pk)
    kept = keep_all(
        zone=standing.zone,
        sent=request.FILES.getlist("evidence") if request.method == "POST" else (),
        earlier=request.POST.getlist("kept_evidence"),
        by=standing.person,
        at=timezone.now(),
    )
    form = ExcuseForm(*form_data(request), has_evidence=bool(kept.files or kept.refused))
    for sentence in kept.refused:
        refuse(form, Refused(sentence, field="evidence"))
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask_excuse(
                id=sent_key(request),
                entry_id=entry.pk,
                reason=Excusal(form.cleaned_data["reason"]),
                note=form.cleaned_data["note"],
                evidence=kept.files[-1] if kept.files else None,
                by=standing.person,
                at=timezone.now(),
            )
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("Sent for approval. Until then it is still to go."))
            return redirect("rounds:entry", standing.zone.slug, entry.pk)
    return show_form(
        request, "rounds/excuse.html", {"form": form, "entry": entry, "kept": kept.files}
    )


@needs(Permission.ROUND_EXCUSE)
def waiting(request: HttpRequest) -> HttpResponse:
    """List the excuses that wait for the person's decision."""
    rows = queries.waiting_excuses(who_asks(request))
    return render(request, "rounds/excuses.html", {"excuses": rows[:200]})


@require_POST
@needs(Permission.ROUND_EXCUSE)
def decide(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Approve or decline one."""
    standing = who_asks(request)
    excuse = get_object_or_404(Excuse.objects.filter(zone=standing.zone), pk=pk)
    approve = request.POST.get("verdict") == "approve"
    try:
        actions.decide_excuse(
            excuse_id=excuse.pk,
            approve=approve,
            note=typed(request, "note"),
            by=standing.person,
            at=timezone.now(),
        )
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("Approved.") if approve else _("Declined."))
    return redirect("rounds:excuses", standing.zone.slug)
