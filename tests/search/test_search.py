"""Finding things: by part of a Chinese name, by number, by letters; only one's own."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.accounts.models import Person
from bihuan.dossiers.actions import note_source
from bihuan.dossiers.models import Dossier
from bihuan.enterprises import actions as enterprises
from bihuan.enterprises.rules import Facts
from bihuan.search import actions, queries, rules
from bihuan.zones.permissions import standing_of
from tests.factories.zones import CellFactory, PostFactory, ZoneFactory


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

    def register(name, uscc=""):
        source = note_source(zone=zone, reference="x", by=clerk, at=now)
        new = enterprises.NewEnterprise(
            facts=Facts(name=name, principal="李四", uscc=uscc), cell=cell
        )
        made = enterprises.register(zone=zone, enterprise=new, source=source, by=clerk, at=now)
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
def many(register) -> list[Dossier]:
    """Thirty enterprises of two trades, in the order they were indexed."""
    trades = ["铸造", "机械", "铸造机械"]
    return [register(f"第{n}号{trades[n % 3]}有限公司").dossier for n in range(30)]


@pytest.mark.parametrize(("near", "rare"), [(5000, 5000), (0, 0), (0, 4), (3, 5000)])
def test_the_newest_that_hold_the_words_are_found(many, clerk, zone, now, monkeypatch, near, rare):
    """The pieces, and the ways to take them, are the same as looking at every name."""
    monkeypatch.setattr(queries, "NEAR", near)
    monkeypatch.setattr(queries, "RARE", rare)
    contact = PostFactory(zone=zone, role="contact").person
    Dossier.objects.filter(pk__in=[it.pk for it in many[::4]]).update(contact=contact)
    asked = ["铸造", "机械", "铸造 机械", "有限公司", "1", "没有"]
    for first, (person, seen), query in product(
        (1, 7, 500), ((clerk, many), (contact, many[::4])), asked
    ):
        monkeypatch.setattr(queries, "FIRST", first)
        monkeypatch.setattr(queries, "FIRST_BY_FEW", first)
        wanted = rules.tokens(query)
        naive = [
            it.name
            for it in reversed(seen)
            if all(any(t.startswith(w) for t in rules.tokens(searched_in(it))) for w in wanted)
        ]
        found = queries.find(standing_of(person, zone, on=now.date()), query)
        assert [title for hits in found for _pk, title, _below in hits.rows] == naive[:20]
        assert [hits.more for hits in found] == ([len(naive) > 20] if naive else [])


def searched_in(dossier: Dossier) -> str:
    return f"{dossier.name} {dossier.code} 李四"


def test_what_is_ones_own_is_found_behind_many_hits_that_are_not(register, zone, now, monkeypatch):
    """Whoever reaches little of the zone must not lose it behind the newest hits of others."""
    monkeypatch.setattr(queries, "FIRST_BY_FEW", 2)
    contact = PostFactory(zone=zone, role="contact").person
    mine = register("第一铸造有限公司").dossier
    mine.contact = contact
    mine.save()
    for number in range(4):
        register(f"他家{number}铸造有限公司")
    assert names(contact, zone, "铸造", now) == ["第一铸造有限公司"]


def test_where_not_every_hit_was_looked_at_there_may_be_more(register, zone, now, monkeypatch):
    monkeypatch.setattr(queries, "LOOKED_AT", 2)
    contact = PostFactory(zone=zone, role="contact").person
    for number in range(3):
        register(f"他家{number}铸造有限公司")
    (hits,) = queries.find(standing_of(contact, zone, on=now.date()), "铸造")
    assert (hits.rows, hits.more) == ([], True)
