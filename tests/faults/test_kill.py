"""Fault 1: kill -9 in the middle of writing. What was acknowledged is there, and nothing is half."""

import random
import shutil
import time
from pathlib import Path

import pytest

from tests.faults.conftest import environment, run, start

pytestmark = pytest.mark.fault
WRITERS = 2


def killed_in_the_middle(env: dict[str, str], acks: Path, chance: random.Random) -> None:
    """Let writers write; once both have, kill them at a moment nobody chose."""
    files = [acks.with_suffix(f".{place}") for place in range(WRITERS)]
    writers = [start(env, "work", file) for file in files]
    deadline = time.monotonic() + 60
    while not all(file.exists() and file.read_text().count("\n") > 3 for file in files):
        for writer in writers:
            assert writer.poll() is None, writer.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(chance.uniform(0, 0.4))
    for writer in writers:
        assert writer.poll() is None, writer.communicate()[0]
        writer.kill()
    for writer in writers:
        writer.communicate()
    acks.write_text(acks.read_text() + "".join(file.read_text() for file in files))


def test_sqlite(founded, tmp_path, fault_rounds):
    shutil.copy(founded, tmp_path / "db.sqlite3")
    acks = tmp_path / "acks"
    acks.write_text("")
    for seed in range(fault_rounds):
        killed_in_the_middle(environment(tmp_path), acks, random.Random(seed))
        said = run(environment(tmp_path), "check", "-", acks)
        assert said.startswith("moves "), said


def test_postgresql(postgres_url, tmp_path, fault_rounds):
    env = environment(tmp_path, postgres_url)
    run(env, "prepare")
    acks = tmp_path / "acks"
    acks.write_text("")
    for seed in range(fault_rounds):
        killed_in_the_middle(env, acks, random.Random(seed))
        said = run(env, "check", "-", acks)
        assert said.startswith("moves "), said
