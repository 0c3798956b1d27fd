"""Fault 3: each I/O call of one closing fails once. The case is closed or it is not, never between."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.faults.conftest import environment, run

pytestmark = pytest.mark.fault
SOURCE = Path(__file__).with_name("failing_io.c")


@pytest.fixture(scope="module")
def shim(tmp_path_factory):
    """The library that makes calls fail, put before the machine's own."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        pytest.skip("needs a C compiler to make I/O calls fail")
    library = tmp_path_factory.mktemp("shim") / "failing_io.so"
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl"]
    subprocess.run(command, check=True)
    return library


def test_closing_a_case_is_all_or_nothing(founded, shim, tmp_path):
    shutil.copy(founded, tmp_path / "db.sqlite3")
    env = environment(tmp_path) | {"LD_PRELOAD": str(shim)}
    lines = run(env, "fail", tmp_path / "db.sqlite3").splitlines()
    assert all(line.endswith("sound") for line in lines), "\n".join(lines)
    told = [re.fullmatch(r"\d+ (.+) -> (\w+) sound", line) for line in lines]
    outcomes = [(found[1], found[2]) for found in told if found]
    assert outcomes[-1] == ("done", "closed"), "it never came through"
    refused = [said for said, _status in outcomes if said != "done"]
    assert len(refused) >= 3, lines
    assert all(said.startswith("OperationalError: disk I/O error") for said in refused), lines
