"""A stranger with bare Python checks what we hand out, and finds what was tampered with."""

import hashlib
import importlib.util
import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest

from bihuan.core.ids import new_id
from bihuan.core.refusals import Refused
from bihuan.ledger.actions import record
from bihuan.ledger.exporters import write_bundle
from bihuan.ledger.models import Checkpoint, Event
from bihuan.ledger.queries import public_keys
from bihuan.ledger.rules import notes
from tests.ledger.books import AT, DIGEST, ROBOT, book, fill, rebuild, sign, sql

pytestmark = [pytest.mark.django_db, pytest.mark.fault]
SCRIPT = Path(__file__).parents[2] / "docs" / "develop" / "verify_bundle.py"
Change = Callable[[dict[str, bytes]], None]


@pytest.fixture(autouse=True)
def _own_keys(settings, tmp_path):
    settings.LEDGER_KEYS = tmp_path / "keys"


def bundle_of(zone: UUID, **more) -> bytes:
    target = io.BytesIO()
    write_bundle(target, zone_id=zone, by=ROBOT, at=AT, **more)
    return target.getvalue()


def check(tmp_path: Path, bundle: bytes, *options: str) -> tuple[int, str]:
    """Run the stranger's script: no site packages, no environment, no way to our code."""
    path = tmp_path / "bundle.zip"
    path.write_bytes(bundle)
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(SCRIPT), str(path), *options],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout


def key() -> tuple[str, str]:
    return "--key", notes.verifier_key(next(iter(public_keys().values())))


def tampered(bundle: bytes, change: Change) -> bytes:
    with zipfile.ZipFile(io.BytesIO(bundle)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    change(parts)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return target.getvalue()


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


def lines_of(parts: dict[str, bytes]) -> list[bytes]:
    return parts["events.jsonl"].splitlines()


def put(parts: dict[str, bytes], lines: list[bytes]) -> None:
    parts["events.jsonl"] = b"".join(line + b"\n" for line in lines)


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


def rewritten_line(parts, change):
    """Change the first event's text, and make leaf, chain and head fit as a forger would."""
    lines = lines_of(parts)
    lines[0] = change(lines[0])
    put(parts, lines)


SPELLINGS = {
    "a doubled key": lambda line: line.replace(b'"v":1', b'"v":1,"v":1'),
    "another order": lambda line: json.dumps(
        dict(reversed(json.loads(line).items())), ensure_ascii=False, separators=(",", ":")
    ).encode(),
    "spaces": lambda line: line.replace(b",", b", "),
    "escapes": lambda line: json.dumps(
        json.loads(line), ensure_ascii=True, separators=(",", ":")
    ).encode(),
    "letters composed of two": lambda line: line.replace("二号".encode(), "e\u0301".encode()),
    "not a number": lambda line: line.replace(b'"number":1', b'"number":NaN'),
    "a fraction": lambda line: line.replace(b'"number":1', b'"number":1.0'),
    "a number of text": lambda line: line.replace(b'"seq":1', b'"seq":"1"'),
    "a number true": lambda line: line.replace(b'"seq":1', b'"seq":true'),
    "a huge number": lambda line: line.replace(b'"seq":1', b'"seq":1' + b"0" * 5000),
    "one key more": lambda line: line.replace(b'"v":1', b'"v":1,"w":1'),
    "one key less": lambda line: line.replace(b'"files":[],', b""),
    "nested without end": lambda line: line.replace(
        b'"number":1', b'"number":' + b"[" * 9000 + b"]" * 9000
    ),
    "bytes that are no text": lambda line: line.replace("二号".encode(), b"\xff\xfe"),
    "evidence elsewhere": lambda line: line.replace(b'"files":[]', b'"files":["../../etc/passwd"]'),
    "nothing": lambda line: b"",
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_an_event_in_another_spelling_is_refused(tmp_path, spelling):
    """Two readers of one text must not read two things: there is one way to write an event."""
    zone = book()
    line = sql_body(zone)
    other = SPELLINGS[spelling](line)
    assert other != line
    assert spelled(line)
    assert not spelled(other)
    bundle = tampered(bundle_of(zone), lambda parts: rewritten_line(parts, SPELLINGS[spelling]))
    code, said = check(tmp_path, bundle, *key())
    assert (code, "altered" in said) == (1, True), said


def sql_body(zone) -> bytes:
    return Event.objects.get(zone_id=zone, seq=1).body.encode()


def spelled(line: bytes) -> bool:
    """Ask the stranger's script whether a line is an event in its one spelling."""
    spec = importlib.util.spec_from_file_location("stranger", SCRIPT)
    stranger = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(stranger)
    try:
        stranger.read_event(line)
    except (ValueError, KeyError, TypeError):
        return False
    return True


def without(name):
    return lambda parts: parts.pop(name)


def with_part(name, content):
    return lambda parts: parts.update({name: content})


def manifest(**change):
    def put_it(parts):
        said = {**json.loads(parts["manifest.json"]), **change}
        parts["manifest.json"] = json.dumps(said).encode()

    return put_it


UNFIT = {
    "no events": (without("events.jsonl"), "events.jsonl is not in the bundle"),
    "no hashes": (without("hashes.txt"), "hashes.txt is not in the bundle"),
    "no manifest": (without("manifest.json"), "manifest.json is not in the bundle"),
    "no checkpoint of its size": (
        without("checkpoints/000000000040.note"), "no checkpoint of the bundle's size",
    ),
    "a manifest that is no JSON": (with_part("manifest.json", b"{"), "manifest.json is damaged"),
    "another format": (manifest(format="other"), "manifest.json is damaged"),
    "another version": (manifest(version=2), "manifest.json is damaged"),
    "no size": (manifest(size=0), "manifest.json is damaged"),
    "a size of text": (manifest(size="40"), "manifest.json is damaged"),
    "another scope": (manifest(scope="all"), "manifest.json is damaged"),
    "a manifest without end": (with_part("manifest.json", b" " * (1 << 24) + b" "), "too large"),
    "a note that is none": (with_part("checkpoints/7.note", b"\xff\n\n\n"), "signature"),
    "a note with a broken signature": (
        with_part("checkpoints/7.note", "a\n\n\u2014 bihuan-0 !!!\n".encode()), "signature",
    ),
    "hashes that are none": (with_part("hashes.txt", b"1 zz zz\n2\n"), "altered"),
    "a part that climbs out": (with_part("../../evil.sh", b"x"), "strange part"),
    "a part with a drive": (with_part("C:/evil", b"x"), "strange part"),
    "evidence that climbs out": (with_part("files/../../evil", b"x"), "strange part"),
    "a second list of events": (with_part("events2.jsonl", b"x"), "strange part"),
}  # fmt: skip


@pytest.mark.parametrize("what", UNFIT)
def test_a_bundle_that_is_none_is_refused_in_a_sentence(tmp_path, what):
    change, sentence = UNFIT[what]
    code, said = check(tmp_path, tampered(bundle_of(book()), change), *key())
    assert (code, sentence in said, "DAMAGED" in said) == (1, True, True), said


def test_no_zip_and_half_a_zip(tmp_path):
    bundle = bundle_of(book())
    broken = bytearray(bundle)
    broken[len(broken) // 2] ^= 255
    for content in (b"", b"PK", bundle[:-40], bundle[: len(bundle) // 2], bytes(broken)):
        code, said = check(tmp_path, content, *key())
        assert (code, "DAMAGED" in said) == (1, True), said


def test_a_key_or_a_note_that_is_none(tmp_path):
    bundle = bundle_of(book())
    for text in ("x", "a+b+c", "bihuan-1+00000000+AQ==", "+++"):
        code, said = check(tmp_path, bundle, "--key", text)
        assert (code, "not a verifier key" in said) == (1, True), said
    code, said = check(tmp_path, bundle, *key(), "--held", str(tmp_path / "nowhere"))
    assert (code, "cannot be read" in said) == (1, True)


def test_a_part_that_stands_twice(tmp_path):
    """Which of the two is read depends on the reader, so neither is."""
    bundle = io.BytesIO(bundle_of(book()))
    with (
        zipfile.ZipFile(bundle, "a") as more,
        pytest.warns(UserWarning, match="Duplicate name"),
    ):
        more.writestr("events.jsonl", more.read("events.jsonl"))
    code, said = check(tmp_path, bundle.getvalue(), *key())
    assert (code, "twice ('events.jsonl')" in said) == (1, True), said


def test_an_event_shown_twice_in_a_part_is_no_two_events(tmp_path):
    bundle = bundle_of(book(100), about=("case", "3"))

    def double(parts):
        lines = lines_of(parts)
        put(parts, [lines[0], *lines])
        proofs = json.loads(parts["proofs.json"])
        proofs["inclusion"]["101"] = []
        parts["proofs.json"] = json.dumps(proofs).encode()

    code, said = check(tmp_path, tampered(bundle, double), *key())
    assert (code, "moved" in said, "101 missing" in said) == (1, True, True), said


@pytest.mark.parametrize("proofs", [b"", b"[]", b'{"inclusion":{"3":"zz"}}', b'{"inclusion":{}}'])
def test_proofs_that_are_none(tmp_path, proofs):
    bundle = bundle_of(book(100), about=("case", "3"))
    code, said = check(tmp_path, tampered(bundle, with_part("proofs.json", proofs)), *key())
    assert (code, "proofs.json is damaged" in said) == (1, True), said


def test_a_part_of_a_ledger_rewritten_at_the_size_that_is_held_outside(tmp_path):
    """The same number of events, signed twice with two pasts: the note held outside says so."""
    zone = book(100)
    held = tmp_path / "old.note"
    held.write_text(sign(zone), "utf-8")
    sql("UPDATE ledger_event SET body = replace(body, '二号', '三号') WHERE zone_id = %s", zone)
    rebuild(zone)
    sql("DELETE FROM ledger_checkpoint WHERE zone_id = %s", zone)
    bundle = bundle_of(zone, about=("case", "3"))
    assert check(tmp_path, bundle, *key())[0] == 0
    code, said = check(tmp_path, bundle, *key(), "--held", str(held))
    assert code == 1
    assert f"{zone} 1-100 rewritten" in said or "altered" in said


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
