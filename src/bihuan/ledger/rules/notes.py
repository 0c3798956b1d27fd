"""Signed checkpoints, in the signed-note form that transparency logs use.

    bihuan/ledger/<zone>
    <size>
    <root, base64>
    chain <base64>
    time <UTC>
    algorithm sha256 ed25519

    — <key name> <base64(key id || signature)>

C2SP signed-note and tlog-checkpoint: any verifier of such notes can read these.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bihuan.ledger.rules.body import utc_text

ORIGIN = "bihuan/ledger/"
ALGORITHM = "sha256 ed25519"
ED25519 = b"\x01"


class BadNote(ValueError):
    """A note that is damaged, or that no known key signed."""


@dataclass(frozen=True)
class Statement:
    """What a checkpoint says: this zone's ledger, at this size, had this root."""

    zone_id: UUID
    size: int
    root: bytes
    chain: bytes
    at: datetime


def _b64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def name_of(public: bytes) -> str:
    """Return the name of a key, which is made from it."""
    return f"bihuan-{sha256(public).hexdigest()[:8]}"


def key_id(name: str, public: bytes) -> bytes:
    """Return the four bytes that go before a signature."""
    return sha256(f"{name}\n".encode() + ED25519 + public).digest()[:4]


def verifier_key(public: bytes) -> str:
    """Return the public key as name+id+base64, to be given to whoever checks."""
    name = name_of(public)
    return f"{name}+{key_id(name, public).hex()}+{_b64(ED25519 + public)}"


def read_verifier_key(text: str) -> tuple[str, bytes]:
    """Return (name, public key) of name+id+base64. Raises BadNote."""
    try:
        name, identity, packed = text.strip().split("+", 2)
        kind, public = base64.b64decode(packed, validate=True)[:1], base64.b64decode(packed)[1:]
    except (ValueError, binascii.Error) as error:
        raise BadNote("this is no verifier key") from error
    if kind != ED25519 or len(public) != 32 or key_id(name, public).hex() != identity:
        raise BadNote("this is no verifier key")
    return name, public


def written(statement: Statement) -> str:
    """Return the text that is signed."""
    return (
        f"{ORIGIN}{statement.zone_id}\n{statement.size}\n{_b64(statement.root)}\n"
        f"chain {_b64(statement.chain)}\ntime {utc_text(statement.at)}\nalgorithm {ALGORITHM}\n"
    )


def signed(statement: Statement, key: Ed25519PrivateKey) -> str:
    """Return the note: the text, an empty line, the signature."""
    public = key.public_key().public_bytes_raw()
    name, text = name_of(public), written(statement)
    packed = key_id(name, public) + key.sign(text.encode())
    return f"{text}\n— {name} {_b64(packed)}\n"


def opened(note: str, keys: Mapping[str, bytes]) -> Statement:
    """Return what a note says, once a known key has vouched for it.

    keys maps names to public keys. Raises BadNote.
    """
    text, gap, signatures = note.rpartition("\n\n")
    if not gap or not _vouched(f"{text}\n", signatures, keys):
        raise BadNote("no known key signed this checkpoint")
    return _parsed(text)


def _vouched(text: str, signatures: str, keys: Mapping[str, bytes]) -> bool:
    for line in signatures.splitlines():
        dash, _, rest = line.partition(" ")
        name, _, packed = rest.partition(" ")
        if dash != "—" or name not in keys:
            continue
        try:
            raw = base64.b64decode(packed, validate=True)
            if raw[:4] != key_id(name, keys[name]):
                continue
            Ed25519PublicKey.from_public_bytes(keys[name]).verify(raw[4:], text.encode())
        except (InvalidSignature, binascii.Error):
            continue
        return True
    return False


def _parsed(text: str) -> Statement:
    try:
        origin, size, root, *more = text.split("\n")
        said = dict(line.split(" ", 1) for line in more)
        if not origin.startswith(ORIGIN) or said["algorithm"] != ALGORITHM:
            raise ValueError(origin)
        at = datetime.strptime(said["time"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
        return Statement(
            UUID(origin.removeprefix(ORIGIN)),
            int(size),
            base64.b64decode(root, validate=True),
            base64.b64decode(said["chain"], validate=True),
            at,
        )
    except (KeyError, ValueError) as error:
        raise BadNote("this is no checkpoint of a ledger") from error
