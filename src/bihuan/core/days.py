"""Days as people in China count them."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

HERE = ZoneInfo("Asia/Shanghai")


def day_of(at: datetime) -> date:
    """Return the calendar day of a moment in China; at must carry its zone."""
    return at.astimezone(HERE).date()
