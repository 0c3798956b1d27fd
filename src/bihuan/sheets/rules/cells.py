"""Understanding one cell: names, codes, numbers, yes and no as people write them; days in dates.py.

Each reader takes what the file holds and returns a plain value (text, int, bool, ISO date,
list of text), None for an empty cell, or raises Unreadable with a sentence for its row.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from bihuan.core.masking import mask_phones_in
from bihuan.sheets.rules.reading import Cell

Plain = str | int | bool | list[str] | None


@dataclass(frozen=True)
class Noted:
    """A value that is not quite what was written; the preview says so."""

    value: Plain
    note: str


Reader = Callable[[Cell], Plain | Noted]
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
} | {0x3000: " "}
_PLAIN |= dict.fromkeys(  # marks without width, as telephones copied from a phone bring them
    (0xAD, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A)), ""
)


def name(cell: Cell) -> str | Noted | None:
    """Return an organisation's name: without spaces between Chinese letters, its brackets
    full-width as on the business licence, without stars and numbers that mark it in a list.

    What a list says of it behind the name, 甲公司（停产）, is noted to be no part of it.
    """
    plain = text(cell)
    if plain is None or plain.isascii():
        return plain
    plain = re.sub(r"(?<=[^\x00-\x7f])\s+|\s+(?=[^\x00-\x7f])", "", plain)
    plain = _MARKS.sub("", plain.translate(BRACKETS))
    bare = _SAID_BEHIND.sub("", plain) if plain.endswith("）") else plain
    if bare == plain or not bare:
        return plain
    return Noted(bare, _("“%(text)s” is taken as %(count)s.") % {"text": plain, "count": bare})


_MARKS = re.compile(r"^[★☆*●◆▲■#]+|^\d{1,4}[、．.](?=[\u4e00-\u9fff])|[★☆*#]+$")
_SAID_BEHIND = re.compile(
    "（(规上|规下|新入规|新增|在建|筹建|试生产|(长期|已|全面)?停产|停业|歇业|(已|拟)?注销|吊销|(已|拟)?搬迁|已搬离|已关闭)）$"
)
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


_AROUND = re.compile(
    r"\(.*?\)|^[^\d\s,;]*[:：]|(?<=\s)\d-\d$|(?<=[0-9A-Za-z]{18})[\s-]*\d-\d$"
)  # (1-1) and 副本 stand behind the code of a licence


def credit_code(cell: Cell) -> str | Noted | None:
    """Return what stands for a unified social credit code, without what is written around it.

    Words alone (办理中) are no code, which is noted; what it may be is checked later.
    """
    plain = code(cell)
    if plain is None or (plain.isascii() and plain.isalnum() and len(plain) <= LENGTH_OF_CODE):
        return plain
    bare = code(_AROUND.sub("", unicodedata.normalize("NFKC", text(cell) or "").strip()))
    if bare and re.search("[0-9A-Z]", bare):
        return bare
    return Noted(None, _("“%(text)s” is no code; none is entered.") % {"text": plain})


_SCIENTIFIC = re.compile(r"(\d(?:\.\d+)?)[Ee]\+?(\d{1,2})")


def _is_rounded(cell: Cell, plain: str) -> bool:
    if isinstance(cell, int | float):
        return abs(cell) >= EXACT
    return bool(_SCIENTIFIC.fullmatch(plain))


PHONE = re.compile(
    r"(?<!\d)(?:1[3-9]\d(?:[ -]?\d){8}|(?:0\d{2,3}|\(0\d{2,3}\))[ -]?\d{7,8}(?:[ -]?转[ -]?\d{1,6})?"
    r"|[48]00(?:[ -]?\d){7}|[2-9]\d{6,7})(?!\d)"
)
MOBILE = 11  # digits
LENGTH_OF_CODE = 18
_EXTENSION = re.compile(r"(?<=\d{7})\s*[-—]\s*(?=\d{2,4}(?!\d))")


def phone(cell: Cell) -> str | Noted | None:
    """Return a telephone number as written, with plain digits; what it may be is checked later.

    Of several numbers, or a number among words, it is the first, which is noted.
    """
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
    if number.isdecimal() and len(number) == MOBILE:
        return number
    number = _EXTENSION.sub("转", number)
    numbers = PHONE.findall(number)
    if len(numbers) > 1 or (numbers and re.search(r"[^\W\d_转]", number.replace(numbers[0], ""))):
        return Noted(numbers[0], _of_phone(plain, numbers))
    if not 7 <= sum(map(str.isdigit, number)) <= 20 or re.search(r"[^\W\d_]{3}", number):
        raise Unreadable(_("“%(text)s” is no telephone number.") % {"text": plain})
    return number


def _of_phone(written: str, numbers: Sequence[str]) -> str:
    if numbers[1:]:
        return no_room_for(numbers[1:], written)
    said = {"text": written, "count": numbers[0]}
    return mask_phones_in(_("“%(text)s” is taken as %(count)s.") % said)


def no_room_for(left: Sequence[str], written: str) -> str:
    """Return the note that telephone numbers of a cell are left out."""
    said = {"text": written, "left": "、".join(left)}
    note = _("“%(text)s” has room for one number; left out: %(left)s.") % said
    return mask_phones_in(note)


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
    if found["about"] or found["or_so"] or found["of_which"]:
        return Noted(
            number, _("“%(text)s” is taken as %(count)s.") % {"text": plain, "count": number}
        )
    return number


_COUNTED = re.compile(
    r"(?P<about>大?约|大概)?\s*(?P<count>\d[\d,]*)(?:\.0+)?\s*[人名个户家]?(?P<or_so>左右|上下)?"
    r"\s*(?P<of_which>\(.*\))?"
)


def yes_no(cell: Cell) -> bool | None:
    """Return yes or no; an empty cell is unknown, never no."""
    if isinstance(cell, bool):
        return cell
    if cell is None or not str(cell).strip():
        return None
    plain = unicodedata.normalize("NFKC", str(cell)).strip().lower().removesuffix(".0")
    plain = re.sub(r"(?<=.)\(.*\)$", "", plain)
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


def _key(word: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", word)).lower()
