"""Pages of dossiers."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bihuan.accounts.models import Person
from bihuan.core.ids import id_in
from bihuan.core.permissions import Permission
from bihuan.core.refusals import Refused
from bihuan.dossiers import actions, panels
from bihuan.dossiers.forms import AccountForm, ChangeForm, DocumentForm, HandOverForm, WithdrawForm
from bihuan.dossiers.models import Document, Dossier, DossierQuerySet
from bihuan.dossiers.queries import Answers, gaps, the_dossier, who_answers
from bihuan.dossiers.tables import DOCUMENTS, GAPS, HELD
from bihuan.files.actions import keep_all
from bihuan.files.models import StoredFile
from bihuan.ui import links
from bihuan.ui.forms import form_data, refuse, show_form
from bihuan.ui.once import once
from bihuan.ui.pages import needs
from bihuan.zones.models import Post
from bihuan.zones.permissions import who_asks
from bihuan.zones.rules import NewPerson

INLINE = 30  # events on the page itself; the history page shows more
WHOLE_HISTORY = 500
GAPS_SHOWN = 50


@needs(Permission.DOSSIER_READ)
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Tell all about one dossier."""
    dossier = the_dossier(who_asks(request), pk)
    if dossier is None:
        raise Http404
    return render(request, "dossiers/detail.html", panels.whole(request, dossier))


@needs(Permission.DOSSIER_READ)
def history(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Tell what happened to a dossier; for HTMX just the lines."""
    dossier = get_object_or_404(_visible(request), pk=pk)
    short = bool(getattr(request, "htmx", False))
    moments = panels.moments(dossier, limit=INLINE if short else WHOLE_HISTORY)
    context = {"dossier": dossier, "moments": moments, "more": len(moments) == INLINE}
    template = "dossiers/_moments.html" if short else "dossiers/history.html"
    return render(request, template, context)


TITLES = {
    "cell": lambda: _("Move to another grid cell"),
    "state": lambda: _("Change the state"),
    "risk": lambda: _("Grade the risk"),
}


@needs(Permission.DOSSIER_EDIT)
@once
def change(request: HttpRequest, pk: UUID, what: str) -> HttpResponse:
    """Change the cell, state or risk of a dossier."""
    if what not in TITLES:
        raise Http404
    dossier = get_object_or_404(_visible(request, Permission.DOSSIER_EDIT), pk=pk)
    form = ChangeForm(*form_data(request), what=what, dossier=dossier)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        acts: dict[str, Callable[..., Any]] = {
            "cell": actions.move_to_cell,
            "state": actions.set_state,
            "risk": actions.grade,
        }
        if done := _carried_out(request, form, acts[what], dossier=dossier, **given):
            return done
    return show_form(
        request, "dossiers/form.html", {"form": form, "dossier": dossier, "title": TITLES[what]()}
    )


@needs(Permission.DOSSIER_EDIT)
@once
def add_document(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add a document to a dossier."""
    dossier = get_object_or_404(_visible(request, Permission.DOSSIER_EDIT), pk=pk)
    kept, refused = _scan(request)
    form = DocumentForm(*form_data(request), kept=kept)
    if request.method == "POST" and form.is_valid():
        for sentence in refused:
            refuse(form, Refused(sentence, field="scan"))
        if not refused and (done := _add(request, form, dossier, kept)):
            return done
    context = {"form": form, "dossier": dossier, "title": _("Add a document"), "kept": kept}
    return show_form(request, "dossiers/form.html", context)


def _scan(request: HttpRequest) -> tuple[StoredFile | None, list[str]]:
    """Keep the scan that was sent, or find the one an earlier try kept."""
    if request.method != "POST":
        return None, []
    standing = who_asks(request)
    result = keep_all(
        zone=standing.zone,
        sent=request.FILES.getlist("scan"),
        earlier=request.POST.getlist("kept"),
        by=standing.person,
        at=timezone.now(),
    )
    return (result.files[-1] if result.files else None), result.refused


def _add(
    request: HttpRequest, form: DocumentForm, dossier: Dossier, kept: StoredFile | None
) -> HttpResponse | None:
    given = {**form.cleaned_data}
    told_from = given.pop("source").strip()
    given.pop("scan")
    by, at = who_asks(request).person, timezone.now()

    def act(**more: Any) -> None:
        source = None
        if told_from:
            source = actions.note_source(zone=dossier.zone, reference=told_from, by=by, at=at)
        document = actions.NewDocument(**given, file=kept)
        actions.add_document(source=source, document=document, **more)

    return _carried_out(request, form, act, dossier=dossier)


@needs(Permission.DOSSIER_EDIT)
@once
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a document out of use."""
    editable = _visible(request, Permission.DOSSIER_EDIT)
    rows = Document.objects.filter(
        zone=who_asks(request).zone, dossier__in=editable, withdrawn_at=None
    )
    document = get_object_or_404(rows.select_related("dossier"), pk=pk)
    form = WithdrawForm(*form_data(request))
    if request.method == "POST" and form.is_valid():
        done = _carried_out(
            request,
            form,
            lambda **more: actions.withdraw_document(document=document, **more),
            _dossier=document.dossier,
            **form.cleaned_data,
        )
        if done:
            return done
    title = _("Withdraw “%(name)s”") % {"name": document.name}
    context = {"form": form, "dossier": document.dossier, "title": title}
    return show_form(request, "dossiers/form.html", context)


@needs(Permission.PEOPLE_MANAGE)
@once
def give_account(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let someone of the dossier's own organisation sign in: they see this dossier and its cases."""
    standing = who_asks(request)
    dossier = get_object_or_404(_visible(request), pk=pk)
    form = AccountForm(*form_data(request))
    if request.method == "POST" and form.is_valid():
        try:
            person = actions.give_account(
                dossier=dossier,
                new=NewPerson(**form.cleaned_data),
                by=standing.person,
                at=timezone.now(),
            )
        except Refused as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, _("Appointed."))
            return redirect("zones:person", standing.zone.slug, person.pk)
    context = {"form": form, "dossier": dossier, "title": _("Give an account")}
    return show_form(request, "dossiers/form.html", context)


def _carried_out(
    request: HttpRequest, form: Any, act: Callable[..., Any], **given: Any
) -> HttpResponse | None:
    """Run an action on a dossier; return the way back to it, or None when it was refused."""
    dossier: Dossier = given.pop("_dossier", None) or given["dossier"]
    try:
        act(**given, by=who_asks(request).person, at=timezone.now())
    except Refused as refusal:
        refuse(form, refusal)
        return None
    messages.success(request, _("Saved."))
    return redirect("dossiers:detail", who_asks(request).zone.slug, dossier.pk)


@needs(Permission.DOSSIER_READ)
def document_list(request: HttpRequest) -> HttpResponse:
    """List documents by the day they end."""
    rows = Document.objects.filter(
        zone=who_asks(request).zone, withdrawn_at=None, dossier__in=_visible(request).values("pk")
    )
    page = DOCUMENTS.page(request, rows)
    today = timezone.localdate()
    spans = [(days, today + timedelta(days=days)) for days in (30, 60, 90)]
    return page.respond("dossiers/documents.html", {"today": today, "spans": spans})


@needs(Permission.CONTACT_READ)
def contacts(request: HttpRequest) -> HttpResponse:
    """Show who answers for what, the gaps first."""
    standing, today = who_asks(request), timezone.localdate()
    missing = gaps(standing.zone, on=today)
    orphans = missing.dossiers.order_by("name").values_list(*GAPS.fields())
    found = list(orphans[: GAPS_SHOWN + 1])
    duties = who_answers(standing.zone, on=today)
    context = {
        "gap_dossiers": GAPS.plain(request, found[:GAPS_SHOWN]) if found else "",
        "gap_count": len(found) if len(found) <= GAPS_SHOWN else missing.dossiers.count(),
        "gap_cells": list(missing.cells.select_related("leader").order_by("path")),
        "gap_duties": list(missing.duties.order_by("person__name")),
        "people": duties.people,
        "opened": _contacts_in_reach(request, duties.people),
        "cells": [(it, n, "　" * (it.path.count("/") - 2)) for it, n in duties.cells],
        "may_hand_over": standing.may(Permission.DOSSIER_HAND_OVER),
    }
    return render(request, "dossiers/contacts.html", context)


def _contacts_in_reach(request: HttpRequest, people: list[Answers]) -> set[UUID]:
    """Return those whose dossiers the reader may see, some at least."""
    if who_asks(request).scope(Permission.DOSSIER_READ).whole_zone:
        return {it.person.pk for it in people if it.dossiers}
    return set(_visible(request).order_by().values_list("contact", flat=True).distinct())


@needs(Permission.CONTACT_READ)
def held_by(request: HttpRequest, pk: UUID) -> HttpResponse:
    """List what one person answers for, ready to be handed over."""
    standing = who_asks(request)
    rows = _visible(request).filter(contact=pk)
    held = Post.objects.filter(zone=standing.zone).values("person")
    person = get_object_or_404(Person.objects.filter(pk__in=held), pk=pk)
    page = HELD.page(request, rows)
    if not page.rows and not standing.may(Permission.PEOPLE_MANAGE) and person != standing.person:
        raise Http404
    may = standing.may(Permission.DOSSIER_HAND_OVER)
    return page.respond("dossiers/held.html", {"holder": person, "may_hand_over": may})


@needs(Permission.DOSSIER_HAND_OVER)
@once
def hand_over(request: HttpRequest) -> HttpResponse:
    """Hand over the dossiers that were ticked, or all of one person's."""
    standing = who_asks(request)
    rows = _chosen(request)
    count = rows.count()
    form = HandOverForm(
        *((request.POST, None) if "to" in request.POST else (None, None)),
        zone=standing.zone,
        today=timezone.localdate(),
        but=id_in(request.POST.get("of") or request.GET.get("of")),
    )
    if "to" in request.POST and form.is_valid() and count:
        ids = list(rows.values_list("pk", flat=True))
        try:
            done = actions.hand_over(
                zone=standing.zone,
                dossiers=ids,
                to=get_object_or_404(Person, pk=form.cleaned_data["to"]),
                reason=form.cleaned_data["reason"],
                by=standing.person,
                at=timezone.now(),
            )
        except Refused as refusal:
            refuse(form, refusal)
        else:
            words = ngettext("%(n)s dossier handed over.", "%(n)s dossiers handed over.", done)
            messages.success(request, words % {"n": done})
            return redirect("dossiers:contacts", standing.zone.slug)
    context = {
        "form": form,
        "count": count,
        "names": rows.order_by("name").values_list("name", flat=True)[:20],
        "pks": request.POST.getlist("pk") or request.GET.getlist("pk"),
        "of": request.POST.get("of") or request.GET.get("of", ""),
        "back": links.page("dossiers:contacts", standing.zone.slug),
    }
    return show_form(request, "dossiers/hand_over.html", context)


def _chosen(request: HttpRequest) -> DossierQuerySet:
    """Return the dossiers the request is about, within the person's reach."""
    given = request.POST if request.method == "POST" else request.GET
    rows = _visible(request, Permission.DOSSIER_HAND_OVER)
    if given.getlist("pk"):
        return rows.filter(pk__in=[pk for text in given.getlist("pk") if (pk := id_in(text))])
    holder = id_in(given.get("of"))
    return rows.filter(contact=holder) if holder else rows.none()


def _visible(
    request: HttpRequest, permission: Permission = Permission.DOSSIER_READ
) -> DossierQuerySet:
    rows = Dossier.objects.visible_to(who_asks(request), permission)
    return rows.select_related("zone", "cell", "contact")
