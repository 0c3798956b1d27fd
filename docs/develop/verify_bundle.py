#!/usr/bin/env python3
"""Check a Bihuan ledger bundle. One file, no library but Python's own (3.10 or later).

    python3 verify_bundle.py BUNDLE.zip [--key KEY]... [--held NOTE-FILE]...

--key is a public key of the issuer's, got by another way than the bundle; --held a
checkpoint kept from before. Prints each damage as "zone number kind" and exits with 1.
Nothing is unpacked to disk. The format is specified in ledger.md beside this file.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
import unicodedata
import zipfile
import zlib
from pathlib import Path

PARTS = re.compile(
    r"README\.txt|(manifest|proofs)\.json|events\.jsonl|(hashes|keys)\.txt"
    r"|checkpoints/[0-9]+\.note|files/[0-9a-f]{64}"
)
LONGEST = 1 << 24  # bytes of one event or small part; more is meant to harm
KEYS = ["about", "actor", "at", "data", "files", "kind", "origin", "seq", "v", "zone"]


class Unfit(Exception):
    """What was given cannot be a bundle, a key or a checkpoint."""


# ---- JSON with one spelling only
def refuse(what):
    raise ValueError(what)


def no_twice(pairs):
    found = dict(pairs)
    return found if len(found) == len(pairs) else refuse("a key stands twice")


def strict(text):
    """Read JSON without doubled keys, fractions, NaN or Infinity. Raises ValueError."""
    try:
        return json.loads(
            text, object_pairs_hook=no_twice, parse_float=refuse, parse_constant=refuse
        )
    except RecursionError:
        return refuse("nested too deep")


def read_event(line):
    """Read an event in its one spelling. Raises ValueError, KeyError or TypeError."""
    text = line.decode()
    said = strict(text)
    same = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    typed = type(said["seq"]) is int and said["v"] == 1 and list(said) == KEYS
    if same != text or not typed or not unicodedata.is_normalized("NFC", text):
        raise ValueError(text)
    if not all(re.fullmatch("[0-9a-f]{64}", digest) for digest in said["files"]):
        raise ValueError(text)
    return said


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
def unpacked(text):
    """Read base64 or hex strictly. Raises ValueError."""
    return base64.b64decode(text, validate=True)


def read_key(text):
    try:
        name, identity, packed = text.strip().split("+", 2)
        raw = unpacked(packed)
    except ValueError as error:
        raise Unfit(f"not a verifier key: {text.strip()[:100]}") from error
    if sha(f"{name}\n".encode() + raw)[:4].hex() != identity or raw[:1] != b"\x01":
        raise Unfit(f"not a verifier key: {text.strip()[:100]}")
    return name, raw[1:]


def read_note(note, keys):
    """Return (zone, size, root, chain) of a note that one of keys signed, else None."""
    text, _, signatures = note.rpartition("\n\n")
    text += "\n"
    for line in signatures.splitlines():
        dash, name, packed = [*line.split(" "), "", "", ""][:3]
        try:
            raw = unpacked(packed)
            if dash != "\u2014" or name not in keys:
                continue
            identity = sha(f"{name}\n".encode() + b"\x01" + keys[name])[:4]
            if raw[:4] == identity and signed_by(keys[name], text.encode(), raw[4:]):
                return statement(text)
        except ValueError:
            continue
    return None


def statement(text):
    origin, size, root, chain, time, algorithm, end = text.split("\n")
    told = (origin[:14], chain[:6], time[:5], algorithm, end)
    if told != ("bihuan/ledger/", "chain ", "time ", "algorithm sha256 ed25519", ""):
        raise ValueError(text)
    return origin[14:], int(size), unpacked(root), unpacked(chain[6:])


# ---- the bundle
class Check:
    def __init__(self, bundle, keys, held):
        self.bundle, self.damages, self.digests = bundle, [], set()
        self.manifest = read_manifest(self.part_called("manifest.json"))
        self.zone, self.size = self.manifest["zone"], self.manifest["size"]
        self.look_over()
        notes = sorted(n for n in set(bundle.namelist()) if n.startswith("checkpoints/"))
        self.marks = []
        for name, note in [(n, self.part_called(n)) for n in notes] + held:
            said = read_note(note.decode("utf-8", "replace"), keys)
            if said is None:
                self.damage("?", f"signature ({name})")
            elif said[0] != self.zone:
                self.damage(said[1], f"foreign ({name})")
            else:
                self.marks.append(said[1:])
        self.marks.sort()
        if self.size not in [size for size, _root, _chain in self.marks]:
            self.damage(self.size, "signature (no checkpoint of the bundle's size)")

    def look_over(self):
        """Name parts that should not be there, and those that should and are not."""
        names = self.bundle.namelist()
        for name in sorted(set(names)):
            if not PARTS.fullmatch(name):
                self.damage("?", f"strange part ({name[:100]!r})")
            if names.count(name) > 1:
                self.damage("?", f"twice ({name[:100]!r})")
        also = "hashes.txt" if self.manifest["scope"] == "zone" else "proofs.json"
        for name in ("events.jsonl", also):
            if name not in names:
                raise Unfit(f"{name} is not in the bundle")

    def part_called(self, name):
        """Return a small part whole."""
        if name not in self.bundle.namelist():
            raise Unfit(f"{name} is not in the bundle")
        with self.bundle.open(name) as file:
            content = file.read(LONGEST + 1)
        if len(content) > LONGEST:
            raise Unfit(f"{name} is too large")
        return content

    def damage(self, seq, kind):
        self.damages.append(f"{self.zone} {seq} {kind}")

    def lines(self):
        with self.bundle.open("events.jsonl") as file:
            while line := file.readline(LONGEST + 1):
                if len(line) > LONGEST:
                    raise Unfit("events.jsonl has a line that is too long")
                yield line[:-1] if line.endswith(b"\n") else line

    def place_of(self, line, expected):
        """Return the number a line gives itself; name what is wrong with the line."""
        try:
            said = read_event(line)
        except (ValueError, KeyError, TypeError):
            self.damage(expected, "altered")
            return None, None
        self.digests.update(said["files"])
        if said["zone"] != self.zone:
            self.damage(expected, "foreign")
        return said["seq"], said

    def whole(self):
        """Walk all events: place, text, leaf, chain, and the tree at each checkpoint."""
        told = self.hashes()
        chain, frontier, expected, self.good = bytes(32), [], 1, 0
        waiting, count = list(self.marks), 0
        for line in self.lines():
            count += 1
            seq, said = self.place_of(line, expected)
            seq = seq if said else expected
            if expected < seq < len(told):
                self.damage(f"{expected}-{seq - 1}", "missing")
                expected, waiting = seq, []
                chain = told[seq - 2][1]
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

    def hashes(self):
        """Return (leaf, chain) of each line; nothing in the place of one that is no such line."""
        told = []
        with self.bundle.open("hashes.txt") as file:
            while line := file.readline(1000):
                try:
                    number, leaf, chain = line.decode("ascii").rstrip("\n").split(" ")
                    pair = bytes.fromhex(leaf), bytes.fromhex(chain)
                except ValueError:
                    number, pair = "", (b"", b"")
                told.append(pair if number == str(len(told) + 1) else (b"", b""))
        return told

    def link(self, seq, leaf, chain, told):
        """Compare leaf and chain with hashes.txt; return the chain to go on with."""
        mine = sha(chain + leaf)
        if seq > len(told):
            self.damage(seq, "missing (in hashes.txt)")
        elif told[seq - 1] != (leaf, mine):
            self.damage(seq, "altered" if told[seq - 1][0] != leaf else "chain")
            return told[seq - 1][1]
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
        inclusion, consistency = read_proofs(self.part_called("proofs.json"))
        roots = {size: root for size, root, _chain in self.marks}
        root, count, seen = roots.get(self.size), 0, set()
        for line in self.lines():
            count += 1
            seq, said = self.place_of(line, "?")
            if said is None:
                continue
            if seq <= max(seen, default=0):
                self.damage(seq, "moved")
            seen.add(seq)
            path = inclusion.get(str(seq), [])
            leaf = sha(b"\x00" + line)
            if root is None or root_from_inclusion(leaf, seq - 1, self.size, path) != root:
                self.damage(seq, "altered")
            elif said["about"] != self.manifest["about"]:
                self.damage(seq, "foreign")
        self.growth(consistency, root)
        for seq in sorted(inclusion.keys() - {str(seq) for seq in seen}):
            self.damage(seq, "missing")
        return count

    def growth(self, proofs, root):
        """Check that the ledger of every other checkpoint only grew to this one."""
        for size, old, _chain in self.marks:
            path = proofs.get(str(size), [])
            if size == self.size:
                if old != root:
                    self.damage(f"1-{size}", "rewritten")
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


def read_manifest(content):
    """Return a manifest that says what one must. Raises Unfit."""
    try:
        said = strict(content.decode())
        sized = type(said["size"]) is int and said["size"] > 0 and isinstance(said["zone"], str)
        scoped = said["scope"] == "zone" or (said["scope"] == "object" and len(said["about"]) == 2)
        if sized and scoped and (said["format"], said["version"]) == ("bihuan-ledger-bundle", 1):
            return said
    except (ValueError, KeyError, TypeError):
        pass
    raise Unfit("manifest.json is damaged, or of a format this checker does not know")


def read_proofs(content):
    """Return the proofs of inclusion and of consistency, by number. Raises Unfit."""
    try:
        said = strict(content.decode())
        return [
            {number: [bytes.fromhex(step) for step in path] for number, path in said[name].items()}
            for name in ("inclusion", "consistency")
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unfit("proofs.json is damaged") from error


def check_bundle(given, out):
    with zipfile.ZipFile(given.bundle) as bundle:
        texts = given.key or bundle.read("keys.txt").decode("utf-8", "replace").split()
        if not given.key:
            out(f"warning: no --key given, believing the bundle's own: {' '.join(texts)}\n")
        held = [(name, Path(name).read_bytes()) for name in given.held]
        check = Check(bundle, dict(read_key(text) for text in texts), held)
        scope = check.manifest["scope"]
        count = check.whole() if scope == "zone" else check.part()
        files = check.evidence()
    for damage in check.damages:
        out(damage + "\n")
    out(
        f"{'DAMAGED' if check.damages else 'WHOLE'}: zone {check.zone}, {scope}, {count} events, "
        f"size {check.size}, {len(check.marks)} checkpoints, "
        f"{files} files of {len(check.digests)} that events name\n"
    )
    return 1 if check.damages else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bundle")
    parser.add_argument("--key", action="append", default=[])
    parser.add_argument("--held", action="append", default=[])
    given = parser.parse_args()
    try:
        return check_bundle(given, sys.stdout.write)
    except Unfit as unfit:
        said = str(unfit)
    except (zipfile.BadZipFile, zlib.error, KeyError, EOFError, NotImplementedError) as broken:
        said = f"this is no whole bundle: {broken}"
    except (OSError, RuntimeError) as broken:  # not there, or under a password
        said = f"it cannot be read: {broken}"
    sys.stdout.write(f"DAMAGED: {said}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
