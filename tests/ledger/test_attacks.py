"""Whoever owns the database changes the past by SQL; the verifier says where and how."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection

from bihuan.core.ids import new_id
from bihuan.ledger.actions import NotSigned, StrangeKey, checkpoint
from bihuan.ledger.exporters import write_bundle
from bihuan.ledger.models import Checkpoint, Event, Head
from bihuan.ledger.queries import kept_note, stored_rows, verify, zones_with_events
from bihuan.ledger.rules.notes import verifier_key
from bihuan.ledger.rules.rfc6962 import leaf_hash
from bihuan.ledger.rules.verify import DAMAGE_NAMES, Damage
from tests.ledger.books import AT, DIGEST, ROBOT, book, fill, rebuild, sign, sql

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


def test_the_number_of_an_event_made_huge_or_negative():
    for seq in (2**63 - 1, -1, -(2**63)):
        zone = book()
        change(zone, 40, "seq", seq)
        assert seq > 0 or (seq, Damage.MOVED) in found(zone)
        assert (40, Damage.TRUNCATED) in found(zone)
        assert seq < 0 or (41, Damage.HEAD) in found(zone)


TYPED = [  # SQLite keeps in a column whatever it is given
    ("UPDATE ledger_event SET leaf = 7 WHERE zone_id = %s AND seq = 9", (9, Damage.ALTERED)),
    ("UPDATE ledger_event SET leaf = 1e300 WHERE zone_id = %s AND seq = 9", (9, Damage.ALTERED)),
    ("UPDATE ledger_event SET chain = 'x' WHERE zone_id = %s AND seq = 9", (9, Damage.CHAIN)),
    ("UPDATE ledger_event SET kind = X'FF00' WHERE zone_id = %s AND seq = 9", (9, Damage.COLUMNS)),
    (
        "UPDATE ledger_event SET kind = CAST(X'FFFE' AS TEXT) WHERE zone_id = %s AND seq = 9",
        (9, Damage.COLUMNS),
    ),
    (
        "UPDATE ledger_event SET body = CAST(X'FFFE' AS TEXT) WHERE zone_id = %s AND seq = 9",
        (9, Damage.ALTERED),
    ),
    ("UPDATE ledger_event SET at = 5 WHERE zone_id = %s AND seq = 9", (9, Damage.COLUMNS)),
    ("UPDATE ledger_event SET seq = 'nine' WHERE zone_id = %s AND seq = 9", (9, Damage.MISSING)),
    ("UPDATE ledger_event SET seq = 'last' WHERE zone_id = %s AND seq = 40", (41, Damage.HEAD)),
    ("UPDATE ledger_head SET size = 'many' WHERE zone_id = %s", (0, Damage.HEAD)),
    ("UPDATE ledger_head SET frontier = 12 WHERE zone_id = %s", (40, Damage.HEAD)),
]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL refuses these itself")
@pytest.mark.parametrize(("statement", "damage"), TYPED)
def test_a_column_that_holds_what_it_never_should(statement, damage):
    zone = book()
    sql(statement, zone)
    assert damage in found(zone)


@pytest.mark.parametrize("column", ["size", "root", "chain"])
def test_a_checkpoint_whose_columns_say_other_than_its_note(column):
    zone = book()
    value = 27 if column == "size" else b"x" * 32
    sql(f"UPDATE ledger_checkpoint SET {column} = %s WHERE zone_id = %s", value, zone)
    assert [damage for _seq, damage in found(zone)] == [Damage.COLUMNS]


@pytest.fixture
def kept(django_capture_on_commit_callbacks):
    """A zone whose latest checkpoint lies beside the keys, and what was recorded since."""
    zone = book()
    with django_capture_on_commit_callbacks(execute=True):
        sign(zone)
    fill(zone, 5, first=41)
    return zone


def forget_checkpoints(zone):
    sql("DELETE FROM ledger_checkpoint WHERE zone_id = %s", zone)


def test_the_tail_cut_off_with_every_trace_in_the_database_is_known_beside_the_keys(kept):
    assert found(kept) == []
    sql("DELETE FROM ledger_event WHERE zone_id = %s AND seq > 35", kept)
    rebuild(kept)
    forget_checkpoints(kept)
    assert found(kept) == [(36, Damage.TRUNCATED)]


def test_a_whole_ledger_wiped_from_the_database_is_missed(kept):
    for table in ("ledger_event", "ledger_head", "ledger_checkpoint"):
        sql(f"DELETE FROM {table} WHERE zone_id = %s", kept)
    assert kept in zones_with_events()
    assert (1, Damage.TRUNCATED) in found(kept)


def test_a_past_rebuilt_in_the_database_is_not_signed_again(kept):
    change(kept, 11, "body", body_of(kept, 11).replace("二号", "三号"))
    rebuild(kept)
    forget_checkpoints(kept)
    assert found(kept) == [(1, Damage.REWRITTEN)]
    with pytest.raises(NotSigned):
        sign(kept)


def test_a_forged_head_is_not_signed(kept):
    sql("UPDATE ledger_head SET frontier = %s WHERE zone_id = %s", b"f" * 64, kept)
    with pytest.raises(NotSigned):
        sign(kept)


def test_only_what_came_since_is_walked_before_signing(kept, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "bihuan.ledger.actions.stored_rows",
        lambda zone, **given: asked.append(given["first"]) or stored_rows(zone, **given),
    )
    sign(kept)
    assert asked == [41]


def test_a_kept_checkpoint_that_was_exchanged(kept):
    other = book()
    note = Checkpoint.objects.get(zone_id=other).note
    for text, damage in ((note, Damage.FOREIGN), ("nothing", Damage.SIGNATURE)):
        kept_note(kept).write_text(text, "utf-8")
        assert found(kept) == [(0, damage)]
    assert sign(kept)  # walked from the first event


def test_a_key_put_in_place_of_ours_signs_nothing(settings):
    zone = book()
    secret = settings.LEDGER_KEYS / "signing.key"
    for text in ("ab" * 32, "no key", "ff"):
        secret.write_text(text)
        with pytest.raises(StrangeKey):
            sign(zone)
    secret.unlink()
    assert sign(zone)
    assert found(zone) == []


def test_keys_exchanged_for_anothers_vouch_for_nothing(settings):
    zone = book()
    known = settings.LEDGER_KEYS / "keys.txt"
    strange = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    known.write_text(f"{verifier_key(strange)}\nbihuan-x+00+!!\n\x00\n")
    assert found(zone) == [(26, Damage.SIGNATURE)]


def test_a_bundle_of_a_damaged_ledger_reaches_no_file_of_ours(kept, tmp_path):
    change(kept, 9, "body", body_of(kept, 9).replace(DIGEST, "../../secret_key"))
    change(kept, 12, "body", "gone")
    asked = []
    with (tmp_path / "bundle.zip").open("wb") as target:
        write_bundle(target, zone_id=kept, by=ROBOT, at=AT, evidence=asked.append)
    assert asked == [DIGEST]


def test_nothing_is_signed_where_nothing_happened():
    assert checkpoint(zone_id=new_id(), by=ROBOT, at=AT) is None
    assert not Head.objects.filter(size=0).exists()
