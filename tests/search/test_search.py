"""Finding things: by part of a Chinese name, by number, by letters; only one's own."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.accounts.models import Person
from bihuan.cases import entries as case_entries
from bihuan.cases.actions import Finding, report
from bihuan.cases.models import Case
from bihuan.core.permissions import Permission
from bihuan.dossiers import queries as dossier_queries
from bihuan.dossiers.actions import note_source
from bihuan.dossiers.models import Dossier
from bihuan.dossiers.queries import share_of
from bihuan.enterprises import actions as enterprises
from bihuan.enterprises import entries as enterprise_entries
from bihuan.enterprises.rules import Facts
from bihuan.search import actions, queries, rules
from bihuan.search.models import Entry
from bihuan.search.rules import Share
from bihuan.zones.permissions import standing_of
from tests.factories.zones import CellFactory, PostFactory, UnitFactory, ZoneFactory


def test_tokens_are_words_and_pairs():
    assert rules.tokens("消防通道２号 Fire-1") == ["消防", "防通", "通道", "2", "号", "fire", "1"]


@given(st.text())
def test_no_text_breaks_the_index_language(text):
    for part in rules.parts(text):
        assert not set("".join(part.tokens)) & set("\"'&|!():*\\ ")


@pytest.fixture
def zone(db):
    return ZoneFactory()


@pytest.fixture
def clerk(zone) -> Person:
    return PostFactory(zone=zone, role="safety_office").person


@pytest.fixture
def register(zone, clerk, now):
    cell = CellFactory(zone=zone)

    def register(name, uscc="", *, is_read=True):
        source = note_source(zone=zone, reference="x", by=clerk, at=now)
        new = enterprises.NewEnterprise(
            facts=Facts(name=name, principal="李四", uscc=uscc), cell=cell
        )
        made = enterprises.register(zone=zone, enterprise=new, source=source, by=clerk, at=now)
        if is_read:
            actions.follow_ledger(zone=zone, at=now)
        return made

    return register


def names(person, zone, query, now):
    found = queries.find(standing_of(person, zone, on=now.date()), query)
    return [title for hits in found for _pk, title, _below in hits.rows]


@pytest.mark.parametrize(
    "query",
    ["屯留示例", "铸造", "铸造有限", "屯留 铸造", "91110000600037341L", "9111", "李四", "铸"],
)
def test_an_enterprise_is_found_by_any_part(register, clerk, zone, now, query):
    register("屯留示例铸造有限公司", "91110000600037341L")
    register("高平食品有限公司")
    expected = ["屯留示例铸造有限公司"]
    assert [n for n in names(clerk, zone, query, now) if n in expected] == expected


@pytest.mark.parametrize("query", ["", "   ", "铸食", '" OR 1', "'; DROP", "*", "（）", "𠮷" * 300])
def test_what_finds_nothing_breaks_nothing(register, clerk, zone, now, query):
    register("屯留示例铸造有限公司")
    assert names(clerk, zone, query, now) == []


def test_a_new_name_is_found_and_the_old_one_no_more(register, clerk, zone, now):
    made = register("旧名铸造有限公司")
    enterprises.amend(enterprise=made, changes={"name": "新名机械有限公司"}, by=clerk, at=now)
    actions.follow_ledger(zone=zone, at=now)
    assert names(clerk, zone, "新名机械", now) == ["新名机械有限公司"]
    assert names(clerk, zone, "旧名铸造", now) == []


def test_nothing_of_another_zone_or_beyond_ones_reach_is_found(register, zone, now):
    register("屯留示例铸造有限公司")
    contact = PostFactory(zone=zone, role="contact").person
    assert names(contact, zone, "铸造", now) == []
    foreign = PostFactory(zone=ZoneFactory(), role="safety_office")
    assert names(foreign.person, foreign.zone, "铸造", now) == []


def test_the_index_can_be_made_anew(register, clerk, zone, now):
    register("屯留示例铸造有限公司")
    actions.begin_anew(zone=zone, at=now)
    assert actions.follow_ledger(zone=zone, at=now) > 0
    assert names(clerk, zone, "铸造", now) == ["屯留示例铸造有限公司"]


@pytest.fixture
def many(register, zone, now) -> list[Dossier]:
    """Thirty enterprises of three trades, in the order they were indexed."""
    trades = ["铸造", "机械", "铸造机械"]
    made = {
        it.pk: it
        for it in (
            register(f"第{n}号{trades[n % 3]}有限公司", is_read=False).dossier for n in range(30)
        )
    }
    actions.follow_ledger(zone=zone, at=now)
    return [made[pk] for pk in Entry.objects.order_by("pk").values_list("subject", flat=True)]


@pytest.fixture
def seen_by(many, clerk, zone) -> list[tuple[Person, list[Dossier]]]:
    """Who sees which of them: all, every fourth in their name, a cell, a department's, none."""
    contact = PostFactory(zone=zone, role="contact").person
    leader = PostFactory(zone=zone, role="cell_leader", cell=CellFactory(zone=zone))
    office = PostFactory(zone=zone, role="department", unit=UnitFactory(zone=zone))
    stranger = PostFactory(zone=zone, role="contact").person
    theirs, led, owned = many[::4], many[3:30:3], many[:25]
    for told, changed in (
        (theirs, {"contact": contact}),
        (led, {"cell": leader.cell}),
        (owned, {"unit": office.unit}),
    ):
        Dossier.objects.filter(pk__in=[it.pk for it in told]).update(**changed)
    return [
        (clerk, many),
        (contact, theirs),
        (leader.person, led),
        (office.person, owned),
        (stranger, []),
    ]


def test_the_newest_that_hold_the_words_are_found(seen_by, zone, now, monkeypatch):
    """Wherever a search begins, it is the same as looking at every name one may see."""
    asked = ["铸造", "机械", "铸造 机械", "有限公司", "1", "没有"]
    shares = (Share.FEW, Share.LITTLE, Share.MUCH)
    limits = [(5000, 5000), (5000, -1), (3, -1)]
    for share, (near, rare) in product(shares, limits):
        monkeypatch.setattr(enterprise_entries, "share_of", no_more_than(share))
        monkeypatch.setattr(queries, "NEAR", near)
        monkeypatch.setattr(queries, "NEAR_OF_SOME", near)
        monkeypatch.setattr(queries, "RARE", rare)
        for (person, seen), query in product(seen_by, asked):
            naive = [it.name for it in reversed(seen) if holds(it, query)]
            found = queries.find(standing_of(person, zone, on=now.date()), query)
            assert [title for hits in found for _pk, title, _below in hits.rows] == naive[:20]
            assert [hits.more for hits in found] == ([len(naive) > 20] if naive else [])


def no_more_than(share: Share):
    """Return what tells someone of some reach that it is this much of the zone."""

    def told(standing, permission, **_):
        return Share.ALL if standing.scope(permission).whole_zone else share

    return told


def test_what_is_reached_is_told_by_its_size(many, zone, now, monkeypatch):
    monkeypatch.setattr(dossier_queries, "LITTLE", 5)
    for number, shares in ((0, "FEW FEW"), (5, "FEW LITTLE"), (6, "MUCH MUCH")):
        person = PostFactory(zone=zone, role="contact").person
        Dossier.objects.filter(pk__in=[it.pk for it in many[:number]]).update(contact=person)
        standing = standing_of(person, zone, on=now.date())
        told = [share_of(standing, Permission.CASE_READ, each=each).name for each in (1, 10)]
        assert told == shares.split()


def holds(dossier: Dossier, query: str) -> bool:
    """Say whether each word of a query begins one of those the dossier is found by."""
    held = rules.tokens(f"{dossier.name} {dossier.code} 李四")
    return all(any(it.startswith(word) for it in held) for word in rules.tokens(query))


@pytest.mark.parametrize("rare", [5000, -1])
@pytest.mark.parametrize("share", [Share.FEW, Share.LITTLE, Share.MUCH])
def test_cases_are_found_by_who_may_see_them(register, clerk, zone, now, monkeypatch, share, rare):
    """By the dossier's contact, by who found them and by who rectifies, and by no one else."""
    monkeypatch.setattr(queries, "RARE", rare)
    monkeypatch.setattr(case_entries, "share_of", no_more_than(share))
    contact, finder, rectifier, stranger = (
        PostFactory(zone=zone, role="contact").person for _ in range(4)
    )
    dossier = register("屯留示例铸造有限公司").dossier
    Dossier.objects.filter(pk=dossier.pk).update(contact=contact)
    case = report(kind="hazard", dossier=dossier, finding=Finding("通道堵塞"), by=clerk, at=now)
    actions.follow_ledger(zone=zone, at=now)
    found = [f"{case.number} 通道堵塞"]
    for person, seen in ((clerk, found), (contact, found), (finder, []), (rectifier, [])):
        assert names(person, zone, "通道", now) == seen
    Case.objects.filter(pk=case.pk).update(found_by=finder, rectifier=rectifier)
    for person, seen in ((finder, found), (rectifier, found), (stranger, [])):
        assert names(person, zone, "通道", now) == seen


def test_what_is_ones_own_is_found_behind_any_number_that_are_not(
    register, zone, now, django_assert_max_num_queries
):
    """Whoever reaches little of the zone does not lose it behind the newest hits of others."""
    contact = PostFactory(zone=zone, role="contact").person
    mine = register("第一铸造有限公司").dossier
    mine.contact = contact
    mine.save()
    for number in range(queries.SHOWN + 1):
        register(f"他家{number}铸造有限公司", is_read=False)
    actions.follow_ledger(zone=zone, at=now)
    with django_assert_max_num_queries(6):
        assert names(contact, zone, "铸造", now) == ["第一铸造有限公司"]
