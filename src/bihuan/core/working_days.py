"""Working days of the People's Republic of China: weekends, holidays, make-up days.

The State Council publishes each year's arrangement late in the year before. The
chinesecalendar package carries the years up to its last; an administrator enters a
later year as its exceptions. Past the last known year there is no answer, only
CalendarEnds: a deadline is never counted with guessed holidays.
"""

from bisect import bisect_left
from collections.abc import Collection, Mapping
from datetime import date, timedelta
from functools import cache
from types import MappingProxyType

from chinese_calendar import constants
from django.utils.translation import gettext as _

from bihuan.core.refusals import Refused

FIRST_YEAR: int = min(constants.holidays).year
LAST_YEAR: int = max(constants.holidays).year
DAY = timedelta(days=1)


class CalendarEnds(Refused):
    """The holidays of a year are not known."""

    def __init__(self, year: int) -> None:
        super().__init__(
            _(
                "The public holidays of %(year)s are not in the calendar yet, so working days "
                "cannot be counted there. An administrator enters the State Council's "
                "arrangement for %(year)s under Setup, Holidays."
            )
            % {"year": year}
        )
        self.year = year


class WorkCalendar:
    """Says which days are worked.

    extra holds the exceptions of further years, or corrections: True for a make-up
    working day, False for a holiday; the other days of a known year follow the week.
    known_years names the years that extra completes.
    """

    def __init__(
        self,
        extra: Mapping[date, bool] = MappingProxyType({}),
        known_years: Collection[int] = (),
    ) -> None:
        self._extra = dict(extra)
        self._known = set(range(FIRST_YEAR, LAST_YEAR + 1)) | set(known_years)
        self._years: dict[int, list[date]] = {}

    @property
    def last_known_year(self) -> int:
        """The last year before the first gap."""
        year = LAST_YEAR
        while year + 1 in self._known:
            year += 1
        return year

    def is_working_day(self, on: date) -> bool:
        """Say whether on is worked. Raises CalendarEnds where its year is not known."""
        if on.year not in self._known:
            raise CalendarEnds(on.year)
        return self._extra[on] if on in self._extra else _is_worked(on)

    def first_working_day(self, on: date) -> date:
        """Return on, or the next day that is worked."""
        while not self.is_working_day(on):
            on += DAY
        return on

    def add_working_days(self, start: date, days: int) -> date:
        """Return the days-th working day after start; before it, where days is negative.

        The day itself never counts: ten working days from a Friday end on the Friday
        fortnight. With 0 it is start itself, worked or not. Raises CalendarEnds.
        """
        step = DAY if days >= 0 else -DAY
        for _step in range(abs(days)):
            start += step
            while not self.is_working_day(start):
                start += step
        return start

    def working_days_between(self, start: date, end: date) -> int:
        """Return how many working days lie after start, up to and with end.

        Negative where end is the earlier. Raises CalendarEnds.
        """
        if end < start:
            return -self.working_days_between(end, start)
        if end == start:
            return 0
        if start.year == end.year:
            days = self._worked(start.year)
            return bisect_left(days, end + DAY) - bisect_left(days, start + DAY)
        rest = len(self._worked(start.year)) - bisect_left(self._worked(start.year), start + DAY)
        whole = sum(len(self._worked(year)) for year in range(start.year + 1, end.year))
        return rest + whole + bisect_left(self._worked(end.year), end + DAY)

    def _worked(self, year: int) -> list[date]:
        if year not in self._years:
            first = date(year, 1, 1)
            length = (date(year, 12, 31) - first).days + 1
            days = (first + timedelta(days=day) for day in range(length))
            self._years[year] = [day for day in days if self.is_working_day(day)]
        return self._years[year]


@cache
def _is_worked(on: date) -> bool:
    return on in constants.workdays or (on.weekday() < 5 and on not in constants.holidays)
