"""Bundles as they are handed out, tampered with, and checked by a stranger with bare Python."""

import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from bihuan.ledger.exporters import write_bundle
from bihuan.ledger.queries import public_keys
from bihuan.ledger.rules import notes
from tests.ledger.books import AT, ROBOT

SCRIPT = Path(__file__).parents[2] / "docs" / "develop" / "verify_bundle.py"
Change = Callable[[dict[str, bytes]], None]


def bundle_of(zone: UUID, **more) -> bytes:
    target = io.BytesIO()
    write_bundle(target, zone_id=zone, by=ROBOT, at=AT, **more)
    return target.getvalue()


def check(tmp_path: Path, bundle: bytes, *options: str) -> tuple[int, str]:
    """Run the stranger's script: no site packages, no environment, no way to our code."""
    path = tmp_path / "bundle.zip"
    path.write_bytes(bundle)
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(SCRIPT), str(path), *options],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout


def key() -> tuple[str, str]:
    return "--key", notes.verifier_key(next(iter(public_keys().values())))


def tampered(bundle: bytes, change: Change) -> bytes:
    with zipfile.ZipFile(io.BytesIO(bundle)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    change(parts)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return target.getvalue()


def lines_of(parts: dict[str, bytes]) -> list[bytes]:
    return parts["events.jsonl"].splitlines()


def put(parts: dict[str, bytes], lines: list[bytes]) -> None:
    parts["events.jsonl"] = b"".join(line + b"\n" for line in lines)
