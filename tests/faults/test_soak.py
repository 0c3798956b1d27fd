"""Fault 19, by a flag (--soak-minutes 30): hours of work leave memory, log and answers as they were."""

import json
from statistics import median, quantiles

import pytest

from tests.faults.conftest import environment, run, start

pytestmark = pytest.mark.fault
MEGABYTE = 1 << 20
AT_ONCE = 2  # processes: as many as the smallest machine has cores
MOST_LOG = 192 * MEGABYTE  # journal_size_limit is 64, and a reader may hold a checkpoint back
SLOWEST = 1.0  # seconds of processor time, the 99th of a hundred pages


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_long_day(kind, request, tmp_path):
    minutes = float(request.config.getoption("--soak-minutes"))
    if not minutes:
        pytest.skip("give --soak-minutes")
    url = request.getfixturevalue("postgres_url") if kind == "postgresql" else ""
    env = environment(tmp_path, url)
    run(env, "prepare")
    run(env, "collectstatic", "--no-input", program="django")
    day = {"program": "tests.faults.office_day"}
    workers = [start(env, minutes * 60, **day) for _each in range(AT_ONCE)]
    for worker in workers:
        said, _ = worker.communicate(timeout=minutes * 60 + 120)
        assert worker.returncode == 0, said
        told = json.loads(said.splitlines()[-1])
        third = max(1, len(told["memory"]) // 3)
        early, late = median(told["memory"][third : 2 * third]), median(told["memory"][-third:])
        assert late < early * 1.1 + 8 * MEGABYTE, (
            f"{early / MEGABYTE:.0f} → {late / MEGABYTE:.0f} MB"
        )
        assert max(told["log"]) < MOST_LOG
        assert quantiles(told["took"], n=100)[98] < SLOWEST
        assert told["closed"]
    acks = tmp_path / "acks"
    run(env, "one_more", acks)
    assert run(env, "check", "-", acks).startswith("moves "), "something is wrong with the records"
