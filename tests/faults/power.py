"""A disk that forgets: an SQLite VFS which knows what was synced, and what was only written."""

import random
from collections.abc import Iterator
from pathlib import Path

import apsw

Write = tuple[int, bytes | None]  # an offset and bytes; None: cut to that length


class Disk:
    """What each file would hold after the power went: its synced bytes and later writes."""

    def __init__(self) -> None:
        self.durable: dict[str, bytearray] = {}
        self.waiting: dict[str, list[Write]] = {}
        self.watching = True  # False once the power has gone

    def wrote(self, name: str, write: Write) -> None:
        if self.watching:
            self.waiting.setdefault(name, []).append(write)

    def load(self, path: Path) -> None:
        self.durable[str(path)] = bytearray(path.read_bytes())
        self.waiting[str(path)] = []

    def sync(self, name: str) -> None:
        if not self.watching:
            return
        _apply(self.durable.setdefault(name, bytearray()), self.waiting.pop(name, []))

    def after_power_cut(self, mode: str, chance: random.Random) -> Iterator[tuple[str, bytes]]:
        """Yield each file as it may be found: later writes lost, cut short, or half there."""
        for name, synced in self.durable.items():
            content, later = bytearray(synced), self.waiting.get(name, [])
            if mode == "some in order":
                later = later[: chance.randint(0, len(later))]
            elif mode == "any half":
                later = [write for write in later if chance.random() < 0.5]
            else:
                later = []
            _apply(content, later)
            yield name, bytes(content)


def _apply(content: bytearray, writes: list[Write]) -> None:
    for at, data in writes:
        if data is None:
            del content[at:]
            continue
        content.extend(bytes(max(0, at + len(data) - len(content))))
        content[at : at + len(data)] = data


class ForgetfulVFS(apsw.VFS):
    """The machine's own file system, with a Disk that watches."""

    def __init__(self, name: str, disk: Disk) -> None:
        self.disk = disk
        super().__init__(name, "")

    def xOpen(self, name, flags):  # noqa: N802  SQLite's own names from here on
        return ForgetfulFile(self.disk, name, flags)

    def xDelete(self, name, sync_directory):  # noqa: N802
        if self.disk.watching:
            self.disk.durable.pop(name, None)
            self.disk.waiting.pop(name, None)
        super().xDelete(name, sync_directory)


class ForgetfulFile(apsw.VFSFile):
    def __init__(self, disk: Disk, name, flags) -> None:
        self.disk = disk
        self.name = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        super().__init__("", name, flags)

    def xWrite(self, data, offset):  # noqa: N802
        self.disk.wrote(self.name, (offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, size):  # noqa: N802
        self.disk.wrote(self.name, (size, None))
        super().xTruncate(size)

    def xSync(self, flags):  # noqa: N802
        super().xSync(flags)
        self.disk.sync(self.name)
