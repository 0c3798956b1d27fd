from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.core.working_days import LAST_YEAR, CalendarEnds, WorkCalendar

CALENDAR = WorkCalendar()
# of the arrangement an administrator would enter for a later year: exceptions only
NEW_YEAR = date(LAST_YEAR + 1, 1, 1)
LATER = WorkCalendar(extra={NEW_YEAR: False}, known_years=[LAST_YEAR + 1])


@pytest.mark.parametrize(
    ("on", "worked"),
    [
        (date(2025, 10, 1), False),  # National Day, a Wednesday
        (date(2025, 9, 28), True),  # make-up Sunday
        (date(2025, 10, 11), True),  # make-up Saturday
        (date(2025, 10, 9), True),
        (date(2025, 11, 22), False),  # an ordinary Saturday
        (date(2025, 11, 24), True),
    ],
)
def test_holidays_and_make_up_days_are_known(on, worked):
    assert CALENDAR.is_working_day(on) is worked


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        (date(2025, 11, 21), 10, date(2025, 12, 5)),
        (date(2025, 9, 26), 1, date(2025, 9, 28)),  # Friday, then the make-up Sunday
        (date(2025, 9, 30), 1, date(2025, 10, 9)),  # over the holiday
        (date(2025, 10, 9), -1, date(2025, 9, 30)),
        (date(2025, 10, 4), 0, date(2025, 10, 4)),
    ],
)
def test_days_are_added_as_the_office_counts_them(start, count, end):
    assert CALENDAR.add_working_days(start, count) == end


def test_the_first_working_day_may_be_the_day_itself():
    assert CALENDAR.first_working_day(date(2025, 10, 3)) == date(2025, 10, 9)
    assert CALENDAR.first_working_day(date(2025, 10, 9)) == date(2025, 10, 9)


def test_past_the_last_year_there_is_no_answer_but_a_sentence():
    with pytest.raises(CalendarEnds, match=str(LAST_YEAR + 1)) as ended:
        CALENDAR.add_working_days(date(LAST_YEAR, 12, 31), 10)
    assert ended.value.year == LAST_YEAR + 1
    with pytest.raises(CalendarEnds):
        CALENDAR.is_working_day(date(2003, 12, 31))
    with pytest.raises(CalendarEnds):
        CALENDAR.working_days_between(date(LAST_YEAR, 12, 1), date(LAST_YEAR + 1, 1, 3))


def test_a_year_entered_by_hand_is_counted_with_its_exceptions():
    assert not LATER.is_working_day(NEW_YEAR)
    assert LATER.is_working_day(NEW_YEAR + timedelta(days=(7 - NEW_YEAR.weekday()) % 7 or 7))
    assert LATER.last_known_year == LAST_YEAR + 1
    with pytest.raises(CalendarEnds):
        LATER.is_working_day(date(LAST_YEAR + 2, 1, 5))


def test_an_entry_corrects_the_package():
    calendar = WorkCalendar(extra={date(2025, 11, 24): False})
    assert not calendar.is_working_day(date(2025, 11, 24))
    assert calendar.working_days_between(date(2025, 11, 23), date(2025, 11, 25)) == 1


def test_a_gap_ends_the_known_years():
    assert WorkCalendar(known_years=[LAST_YEAR + 2]).last_known_year == LAST_YEAR


days = st.dates(date(2010, 1, 1), date(2026, 6, 30))


@given(days, st.integers(0, 90))
def test_adding_and_counting_agree(start, count):
    end = CALENDAR.add_working_days(start, count)
    assert CALENDAR.working_days_between(start, end) == count
    assert CALENDAR.working_days_between(end, start) == -count
    if count:
        assert CALENDAR.is_working_day(end)


@given(days, st.integers(0, 1500))
def test_counting_is_one_by_one(start, length):
    end = min(start + timedelta(days=length), date(2026, 12, 31))
    span = (end - start).days
    plain = sum(CALENDAR.is_working_day(start + timedelta(days=n + 1)) for n in range(span))
    assert CALENDAR.working_days_between(start, end) == plain
