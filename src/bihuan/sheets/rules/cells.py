"""Understanding one cell: numbers, dates, yes and no as people write them.

Each reader takes what the file holds and returns a plain value (text, int, bool, ISO date,
list of text), None for an empty cell, or raises Unreadable with a sentence for its row.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from bihuan.sheets.rules.reading import Cell

Plain = str | int | bool | list[str] | None
Reader = Callable[[Cell], Plain]
EXCEL_DAY_ZERO = date(1899, 12, 30)
EMPTY = frozenset({"", "-", "—", "－", "/", "／", "无", "暂无", "none", "null", "nan", "n/a"})
YES = frozenset({"是", "有", "√", "✓", "✔", "y", "yes", "true", "1", "对"})
NO = frozenset({"否", "无", "没有", "×", "x", "✗", "n", "no", "false", "0"})


class Unreadable(Exception):
    """A cell that cannot be understood; the sentence goes beside its row."""


def text(cell: Cell) -> str | None:
    """Return text on one line, full-width letters and digits made plain, None if empty."""
    if cell is None:
        return None
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    if isinstance(cell, datetime) and not (cell.hour or cell.minute or cell.second):
        cell = cell.date()
    plain = "".join(map(_half, str(cell))) if not str(cell).isascii() else str(cell)
    plain = " ".join(plain.replace("\u3000", " ").split())
    return None if plain.lower() in EMPTY else plain


def _half(letter: str) -> str:
    """Make a full-width letter or digit plain; leave Chinese punctuation as it is."""
    if "\uff10" <= letter <= "\uff5a" and letter not in "：；＜＝＞？＠［＼］＾＿｀":
        return unicodedata.normalize("NFKC", letter)
    return "" if letter in "\u200b\ufeff\u200e" else letter


def code(cell: Cell) -> str | None:
    """Return a code without spaces, in capitals; 1.0 in a number cell is "1"."""
    plain = text(cell)
    return re.sub(r"[\s\-－']", "", plain).upper() if plain else None


def phone(cell: Cell) -> str | None:
    """Return a telephone number as written, with plain digits; what it may be is checked later."""
    plain = text(cell)
    if plain is None:
        return None
    number = unicodedata.normalize("NFKC", plain)
    if not 7 <= sum(map(str.isdigit, number)) <= 20 or re.search(r"[^\W\d_]{3}", number):
        raise Unreadable(_("“%(text)s” is no telephone number.") % {"text": plain})
    return number


def whole(cell: Cell) -> int | None:
    """Return a whole number: 120, "1,200", "１２０人", "约 85 人"."""
    if isinstance(cell, bool):
        raise Unreadable(_("“%(text)s” is no number.") % {"text": cell})
    if isinstance(cell, int | float):
        if not math.isfinite(cell) or cell != int(cell) or cell < 0:
            raise Unreadable(_("“%(text)s” is no whole number.") % {"text": cell})
        return int(cell)
    plain = text(cell)
    if plain is None:
        return None
    found = re.fullmatch(
        r"约?\s*(\d[\d,]*)(?:\.0+)?\s*[人名个户家]?", unicodedata.normalize("NFKC", plain)
    )
    if not found:
        raise Unreadable(_("“%(text)s” is no whole number.") % {"text": plain})
    return int(found[1].replace(",", ""))


_DAY = re.compile(
    r"(?P<y>\d{4})\s*[-/.年]\s*(?P<m>\d{1,2})\s*(?:[-/.月]\s*(?P<d>\d{1,2})?\s*日?号?)?"
    r"(?:[\sT]+\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?)?"
)


def day(cell: Cell) -> str | None:
    """Return a date as 2026-11-23 from a date cell, an Excel day number or written text.

    Understood: 2026-11-23, 2026/1/3, 2026.1.3, 2026年1月3日, 20260103, and a month alone
    (2026年1月), which means its first day.
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
    written = unicodedata.normalize("NFKC", plain)
    if re.fullmatch(r"(19|20)\d{6}", written):
        written = f"{written[:4]}-{written[4:6]}-{written[6:]}"
    if re.fullmatch(r"\d{5}", written):
        return _day_number(float(written))
    found = _DAY.fullmatch(written)
    if not found:
        raise _no_date(plain)
    return _made(int(found["y"]), int(found["m"]), int(found["d"] or 1), plain)


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


def yes_no(cell: Cell) -> bool | None:
    """Return yes or no; an empty cell is unknown, never no."""
    if isinstance(cell, bool):
        return cell
    if cell is None or not str(cell).strip():
        return None
    plain = unicodedata.normalize("NFKC", str(cell)).strip().lower().removesuffix(".0")
    if plain in YES:
        return True
    if plain in NO:
        return False
    raise Unreadable(_("“%(text)s” is neither yes nor no.") % {"text": cell})


def one_of(words: Mapping[str, str]) -> Reader:
    """Return a reader of one of several words; words maps what people write to the code."""
    known = {_key(word): value for word, value in words.items()}

    def read(cell: Cell) -> str | None:
        plain = text(cell)
        if plain is None:
            return None
        if _key(plain) not in known:
            raise Unreadable(_("“%(text)s” is not one of the choices.") % {"text": plain})
        return known[_key(plain)]

    return read


STRANGE = "?"  # before a word of a list that is none of the choices


def some_of(words: Mapping[str, str]) -> Reader:
    """Return a reader of several words in one cell: “危化品、消防重点”.

    A word that is none of the choices is kept behind STRANGE, so that the preview can say
    what is left out: known and unknown tell them apart.
    """
    codes = {_key(word): value for word, value in words.items()}

    def read(cell: Cell) -> list[str] | None:
        plain = text(cell)
        if plain is None:
            return None
        parts = [part for part in re.split(r"[、,，;；/|\s]+", plain) if part]
        return list(dict.fromkeys(codes.get(_key(part), f"{STRANGE}{part}") for part in parts))

    return read


def known(codes: list[str]) -> list[str]:
    """Return the codes of a list that are among the choices."""
    return [code for code in codes if not code.startswith(STRANGE)]


def unknown(codes: list[str]) -> list[str]:
    """Return the words of a list that are none of the choices."""
    return [code.removeprefix(STRANGE) for code in codes if code.startswith(STRANGE)]


_NUMBERS = {"一": 1, "二": 2, "两": 2, "三": 3, "五": 5, "七": 7, "十": 10, "十五": 15, "三十": 30}
_AT_ONCE = frozenset(
    {"立即", "立即整改", "即时", "当场", "当日", "立行立改", "立查立改", "即知即改"}
)
_WITHIN = re.compile(
    r"(\d{1,3}|[一二两三五七十]{1,2})(?:个)?(日|天|周|星期|月)(?:内|之内|以内)?(?:整改)?"
)
_SPANS = {"日": 1, "天": 1, "周": 7, "星期": 7, "月": 30}


def day_or_span(cell: Cell) -> str | None:
    """Return a date, or a span from another date as +days: “一周内” is +7, “立即整改” +0."""
    try:
        return day(cell)
    except Unreadable:
        written = _key(text(cell) or "").removeprefix("限")
        if written in _AT_ONCE:
            return "+0"
        span = _WITHIN.fullmatch(written)
        count = span and (int(span[1]) if span[1].isdigit() else _NUMBERS.get(span[1]))
        if span is None or count is None:
            raise
        return f"+{count * _SPANS[span[2]]}"


def _key(word: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", word)).lower()
