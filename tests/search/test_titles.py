"""Lists narrowed by words: quick through the index, and yet exactly what looking at all rows finds."""

from types import SimpleNamespace

import pytest
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from bihuan.cases.actions import Finding, report
from bihuan.cases.models import Case
from bihuan.cases.tables import by_words
from bihuan.dossiers.actions import note_source
from bihuan.dossiers.models import Dossier
from bihuan.enterprises import actions as enterprises
from bihuan.enterprises.rules import Facts
from bihuan.search import actions, queries, rules
from bihuan.zones.permissions import standing_of
from tests.factories.zones import CellFactory, PostFactory, ZoneFactory

TEXTS = st.text(st.sampled_from("消防灭火器过期铸造有限Aa1９ｂ- 。é\u0301㎡𠮷"), max_size=12)
NAMES = ["屯留铸造有限公司", "屯留食品厂", "铸Ａ1号有限公司", "上党煤机", "100%_纯", "公司"]
ASKED = [
    *(
        "铸造",
        "铸造有限",
        "限公",
        "屯留",
        "公司",
        "司",
        "煤 机",
        "煤机",
        "机煤",
        "A1",
        "a1号",
        "1号",
    ),
    *("100%", "%_", "_", "%", "Ａ1", "厂", "食品厂", "没有", "新名", "屯留铸造有限公司"),
]


@given(TEXTS, st.integers(0, 12), st.integers(0, 12))
def test_what_holds_a_text_has_all_its_pairs(text, start, end):
    assert set(rules.title_pairs(text[start:end])) <= set(rules.title_pairs(text))


@given(st.text())
def test_pairs_are_no_words_of_a_text_and_break_no_language(text):
    pairs = rules.title_pairs(text)
    assert not set(pairs) & set(rules.tokens(text))
    assert not set("".join(pairs)) & set("\"'&|!():*\\ ")


@pytest.fixture
def zone(db):
    return ZoneFactory()


@pytest.fixture
def clerk(zone):
    return PostFactory(zone=zone, role="safety_office").person


@pytest.fixture
def register(zone, clerk, now):
    cell = CellFactory(zone=zone)
    source = note_source(zone=zone, reference="x", by=clerk, at=now)

    def register(name):
        new = enterprises.NewEnterprise(facts=Facts(name=name, principal="李四"), cell=cell)
        return enterprises.register(zone=zone, enterprise=new, source=source, by=clerk, at=now)

    return register


@pytest.fixture
def cases(zone, clerk, now, register):
    """Cases of enterprises, half of them indexed, and a name changed since."""
    for place, name in enumerate(NAMES):
        made = register(name)
        title = f"{NAMES[-place]}门前灭火器过期{place}"
        report(kind="hazard", dossier=made.dossier, finding=Finding(title), by=clerk, at=now)
        if place == 2:
            actions.follow_ledger(zone=zone, at=now)
    renamed = enterprises.amend(enterprise=made, changes={"name": "新名"}, by=clerk, at=now)
    assert renamed
    return Case.objects.filter(zone=zone)


def asked_by(clerk, zone, now):
    request = RequestFactory().get("/")
    request.standing = standing_of(clerk, zone, on=now.date())
    return request


def found(cases, request, words):
    return set(by_words(request, cases, words).values_list("title", flat=True))


def looked_through(cases, words):
    """Return what a list holds by looking at each row, without any index."""
    words = words.lower()
    rows = cases.values_list("title", "dossier__name")
    return {title for title, name in rows if words in title.lower() or words in name.lower()}


@pytest.mark.parametrize("limits", [{}, {"FEW": 1}, {"UNREAD": 0}])
@pytest.mark.parametrize("is_read", [True, False])
def test_a_list_by_words_is_exact(cases, zone, clerk, now, monkeypatch, limits, is_read):
    """Whether the index is behind, of no use, or up to date."""
    for name, limit in limits.items():
        monkeypatch.setattr(queries, name, limit)
    if is_read:
        actions.follow_ledger(zone=zone, at=now)
    request = asked_by(clerk, zone, now)
    for words in ASKED:
        assert found(cases, request, words) == looked_through(cases, words), words


def test_only_what_may_hold_the_words_is_looked_at(cases, zone, clerk, now):
    actions.follow_ledger(zone=zone, at=now)
    ids = queries.Titles(zone, "铸造有限").may_hold("enterprise")
    names = Dossier.objects.filter(pk__among=ids).values_list("name", flat=True)
    assert set(names) == {"屯留铸造有限公司"}
    assert queries.Titles(zone, "没有").may_hold("enterprise") == []


def test_a_title_with_many_rows_of_the_index_is_left_to_the_list(cases, zone, now):
    actions.follow_ledger(zone=zone, at=now)
    assert queries.Titles(zone, "灭火器").may_hold("case", few=2) is None
    assert queries.Titles(zone, "火").may_hold("case") is None


def test_a_common_word_is_remembered_and_the_list_stays_exact(
    cases, zone, clerk, now, monkeypatch, django_assert_num_queries
):
    monkeypatch.setattr(queries, "FEW", 2)
    actions.follow_ledger(zone=zone, at=now)
    request = asked_by(clerk, zone, now)
    before = found(cases, request, "灭火器")
    with django_assert_num_queries(2):  # how far the index is, and what it has not read
        assert queries.Titles(zone, "灭火器").may_hold("case", few=2) is None
    title = "又一处灭火器过期"
    dossier = Dossier.objects.filter(zone=zone).first()
    report(kind="hazard", dossier=dossier, finding=Finding(title), by=clerk, at=now)
    assert found(cases, request, "灭火器") == {*before, title}


def test_nothing_of_another_zone_may_hold_the_words(cases, zone, now):
    actions.follow_ledger(zone=zone, at=now)
    other = SimpleNamespace(zone=ZoneFactory())
    assert queries.Titles(other.zone, "铸造").may_hold("enterprise") == []
