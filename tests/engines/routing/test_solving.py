"""Rounds: what must hold, what is named when it cannot, and promises that stand."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.engines.routing import Promise, RoutingParams, Session, replan, solve
from bihuan.engines.routing.generate import campaign
from bihuan.engines.shape import MaxRuntime
from tests.engines.routing.rounds import (
    LAW,
    MONDAY,
    QUICK,
    TUESDAY,
    WEDNESDAY,
    day_of,
    person,
    problem,
    visit,
)


def at(hour: int, minute: int = 0) -> dt.time:
    return dt.time(hour, minute)


def test_a_chain_of_places_is_walked_in_order() -> None:
    """Places on a line: out along it and back, 12 km of road at 30 km/h and detour 1."""
    asked = problem(
        [visit(f"v{n}", 20.0, x_m=1000.0 * n) for n in (4, 2, 6, 1, 5, 3)],
        days=(MONDAY,),
        params=RoutingParams(detour=1.0, iterations_per_day=200),
    )
    result = solve(asked)
    assert result.is_ok
    assert result.value == pytest.approx(24.0)


@pytest.mark.parametrize("weight", [0.01, 1.0, 60.0, 100.0])
def test_too_many_visits_fill_the_day_whatever_they_weigh(weight: float) -> None:
    """Heavy visits that cannot all be made must not keep the search from making any."""
    many = [visit(f"v{n}", 30.0, x_m=100.0 * n, weight=weight) for n in range(40)]
    short = problem(many, days=(MONDAY,), params=RoutingParams(iterations_per_day=100))
    assert len(solve(short).appointments) >= 12


def test_two_certified_officers_go_together() -> None:
    people = [person("a", certificates=(LAW,)), person("b"), person("c", certificates=(LAW,))]
    result = solve(problem([visit("v", people=2, certificate=LAW)], people))
    assert set(result.appointments[0].people) == {"a", "c"}


def test_one_certified_officer_is_not_two() -> None:
    people = [person("a", certificates=(LAW,)), person("b")]
    result = solve(problem([visit("v", people=2, certificate=LAW), visit("w")], people))
    assert [(u.visit, u.cause) for u in result.unplanned] == [("v", "nobody")]
    assert "2 people with law enforcement" in result.unplanned[0].why.en
    assert set(day_of(result)) == {"w"}


def test_skill_dates_and_hours_are_kept() -> None:
    people = [person("a", skills=("fire",)), person("b", absent=(TUESDAY,))]
    afternoon = (Session(starts=at(15), ends=at(16)),)
    asked = problem(
        [
            visit("skilled", skill="fire"),
            visit("late", earliest=TUESDAY),
            visit("soon", deadline=MONDAY),
            visit("shut", closed_on=(MONDAY,)),
            visit("afternoon", opens=afternoon),
        ],
        people,
    )
    result = solve(asked)
    assert result.is_ok
    days = day_of(result)
    assert (days["late"], days["soon"], days["shut"]) == (
        TUESDAY.isoformat(),
        MONDAY.isoformat(),
        TUESDAY.isoformat(),
    )
    by_visit = {a.visit: a for a in result.appointments}
    assert by_visit["afternoon"].starts == "15:00"
    assert by_visit["skilled"].people == ("a",)


def test_several_opening_hours_a_day() -> None:
    """Open 8:30-9:30 and 14:00-15:00: two such visits take one span each."""
    spans = (Session(starts=at(8, 30), ends=at(9, 40)), Session(starts=at(14), ends=at(15, 10)))
    result = solve(problem([visit("v", opens=spans), visit("w", opens=spans)], days=(MONDAY,)))
    assert result.is_ok
    assert len(result.appointments) == 2


def test_too_few_people_says_how_many_days_are_missing() -> None:
    """Twenty hours of visits, one person, one day of seven and a half."""
    asked = problem([visit(f"v{n}") for n in range(20)], days=(MONDAY,))
    result = solve(asked)
    assert result.is_ok
    assert len(result.appointments) + len(result.unplanned) == 20
    short = result.shortage
    assert short is not None
    assert short.visits == len(result.unplanned)
    assert short.least_person_days <= short.person_days <= short.least_person_days + 1
    assert short.days == short.person_days
    helped = solve(
        asked.replace(people=tuple(person(f"p{n}") for n in range(short.person_days + 1)))
    )
    assert not helped.unplanned


def test_loads_are_fair() -> None:
    """Three alike people, eighteen alike visits: nobody works half as much again as another."""
    people = [person(code) for code in "abc"]
    asked = problem([visit(f"v{n}", x_m=500.0 + 20 * n) for n in range(18)], people)
    result = solve(asked)
    work = [load.work_minutes for load in result.loads]
    assert result.is_ok
    assert max(work) <= 1.5 * min(work)


def test_a_promise_is_kept_before_anything_else() -> None:
    promise = Promise(day=MONDAY, earliest=at(10), latest=at(10), people=("b",))
    others = [visit(f"v{n}", weight=5.0) for n in range(14)]
    people = [person("a"), person("b")]
    result = solve(problem([*others, visit("told", promise=promise)], people, days=(MONDAY,)))
    told = next(a for a in result.appointments if a.visit == "told")
    assert (told.starts, told.people, told.day) == ("10:00", ("b",), MONDAY.isoformat())
    assert result.is_ok


def test_promises_that_conflict_are_named() -> None:
    promise = Promise(day=MONDAY, earliest=at(10), latest=at(10))
    result = solve(problem([visit("v", promise=promise), visit("w", promise=promise)]))
    assert len(result.appointments) == 1
    (left,) = result.unplanned
    assert left.cause == "promise"
    assert result.appointments[0].visit in left.why.en


@pytest.mark.parametrize(
    ("promise", "says"),
    [
        (Promise(day=MONDAY, earliest=at(12, 30), latest=at(13)), "no session leaves time"),
        (Promise(day=MONDAY, earliest=at(9), latest=at(9), people=("b",)), "b is absent"),
        (Promise(day=MONDAY, earliest=at(9), latest=at(9), people=("c",)), "are not"),
    ],
)
def test_a_promise_that_cannot_be_kept_says_why(promise: Promise, says: str) -> None:
    people = [
        person("a", certificates=(LAW,)),
        person("b", certificates=(LAW,), absent=(MONDAY,)),
        person("c"),
    ]
    (left,) = solve(problem([visit("v", certificate=LAW, promise=promise)], people)).unplanned
    assert left.cause == "promise"
    assert says in left.why.en


def test_replanning_keeps_what_was_told() -> None:
    """Somebody falls ill after the first day; those who were told keep their day and hour."""
    people = [person("a"), person("b")]
    days = (MONDAY, TUESDAY, WEDNESDAY)
    asked = problem([visit(f"v{n}", x_m=300.0 * n) for n in range(12)], people, days)
    before = solve(asked)
    told = {a.visit for a in before.appointments if a.day == TUESDAY.isoformat()}
    ill = asked.replace(people=(people[0].replace(absent=(WEDNESDAY,)), people[1]))
    later = replan(ill, before, today=TUESDAY, told=told, added=(visit("new"),))
    after = solve(later)
    was = {a.visit: (a.day, a.starts_s) for a in before.appointments}
    now = {a.visit: (a.day, a.starts_s) for a in after.appointments}
    assert after.is_ok
    assert "new" in now
    assert all(now[code] == was[code] for code in told)
    assert not any(a.day == MONDAY.isoformat() for a in after.appointments)
    done = {code for code, (day, _) in was.items() if day == MONDAY.isoformat()}
    assert set(now) == set(was) - done | {"new"}


def test_measured_travel_is_used_and_cut_when_replanned() -> None:
    minutes = np.full((4, 4), 10.0)
    np.fill_diagonal(minutes, 0.0)
    table = tuple(tuple(row) for row in minutes.tolist())
    bare = [visit(f"v{n}", x_m=None, y_m=None) for n in range(3)]
    asked = problem(bare, days=(MONDAY, TUESDAY), travel_minutes=table)
    before = solve(asked)
    assert before.is_ok
    later = replan(asked, before, today=TUESDAY, told=())
    assert solve(later).is_ok


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_every_visit_is_covered_or_named(seed: int) -> None:
    asked = campaign(40, 4, 2, seed).replace(params=QUICK)
    result = solve(asked)
    assert result.is_ok, result.checks
    codes = [a.visit for a in result.appointments] + [u.visit for u in result.unplanned]
    assert sorted(codes) == sorted(v.code for v in asked.visits)


def test_same_seed_same_plan() -> None:
    asked = campaign(30, 4, 2, 5).replace(params=QUICK)
    assert solve(asked, seed=2).appointments == solve(asked, seed=2).appointments


def test_a_cut_run_is_sound_and_says_so() -> None:
    asked = campaign(120, 8, 3, 1).replace(params=RoutingParams(iterations_per_day=1_000_000))
    result = solve(asked, stop=MaxRuntime(1.5))
    assert result.is_ok
    assert "time limit cut" in result.report()


def test_a_stopped_search_does_not_blame_the_people() -> None:
    result = solve(campaign(20, 3, 2, 1), stop=MaxRuntime(0.001))
    assert result.is_ok
    assert result.shortage is None
    assert "time" not in {u.cause for u in result.unplanned}


def test_everybody_absent() -> None:
    asked = problem([visit("v")], [person("a", absent=(MONDAY, TUESDAY))])
    (left,) = solve(asked).unplanned
    assert (left.cause, left.why.en) == (
        "nobody",
        "it needs somebody; on no day it allows are they there",
    )


def test_nobody_to_visit() -> None:
    assert solve(problem([])).value == 0.0
