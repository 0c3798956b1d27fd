"""Merkle trees of RFC 6962 (2.1), over leaves that are already hashed.

The frontier is the list of roots of the perfect subtrees that make up a tree,
largest first: all that has to be kept to go on appending.
"""

from collections.abc import Sequence
from hashlib import sha256

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(body: bytes) -> bytes:
    """Return the leaf of an entry: SHA-256(0x00 || body)."""
    return sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return an inner node: SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


def append(frontier: list[bytes], size: int, leaf: bytes) -> None:
    """Push one leaf onto the frontier of a tree of that size, in place."""
    while size & 1:
        leaf = node_hash(frontier.pop(), leaf)
        size >>= 1
    frontier.append(leaf)


def extend(frontier: list[bytes], size: int, leaves: Sequence[bytes]) -> None:
    """Push many leaves; the same as append for each, about three times as fast."""
    start, count = 0, len(leaves)
    while start < count:
        room = (size & -size) or count
        width = 1 << min(count - start, room).bit_length() - 1
        top = _perfect_root(leaves[start : start + width])
        above = size // width
        append(frontier, above, top)
        start += width
        size += width


def _perfect_root(level: Sequence[bytes]) -> bytes:
    """Return the root over 2**k leaves, level by level."""
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=True)
        level = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
    return level[0]


def frontier_root(frontier: Sequence[bytes]) -> bytes:
    """Return the tree's root from its frontier."""
    if not frontier:
        return EMPTY_ROOT
    *rest, root = frontier
    for left in reversed(rest):
        root = node_hash(left, root)
    return root


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return MTH(leaves)."""
    frontier: list[bytes] = []
    extend(frontier, 0, leaves)
    return frontier_root(frontier)


def _split(size: int) -> int:
    """Return the largest power of two smaller than size."""
    return 1 << (size - 1).bit_length() - 1


def levels_of(leaves: Sequence[bytes]) -> list[Sequence[bytes]]:
    """Return the tree level by level, leaves first: what many inclusion proofs are cut from."""
    levels = [leaves]
    while len(levels[-1]) > 1:
        below = levels[-1]
        paired = len(below) & ~1
        above = [node_hash(below[at], below[at + 1]) for at in range(0, paired, 2)]
        levels.append([*above, *below[paired:]])
    return levels


def inclusion_proof(levels: Sequence[Sequence[bytes]], index: int) -> list[bytes]:
    """Return PATH(index), lowest node first, of the tree of levels_of. index counts from 0."""
    if not 0 <= index < len(levels[0]):
        raise IndexError(index)
    path = []
    for level in levels[:-1]:
        if index ^ 1 < len(level):
            path.append(level[index ^ 1])
        index >>= 1
    return path


def _sides(place: int, last: int, steps: int) -> list[bool] | None:
    """Say for each step of a path up the tree whether it stands left of our node.

    place is where we start, last the place of the last node of that level. None
    where a path of so many steps does not end at the root.
    """
    sides = []
    for _ in range(steps):
        if last == 0:
            return None
        is_left = bool(place & 1) or place == last
        while is_left and place and not place & 1:
            place >>= 1
            last >>= 1
        sides.append(is_left)
        place >>= 1
        last >>= 1
    return sides if last == 0 else None


def root_from_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """Return the root that proof claims, or None where the proof cannot be of that shape.

    Compare the result with a signed root. RFC 9162, 2.1.3.2.
    """
    sides = _sides(index, size - 1, len(proof)) if 0 <= index < size else None
    if sides is None:
        return None
    for step, is_left in zip(proof, sides, strict=True):
        leaf = node_hash(step, leaf) if is_left else node_hash(leaf, step)
    return leaf


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> list[bytes]:
    """Return PROOF(old_size, leaves): that a tree only grew. RFC 6962, 2.1.2."""
    if not 0 < old_size <= len(leaves):
        raise IndexError(old_size)
    return _subproof(leaves, old_size, whole=True)


def _subproof(leaves: Sequence[bytes], old_size: int, *, whole: bool) -> list[bytes]:
    if old_size == len(leaves):
        return [] if whole else [root_of(leaves)]
    split = _split(len(leaves))
    if old_size <= split:
        return [*_subproof(leaves[:split], old_size, whole=whole), root_of(leaves[split:])]
    rest = _subproof(leaves[split:], old_size - split, whole=False)
    return [*rest, root_of(leaves[:split])]


def is_consistent(
    old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Say whether the tree of new_root continues the tree of old_root. RFC 9162, 2.1.4.2."""
    if not 0 < old_size <= new_size:
        return False
    if old_size == new_size:
        return not proof and old_root == new_root
    start, *steps = [old_root, *proof] if old_size & (old_size - 1) == 0 else proof or [b""]
    place, last = old_size - 1, new_size - 1
    while place & 1:
        place >>= 1
        last >>= 1
    sides = _sides(place, last, len(steps))
    if sides is None:
        return False
    old = new = start
    for step, is_left in zip(steps, sides, strict=True):
        if is_left:
            old, new = node_hash(step, old), node_hash(step, new)
        else:
            new = node_hash(new, step)
    return old == old_root and new == new_root
