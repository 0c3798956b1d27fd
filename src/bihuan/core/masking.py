"""Personal data as those see it who need not know it in full."""

import re

_PHONE = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)", re.ASCII)


def mask_phone(phone: str) -> str:
    """Return 138****1234; of a landline the last four digits are hidden."""
    digits = re.sub(r"\D", "", phone)
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    if _PHONE.fullmatch(digits):
        return f"{digits[:3]}****{digits[-4:]}"
    hidden = 0
    shown = []
    for char in reversed(phone):
        hide = char.isalnum() and hidden < 4
        hidden += hide
        shown.append("*" if hide else char)
    return "".join(reversed(shown))


def mask_phones_in(text: str) -> str:
    """Return running text with every mobile number in it masked."""
    return _PHONE.sub(r"\1****\2", text)
