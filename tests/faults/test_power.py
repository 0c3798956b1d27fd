"""Fault 2: the power goes. The disk keeps what was synced; no acknowledged move may be missing."""

import json
import random
import shutil
from pathlib import Path

import apsw
import pytest

from tests.faults.conftest import environment, run
from tests.faults.power import Disk, ForgetfulVFS

pytestmark = pytest.mark.fault
SETTINGS = "PRAGMA journal_mode=WAL; PRAGMA synchronous={};"
MODES = ("none", "some in order", "any half")


@pytest.fixture(scope="session")
def traced(founded, tmp_path_factory):
    """The statements of a few cases from finding to closing, as the product wrote them."""
    folder = tmp_path_factory.mktemp("traced")
    shutil.copy(founded, folder / "db.sqlite3")
    run(environment(folder), "trace", folder / "sql.json", 3)
    lines = json.loads((folder / "sql.json").read_text())
    assert sum(line.startswith("COMMIT") for line in lines) >= 15
    assert sum(line.startswith("INSERT INTO ledger_event") for line in lines) >= 15
    return lines


def acknowledged(path, lines, disk, synchronous):
    """Run statements on a forgetful disk until the power goes; return what was acknowledged."""
    name = f"forgetful {path}"
    vfs = ForgetfulVFS(name, disk)
    database = apsw.Connection(str(path), vfs=name)
    acks = []
    try:
        database.execute(SETTINGS.format(synchronous)).fetchall()
        for line in lines:
            if line.startswith("ACK "):
                acks.append(line.removeprefix("ACK "))
            else:
                database.execute(line).fetchall()
        return acks
    finally:
        disk.watching = False
        database.close(True)
        vfs.unregister()


def broken_off(founded, folder, lines, mode, seed, synchronous="FULL"):
    """Lay down what a power cut leaves behind; return the database and its acknowledgements."""
    chance = random.Random(f"{mode} {seed}")
    working, found = folder / f"{mode} {seed}" / "before", folder / f"{mode} {seed}" / "after"
    working.mkdir(parents=True)
    found.mkdir()
    path = working / "db.sqlite3"
    shutil.copy(founded, path)
    disk = Disk()
    disk.load(path)
    stop = chance.randint(len(lines) // 4, len(lines))
    acks = acknowledged(path, lines[:stop], disk, synchronous)
    for name, content in disk.after_power_cut(mode, chance):
        if not name.endswith("-shm"):
            (found / Path(name).name).write_bytes(content)
    (found / "acks").write_text("".join(f"{ack}\n" for ack in acks))
    return found / "db.sqlite3", found / "acks"


def checked(tmp_path, pairs):
    return run(environment(tmp_path), "check", *(path for pair in pairs for path in pair))


def test_nothing_acknowledged_is_lost(founded, traced, tmp_path, fault_rounds):
    pairs = [
        broken_off(founded, tmp_path, traced, mode, seed)
        for mode in MODES
        for seed in range(fault_rounds)
    ]
    said = checked(tmp_path, pairs)
    assert all(line.startswith("moves ") for line in said.splitlines()), said
    assert said.count("moves ") == len(pairs)
    assert "acknowledged 1" in said, "the power went too early to prove anything"


def test_the_disk_does_forget(founded, traced, tmp_path):
    """The same without waiting for the disk loses what was acknowledged: the test can fail."""
    pairs = [broken_off(founded, tmp_path, traced, "none", seed, "OFF") for seed in range(3)]
    assert "acknowledged and lost" in checked(tmp_path, pairs)
