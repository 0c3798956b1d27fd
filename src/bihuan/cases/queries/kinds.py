"""The kinds of case that are declared, and their usual time limits."""

from collections.abc import Mapping
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from bihuan.cases.rules.declaration import (
    GRADE_NAMES,
    Grade,
    Kind,
)
from bihuan.cases.rules.story import default_due
from bihuan.core.composition import listed
from bihuan.core.working_days import CalendarEnds, WorkCalendar
from bihuan.zones.models import Zone
from bihuan.zones.queries import calendar_of


def kind_of(code: str) -> Kind:
    """Return the declaration of a kind of case; KeyError if no domain declares it."""
    for kind in listed("KINDS"):
        if isinstance(kind, Kind) and kind.code == code:
            return kind
    raise KeyError(code)


def found_kind() -> Kind:
    """Return the kind of case that is opened by what somebody finds."""
    kind: Kind = next(kind for kind in listed("KINDS") if kind.is_found)
    return kind


def usual_dues(zone: Zone, kind: Kind, *, on: date) -> dict[Grade, date | None]:
    """Return by when a case reported that day is due, for each grade, if nobody says otherwise.

    None where the working days that far ahead are not known: then a date must be given.
    """
    calendar = calendar_of(zone)
    return {grade: _usual_due(kind, grade, on, calendar) for grade in kind.deadlines}


def _usual_due(kind: Kind, grade: Grade, on: date, calendar: WorkCalendar) -> date | None:
    try:
        return default_due(kind, grade, on, calendar)
    except CalendarEnds:
        return None


def said_dues(dues: Mapping[Grade, date | None]) -> str:
    """Say what holds where no date is given, grade by grade."""
    unknown = _("to be given (holidays that far ahead are not entered yet)")
    parts = [
        f"{GRADE_NAMES[grade]} {date_format(due) if due else unknown}"
        for grade, due in dues.items()
    ]
    return _("If left empty: %(dates)s.") % {"dates": " · ".join(parts)}
