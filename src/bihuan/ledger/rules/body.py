"""The body of an event: the canonical text that is hashed and kept for ever."""

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Literal, TypeAlias
from uuid import UUID

JSON: TypeAlias = (
    "str | int | bool | date | UUID | Decimal | Sequence[JSON] | Mapping[str, JSON] | None"
)
Origin = Literal["here", "import"]

VERSION = 1
NO_ZONE = UUID(int=0)
START = bytes(32)

_KIND = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+", re.ASCII)
_PLAIN = re.compile(r'[^\x00-\x1f"\\\x7f]+')
SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entry:
    """What is said of one thing; record_many adds who, when and where."""

    kind: str
    about: tuple[str, str]
    data: Mapping[str, JSON] | None = None
    files: Sequence[str] = ()


def utc_text(at: datetime) -> str:
    """Return an aware time as 2026-11-23T06:56:07.000001Z, always with microseconds."""
    if at.tzinfo is None:
        raise TypeError("a ledger event needs an aware time")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"


def plain(value: JSON, path: str = "data") -> object:
    """Return value with strings in NFC and times as UTC text; refuse what has two spellings.

    Floating-point numbers are refused: write a quantity as an integer of its
    smallest unit, or as a Decimal. Raises TypeError naming the place.
    """
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"{path}: the key {key!r} is not text")
        return {
            unicodedata.normalize("NFC", key): plain(inner, f"{path}.{key}")
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [plain(inner, f"{path}[{place}]") for place, inner in enumerate(value)]
    return _plain_scalar(value, path)


def _plain_scalar(value: object, path: str) -> str:
    if isinstance(value, datetime):
        return utc_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{path}: {type(value).__name__} cannot be written in the ledger")


def head_of(about_type: str, about_id: str, actor: str, at: str) -> str:
    """Return how a body of these columns begins."""
    return f'{{"about":["{about_type}","{about_id}"],"actor":"{actor}","at":"{at}","data":'


def tail_of(kind: str, origin: str, seq: int, zone_id: str) -> str:
    """Return how a body of these columns ends."""
    return f',"kind":"{kind}","origin":"{origin}","seq":{seq},"v":{VERSION},"zone":"{zone_id}"}}'


def canonical(
    entry: Entry, *, actor: str, at: datetime, seq: int, zone_id: UUID, origin: Origin
) -> str:
    """Return the body: JSON with sorted keys, no spaces, NFC, integers and strings only.

    Raises ValueError or TypeError where a part cannot be written.
    """
    about_type, about_id = entry.about
    for part in (about_type, about_id, actor):
        if not _PLAIN.fullmatch(part) or not unicodedata.is_normalized("NFC", part):
            raise ValueError(f"{part!r} cannot name anything in the ledger")
    if not _KIND.fullmatch(entry.kind):
        raise ValueError(f"{entry.kind!r} is no kind of event: say noun.past_verb")
    if origin not in ("here", "import"):
        raise ValueError(f"{origin!r} is no origin")
    for digest in entry.files:
        if not SHA256.fullmatch(digest):
            raise ValueError(f"{digest!r} is no SHA-256 in lower-case hex")
    told = json.dumps(
        plain(entry.data or {}), sort_keys=True, ensure_ascii=False, separators=(",", ":")
    )
    files = json.dumps(list(entry.files), separators=(",", ":"))
    head = head_of(about_type, about_id, actor, utc_text(at))
    return f'{head}{told},"files":{files}' + tail_of(entry.kind, origin, seq, str(zone_id))


def chain_hash(previous: bytes, leaf: bytes) -> bytes:
    """Return the chain value after leaf: SHA-256(previous || leaf)."""
    return sha256(previous + leaf).digest()


def sealed(value: str, salt: bytes) -> str:
    """Return what the ledger keeps of personal data: SHA-256(salt || value) in hex.

    Value and salt (16 random bytes or more) stay in the ordinary table; erasing
    both there leaves the ledger valid and the person forgotten.
    """
    if len(salt) < 16:
        raise ValueError("a salt needs 16 bytes")
    return sha256(salt + unicodedata.normalize("NFC", value).encode()).hexdigest()
