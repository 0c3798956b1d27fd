import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from bihuan.core.actors import System
from bihuan.core.ids import new_id
from bihuan.ledger.actions import record, record_many
from bihuan.ledger.models import Event, Head, Sealed
from bihuan.ledger.rules import rfc6962
from bihuan.ledger.rules.body import NO_ZONE, START, Entry, chain_hash

pytestmark = pytest.mark.django_db
ROBOT = System("test")
AT = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def tell(zone: UUID, kind: str = "case.closed", about: tuple[str, str] = ("case", "1"), **more):
    return record(zone_id=zone, kind=kind, about=about, by=ROBOT, at=AT, **more)


def test_events_are_numbered_and_chained_per_zone():
    one, other = new_id(), new_id()
    assert [tell(one), tell(other), tell(one)] == [1, 1, 2]
    first, second = Event.objects.filter(zone_id=one).order_by("seq")
    assert bytes(first.leaf) == rfc6962.leaf_hash(first.body.encode())
    assert bytes(first.chain) == chain_hash(START, first.leaf)
    assert bytes(second.chain) == chain_hash(first.chain, second.leaf)
    head = Head.objects.get(zone_id=one)
    assert (head.size, bytes(head.chain)) == (2, bytes(second.chain))


def test_the_body_tells_it_all_and_the_columns_agree():
    zone = new_id()
    tell(zone, data={"from": "submitted", "to": "closed"}, files=["0a" * 32], origin="import")
    event = Event.objects.get(zone_id=zone)
    assert json.loads(event.body) == {
        "about": ["case", "1"],
        "actor": "system:test",
        "at": "2026-11-23T07:00:00.000000Z",
        "data": {"from": "submitted", "to": "closed"},
        "files": ["0a" * 32],
        "kind": "case.closed",
        "origin": "import",
        "seq": 1,
        "v": 1,
        "zone": str(zone),
    }
    assert (event.kind, event.about_type, event.about_id) == ("case.closed", "case", "1")
    assert (event.actor, event.at, event.origin) == ("system:test", AT, "import")


def test_many_at_once_are_as_many_one_by_one():
    one, other = UUID(int=1), UUID(int=1)
    entries = [Entry("case.opened", ("case", str(n)), {"n": n}) for n in range(23)]
    record_many(zone_id=one, entries=entries[:10], by=ROBOT, at=AT)
    assert record_many(zone_id=one, entries=entries[10:], by=ROBOT, at=AT) == 23
    bulk = Head.objects.get(zone_id=one)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM ledger_event")
        cursor.execute("DELETE FROM ledger_head")
    for entry in entries:
        tell(other, entry.kind, entry.about, data=entry.data)
    single = Head.objects.get(zone_id=other)
    assert bytes(bulk.chain) == bytes(single.chain)
    assert bytes(bulk.frontier) == bytes(single.frontier)


def test_nothing_to_tell_changes_nothing():
    zone = new_id()
    tell(zone)
    assert record_many(zone_id=zone, entries=(), by=ROBOT, at=AT) == 1


def test_the_event_goes_when_the_transaction_goes():
    zone = new_id()
    tell(zone)
    with transaction.atomic():
        assert tell(zone) == 2
        transaction.set_rollback(True)
    assert tell(zone) == 2


def test_what_belongs_to_no_zone_has_its_own_ledger():
    before = Event.objects.filter(zone_id=NO_ZONE).count()
    assert tell(NO_ZONE, "site.started", ("site", "-")) == before + 1


def test_one_event_costs_few_statements():
    zone = new_id()
    tell(zone)
    with CaptureQueriesContext(connection) as queries:
        tell(zone)
    assert len(queries) == (2 if connection.vendor == "postgresql" else 3)


def test_the_models_only_read():
    zone = new_id()
    tell(zone)
    event = Event.objects.get(zone_id=zone)
    event.kind = "case.opened"
    with pytest.raises(Sealed):
        event.save()
    with pytest.raises(Sealed):
        event.delete()
    for attempt in ("update", "delete", "create", "bulk_create", "get_or_create"):
        with pytest.raises(Sealed):
            getattr(Event.objects.all(), attempt)()
        with pytest.raises(Sealed):
            getattr(Event.objects, attempt)()


@pytest.mark.parametrize(
    "statement",
    ["UPDATE ledger_event SET kind = 'x.y'", "DELETE FROM ledger_event"],
)
def test_the_database_refuses_too(sealed_tables, statement):
    tell(new_id())
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(statement)
    assert Event.objects.filter(kind="case.closed").exists()
