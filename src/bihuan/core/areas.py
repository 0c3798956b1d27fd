"""Areas as people write them: 平方米, 亩, 公顷, 万平方米. Kept as square metres.

One 亩 is 2000/3 m² exactly (15 亩 to the hectare), which is not 666.67.
"""

import re
import unicodedata
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from bihuan.core.refusals import Refused

SQUARE_METRES = {
    "m²": Fraction(1),
    "万m²": Fraction(10**4),
    "亩": Fraction(2000, 3),
    "万亩": Fraction(2000 * 10**4, 3),
    "公顷": Fraction(10**4),
    "km²": Fraction(10**6),
}
HUNDREDTH = Decimal("0.01")
_SPELLINGS = {
    "平方米": "m²",
    "平方": "m²",
    "平米": "m²",
    "平": "m²",
    "㎡": "m²",
    "m2": "m²",
    "平方公里": "km²",
    "km2": "km²",
    "ha": "公顷",
}
_AREA = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s*(\D*|\D*2)")


class WrongArea(Refused):
    """The text is no area."""


def unit_of(text: str) -> str | None:
    """Return the unit that text spells, as SQUARE_METRES names it; None where it is none."""
    plain = unicodedata.normalize("NFKC", text.replace("²", "2")).strip().lower()
    many = "万" if plain.startswith("万") else ""
    rest = plain.removeprefix("万")
    unit = many + _SPELLINGS.get(rest, rest)
    return unit if unit in SQUARE_METRES else None


def parse_area(text: str, *, unit: str = "m²") -> Decimal:
    """Return square metres, to the hundredth: "3.2万㎡", "15 亩", "1,200平方米".

    unit is what a bare number means: the heading of its column. Raises WrongArea.
    """
    half = unicodedata.normalize("NFKC", text.replace("²", "2")).strip()
    found = _AREA.fullmatch(half)
    named = found and (unit_of(found[2]) if found[2] else unit)
    if not found or not named:
        raise WrongArea(
            _("%(text)s is no area: write it as 3200, 3200㎡, 4.8亩 or 3.2万㎡.")
            % {"text": text.strip() or "“”"}
        )
    exact = Fraction(found[1].replace(",", "")) * SQUARE_METRES[named]
    return rounded(exact)


def rounded(exact: Fraction) -> Decimal:
    """Return exact as a decimal to the hundredth, halves to the even neighbour."""
    return Decimal(round(exact * 100)).scaleb(-2).quantize(HUNDREDTH)
