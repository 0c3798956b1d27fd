"""The ratios: dated rows, readings, and what they are over the flows."""

import datetime as dt

import pytest

from bihuan.engines.dated import overlaps
from bihuan.engines.greenpark import Rules, User, dispatch
from bihuan.engines.greenpark.limits import book, limits
from bihuan.engines.shape import BadProblem, Status
from tests.engines.greenpark.parks import week

DAY = dt.date(2026, 7, 7)


def shares(rules, **changes):
    return {limit.key: limit.share for limit in limits(week(days=1, rules=rules, **changes))}


def test_the_data_are_sound():
    assert overlaps(book().rows) == []
    for row in book().rows:
        assert row.doc
        assert row.source
        assert row.valid_from > dt.date.min
        assert row.name.zh


def test_the_floor_of_consumption_rises_in_2030():
    before = shares(Rules(regime="650", on=dt.date(2029, 12, 31)))
    after = shares(Rules(regime="650", on=dt.date(2030, 1, 1)))
    assert before == {"self_of_generation": 0.6, "self_of_consumption": 0.3, "feed_in": 0.2}
    assert after["self_of_consumption"] == 0.35


def test_a_reader_may_hold_that_2030_counts_now():
    assert shares(Rules(regime="650", on=DAY, reading_2030="now"))["self_of_consumption"] == 0.35


def test_a_day_before_the_rules_is_refused():
    with pytest.raises(
        BadProblem, match=r"rules\.on: no version of 650-self-of-gen.* is valid on 2025"
    ):
        shares(Rules(regime="650", on=dt.date(2025, 1, 1)))


def test_a_province_may_set_its_own_and_minus_one_removes():
    found = shares(Rules(regime="650", on=DAY, feed_in_max=0.15, self_of_generation_min=-1.0))
    assert found == {"self_of_consumption": 0.3, "feed_in": 0.15}


def test_unverified_rules_say_so():
    result = dispatch(week(days=1, rules=Rules(regime="688", on=DAY)))
    assert "需核对原文" in result.report("zh")
    assert result.provenance.rules == (
        "688-self-of-generation@2026-05-20",
        "688-self-of-consumption@2026-05-20",
        "688-feed-in@2026-05-20",
    )


def test_650_is_for_one_user():
    park = week(days=1)
    two = (*park.users, User(name="foundry", load_mw=park.users[0].load_mw))
    with pytest.raises(BadProblem, match="688"):
        limits(park.replace(users=two, rules=Rules(regime="650", on=DAY)))


def test_without_a_spot_market_nothing_flows_back():
    result = dispatch(week(days=3, rules=Rules(regime="650", spot_market_runs=False)))
    assert result.flows.sold_mw.max() == 0
    assert result.is_ok


@pytest.mark.parametrize("generation", ["available", "actual"])
@pytest.mark.parametrize("consumption", ["load", "supply"])
@pytest.mark.parametrize("losses", ["self_use", "excluded"])
def test_ratios_are_those_of_the_flows(generation, consumption, losses):
    """Each ratio computed again from the flows alone, under every reading."""
    rules = Rules(
        feed_in_max=0.1,
        curtailment_max=0.4,
        reading_generation=generation,
        reading_consumption=consumption,
        reading_losses=losses,
    )
    result = dispatch(week(days=3, rules=rules))
    flows, h = result.flows, result.park.hours
    available = sum(power.sum() for power in flows.available_mw.values()) * h
    sold, curtailed = flows.sold_mw.sum() * h, flows.curtailed_mw.sum() * h
    lost = (flows.charged_mw - flows.discharged_mw).sum() * h
    own = available - sold - curtailed - (lost if losses == "excluded" else 0)
    produced = available if generation == "available" else available - curtailed
    consumed = flows.load_mw.sum() * h
    if consumption == "supply":
        consumed = available - curtailed + flows.bought_mw.sum() * h
    expected = {
        "self_of_generation": own / produced,
        "self_of_consumption": own / consumed,
        "feed_in": sold / produced,
        "curtailment": curtailed / available,
    }
    assert {line.key: line.value for line in result.ratios} == pytest.approx(expected, abs=1e-6)


def test_an_impossible_ratio_names_the_smallest_relief():
    def at(floor):
        rules = Rules(self_of_consumption_min=floor, reading_losses="excluded")
        return dispatch(week(days=3, rules=rules))

    result = at(0.95)
    assert result.status is Status.INFEASIBLE
    binding = next(b for b in result.bindings if b.name == "rules.self_of_consumption")
    assert "is enough" in binding.words.en
    reached = 0.95 - binding.relief / 100
    assert at(reached - 1e-4).is_ok
    assert at(reached + 1e-3).status is Status.INFEASIBLE


def test_burning_energy_does_not_count_as_relief():
    """Losses count as self-use here; wasting energy in the battery must not be the way out."""
    park = week(days=3, rules=Rules(self_of_consumption_min=0.95))
    relief = next(b.relief for b in dispatch(park).bindings if b.name.startswith("rules."))
    reached = Rules(self_of_consumption_min=0.95 - relief / 100 - 1e-4)
    assert dispatch(park.replace(rules=reached)).is_ok


def test_too_little_access_says_how_much_is_missing():
    park = week(days=2)
    park = park.replace(grid=park.grid.replace(import_cap_mw=20.0))
    result = dispatch(park)
    assert result.status is Status.INFEASIBLE
    extra = result.bindings[0].relief
    assert "access of 20 MW must be at least" in result.report()
    assert dispatch(park.replace(grid=park.grid.replace(import_cap_mw=20 + extra + 1e-3))).is_ok
    less = dispatch(park.replace(grid=park.grid.replace(import_cap_mw=20 + extra - 0.1)))
    assert less.status is Status.INFEASIBLE


def test_a_users_own_limit_is_told_from_the_access():
    park = week(days=2)
    limited = park.replace(users=(park.users[0].replace(import_cap_mw=30.0),))
    result = dispatch(limited)
    assert result.bindings[0].name == "users.import_cap_mw"
    enough = 30 + result.bindings[0].relief + 1e-3
    assert dispatch(park.replace(users=(park.users[0].replace(import_cap_mw=enough),))).is_ok
