"""Whoever owns the database changes the past by SQL; the verifier says where and how."""

import pytest

from bihuan.core.ids import new_id
from bihuan.ledger.actions import checkpoint
from bihuan.ledger.models import Checkpoint, Event, Head
from bihuan.ledger.queries import verify, zones_with_events
from bihuan.ledger.rules.rfc6962 import leaf_hash
from bihuan.ledger.rules.verify import DAMAGE_NAMES, Damage
from tests.ledger.books import AT, ROBOT, book, fill, rebuild, sign, sql

pytestmark = [pytest.mark.django_db, pytest.mark.fault]


@pytest.fixture(autouse=True)
def _own_keys(settings, tmp_path):
    settings.LEDGER_KEYS = tmp_path / "keys"


def found(zone, **more):
    verdict = verify(zone, **more)
    assert all(finding.zone_id == zone for finding in verdict.findings)
    return [(finding.seq, finding.damage) for finding in verdict.findings]


def change(zone, seq, column, value):
    sql(f"UPDATE ledger_event SET {column} = %s WHERE zone_id = %s AND seq = %s", value, zone, seq)


def body_of(zone, seq):
    return Event.objects.get(zone_id=zone, seq=seq).body


@pytest.mark.parametrize("count", [1, 2, 3, 40, 700])
def test_an_honest_ledger_is_whole(count):
    zone = book(count) if count > 1 else new_id()
    if count == 1:
        fill(zone, 1)
    verdict = verify(zone)
    assert verdict.is_whole
    assert verdict.size == count
    assert verdict.confirmed == (count * 2 // 3)


def test_an_empty_ledger_is_whole():
    assert verify(new_id()).is_whole


@pytest.mark.parametrize("seq", [1, 17, 40])
def test_one_character_changed(seq):
    zone = book()
    change(zone, seq, "body", body_of(zone, seq).replace("二号", "三号"))
    assert found(zone) == [(seq, Damage.ALTERED)]


@pytest.mark.parametrize("byte", [0, 1, 40, 120, -2, -1])
def test_one_bit_flipped(byte):
    zone = book()
    raw = bytearray(body_of(zone, 9).encode())
    raw[byte] ^= 1
    change(zone, 9, "body", raw.decode("utf-8", "replace"))
    ((seq, damage),) = found(zone)
    assert seq == 9
    assert damage in (Damage.ALTERED, Damage.FOREIGN)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("kind", "case.voided"),
        ("about_type", "dossier"),
        ("about_id", "77"),
        ("actor", "system:other"),
        ("origin", "import"),
        ("at", "2026-11-01 00:00:00"),
    ],
)
def test_a_column_that_tells_another_story_than_the_text(column, value):
    zone = book()
    change(zone, 11, column, value)
    assert found(zone) == [(11, Damage.COLUMNS)]


def test_a_leaf_made_to_fit_a_changed_text_breaks_the_chain():
    zone = book()
    body = body_of(zone, 11).replace("二号", "三号")
    change(zone, 11, "body", body)
    change(zone, 11, "leaf", leaf_hash(body.encode()))
    assert (11, Damage.CHAIN) in found(zone)


@pytest.mark.parametrize("seq", [1, 20, 39])
def test_an_event_dropped(seq):
    zone = book()
    sql("DELETE FROM ledger_event WHERE zone_id = %s AND seq = %s", zone, seq)
    assert found(zone) == [(seq, Damage.MISSING)]


def test_several_dropped_at_once_are_one_range():
    zone = book()
    sql("DELETE FROM ledger_event WHERE zone_id = %s AND seq BETWEEN 5 AND 8", zone)
    (finding,) = verify(zone).findings
    assert (finding.seq, finding.last, finding.damage) == (5, 8, Damage.MISSING)


def test_two_events_changed_places():
    zone = book()
    for at, to in ((5, 1000), (6, 5), (1000, 6)):
        change(zone, at, "seq", to)
    assert found(zone)[:2] == [(5, Damage.MOVED), (6, Damage.MOVED)]


def test_the_tail_cut_off():
    zone = book()
    sql("DELETE FROM ledger_event WHERE zone_id = %s AND seq > 35", zone)
    assert (36, Damage.TRUNCATED) in found(zone)


def test_the_tail_cut_off_with_the_head_put_right_below_a_checkpoint():
    zone = book()
    note = sign(zone)
    sql("DELETE FROM ledger_event WHERE zone_id = %s AND seq > 35", zone)
    rebuild(zone)
    assert found(zone) == [(36, Damage.TRUNCATED)]
    sql("DELETE FROM ledger_checkpoint WHERE zone_id = %s AND size = 40", zone)
    assert found(zone) == []  # the proof has left the database ...
    assert found(zone, held=[note]) == [(36, Damage.TRUNCATED)]  # ... but not the world


def test_everything_rebuilt_is_refused_by_the_old_checkpoint():
    zone = book()
    change(zone, 11, "body", body_of(zone, 11).replace("二号", "三号"))
    rebuild(zone)
    assert found(zone) == [(1, Damage.REWRITTEN)]


def test_everything_rebuilt_and_signed_again_is_refused_by_the_checkpoint_held_outside():
    zone = book()
    held = Checkpoint.objects.get(zone_id=zone).note
    change(zone, 11, "body", body_of(zone, 11).replace("二号", "三号"))
    rebuild(zone)
    sql("DELETE FROM ledger_checkpoint WHERE zone_id = %s", zone)
    sign(zone)
    assert found(zone) == []
    assert found(zone, held=[held]) == [(1, Damage.REWRITTEN)]


def test_a_rewriting_is_narrowed_down_between_two_checkpoints():
    zone = new_id()
    for first in (1, 11, 21):
        fill(zone, 10, first=first)
        sign(zone)
    change(zone, 15, "body", body_of(zone, 15).replace("二号", "三号"))
    rebuild(zone)
    findings = verify(zone).findings
    assert [(f.seq, f.last, f.damage) for f in findings] == [
        (11, 20, Damage.REWRITTEN),
        (11, 30, Damage.REWRITTEN),
    ]


def test_an_event_slipped_in_after_the_head():
    zone = book()
    sql(
        "INSERT INTO ledger_event (zone_id, seq, at, kind, about_type, about_id, actor, origin,"
        " body, leaf, chain) SELECT zone_id, 41, at, kind, about_type, about_id, actor, origin,"
        " body, leaf, chain FROM ledger_event WHERE zone_id = %s AND seq = 40",
        zone,
    )
    assert found(zone) == [(41, Damage.HEAD)]


def test_two_zones_swapped():
    one, other, between = book(), book(), new_id()
    for table in ("ledger_event", "ledger_head", "ledger_checkpoint"):
        for old, new in ((one, between), (other, one), (between, other)):
            sql(f"UPDATE {table} SET zone_id = %s WHERE zone_id = %s", new, old)
    for zone in (one, other):
        assert (1, Damage.FOREIGN) in found(zone)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_head SET size = 39 WHERE zone_id = %s",
        "UPDATE ledger_head SET chain = leaf FROM ledger_event e WHERE ledger_head.zone_id = %s"
        " AND e.zone_id = ledger_head.zone_id AND e.seq = 1",
        "DELETE FROM ledger_head WHERE zone_id = %s",
    ],
)
def test_a_head_that_does_not_fit(statement):
    zone = book()
    sql(statement, zone)
    assert Damage.HEAD in {damage for _seq, damage in found(zone)}
    assert zone in zones_with_events()


def test_a_checkpoint_changed_or_signed_by_another():
    zone = book()
    note = Checkpoint.objects.get(zone_id=zone).note
    sql(
        "UPDATE ledger_checkpoint SET note = %s WHERE zone_id = %s",
        note.replace("\n26\n", "\n25\n"),
        zone,
    )
    assert found(zone) == [(26, Damage.SIGNATURE)]


def test_a_checkpoint_of_another_zone():
    zone, other = book(), book()
    note = Checkpoint.objects.get(zone_id=other).note
    sql("UPDATE ledger_checkpoint SET note = %s WHERE zone_id = %s", note, zone)
    assert found(zone) == [(26, Damage.FOREIGN)]


def test_text_that_is_no_json():
    zone = book()
    change(zone, 3, "body", "gone")
    assert found(zone) == [(3, Damage.ALTERED)]


def test_every_damage_is_named_but_not_without_end():
    zone = book(150)
    sql("UPDATE ledger_event SET actor = 'x' WHERE zone_id = %s", zone)
    assert len(found(zone)) == 100
    assert str(verify(zone).findings[0]) == f"{zone} 1 columns"


def test_every_damage_has_words():
    assert DAMAGE_NAMES.keys() == set(Damage)


def test_nothing_is_signed_where_nothing_happened():
    assert checkpoint(zone_id=new_id(), by=ROBOT, at=AT) is None
    assert not Head.objects.filter(size=0).exists()
