"""A zone's ledger to try things on, and hands that reach past the actions."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import connection

from bihuan.core.actors import System
from bihuan.core.ids import new_id
from bihuan.ledger.actions import checkpoint, record
from bihuan.ledger.models import Event
from bihuan.ledger.rules import rfc6962
from bihuan.ledger.rules.body import START, chain_hash

ROBOT = System("test")
AT = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
DIGEST = "ab" * 32


def fill(zone: UUID, count: int, *, first: int = 1) -> None:
    """Write count events, half a minute apart, every third with evidence."""
    for n in range(first, first + count):
        record(
            zone_id=zone,
            kind="case.closed" if n % 2 else "case.opened",
            about=("case", str(n % 5)),
            by=ROBOT,
            at=AT + timedelta(seconds=30 * n, microseconds=n % 3),
            data={"number": n, "title": "二号车间"},
            files=[DIGEST] if n % 3 == 0 else [],
        )


def sign(zone: UUID) -> str:
    """Make a checkpoint and return its note."""
    made = checkpoint(zone_id=zone, by=ROBOT, at=AT)
    assert made is not None
    return made.note


def book(count: int = 40) -> UUID:
    """Return a new zone with that many events and a checkpoint two thirds on."""
    zone = new_id()
    fill(zone, count * 2 // 3)
    sign(zone)
    fill(zone, count - count * 2 // 3, first=count * 2 // 3 + 1)
    return zone


def sql(statement: str, *values: object) -> None:
    """Reach into the database past every guard of ours."""
    stored = [_stored(value) for value in values]
    with connection.cursor() as cursor:
        cursor.execute(statement, stored)


def _stored(value: object) -> object:
    if isinstance(value, UUID):
        return Event._meta.get_field("zone_id").get_db_prep_value(value, connection)
    return value


def rebuild(zone: UUID, *, start: int = 1) -> None:
    """Do what a patient forger does: make leaves, chain and head fit the bodies again."""
    chain, frontier, size = START, [], 0
    for event in Event.objects.filter(zone_id=zone).order_by("seq"):
        leaf = rfc6962.leaf_hash(event.body.encode())
        chain = chain_hash(chain, leaf)
        rfc6962.append(frontier, size, leaf)
        size += 1
        if event.seq >= start:
            sql(
                "UPDATE ledger_event SET leaf = %s, chain = %s WHERE zone_id = %s AND seq = %s",
                leaf,
                chain,
                zone,
                event.seq,
            )
    sql(
        "UPDATE ledger_head SET size = %s, frontier = %s, chain = %s WHERE zone_id = %s",
        size,
        b"".join(frontier),
        chain,
        zone,
    )
