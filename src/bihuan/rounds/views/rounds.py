"""Pages of rounds: the list, opening, the register, ending."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRefresh

from bihuan.accounts.models import Person
from bihuan.core.ids import id_in
from bihuan.core.permissions import Permission
from bihuan.core.refusals import Refused
from bihuan.dossiers.models import Dossier
from bihuan.enterprises.models import Sector
from bihuan.jobs.queries import has_given_up
from bihuan.rounds import actions, queries
from bihuan.rounds.forms import CriteriaForm, GiveForm, JoinForm, OpenForm, preset_of
from bihuan.rounds.models import Entry, Round
from bihuan.rounds.rules.coverage import PRESETS, TEMPLATE_NAMES, Counts, RoundState, Template
from bihuan.rounds.tables import (
    ENTRIES,
    ENTRIES_TO_GIVE,
    ROUND_BADGES,
    ROUNDS,
    TEMPLATE_BADGES,
    to_go,
)
from bihuan.rounds.tasks import ask_to_write_out
from bihuan.sheets.actions import export
from bihuan.ui.components import Fact, Tile
from bihuan.ui.forms import form_data, refuse, show_form, typed
from bihuan.ui.once import once, sent_key
from bihuan.ui.pages import needs
from bihuan.zones.models import Cell
from bihuan.zones.permissions import Standing, who_asks

MOST_PEOPLE = 50  # shown on the register; those with most to go come first


@needs(Permission.ROUND_READ)
def round_list(request: HttpRequest) -> HttpResponse:
    """List the zone's rounds."""
    standing = who_asks(request)
    page = ROUNDS.page(request, to_go(Round.objects.filter(zone=standing.zone)))
    context = {
        "may_open": standing.may(Permission.ROUND_MANAGE),
        "sees_all": standing.scope(Permission.ROUND_READ).whole_zone,
    }
    return page.respond("rounds/list.html", context)


@needs(Permission.SHEET_EXPORT)
def export_list(request: HttpRequest, pk: UUID) -> FileResponse:
    """Write the whole register of a round, under the round's name, as a spreadsheet."""
    row, standing = _listed(request, pk), who_asks(request)
    entries = Entry.objects.visible_to(standing).filter(round=row)
    book = export(
        zone=standing.zone,
        title=row.name,
        table=ENTRIES,
        rows=ENTRIES.filtered(request, entries),
        by=standing.person,
        at=timezone.now(),
    )
    name = f"{row.name} {timezone.localdate()}.xlsx"
    return FileResponse(book, as_attachment=True, filename=name)


@needs(Permission.ROUND_MANAGE)
@once
def open_(request: HttpRequest) -> HttpResponse:
    """Open a round: choose whom it is for, see how many, freeze the list."""
    standing = who_asks(request)
    template = preset_of(request.GET.get("template", ""))
    checklists = queries.current_checklists(standing.zone)
    form = OpenForm(
        *form_data(request),
        cells=Cell.objects.filter(zone=standing.zone),
        checklists=checklists,
        initial={
            "template": template,
            "checklist": checklists.filter(code=PRESETS[template].checklist).first(),
            "due_on": timezone.localdate() + timedelta(days=PRESETS[template].days),
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.open_round(
                zone=standing.zone,
                plan=_plan(form, sent_key(request)),
                then=ask_to_write_out,
                by=standing.person,
                at=timezone.now(),
            )
        except Refused as refused:
            refuse(form, refused)
        else:
            words = _("Opened, with %(count)d on the list.")
            if made.state == RoundState.OPENING:
                words = _("The list of %(count)d is frozen and is being written out.")
            messages.success(request, words % {"count": made.total})
            return redirect("rounds:detail", standing.zone.slug, made.pk)
    presets = [(code.value, TEMPLATE_NAMES[code], preset.hint) for code, preset in PRESETS.items()]
    context = {
        "form": form,
        "presets": presets,
        "chosen": template,
        "has_checklists": checklists.exists(),
    }
    return show_form(request, "rounds/open.html", context)


def _plan(form: OpenForm, key: UUID) -> actions.Plan:
    given = form.cleaned_data
    return actions.Plan(
        name=given["name"],
        template=Template(given["template"]),
        criteria=form.criteria,
        checklist=given["checklist"],
        due_on=given["due_on"],
        note=given["note"],
        id=key,
    )


@needs(Permission.ROUND_MANAGE)
def count(request: HttpRequest) -> HttpResponse:
    """Say how many dossiers the choice so far would freeze."""
    standing = who_asks(request)
    form = CriteriaForm(request.GET, cells=Cell.objects.filter(zone=standing.zone))
    found: Any = None
    if form.is_valid():
        found = queries.matching(standing.zone, form.criteria).count()
    return render(request, "rounds/_count.html", {"count": found})


@needs(Permission.ROUND_READ)
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show a round as a register: who is visited, excused, to go."""
    standing = who_asks(request)
    row = _round(request, pk)
    if row.state == RoundState.OPENING:
        return render(request, "rounds/opening.html", _being_opened(row, standing))
    if request.headers.get("HX-Target") == "opening":  # the page that waited for this
        return HttpResponseClientRefresh()
    manages = standing.may(Permission.ROUND_MANAGE) and row.state == RoundState.OPEN
    table = ENTRIES_TO_GIVE if manages else ENTRIES
    entries = Entry.objects.visible_to(standing).filter(round=row)
    page = table.page(request, entries)
    if request.headers.get("HX-Target") == page.element:
        return page.respond("rounds/detail.html")
    whole = standing.scope(Permission.ROUND_READ).whole_zone
    counts = row.counts if whole else queries.tally_of(entries)
    context = {
        "round": row,
        "counts": counts,
        "all": None if whole else row.counts,
        "state": ROUND_BADGES[RoundState(row.state)],
        "template": TEMPLATE_BADGES[Template(row.template)],
        "tiles": _tiles(row, counts),
        "facts": _facts(row),
        "manages": manages,
        "may_export": standing.may(Permission.SHEET_EXPORT),
    }
    if manages:
        context |= {
            "give_form": GiveForm(zone=standing.zone),
            "join_form": JoinForm(),
        }
    return page.respond("rounds/detail.html", context)


def _being_opened(row: Round, standing: Standing) -> dict[str, Any]:
    return {
        "round": row,
        "written": Entry.objects.filter(round=row).count(),
        "given_up": has_given_up(row.zone, round=str(row.pk)),
        "manages": standing.may(Permission.ROUND_MANAGE),
    }


@needs(Permission.ROUND_READ)
def coverage(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Tell coverage by cell, person and sector, and who came meanwhile; a part of the register."""
    standing, row = who_asks(request), _listed(request, pk)
    manages = standing.may(Permission.ROUND_MANAGE) and row.state == RoundState.OPEN
    scope = standing.scope(Permission.ROUND_READ)
    leads = scope.whole_zone or bool(scope.cells or scope.units)  # others see their own lines only
    context = {
        "round": row,
        "parts": _parts(row, standing, whole=scope.whole_zone) if leads else (),
        "coming": queries.newcomers(row).count() if manages else 0,
    }
    return render(request, "rounds/_coverage.html", context)


def _parts(
    row: Round, standing: Standing, *, whole: bool
) -> tuple[tuple[str, list[tuple[queries.Part, str]]], ...]:
    """Return each way to cut a round: its words, its parts, each with the way to its lines."""
    page = reverse("rounds:detail", args=(row.zone.slug, row.pk))
    entries = Entry.objects.visible_to(standing)

    def linked(name: str, parts: Sequence[queries.Part]) -> list[tuple[queries.Part, str]]:
        return [(part, f"{page}?{urlencode({name: part.key})}") for part in parts]

    return (
        (_("By grid cell"), linked("cell", queries.by_cell(row, entries, sums=whole))),
        (_("By who goes"), linked("person", queries.by_person(row, entries)[:MOST_PEOPLE])),
        (_("By key sector"), linked("sector", queries.by_sector(row, entries))),
    )


def _tiles(row: Round, counts: Counts) -> list[Tile]:
    late = row.state == RoundState.OPEN and row.due_on < timezone.localdate()
    return [
        Tile(label=_("On the list"), value=counts.total, href="?"),
        Tile(label=_("Visited"), value=counts.visited, href="?state=visited", tone="green"),
        Tile(label=_("Excused"), value=counts.excused, href="?state=excused"),
        Tile(
            label=_("To go"),
            value=counts.to_go,
            href="?state=to_go",
            tone="red" if late and counts.to_go else "orange" if counts.to_go else "",
        ),
    ]


def _facts(row: Round) -> list[Fact]:
    facts = [
        Fact(label=_("Deadline"), value=row.due_on.isoformat()),
        Fact(label=_("Who is on the list"), value=_words(row)),
        Fact(label=_("Checklist"), value=str(row.checklist)),
        Fact(
            label=_("Opened"),
            value=row.opened_by_name,
            at=timezone.localtime(row.opened_at).date(),
        ),
    ]
    if row.note:
        facts.append(Fact(label=_("Requirements"), value=row.note))
    if row.ended_at:
        ended = timezone.localtime(row.ended_at).date()
        facts.append(Fact(label=_("Round ended"), value=row.ended_by_name, at=ended))
    if row.ended_reason:
        facts.append(Fact(label=_("Reason"), value=row.ended_reason))
    return facts


def _words(row: Round) -> str:
    """Return the criteria a list was frozen by, in words."""
    chosen = row.chosen
    parts = []
    if chosen.sector:
        parts.append(str(dict(Sector.choices).get(chosen.sector, chosen.sector)))
    if chosen.cell:
        cell = Cell.objects.filter(pk=chosen.cell).first()
        parts.append(cell.name if cell else "")
    if chosen.risk:
        parts.append(
            str(
                dict(Dossier._meta.get_field("risk").flatchoices).get(
                    chosen.risk, _("not yet graded")
                )
            )
        )
    if chosen.not_visited_since:
        parts.append(_("not visited since %(day)s") % {"day": chosen.not_visited_since})
    return " · ".join(parts) or _("everyone looked after")


def _round(request: HttpRequest, pk: UUID) -> Round:
    rows = Round.objects.filter(zone=who_asks(request).zone).select_related("checklist", "zone")
    return get_object_or_404(rows, pk=pk)


def _listed(request: HttpRequest, pk: UUID) -> Round:
    """Return a round whose list stands; one that is being opened has none to show yet."""
    row = _round(request, pk)
    if row.state == RoundState.OPENING:
        raise Refused(_("This round is still being opened. Wait until its list is complete."))
    return row


def _back(request: HttpRequest, pk: UUID) -> HttpResponse:
    return redirect("rounds:detail", who_asks(request).zone.slug, pk)


@require_POST
@needs(Permission.ROUND_MANAGE)
def assign(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give entries to a person."""
    standing, row = who_asks(request), _round(request, pk)
    said, person = typed(request, "person"), None
    if said:
        chosen = queries.the_goer(standing.zone, said, on=timezone.localdate())
        person = get_object_or_404(Person, pk=chosen)
    given = actions.assign(
        round_id=row.pk,
        who=actions.Who(entries=_ids(request.POST.getlist("pk"))),
        person=person,
        by=standing.person,
        at=timezone.now(),
    )
    words = ngettext("%(count)d dossier given.", "%(count)d dossiers given.", given)
    messages.success(request, words % {"count": given})
    return _back(request, pk)


@require_POST
@needs(Permission.ROUND_MANAGE)
def join(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put one dossier on the list by hand."""
    standing, row, form = who_asks(request), _round(request, pk), JoinForm(request.POST)
    if not form.is_valid():
        raise Refused(_("Give the dossier's code and the reason."))
    code = form.cleaned_data["code"].strip()
    dossier = Dossier.objects.filter(zone=standing.zone, code=code).first()
    if dossier is None:
        raise Refused(_("No dossier has the code %(code)s.") % {"code": code}, field="code")
    actions.join(
        round_id=row.pk,
        dossier=dossier,
        why=form.cleaned_data["why"],
        by=standing.person,
        at=timezone.now(),
    )
    messages.success(request, _("%(name)s is on the list.") % {"name": dossier.name})
    return _back(request, pk)


@require_POST
@needs(Permission.ROUND_MANAGE)
def join_newcomers(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let everyone who came since the round opened join its list."""
    row = _round(request, pk)
    came = actions.join_newcomers(round_id=row.pk, by=who_asks(request).person, at=timezone.now())
    words = ngettext("%(count)d newcomer joined.", "%(count)d newcomers joined.", came)
    messages.success(request, words % {"count": came})
    return _back(request, pk)


@require_POST
@needs(Permission.ROUND_MANAGE)
def close(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Close a round; the refusal says who is missing."""
    row = _round(request, pk)
    try:
        actions.close_round(round_id=row.pk, by=who_asks(request).person, at=timezone.now())
    except Refused as refused:
        messages.error(request, str(refused.message))
    else:
        messages.success(request, _("The round is closed: nobody was missed."))
    return _back(request, pk)


@require_POST
@needs(Permission.ROUND_MANAGE)
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Cancel a round with a reason."""
    row = _round(request, pk)
    actions.cancel_round(
        round_id=row.pk,
        reason=typed(request, "reason"),
        by=who_asks(request).person,
        at=timezone.now(),
    )
    messages.success(request, _("The round is cancelled."))
    return _back(request, pk)


def _ids(texts: list[str]) -> list[UUID]:
    return [known for text in texts[:1000] if (known := id_in(text))]
