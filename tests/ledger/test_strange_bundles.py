"""Bundles that are none, or spelled otherwise: the stranger's script says so in a sentence."""

import importlib.util
import io
import json
import zipfile

import pytest

from bihuan.ledger.models import Event
from tests.ledger.books import book, rebuild, sign, sql
from tests.ledger.bundles import SCRIPT, bundle_of, check, key, lines_of, put, tampered

pytestmark = [pytest.mark.django_db, pytest.mark.fault]


@pytest.fixture(autouse=True)
def _own_keys(settings, tmp_path):
    settings.LEDGER_KEYS = tmp_path / "keys"


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
