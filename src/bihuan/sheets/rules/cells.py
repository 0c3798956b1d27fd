"""Understanding one cell: numbers, dates, yes and no as people write them.

Each reader takes what the file holds and returns a plain value (text, int, bool, ISO date,
list of text), None for an empty cell, or raises Unreadable with a sentence for its row.
"""

import calendar
import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from bihuan.sheets.rules.reading import Cell

Plain = str | int | bool | list[str] | None


@dataclass(frozen=True)
class Noted:
    """A value that is not quite what was written; the preview says so."""

    value: Plain
    note: str


Reader = Callable[[Cell], Plain | Noted]
EXCEL_DAY_ZERO = date(1899, 12, 30)
EMPTY = frozenset({"", "-", "—", "－", "/", "／", "无", "暂无", "none", "null", "nan", "n/a"})
YES = frozenset(
    {"是", "有", "√", "✓", "✔", "☑", "y", "yes", "true", "1", "对", "规上", "规模以上", "专职"}
)
NO = frozenset(
    {
        "否",
        "无",
        "没有",
        "不是",
        "×",
        "✕",
        "✗",
        "✘",
        "x",
        "n",
        "no",
        "false",
        "0",
        "规下",
        "规模以下",
        "兼职",
    }
)
EXACT = 10**15  # Excel keeps fifteen digits of a number; what followed is lost


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
    plain = str(cell)
    if not plain.isascii():
        plain = plain.translate(_PLAIN)
    plain = " ".join(plain.split())
    return None if plain.lower() in EMPTY else plain


_PLAIN: dict[int, str] = {  # full-width letters and digits; Chinese punctuation stays
    letter: unicodedata.normalize("NFKC", chr(letter))
    for letter in range(0xFF10, 0xFF5B)
    if chr(letter) not in "：；＜＝＞？＠［＼］＾＿｀"
} | {0x200B: "", 0xFEFF: "", 0x200E: "", 0x3000: " "}


def name(cell: Cell) -> str | None:
    """Return an organisation's name: without spaces between Chinese letters, its brackets
    full-width as on the business licence."""
    plain = text(cell)
    if plain is None or plain.isascii():
        return plain
    plain = re.sub(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])", "", plain)
    return plain.translate(BRACKETS)


BRACKETS = str.maketrans({"(": "（", ")": "）", "[": "（", "]": "）", "【": "（", "】": "）"})


def code(cell: Cell) -> str | None:
    """Return a code without spaces, in capitals; 1.0 in a number cell is "1"."""
    plain = text(cell)
    if plain is None:
        return None
    if _is_rounded(cell, plain):
        raise Unreadable(
            _(
                "“%(text)s” was rounded by Excel, which keeps only 15 digits of a number. Set the "
                "column to text and enter the code anew."
            )
            % {"text": plain}
        )
    return re.sub(r"[\s\-－'‘’`]", "", plain).upper()


_SCIENTIFIC = re.compile(r"(\d(?:\.\d+)?)[Ee]\+?(\d{1,2})")


def _is_rounded(cell: Cell, plain: str) -> bool:
    if isinstance(cell, int | float):
        return abs(cell) >= EXACT
    return bool(_SCIENTIFIC.fullmatch(plain))


def phone(cell: Cell) -> str | None:
    """Return a telephone number as written, with plain digits; what it may be is checked later."""
    plain = text(cell)
    if plain is None:
        return None
    number = unicodedata.normalize("NFKC", plain)
    if short := _SCIENTIFIC.fullmatch(number):
        number = short[1].replace(".", "")
        if len(number) <= int(short[2]):
            raise Unreadable(
                _(
                    "“%(text)s” was shortened by Excel; its last digits are lost. Enter the number anew."
                )
                % {"text": plain}
            )
    if not 7 <= sum(map(str.isdigit, number)) <= 20 or re.search(r"[^\W\d_]{3}", number):
        raise Unreadable(_("“%(text)s” is no telephone number.") % {"text": plain})
    return number


def whole(cell: Cell) -> int | Noted | None:
    """Return a whole number: 120, "1,200", "１２０人"; "约 85 人" is noted to be about so many."""
    if isinstance(cell, bool):
        raise Unreadable(_("“%(text)s” is no number.") % {"text": cell})
    if isinstance(cell, int | float):
        if not math.isfinite(cell) or cell != int(cell) or cell < 0:
            raise Unreadable(_("“%(text)s” is no whole number.") % {"text": cell})
        return int(cell)
    plain = text(cell)
    if plain is None:
        return None
    found = _COUNTED.fullmatch(unicodedata.normalize("NFKC", plain))
    if not found:
        raise Unreadable(
            _("“%(text)s” is no whole number; write it like 120, or leave it empty.")
            % {"text": plain}
        )
    number = int(found["count"].replace(",", ""))
    if found["about"] or found["or_so"]:
        return Noted(
            number, _("“%(text)s” is taken as %(count)s.") % {"text": plain, "count": number}
        )
    return number


_COUNTED = re.compile(
    r"(?P<about>大?约|大概)?\s*(?P<count>\d[\d,]*)(?:\.0+)?\s*[人名个户家]?(?P<or_so>左右|上下)?"
)


_DAY = re.compile(
    r"(?P<y>\d{4})\s*[-/.年]\s*(?P<m>\d{1,2})\s*(?:[-/.月]\s*(?P<d>\d{1,2})?\s*日?号?)?"
    r"(?:[\sT]*(?:上午|下午|全天)?\s*(?:\d{1,2}[:时]\d{0,2}分?(?::\d{2})?(?:\.\d+)?)?)"
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


def exact_day(cell: Cell) -> str | Noted | None:
    """Return a date like day(), but refuse a month alone: on which day it was is not known.

    Of several days (2026-06-10至2026-06-11) it is the first, which is noted.
    """
    days = re.split("[至到~～—]+", cell) if isinstance(cell, str) else []
    if len(days) == 2 and all(it.strip() for it in days):
        first = str(exact_day(days[0]))
        return Noted(first, _("“%(text)s” is taken as %(count)s.") % {"text": cell, "count": first})
    if month := _month(cell):
        raise Unreadable(
            _("“%(text)s” names no day; write it like 2026-11-23.") % {"text": month[0]}
        )
    return day(cell)


def _month(cell: Cell) -> re.Match[str] | None:
    """Return year and month where a cell says no more than that."""
    if not isinstance(cell, str):
        return None
    found = _DAY.fullmatch(unicodedata.normalize("NFKC", text(cell) or ""))
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

    def read(cell: Cell) -> str | Noted | None:
        plain = text(cell)
        if plain is None:
            return None
        shorter = re.sub(r"[（(].*?[）)]", "", re.split("[，,；;。]", plain)[0])
        if _key(plain) not in known and _key(shorter) in known:
            return Noted(
                known[_key(shorter)],
                _("“%(text)s” is taken as %(count)s.") % {"text": plain, "count": shorter},
            )
        if _key(plain) not in known:
            choices = "、".join([word for word in words if not word.isascii()][:8])
            raise Unreadable(
                _("“%(text)s” is not one of the choices, such as %(choices)s.")
                % {"text": plain, "choices": choices}
            )
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


def day_or_span(cell: Cell) -> str | Noted | None:
    """Return a date, or a span from another date as +days: “一周内” is +7, “立即整改” +0.

    A month alone ends on its last day; “长期” is no deadline, which is noted.
    """
    written = _key(text(cell) or "").removeprefix("限")
    written = re.sub(r"(之?前|以前)(完成)?(整改)?$", "", written) if isinstance(cell, str) else ""
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


def _key(word: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", word)).lower()
