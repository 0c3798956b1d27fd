"""The demo says what the zones published, by the figures' own code, and its ledger is sound."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db import transaction

from bihuan.accounts.models import Person
from bihuan.cases.models import Case, Move
from bihuan.cases.queries import situation_of
from bihuan.core.days import day_of
from bihuan.demo import build
from bihuan.demo.places import PLACES
from bihuan.demo.published import PUBLISHED
from bihuan.dossiers.models import Contact, Dossier
from bihuan.figures.queries import calendar_year, count, figure, last_year
from bihuan.home.queries import to_rectify
from bihuan.ledger.queries import verify
from bihuan.rounds.models import Entry, Round
from bihuan.zones.models import Zone
from bihuan.zones.permissions import standing_of
from bihuan.zones.queries import calendar_of

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
TUNLIU = next(place for place in PLACES if place.slug == "tunliu")


@pytest.fixture
def tunliu(db, monkeypatch) -> Zone:
    """Build just the zone that published most."""
    monkeypatch.setattr(build, "PLACES", (TUNLIU,))
    build.build(at=NOW, password="for tests")
    return Zone.objects.get(slug="tunliu")


def test_the_demo_is_alive_and_true(tunliu):
    published_figures_come_out_of_rows(tunliu)
    the_year_looks_like_life(tunliu)
    columns_are_what_moves_add_up_to(tunliu)
    nobody_is_without_a_contact(tunliu)
    the_enterprise_that_signs_in_has_work(tunliu)
    assert verify(tunliu.pk).is_whole


def the_enterprise_that_signs_in_has_work(zone):
    person = Person.objects.get(username="tunliu.enterprise")
    assert to_rectify(standing_of(person, zone, on=day_of(NOW)), day_of(NOW)).exists()


def published_figures_come_out_of_rows(zone):
    for said in PUBLISHED:
        if said.zone == zone.slug and said.figure:
            period = calendar_year(said.year) if said.year else last_year(day_of(NOW))
            assert count(zone, figure(said.figure), period).number == said.value, said.words


def the_year_looks_like_life(zone):
    on_time = count(zone, figure("on_time"), last_year(day_of(NOW)))
    assert 0.6 < on_time.number / on_time.of < 0.97
    assert Case.objects.filter(level__gt=0).exists()
    assert Move.objects.filter(name="reject").exists()
    assert Move.objects.filter(name="extend").exists()
    assert Case.objects.filter(grade="major", status="closed").exists()
    closed = Round.objects.filter(zone=zone, state="closed")
    assert closed.count() >= 5
    assert not Entry.objects.filter(round__in=closed, state="to_go").exists()
    assert Entry.objects.filter(round__state="open", state="to_go").exists()


def columns_are_what_moves_add_up_to(zone):
    calendar = calendar_of(zone)
    for case in Case.objects.filter(zone=zone):
        summed = situation_of(case, calendar)
        assert (case.status, case.due_on, case.original_due_on, case.level, case.rectified_on) == (
            summed.status,
            summed.due_on,
            summed.original_due_on,
            summed.level,
            summed.submitted_on,
        )


def nobody_is_without_a_contact(zone):
    held = Contact.objects.filter(zone=zone, ends_on=None).values("dossier")
    assert not Dossier.objects.filter(zone=zone).exclude(pk__in=held).exists()


def test_what_waits_for_a_domain_is_listed_as_such():
    """As soon as a domain is built, its published figures must name the figure that says them."""
    contracts = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(it["layers"] for it in contracts if it["id"] == "apps")
    built = {name.strip() for line in layers for name in line.split("|")}
    for said in PUBLISHED:
        assert bool(said.figure) != bool(said.waits_for), said.words
        assert said.waits_for not in built, f"{said.waits_for} is built: {said.words}"


def test_the_published_sums_agree_among_themselves():
    gaoping = {said.words: said.value for said in PUBLISHED if said.zone == "gaoping"}
    built, building = gaoping["建成厂房（万平方米）"], gaoping["在建厂房（万平方米）"]
    assert gaoping["开工建设厂房（万平方米）"] == built + building
    assert built == gaoping["已验收厂房（万平方米）"] + gaoping["未验收厂房（万平方米）"]


def test_the_same_seed_makes_the_same_demo(db, monkeypatch):
    """Ids, people, enterprises, cases: the same zone twice, told apart by nothing."""
    small = TUNLIU.__class__(
        **{**TUNLIU.__dict__, "enterprises": 6, "above_size": 3, "honours": {}, "new_in_2025": {}}
    )
    monkeypatch.setattr(build, "PLACES", (small,))
    told = []
    for _ in range(2):
        with transaction.atomic():
            build.build(at=NOW, password="for tests")
            told.append(_everything())
            transaction.set_rollback(True)
    assert told[0] == told[1]


def _everything():
    cases = Case.objects.order_by("number").values_list("pk", "number", "title", "status", "due_on")
    return list(cases), list(Dossier.objects.order_by("code").values_list("pk", "code", "name"))
