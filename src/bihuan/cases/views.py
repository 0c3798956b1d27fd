"""Pages of cases."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.cases import actions, panels
from bihuan.cases.forms import MoveForm, ProofForm, ReportForm
from bihuan.cases.models import Case
from bihuan.cases.queries import (
    asked_due,
    choices,
    found_kind,
    kind_of,
    organisations,
    people_to_ask,
    said_dues,
    similar,
    situation_of,
    the_case,
    usual_dues,
)
from bihuan.cases.rules.declaration import Grade, Proof
from bihuan.cases.tables import CASES, FIND, SHORT
from bihuan.core.permissions import Permission
from bihuan.core.refusals import Refused
from bihuan.dossiers.models import Dossier
from bihuan.files.actions import keep_all
from bihuan.files.models import StoredFile
from bihuan.ui.forms import form_data, refuse, show_form, typed, whole_number
from bihuan.ui.once import once, sent_key
from bihuan.ui.pages import needs
from bihuan.zones.permissions import who_asks
from bihuan.zones.queries import calendar_of


@needs(Permission.CASE_READ)
def case_list(request: HttpRequest) -> HttpResponse:
    """List the cases the person may see."""
    page = CASES.page(request, Case.objects.visible_to(who_asks(request)))
    return page.respond(
        "cases/list.html", {"may_report": who_asks(request).may(Permission.CASE_REPORT)}
    )


@needs(Permission.CASE_READ)
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Tell a case from finding to end, and what may happen next."""
    case = _visible(request, pk)
    return render(request, "cases/detail.html", panels.whole(request, case, now=timezone.now()))


@needs(Permission.CASE_REPORT)
def find(request: HttpRequest) -> HttpResponse:
    """Choose the dossier that something was found at."""
    words = request.GET.get("q", "").strip()
    rows = Dossier.objects.visible_to(who_asks(request), Permission.CASE_REPORT)
    if words:
        rows = rows.filter(name__icontains=words)
    context = {"rows": FIND.plain(request, rows.order_by("name")[:30]), "q": words}
    return render(request, "cases/find.html", context)


@needs(Permission.CASE_REPORT)
@once
def report(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Report something found at a dossier."""
    standing = who_asks(request)
    within_reach = Dossier.objects.visible_to(standing, Permission.CASE_REPORT)
    dossier = get_object_or_404(within_reach.select_related("zone", "cell"), pk=pk)
    kind = found_kind()
    alike = similar(
        standing.zone,
        dossier.pk,
        category=typed(request, "category"),
        clause=typed(request, "clause"),
        title=typed(request, "title"),
        since=timezone.localdate() - timedelta(days=kind.recurs_within_days),
    )
    earlier = [(str(it.pk), str(it)) for it in alike if not it.is_live]
    live = [it for it in alike if it.is_live]
    kept = Uploads(request, [Proof.BEFORE])
    usual = said_dues(usual_dues(standing.zone, kind, on=timezone.localdate()))
    form = ReportForm(*form_data(request), kind=kind, earlier=earlier, usual=usual, kept=kept.files)
    context = {"form": form, "dossier": dossier, "kept": kept.all}
    if request.method == "POST" and form.is_valid() and kept.accepted(form):
        if live and not request.POST.get("anew"):
            rows = Case.objects.filter(pk__in=[it.pk for it in live]).order_by("due_on")
            context["alike"] = SHORT.plain(request, rows)
            return render(request, "cases/report.html", context, status=422)
        try:
            case = actions.report(
                kind=kind.code,
                dossier=dossier,
                finding=_finding(form.cleaned_data),
                attached=kept.attached,
                by=standing.person,
                at=timezone.now(),
                id=sent_key(request),
            )
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("Reported as %(number)s.") % {"number": case.number})
            return redirect("cases:detail", standing.zone.slug, case.pk)
    return show_form(request, "cases/report.html", context)


def _finding(given: dict[str, Any]) -> actions.Finding:
    recurs = given.get("recurs")
    return actions.Finding(
        title=given["title"],
        grade=Grade(given["grade"]),
        description=given["description"],
        place=given["place"],
        category=given["category"],
        clause=given["clause"],
        due_on=given["due_on"],
        recurs=UUID(recurs) if recurs else None,
    )


@needs(Permission.CASE_READ)
@once
def move(request: HttpRequest, pk: UUID, name: str) -> HttpResponse:
    """Make one move of a case."""
    standing, case, now = who_asks(request), _visible(request, pk), timezone.now()
    situation = situation_of(case, calendar_of(standing.zone))
    offered = {it.rule.name: it for it in choices(standing, case, situation, at=now)}
    if name not in offered:
        if request.method == "POST":  # the action says why, or that this very sending made it
            _make(request, case, name, {}, ())
            return redirect("cases:detail", standing.zone.slug, case.pk)
        if not case.moves.filter(name=name, by=standing.person).exists():
            raise Http404
        messages.info(request, _("You have made this step already. This is how the case stands."))
        return redirect("cases:detail", standing.zone.slug, case.pk)
    choice = offered[name]
    rule = choice.rule
    kept = Uploads(request, [*rule.proofs, Proof.OTHER])
    form = MoveForm(
        *form_data(request),
        rule=rule,
        asks=choice.asks,
        units=organisations(standing.zone, case),
        people=people_to_ask(standing.zone, case, on=timezone.localdate()),
        kept=kept.files,
        due_on=case.due_on,
        initial={"due_on": asked_due(case, situation)} if name == "extend" else {},
    )
    if request.method == "POST" and form.is_valid() and kept.accepted(form):
        try:
            _make(request, case, name, form.cleaned_data, kept.attached)
        except Refused as refused:
            refuse(form, refused)
        else:
            messages.success(request, _("Done: %(what)s.") % {"what": rule.story})
            return redirect("cases:detail", standing.zone.slug, case.pk)
    context = panels.behind(case, rule) | {
        "form": form,
        "case": case,
        "rule": rule,
        "label": choice.label,
        "blocked": choice.blocked,
        "kept": kept.all,
        "seen": request.POST.get("seen", case.version),
    }
    return show_form(request, "cases/move.html", context)


def _make(
    request: HttpRequest,
    case: Case,
    name: str,
    inputs: dict[str, Any],
    attached: Sequence[tuple[StoredFile, Proof]],
) -> None:
    if name not in {rule.name for rule in kind_of(case.kind).moves}:
        raise Http404
    seen = whole_number(request.POST.get("seen", ""))
    wanted = actions.Wanted(name, inputs, attached, seen, sent_key(request))
    actions.make_move(case=case.pk, wanted=wanted, by=who_asks(request).person, at=timezone.now())


class Uploads:
    """The evidence of this sending and of earlier tries, by what it shows."""

    def __init__(self, request: HttpRequest, proofs: Sequence[Proof]) -> None:
        self.files: dict[Proof, list[StoredFile]] = {}
        self.refused: dict[Proof, list[str]] = {}
        if request.method != "POST":
            return
        standing = who_asks(request)
        for proof in dict.fromkeys(proofs):
            kept = keep_all(
                zone=standing.zone,
                sent=request.FILES.getlist(f"proof_{proof}"),
                earlier=request.POST.getlist(f"kept_{proof}"),
                by=standing.person,
                at=timezone.now(),
            )
            self.files[proof], self.refused[proof] = kept.files, kept.refused

    @property
    def all(self) -> list[tuple[Proof, StoredFile]]:
        return [(proof, kept) for proof, files in self.files.items() for kept in files]

    @property
    def attached(self) -> list[tuple[StoredFile, Proof]]:
        return [(kept, proof) for proof, kept in self.all]

    def accepted(self, form: ProofForm) -> bool:
        """Show what was refused at its field; say whether nothing was."""
        for proof, sentences in self.refused.items():
            for sentence in sentences:
                refuse(form, Refused(sentence, field=f"proof_{proof}"))
        return not any(self.refused.values())


def _visible(request: HttpRequest, pk: UUID) -> Case:
    case = the_case(who_asks(request), pk)
    if case is None:
        raise Http404
    return case
