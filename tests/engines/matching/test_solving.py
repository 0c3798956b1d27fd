"""The queue: small zones with known best plans, and properties on random ones."""

import datetime as dt
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.engines.matching import (
    Affinity,
    Booking,
    Crane,
    FireClass,
    MatchingParams,
    MatchingProblem,
    MatchingResult,
    Need,
    Resource,
    solve,
)
from bihuan.engines.matching.generate import zone
from bihuan.engines.shape import Status, Stop
from tests.engines.matching.places import (
    best_by_hand,
    building,
    faults,
    need,
    power,
    problem,
    unit,
)

PLAIN = MatchingParams(waste_weight=0.0, finds_second_best=False, workers=1)
seeds = st.integers(0, 10_000)
few = settings(max_examples=12, deadline=None)


def value(asked: MatchingProblem) -> float:
    result = solve(asked, params=PLAIN)
    assert result.status is Status.OPTIMAL
    assert result.value is not None
    return result.value


def placed(result: MatchingResult) -> dict[str, tuple[str, ...]]:
    return {p.need: p.units for p in result.placements}


def test_one_need_takes_two_floors_above_one_another() -> None:
    """2,000 m² go over floors 1+2 or 2+3, never over 1+3."""
    asked = problem([unit("A", 1), unit("A", 2), unit("A", 3)], [need("big", 2000.0)])
    result = solve(asked)
    assert placed(result)["big"] in {("A1", "A2"), ("A2", "A3")}
    assert result.is_ok


def test_the_queue_beats_one_after_another() -> None:
    """By hand the largest need takes all the power; two smaller ones are worth more."""
    units = [unit("A", 1, 1200.0), unit("A", 2, 1100.0), unit("A", 3, 1100.0)]
    draws = {Resource.POWER_KVA: 100.0}
    asked = problem(
        units,
        [
            need("hungry", 1200.0, draws={Resource.POWER_KVA: 200.0}),
            need("one", 1000.0, draws=draws),
            need("two", 1000.0, draws=draws),
        ],
        utilities=(power(200.0, "A"),),
    )
    result = solve(asked, params=PLAIN)
    assert result.value == 2000.0
    assert result.greedy_value == 1200.0
    assert set(placed(result)) == {"one", "two"}
    assert any(b.name == "utility:substation" and (b.relief or 0) > 0 for b in result.bindings)


def test_unknown_is_not_zero_and_not_a_fit() -> None:
    """A floor of unsurveyed height is a question; with the parameter it is used, and marked."""
    asked = problem([unit("A", 1, clear_height_m=None)], [need("tall", clear_height_m=3.6)])
    result = solve(asked)
    assert not result.placements
    assert "ask for clear height" in result.unserved[0].why.en
    dared = solve(asked, params=MatchingParams(allows_unknown=True))
    assert dared.placements[0].must_be_surveyed


def test_needs_that_fail_only_on_clear_height_are_counted() -> None:
    asked = problem(
        [unit("A", 1), unit("A", 2)], [need(f"n{i}", clear_height_m=6.0) for i in range(12)]
    )
    told = {b.name: b for b in solve(asked).bindings}["only:clear_height_m"]
    assert told.words.en == "12 needs fail only on clear height"
    assert told.words.zh == "12 个需求仅因“净高”不满足"


def test_short_leases_follow_one_another() -> None:
    """Two six-month needs use one floor in turn; an open-ended one keeps it."""
    first = need("spring", term_months=6, starts_latest=dt.date(2027, 1, 1))
    second = need("autumn", term_months=6, starts_earliest=dt.date(2027, 7, 1))
    asked = problem([unit("A", 1)], [first, second])
    assert value(asked) == 2000.0
    for_good = asked.replace(needs=(first.replace(term_months=None), second))
    assert value(for_good) == 1000.0


def test_a_booked_floor_is_let_when_it_is_free() -> None:
    lease = Booking(starts_on=dt.date(2026, 1, 1), ends_on=dt.date(2027, 4, 1), why="lease")
    asked = problem([unit("A", 1, bookings=(lease,))], [need("patient")])
    assert solve(asked).placements[0].starts_on == "2027-04-01"
    hurried = asked.replace(needs=(need("hurried", starts_latest=dt.date(2027, 3, 1)),))
    assert not solve(hurried).placements


def test_a_sitting_tenant_moves_only_where_it_pays() -> None:
    """Moving the small tenant to another floor frees two adjacent ones."""
    units = [unit("A", 1), unit("A", 2), unit("A", 3)]
    sitting = need("small", sits_in=("A2",), may_move=True, move_cost_cny=100_000.0)
    asked = problem(units, [sitting, need("big", 2000.0)])
    moved = solve(asked)
    assert set(placed(moved)) == {"small", "big"}
    assert [p.is_move for p in moved.placements if p.need == "small"] == [True]
    fixed = asked.replace(needs=(sitting.replace(may_move=False), asked.needs[1]))
    assert set(placed(solve(fixed))) == {"small"}
    dear = asked.replace(needs=(sitting.replace(move_cost_cny=1e6), asked.needs[1]))
    assert set(placed(solve(dear))) == {"small"}
    assert set(placed(solve(asked, params=MatchingParams(max_moves=0)))) == {"small"}


def test_tenants_that_cannot_all_stay_are_named_with_the_smallest_relief() -> None:
    draws = {Resource.POWER_KVA: 100.0}
    asked = problem(
        [unit("A", 1), unit("A", 2)],
        [need("p", sits_in=("A1",), draws=draws), need("q", sits_in=("A2",), draws=draws)],
        utilities=(power(150.0, "A"),),
    )
    result = solve(asked)
    assert result.status is Status.INFEASIBLE
    assert result.value is None
    assert [b.name for b in result.bindings] == ["utility:substation"]
    assert result.bindings[0].relief == pytest.approx(50.0)


def test_crane_hours_are_shared() -> None:
    """Three tenants of eight hours, one crane of sixteen."""
    units = [unit("A", 1), unit("A", 2), unit("A", 3)]
    crane = Crane(code="c", units=("A1", "A2", "A3"), capacity_t=10.0, hook_height_m=3.5)
    asked = problem(units, [need(f"n{i}", crane_t=5.0) for i in range(3)], cranes=(crane,))
    assert value(asked) == 2000.0
    too_heavy = asked.replace(needs=(need("heavy", crane_t=20.0),))
    assert not solve(too_heavy).placements


def test_the_most_dangerous_tenant_rules_the_building() -> None:
    """A compartment of 4,500 m² is fine for 丁 but too large once 丙 moves in below."""
    asked = problem(
        [unit("A", 1), unit("A", 2, 4500.0)],
        [
            need("mild", 4500.0, fire_class=FireClass.DING),
            need("dangerous", 1000.0, fire_class=FireClass.BING),
        ],
    )
    assert set(placed(solve(asked))) == {"mild"}
    apart = solve(asked, params=MatchingParams(worst_fire_class_rules=False))
    assert set(placed(apart)) == {"mild", "dangerous"}


def test_dust_and_food_do_not_share_a_building() -> None:
    asked = problem(
        [unit("A", 1), unit("A", 2)],
        [need("joiner", emits=("dust",)), need("baker", sensitive_to=("dust",))],
    )
    assert value(asked) == 1000.0


def test_chain_neighbours_come_together_when_it_costs_nothing() -> None:
    asked = problem(
        [unit("A", 1), unit("A", 2), unit("B", 1), unit("B", 2)],
        [need("leader"), need("supplier")],
        [building("A"), building("B", x_m=500.0)],
        affinities=(Affinity(first="leader", second="supplier", within_m=100.0, bonus_m2=50.0),),
    )
    result = solve(asked)
    assert len({p.building for p in result.placements}) == 1
    assert result.value == 2050.0


def test_near_its_chain_leader() -> None:
    asked = problem(
        [unit("A", 1), unit("B", 1)],
        [need("supplier", near="B", near_within_m=100.0)],
        [building("A", x_m=500.0), building("B")],
    )
    assert solve(asked).placements[0].building == "B"


def test_no_needs_and_no_fits_are_answers_too() -> None:
    assert solve(problem([unit("A", 1)], [])).value == 0.0
    nothing = solve(problem([unit("A", 1)], [need("huge", 9000.0)]))
    assert nothing.status is Status.OPTIMAL
    assert nothing.unserved[0].need == "huge"


@few
@given(seeds)
def test_equals_trying_every_plan(seed: int) -> None:
    """Random small queues: the engine's value is that of the best of all plans."""
    chance = random.Random(seed)
    units = [unit("A", f) for f in (1, 2, 3)] + [unit("B", f) for f in (1, 2)]
    needs = [
        need(
            f"n{i}",
            chance.choice([1000.0, 1000.0, 2000.0, 3000.0]),
            priority=chance.choice([1.0, 1.5]),
            floor_max=chance.choice([None, 1, 2]),
            draws={Resource.POWER_KVA: float(chance.randint(20, 120))},
        )
        for i in range(4)
    ]
    asked = problem(units, needs, utilities=(power(200.0, "A"), power(150.0, "B", code="other")))
    blocks = [
        tuple(f"{name}{floor}" for floor in range(low, high + 1))
        for name, top in (("A", 3), ("B", 2))
        for low in range(1, top + 1)
        for high in range(low, top + 1)
    ]
    fits = {
        n.code: [
            block
            for block in blocks
            if n.area_min_m2 <= 1000.0 * len(block) <= 1.3 * n.area_min_m2
            and int(block[-1][1:]) <= (n.floor_max or 9)
        ]
        for n in needs
    }
    assert value(asked) == pytest.approx(best_by_hand(asked, fits))


@few
@given(seeds)
def test_a_plan_holds_and_is_never_worse_than_greedy(seed: int) -> None:
    asked = zone(15, 30, seed)
    result = solve(asked, params=PLAIN)
    assert result.is_ok
    assert faults(asked, result) == []
    assert result.value is not None
    assert result.greedy_value is not None
    assert result.value >= result.greedy_value
    assert len(result.placements) + len(result.unserved) == len(asked.needs)


def part(whole: MatchingProblem, codes: set[str], queue: tuple[Need, ...]) -> MatchingProblem:
    """Some buildings of a zone, with some needs."""
    return whole.replace(
        buildings=tuple(b for b in whole.buildings if b.code in codes),
        units=tuple(u for u in whole.units if u.building in codes),
        needs=queue,
        affinities=(),
        cranes=tuple(c for c in whole.cranes if c.units[0].split("-")[0] in codes),
        utilities=tuple(
            u.replace(buildings=tuple(b for b in u.buildings if b in codes))
            for u in whole.utilities
        ),
    )


@few
@given(seeds)
def test_more_space_never_lets_less(seed: int) -> None:
    whole = zone(10, 20, seed)
    codes = {b.code for b in whole.buildings}
    fewer = codes - {whole.buildings[-1].code}
    more, less = (value(part(whole, chosen, whole.needs)) for chosen in (codes, fewer))
    assert more >= less - 1e-6


@few
@given(seeds)
def test_joint_is_at_least_the_sum_of_the_parts(seed: int) -> None:
    """Two zones planned as one serve at least what each serves alone with its own needs."""
    whole = zone(12, 24, seed).replace(utilities=())
    needs = tuple(n.replace(draws={}) for n in whole.needs)
    cut = whole.buildings[len(whole.buildings) // 2].code
    left = {b.code for b in whole.buildings if b.code < cut}
    right = {b.code for b in whole.buildings if b.code >= cut}
    alone = value(part(whole, left, needs[:12])) + value(part(whole, right, needs[12:]))
    assert value(part(whole, left | right, needs)) >= alone - 1e-6


def test_same_seed_same_answer() -> None:
    asked = zone(20, 40, 3)
    assert solve(asked, seed=1).placements == solve(asked, seed=1).placements


def test_an_early_stop_gives_a_sound_plan_and_says_so() -> None:
    """A larger queue under a short limit: feasible, bounded, and marked as not proven."""
    asked = zone(150, 300, 1)
    result = solve(asked, stop=Stop(max_runtime_s=3.0), params=PLAIN)
    assert faults(asked, result) == []
    assert result.is_ok
    if result.status is Status.FEASIBLE:
        assert "not proven best" in result.report()


def test_a_search_without_a_better_plan_can_be_cancelled() -> None:
    """Proof of a queue of middling size takes longer than this; asked to stop, it does."""
    began = time.perf_counter()
    stop = Stop(cancelled=lambda: time.perf_counter() - began > 1.0)
    result = solve(zone(120, 260, 1), params=PLAIN, stop=stop)
    assert time.perf_counter() - began < 20
    assert result.is_ok
    assert result.bound is not None
