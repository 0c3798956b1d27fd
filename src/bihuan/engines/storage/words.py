"""Names of money lines and inputs in both languages."""

from bihuan.engines.shape import Words

MONEY_WORDS = {
    "regulation": Words("regulation", "调频收入"),
    "mileage": Words("mileage", "里程收入"),
    "energy sold": Words("energy sold", "售电收入"),
    "energy bought": Words("energy bought", "购电支出"),
    "fees": Words("fees", "购电附加费用"),
    "wear": Words("wear", "损耗成本"),
}


SWING_WORDS = {
    "revenue": Words("revenue", "收入"),
    "capex": Words("investment", "投资"),
    "O&M": Words("operation and maintenance", "运维费"),
    "ageing": Words("ageing", "老化"),
    "replacement cost": Words("cost of replacement", "更换成本"),
    "discount rate": Words("discount rate", "折现率"),
}


def money_line(name: str, cny: float) -> Words:
    """One line of money for the report; a name of the user's own stays as it is."""
    words = MONEY_WORDS.get(name, Words(name, name))
    return Words(f"{words.en}: {cny:,.2f} CNY", f"{words.zh}：{cny:,.2f} 元")
