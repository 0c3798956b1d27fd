"""What pages and actions ask about zones."""

from datetime import date

from bihuan.core.working_days import WorkCalendar
from bihuan.zones.models import YearCalendar, Zone


def calendar_of(zone: Zone) -> WorkCalendar:
    """Return the zone's working days: the built-in years and those entered by hand.

    One query, kept on the zone object for as long as it lives.
    """
    kept: WorkCalendar | None = zone.__dict__.get("_calendar")
    if kept is None:
        years = list(YearCalendar.objects.filter(zone=zone))
        extra = {date.fromisoformat(d): worked for y in years for d, worked in y.days.items()}
        kept = zone.__dict__["_calendar"] = WorkCalendar(extra, [year.year for year in years])
    return kept
