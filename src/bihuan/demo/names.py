"""Names that nobody bears: enterprises, and people named by their role."""

from random import Random

_FIRST = (
    "晋",
    "汇",
    "恒",
    "瑞",
    "鼎",
    "盛",
    "泽",
    "昊",
    "远",
    "启",
    "嘉",
    "铭",
    "卓",
    "辰",
    "翔",
    "拓",
    "信",
    "宏",
)
_SECOND = (
    "源",
    "达",
    "丰",
    "康",
    "通",
    "诚",
    "兴",
    "泰",
    "和",
    "科",
    "润",
    "腾",
    "华",
    "安",
    "凯",
    "峰",
)
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGANISATION = (3, 7, 9, 10, 5, 8, 4, 2)


def enterprise_names(short: str, chance: Random) -> list[str]:
    """Return brand words for a zone's enterprises in a random order, none twice."""
    words = [first + second for first in _FIRST for second in _SECOND]
    chance.shuffle(words)
    return [f"{short}示例{word}" for word in words]


def credit_code(division: str, number: int) -> str:
    """Return a code with right check digits (GB 32100-2015) and an MAX organisation part.

    Codes of real enterprises never hold "MAX" followed by our running number and zone.
    """
    eight = f"MAX{number:05d}"
    total = sum(w * _ALPHABET_36.index(c) for w, c in zip(_ORGANISATION, eight, strict=True))
    check = {10: "X", 11: "0"}.get(11 - total % 11, str(11 - total % 11))
    body = f"91{division}{eight}{check}"
    rest = (31 - sum(w * _ALPHABET.index(c) for w, c in zip(_WEIGHTS, body, strict=True)) % 31) % 31
    return body + _ALPHABET[rest]


_ALPHABET_36 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
