"""Zones, their units and cells, people and posts: the smallest valid of each."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import factory
from factory.django import DjangoModelFactory

from bihuan.accounts.models import Person
from bihuan.zones.models import Cell, Post, Unit, UnitKind, YearCalendar, Zone

LONG_AGO = datetime(2025, 1, 6, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


class PersonFactory(DjangoModelFactory):
    class Meta:
        model = Person

    username = factory.Sequence(lambda n: f"person{n}")
    name = factory.Sequence(lambda n: f"张{n}")
    joined_at = LONG_AGO
    password = "!"  # none: a test signs in with force_login


class ZoneFactory(DjangoModelFactory):
    class Meta:
        model = Zone

    slug = factory.Sequence(lambda n: f"zone{n}")
    name = factory.Sequence(lambda n: f"第{n}开发区")


class UnitFactory(DjangoModelFactory):
    class Meta:
        model = Unit

    zone = factory.SubFactory(ZoneFactory)
    kind = UnitKind.DEPARTMENT
    name = factory.Sequence(lambda n: f"第{n}科")


class CellFactory(DjangoModelFactory):
    """A cell; its leader gets the post that goes with it unless posted=False."""

    class Meta:
        model = Cell
        skip_postgeneration_save = True

    zone = factory.SubFactory(ZoneFactory)
    code = factory.Sequence(lambda n: f"g{n}")
    name = factory.Sequence(lambda n: f"第{n}网格")
    path = factory.LazyAttribute(lambda it: f"{it.parent.path if it.parent else '/'}{it.code}/")
    parent = None
    leader = factory.SubFactory(PersonFactory)

    @factory.post_generation
    def posted(self, create, extracted, **kwargs):
        if create and extracted is not False:
            PostFactory(zone=self.zone, person=self.leader, role="cell_leader", cell=self)


class PostFactory(DjangoModelFactory):
    class Meta:
        model = Post

    zone = factory.SubFactory(ZoneFactory)
    person = factory.SubFactory(PersonFactory)
    role = "contact"
    starts_on = date(2025, 1, 6)


class YearCalendarFactory(DjangoModelFactory):
    class Meta:
        model = YearCalendar

    zone = factory.SubFactory(ZoneFactory)
    year = 2031
    source = "国务院办公厅通知"
    days = factory.LazyFunction(lambda: {"2031-01-01": False})


def someone(zone, role, **post):
    """Return a new person who holds role in zone."""
    return PostFactory(zone=zone, role=role, **post).person
