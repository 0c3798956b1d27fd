"""Pages of the ledger."""

import json
from contextlib import ExitStack
from functools import partial
from tempfile import TemporaryFile
from typing import Any

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bihuan.core.composition import listed
from bihuan.core.permissions import Permission
from bihuan.ledger import actions, queries, tables
from bihuan.ledger.exporters import write_bundle
from bihuan.ledger.forms import BundleForm
from bihuan.ledger.models import Checkpoint
from bihuan.ledger.rules.notes import verifier_key
from bihuan.ledger.tasks import verify_ledger
from bihuan.ui.forms import form_data, show_form
from bihuan.ui.pages import needs

VERIFY_AT_ONCE = 5_000  # events: about a second, with the records they tell of


@needs(Permission.LEDGER_READ)
def event_list(request: Any) -> HttpResponse:
    """Tell who did what to what, when, and whether the ledger is whole."""
    zone = request.standing.zone
    state = queries.state(zone.pk)
    page = tables.LedgerPage(request, zone, state.size)
    return page.respond("ledger/list.html", {"state": state})


@needs(Permission.LEDGER_READ)
def event(request: Any, seq: int) -> HttpResponse:
    """Show one event as it is stored, with its hashes."""
    zone = request.standing.zone
    found = queries.event(zone.pk, seq)
    if found is None:
        raise Http404
    data, _files = queries.told_in(found.body)
    about = (found.about_type, found.about_id)
    own = tables.called(zone.pk, [about]).get(about, "")
    context = {
        "event": found,
        "words": tables.words_of(found.kind),
        "who": tables.name_of(found.actor, tables.names_of([found.actor])),
        "subject": tables.subject(zone.slug, *about, data, called=own),
        "facts": tables.facts_of(data),
        "data": json.dumps(data, ensure_ascii=False, indent=2),
        "leaf": bytes(found.leaf).hex(),
        "chain": bytes(found.chain).hex(),
    }
    return render(request, "ledger/event.html", context)


@needs(Permission.LEDGER_READ)
@require_POST
def verify(request: Any) -> HttpResponse:
    """Verify the zone's ledger now, or in the background where it is long."""
    zone = request.standing.zone
    if queries.state(zone.pk).size > VERIFY_AT_ONCE:
        verify_ledger.enqueue(zone=str(zone.pk))
        messages.info(request, _("The ledger is being verified. The result will appear here."))
        return redirect("ledger:list", zone.slug)
    verdict = queries.verify(zone.pk)
    try:
        actions.note_verdict(verdict=verdict, by=request.user, at=timezone.now())
    except actions.LedgerDamaged as damaged:
        messages.error(request, str(damaged))
    if verdict.is_whole:
        messages.success(
            request, _("The ledger is whole: %(size)s events.") % {"size": f"{verdict.size:,}"}
        )
    for finding in verdict.findings[:10]:
        messages.error(
            request,
            _("No. %(first)s–%(last)s: %(what)s.")
            % {"first": finding.seq, "last": finding.last, "what": finding.sentence},
        )
    return redirect("ledger:list", zone.slug)


@needs(Permission.LEDGER_READ)
def bundle(request: Any) -> HttpResponse | FileResponse:
    """Hand out the ledger, or one thing's part of it, for others to check."""
    zone = request.standing.zone
    form = BundleForm(form_data(request)[0], initial={"about": request.GET.get("about", "")})
    if request.method == "POST" and form.is_valid():
        about, now = form.cleaned_data["about"], timezone.now()
        with ExitStack() as unless_it_fails:
            file = unless_it_fails.enter_context(TemporaryFile())
            (opened,) = listed("EVIDENCE")
            size = write_bundle(
                file,
                zone_id=zone.pk,
                by=request.user,
                at=now,
                about=about,
                held=form.cleaned_data["held"],
                evidence=partial(opened, zone.pk) if form.cleaned_data["evidence"] else None,
            )
            unless_it_fails.pop_all()  # the response closes the file
        actions.note_download(zone_id=zone.pk, size=size, about=about, by=request.user, at=now)
        file.seek(0)
        name = f"ledger-{zone.slug}-{size}.zip"
        return FileResponse(file, as_attachment=True, filename=name)
    context = {
        "form": form,
        "about": request.GET.get("about", ""),
        "keys": [verifier_key(key) for key in queries.public_keys().values()],
    }
    return show_form(request, "ledger/bundle.html", context)


@needs(Permission.LEDGER_READ)
def checkpoint(request: Any, size: int) -> HttpResponse:
    """Hand out a signed checkpoint, to be kept elsewhere."""
    zone = request.standing.zone
    found = get_object_or_404(Checkpoint, zone_id=zone.pk, size=size)
    response = HttpResponse(found.note, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{zone.slug}-{size}.note"'
    return response
