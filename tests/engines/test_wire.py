"""The written form: what is read is what was written, and bad input is named."""

import datetime as dt
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import pytest

from bihuan.engines import wire
from bihuan.engines.problem import Problem, quantity
from bihuan.engines.series import Series
from bihuan.engines.shape import BadProblem


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, kw_only=True)
class Wheel(Problem):
    """A wheel."""

    kind: Literal["wheel"] = "wheel"
    power_mw: float = quantity("rated power", "MW", low=0, high=5000, hint="was it in kW?")


@dataclass(frozen=True, kw_only=True)
class Cell(Problem):
    """A cell."""

    kind: Literal["cell"] = "cell"
    efficiency: float = quantity("both ways", "1", above=0, high=1, default=0.9)


@dataclass(frozen=True, kw_only=True)
class Station(Problem):
    """A station."""

    load: Series = quantity("load", "MW", low=0)
    parts: tuple[Wheel | Cell, ...] = ()
    day: dt.date | None = None
    colour: Colour = Colour.RED
    pair: tuple[int, int] = (1, 2)
    limits: dict[str, float] = quantity("limits", default_factory=dict)


LOAD = {"start": "2025-01-01T00:00:00", "step_s": 3600, "unit": "MW", "values": [1, 2.5]}
GOOD = {
    "load": LOAD,
    "parts": [{"kind": "wheel", "power_mw": 3}, {"kind": "cell"}],
    "day": "2025-01-02",
    "limits": {"a": 1},
}


def test_a_problem_survives_writing_and_reading():
    station = wire.read(Station, GOOD)
    assert station.parts == (Wheel(power_mw=3.0), Cell())
    again = wire.read(Station, json.loads(wire.to_json(station)))
    assert again == station
    assert wire.digest(again) == wire.digest(station)


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"parts": [{"kind": "wheel", "power_mw": 150_000}]}, "parts[0].power_mw", "kW"),
        ({"parts": [{"kind": "wheel", "power_mw": float("nan")}]}, "parts[0].power_mw", "finite"),
        ({"parts": [{"kind": "wheel", "power_mw": True}]}, "parts[0].power_mw", "a number"),
        ({"parts": [{"kind": "wheel", "power_mw": "3"}]}, "parts[0].power_mw", "a number"),
        ({"parts": [{"kind": "wheel"}]}, "parts[0].power_mw", "missing"),
        ({"parts": [{"kind": "cell", "efficiency": 1.2}]}, "parts[0].efficiency", "at most 1"),
        ({"parts": [{"kind": "cell", "efficency": 1}]}, "parts[0].efficency", "unknown"),
        ({"parts": {}}, "parts", "list"),
        ({"day": 3}, "day", "date"),
        ({"day": "2025-02-30"}, "day", "day"),
        ({"colour": "blue"}, "colour", "red"),
        ({"pair": [1]}, "pair", "2 items"),
        ({"limits": {"a": "x"}}, "limits.a", "a number"),
        ({"load": LOAD | {"values": [1, -2]}}, "load[1]", "at least 0"),
        ({"load": LOAD | {"values": [1, float("nan")]}}, "load.values[1]", "finite"),
        ({"load": LOAD | {"values": [1, "x"]}}, "load.values", "list of numbers"),
        ({"load": LOAD | {"step_s": 0}}, "load.step_s", "above 0"),
        ({"load": LOAD | {"step": 1}}, "load.step", "unknown"),
        ({"load": {"csv": "no.csv", "column": "a", "unit": "MW"}}, "load.csv", "no such file"),
        ({"load": 3}, "load", "table"),
    ],
)
def test_bad_input_is_named(change, field, says):
    with pytest.raises(BadProblem) as caught:
        wire.read(Station, GOOD | change)
    assert caught.value.field == field
    assert says in str(caught.value)


def test_the_schema_says_meaning_unit_and_limits():
    schema = wire.schema(Station)
    wheel = schema["properties"]["parts"]["items"]["anyOf"][0]
    assert wheel["properties"]["power_mw"] == {
        "type": "number",
        "description": "rated power [MW]",
        "minimum": 0,
        "maximum": 5000,
    }
    assert schema["required"] == ["load"]
    assert schema["additionalProperties"] is False


def test_files_are_json_or_toml(tmp_path):
    toml = tmp_path / "a.toml"
    toml.write_text('load = {start = 2025-01-01T00:00:00, step_s = 60, unit = "MW", values = [1]}')
    assert wire.read(Station, wire.read_file(toml)).load.step_s == 60
    broken = tmp_path / "b.json"
    broken.write_text("{")
    with pytest.raises(BadProblem, match=r"b\.json cannot be read"):
        wire.read_file(broken)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.json", '{"day": 1, "pair": 2, "day": 3}', "'day' is given twice"),
        ("a.json", "{", "cannot be read"),
        ("a.json", "[]", "must hold a table"),
        ("a.toml", "day = 1\nday = 2", "cannot be read"),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path, name, text, says):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(BadProblem, match=says):
        wire.read_file(path)


@pytest.mark.parametrize(
    ("kind", "data", "says"),
    [
        (float, "20", "is '20'; must be a number"),
        (float, True, "must be a number"),
        (float, 10**400, "must be a number"),
        (int, 2.5, "must be a whole number"),
        (str, 5, "must be text"),
        (dt.date, "2026-13-01", "must be a date, such as 2026-07-01"),
        (dt.time, "8 o'clock", "must be a time of day"),
    ],
)
def test_a_wrong_kind_is_told_in_plain_words(kind, data, says):
    with pytest.raises(BadProblem, match=says):
        wire.read(kind, data)
