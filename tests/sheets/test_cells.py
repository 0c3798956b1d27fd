"""Cells as people write them."""

import contextlib
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.sheets.rules import cells, dates


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-23", "2026-11-23"),
        ("2026/1/3", "2026-01-03"),
        ("2026.1.3", "2026-01-03"),
        ("２０２６年１月３日", "2026-01-03"),
        ("2026年1月", "2026-01-01"),
        ("20260103", "2026-01-03"),
        (20260103, "2026-01-03"),
        (46000, "2025-12-09"),
        ("46000", "2025-12-09"),
        (datetime(2026, 1, 3, 8, 30), "2026-01-03"),  # noqa: DTZ001  as a sheet holds it
        (date(2026, 1, 3), "2026-01-03"),
        ("2026-01-03 08:30:00", "2026-01-03"),
        (" 2026 年 1 月 3 日 ", "2026-01-03"),
        ("", None),
        (None, None),
        ("—", None),
    ],
)
def test_days(written, meant):
    assert dates.day(written) == meant


@pytest.mark.parametrize("wrong", ["2026-02-30", "明天", "13/45/2026", 3.5, "2026-13-01", 99999999])
def test_what_is_no_day(wrong):
    with pytest.raises(cells.Unreadable):
        dates.day(wrong)


@given(st.dates(min_value=date(1927, 6, 1), max_value=date(2099, 12, 31)))
def test_every_day_reads_back_however_it_is_written(day):
    serial = (day - dates.EXCEL_DAY_ZERO).days
    for written in (day, f"{day.year}年{day.month}月{day.day}日", f"{day:%Y/%m/%d}", serial):
        assert dates.day(written) == day.isoformat()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (120, 120), (120.0, 120), ("120人", 120), ("１２０", 120), ("1,200", 1200),
        ("", None), ("无", None), (0, 0),
    ],
)  # fmt: skip
def test_whole_numbers(written, meant):
    assert cells.whole(written) == meant


@pytest.mark.parametrize("wrong", ["很多", "-3", 3.5, -1, True, "12a"])
def test_what_is_no_whole_number(wrong):
    with pytest.raises(cells.Unreadable):
        cells.whole(wrong)


def test_an_empty_yes_or_no_is_unknown():
    assert cells.yes_no("") is None
    assert cells.yes_no("否") is False
    assert cells.yes_no("√") is True


def test_codes_lose_spaces_and_width():
    assert cells.code("９１ 1100-0060 0037341l") == "91110000600037341L"
    assert cells.code(1404.0) == "1404"


@given(st.one_of(st.none(), st.text(), st.integers(), st.floats(), st.booleans()))
def test_readers_answer_or_say_why(cell):
    """Whatever a cell holds, a reader returns a value or raises Unreadable, nothing else."""
    for read in (dates.day, cells.phone, cells.whole, cells.yes_no, cells.code, cells.text):
        with contextlib.suppress(cells.Unreadable):
            read(cell)
