"""Facts and the law's words on the safety manager, without a database."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.core.refusals import Refused
from bihuan.dossiers.models import Dossier
from bihuan.enterprises import rules
from bihuan.enterprises.forms import FactsForm
from bihuan.enterprises.importers.columns import COLUMNS
from bihuan.enterprises.models import Enterprise, Sector
from bihuan.enterprises.rules import Facts, Verdict

pytestmark = pytest.mark.usefixtures("english")


def problems(**facts):
    told = {"name": "某公司", "principal": "王五", **facts}
    return [it.field for it in rules.check(Facts(**told)).problems]


@pytest.mark.parametrize(
    ("facts", "fields"),
    [
        ({}, []),
        ({"name": " "}, ["name"]),
        ({"principal": ""}, ["principal"]),
        ({"name": "长" * 201}, ["name"]),
        ({"uscc": "91110000600037341L"}, []),
        ({"uscc": "N2330106799655058H"}, []),
        ({"uscc": "91110000600037341M"}, ["uscc"]),
        ({"uscc": "1"}, ["uscc"]),
        ({"industry": "33"}, []),
        ({"industry": "ZZ"}, ["industry"]),
        ({"industry": "A33"}, ["industry"]),
        ({"headcount": 0}, []),
        ({"headcount": -1}, ["headcount"]),
        ({"headcount": 3_000_000}, ["headcount"]),
        ({"above_size": True}, ["above_size_since"]),
        ({"above_size": True, "above_size_since": date(2024, 1, 1)}, []),
        ({"above_size_since": date(2024, 1, 1)}, ["above_size_since"]),
        ({"principal_phone": "13812341234"}, []),
        ({"principal_phone": "0355-8512345"}, []),
        ({"principal_phone": "电话不详"}, ["principal_phone"]),
        ({"lat": Decimal(36)}, ["lat"]),
        ({"lat": Decimal(112), "lng": Decimal(36)}, ["lat"]),
        ({"lat": Decimal(36), "lng": Decimal(112)}, []),
    ],
)
def test_facts(facts, fields):
    assert problems(**facts) == fields


@given(st.builds(
    Facts,
    name=st.text(max_size=250), principal=st.text(max_size=70), uscc=st.text(max_size=20),
    industry=st.text(max_size=8), principal_phone=st.text(max_size=20),
    headcount=st.none() | st.integers(),
))  # fmt: skip
def test_what_was_checked_checks_again_without_change(facts):
    first = rules.check(facts)
    if not first.problems:
        second = rules.check(first.facts)
        assert not second.problems
        assert second.facts == first.facts


def verdict(**known):
    told = {
        "headcount": 50,
        "manager": "",
        "full_time": None,
        "body": None,
        **known,
    }
    high_hazard = rules.is_high_hazard(told.pop("sectors", ()), told.pop("industry", ""))
    return rules.safety_manager_finding(high_hazard=high_hazard, many=100, **told).verdict


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        # up to 100 people: part-time will do
        ({"headcount": 100, "manager": "张", "full_time": False}, Verdict.MET),
        ({"headcount": 100}, Verdict.BREACH),
        # from 101 people: full-time or a department
        ({"headcount": 101, "manager": "张", "full_time": False}, Verdict.BREACH),
        ({"headcount": 101, "manager": "张", "full_time": True}, Verdict.MET),
        ({"headcount": 101, "manager": "张"}, Verdict.UNKNOWN),
        ({"headcount": 101}, Verdict.BREACH),
        ({"headcount": 101, "body": True}, Verdict.MET),
        # high hazard: whatever the headcount
        ({"headcount": 3, "sectors": ("chemicals",), "manager": "张", "full_time": False},
         Verdict.BREACH),
        ({"headcount": None, "sectors": ("petrol",), "manager": "张", "full_time": True},
         Verdict.MET),
        ({"headcount": 3, "industry": "B0610", "manager": "张", "full_time": False},
         Verdict.BREACH),
        ({"headcount": 3, "industry": "C3120", "manager": "张", "full_time": False},
         Verdict.BREACH),
        ({"headcount": 3, "industry": "C3391", "manager": "张", "full_time": False}, Verdict.MET),
        ({"headcount": 3, "industry": "E4710", "manager": "张", "full_time": False},
         Verdict.BREACH),
        ({"headcount": 3, "industry": "G5430", "manager": "张", "full_time": False},
         Verdict.BREACH),
        # unknown is not zero
        ({"headcount": None, "manager": "张"}, Verdict.UNKNOWN),
        ({"headcount": None}, Verdict.UNKNOWN),
    ],
)  # fmt: skip
def test_article_24(known, expected):
    assert verdict(**known) is expected


@given(st.integers(0, 10_000), st.booleans(), st.sampled_from([True, False, None]))
def test_a_full_time_manager_always_meets_it(headcount, chemicals, body):
    sectors = ("chemicals",) if chemicals else ()
    known = {"headcount": headcount, "sectors": sectors, "body": body}
    assert verdict(manager="张", full_time=True, **known) is Verdict.MET


def test_sectors_are_those_of_the_model():
    assert set(Sector.values) == rules.SECTORS
    with pytest.raises(Refused):
        rules.check_sectors({"space"})


NO_COLUMN = {  # facts that no column of a sheet states by their own name, and why
    "place": "the production site of a row is the place of a new enterprise",
    "lat": "offices have no coordinates in their lists",
    "lng": "offices have no coordinates in their lists",
    "safety_body": "lists name a manager, not a department",
}


@pytest.mark.parametrize("name", rules.FACTS)
def test_a_fact_is_named_kept_asked_for_and_imported(name):
    holder = Dossier if name in rules.HEADER_FACTS else Enterprise
    column = holder._meta.get_field(name)
    assert name in rules.FACT_NAMES
    assert name in FactsForm.base_fields
    assert (name in {it.name for it in COLUMNS}) == (name not in NO_COLUMN), name
    if name in rules.LONGEST:
        assert rules.LONGEST[name] == column.max_length


def test_telephones_are_personal():
    assert set(rules.PHONES) == {name for name in rules.FACTS if "phone" in name}
    assert set(rules.PHONES) <= rules.PERSONAL_FACTS
