"""Names for records: time-ordered, made anywhere, never reused."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

import uuid_utils.compat

_source: ContextVar[Callable[[], UUID] | None] = ContextVar("_source", default=None)


def new_id() -> UUID:
    """Return a fresh UUIDv7 (RFC 9562, 5.7)."""
    source = _source.get()
    return source() if source else uuid_utils.compat.uuid7()


def id_in(text: str | None) -> UUID | None:
    """Return the id that an address or a form field carries; None for anything else."""
    try:
        return UUID(text or "")
    except ValueError:
        return None


@contextmanager
def seeded_ids(seed: int, *, start_ms: int) -> Iterator[None]:
    """Make new_id() repeatable inside the block: same seed, same ids.

    start_ms is the Unix time in milliseconds carried by the first id; each id
    after it is one millisecond younger, so that order of making is kept.
    """
    chance = random.Random(seed)  # noqa: S311  repeatable, not secret
    clock = iter(range(start_ms, 1 << 48))

    def source() -> UUID:
        value = next(clock) << 80 | 0x7 << 76 | chance.getrandbits(12) << 64
        return UUID(int=value | 0b10 << 62 | chance.getrandbits(62))

    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)
