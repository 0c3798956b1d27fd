"""How dates, money, areas and secrets are written, in the reader's language.

Pure but for the language in force. None is shown as nothing, never as zero.
"""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from django.utils.timezone import localtime
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

Number = int | float | Decimal


def _chinese() -> bool:
    return (get_language() or "zh-hans").startswith("zh")


def _local(value: date | datetime) -> date | datetime:
    return localtime(value) if isinstance(value, datetime) and value.tzinfo else value


def _trim(value: Decimal, places: int) -> str:
    """Round half up to places, group thousands, drop trailing zeros."""
    rounded = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    text = f"{rounded:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def count(value: Number | None, places: int = 2) -> str:
    """Write a number with thousands grouped: 12,345.6."""
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) else _trim(Decimal(str(value)), places)


def date_long(value: date | None) -> str:
    """Write a date for reading: 2026年11月23日, or 23 November 2026."""
    if value is None:
        return ""
    on = _local(value)
    if _chinese():
        return f"{on.year}年{on.month}月{on.day}日"
    return f"{on.day} {on:%B} {on.year}"


def date_short(value: date | None) -> str:
    """Write a date for lists: 2026-11-23."""
    return "" if value is None else _local(value).strftime("%Y-%m-%d")


def moment(value: datetime | None) -> str:
    """Write a time of day in the zone's clock: 2026-11-23 14:05."""
    return "" if value is None else _local(value).strftime("%Y-%m-%d %H:%M")


def money(yuan: Number | None) -> str:
    """Write yuan in the unit it is spoken in: 元, 万元 from 10,000, 亿元 from 100 million."""
    if yuan is None:
        return ""
    amount = Decimal(str(yuan))
    if not _chinese():
        return _money_english(amount)
    if abs(amount) >= 10**8:
        return f"{_trim(amount / 10**8, 4)} 亿元"
    if abs(amount) >= 10**4:
        return f"{_trim(amount / 10**4, 2)} 万元"
    return f"{_trim(amount, 2)} 元"


def _money_english(amount: Decimal) -> str:
    for size, word in ((10**9, "bn"), (10**6, "m")):
        if abs(amount) >= size:
            return f"CNY {_trim(amount / size, 3)} {word}"
    return f"CNY {_trim(amount, 2)}"


def area(square_metres: Number | None) -> str:
    """Write an area: m², or 万 m² from 10,000 in Chinese."""
    if square_metres is None:
        return ""
    amount = Decimal(str(square_metres))
    if _chinese() and abs(amount) >= 10**4:
        return f"{_trim(amount / 10**4, 2)} 万 m²"
    return f"{_trim(amount, 1)} m²"


def percent(share: Number | None, places: int = 1) -> str:
    """Write a share of one as per cent: 0.785 is 78.5%."""
    return "" if share is None else f"{_trim(Decimal(str(share)) * 100, places)}%"


def days_to(due: date | None, today: date) -> str:
    """Say how far a due date is: 逾期 3 天, 今天到期, 还有 5 天."""
    if due is None:
        return ""
    left = (due - today).days
    if left < 0:
        return ngettext("%(days)s day late", "%(days)s days late", -left) % {"days": -left}
    if left == 0:
        return _("due today")
    return ngettext("%(days)s day left", "%(days)s days left", left) % {"days": left}


def days_past(last: date, today: date) -> str:
    """Say how long ago the last day of validity was: 已过期 3 天."""
    gone = (today - last).days
    return ngettext("expired %(days)s day ago", "expired %(days)s days ago", gone) % {"days": gone}


def days_since(past: date | None, today: date) -> str:
    """Say how long ago a day was: 今天, 昨天, 12 天前."""
    if past is None:
        return ""
    gone = (today - past).days
    if gone <= 0:
        return _("today")
    if gone == 1:
        return _("yesterday")
    return ngettext("%(days)s day ago", "%(days)s days ago", gone) % {"days": gone}
