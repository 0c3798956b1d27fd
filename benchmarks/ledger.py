"""What the ledger costs: python -m benchmarks.ledger [moves] [events]

The same move of a case is made with its ledger event, with a plain event row in its place
and with nothing, in turn, so that whatever else the machine does falls on all three.
Runs on a database of its own: SQLite, or a fresh one where DATABASE_URL names it.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.config.settings")
os.environ.setdefault("BIHUAN_DATA", tempfile.mkdtemp(prefix="bihuan-bench-"))

import django

import bihuan.config.sqlite  # noqa: F401

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402
from tests.factories.dossiers import DossierFactory  # noqa: E402
from tests.factories.zones import PostFactory, UnitFactory, ZoneFactory  # noqa: E402

from bihuan.cases import actions  # noqa: E402
from bihuan.cases.rules.declaration import Grade  # noqa: E402
from bihuan.core.actors import System  # noqa: E402
from bihuan.core.ids import new_id  # noqa: E402
from bihuan.ledger.actions import checkpoint, record, record_many  # noqa: E402
from bihuan.ledger.models import Event  # noqa: E402
from bihuan.ledger.queries import verify  # noqa: E402
from bihuan.ledger.rules.body import Entry  # noqa: E402

CLERK = System("benchmark")
PLAIN = (
    "CREATE TABLE plain_event (id {id} PRIMARY KEY, zone_id {id}, at {at}, kind varchar(64),"
    " about_type varchar(32), about_id varchar(64), actor varchar(100), origin varchar(8), data text)"
)
INDEXES = ("zone_id, about_id, at", "zone_id, kind, at", "zone_id, actor, at")


def stored(value: Any) -> Any:
    return Event._meta.get_field("zone_id").get_db_prep_value(value, connection)


def plain_row(
    *, zone_id: Any, kind: str, about: Any, by: Any, at: Any, data: Any, files: Any
) -> None:
    """Write the event as an ordinary row with the same indexes: no hash, no order, no proof."""
    told = json.dumps({**data, "files": list(files)}, ensure_ascii=False, default=str)
    moment = connection.ops.adapt_datetimefield_value(at)
    row = (stored(new_id()), stored(zone_id), moment, kind, *about, by.actor_id, "here", told)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO plain_event VALUES ({', '.join(['%s'] * 9)})", row)  # noqa: S608


def moves(count: int) -> None:
    """Print what one move of a case takes with each kind of event."""
    types = {"sqlite": ("char(32)", "datetime"), "postgresql": ("uuid", "timestamptz")}
    with connection.cursor() as cursor:
        cursor.execute(
            PLAIN.format(**dict(zip(("id", "at"), types[connection.vendor], strict=True)))
        )
        for place, columns in enumerate(INDEXES):
            cursor.execute(f"CREATE INDEX plain_{place} ON plain_event ({columns})")
    zone = ZoneFactory()
    unit = UnitFactory(zone=zone, kind="enterprise")
    officer = PostFactory(zone=zone, role="safety_office").person
    dossier = DossierFactory(zone=zone, owner_unit=unit)
    ways: dict[str, Callable[..., Any]] = {
        "nothing": lambda **_: None,
        "plain row": plain_row,
        "ledger": record,
    }
    took: dict[str, list[float]] = {name: [] for name in ways}
    finding = actions.Finding("消防通道堵塞", grade=Grade.GENERAL)
    for _ in range(count):
        for name, write in ways.items():
            now = timezone.now()
            case = actions.report(
                kind="hazard", dossier=dossier, finding=finding, by=officer, at=now
            )
            wanted = actions.Wanted("assign", {"unit": unit.pk}, [])
            with patch("bihuan.cases.actions._writing.record", write):
                start = time.perf_counter()
                actions.make_move(case=case.pk, wanted=wanted, by=officer, at=timezone.now())
                took[name].append(time.perf_counter() - start)
    middle = {name: statistics.median(times) * 1e3 for name, times in took.items()}
    for name, milliseconds in middle.items():
        say(f"move with {name:10} {milliseconds:8.2f} ms")
    say(f"ledger / plain row    {middle['ledger'] / middle['plain row']:8.2f}   (goal: 1.30)")


def verifying(count: int) -> None:
    """Print how many events a second are written in bulk and verified."""
    zone, now = new_id(), timezone.now()
    start = time.perf_counter()
    for first in range(0, count, 500):
        entries = [
            Entry(
                "case.closed",
                ("case", str(new_id())),
                {"number": f"YH2026-{n:05}", "from": "submitted", "to": "closed"},
                ["ab" * 32],
            )
            for n in range(first, first + 500)
        ]
        record_many(zone_id=zone, entries=entries, by=CLERK, at=now)
    say(f"written in bulk       {count / (time.perf_counter() - start):8,.0f} events/s")
    checkpoint(zone_id=zone, by=CLERK, at=now)
    best = best_cpu = float("inf")
    for _ in range(3):
        start, cpu = time.perf_counter(), time.process_time()
        assert verify(zone).is_whole
        best = min(best, time.perf_counter() - start)
        best_cpu = min(best_cpu, time.process_time() - cpu)
    say(f"verified              {count / best:8,.0f} events/s   (goal: 200,000)")
    say(f"verified, own time    {count / best_cpu:8,.0f} events/s of processor time")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


def main() -> None:
    given = [int(word) for word in sys.argv[1:]]
    call_command("migrate", verbosity=0)
    say(f"ledger on {connection.vendor}")
    moves(given[0] if given else 200)
    verifying(given[1] if len(given) > 1 else 200_000)


if __name__ == "__main__":
    main()
