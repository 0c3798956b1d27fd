"""Generalised assignment: the file format, known optima, and brute force."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.engines.matching import gap
from bihuan.engines.shape import BadProblem, Status, Stop

# The first instance of the OR-Library's gap1 (c515-1); maximised, its optimum is 336.
C515_1 = """
 5 15
 17 21 22 18 24 15 20 18 19 18 16 22 24 24 16
 23 16 21 16 17 16 19 25 18 21 17 15 25 17 24
 16 20 16 25 24 16 17 19 19 18 20 16 17 21 24
 19 19 22 22 20 16 19 17 21 19 25 23 25 25 25
 18 19 15 15 21 25 16 16 23 15 22 17 19 22 24
 8 15 14 23 8 16 8 25 9 17 25 15 10 8 24
 15 7 23 22 11 11 12 10 17 16 7 16 10 18 22
 21 20 6 22 24 10 24 9 21 14 11 14 11 19 16
 20 11 8 14 9 5 6 19 19 7 6 6 13 9 18
 8 13 13 13 10 20 25 16 16 17 10 10 5 12 23
 36 34 38 27 33
"""


def test_a_classic_is_proven() -> None:
    (problem,) = gap.read(C515_1, gap.Sense.MAXIMISE)
    result = gap.solve(problem)
    assert result.status is Status.OPTIMAL
    assert result.value == result.bound == 336.0
    assert result.is_ok


def test_several_instances_in_one_file_and_back() -> None:
    (problem,) = gap.read(C515_1)
    both = gap.read("2" + C515_1 + gap.written(problem), name="gap1")
    assert [p.name for p in both] == ["gap1-1", "gap1-2"]
    assert np.array_equal(both[0].use, both[1].use)


@pytest.mark.parametrize(
    "text",
    [
        C515_1.replace("\n", "\r\n"),
        C515_1.replace("\n", " "),
        C515_1.replace(" ", "\n"),
        "\ufeff1 " + C515_1.replace(" ", "\t"),
        C515_1.replace(" ", ".0 ").replace("\n.0", "\n"),
    ],
)
def test_the_layout_is_free(text: str) -> None:
    (problem,) = gap.read(text)
    assert problem.cost.shape == (5, 15)
    assert problem.capacity.tolist() == [36, 34, 38, 27, 33]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("1 2 three", "is no GAP file"),
        ("1 2 2 1 2 3", "holds 6 numbers: not one instance of 1 agents × 2 jobs"),
        ("1" + C515_1 + " 7", "nor 1 instances one after another"),
        ("-3 5 1 1", "holds 4 numbers"),
        ("", "is no GAP file"),
        ("0", "is no GAP file"),
        ("1 2 " + "9" * 40, "is no GAP file"),
        ("1 2 nan", "is no GAP file"),
        ("1 1 2.5 1 1", "is no GAP file"),
    ],
)
def test_broken_files_are_refused(text: str, says: str) -> None:
    with pytest.raises(BadProblem, match=says):
        gap.read(text)


def test_jobs_that_fit_only_if_split_say_what_is_missing() -> None:
    """Two jobs of 6 and two agents of 10 with a third job of 6: one agent lacks 2."""
    six = np.full((2, 3), 6.0)
    problem = gap.GapProblem(cost=np.ones((2, 3)), use=six, capacity=np.array([10.0, 10.0]))
    (binding,) = gap.solve(problem).bindings
    assert binding.relief == pytest.approx(2.0)


@settings(max_examples=20, deadline=None)
@given(st.sampled_from("ABCDE"), st.integers(0, 10_000))
def test_equals_trying_every_assignment(kind: str, seed: int) -> None:
    problem = gap.published(kind, 3, 6, seed)
    best = None
    for picked in itertools.product(range(3), repeat=6):
        agent_of = np.array(picked)
        if (problem.used_by(agent_of) <= problem.capacity).all():
            value = problem.value_of(agent_of)
            best = value if best is None else min(best, value)
    result = gap.solve(problem)
    assert result.value == best
    assert result.status is (Status.INFEASIBLE if best is None else Status.OPTIMAL)
    if result.greedy_value is not None and result.value is not None:
        assert result.value <= result.greedy_value


def test_a_large_one_is_bounded_in_time() -> None:
    """Type C, 20 x 200: near its own bound within a few seconds, even on a busy machine."""
    result = gap.solve(gap.published("C", 20, 200), stop=Stop(max_runtime_s=5.0))
    assert result.is_ok
    assert result.gap is not None
    assert result.gap < 0.05


def test_too_little_capacity_names_what_is_missing() -> None:
    problem = gap.GapProblem(
        cost=np.ones((2, 3)), use=np.full((2, 3), 10.0), capacity=np.array([10.0, 12.0])
    )
    result = gap.solve(problem)
    assert result.status is Status.INFEASIBLE
    assert result.bindings[0].relief == pytest.approx(8.0)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"capacity": np.array([1.0])}, "capacity"),
        ({"use": np.ones((1, 3))}, "use"),
        ({"cost": np.full((2, 3), np.nan)}, "cost"),
        ({"use": np.full((2, 3), 0.5)}, "use"),
    ],
)
def test_bad_arrays_are_refused(change: dict[str, np.ndarray], field: str) -> None:
    good = {"cost": np.ones((2, 3)), "use": np.ones((2, 3)), "capacity": np.ones(2)}
    with pytest.raises(BadProblem, match=field):
        gap.GapProblem(**(good | change))


def test_a_stopped_run_on_a_large_instance_ends_at_once() -> None:
    result = gap.solve(gap.published("D", 20, 400), stop=Stop(cancelled=lambda: True))
    assert result.status is Status.STOPPED
    assert result.value is None
    assert result.runtime_s < 5
