"""Series: nothing is filled, dropped, shifted or paired by position."""

import datetime as dt

import numpy as np
import pytest

from bihuan.engines.series import (
    BEIJING,
    Series,
    must_be_whole_days,
    must_be_whole_year,
    must_have_unit,
    must_match,
)
from bihuan.engines.shape import BadProblem

START = dt.datetime(2025, 1, 1, tzinfo=BEIJING)


def hourly(count, start=START, step_s=3600):
    return Series(start=start, step_s=step_s, unit="MW", values=np.arange(float(count)))


def minutes(*offsets):
    return [START + dt.timedelta(minutes=offset) for offset in offsets]


def test_values_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        hourly(3).values[0] = 5.0


def test_naive_times_are_beijing_times():
    assert (
        Series(start=START.replace(tzinfo=None), step_s=60, unit="MW", values=[1.0]).start == START
    )


@pytest.mark.parametrize(
    ("offsets", "says"),
    [
        ((0, 15, 45), "1 step(s) missing before 2025-01-01 00:45"),
        ((0, 15, 15, 30), "00:15:00 appears twice"),
        ((0, 15, 5), "goes back in time"),
        ((0, 15, 31), "shifted by"),
        ((0,), "at least two"),
    ],
)
def test_broken_timestamps_are_named(offsets, says):
    with pytest.raises(BadProblem) as caught:
        Series.from_points(minutes(*offsets), np.ones(len(offsets)), "MW")
    assert says in str(caught.value)


def test_labels_at_the_end_of_intervals():
    series = Series.from_points(minutes(15, 30), [1.0, 2.0], "MW", labels="end")
    assert series.start == START


def test_nan_says_when():
    with pytest.raises(BadProblem, match="01:00"):
        Series(start=START, step_s=3600, unit="MW", values=[1.0, np.nan])


@pytest.mark.parametrize(
    ("other", "says"),
    [
        (hourly(23), "wind: number of steps is 23"),
        (hourly(24, START + dt.timedelta(minutes=15)), "wind: start"),
        (hourly(24, step_s=900), "wind: step_s"),
    ],
)
def test_mismatch_is_refused(other, says):
    with pytest.raises(BadProblem, match="load has") as caught:
        must_match(load=hourly(24), price=None, wind=other)
    assert says in str(caught.value)


def test_units_are_compared():
    with pytest.raises(BadProblem, match="must be 'kW'"):
        must_have_unit("load", hourly(2), "kW")


def test_a_day_of_95_points_is_refused():
    with pytest.raises(BadProblem, match="95 more"):
        must_be_whole_days("load", hourly(96 + 95, step_s=900))


def test_a_table_labelled_by_interval_ends_is_recognised():
    with pytest.raises(BadProblem, match="labels"):
        must_be_whole_days("load", hourly(96, START + dt.timedelta(minutes=15), 900))


@pytest.mark.parametrize(
    ("year", "hours", "good"),
    [(2025, 8760, True), (2025, 8784, False), (2024, 8784, True), (2024, 8760, False)],
)
def test_a_year_has_its_own_length(year, hours, good):
    series = hourly(hours, START.replace(year=year))
    if good:
        must_be_whole_year("load", series)
    else:
        with pytest.raises(BadProblem, match="the year from"):
            must_be_whole_year("load", series)


def test_means_keep_energy():
    fine = hourly(8, step_s=900)
    coarse = fine.mean_over(3600)
    assert coarse.values.sum() * coarse.hours == fine.values.sum() * fine.hours
    with pytest.raises(BadProblem, match="whole steps"):
        hourly(7, step_s=900).mean_over(3600)


def test_csv_with_its_own_times(tmp_path):
    path = tmp_path / "year.csv"
    path.write_text("time,load_mw\n2025-01-01T00:00,5\n2025-01-01T01:00,x\n")
    written = {"csv": "year.csv", "column": "load_mw", "unit": "MW"}
    with pytest.raises(BadProblem, match=r"year\.csv line 3"):
        Series.from_plain(written, tmp_path)
    path.write_text("time,load_mw\n2025-01-01T00:00,5\n2025-01-01T01:00,6\n")
    assert Series.from_plain(written, tmp_path) == Series(
        start=START, step_s=3600, unit="MW", values=np.array([5.0, 6.0])
    )


def test_an_empty_cell_names_its_line_in_both_languages(tmp_path):
    (tmp_path / "day.csv").write_text("time,load\n2026-07-01T00:00,10\n2026-07-01T01:00,\n")
    with pytest.raises(BadProblem) as refused:
        Series.from_plain({"csv": "day.csv", "column": "load", "unit": "MW"}, tmp_path)
    assert "line 3" in refused.value.words.en
    assert "第 3 行" in refused.value.words.zh
