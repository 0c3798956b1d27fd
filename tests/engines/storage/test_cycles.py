"""Rainflow against the standard's own example, and what must hold for any series."""

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.engines.storage.cycles import RainflowCounter, ReversalCounter, rainflow

ASTM_E1049_FIGURE_6 = [-2.0, 1.0, -3.0, 5.0, -1.0, 3.0, -4.0, 4.0, -2.0]

levels = st.lists(st.integers(0, 100).map(lambda n: n / 100), min_size=2, max_size=60)


def test_the_worked_example_of_the_standard() -> None:
    """ASTM E1049-85 (2017), figure 6 and its table of counts."""
    counted: Counter[float] = Counter()
    for cycle in rainflow(ASTM_E1049_FIGURE_6):
        counted[cycle.depth] += cycle.count
    assert counted == {3.0: 0.5, 4.0: 1.5, 6.0: 0.5, 8.0: 1.0, 9.0: 0.5}


def test_the_order_of_counting_is_the_standards() -> None:
    """Half of 3, half of 4, the closed cycle of 4, half of 8, half of 9, then the residue."""
    found = [(cycle.depth, cycle.count) for cycle in rainflow(ASTM_E1049_FIGURE_6)]
    assert found == [(3, 0.5), (4, 0.5), (4, 1), (8, 0.5), (9, 0.5), (8, 0.5), (6, 0.5)]


def test_a_shallow_cycle_does_not_cut_a_deep_one() -> None:
    """0.9 → 0.5 → 0.52 → 0.1 → 0.9 is one deep cycle with a small one in it."""
    series = [0.9, 0.5, 0.52, 0.1, 0.9]
    assert max(cycle.depth for cycle in rainflow(series)) == pytest.approx(0.8)
    counter = ReversalCounter(series[0])
    cut = [cycle for level in series[1:] for cycle in counter.feed(level)]
    assert max(cycle.depth for cycle in cut) == pytest.approx(0.42)


def test_nothing_in_nothing_out() -> None:
    assert rainflow([]) == []
    assert rainflow([0.5]) == []
    assert rainflow([0.5, 0.5, 0.5]) == []


@given(levels)
def test_charge_moved_is_counted_once(series: list[float]) -> None:
    """Depth × count over all cycles is half the path of the series."""
    path = sum(abs(b - a) for a, b in pairwise(series))
    counted = sum(cycle.full_equivalent_cycles for cycle in rainflow(series))
    assert counted == pytest.approx(path / 2, abs=1e-12)


@given(levels)
def test_time_in_movement_is_counted_once(series: list[float]) -> None:
    moving = sum(a != b for a, b in pairwise(series))
    assert sum(cycle.hours for cycle in rainflow(series, step_h=1.0)) == pytest.approx(moving)


@given(levels)
def test_the_deepest_cycle_is_the_range_of_the_series(series: list[float]) -> None:
    deepest = max((cycle.depth for cycle in rainflow(series)), default=0.0)
    assert deepest == pytest.approx(max(series) - min(series), abs=1e-12)


@given(levels, st.integers(1, 4))
def test_points_on_the_way_change_nothing(series: list[float], between: int) -> None:
    """Only turning points count."""
    fine = [series[0]]
    for a, b in pairwise(series):
        fine += [a + (b - a) * k / between for k in range(1, between)] + [b]
    coarse = [(cycle.depth, cycle.count) for cycle in rainflow(series)]
    assert [(cycle.depth, cycle.count) for cycle in rainflow(fine)] == coarse


def test_asking_for_the_residue_changes_nothing() -> None:
    counter = RainflowCounter(0.5)
    for level in (0.9, 0.3, 0.6):
        counter.feed(level, 1.0)
    assert counter.residue() == counter.residue()


def test_a_rate_is_charge_over_time() -> None:
    """Half a cycle of depth 0.8 in 2 h ran at 0.4 C; rest does not count."""
    series = [0.9, 0.5, 0.5, 0.5, 0.1]
    (cycle,) = rainflow(series, step_h=1.0)
    assert cycle.hours == 2.0
    assert cycle.rate_per_h == pytest.approx(0.4)
