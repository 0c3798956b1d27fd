import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from bihuan.core.ids import new_id
from bihuan.ledger.actions import _signing_key, checkpoint
from bihuan.ledger.models import Checkpoint
from bihuan.ledger.queries import public_keys
from bihuan.ledger.rules import notes
from tests.ledger.books import AT, ROBOT, fill, sign

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
KEYS = {notes.name_of(PUBLIC): PUBLIC}
SAID = notes.Statement(
    UUID("0199f000-0000-7000-8000-000000000001"),
    12345,
    bytes(range(32)),
    bytes(32),
    datetime(2026, 11, 23, 7, tzinfo=UTC),
)
NOTE = notes.signed(SAID, KEY)


def test_a_note_is_readable_and_names_its_algorithm():
    assert NOTE.startswith(
        "bihuan/ledger/0199f000-0000-7000-8000-000000000001\n12345\n"
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\nchain "
    )
    assert "\ntime 2026-11-23T07:00:00.000000Z\nalgorithm sha256 ed25519\n\n— bihuan-" in NOTE


def test_what_was_signed_is_read_back():
    assert notes.opened(NOTE, KEYS) == SAID


def test_a_strange_key_vouches_for_nothing():
    other = Ed25519PrivateKey.generate()
    with pytest.raises(notes.BadNote):
        notes.opened(notes.signed(SAID, other), KEYS)
    with pytest.raises(notes.BadNote):
        notes.opened(NOTE, {})


@given(st.integers(0, len(NOTE) - 1), st.characters())
def test_no_change_of_the_text_survives(place, char):
    text, _, signature = NOTE.rpartition("\n\n")
    place %= len(text)
    changed = text[:place] + char + text[place + 1 :]
    if changed != text:
        with pytest.raises(notes.BadNote):
            notes.opened(f"{changed}\n\n{signature}", KEYS)


@pytest.mark.parametrize(
    "note", ["", "\n\n", "x\n\n— y z", NOTE.replace("— ", "- "), NOTE.rstrip("\n=")[:-9]]
)
def test_what_is_no_note_is_refused(note):
    with pytest.raises(notes.BadNote):
        notes.opened(note, KEYS)


def test_another_signature_beside_ours_does_no_harm():
    witness = Ed25519PrivateKey.generate()
    line = notes.signed(SAID, witness).rpartition("\n\n")[2]
    head, gap, ours = NOTE.rpartition("\n\n")
    assert notes.opened(f"{head}{gap}{line}{ours}", KEYS) == SAID


def test_something_else_well_signed_is_no_checkpoint():
    text = "go.sum database tree\n15368405\nAAAA\n"
    name = notes.name_of(PUBLIC)
    packed = notes.key_id(name, PUBLIC) + KEY.sign(text.encode())
    with pytest.raises(notes.BadNote, match="no checkpoint"):
        notes.opened(f"{text}\n— {name} {notes._b64(packed)}\n", KEYS)


def test_a_verifier_key_is_read_back():
    assert notes.read_verifier_key(notes.verifier_key(PUBLIC)) == (notes.name_of(PUBLIC), PUBLIC)


@pytest.mark.parametrize("text", ["", "a+b", "a+b+c", notes.verifier_key(PUBLIC)[:-8] + "AAAAAAA="])
def test_a_damaged_verifier_key_is_refused(text):
    with pytest.raises(notes.BadNote):
        notes.read_verifier_key(text)


def test_the_site_makes_its_key_once_and_keeps_it_to_itself(settings, tmp_path):
    settings.LEDGER_KEYS = tmp_path / "keys"
    first, second = _signing_key(), _signing_key()
    assert first.private_bytes_raw() == second.private_bytes_raw()
    kept = Path(settings.LEDGER_KEYS) / "signing.key"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert list(public_keys().values()) == [first.public_key().public_bytes_raw()]
    assert sorted(path.name for path in kept.parent.iterdir()) == ["keys.txt", "signing.key"]


@pytest.mark.django_db
def test_a_changed_key_leaves_the_old_checkpoints_good(settings, tmp_path):
    settings.LEDGER_KEYS = tmp_path / "keys"
    zone = new_id()
    fill(zone, 3)
    old = sign(zone)
    (tmp_path / "keys" / "signing.key").rename(tmp_path / "retired.key")
    fill(zone, 3, first=4)
    new = sign(zone)
    assert [notes.opened(note, public_keys()).size for note in (old, new)] == [3, 6]
    assert len(public_keys()) == 2


@pytest.mark.django_db
def test_a_size_is_signed_once(settings, tmp_path):
    settings.LEDGER_KEYS = tmp_path / "keys"
    zone = new_id()
    fill(zone, 3)
    first = sign(zone)
    again = checkpoint(zone_id=zone, by=ROBOT, at=AT + timedelta(hours=1))
    assert again is not None
    assert again.note == first
    assert Checkpoint.objects.filter(zone_id=zone).count() == 1
