"""Sums of money as people write them: 元, 万元, 亿元. Kept as yuan, exactly."""

import re
import unicodedata
from decimal import Decimal

from django.utils.translation import gettext as _

from bihuan.core.refusals import Refused

YUAN = {"": Decimal(1), "元": Decimal(1), "万": Decimal(10**4), "亿": Decimal(10**8)}
CENT = Decimal("0.01")
_SUM = re.compile(r"([+-]?\d[\d,]*(?:\.\d+)?|[+-]?\.\d+)(亿|万|元)?(?:元)?", re.ASCII)


class WrongAmount(Refused):
    """The text is no amount of that kind."""


def parse_money(text: str, *, unit: str = "元") -> Decimal:
    """Return yuan, to the cent: "1.2亿元", "１２０万", "￥3,500.00".

    unit ("元", "万元" or "亿元") is what a bare number means: the heading of its
    column. Raises WrongAmount.
    """
    half = unicodedata.normalize("NFKC", text)
    plain = re.sub(r"^[¥￥]|人民币|RMB|CNY|\s", "", half, flags=re.IGNORECASE)
    found = _SUM.fullmatch(plain)
    if not found:
        raise WrongAmount(
            _("%(text)s is no amount of money: write it as 350000, 35万元 or 1.2亿元.")
            % {"text": text.strip() or "“”"}
        )
    number = Decimal(found[1].replace(",", ""))
    amount = number * YUAN[found[2] or unit.removesuffix("元")]
    return amount.quantize(CENT)
