"""Reading zones: the working calendar, who may answer, what rests on whom."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core import signing
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import ngettext

from bihuan.accounts.models import Person
from bihuan.core.composition import listed
from bihuan.core.permissions import Permission
from bihuan.core.ready import Given, Ready
from bihuan.core.working_days import WorkCalendar
from bihuan.zones.models import Cell, Post, PostQuerySet, YearCalendar, Zone
from bihuan.zones.permissions import Standing
from bihuan.zones.rules import ANSWERING, Rest, total


@dataclass(frozen=True)
class FirstStep:
    """One step of a new zone's way to its first round; done says whether it was taken."""

    label: str | Promise
    words: str | Promise
    page: str
    permission: Permission
    done: Callable[[Zone, date], bool]


@dataclass(frozen=True)
class StepShown:
    """A first step as one person sees it: href is empty where others take it."""

    step: FirstStep
    is_done: bool
    href: str


OFFERED_FOR = timedelta(days=3)
_OFFERS = "bihuan.zones.offer"
HandOver = Callable[[Person, Zone], list[Rest]]

_YEARS = Ready(lambda: YearCalendar.objects.filter(zone=Given("zone")))
_CELLS = Ready(
    lambda: Cell.objects.filter(zone=Given("zone")).order_by("path").values_list("path", "name")
)


def calendar_of(zone: Zone) -> WorkCalendar:
    """Return the zone's working days: the built-in years and those entered by hand.

    One query, kept on the zone object for as long as it lives.
    """
    kept: WorkCalendar | None = zone.__dict__.get("_calendar")
    if kept is None:
        years = _YEARS.ask(zone=zone.pk)
        extra = {date.fromisoformat(d): worked for y in years for d, worked in y.days.items()}
        kept = zone.__dict__["_calendar"] = WorkCalendar(extra, [year.year for year in years])
    return kept


def units_since(person: Person, zone: Zone, day: date) -> frozenset[UUID]:
    """Return the units a person held a post in on that day or at any time since; one query."""
    posts = Post.objects.filter(person=person, zone=zone, unit__isnull=False)
    held = posts.filter(Q(ends_on=None) | Q(ends_on__gte=day))
    return frozenset(held.values_list("unit", flat=True))


def lock_person(person: Person) -> Person:
    """Return person as stored, held until the transaction ends.

    Whoever gives someone a thing to answer for and whoever lets them go both take this
    lock, so that neither misses the other.
    """
    return Person.objects.select_for_update(no_key=True).get(pk=person.pk)


def lock_zone(zone: Zone) -> None:
    """Hold the zone's own row until the transaction ends: one at a time where order counts.

    Rows that belong to the zone can be written meanwhile. A person is locked before it.
    """
    Zone.objects.select_for_update(no_key=True).get(pk=zone.pk)


def answering_posts(zone: Zone, *, on: date) -> PostQuerySet:
    """Return the posts whose holders may answer for a dossier on a day."""
    return Post.objects.filter(zone=zone, role__in=ANSWERING, person__is_active=True).held_on(on)


def may_answer(person: Person, zone: Zone, *, on: date) -> bool:
    """Say whether person may answer for a dossier of zone on a day."""
    return answering_posts(zone, on=on).filter(person=person).exists()


def rests_on(person: Person, zone: Zone) -> list[Rest]:
    """Return what person still answers for in zone, by kind; empty when they may leave.

    Cells are counted here; every app above says its own through HANDOVERS in the
    composition.
    """
    cells = Cell.objects.filter(zone=zone, leader=person, is_open=True).count()
    words = ngettext("%(count)s cell", "%(count)s cells", cells) % {"count": cells}
    rests = [Rest(cells, words, "zones:cells")]
    for of in listed("HANDOVERS"):
        rests += of(person, zone)
    return total(rests)


def first_steps(standing: Standing, *, on: date) -> list[StepShown]:
    """Return the steps of a zone's set-up in their order; one small query each."""
    zone = standing.zone
    return [
        StepShown(
            step,
            step.done(zone, on),
            reverse(step.page, args=[zone.slug]) if standing.may(step.permission) else "",
        )
        for step in listed("FIRST_STEPS")
    ]


def cell_choices(zone: Zone) -> list[tuple[str, str]]:
    """Return the zone's cells as (path, name), each set in below the one it hangs under."""
    rows = _CELLS.ask(zone=zone.pk)
    return [(path, f"{'　' * (path.count('/') - 2)}{name}") for path, name in rows]


def answering_people(zone: Zone, *, on: date) -> QuerySet[Person]:
    """Return the people who may answer for a dossier on a day, by name."""
    able = answering_posts(zone, on=on).values("person")
    return Person.objects.filter(pk__in=able).order_by("name")


@dataclass(frozen=True)
class Offer:
    """A post that a zone's administrator offers to someone who must accept it themselves.

    post is the id it will have, so that it is taken once; given holds its columns.
    """

    post: UUID
    zone: UUID
    username: str
    by: UUID
    until: datetime
    given: dict[str, Any]


def sealed_offer(offer: Offer) -> str:
    """Return an offer as the text of a link, signed by the site."""
    told = {
        "post": str(offer.post),
        "zone": str(offer.zone),
        "username": offer.username,
        "by": str(offer.by),
        "until": offer.until.isoformat(),
        "given": offer.given,
    }
    return signing.dumps(told, salt=_OFFERS, compress=True)


def opened_offer(token: str) -> Offer | None:
    """Return the offer of a link; None where this site did not make it."""
    try:
        told = signing.loads(token, salt=_OFFERS)
        return Offer(
            UUID(told["post"]),
            UUID(told["zone"]),
            told["username"],
            UUID(told["by"]),
            datetime.fromisoformat(told["until"]),
            told["given"],
        )
    except (signing.BadSignature, ValueError, KeyError, TypeError):
        return None
