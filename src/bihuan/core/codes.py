"""Codes that people type: read as meant, and refused with the reason where they are wrong."""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from django.utils.translation import gettext as _
from stdnum.cn import uscc

from bihuan.core.refusals import Refused

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ALLOWED = frozenset(USCC_ALPHABET)
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_LOOK_ALIKE = {"I": "1", "O": "0", "Z": "2", "S": "5", "V": "U"}
_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_LANDLINE = re.compile(r"(010|02\d|0[3-9]\d{2})?(\d{7,8})(?:(?:转|EXT|X)(\d{1,6}))?", re.ASCII)
_SERVICE = re.compile(r"[48]00\d{7}|1\d{4}|11\d|12[0-2]", re.ASCII)


class WrongCode(Refused):
    """The text is no code of that kind. The message says what is wrong with it."""


def normalise(text: str) -> str:
    """Return text with half-width letters and digits, upper case, without spaces and dashes."""
    if text.isascii() and text.isalnum():
        return text.upper()
    half = unicodedata.normalize("NFKC", text)
    return re.sub(r"[\s\-\u2010-\u2015\u2212\u00ad\u200b-\u200f\ufeff]", "", half).upper()


def check_uscc(text: str) -> str:
    """Return the unified social credit code (统一社会信用代码), normalised.

    GB 32100-2015: 18 characters, the last a check character over all, the one before
    it that of the organisation code (GB 11714). Unlike python-stdnum this accepts
    registering authorities that are letters, such as N of village collectives. Raises
    WrongCode, saying what is wrong.
    """
    code = normalise(text)
    if len(code) != 18:
        raise WrongCode(
            _("A unified social credit code has 18 characters; this one has %(count)s.")
            % {"count": len(code)}
        )
    _check_alphabet(code)
    if not (code[2:8].isascii() and code[2:8].isdigit()):
        raise WrongCode(
            _("Characters 3 to 8 of the code are the region and must be digits, not %(part)s.")
            % {"part": code[2:8]}
        )
    if uscc.calc_check_digit(code[:17]) != code[17]:
        raise WrongCode(
            _(
                "The check character of %(code)s does not agree with the rest: at least one "
                "character is mistyped. Compare it with the business licence."
            )
            % {"code": code}
        )
    if organisation_check_digit(code[8:16]) != code[16]:
        raise WrongCode(
            _(
                "Characters 9 to 17 (%(part)s) are not a valid organisation code. Compare the "
                "code with the business licence."
            )
            % {"part": code[8:17]}
        )
    return code


def _check_alphabet(code: str) -> None:
    if _ALLOWED.issuperset(code):
        return
    for place, char in enumerate(code, start=1):
        if char in USCC_ALPHABET:
            continue
        if like := _LOOK_ALIKE.get(char):
            raise WrongCode(
                _(
                    "Character %(place)s is %(char)s, which the code never uses. "
                    "Is it meant to be %(like)s?"
                )
                % {"place": place, "char": char, "like": like}
            )
        raise WrongCode(
            _("Character %(place)s is %(char)s; a code has only digits and capital letters.")
            % {"place": place, "char": char}
        )


def organisation_check_digit(first_eight: str) -> str:
    """Return the check character of an organisation code (GB 11714)."""
    values = (int(char, 36) for char in first_eight)
    rest = 11 - sum(v * w for v, w in zip(values, ORGANISATION_WEIGHTS, strict=True)) % 11
    return {10: "X", 11: "0"}.get(rest, str(rest))


def check_phone(text: str) -> str:
    """Return a mobile or landline number: 13812341234, 0355-8512345, 0355-8512345转8001.

    Raises WrongCode.
    """
    number = _without_country(re.sub(r"[()（）]", "", normalise(text)))
    if _MOBILE.fullmatch(number) or _SERVICE.fullmatch(number):
        return number
    parts = _LANDLINE.fullmatch(number)
    if not parts:
        raise WrongCode(
            _("%(text)s is no telephone number: give a mobile number or area code and number.")
            % {"text": text.strip()}
        )
    area, line, inner = parts.groups()
    whole = f"{area}-{line}" if area else line
    return f"{whole}转{inner}" if inner else whole


def _without_country(number: str) -> str:
    return re.sub(r"^(\+|00)?86(?=1[3-9]\d{9}$|0)", "", number)


@dataclass(frozen=True)
class Industry:
    """A section, division, group or class of GB/T 4754-2017."""

    code: str
    section: str
    section_name: str
    division: str
    division_name: str


def check_industry(text: str) -> Industry:
    """Return where a code of GB/T 4754-2017 belongs: "C", "C33", "3311" and "C3311" are read.

    Only section and division are checked by name; the standard's groups and classes
    are not carried here. Raises WrongCode.
    """
    code = normalise(text)
    parts = re.fullmatch(r"([A-T])?(\d{2,4})?", code, re.ASCII)
    if not code or not parts:
        raise WrongCode(
            _(
                "An industry code is a letter A to T and two to four digits, such as C3311; "
                "this is %(text)s."
            )
            % {"text": text.strip()}
        )
    section, digits = parts.groups()
    if digits is None:
        return Industry(section, section, sections()[section], "", "")
    division = digits[:2]
    if division not in divisions():
        raise WrongCode(
            _("The industry classification has no division %(division)s.") % {"division": division}
        )
    home, name = divisions()[division]
    if section and section != home:
        raise WrongCode(
            _("Division %(division)s belongs to section %(home)s, not %(section)s.")
            % {"division": division, "home": home, "section": section}
        )
    return Industry(home + digits, home, sections()[home], division, name)


@cache
def sections() -> dict[str, str]:
    """Return the twenty sections: letter -> name."""
    return {letter: row["name"] for letter, row in _industries().items()}


@cache
def divisions() -> dict[str, tuple[str, str]]:
    """Return the ninety-seven divisions: two digits -> (section, name)."""
    return {
        number: (letter, name)
        for letter, row in _industries().items()
        for number, name in row["divisions"].items()
    }


@cache
def _industries() -> dict[str, dict[str, Any]]:
    text = resources.files("bihuan.core").joinpath("industries.toml").read_text("utf-8")
    return tomllib.loads(text)
