"""Each example runs in seconds from its file, says something in both languages and draws."""

from pathlib import Path

import numpy as np
import pytest

from bihuan.engines import cli, registry, wire
from bihuan.engines.picture import png
from bihuan.engines.storage import ENGINE
from bihuan.engines.storage.synthetic import energy_price, midnight, regulation_signal

EXAMPLES = {path.stem: path for path in cli.examples("storage")}


def test_there_is_an_example_of_every_kind_but_the_bare_station() -> None:
    tasks = {wire.read_file(path)["task"] for path in EXAMPLES.values()}
    assert tasks == ENGINE.tasks.keys() - {"station"}


@pytest.mark.parametrize("name", sorted(EXAMPLES))
def test_an_example_runs(name: str) -> None:
    task, problem = cli.read_problem(ENGINE, EXAMPLES[name])
    result = task.run(problem)
    assert result.is_ok, result.report()
    assert result.report("en") != result.report("zh")
    assert result.tables()
    assert result.runtime_s < 60
    picture = registry.function(task.picture)(result, "zh")
    assert png(picture, 40).startswith(b"\x89PNG")
    wire.to_json(result)


def test_same_problem_same_answer() -> None:
    task, problem = cli.read_problem(ENGINE, EXAMPLES["taigu_account"])
    first, second = task.run(problem), task.run(problem)
    assert first.value == second.value
    np.testing.assert_array_equal(first.station.record, second.station.record)
    assert first.provenance == second.provenance


def test_the_investment_of_taigu_adds_up() -> None:
    _, problem = cli.read_problem(ENGINE, EXAMPLES["taigu_venture"])
    assert problem.capex_cny == 1_098_000_000


def test_the_files_beside_the_examples_come_from_the_seed() -> None:
    """signal_day.csv and the price of taigu_week.csv are synthetic, seed 7."""
    folder: Path = next(iter(EXAMPLES.values())).parent
    start = midnight(2025, 6, 2)
    signal = np.loadtxt(folder / "signal_day.csv", delimiter=",", skiprows=1, usecols=1)
    week = np.loadtxt(folder / "taigu_week.csv", delimiter=",", skiprows=1, usecols=1)
    np.testing.assert_array_equal(signal, regulation_signal(7, start=start).values)
    np.testing.assert_array_equal(week, energy_price(7, start=start, days=7).values)
