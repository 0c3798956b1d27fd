"""The ratios a park must keep: dated rules, a province's own values, and readings.

    self-use    = available − fed in − curtailed [− storage losses]
    R1  self-use / generation  ≥ 60 %     R2  self-use / consumption ≥ 30 % (35 % by 2030)
    R3  fed in / generation    ≤ 20 %     R4  curtailed / available  ≤ as the province says

Readings (Rules): generation is what was available or what was produced; consumption is
the users' load or everything supplied to the park; storage losses count as self-use or not.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cache

from bihuan.engines.dated import Book, Row, load
from bihuan.engines.greenpark.problem import Park, Rules
from bihuan.engines.shape import BadProblem, Words

PACKAGE = "bihuan.engines.greenpark"
DAY = "rules.on"  # the field that chooses the day


@cache
def book() -> Book:
    return load(PACKAGE, "rules")


@dataclass(frozen=True, kw_only=True)
class Limit:
    """One ratio and its floor or cap, with where the number comes from."""

    key: str  # self_of_generation, self_of_consumption, feed_in, curtailment
    name: Words
    share: float
    is_floor: bool
    source: Words
    row_id: str = ""


NAMES = {
    "self_of_generation": Words("self-use share of generation", "自发自用占发电量"),
    "self_of_consumption": Words("self-use share of consumption", "自发自用占用电量"),
    "feed_in": Words("feed-in share of generation", "上网电量占发电量"),
    "curtailment": Words("curtailed share of available generation", "弃电率"),
}
GIVEN = Words("given in the problem", "问题中给定")


def limits(park: Park) -> tuple[Limit, ...]:
    """The ratios in force for a park, on its day."""
    rules = park.rules
    day = rules.on or last_day(park)
    found = [
        _limit(rules, "self_of_generation", rules.self_of_generation_min, day, is_floor=True),
        _limit(rules, "self_of_consumption", rules.self_of_consumption_min, day, is_floor=True),
        _limit(rules, "feed_in", rules.feed_in_max, day, is_floor=False),
        _limit(rules, "curtailment", rules.curtailment_max, day, is_floor=False),
    ]
    if rules.regime == "650" and len(park.users) > 1:
        raise BadProblem(
            "rules.regime",
            Words(
                "650号 is for one user; several users fall under 688号",
                "650号适用于单一用户；多用户应适用 688号",
            ),
        )
    return tuple(limit for limit in found if limit is not None)


def last_day(park: Park) -> dt.date:
    """The day the series end on."""
    return (park.load.end - dt.timedelta(seconds=1)).date()


def may_feed_in(park: Park) -> bool:
    """Reverse flow is allowed: no regime, or a spot market that runs continuously."""
    return park.rules.regime == "none" or park.rules.spot_market_runs


def _limit(
    rules: Rules, key: str, given: float | None, day: dt.date, *, is_floor: bool
) -> Limit | None:
    if given is not None:
        if given < 0:
            return None
        return Limit(key=key, name=NAMES[key], share=given, is_floor=is_floor, source=GIVEN)
    if rules.regime == "none" or key == "curtailment":
        return None
    row = _row(rules, key, day)
    return Limit(
        key=key,
        name=NAMES[key],
        share=float(row.value),
        is_floor=is_floor,
        source=row.cited(),
        row_id=f"{row.id}@{row.valid_from}",
    )


def _row(rules: Rules, key: str, day: dt.date) -> Row:
    row_id = f"{rules.regime}-{key.replace('_', '-')}"
    if key == "self_of_consumption" and rules.reading_2030 == "now":
        book().on(row_id, day, field=DAY)  # the document itself must be in force
        return max(book().versions(row_id), key=lambda row: row.valid_from)
    return book().on(row_id, day, field=DAY)
