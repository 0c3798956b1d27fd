"""The page of a day's route. Nothing is kept: the address holds all that was asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from bihuan.accounts.models import Person
from bihuan.core.permissions import Permission
from bihuan.dossiers.models import Risk
from bihuan.dossiers.tables import RISK_BADGES
from bihuan.rounds import queries
from bihuan.rounds.forms import RouteForm, asked
from bihuan.rounds.models import Entry, Round
from bihuan.rounds.queries import ToVisit
from bihuan.rounds.rules import route as rules
from bihuan.rounds.rules.coverage import RoundState
from bihuan.rounds.rules.route import Cause, Point, Way
from bihuan.ui.cells import Badge
from bihuan.ui.charts import Map, Outline, Pin
from bihuan.ui.links import around
from bihuan.ui.pages import needs
from bihuan.zones.models import Cell, Post, Zone
from bihuan.zones.permissions import Standing, who_asks

MOST = 2000  # lines of a list that one plan is made of, those due first
NAMED = 60  # visits named under one reason; the rest are counted


@dataclass(frozen=True)
class Line:
    """A visit as the page shows it; number is its place on the route, hrefs its sheets."""

    it: ToVisit
    risk: Badge | None
    hrefs: list[tuple[str, str]]
    number: int = 0
    call: rules.Call | None = None


@dataclass(frozen=True)
class Rest:
    """Visits that are not on the route for one reason; count may be more than are named."""

    why: Promise
    lines: list[Line]
    count: int

    @property
    def unnamed(self) -> int:
        return self.count - len(self.lines)


@needs(Permission.ROUND_READ)
def day(request: HttpRequest) -> HttpResponse:
    """Plan a day's visits: which fit, in which order, and why the others wait."""
    standing, now = who_asks(request), timezone.localtime()
    scope = standing.scope(Permission.ROUND_READ)
    others = scope.whole_zone or bool(scope.cells or scope.units)
    form = RouteForm(
        _asked(request, standing, others, now),
        zone=standing.zone,
        rounds=[(str(pk), name) for pk, name in _rounds(standing)],
        others=others,
        today=now.date(),
    )
    if not form.data["person"]:  # an auditor goes nowhere: whose day is it to be?
        return render(request, "rounds/route.html", {"form": form, "unasked": True})
    if not form.is_valid():
        return render(request, "rounds/route.html", {"form": form}, status=422)
    context = _planned(standing, form)
    context |= {"form": form, "address": f"?{urlencode(form.address())}"}
    return render(request, "rounds/route.html", context)


def _asked(request: HttpRequest, standing: Standing, others: bool, now: datetime) -> dict[str, str]:
    """Return what is asked; one's own day where no other is named."""
    given = {key: value.strip() for key, value in request.GET.dict().items()}
    goes = standing.may(Permission.VISIT_RECORD)
    own = str(standing.person.pk) if goes else ""
    if not others or not given.get("person"):
        given["person"] = own
    found = asked(given, now=now)
    for name in ("person", "second"):
        if others or name == "second":
            found[name] = _called(standing.zone, found.get(name, ""), now)
    return found


def _called(zone: Zone, said: str, now: datetime) -> str:
    """Return who is meant as the field shows it: an id as name, unit and post."""
    found = queries.goer_called(zone, said, on=now.date()) if said else []
    return queries.goer_label(zone, found[0], on=now.date()) if len(found) == 1 else said


@needs(Permission.ROUND_READ)
def people(request: HttpRequest) -> HttpResponse:
    """Propose who goes, as options of a field, by the first letters typed."""
    words = next((str(value) for value in request.GET.values() if value), "")
    found = queries.goers(who_asks(request).zone, on=timezone.localdate(), words=words)
    return render(request, "rounds/_people.html", {"people": found})


def _rounds(standing: Standing) -> QuerySet[Round, tuple[UUID, str]]:
    rows = Round.objects.filter(zone=standing.zone, state=RoundState.OPEN)
    return rows.order_by("due_on", "id").values_list("pk", "name")[:50]


def _planned(standing: Standing, form: RouteForm) -> dict[str, Any]:
    given = form.cleaned_data
    person = Person.objects.get(pk=given["person"])
    rows = Entry.objects.visible_to(standing).of(person).to_go().under_way()
    if given["round"]:
        rows = rows.filter(round=given["round"])
    found, is_cut = queries.to_visit(rows, guess=given["guess"], most=MOST)
    start, start_name = _start(standing.zone, given, found)
    asked_day = rules.Day(
        on=given["on"],
        start=start,
        hours=form.hours,
        minutes=given["minutes"],
        way=Way(given["way"]),
        people=2 if given["second"] else 1,
    )
    plan = rules.plan(asked_day, [it.errand for it in found])
    lines = _lines(standing, person, found, plan)
    second = Person.objects.filter(pk=given["second"]) if given["second"] else ()
    return {
        "day": asked_day,
        "plan": plan,
        "km": plan.metres / 1000,
        "start_name": start_name,
        "going": _who(standing.zone, [person, *second]),
        "tours": [(tour, [lines[call.key] for call in tour.calls]) for tour in plan.tours],
        "rest": [_rest(cause, keys, lines) for cause, keys in plan.left.items()],
        "none": not found,
        "is_cut": is_cut,
        "guessed": any(it.is_guessed for it in found),
        "speed": rules.SPEEDS_KM_PER_H[asked_day.way],
        "detour": rules.DETOUR,
        "map": _map(standing.zone, asked_day, plan, lines, start_name),
    }


def _start(zone: Zone, given: dict[str, Any], found: Sequence[ToVisit]) -> tuple[Point, str]:
    """Return where the day starts, and what that place is."""
    if given["lat"] is not None:
        return Point(given["lat"], given["lng"]), _("the place given")
    if zone.centre_lat is not None and zone.centre_lng is not None:
        return Point(float(zone.centre_lat), float(zone.centre_lng)), _("the middle of the zone")
    known = [it.errand.place for it in found if it.errand.place]
    if not known:
        return Point(0.0, 0.0), _("unknown")
    lat, lng = (sum(it) / len(known) for it in zip(*((p.lat, p.lng) for p in known), strict=True))
    return Point(lat, lng), _("the middle of the places to visit")


def _lines(
    standing: Standing, person: Person, found: Sequence[ToVisit], plan: rules.Route
) -> dict[str, Line]:
    """Return every visit by its dossier, those on the route with their number."""
    whole = standing.scope(Permission.VISIT_RECORD).whole_zone
    records = standing.may(Permission.VISIT_RECORD) and (whole or person.pk == standing.person.pk)
    page = "rounds:visit_entry" if records else "rounds:entry"
    before, after = around(page, standing.zone.slug)
    calls = {call.key: (number, call) for number, call in enumerate(plan.calls, start=1)}
    lines = {}
    for it in found:
        number, call = calls.get(it.errand.key, (0, None))
        hrefs = [(f"{before}{pk}{after}", name) for pk, name in it.entries]
        lines[it.errand.key] = Line(it, RISK_BADGES.get(Risk(it.risk)), hrefs, number, call)
    return lines


def _rest(cause: Cause, keys: Sequence[str], lines: dict[str, Line]) -> Rest:
    return Rest(rules.CAUSE_NAMES[cause], [lines[key] for key in keys[:NAMED]], len(keys))


def _who(zone: Zone, going: Sequence[Person]) -> list[tuple[str, str]]:
    """Return who goes: name, enforcement certificate."""
    posts = Post.objects.filter(zone=zone, person__in=going).exclude(certificate="")
    certificates = dict(posts.order_by("starts_on").values_list("person", "certificate"))
    return [(it.name, certificates.get(it.pk, "")) for it in going]


def _map(
    zone: Zone, asked_day: rules.Day, plan: rules.Route, lines: dict[str, Line], start_name: str
) -> Map:
    start = (asked_day.start.lat, asked_day.start.lng)
    outlined = Cell.objects.filter(zone=zone, outline__isnull=False).order_by("path")
    pins, ways = [Pin(lat=start[0], lng=start[1], sign="●", name=start_name)], []
    for tour in plan.tours:
        way = [start]
        for call in tour.calls:
            line = lines[call.key]
            place = line.it.errand.place
            assert place is not None
            way.append((place.lat, place.lng))
            name = f"{line.number} {call.arrives:%H:%M} {line.it.name}"
            href = line.hrefs[0][0]
            pins.append(
                Pin(lat=place.lat, lng=place.lng, sign=str(line.number), name=name, href=href)
            )
        ways.append([*way, start])
    return Map(
        name="route",
        title=_("The way"),
        outlines=[Outline(name=cell.name, geometry=cell.outline) for cell in outlined],
        height="high",
        pins=pins,
        ways=ways,
    )
