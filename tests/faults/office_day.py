"""A program that uses pages and closes cases like an office, and tells what that cost.

    python -m tests.faults.office_day SECONDS

It prints one JSON object: resident memory in bytes as time went on, seconds of processor time each page took, the
largest write-ahead log, how many cases were closed.
"""

import json
import os
import sys
import time
from pathlib import Path

from tests.faults.deed import Office  # sets Django up

from django.conf import settings  # isort: skip
from django.db import connection  # isort: skip
from django.test import Client  # isort: skip
from django.urls import reverse  # isort: skip

PAGES = (
    ("home:mine", ""), ("cases:list", ""), ("cases:list", "?q=消防"), ("enterprises:list", ""),
    ("safety:hazards", ""), ("home:cockpit", ""), ("search:find", "?q=铸造"), ("ledger:list", ""),
)  # fmt: skip
FRAME = os.sysconf("SC_PAGE_SIZE")


def memory() -> int:
    """Return the resident memory of this process, in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * FRAME


def log_size() -> int:
    """Return the size of SQLite's write-ahead log, in bytes; 0 where there is none."""
    log = Path(f"{connection.settings_dict['NAME']}-wal")
    return log.stat().st_size if connection.vendor == "sqlite" and log.exists() else 0


def main(seconds: str) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    office, client = Office(), Client()
    client.force_login(office.officer)
    until = time.monotonic() + float(seconds)
    kept: dict[str, list[float]] = {"memory": [], "took": [], "log": []}
    closed = 0
    while time.monotonic() < until:
        for move in office.moves():
            move()
        closed += 1
        for name, query in PAGES:
            start = time.process_time()
            answer = client.get(reverse(name, args=[office.zone.slug]) + query)
            kept["took"].append(time.process_time() - start)
            assert answer.status_code == 200, (name, answer.status_code)
        kept["memory"].append(memory())
        kept["log"].append(log_size())
    sys.stdout.write(json.dumps({**kept, "closed": closed}))


if __name__ == "__main__":
    main(*sys.argv[1:])
