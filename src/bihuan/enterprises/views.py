"""Pages of the register."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bihuan.accounts.models import Person
from bihuan.core.permissions import Permission
from bihuan.core.refusals import Refused
from bihuan.dossiers.actions import note_source
from bihuan.dossiers.models import Dossier, DossierKind, DossierQuerySet, DossierState, Source
from bihuan.enterprises import actions, rules
from bihuan.enterprises.forms import (
    EditForm,
    LandlordForm,
    NewForm,
    ReasonForm,
    SectorsForm,
    SiteForm,
)
from bihuan.enterprises.models import Enterprise, Sector, SectorFlag, Site
from bihuan.enterprises.queries import by_name, facts_of
from bihuan.enterprises.tables import ENTERPRISES
from bihuan.ui.forms import form_data, refuse, show_form
from bihuan.ui.once import once
from bihuan.ui.pages import needs
from bihuan.zones.permissions import who_asks

PROPOSED = 12  # names proposed as one types
MANY_FIELDS = 8  # from here on a form takes the whole width


@needs(Permission.DOSSIER_READ)
def enterprise_list(request: HttpRequest) -> HttpResponse:
    """List the enterprises the person may see; who left only when asked for."""
    standing = who_asks(request)
    rows = Dossier.objects.visible_to(standing).filter(kind=DossierKind.ENTERPRISE)
    if request.GET.get("state") not in DossierState.values:
        rows = rows.looked_after()
    page = ENTERPRISES.page(request, rows)
    return page.respond(
        "enterprises/list.html", {"may_edit": standing.may(Permission.DOSSIER_EDIT)}
    )


@needs(Permission.DOSSIER_EDIT)
@once
def new(request: HttpRequest) -> HttpResponse:
    """Register one enterprise by hand."""
    standing = who_asks(request)
    form = NewForm(*form_data(request), zone=standing.zone, today=timezone.localdate())
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        same = by_name(standing.zone, [form.cleaned_data["name"].strip()])
        ids = [pk for found in same.values() for pk in found]
        context["alike"] = Dossier.objects.visible_to(standing).filter(pk__in=ids)[:5]
        if ids and not request.POST.get("anew"):
            return render(request, "enterprises/new.html", context, status=422)
        if done := _carried_out(request, form, lambda: _register(request, form)):
            return done
    return show_form(request, "enterprises/new.html", context)


def _register(request: HttpRequest, form: NewForm) -> UUID:
    standing, given, at = who_asks(request), form.cleaned_data, timezone.now()
    contact = Person.objects.get(pk=given["contact"]) if given["contact"] else None
    site = given["site"].strip()
    made = actions.register(
        zone=standing.zone,
        enterprise=actions.NewEnterprise(
            facts=rules.Facts(**form.told()),
            cell=given["cell"],
            contact=contact,
            unit=given["unit"],
            sectors=frozenset(given["sectors"]),
            sites=(actions.NewSite(address=site),) if site else (),
        ),
        source=_source(request, given["source"]),
        by=standing.person,
        at=at,
    )
    return made.dossier_id


@needs(Permission.DOSSIER_EDIT)
@once
def edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change what is known of an enterprise."""
    enterprise = _editable(request, pk)
    form = EditForm(*form_data(request), enterprise=enterprise, facts=facts_of(enterprise))

    def act() -> UUID:
        actions.amend(
            enterprise=enterprise,
            changes=form.told(),
            version=form.cleaned_data["version"],
            source=_source(request, form.cleaned_data["source"]),
            by=who_asks(request).person,
            at=timezone.now(),
        )
        return pk

    return _handled(request, form, act, enterprise, _("Edit the enterprise"))


@needs(Permission.DOSSIER_EDIT)
@once
def sectors(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say which key sectors an enterprise belongs to."""
    enterprise = _editable(request, pk)
    flags = SectorFlag.objects.filter(zone=enterprise.zone_id, enterprise=pk)
    initial = {
        "sectors": list(flags.values_list("sector", flat=True)),
        "version": enterprise.dossier.version,
    }
    form = SectorsForm(initial, *form_data(request))

    def act() -> UUID:
        wanted = [Sector(it) for it in form.cleaned_data["sectors"]]
        actions.set_sectors(
            enterprise=enterprise,
            sectors=wanted,
            version=form.cleaned_data["version"],
            by=who_asks(request).person,
            at=timezone.now(),
        )
        return pk

    return _handled(request, form, act, enterprise, _("Key sectors"))


@needs(Permission.DOSSIER_EDIT)
@once
def landlord(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say who lets the enterprise its place."""
    enterprise = _editable(request, pk)
    held = enterprise.landlord
    initial = {
        "landlord": _proposed(held.dossier.code, held.dossier.name) if held else "",
        "landlord_agreement_on": enterprise.landlord_agreement_on,
        "version": enterprise.dossier.version,
    }
    form = LandlordForm(initial, who_asks(request).zone, *form_data(request))

    def act() -> UUID:
        given = form.cleaned_data
        actions.set_landlord(
            enterprise=enterprise,
            landlord=_named(request, given["landlord"]),
            agreement_on=given["landlord_agreement_on"],
            version=given["version"],
            by=who_asks(request).person,
            at=timezone.now(),
        )
        return pk

    return _handled(request, form, act, enterprise, _("Landlord"))


@needs(Permission.DOSSIER_EDIT)
def names(request: HttpRequest) -> HttpResponse:
    """Propose enterprises, as options of a field, by a part of the name or the code typed."""
    typed = (str(value).strip() for value in request.GET.values())
    words = next(filter(None, typed), "")
    rows = _enterprises(request)
    if words:
        rows = rows.filter(Q(name__icontains=words) | Q(code__istartswith=words))
    found = rows.order_by("name", "pk").values_list("code", "name")[:PROPOSED]
    options = format_html_join(
        "", '<option value="{}"></option>', ((_proposed(*it),) for it in found)
    )
    return HttpResponse(options)


def _enterprises(request: HttpRequest) -> DossierQuerySet:
    return Dossier.objects.visible_to(who_asks(request)).filter(kind=DossierKind.ENTERPRISE)


def _proposed(code: str, name: str) -> str:
    return f"{code} {name}"


def _named(request: HttpRequest, words: str) -> Enterprise | None:
    """Return the enterprise of a proposal, a code or a whole name; None where nothing is typed."""
    words = words.strip()
    if not words:
        return None
    rows = _enterprises(request)
    code = rows.filter(code__iexact=words.split()[0]).values_list("pk", flat=True)[:1]
    found = list(code) or list(rows.filter(name=words).values_list("pk", flat=True)[:2])
    if len(found) != 1:
        sentence = _("Type a part of the landlord's name and choose one enterprise from the list.")
        raise Refused(sentence, field="landlord")
    return Enterprise.objects.get(pk=found[0])


@needs(Permission.DOSSIER_EDIT)
@once
def add_site(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add a production site."""
    enterprise = _editable(request, pk)
    form = SiteForm(*form_data(request))

    def act() -> UUID:
        by, at = who_asks(request).person, timezone.now()
        actions.add_site(enterprise=enterprise, **form.cleaned_data, by=by, at=at)
        return pk

    return _handled(request, form, act, enterprise, _("Add a production site"))


@needs(Permission.DOSSIER_EDIT)
@once
def close_site(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a production site up."""
    rows = Site.objects.filter(zone=who_asks(request).zone, closed_at=None)
    site = get_object_or_404(
        rows.filter(enterprise__in=_rows(request, Permission.DOSSIER_EDIT).values("pk")), pk=pk
    )
    enterprise = _editable(request, site.enterprise_id)
    form = ReasonForm(*form_data(request))

    def act() -> UUID:
        by, at = who_asks(request).person, timezone.now()
        actions.close_site(site=site, reason=form.cleaned_data["reason"], by=by, at=at)
        return enterprise.dossier_id

    title = _("Give up the site %(address)s") % {"address": site.address}
    return _handled(request, form, act, enterprise, title)


@needs(Permission.PERSONAL_READ)
@require_POST
def show(request: HttpRequest, pk: UUID, name: str) -> HttpResponse:
    """Show a telephone number in clear; the ledger keeps who looked."""
    if name not in rules.PHONES:
        raise Http404
    rows = Enterprise.objects.filter(pk__in=_rows(request, Permission.PERSONAL_READ).values("pk"))
    enterprise = get_object_or_404(rows.select_related("dossier__zone"), pk=pk)
    number = actions.show_phone(
        enterprise=enterprise, name=name, by=who_asks(request).person, at=timezone.now()
    )
    if getattr(request, "htmx", False):
        return render(request, "enterprises/_shown.html", {"number": number})
    messages.info(request, number)
    return redirect("dossiers:detail", who_asks(request).zone.slug, pk)


def _handled(
    request: HttpRequest, form: Any, act: Callable[[], UUID], enterprise: Enterprise, title: str
) -> HttpResponse:
    """Show the form of one change, or carry it out."""
    if request.method == "POST" and form.is_valid() and (done := _carried_out(request, form, act)):
        return done
    wide = len(form.fields) > MANY_FIELDS
    context = {"form": form, "dossier": enterprise.dossier, "title": title, "wide": wide}
    return show_form(request, "dossiers/form.html", context)


def _carried_out(request: HttpRequest, form: Any, act: Callable[[], UUID]) -> HttpResponse | None:
    """Run an action; return the way to the dossier, or None with each refusal at its field."""
    try:
        pk = act()
    except actions.RowsRefused as refusal:
        for problem in next(iter(refusal.problems.values())):
            refuse(form, Refused(problem.message, field=problem.field))
        return None
    except Refused as refusal:
        refuse(form, refusal)
        return None
    messages.success(request, _("Saved."))
    return redirect("dossiers:detail", who_asks(request).zone.slug, pk)


def _source(request: HttpRequest, reference: str) -> Source | None:
    if not reference.strip():
        return None
    standing = who_asks(request)
    return note_source(
        zone=standing.zone, reference=reference, by=standing.person, at=timezone.now()
    )


def _editable(request: HttpRequest, pk: UUID) -> Enterprise:
    rows = Enterprise.objects.filter(pk__in=_rows(request, Permission.DOSSIER_EDIT).values("pk"))
    loaded = rows.select_related("dossier__zone", "zone", "landlord__dossier")
    return get_object_or_404(loaded, pk=pk)


def _rows(request: HttpRequest, permission: Permission) -> DossierQuerySet:
    return Dossier.objects.visible_to(who_asks(request), permission)
