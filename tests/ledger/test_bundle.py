"""A stranger with bare Python checks what we hand out, and finds what was tampered with."""

import hashlib
import io
import json
import re
import subprocess
import sys
import zipfile

import pytest

from bihuan.core.ids import new_id
from bihuan.core.refusals import Refused
from bihuan.ledger.actions import record
from bihuan.ledger.models import Checkpoint
from bihuan.ledger.rules import notes
from tests.ledger.books import AT, DIGEST, ROBOT, book, fill, rebuild, sql
from tests.ledger.bundles import SCRIPT, bundle_of, check, key, lines_of, put, tampered

pytestmark = [pytest.mark.django_db, pytest.mark.fault]


@pytest.fixture(autouse=True)
def _own_keys(settings, tmp_path):
    settings.LEDGER_KEYS = tmp_path / "keys"


@pytest.mark.parametrize("count", [2, 3, 64, 65, 100])
def test_a_whole_ledger_is_found_whole(tmp_path, count):
    bundle = bundle_of(book(count))
    code, said = check(tmp_path, bundle, *key())
    assert (code, said.split(":")[0]) == (0, "WHOLE"), said
    assert f"{count} events, size {count}, 2 checkpoints" in said


def test_without_a_key_the_stranger_is_warned(tmp_path):
    code, said = check(tmp_path, bundle_of(book()))
    assert code == 0
    assert said.startswith("warning: no --key given")


def flip(parts):
    raw = bytearray(parts["events.jsonl"])
    raw[raw.find(b"number") + 9] ^= 1
    parts["events.jsonl"] = bytes(raw)


def drop(parts):
    lines = lines_of(parts)
    put(parts, lines[:10] + lines[11:])


def reorder(parts):
    lines = lines_of(parts)
    lines[10], lines[11] = lines[11], lines[10]
    put(parts, lines)


def truncate(parts):
    put(parts, lines_of(parts)[:30])


def truncate_both(parts):
    truncate(parts)
    parts["hashes.txt"] = b"\n".join(parts["hashes.txt"].splitlines()[:30]) + b"\n"


def rechain(parts):
    """Change an event and make hashes.txt fit again, as a forger of the export would."""
    flip(parts)
    chain, told = bytes(32), []
    for seq, line in enumerate(lines_of(parts), start=1):
        leaf = hashlib.sha256(b"\x00" + line).digest()
        chain = hashlib.sha256(chain + leaf).digest()
        told.append(f"{seq} {leaf.hex()} {chain.hex()}\n")
    parts["hashes.txt"] = "".join(told).encode()


def resize(parts):
    truncate_both(parts)
    parts["manifest.json"] = parts["manifest.json"].replace(b'"size": 40', b'"size": 30')


def forge_note(parts):
    name = sorted(name for name in parts if name.startswith("checkpoints/"))[0]
    parts[name] = parts[name].replace(b"\n26\n", b"\n25\n")


def add_evidence(parts):
    parts["files/" + "cd" * 32] = b"not what was uploaded"


@pytest.mark.parametrize(
    ("change", "damage"),
    [
        (flip, r"1 altered"),
        (drop, r"11-11 missing"),
        (reorder, r"11-11 missing\n.*11 moved"),
        (truncate, r"31-40 truncated"),
        (truncate_both, r"31-40 truncated"),
        (rechain, r"1-26 rewritten"),
        (resize, r"31-40 truncated"),
        (forge_note, r"signature \(checkpoints/000000000026"),
        (add_evidence, r"evidence \(files/cdcd"),
    ],
)
def test_what_was_tampered_with_is_named(tmp_path, change, damage):
    zone = book()
    code, said = check(tmp_path, tampered(bundle_of(zone), change), *key())
    assert code == 1
    assert re.search(rf"{zone} .*{damage}", said, re.DOTALL), said


def test_two_zones_swapped(tmp_path):
    one, other = book(), book()
    mine, theirs = bundle_of(one), bundle_of(other)

    def swap(parts):
        with zipfile.ZipFile(io.BytesIO(theirs)) as old:
            parts |= {name: old.read(name) for name in ("events.jsonl", "hashes.txt")}

    code, said = check(tmp_path, tampered(mine, swap), *key())
    assert code == 1
    assert f"{one} 1 foreign" in said


def test_everything_rebuilt_and_signed_again_is_refused_by_the_note_held_outside(tmp_path):
    zone = book()
    held = tmp_path / "old.note"
    held.write_text(Checkpoint.objects.get(zone_id=zone).note, "utf-8")
    sql("UPDATE ledger_event SET body = replace(body, '二号', '三号') WHERE zone_id = %s", zone)
    rebuild(zone)
    sql("DELETE FROM ledger_checkpoint WHERE zone_id = %s", zone)
    bundle = bundle_of(zone)
    assert check(tmp_path, bundle, *key())[0] == 0
    code, said = check(tmp_path, bundle, *key(), "--held", str(held))
    assert (code, f"{zone} 1-26 rewritten" in said) == (1, True)


def test_a_strange_key_vouches_for_nothing(tmp_path):
    strange = notes.verifier_key(notes.Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    code, said = check(tmp_path, bundle_of(book()), "--key", strange)
    assert code == 1
    assert "signature" in said


def test_one_thing_goes_out_alone_with_its_proofs(tmp_path):
    zone = book(100)
    bundle = bundle_of(zone, about=("case", "3"))
    code, said = check(tmp_path, bundle, *key())
    assert (code, "object, 20 events, size 100" in said) == (0, True), said
    with zipfile.ZipFile(io.BytesIO(bundle)) as parts:
        told = [json.loads(line) for line in parts.read("events.jsonl").splitlines()]
    assert {tuple(event["about"]) for event in told} == {("case", "3")}


def test_a_part_proves_that_the_ledger_only_grew(tmp_path):
    zone = book(100)
    note = Checkpoint.objects.get(zone_id=zone).note
    held = tmp_path / "old.note"
    held.write_text(note, "utf-8")
    proven = bundle_of(zone, about=("case", "3"), held=[note])
    assert check(tmp_path, proven, *key(), "--held", str(held))[0] == 0
    unproven = bundle_of(zone, about=("case", "3"))
    code, said = check(tmp_path, unproven, *key(), "--held", str(held))
    assert (code, "no proof of consistency" in said) == (1, True)


def test_a_part_of_a_rewritten_ledger_is_refused_by_the_note_held_outside(tmp_path):
    zone = book(100)
    note = Checkpoint.objects.get(zone_id=zone).note
    held = tmp_path / "old.note"
    held.write_text(note, "utf-8")
    sql("UPDATE ledger_event SET body = replace(body, '二号', '三号') WHERE zone_id = %s", zone)
    rebuild(zone)
    bundle = bundle_of(zone, about=("case", "3"), held=[note])
    code, said = check(tmp_path, bundle, *key(), "--held", str(held))
    assert (code, f"{zone} 1-66 rewritten" in said) == (1, True)


def drop_proven(parts):
    put(parts, lines_of(parts)[1:])


def of_another(parts):
    parts["manifest.json"] = parts["manifest.json"].replace(b'"3"', b'"4"')


@pytest.mark.parametrize(
    ("change", "damage"),
    [(flip, " altered"), (drop_proven, "missing"), (of_another, "3 foreign")],
)
def test_a_part_that_was_tampered_with_is_named(tmp_path, change, damage):
    zone = book(100)
    bundle = bundle_of(zone, about=("case", "3"))
    code, said = check(tmp_path, tampered(bundle, change), *key())
    assert (code, damage in said) == (1, True), said


def test_evidence_goes_along_and_is_checked(tmp_path):
    photo = b"a photo as it was uploaded"
    zone = new_id()
    fill(zone, 3)
    digest = hashlib.sha256(photo).hexdigest()
    record(zone_id=zone, kind="case.closed", about=("case", "9"), by=ROBOT, at=AT, files=[digest])
    asked = []

    def open_it(wanted):
        asked.append(wanted)
        return io.BytesIO(photo) if wanted == digest else None

    bundle = bundle_of(zone, evidence=open_it)
    assert sorted(asked) == sorted([DIGEST, digest])
    code, said = check(tmp_path, bundle, *key())
    assert (code, "1 files" in said) == (0, True)
    wrong = tampered(bundle, lambda parts: parts.update({f"files/{digest}": photo + b"!"}))
    assert check(tmp_path, wrong, *key())[0] == 1


def test_there_is_nothing_to_export_where_nothing_happened():
    with pytest.raises(Refused):
        bundle_of(new_id())


def test_the_stranger_knows_ed25519(tmp_path):
    """RFC 8032, 7.1: the reference signatures, and none that differ by a bit."""
    program = f"""
import importlib.util
spec = importlib.util.spec_from_file_location("v", {str(SCRIPT)!r})
v = importlib.util.module_from_spec(spec); spec.loader.exec_module(v)
h = bytes.fromhex
for public, message, signature in [
    ("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
     "d25bf5f0595bbe24655141438e7a100b"),
    ("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
     "387b2eaeb4302aeeb00d291612bb0c00"),
]:
    assert v.signed_by(h(public), h(message), h(signature))
    assert not v.signed_by(h(public), h(message) + b"x", h(signature))
    for place in range(0, 64, 7):
        bad = bytearray(h(signature)); bad[place] ^= 4
        assert not v.signed_by(h(public), h(message), bytes(bad))
"""
    subprocess.run([sys.executable, "-I", "-S", "-c", program], check=True)


def test_the_script_stays_one_short_file():
    text = SCRIPT.read_text("utf-8")
    assert len(text.splitlines()) <= 460
    imported = set(re.findall(r"^(?:import|from) (\w+)", text, re.MULTILINE))
    assert imported <= set(sys.stdlib_module_names)
