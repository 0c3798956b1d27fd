"""Paths with known least cost, what is missing where targets fail, and properties."""

import datetime as dt
import itertools
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.engines.path import (
    Kind,
    Measure,
    PathParams,
    PathProblem,
    PathResult,
    Space,
    Target,
    solve,
)
from bihuan.engines.path.generate import zone
from bihuan.engines.path.model import build
from bihuan.engines.path.solving import Path, _earliest, _warnings
from bihuan.engines.shape import MaxRuntime, Status, Stop

START = dt.date(2027, 1, 1)
BARE = PathParams(finds_relief=False, finds_second_best=False)
few = settings(max_examples=10, deadline=None)
seeds = st.integers(0, 10_000)


def space(code: str, idle_m2: float = 1000.0, **changes: Any) -> Space:
    return Space(code=code, building=code, idle_m2=idle_m2, uptake_m2_per_month=1e5, **changes)


def measure(code: str, building: str, cost_cny: float, months: int = 1, **changes: Any) -> Measure:
    return Measure(
        code=code,
        building=building,
        kind=Kind.REPAIR,
        cost_cny=cost_cny,
        months=months,
        **({"cures": ("roof",)} | changes),
    )


def problem(
    spaces: list[Space], measures: list[Measure], share: float, **changes: Any
) -> PathProblem:
    """10,000 m², 6,000 let, one target at the end of a year, ample demand and money."""
    known: dict[str, Any] = {
        "starts_on": START,
        "months": 12,
        "lettable_m2": 10_000.0,
        "let_m2": 6_000.0,
        "targets": (Target(by=dt.date(2027, 12, 31), share=share),),
        "demand_m2_per_month": 1e5,
        "budget_cny_per_month": (1e9,),
    }
    return PathProblem(spaces=tuple(spaces), measures=tuple(measures), **(known | changes))


def months_of(result: PathResult) -> dict[str, str]:
    return {s.measure: s.starts_in for s in result.starts}


def bindings(result: PathResult) -> dict[str, float | None]:
    return {b.name: b.relief for b in result.bindings}


def test_open_space_is_let_for_nothing() -> None:
    result = solve(problem([space("A", 2000.0)], [], 0.8))
    assert result.status is Status.OPTIMAL
    assert result.value == 0.0
    assert result.goals[0].is_met
    assert result.is_ok


def test_the_cheaper_cure_is_taken() -> None:
    ways = [measure("dear", "A", 500.0), measure("cheap", "A", 300.0)]
    result = solve(problem([space("A", obstacles=("roof",))], ways, 0.7))
    assert result.value == 300.0
    assert set(months_of(result)) == {"cheap"}
    assert result.second_best_cny == 500.0


def test_every_obstacle_must_be_cured() -> None:
    cures = [measure("roof", "A", 300.0), measure("wire", "A", 200.0, cures=("power",))]
    result = solve(problem([space("A", obstacles=("roof", "power"))], cures, 0.7))
    assert result.value == 500.0


def test_order_and_duration_are_kept() -> None:
    first = measure("first", "A", 1.0, 5, cures=("roof",))
    then = measure("then", "A", 1.0, 6, cures=("power",), after=("first",))
    asked = problem([space("A", obstacles=("roof", "power"))], [first, then], 0.7)
    result = solve(asked)
    assert months_of(result) == {"first": "2027-01", "then": "2027-06"}
    assert result.goals[0].is_met
    longer = asked.replace(measures=(first.replace(months=6), then))
    late = solve(longer)
    assert late.goals[0].short_m2 == pytest.approx(1000.0)
    assert bindings(late)["time"] == 1.0


def test_crews_are_shared() -> None:
    """One crew, two repairs of seven months in twelve: only one can be done."""
    works = [measure(f"fix {c}", c, 100.0, 7, crews={"builders": 1}) for c in "AB"]
    spaces = [space(c, obstacles=("roof",)) for c in "AB"]
    result = solve(problem(spaces, works, 0.8, crews={"builders": 1}))
    assert result.goals[0].short_m2 == pytest.approx(1000.0)
    assert bindings(result)["crews:builders"] == pytest.approx(1.0)
    assert "cannot all be met" in result.report()
    assert solve(problem(spaces, works, 0.8, crews={"builders": 2})).goals[0].is_met


def test_money_binds_and_its_relief_is_exact() -> None:
    work = [measure("fix", "A", 1200.0, 1)]
    asked = problem([space("A", obstacles=("roof",))], work, 0.7, budget_cny_per_month=(100.0,))
    result = solve(asked)
    assert result.goals[0].short_m2 == pytest.approx(1000.0)
    # Eleven months of saving before the last start that is still in effect in December.
    assert bindings(result)["budget"] == pytest.approx(100.0)
    spent_at_once = solve(asked.replace(budget_carries_over=False))
    assert bindings(spent_at_once)["budget"] == pytest.approx(1100.0)


def test_demand_binds_and_incentives_raise_it() -> None:
    spaces = [space("A", 2400.0), space("B", 1000.0, obstacles=("price",))]
    campaign = measure("offer", "B", 50.0, 1, cures=("price",), adds_demand_m2_per_month=100.0)
    slow = problem(spaces, [], 0.8, demand_m2_per_month=100.0)
    result = solve(slow)
    assert result.goals[0].short_m2 == pytest.approx(800.0)
    assert bindings(result)["demand"] == pytest.approx(2000 / 12 - 100.0)
    assert solve(slow.replace(measures=(campaign,))).goals[0].is_met


def test_exits_are_counted_and_let_again() -> None:
    asked = problem([space("A", 2000.0)], [], 0.8, exits_m2_per_month=50.0)
    result = solve(asked)
    assert result.goals[0].is_met
    assert result.months[-1].let_m2 == pytest.approx(8000.0)
    weak = solve(asked.replace(demand_m2_per_month=150.0))
    assert weak.months[-1].let_m2 == pytest.approx(6000.0 + 12 * 100.0)


def test_at_the_same_cost_space_is_let_as_early_as_can_be() -> None:
    """One target in December, but the repair begins at once and the space is let in March."""
    asked = problem([space("A", obstacles=("roof",))], [measure("fix", "A", 300.0, 2)], 0.7)
    result = solve(asked)
    assert months_of(result) == {"fix": "2027-01"}
    assert [round(m.let_m2) for m in result.months[:3]] == [6000, 6000, 7000]


@few
@given(seeds)
def test_equals_trying_every_set_of_measures(seed: int) -> None:
    """With ample time, money and crews the answer is the cheapest set that opens enough."""
    chance = random.Random(seed)
    spaces = [
        space(
            c,
            100.0 * chance.randint(5, 10),
            obstacles=tuple(chance.sample(("roof", "power"), chance.randint(0, 2))),
        )
        for c in "ABCD"
    ]
    works = [
        measure(f"{c} {cure}", c, float(chance.randint(50, 400)), cures=(cure,))
        for c in "ABCD"
        for cure in ("roof", "power")
    ]
    goal = 6000.0 + 0.6 * sum(s.idle_m2 for s in spaces)
    cheapest = min(
        sum(m.cost_cny for m in chosen)
        for count in range(len(works) + 1)
        for chosen in itertools.combinations(works, count)
        if _opened(spaces, chosen) >= goal - 6000.0 - 1e-6
    )
    result = solve(problem(spaces, works, goal / 10_000.0))
    assert result.status is Status.OPTIMAL
    assert result.value == pytest.approx(cheapest)
    assert result.is_ok


def _opened(spaces: list[Space], chosen: tuple[Measure, ...]) -> float:
    cured = {(m.building, cure) for m in chosen for cure in m.cures}
    return sum(s.idle_m2 for s in spaces if all((s.building, o) in cured for o in s.obstacles))


@few
@given(seeds)
def test_more_of_anything_is_never_worse(seed: int) -> None:
    """More money, crews or demand: no further from the targets, and as near at no more cost."""
    asked = zone(4, 14, seed).replace(params=BARE)
    before = solve(asked)
    richer = asked.replace(
        budget_cny_per_month=(asked.budget_cny_per_month[0] * 1.5,),
        crews={trade: count + 1 for trade, count in asked.crews.items()},
        demand_m2_per_month=asked.demand_m2_per_month * 1.2,
    )
    after = solve(richer)
    assert before.is_ok
    assert after.is_ok
    short = [sum(g.short_m2 for g in r.goals) for r in (before, after)]
    assert short[1] <= short[0] + 1.0
    if short[0] <= 1.0:
        assert (after.value or 0.0) <= (before.value or 0.0) + 1.0


def test_same_seed_same_plan() -> None:
    asked = zone(4, 14, 4).replace(params=BARE)
    assert solve(asked, seed=1).starts == solve(asked, seed=1).starts


def test_a_cut_run_says_so() -> None:
    result = solve(zone(60, 25, 1), stop=MaxRuntime(1.0))
    if result.status.has_solution:
        assert result.is_provisional or result.status is Status.OPTIMAL
        assert result.is_ok
    else:
        assert result.value is None


def test_a_gap_that_is_asked_for_ends_the_search_and_is_told() -> None:
    result = solve(zone(12, 13), stop=Stop(gap=0.2), params=BARE)
    assert result.gap is not None
    assert result.gap <= 0.2
    if result.status is Status.FEASIBLE:
        assert any("within 20.00%" in warning.en for warning in result.warnings)
    proven = solve(zone(12, 13), params=BARE)
    assert proven.status is Status.OPTIMAL
    assert proven.value is not None
    assert result.value is not None
    assert result.bound is not None
    assert result.bound - 1 <= proven.value <= result.value + 1


def test_beginning_early_says_where_time_ended_it() -> None:
    model = build(zone(12, 13))
    watch = MaxRuntime(1e-6).begin()
    path = Path(Status.OPTIMAL, np.zeros(model.arrays.columns), 0.0, 0.0, 0.0, 0.0)
    late = _earliest(model, path, watch, 0)
    assert not late.is_early
    assert any("later than they need" in warning.en for warning in _warnings(late, watch))
