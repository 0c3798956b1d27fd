"""The array builder agrees with programmes solved by hand, and keeps its limits."""

import threading
import time

import numpy as np
import pytest

from bihuan.engines import cash, lp
from bihuan.engines.shape import MaxRuntime, Status, Stop


def small(upper=4.0):
    """min −x − 2y with x + y ≤ upper and y ≤ 3: optimum x = 1, y = 3."""
    build = lp.Builder()
    x = build.columns(1, cost=-1.0)
    y = build.columns(1, upper=3.0, cost=-2.0)
    row = build.rows(1, upper=upper)
    build.put(row, x, 1.0)
    build.put(row, y, 1.0)
    return build.arrays()


def test_value_and_shadow_price():
    answer = lp.solve(small())
    assert answer.status is Status.OPTIMAL
    assert answer.value == answer.bound == pytest.approx(-7)
    assert answer.x == pytest.approx([1, 3])
    assert answer.row_dual == pytest.approx([-1])
    assert lp.solve(small(5.0)).value == pytest.approx(-8)


def test_infeasible_and_unbounded():
    assert lp.solve(small(-1.0)).status is Status.INFEASIBLE
    build = lp.Builder()
    x = build.columns(1, cost=-1.0)
    build.put(build.rows(1, lower=0.0), x, 1.0)
    answer = lp.solve(build.arrays(), options={"presolve": "off"})
    assert answer.status is Status.UNBOUNDED
    assert answer.value is None


def knapsack(items, seed=1):
    random = np.random.default_rng(seed)
    build = lp.Builder()
    x = build.columns(
        items, upper=1.0, cost=-random.integers(10, 99, items).astype(float), integer=True
    )
    rows = build.rows(30, upper=items * 10.0)
    weights = random.integers(10, 99, (30, items)).astype(float)
    for row in range(30):
        build.put(rows.start + row, x, weights[row])
    return build.arrays()


def test_whole_numbers_have_a_bound():
    answer = lp.solve(knapsack(12))
    assert answer.status is Status.OPTIMAL
    assert answer.bound == pytest.approx(answer.value, rel=1e-4)
    assert np.allclose(answer.x, np.round(answer.x))


def test_the_time_limit_is_kept_and_told():
    began = time.perf_counter()
    answer = lp.solve(knapsack(300), watch=MaxRuntime(0.5).begin())
    assert time.perf_counter() - began < 5
    assert answer.status is Status.FEASIBLE
    assert answer.bound < answer.value


def test_a_run_can_be_cancelled():
    asked = threading.Event()
    threading.Timer(0.3, asked.set).start()
    began = time.perf_counter()
    answer = lp.solve(knapsack(300), watch=Stop(max_runtime_s=60, cancelled=asked.is_set).begin())
    assert time.perf_counter() - began < 20
    assert answer.status in (Status.FEASIBLE, Status.STOPPED)


def test_lengths_must_agree():
    build = lp.Builder()
    x = build.columns(3)
    row = build.rows(1)
    with pytest.raises(ValueError, match="broadcast"):
        build.put(row, x, np.ones(2))


def test_cash():
    assert cash.annuity_factor(0.0, 20) == pytest.approx(0.05)
    assert cash.annuity_factor(0.08, 20) == pytest.approx(0.101852, abs=1e-6)
    assert cash.present_value(0.1, [-100, 110]) == pytest.approx(0)
    assert cash.internal_rate([-100, 60, 60]) == pytest.approx(0.130662, abs=1e-6)
    assert cash.internal_rate([-100, 300, -250]) is None
    assert cash.internal_rate([100, 100]) is None
    assert cash.payback_years([-100, 40, 40, 40]) == pytest.approx(2.5)
    assert cash.payback_years([-100, 40]) is None
