"""Checking a zone's ledger from its first event to its last."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bihuan.ledger.rules import rfc6962
from bihuan.ledger.rules.body import START, VERSION, head_of, tail_of

# An event as stored: seq; the time as "2026-11-23 06:56:07.000000" in UTC; kind; type and id
# of what it is about; actor; origin; the body in UTF-8; leaf; chain.
Row = tuple[int, str, str, str, str, str, str, bytes, bytes, bytes]
Mark = tuple[int, bytes]  # a size and the root that was signed for it

MOST_DAMAGES = 100


class Damage(StrEnum):
    """What can be wrong with a ledger."""

    MISSING = "missing"
    TRUNCATED = "truncated"
    MOVED = "moved"
    FOREIGN = "foreign"
    ALTERED = "altered"
    COLUMNS = "columns"
    CHAIN = "chain"
    HEAD = "head"
    REWRITTEN = "rewritten"
    SIGNATURE = "signature"
    ROWS = "rows"


DAMAGE_NAMES: Mapping[Damage, str | Promise] = {
    Damage.MISSING: _("events are missing"),
    Damage.TRUNCATED: _("the end was cut off"),
    Damage.MOVED: _("an event stands at another's place"),
    Damage.FOREIGN: _("an event comes from another ledger"),
    Damage.ALTERED: _("the text of an event was changed"),
    Damage.COLUMNS: _("what is shown of an event differs from its text"),
    Damage.CHAIN: _("the chain is broken"),
    Damage.HEAD: _("the head does not fit the events"),
    Damage.REWRITTEN: _("the past differs from a signed checkpoint"),
    Damage.SIGNATURE: _("a checkpoint is not signed by a known key"),
    Damage.ROWS: _("a record differs from what was recorded of it"),
}


@dataclass(frozen=True)
class Finding:
    """One damage: where it is and what it is. last is the end of a range.

    seq is 0 where no event is to blame; about then names the record.
    """

    zone_id: UUID
    seq: int
    damage: Damage
    last: int
    about: str = ""

    @property
    def sentence(self) -> str | Promise:
        return DAMAGE_NAMES[self.damage]

    def __str__(self) -> str:
        where = f"{self.seq}" if self.last == self.seq else f"{self.seq}-{self.last}"
        return f"{self.zone_id} {where} {self.damage} {self.about}".rstrip()


@dataclass
class Examination:
    """A walk along one zone's ledger; feed it rows in order of seq, then finish it.

    marks are the sizes and roots of signed checkpoints, ascending by size.
    """

    zone_id: UUID
    marks: Sequence[Mark] = ()
    findings: list[Finding] = field(default_factory=list)
    size: int = 0
    confirmed: int = 0  # the largest size that a signed root agreed with
    frontier: list[bytes] = field(default_factory=list)
    chain: bytes = START
    _whole: bool = True  # no gap so far, so that the tree can still be compared
    _marked: int = 0  # how many marks are behind us

    def feed(self, rows: Iterable[Row]) -> None:
        """Check further rows: place, text, columns, leaf, chain."""
        zone = f'"v":{VERSION},"zone":"{self.zone_id}"}}'
        expected, previous, leaves = self.size + 1, self.chain, []
        hashed = sha256
        for seq, at, kind, about, about_id, actor, origin, body, leaf, chain in rows:
            made = hashed(b"\x00" + body).digest()
            following = hashed(previous + made).digest()
            if not (
                chain == following
                and leaf == made
                and seq == expected
                and body.startswith(
                    f'{{"about":["{about}","{about_id}"],"actor":"{actor}",'
                    f'"at":"{at[:10]}T{at[11:]}Z","data":'.encode()
                )
                and body.endswith(
                    f',"kind":"{kind}","origin":"{origin}","seq":{seq},{zone}'.encode()
                )
            ):
                row = (seq, at, kind, about, about_id, actor, origin, body, leaf, chain)
                self._diagnose(row, expected=expected, made=made, following=following)
                made, following = _told(leaf, made), _told(chain, following)
            previous = following
            expected = seq + 1
            leaves.append(made)
        self._grow(leaves)
        self.size, self.chain = expected - 1, previous

    def _found(self, damage: Damage, seq: int, last: int | None = None) -> None:
        if len(self.findings) < MOST_DAMAGES:
            self.findings.append(Finding(self.zone_id, seq, damage, last or seq))

    def _diagnose(self, row: Row, *, expected: int, made: bytes, following: bytes) -> None:
        """Name what is wrong with a row that did not pass."""
        seq, leaf, chain = row[0], _told(row[8], b""), _told(row[9], b"")
        gap = seq != expected
        if seq > expected:
            self._found(Damage.MISSING, expected, seq - 1)
            self._whole = False
        damage = self._of_body(row)
        if damage is None and leaf != made:
            damage = Damage.ALTERED
        if damage is None and not _agree(row, self.zone_id):
            damage = Damage.COLUMNS
        if damage is None and not gap and chain != following:
            damage = Damage.CHAIN
        if damage:
            self._found(damage, seq)

    def _of_body(self, row: Row) -> Damage | None:
        try:
            said = json.loads(row[7])
            zone, seq = said["zone"], said["seq"]
        except (ValueError, KeyError, TypeError):
            return Damage.ALTERED
        if zone != str(self.zone_id):
            return Damage.FOREIGN
        return Damage.MOVED if seq != row[0] else None

    def _grow(self, leaves: list[bytes]) -> None:
        """Extend the tree, stopping at each signed size to compare roots."""
        done, size = 0, self.size
        while self._whole and self._marked < len(self.marks):
            at, root = self.marks[self._marked]
            if at > size + len(leaves) - done:
                break
            step = at - size
            rfc6962.extend(self.frontier, size, leaves[done : done + step])
            done, size = done + step, at
            self._marked += 1
            if rfc6962.frontier_root(self.frontier) == root:
                self.confirmed = at
            else:
                self._found(Damage.REWRITTEN, min(self.confirmed + 1, at), at)
        rfc6962.extend(self.frontier, size, leaves[done:])

    def finish(self, *, size: int, frontier: bytes, chain: bytes) -> None:
        """Compare the end with the head, and with checkpoints beyond the end."""
        longest = max([size, *(at for at, _root in self.marks)])
        if self.size < longest:
            self._found(Damage.TRUNCATED, self.size + 1, longest)
        agrees = size == self.size and chain == self.chain
        if agrees and self._whole:
            agrees = b"".join(self.frontier) == frontier
        if not agrees:
            self._found(Damage.HEAD, size)


def _told(stored: object, computed: bytes) -> bytes:
    """Return the stored hash to go on with, so that one damage is named once."""
    return stored if isinstance(stored, bytes) and len(stored) == 32 else computed


def _agree(row: Row, zone_id: UUID) -> bool:
    seq, at, kind, about, about_id, actor, origin, body, _leaf, _chain = row
    head = head_of(about, about_id, actor, f"{at[:10]}T{at[11:]}Z")
    tail = tail_of(kind, origin, seq, str(zone_id))
    return body.startswith(head.encode()) and body.endswith(tail.encode())
