"""Faults 16 and 18: backed up while people work, and killed in the middle of an upgrade."""

import random
import shutil
import time

import pytest

from tests.faults.conftest import environment, run, start

pytestmark = pytest.mark.fault
CLI = "bihuan.config.cli"


def acknowledged(acks):
    return acks.read_text().count("\n") if acks.exists() else 0


def test_a_backup_made_under_load_holds_all_that_was_acknowledged_before_it(founded, tmp_path):
    busy, restored = tmp_path / "busy", tmp_path / "restored"
    for folder in (busy, restored):
        folder.mkdir()
    shutil.copy(founded, busy / "db.sqlite3")
    acks = tmp_path / "acks"
    writer = start(environment(busy), "work", acks)
    try:
        deadline = time.monotonic() + 60
        while acknowledged(acks) < 10:
            assert writer.poll() is None, writer.communicate()[0]
            assert time.monotonic() < deadline
            time.sleep(0.02)
        before = tmp_path / "before"
        before.write_text(acks.read_text())
        run(environment(busy), "backup", tmp_path / "backups", program=CLI)
        assert acknowledged(acks) > acknowledged(before), "nobody worked meanwhile"
    finally:
        writer.kill()
        writer.communicate()
    (made,) = (tmp_path / "backups").iterdir()
    run(environment(restored), "restore", made, program=CLI)
    said = run(environment(restored), "check", "-", before)
    assert said.startswith("moves "), said
    run(environment(restored), "ledger", "verify", "--evidence", program=CLI)
    run(environment(restored), "doctor", program=CLI)
    run(environment(restored), "one_more", acks)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_upgrade_killed_in_the_middle_goes_through_at_the_next_start(
    kind, request, tmp_path, fault_rounds
):
    url = request.getfixturevalue("postgres_url") if kind == "postgresql" else ""
    env = environment(tmp_path, url)
    chance = random.Random(kind)
    killed = 0
    for _round in range(fault_rounds):
        upgrade = start(env, "migrate", "--verbosity", 2, program="django")
        for line in upgrade.stdout:
            if "Applying" in line and chance.random() < 0.15:
                time.sleep(chance.uniform(0, 0.05))
                upgrade.kill()
                killed += 1
                break
        upgrade.communicate()
    assert killed, "it was never in the middle"
    run(env, "prepare")
    acks = tmp_path / "acks"
    run(env, "one_more", acks)
    said = run(env, "check", "-", acks)
    assert said.startswith("moves 5 acknowledged 5"), said
