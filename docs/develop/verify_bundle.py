#!/usr/bin/env python3
"""Check a Bihuan ledger bundle. One file, no library but Python's own (3.10 or later).

    python3 verify_bundle.py BUNDLE.zip [--key KEY]... [--held NOTE-FILE]...

--key is a public key of the issuer's, got by another way than the bundle; --held a
checkpoint kept from before. Prints each damage as "zone number kind" and exits with 1.
The format is specified in ledger.md beside this file.
"""

import argparse
import base64
import hashlib
import json
import sys
import zipfile
from pathlib import Path

# ---- Ed25519 (RFC 8032, 5.1.7), verification only
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)
BY = 4 * pow(5, P - 2, P) % P


def point(raw):
    """Return the curve point of 32 bytes in extended coordinates; None where it is none."""
    number = int.from_bytes(raw, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def add(a, b):
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    g, h, i, j = f - e, d - c, d + c, f + e
    return g * h % P, i * j % P, h * i % P, g * j % P


def times(number, a):
    total = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = add(total, a)
        a, number = add(a, a), number >> 1
    return total


def signed_by(public, message, signature):
    a, r, s = point(public), point(signature[:32]), int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or r is None or s >= ORDER:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little")
    base = point((BY).to_bytes(32, "little"))
    left, right = times(s, base), add(r, times(k % ORDER, a))
    return not (
        (left[0] * right[2] - right[0] * left[2]) % P
        or (left[1] * right[2] - right[1] * left[2]) % P
    )


# ---- Merkle trees (RFC 6962, RFC 9162)
def sha(data):
    return hashlib.sha256(data).digest()


def node(left, right):
    return sha(b"\x01" + left + right)


def root_of(frontier):
    root = frontier[-1]
    for left in frontier[-2::-1]:
        root = node(left, root)
    return root


def sides(place, last, steps):
    """Say for each step of a path whether it stands on the left; None if it misses the root."""
    found = []
    for _ in range(steps):
        if last == 0:
            return None
        left = bool(place & 1) or place == last
        while left and place and not place & 1:
            place, last = place >> 1, last >> 1
        found.append(left)
        place, last = place >> 1, last >> 1
    return found if last == 0 else None


def root_from_inclusion(leaf, index, size, path):
    way = sides(index, size - 1, len(path)) if 0 <= index < size else None
    for step, left in zip(path, way or [], strict=False):
        leaf = node(step, leaf) if left else node(leaf, step)
    return None if way is None else leaf


def is_consistent(old_size, size, old_root, root, path):
    if old_size == size:
        return old_root == root and not path
    if not 0 < old_size < size:
        return False
    steps = list(path) if old_size & (old_size - 1) else [old_root, *path]
    place, last = old_size - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    way = sides(place, last, len(steps) - 1) if steps else None
    if way is None:
        return False
    old = new = steps[0]
    for step, left in zip(steps[1:], way, strict=True):
        old, new = (node(step, old), node(step, new)) if left else (old, node(new, step))
    return old == old_root and new == root


# ---- signed notes
def read_key(text):
    name, identity, packed = text.strip().split("+", 2)
    raw = base64.b64decode(packed)
    if sha(f"{name}\n".encode() + raw)[:4].hex() != identity or raw[:1] != b"\x01":
        raise SystemExit(f"not a verifier key: {text.strip()}")
    return name, raw[1:]


def read_note(note, keys):
    """Return (zone, size, root, chain) of a note that one of keys signed, else None."""
    text, _, signatures = note.rpartition("\n\n")
    text += "\n"
    for line in signatures.splitlines():
        name, packed = [*line.split(" "), "", ""][1:3]
        if name in keys:
            raw = base64.b64decode(packed)
            identity = sha(f"{name}\n".encode() + b"\x01" + keys[name])[:4]
            if raw[:4] == identity and signed_by(keys[name], text.encode(), raw[4:]):
                origin, size, root, chain = text.split("\n")[:4]
                return (
                    origin.split("/")[-1],
                    int(size),
                    *map(base64.b64decode, (root, chain.split(" ")[1])),
                )
    return None


# ---- the bundle
class Check:
    def __init__(self, bundle, keys, held):
        self.bundle, self.damages, self.digests = bundle, [], set()
        self.manifest = json.loads(bundle.read("manifest.json"))
        self.zone, self.size = self.manifest["zone"], self.manifest["size"]
        notes = sorted(n for n in bundle.namelist() if n.startswith("checkpoints/"))
        self.marks = []
        for name, note in [(n, bundle.read(n).decode()) for n in notes] + held:
            said = read_note(note, keys)
            if said is None:
                self.damage("?", f"signature ({name})")
            elif said[0] != self.zone:
                self.damage(said[1], f"foreign ({name})")
            else:
                self.marks.append(said[1:])
        self.marks.sort()
        if self.size not in [size for size, _root, _chain in self.marks]:
            self.damage(self.size, "signature (no checkpoint of the bundle's size)")

    def damage(self, seq, kind):
        self.damages.append(f"{self.zone} {seq} {kind}")

    def lines(self):
        with self.bundle.open("events.jsonl") as file:
            for line in file:
                yield line[:-1] if line.endswith(b"\n") else line

    def place_of(self, line, expected):
        """Return the number a line gives itself; name what is wrong with the line."""
        try:
            said = json.loads(line)
            zone, seq = said["zone"], int(said["seq"])
            self.digests.update(said["files"])
        except (ValueError, KeyError, TypeError):
            self.damage(expected, "altered")
            return None, None
        if zone != self.zone:
            self.damage(expected, "foreign")
        return seq, said

    def whole(self):
        """Walk all events: place, text, leaf, chain, and the tree at each checkpoint."""
        told = [line.split(" ")[1:] for line in self.bundle.read("hashes.txt").decode().split("\n")]
        chain, frontier, expected, self.good = bytes(32), [], 1, 0
        waiting, count = list(self.marks), 0
        for line in self.lines():
            count += 1
            seq, said = self.place_of(line, expected)
            seq = seq if said else expected
            if expected < seq < len(told):
                self.damage(f"{expected}-{seq - 1}", "missing")
                expected, waiting = seq, []
                chain = bytes.fromhex(told[seq - 2][1])
            elif seq != expected:
                self.damage(seq, "moved")
                continue
            chain = self.link(expected, sha(b"\x00" + line), chain, told)
            self.grow(frontier, expected, sha(b"\x00" + line), waiting)
            expected += 1
        last = max([self.size] + [size for size, _root, _chain in self.marks])
        if expected - 1 < last:
            self.damage(f"{expected}-{last}", "truncated")
        return count

    def link(self, seq, leaf, chain, told):
        """Compare leaf and chain with hashes.txt; return the chain to go on with."""
        mine = sha(chain + leaf)
        if seq > len(told) or len(told[seq - 1]) != 2:
            self.damage(seq, "missing (in hashes.txt)")
        elif told[seq - 1] != [leaf.hex(), mine.hex()]:
            self.damage(seq, "altered" if told[seq - 1][0] != leaf.hex() else "chain")
            return bytes.fromhex(told[seq - 1][1])
        return mine

    def grow(self, frontier, size, leaf, waiting):
        """Push a leaf on the tree and compare the root where one was signed."""
        if not waiting:
            return
        below = size - 1
        while below & 1:
            leaf, below = node(frontier.pop(), leaf), below >> 1
        frontier.append(leaf)
        while waiting and waiting[0][0] == size:
            if waiting.pop(0)[1] == root_of(frontier):
                self.good = size
            else:
                self.damage(f"{self.good + 1}-{size}", "rewritten")

    def part(self):
        proofs = json.loads(self.bundle.read("proofs.json"))
        roots = {size: root for size, root, _chain in self.marks}
        root, count = roots.get(self.size), 0
        for line in self.lines():
            count += 1
            seq, said = self.place_of(line, "?")
            if said is None:
                continue
            path = [bytes.fromhex(step) for step in proofs["inclusion"].get(str(seq), [])]
            leaf = sha(b"\x00" + line)
            if root is None or root_from_inclusion(leaf, seq - 1, self.size, path) != root:
                self.damage(seq, "altered")
            elif said["about"] != self.manifest["about"]:
                self.damage(seq, "foreign")
        self.growth(proofs["consistency"], root)
        if count != len(proofs["inclusion"]):
            self.damage("?", "missing")
        return count

    def growth(self, proofs, root):
        """Check that the ledger of every other checkpoint only grew to this one."""
        for size, old, _chain in self.marks:
            path = [bytes.fromhex(step) for step in proofs.get(str(size), [])]
            if size == self.size:
                continue
            if str(size) not in proofs:
                self.damage(size, "rewritten? (no proof of consistency; ask for one)")
            elif not is_consistent(size, self.size, old, root, path):
                self.damage(f"1-{size}", "rewritten")

    def evidence(self):
        names = [n for n in self.bundle.namelist() if n.startswith("files/")]
        for name in names:
            digest = hashlib.sha256()
            with self.bundle.open(name) as file:
                for piece in iter(lambda: file.read(1 << 20), b""):
                    digest.update(piece)
            if digest.hexdigest() != name[6:] or name[6:] not in self.digests:
                self.damage("?", f"evidence ({name})")
        return len(names)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle")
    parser.add_argument("--key", action="append", default=[])
    parser.add_argument("--held", action="append", default=[])
    given = parser.parse_args()
    out = sys.stdout.write
    with zipfile.ZipFile(given.bundle) as bundle:
        texts = given.key or bundle.read("keys.txt").decode().split()
        if not given.key:
            out(f"warning: no --key given, believing the bundle's own: {' '.join(texts)}\n")
        held = [(name, Path(name).read_text("utf-8")) for name in given.held]
        check = Check(bundle, dict(read_key(text) for text in texts), held)
        scope = check.manifest["scope"]
        count = check.whole() if scope == "zone" else check.part()
        files = check.evidence()
    for damage in check.damages:
        out(damage + "\n")
    out(
        f"{'DAMAGED' if check.damages else 'WHOLE'}: zone {check.zone}, {scope}, {count} events, "
        f"size {check.size}, {len(check.marks)} checkpoints, {files} files\n"
    )
    return 1 if check.damages else 0


if __name__ == "__main__":
    sys.exit(main())
