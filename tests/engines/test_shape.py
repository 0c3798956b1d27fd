"""What every result can be asked."""

import math

import pytest

from bihuan.engines.shape import (
    BadProblem,
    Binding,
    Check,
    MaxIterations,
    MaxRuntime,
    Provenance,
    Result,
    Status,
    Stop,
    Words,
)

MADE = Provenance(engine="test", version="0", problem_sha256="")


def result(status=Status.OPTIMAL, value=100.0, bound=100.0, **more):
    return Result(
        status=status, value=value, unit="CNY", bound=bound, runtime_s=0.1, provenance=MADE, **more
    )


def test_gap_is_relative():
    assert result(bound=99.0).gap == pytest.approx(0.01)
    assert result(value=0.0, bound=0.0).gap == 0.0
    assert result(value=None).gap is None


def test_a_stopped_run_is_marked():
    stopped = result(status=Status.FEASIBLE, bound=90.0)
    assert stopped.is_provisional
    assert "provisional" in stopped.report()
    assert "暂定" in stopped.report("zh-hans")
    assert not result().is_provisional


def test_a_failed_check_is_told():
    failed = result(checks=(Check.of("energy balance", math.nan, 1e-6, "MWh"),))
    assert failed.is_provisional
    assert "CHECK FAILED: energy balance" in failed.report()


def test_without_a_solution_there_are_no_sentences_on_one():
    class Told(Result):
        def lines(self):
            raise AssertionError

    none = Told(
        status=Status.INFEASIBLE,
        value=None,
        unit="CNY",
        bound=None,
        runtime_s=0.0,
        provenance=MADE,
    )
    assert "no solution exists" in none.report()


def test_the_report_says_why_not():
    bound = Binding(name="crane", words=Words("12 needs fail only on cranes", "12 项仅因行车不符"))
    assert "为何不能更好：12 项仅因行车不符" in result(bindings=(bound,)).report("zh")


def test_stop_can_be_used_again_and_counts_from_begin():
    stop = MaxIterations(2)
    assert [stop.begin().is_over(n) for n in (0, 1, 2)] == [False, False, True]
    assert MaxRuntime(1000).begin().remaining_s > 999
    assert Stop(cancelled=lambda: True).begin().is_over()


@pytest.mark.parametrize(
    "bad", [{"max_runtime_s": 0}, {"max_runtime_s": math.nan}, {"max_iterations": -1}, {"gap": 1}]
)
def test_bad_stops_are_refused(bad):
    with pytest.raises(BadProblem):
        Stop(**bad)
