"""The zone itself, its units, its calendar and its roles."""

from datetime import date, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from bihuan.accounts.models import Person
from bihuan.core.permissions import ROLES, Permission
from bihuan.core.working_days import FIRST_YEAR, LAST_YEAR
from bihuan.ui.components import Tile
from bihuan.ui.forms import form_data
from bihuan.ui.links import page
from bihuan.ui.once import once
from bihuan.ui.pages import needs
from bihuan.zones import actions, rules
from bihuan.zones.forms import ReasonForm, UnitForm, UnitNameForm, YearForm, ZoneForm
from bihuan.zones.models import Cell, Post, Unit, UnitKind, YearCalendar, Zone
from bihuan.zones.permissions import who_asks
from bihuan.zones.queries import calendar_of, first_steps
from bihuan.zones.views.frame import handled

SOON = timedelta(days=60)  # deadlines reach about so far ahead


@needs(Permission.ZONE_SETUP)
def overview(request: HttpRequest) -> HttpResponse:
    """Show what is set up and what is still missing."""
    zone, today = who_asks(request).zone, timezone.localdate()
    held = Post.objects.filter(zone=zone).held_on(today)
    units = Unit.objects.filter(zone=zone, is_open=True).exclude(kind=UnitKind.ENTERPRISE)
    tiles = [
        Tile(
            label=_("Grid cells"),
            value=Cell.objects.filter(zone=zone, is_open=True).count(),
            href=page("zones:cells", zone.slug),
        ),
        Tile(label=_("Units"), value=units.count(), href=page("zones:units", zone.slug)),
        Tile(
            label=_("People in office"),
            value=Person.objects.filter(pk__in=held.values("person"), is_active=True).count(),
            href=page("zones:people", zone.slug),
        ),
        holidays(zone, today),
    ]
    steps = first_steps(who_asks(request), on=today)
    return render(request, "zones/setup.html", {"zone": zone, "tiles": tiles, "first_steps": steps})


def holidays(zone: Zone, today: date) -> Tile:
    """Return how far deadlines can be counted; it warns while there is time to enter a year."""
    known = calendar_of(zone).last_known_year
    soon = (today + SOON).year
    return Tile(
        label=_("Holidays known to the end of"),
        value=str(known),
        href=page("zones:calendar", zone.slug),
        tone="orange" if soon > known else "",
        note=_("%(year)s is not entered yet") % {"year": soon} if soon > known else "",
    )


@needs(Permission.ZONE_SETUP)
@once
def describe(request: HttpRequest) -> HttpResponse:
    """Change the zone's name and place."""
    standing = who_asks(request)
    zone = standing.zone
    known = {
        "name": zone.name,
        "division": zone.division,
        "lat": zone.centre_lat,
        "lng": zone.centre_lng,
    }
    form = ZoneForm(known, *form_data(request))

    def act() -> None:
        given = form.cleaned_data
        half = (given["lat"] is None) != (given["lng"] is None)
        centre = (given["lat"], given["lng"])
        actions.describe_zone(
            zone=zone,
            name=given["name"],
            division=given["division"],
            centre=centre if half or given["lat"] is not None else None,
            by=standing.person,
            at=timezone.now(),
        )

    return handled(request, form, act, title=_("The zone"), back=("zones:setup",))


@needs(Permission.WORK)
def roles(request: HttpRequest) -> HttpResponse:
    """Explain the roles: what each may do and how far it reaches."""
    rows = [
        (
            role,
            rules.REACH_WORDS[role.reach],
            [words for it, words in rules.PERMISSION_WORDS.items() if it in role.permissions],
        )
        for role in ROLES.values()
    ]
    return render(request, "zones/roles.html", {"roles": rows})


@needs(Permission.ZONE_SETUP)
def calendar(request: HttpRequest) -> HttpResponse:
    """Show which years' holidays are known, and from where."""
    zone = who_asks(request).zone
    entered = {it.year: it for it in YearCalendar.objects.filter(zone=zone)}
    last = max([LAST_YEAR, timezone.localdate().year, *entered]) + 1
    years = [
        (year, entered.get(year), FIRST_YEAR <= year <= LAST_YEAR)
        for year in range(last, max(FIRST_YEAR, LAST_YEAR - 3) - 1, -1)
    ]
    return render(request, "zones/calendar.html", {"years": years})


@needs(Permission.ZONE_SETUP)
@once
def year(request: HttpRequest, year: int) -> HttpResponse:
    """Enter or correct a year's holidays."""
    standing = who_asks(request)
    entered = YearCalendar.objects.filter(zone=standing.zone, year=year).first()
    known = {
        "source": entered.source if entered else "",
        "days": rules.write_days(entered.days) if entered else "",
    }
    form = YearForm(known, *form_data(request))

    def act() -> None:
        actions.enter_calendar(
            zone=standing.zone,
            year=year,
            days=rules.read_days(form.cleaned_data["days"]),
            source=form.cleaned_data["source"],
            by=standing.person,
            at=timezone.now(),
        )

    title = _("Holidays of %(year)s") % {"year": year}
    return handled(request, form, act, title=title, back=("zones:calendar",))


@needs(Permission.ZONE_SETUP)
@once
def units(request: HttpRequest) -> HttpResponse:
    """List the departments and platform companies, and add one."""
    standing = who_asks(request)
    rows = Unit.objects.filter(zone=standing.zone).exclude(kind=UnitKind.ENTERPRISE)
    form = UnitForm(*form_data(request))
    if request.method == "POST":
        return handled(
            request,
            form,
            lambda: actions.add_unit(
                zone=standing.zone, **form.cleaned_data, by=standing.person, at=timezone.now()
            ),
            title=_("Add a unit"),
            back=("zones:units",),
        )
    context = {"units": rows.order_by("-is_open", "kind", "name"), "form": form}
    return render(request, "zones/units.html", context)


@needs(Permission.ZONE_SETUP)
@once
def unit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Rename a unit."""
    standing = who_asks(request)
    found = _unit(request, pk)
    form = UnitNameForm({"name": found.name}, *form_data(request))

    def act() -> None:
        name = form.cleaned_data["name"]
        actions.rename_unit(unit=found, name=name, by=standing.person, at=timezone.now())

    return handled(request, form, act, title=_("Rename the unit"), back=("zones:units",))


@needs(Permission.ZONE_SETUP)
@once
def close_unit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a unit out of use."""
    standing, found = who_asks(request), _unit(request, pk)
    form = ReasonForm(*form_data(request))
    del form.fields["reason"]

    def act() -> None:
        actions.close_unit(unit=found, by=standing.person, at=timezone.now())

    title = _("Take %(unit)s out of use") % {"unit": found.name}
    submit = _("Take out of use")
    return handled(request, form, act, title=title, back=("zones:units",), submit=submit)


def _unit(request: HttpRequest, pk: UUID) -> Unit:
    rows = Unit.objects.filter(zone=who_asks(request).zone).exclude(kind=UnitKind.ENTERPRISE)
    return get_object_or_404(rows.select_related("zone"), pk=pk)
