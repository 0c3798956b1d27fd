"""The words matching is written in: fire classes, shared resources, three-valued answers."""

from enum import IntEnum, StrEnum

from bihuan.engines.shape import Words


class FireClass(StrEnum):
    """Fire hazard class of production, GB 50016-2014 (2018) table 3.1.1; 甲 is the worst."""

    JIA = "甲"
    YI = "乙"
    BING = "丙"
    DING = "丁"
    WU = "戊"

    @property
    def rank(self) -> int:
        """0 for 甲 (most dangerous) to 4 for 戊."""
        return list(FireClass).index(self)


class Resource(StrEnum):
    """What several tenants draw from one source. The value ends in the unit."""

    POWER_KVA = "power_kva"
    SEWAGE_M3_PER_DAY = "sewage_m3_per_day"
    WATER_M3_PER_DAY = "water_m3_per_day"
    GAS_NM3_PER_H = "gas_nm3_per_h"
    STEAM_T_PER_H = "steam_t_per_h"

    @property
    def unit(self) -> str:
        return RESOURCE_UNITS[self]

    @property
    def words(self) -> Words:
        return RESOURCE_WORDS[self]


RESOURCE_UNITS = {
    Resource.POWER_KVA: "kVA",
    Resource.SEWAGE_M3_PER_DAY: "m³/d",
    Resource.WATER_M3_PER_DAY: "m³/d",
    Resource.GAS_NM3_PER_H: "Nm³/h",
    Resource.STEAM_T_PER_H: "t/h",
}

RESOURCE_WORDS = {
    Resource.POWER_KVA: Words("spare power", "富余电力容量"),
    Resource.SEWAGE_M3_PER_DAY: Words("spare waste-water capacity", "富余污水处理能力"),
    Resource.WATER_M3_PER_DAY: Words("spare water", "富余供水能力"),
    Resource.GAS_NM3_PER_H: Words("spare gas", "富余供气能力"),
    Resource.STEAM_T_PER_H: Words("spare steam", "富余蒸汽能力"),
}


class Verdict(IntEnum):
    """Whether a block of space serves a need. Unknown is a question, never a zero."""

    FAILS = 0
    UNKNOWN = 1
    FITS = 2

    @property
    def words(self) -> Words:
        return VERDICT_WORDS[self]


VERDICT_WORDS = {
    Verdict.FAILS: Words("fails", "不满足"),
    Verdict.UNKNOWN: Words("unknown: ask", "未知：需核实"),
    Verdict.FITS: Words("fits", "满足"),
}
