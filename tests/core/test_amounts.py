import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.core.areas import SQUARE_METRES, WrongArea, parse_area, unit_of
from bihuan.core.money import WrongAmount, parse_money


@pytest.mark.parametrize(
    ("text", "unit", "yuan"),
    [
        ("350000", "元", "350000.00"),
        ("35", "万元", "350000.00"),
        ("35万元", "元", "350000.00"),
        ("１．２亿", "元", "120000000.00"),
        ("103.5 亿元", "万元", "10350000000.00"),
        ("￥3,500.00", "元", "3500.00"),
        ("-12.345", "元", "-12.34"),
        ("500万", "亿元", "5000000.00"),
        ("8元", "万元", "8.00"),
    ],
)
def test_money_is_read_as_written(text, unit, yuan):
    assert str(parse_money(text, unit=unit)) == yuan


@pytest.mark.parametrize("text", ["", "面议", "约300万", "3万5", "1.2.3", "12%", "元"])
def test_what_is_no_money_is_refused(text):
    with pytest.raises(WrongAmount):
        parse_money(text)


@pytest.mark.parametrize(
    ("text", "unit", "m2"),
    [
        ("1,200平方米", "m²", "1200.00"),
        ("3.2万㎡", "m²", "32000.00"),
        ("3.2万平方米", "m²", "32000.00"),
        ("15亩", "m²", "10000.00"),
        ("1 亩", "m²", "666.67"),
        ("３０", "亩", "20000.00"),
        ("2公顷", "亩", "20000.00"),
        ("500 m2", "万m²", "500.00"),
        ("500m²", "万m²", "500.00"),
        ("1.5平方公里", "m²", "1500000.00"),
        ("78.8", "万m²", "788000.00"),
    ],
)
def test_areas_are_read_as_written(text, unit, m2):
    assert str(parse_area(text, unit=unit)) == m2


@pytest.mark.parametrize("text", ["", "大", "3米", "-5", "3.2万", "5亩地左右"])
def test_what_is_no_area_is_refused(text):
    with pytest.raises(WrongArea):
        parse_area(text)


@given(st.integers(0, 10**6))
def test_fifteen_mu_are_a_hectare(count):
    assert parse_area(f"{count * 15}亩") == parse_area(f"{count}公顷")


def test_every_unit_is_found_by_its_own_name():
    assert [unit_of(unit) for unit in SQUARE_METRES] == list(SQUARE_METRES)
    assert unit_of("立方米") is None
