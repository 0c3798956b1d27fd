"""The bundle: a ledger, or one thing's part of it, that anyone can check without us.

docs/develop/ledger.md specifies the format; docs/develop/verify_bundle.py checks it.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import IO, Any, BinaryIO
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from django.utils.translation import gettext as _

from bihuan.core.actors import Actor
from bihuan.core.refusals import Refused
from bihuan.ledger.actions import LedgerDamaged, checkpoint
from bihuan.ledger.models import Checkpoint, Event
from bihuan.ledger.queries import public_keys, stored_rows, told_in
from bihuan.ledger.rules import notes, rfc6962
from bihuan.ledger.rules.body import utc_text

FORMAT = "bihuan-ledger-bundle"
VERSION = 1
README = """\
闭环台账数据包 / Bihuan ledger bundle
====================================

本数据包不依赖生成它的系统即可核验。规格见 docs/develop/ledger.md，参考程序为
docs/develop/verify_bundle.py（只用 Python 标准库）：

    python3 verify_bundle.py 数据包.zip --key 公钥 --held 以往保存的存证点.note

公钥请另行向出具单位核实，不要只相信包内的 keys.txt。

This bundle can be checked without the system that made it. The format is specified in
docs/develop/ledger.md; docs/develop/verify_bundle.py is a checker of one file that needs
nothing but Python. Ask the issuer for the public key by another way: the keys.txt in here
is only as trustworthy as the bundle itself.

manifest.json   what this is: zone, scope, size, time
events.jsonl    the events, one a line, exactly as they were hashed
hashes.txt      number, leaf and chain of each event (whole ledgers only)
proofs.json     inclusion and consistency proofs (parts of a ledger only)
checkpoints/    signed notes: size and root of the ledger at a time
keys.txt        public keys the notes are signed with
files/          evidence, named by its SHA-256, where it was added
"""

Evidence = Callable[[str], BinaryIO | None]


def write_bundle(
    target: IO[bytes],
    *,
    zone_id: UUID,
    by: Actor,
    at: datetime,
    about: tuple[str, str] | None = None,
    held: Sequence[str] = (),
    evidence: Evidence | None = None,
) -> int:
    """Write a zone's ledger as a zip, or the events about one thing with their proofs.

    A checkpoint is signed first, and the bundle ends with it; its size is returned.
    held are older notes of the receiver's; a part of the ledger then also proves that
    the ledger only grew since. evidence opens the file of a SHA-256, where it is to
    go along. Raises Refused where there is nothing to export.
    """
    signed = checkpoint(zone_id=zone_id, by=by, at=at)
    if signed is None:
        raise Refused(_("Nothing has been recorded in this ledger yet."))
    scope: dict[str, Any] = {"scope": "zone"}
    if about:
        scope = {"scope": "object", "about": list(about)}
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "zone": str(zone_id),
        **scope,
        "size": signed.size,
        "made_at": utc_text(at),
    }
    with ZipFile(target, "w", ZIP_DEFLATED) as bundle:
        bundle.writestr("README.txt", README)
        bundle.writestr("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1))
        bundle.writestr("keys.txt", "".join(f"{notes.verifier_key(key)}\n" for key in _keys()))
        if about:
            digests = _write_part(bundle, signed, about, held)
        else:
            digests = _write_whole(bundle, signed)
        _write_evidence(bundle, digests, evidence)
    return signed.size


def _keys() -> list[bytes]:
    return list(public_keys().values())


def _write_whole(bundle: ZipFile, signed: Checkpoint) -> set[str]:
    """Write every event up to the checkpoint, and every checkpoint; return the evidence."""
    digests: set[str] = set()
    with bundle.open("events.jsonl", "w", force_zip64=True) as events:
        for rows in stored_rows(signed.zone_id, until=signed.size):
            for row in rows:
                body = bytes(row[7])
                events.write(body + b"\n")
                if b'"files":[],' not in body:
                    digests |= {*told_in(body)[1]}
    with bundle.open("hashes.txt", "w", force_zip64=True) as hashes:
        for rows in stored_rows(signed.zone_id, until=signed.size):
            text = (f"{row[0]} {bytes(row[8]).hex()} {bytes(row[9]).hex()}\n" for row in rows)
            hashes.write("".join(text).encode())
    kept = Checkpoint.objects.filter(zone_id=signed.zone_id, size__lte=signed.size)
    for size, note in kept.order_by("size").values_list("size", "note"):
        bundle.writestr(f"checkpoints/{size:012}.note", note)
    return digests


def _write_part(
    bundle: ZipFile, signed: Checkpoint, about: tuple[str, str], held: Sequence[str]
) -> set[str]:
    """Write the events about one thing with their proofs; return the evidence."""
    leaves = list(_leaves(signed))
    if len(leaves) != signed.size:
        raise LedgerDamaged
    levels = rfc6962.levels_of(leaves)
    found = Event.objects.filter(
        zone_id=signed.zone_id, about_type=about[0], about_id=about[1], seq__lte=signed.size
    ).order_by("seq")
    proofs, lines = {}, []
    for seq, body in found.values_list("seq", "body"):
        lines.append(body)
        proofs[seq] = [step.hex() for step in rfc6962.inclusion_proof(levels, seq - 1)]
    sizes = {notes.opened(note, public_keys()).size for note in held}
    consistency = {
        size: [step.hex() for step in rfc6962.consistency_proof(leaves, size)]
        for size in sorted(sizes)
        if 0 < size <= signed.size
    }
    bundle.writestr("events.jsonl", "".join(f"{line}\n" for line in lines))
    bundle.writestr("proofs.json", json.dumps({"inclusion": proofs, "consistency": consistency}))
    bundle.writestr(f"checkpoints/{signed.size:012}.note", signed.note)
    return {digest for line in lines for digest in told_in(line)[1]}


def _leaves(signed: Checkpoint) -> Iterator[bytes]:
    rows = Event.objects.filter(zone_id=signed.zone_id, seq__lte=signed.size).order_by("seq")
    return (bytes(leaf) for leaf in rows.values_list("leaf", flat=True).iterator())


def _write_evidence(bundle: ZipFile, digests: set[str], evidence: Evidence | None) -> None:
    if evidence is None:
        return
    for digest in sorted(digests):
        source = evidence(digest)
        if source is None:
            continue
        with source, bundle.open(f"files/{digest}", "w", force_zip64=True) as copy:
            while piece := source.read(1 << 20):
                copy.write(piece)
