"""Pages of visits: what is left to visit, the sheet, what was recorded."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bihuan.cases.models import Origin
from bihuan.cases.queries import found_kind, said_dues, usual_dues
from bihuan.core.composition import listed
from bihuan.core.permissions import Permission
from bihuan.core.refusals import Refused
from bihuan.dossiers.models import Dossier
from bihuan.enterprises.models import Enterprise
from bihuan.files.actions import keep_all
from bihuan.rounds import actions, queries
from bihuan.rounds.forms import VisitSheet
from bihuan.rounds.forms.visit import Someone, sent_slots
from bihuan.rounds.models import Checklist, Entry, Visit
from bihuan.rounds.panels import whole
from bihuan.rounds.rules.checklist import Item
from bihuan.rounds.rules.coverage import EntryState, RoundState, Verdict
from bihuan.rounds.tables import MINE, OPEN_CASES, STATE_BADGES, VISITS
from bihuan.ui.forms import keep_typed
from bihuan.ui.once import once, sent_key
from bihuan.ui.pages import needs
from bihuan.zones.permissions import Standing, who_asks, within


@needs(Permission.VISIT_RECORD)
def mine(request: HttpRequest) -> HttpResponse:
    """List what the person still has to visit."""
    rows = queries.entries_to_go(who_asks(request)).order_by()
    return MINE.page(request, rows).respond("rounds/mine.html")


@needs(Permission.ROUND_READ)
def visit_list(request: HttpRequest) -> HttpResponse:
    """List the visits the person may see."""
    return VISITS.page(request, Visit.objects.visible_to(who_asks(request))).respond(
        "rounds/visits.html"
    )


@needs(Permission.ROUND_READ)
def visit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one visit as it was recorded."""
    rows = Visit.objects.visible_to(who_asks(request))
    row = get_object_or_404(rows.select_related("dossier__cell", "round", "checklist"), pk=pk)
    papers = listed("VISIT_PAPERS") if row.origin == Origin.HERE else ()
    context = {**whole(row), "papers": [it for it in papers if row.found or not it.of_findings]}
    return render(request, "rounds/visit.html", context)


@needs(Permission.ROUND_READ)
def entry(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one line of a round's list: its state, its excuses, what may be done."""
    standing = who_asks(request)
    row = _entry(request, pk)
    excuses = list(
        row.excuses.select_related("asked_by", "decided_by", "evidence").order_by("-asked_at")
    )
    open_ = row.round.state == RoundState.OPEN
    goes = within(standing.scope(Permission.VISIT_RECORD), row.dossier)
    asked = any(excuse.verdict == Verdict.ASKED for excuse in excuses)
    return render(
        request,
        "rounds/entry.html",
        {
            "entry": row,
            "state": STATE_BADGES[EntryState(row.state)],
            "excuses": excuses,
            "may_visit": open_ and goes and row.state != EntryState.VISITED,
            "may_excuse": open_ and goes and row.state == EntryState.TO_GO and not asked,
            "may_decide": open_ and standing.may(Permission.ROUND_EXCUSE),
        },
    )


@needs(Permission.VISIT_RECORD)
@once
def visit_entry(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Record a visit that a round asks for."""
    row = _entry(request, pk)
    if row.state == EntryState.VISITED and request.method != "POST":
        return redirect("rounds:visit", who_asks(request).zone.slug, row.visit_id)
    return _sheet(request, row.dossier, row, row.round.checklist)


@needs(Permission.VISIT_RECORD)
@once
def visit_dossier(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Record a visit outside any round."""
    standing = who_asks(request)
    rows = Dossier.objects.visible_to(standing, Permission.VISIT_RECORD)
    dossier = get_object_or_404(rows.select_related("cell", "zone"), pk=pk)
    named = request.POST.get("checklist") or request.GET.get("checklist", "")
    current = queries.current_checklists(standing.zone)
    chosen = current.filter(code=named).first() if named else None
    return _sheet(request, dossier, None, chosen or queries.checklist_for(standing.zone, dossier))


def _entry(request: HttpRequest, pk: UUID) -> Entry:
    rows = Entry.objects.visible_to(who_asks(request))
    related = ("dossier__cell", "dossier__zone", "round__checklist", "assignee", "visit")
    return get_object_or_404(rows.select_related(*related, "dossier__contact"), pk=pk)


def _sheet(
    request: HttpRequest, dossier: Dossier, entry: Entry | None, checklist: Checklist | None
) -> HttpResponse:
    standing, now = who_asks(request), timezone.now()
    items = checklist.items if checklist else ()
    kept, refused = _keep(request, items) if request.method == "POST" else ({}, {})
    sheet = VisitSheet(
        items,
        data=request.POST if request.method == "POST" else None,
        kept=kept,
        recorder=_recorder(standing),
        now=now,
    )
    for slot, sentence in refused.items():
        sheet.refuse(slot, sentence)
    told = sheet.told() if request.method == "POST" and not refused else None
    if told is not None:
        try:
            made = actions.record_visit(
                id=sent_key(request),
                dossier=dossier,
                told=told,
                evidence=actions.Evidence.of(sheet.files),
                entry_id=entry.pk if entry else None,
                checklist=checklist,
                by=standing.person,
                at=now,
            )
        except Refused as no:
            sheet.refuse(no.field, no.message)
        else:
            words = ngettext(
                "Recorded as %(number)s, with %(found)d finding.",
                "Recorded as %(number)s, with %(found)d findings.",
                made.found,
            )
            messages.success(request, words % {"number": made.number, "found": made.found})
            return redirect("rounds:visit", standing.zone.slug, made.pk)
    context = _context(request, dossier, entry, checklist, sheet)
    status = 422 if sheet.errors else 200
    return keep_typed(render(request, "rounds/sheet.html", context, status=status))


def _keep(request: HttpRequest, items: tuple[Item, ...]) -> tuple[dict[str, Any], dict[str, str]]:
    """Keep what was uploaded, whatever else is wrong with the sheet."""
    standing = who_asks(request)
    kept, refused = {}, {}
    for slot, (sent, earlier) in sent_slots(items, request.POST, request.FILES).items():
        got = keep_all(
            zone=standing.zone, sent=sent, earlier=earlier, by=standing.person, at=timezone.now()
        )
        kept[slot] = got.files
        if got.refused:
            refused[slot] = " ".join(got.refused)
    return kept, refused


def _recorder(standing: Standing) -> Someone:
    post = next((post for post in standing.posts if post.certificate), None) or standing.posts[0]
    title = post.title or str(post.get_role_display())
    return Someone(standing.person.name, title, post.certificate)


def _context(
    request: HttpRequest,
    dossier: Dossier,
    entry: Entry | None,
    checklist: Checklist | None,
    sheet: VisitSheet,
) -> dict[str, Any]:
    standing = who_asks(request)
    enterprise = Enterprise.objects.filter(pk=dossier.pk).first()
    cases = queries.open_cases(dossier)
    dues = usual_dues(standing.zone, found_kind(), on=timezone.localdate())
    return {
        "sheet": sheet,
        "dossier": dossier,
        "enterprise": enterprise,
        "entry": entry,
        "checklist": checklist,
        "checklists": () if entry else queries.current_checklists(standing.zone),
        "cases": cases,
        "cases_table": OPEN_CASES.plain(request, _rows(cases)),
        "categories": found_kind().categories.items(),
        "usual": said_dues(dues),
        "undated": " ".join(grade for grade, due in dues.items() if due is None),
        "last": queries.last_visits(dossier, count=1),
        "suggested": _suggested(enterprise),
        "today": timezone.localdate(),
        "form_key": request.POST.get("form_key", ""),
        "unchecked": _("check the original text"),
    }


def _rows(cases: list[Any]) -> list[tuple[Any, ...]]:
    return [tuple(getattr(case, path) for path in OPEN_CASES.fields()) for case in cases]


def _suggested(enterprise: Enterprise | None) -> list[tuple[str, str]]:
    """Return who of the enterprise is likely to be there: name, post."""
    if enterprise is None:
        return []
    people = (
        (enterprise.safety_manager, _("safety manager")),
        (enterprise.principal, _("principal responsible person")),
        (enterprise.legal_representative, _("legal representative")),
    )
    return list({name: title for name, title in people if name}.items())
