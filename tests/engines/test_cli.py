"""The command line: examples, outputs, and errors a person can act on."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bihuan.engines import registry
from bihuan.engines.cli import engine, examples

PARK = """
task = "dispatch"
users = [{ name = "works", load_mw = { csv = "day.csv", column = "load", unit = "MW" } }]
grid = { import_cap_mw = 20.0 }
[tariff]
parts = [{ name = "energy", kind = "energy", price_cny_per_mwh = 500.0 }]
"""


@pytest.fixture
def park_file(tmp_path):
    """A park of one day, as files."""
    hours = "".join(f"2026-07-01T{hour:02}:00,10\n" for hour in range(24))
    (tmp_path / "day.csv").write_text("time,load\n" + hours)
    path = tmp_path / "park.toml"
    path.write_text(PARK)
    return path


def run(*arguments):
    return CliRunner().invoke(engine, [str(argument) for argument in arguments])


def test_a_problem_file_is_solved_and_reported(park_file):
    done = run("greenpark", park_file)
    assert done.exit_code == 0
    assert "value: 120,000.00 CNY" in done.output
    assert "绿电园区运行方案" in run("greenpark", park_file, "--lang", "zh").output


def test_results_are_written_as_json_tables_page_and_picture(park_file, tmp_path):
    paths = [tmp_path / f"out.{suffix}" for suffix in ("json", "csv", "html", "png")]
    done = run(
        "greenpark", park_file, "--quiet", *(part for path in paths for part in ("-o", path))
    )
    assert done.exit_code == 0, done.output
    written = json.loads(paths[0].read_text())
    assert written["value"] == pytest.approx(120_000)
    assert len(written["tables"]["ledger"]["load_mwh"]) == 24
    assert len((tmp_path / "out-ledger.csv").read_text().splitlines()) == 25
    assert "<svg" in paths[2].read_text()
    assert paths[3].read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("20.0", "20000.0"), "grid.import_cap_mw"),
        (("500.0", "0.5"), "tariff.parts"),
        (('"load"', '"lood"'), "users[0].load_mw.column"),
        (("day.csv", "night.csv"), "no such file"),
        (('"dispatch"', '"dance"'), "task"),
        (("[tariff]", "[tarif]"), "tarif: unknown"),
        (("[tariff]", "[tariff"), "cannot be read"),
        (('"dispatch"', '["dispatch"]'), "task"),
        (
            ("[tariff]", "[rules]\nregime = '688'\non = 2025-01-01\n[tariff]"),
            "rules.on: no version",
        ),
    ],
)
def test_bad_files_name_the_field(park_file, change, says):
    park_file.write_text(park_file.read_text().replace(*change))
    done = run("greenpark", park_file)
    assert done.exit_code == 2
    assert "bad input" in done.output
    assert says in done.output
    assert "输入有误" in run("greenpark", park_file, "--lang", "zh").output


def test_no_solution_is_told_by_the_exit_code(park_file):
    park_file.write_text(park_file.read_text().replace("20.0", "8.0"))
    done = run("greenpark", park_file)
    assert done.exit_code == 1
    assert "at least 10.00 MW" in done.output


def test_outputs_are_checked_before_anything_is_computed(park_file, tmp_path):
    for name, says in (("r.xlsx", "must end in"), ("none/r.json", "no such folder")):
        done = run("greenpark", park_file, "-o", tmp_path / name)
        assert done.exit_code == 2
        assert says in done.output
        assert "value" not in done.output


def test_without_a_solution_there_is_no_picture_and_the_rest_is_written(park_file, tmp_path):
    park_file.write_text(park_file.read_text().replace("20.0", "8.0"))
    done = run("greenpark", park_file, "-o", tmp_path / "r.png", "-o", tmp_path / "r.json")
    assert done.exit_code == 1
    assert "r.png was not written: there is no solution" in done.output
    assert json.loads((tmp_path / "r.json").read_text())["status"] == "infeasible"


def test_the_schema_is_published():
    published = json.loads(run("greenpark", "--schema").output)
    tasks = [one["properties"]["task"]["const"] for one in published["oneOf"]]
    assert tasks == ["size", "dispatch"]
    price = published["oneOf"][0]["properties"]["tariff"]["properties"]["demand_cny_per_mw_month"]
    assert price["minimum"] == 0
    assert "CNY/MW/month" in price["description"]


def test_unknown_names_list_the_known():
    assert "greenpark" in run("nothing", "x.toml").output
    assert "dispatch" in run("greenpark", "--example", "nothing").output


def test_the_dispatch_example_runs(tmp_path):
    done = run("greenpark", "--example", "dispatch", "--quiet", "-o", tmp_path / "a.json")
    assert done.exit_code == 0, done.output
    assert json.loads((tmp_path / "a.json").read_text())["status"] == "optimal"


def test_stdout_holds_json_and_nothing_else():
    done = subprocess.run(
        [sys.executable, "-m", "bihuan.engines", "path", "--example", "six_buildings", "--json"],
        env={"PYTHONPATH": ":".join(sys.path), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["status"] == "optimal"
    assert "HiGHS" not in done.stderr


def built():
    """The engines that are there."""
    return [
        n for n, p in registry.PACKAGES.items() if (Path(*p.split(".")[1:]).parts and _is_there(p))
    ]


def _is_there(package):
    folder = Path(registry.__file__).parent / package.rsplit(".", 1)[1]
    return (folder / "__init__.py").is_file()


@pytest.mark.parametrize("name", built())
def test_every_engine_reads_its_examples_and_publishes_its_schema(name):
    found = registry.engine(name)
    assert run(name, "--schema").exit_code == 0
    for path in examples(name):
        assert path.read_text().lstrip(), path
    assert found.tasks
    for task in found.tasks.values():
        if task.picture:
            assert callable(registry.function(task.picture))


WITHOUT_DJANGO = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("django", "bihuan.core", "numpy.f2py"):
            raise ImportError(f"{name} must not be imported by an engine")

sys.meta_path.insert(0, Refuse())
from bihuan.engines import cli, registry, sweep
for name in %r:
    registry.engine(name)
from bihuan.engines.cli import engine
engine(["greenpark", sys.argv[1], "--quiet"], standalone_mode=True)
"""


def test_engines_run_where_django_is_not(park_file):
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_DJANGO % built(), str(park_file)],
        env={"PYTHONPATH": ":".join(sys.path), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "value: 120,000.00 CNY" in done.stdout
