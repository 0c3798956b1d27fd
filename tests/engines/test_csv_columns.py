"""Columns out of CSV files as people save them."""

import pytest

from bihuan.engines.csv_columns import moment, read
from bihuan.engines.series import Series
from bihuan.engines.shape import BadProblem

HOURS = [f"2026-07-01T{hour:02}:00,{hour}" for hour in range(24)]


def saved(tmp_path, heads="time,load", rows=HOURS, encoding="utf-8"):
    path = tmp_path / "day.csv"
    path.write_bytes("\n".join([heads, *rows, ""]).encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_usual_encoding_is_read(tmp_path, encoding):
    path = saved(
        tmp_path, "time,备注,load", [row.replace(",", ",正常,") for row in HOURS], encoding
    )
    times, values = read(path, time="time", column="load")
    assert values == list(range(24))
    assert times[5].isoformat() == "2026-07-01T05:00:00"


def test_24_00_ends_the_day():
    assert moment("2026-07-01T24:00").isoformat() == "2026-07-02T00:00:00"
    assert moment("2026-12-31 24:00:00+08:00").isoformat() == "2027-01-01T00:00:00+08:00"


def test_a_table_that_names_intervals_by_their_end(tmp_path):
    rows = [f"2026-07-01T{hour:02}:00,{hour}" for hour in range(1, 25)]
    path = saved(tmp_path, rows=rows)
    told = {"csv": path.name, "column": "load", "unit": "MW", "labels": "end"}
    series = Series.from_plain(told, tmp_path)
    assert series.start.isoformat() == "2026-07-01T00:00:00+08:00"
    with pytest.raises(BadProblem, match="labels: is 'finish'; start or end"):
        Series.from_plain(told | {"labels": "finish"}, tmp_path)


@pytest.mark.parametrize(
    ("heads", "rows", "said"),
    [
        ("time,load,load", [row + ",1" for row in HOURS], "column: day.csv has 2 columns 'load'"),
        ("time,lood", HOURS, "column: day.csv has no column 'load'; there are: time, lood"),
        ("time,load", [*HOURS[:4], "2026-07-01T04:00,"], "line 6 is no time with a number"),
        ("time,load", ["2026/7/1 0:00,1"], "line 2 .* write 2026-07-01T05:00"),
        ("time,load", ["2026-07-01T00:00"], "line 2"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, heads, rows, said):
    with pytest.raises(BadProblem, match=said):
        read(saved(tmp_path, heads, rows), time="time", column="load")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"start": "yesterday"}, "start"),
        ({"start": 5}, "start"),
        ({"values": ["ten"] * 24}, "values"),
        ({"values": [[1, 2], [3]]}, "values"),
        ({"values": [10**400]}, "values"),
        ({"step_s": 3600.0}, "step_s"),
    ],
)
def test_a_series_in_a_file_names_what_is_wrong(change, field):
    good = {"start": "2026-07-01T00:00", "step_s": 3600, "unit": "MW", "values": [1.0] * 24}
    with pytest.raises(BadProblem) as refused:
        Series.from_plain(good | change)
    assert refused.value.field == field
