"""What a zone's set-up must satisfy, without a database."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.core.permissions import ROLES, Permission
from bihuan.core.refusals import Refused
from bihuan.zones import rules

RING = [[112.8, 36.3], [112.9, 36.3], [112.9, 36.4], [112.8, 36.3]]
POLYGON = {"type": "Polygon", "coordinates": [RING]}


@pytest.mark.parametrize(
    "outline",
    [
        POLYGON,
        {"type": "MultiPolygon", "coordinates": [[RING], [RING]]},
        {"type": "Feature", "geometry": POLYGON, "properties": {}},
        {"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": POLYGON}]},
    ],
)
def test_outlines_that_will_do(outline):
    assert rules.check_outline(outline)["type"] in ("Polygon", "MultiPolygon")


@pytest.mark.parametrize("outline", [None, "", {}])
def test_no_outline_is_none(outline):
    assert rules.check_outline(outline) is None


@pytest.mark.parametrize(
    "outline",
    [
        [],
        "POLYGON((1 2))",
        {"type": "Point", "coordinates": [112, 36]},
        {"type": "Polygon"},
        {"type": "Polygon", "coordinates": []},
        {"type": "Polygon", "coordinates": [RING[:3]]},
        {"type": "Polygon", "coordinates": [[[36.3, 112.8], *RING[1:3], [36.3, 112.8]]]},
        {"type": "Polygon", "coordinates": [[["a", "b"], *RING[1:3], ["a", "b"]]]},
        {"type": "Polygon", "coordinates": [[[float("nan"), 36], *RING[1:3], [float("nan"), 36]]]},
        {"type": "Polygon", "coordinates": [[RING[0]] * 5]},
        {"type": "Polygon", "coordinates": [[*RING[:3], [112.7, 36.3]]]},
        {"type": "Polygon", "coordinates": [[*RING[:3] * 2000, RING[0]]]},
        {"type": "FeatureCollection", "features": [POLYGON, POLYGON]},
        {"type": "Polygon", "coordinates": 7},
        {"type": "Polygon", "coordinates": [[1, 2, 3, 4]]},
    ],
)
def test_outlines_that_will_not(outline):
    with pytest.raises(Refused) as refusal:
        rules.check_outline(outline)
    assert refusal.value.field == "outline"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["type", "coordinates", "geometry", "features"]), inner, max_size=4),
)  # fmt: skip


@given(JSON)
def test_whatever_is_pasted_is_taken_or_refused(outline):
    with suppress(Refused):
        rules.check_outline(outline)


def test_paths_nest_to_a_limit():
    path = ""
    for place in range(rules.DEEPEST):
        path = rules.path_of(path, f"c{place}")
    assert path == "/c0/c1/c2/c3/c4/c5/c6/c7/"
    with pytest.raises(Refused):
        rules.path_of(path, "more")


@pytest.mark.parametrize("code", ["a", "east-07", "A_1", "x" * 20])
def test_cell_codes(code):
    assert rules.check_cell_code(f" {code} ") == code


@pytest.mark.parametrize("code", ["", "东", "a/b", "a b", "x" * 21, "a%"])
def test_no_cell_codes(code):
    with pytest.raises(Refused):
        rules.check_cell_code(code)


@pytest.mark.parametrize("name", ["wang", "Wang.2", "a-b_c", "138123412345"])
def test_sign_in_names_are_told_apart_without_case(name):
    assert rules.check_username(f" {name} ") == name.lower()


@pytest.mark.parametrize("name", ["", "ab", "王建国", ".wang", "wang li", "x" * 65, "a@b.c"])
def test_no_sign_in_names(name):
    with pytest.raises(Refused):
        rules.check_username(name)


def test_who_may_answer_for_a_dossier():
    assert {"contact", "cell_leader", "safety_office", "department", "leader"} == rules.ANSWERING


def test_every_permission_has_words():
    assert rules.PERMISSION_WORDS.keys() == set(Permission)
    assert {role.reach for role in ROLES.values()} <= rules.REACH_WORDS.keys()


def test_days_are_read_as_notices_have_them():
    text = "2027-01-01～2027-01-03 休\n\n 2027-01-04 班 \n2027-02-06 至 2027-02-07 休"
    assert rules.read_days(text) == {
        "2027-01-01": False,
        "2027-01-02": False,
        "2027-01-03": False,
        "2027-01-04": True,
        "2027-02-06": False,
        "2027-02-07": False,
    }


@pytest.mark.parametrize(
    "line",
    ["2027-01-01", "2027-13-01 休", "1月1日 休", "2027-01-03~2027-01-01 休",
     "2027-01-01~2027-12-31 休", "2027-01-01 x"],
)  # fmt: skip
def test_days_that_cannot_be_read(line):
    with pytest.raises(Refused) as refusal:
        rules.read_days(line)
    assert refusal.value.field == "days"


@given(st.dictionaries(st.dates(date(2027, 1, 1), date(2027, 12, 31)), st.booleans(), max_size=30))
def test_days_come_back_as_they_were_written(days):
    named = {day.isoformat(): worked for day, worked in days.items()}
    assert rules.read_days(rules.write_days(named)) == named


@pytest.mark.parametrize(
    "days",
    [
        {},
        {"2027-01-02": True},
        {"2027-01-01": False, "2027-01-04": True},  # a Monday cannot be made up
        {"2026-01-01": False},
        {"nonsense": False},
        {"2027-01-02": False},  # only a Saturday off: no arrangement
    ],
)
def test_no_arrangement(days):
    with pytest.raises(Refused):
        rules.check_year(2027, days)


def test_an_arrangement():
    days = {"2027-01-03": True, "2027-01-01": False}
    assert list(rules.check_year(2027, days)) == ["2027-01-01", "2027-01-03"]
    with pytest.raises(Refused):
        rules.check_year(1999, {"1999-01-01": False})


@pytest.mark.parametrize(("lat", "lng"), [(36, None), (None, 112), (112, 36), (0, 0)])
def test_places_that_are_half_or_elsewhere(lat, lng):
    with pytest.raises(Refused):
        rules.check_place(lat, lng)
