"""Numbers, provenance and expiry, without a database."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.core.refusals import Refused
from bihuan.dossiers import rules
from bihuan.dossiers.rules import Expiry

NAMES = st.sampled_from(["name", "place", "uscc", "headcount", "industry"])
TODAY = date(2026, 9, 15)


@given(st.integers(1, rules.HIGHEST))
def test_a_number_comes_back_from_its_code(number):
    assert rules.number_of("enterprise", rules.code_of("enterprise", number)) == number


@pytest.mark.parametrize("code", ["", "E1", "E0000001", "X000001", "E00000一", "e000001"])
def test_other_codes_have_no_number(code):
    assert rules.number_of("enterprise", code) is None


def test_numbers_run_out():
    with pytest.raises(Refused):
        rules.code_of("enterprise", rules.HIGHEST + 1)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sets(NAMES, min_size=1)), max_size=12))
def test_every_fact_has_one_source_the_last_that_stated_it(statements):
    provenance, last = {}, {}
    for source, names in statements:
        provenance = rules.restate(provenance, source, names)
        last |= dict.fromkeys(names, source)
    assert {name: key for key, names in provenance.items() for name in names} == last
    told = [name for names in provenance.values() for name in names]
    assert len(told) == len(set(told))
    assert all(provenance.values())


@given(st.uuids(), st.none() | st.integers(1, 100_000))
def test_an_origin_names_its_source_and_row(source, row):
    assert rules.origin_of(rules.origin_key(source, row)) == (str(source), row)


@pytest.mark.parametrize(
    ("days", "step"),
    [
        (-1, Expiry.EXPIRED),
        (0, Expiry.MONTH),
        (30, Expiry.MONTH),
        (31, Expiry.TWO_MONTHS),
        (60, Expiry.TWO_MONTHS),
        (61, Expiry.QUARTER),
        (90, Expiry.QUARTER),
        (91, Expiry.LATER),
    ],
)
def test_how_near_an_end_is(days, step):
    assert rules.expiry(TODAY + timedelta(days=days), today=TODAY) is step


def test_no_end_stated_is_not_valid_for_ever():
    assert rules.expiry(None, today=TODAY) is Expiry.OPEN
