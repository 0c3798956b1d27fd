"""Days as people write them: 2026-11-23, 2026.3.7, 二〇二六年三月七日, 5日内.

Readers like those of cells.py: an ISO date, None for an empty cell, or Unreadable.
"""

import calendar
import re
import unicodedata
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from bihuan.sheets.rules.cells import Noted, Unreadable, text
from bihuan.sheets.rules.reading import Cell

EXCEL_DAY_ZERO = date(1899, 12, 30)
_DAY = re.compile(
    r"(?P<y>\d{4})\s*[-/.年]\s*(?P<m>\d{1,2})\s*(?:[-/.月]\s*(?P<d>\d{1,2})?\s*日?号?)?"
    r"(?:[\sT]*(?:上午|下午|全天)?\s*(?:\d{1,2}[:时]\d{0,2}分?(?::\d{2})?(?:\.\d+)?)?)"
)


_WEEKDAY = re.compile(r"[(]?(?:周|星期|礼拜)[一二三四五六日天][)]?")
_DIGITS = {it: str(n) for n, its in enumerate(("〇零○", *"一二三四五六七八九")) for it in its}
_YEAR_IN_WORDS = re.compile(f"[{''.join(_DIGITS)}]{{4}}(?=年)")
_PART_IN_WORDS = re.compile(r"(二|三)?(十)?([一二三四五六七八九])?(?=[月日号])")
_PARTED = re.compile(r"(\d{4})\s*[、。,\s]\s*(\d{1,2})\s*[、。,\s]\s*(\d{1,2})")
_DAYS = re.compile(r"(\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2})日?\s*-\s*\d{1,2}日?")


def _plainly(written: str) -> str:
    """Return a day with digits for words and dots for other marks, without its weekday."""
    plain = _WEEKDAY.sub("", unicodedata.normalize("NFKC", written)).strip().rstrip(".。")
    plain = _YEAR_IN_WORDS.sub(lambda it: "".join(map(_DIGITS.__getitem__, it[0])), plain)
    plain = _PART_IN_WORDS.sub(_number_of, plain)
    return _PARTED.sub(r"\1-\2-\3", plain) if _PARTED.fullmatch(plain) else plain


def _number_of(found: re.Match[str]) -> str:
    """Return 二十三 as 23."""
    if not found[0]:
        return ""
    tens = int(_DIGITS[found[1]]) if found[1] else 1
    ones = int(_DIGITS[found[3]]) if found[3] else 0
    return str(tens * 10 + ones if found[2] else ones or tens)


def day(cell: Cell) -> str | None:
    """Return a date as 2026-11-23 from a date cell, an Excel day number or written text.

    Understood: 2026-11-23, 2026/1/3, 2026.1.3, 2026年1月3日（周六）, 20260103, 二〇二六年一月三日,
    and a month alone (2026年1月), which means its first day.
    """
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _day_number(float(cell))
    plain = text(cell)
    if plain is None:
        return None
    written = _plainly(plain)
    if re.fullmatch(r"(19|20)\d{6}", written):
        written = f"{written[:4]}-{written[4:6]}-{written[6:]}"
    if re.fullmatch(r"\d{5}", written):
        return _day_number(float(written))
    found = _DAY.fullmatch(written)
    if not found:
        raise _no_date(plain)
    return _made(int(found["y"]), int(found["m"]), int(found["d"] or 1), plain)


def exact_day(cell: Cell) -> str | Noted | None:
    """Return a date like day(), but refuse a month alone: on which day it was is not known.

    Of several days (2026-06-10至2026-06-11) it is the first, which is noted.
    """
    if first := _first_of_several(cell):
        taken = exact_day(first)
        return Noted(
            str(taken), _("“%(text)s” is taken as %(count)s.") % {"text": cell, "count": taken}
        )
    if month := _month(cell):
        raise Unreadable(
            _("“%(text)s” names no day; write it like 2026-11-23.") % {"text": month[0]}
        )
    return day(cell)


def _first_of_several(cell: Cell) -> str:
    """Return the first day of a cell that names several, else nothing."""
    if not isinstance(cell, str):
        return ""
    days = re.split("[至到~～—]+", cell)
    if len(days) == 2 and text(days[0]) and days[1].strip():
        return days[0]
    found = _DAYS.fullmatch(_plainly(cell))
    return found[1] if found else ""


def _month(cell: Cell) -> re.Match[str] | None:
    """Return year and month where a cell says no more than that."""
    if not isinstance(cell, str):
        return None
    found = _DAY.fullmatch(_plainly(text(cell) or ""))
    return found if found and not found["d"] else None


def _day_number(value: float) -> str:
    if 19000101 <= value <= 20991231:
        number = int(value)
        return _made(number // 10000, number // 100 % 100, number % 100, str(number))
    if not 10000 <= value <= 80000:  # 1927 to 2119
        raise _no_date(f"{value:g}")
    return (EXCEL_DAY_ZERO + timedelta(days=int(value))).isoformat()


def _made(year: int, month: int, day_of_month: int, written: str) -> str:
    try:
        made = date(year, month, day_of_month)
    except ValueError as error:
        raise _no_date(written) from error
    if not 1900 <= made.year <= 2100:
        raise _no_date(written)
    return made.isoformat()


def _no_date(written: str) -> Unreadable:
    return Unreadable(_("“%(text)s” is no date; write it like 2026-11-23.") % {"text": written})


_NUMBERS = {
    "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9,
    "十": 10, "十五": 15, "二十": 20, "三十": 30,
}  # fmt: skip
_AT_ONCE = frozenset(
    {"立即", "立即整改", "即时", "即时整改", "当场", "当场整改", "现场整改", "当日", "当天", "立行立改",
     "立查立改", "立整立改", "即知即改", "即查即改"}
)  # fmt: skip
_NO_END = frozenset(
    {"长期", "长期坚持", "长期整改", "持续", "持续整改", "持续改进", "常态化", "长期保持"}
)
_WITHIN = re.compile(
    r"(\d{1,3}|[一二两三四五六七八九十]{1,2})(?:个)?(日|天|周|星期|月)(?:内|之内|以内)?(?:完成)?(?:整改)?"
)
_SPANS = {"日": 1, "天": 1, "周": 7, "星期": 7, "月": 30}


def _deadline(cell: str) -> str:
    """Return what a deadline says besides that it is one: 限期3月底前完成 is 3月."""
    written = re.sub(r"\s", "", unicodedata.normalize("NFKC", text(cell) or ""))
    written = re.sub("^(限期?|于|在)", "", written)
    written = re.sub("(之?前|以前)(整改)?(完成|完毕)?(整改)?$", "", written)
    return re.sub("(?<=月)[底末]$", "", written)


def day_or_span(cell: Cell) -> str | Noted | None:
    """Return a date, or a span from another date as +days: “一周内” is +7, “立即整改” +0.

    A month alone ends on its last day; “长期” is no deadline, which is noted.
    """
    written = _deadline(cell) if isinstance(cell, str) else ""
    if month := _month(written):
        year, number = int(month["y"]), int(month["m"])
        if not 1 <= number <= 12:
            raise _no_date(written)
        return _made(year, number, calendar.monthrange(year, number)[1], written)
    if written in _AT_ONCE:
        return "+0"
    if written in _NO_END:
        return Noted(None, _("“%(text)s” is no deadline; none is taken over.") % {"text": cell})
    span = _WITHIN.fullmatch(written)
    count = span and (int(span[1]) if span[1].isdigit() else _NUMBERS.get(span[1]))
    if span and count is not None:
        return f"+{count * _SPANS[span[2]]}"
    return day(written or cell)
