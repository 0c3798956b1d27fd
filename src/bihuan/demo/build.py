"""Making the demo: seven zones, their people and enterprises, and the year behind them."""

import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random

from django.db import transaction
from django.utils import translation

from bihuan.accounts.models import Person
from bihuan.core.days import day_of
from bihuan.core.ids import seeded_ids
from bihuan.core.working_days import LAST_YEAR
from bihuan.demo.cast import Cast, assemble
from bihuan.demo.kept import Kept
from bihuan.demo.places import PLACES, Place
from bihuan.demo.register import give_account, give_papers, register
from bihuan.demo.year import Year
from bihuan.figures.actions import roll_up
from bihuan.safety.actions import load_supplied_checklists
from bihuan.search.actions import follow_ledger
from bihuan.zones import actions as zones
from bihuan.zones.models import Zone

SEED = 20260601
BEFORE = timedelta(days=395)
Say = Callable[[str], None]
LOG = logging.getLogger(__name__)


def build(*, at: datetime, password: str, seed: int = SEED, say: Say = LOG.info) -> int:
    """Make every zone of the demo that is not there yet; return how many were made.

    The same seed and moment give the same people, enterprises, rounds and cases. A zone
    is made whole or not at all.
    """
    made = 0
    with translation.override("zh-hans"):
        for number, place in enumerate(PLACES):
            if Zone.objects.filter(slug=place.slug).exists():
                continue
            say(place.name)
            began = int((at - BEFORE).timestamp() * 1000)
            with seeded_ids(seed + number, start_ms=began), transaction.atomic():
                _build_zone(place, at, Random(f"{seed}:{place.slug}"), password)  # noqa: S311
            made += 1
    return made


def _build_zone(place: Place, at: datetime, chance: Random, password: str) -> None:
    began = at - BEFORE
    cast = assemble(place, began)
    _know_the_years(cast, day_of(at), began)
    load_supplied_checklists(zone=cast.zone, by=cast.office, at=began)
    made = register(place, cast, chance, began)
    give_papers(place, cast, made, chance, began)
    Year(cast, Kept(cast.zone), at, chance).play()
    give_account(cast, made[0], at)
    roll_up(zone=cast.zone, at=at)
    follow_ledger(zone=cast.zone, at=at)
    _let_in(place, password)


def _know_the_years(cast: Cast, today: date, at: datetime) -> None:
    """Enter the years the built-in calendar lacks, as plain weeks, so that the demo can run."""
    for year in range(LAST_YEAR + 1, today.year + 1):
        zones.enter_calendar(
            zone=cast.zone,
            year=year,
            source="演示数据，未核对：以国务院办公厅通知为准",
            days={f"{year}-01-01": False},
            by=cast.administrator,
            at=at,
        )


def _let_in(place: Place, password: str) -> None:
    """Let the demo's people sign in with the demo's password."""
    people = Person.objects.filter(username__startswith=f"{place.slug}.")
    first = people[0]
    first.set_password(password)
    people.update(password=first.password)
