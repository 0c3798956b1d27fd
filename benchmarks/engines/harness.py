"""What rows are made of: processes that measure themselves, peers, goals, verdicts."""

import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PEERS = ROOT / "var" / "peers"
LONGEST_S = 3600.0  # for one process


@dataclass(frozen=True)
class Peer:
    """A program to compare with: what to install, and for which Python."""

    name: str
    requirements: tuple[str, ...]
    python: str = f"{sys.version_info.major}.{sys.version_info.minor}"

    def interpreter(self) -> Path:
        """Its interpreter, installed on first use; PeerFailed where that cannot be done."""
        home = PEERS / self.name
        found = home / "bin" / "python"
        mark = home / "requirements"
        wanted = "\n".join((self.python, *self.requirements))
        if not mark.is_file() or mark.read_text() != wanted:
            say(f"installing {self.name}: {', '.join(self.requirements)}")
            self._command("its environment", _python(self), "-m", "venv", "--clear", str(home))
            pip = (str(found), "-m", "pip", "install", "--quiet", *self.requirements)
            self._command("its packages", *pip)
            mark.write_text(wanted)
        return found

    def _command(self, what: str, *command: str) -> None:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            say(done.stderr[-3000:])  # may name package indexes: for the terminal, not for the page
            raise PeerFailed(f"{what} could not be installed on this machine")


class PeerFailed(Exception):
    """A peer cannot be measured; the message says why, in a sentence fit for the page."""


@dataclass(frozen=True)
class Measured:
    """What one process did: seconds by part, peak memory, and what it found."""

    seconds: dict[str, float]
    peak_mb: float
    values: dict[str, Any] = field(default_factory=dict)
    processor_s: float = 0.0  # of the parts that were timed; says more on a busy machine
    failed: str = ""  # why a peer was not measured

    @property
    def total_s(self) -> float:
        return math.inf if self.failed else sum(self.seconds.values())


@dataclass(frozen=True)
class Figure:
    """One line of the result. `reached` is None where there is no goal."""

    what: str
    value: float | str
    unit: str = ""
    goal: str = ""
    reached: bool | None = None


@dataclass(frozen=True)
class Row:
    """One piece of work, measured: `run(rounds)` gives its figures."""

    title: str
    run: Callable[[int], list[Figure]]


def at_most(what: str, value: float, unit: str, goal: float) -> Figure:
    return Figure(what, value, unit, f"≤ {goal:g}", value <= goal)


def at_least(what: str, value: float, unit: str, goal: float) -> Figure:
    return Figure(what, value, unit, f"≥ {goal:g}", value >= goal)


def beside(peer: str, found: Measured, figures: Callable[[], list[Figure]]) -> list[Figure]:
    """What a comparison gives, or the sentence why there is none."""
    return [Figure(peer, f"not measured: {found.failed}")] if found.failed else figures()


class Clock:
    """Times the parts of a subprocess: `with clock("solve"): …`."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.processor_s = 0.0

    @contextmanager
    def __call__(self, part: str) -> Iterator[None]:
        began, busy = time.perf_counter(), time.process_time()
        yield
        self.processor_s += time.process_time() - busy
        self.seconds[part] = self.seconds.get(part, 0.0) + time.perf_counter() - began

    def report(self, **values: Any) -> None:
        """Print the measurement as the last line of the process."""
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        sys.stdout.write(
            "\n" + json.dumps(asdict(Measured(self.seconds, peak, values, self.processor_s))) + "\n"
        )


def ours(module: str, *arguments: str, **environment: str) -> Measured:
    """Run `python -m module arguments` with our own interpreter."""
    return _measured([sys.executable, "-m", module, *arguments], environment)


def theirs(peer: Peer, script: str, *arguments: str) -> Measured:
    """Run peers/<script> with the peer's interpreter; a peer that fails says so and no more."""
    path = ROOT / "benchmarks" / "engines" / "peers" / script
    try:
        return _measured([str(peer.interpreter()), str(path), *arguments], {})
    except PeerFailed as problem:
        return Measured({}, 0.0, failed=str(problem))
    except (RuntimeError, ValueError, subprocess.TimeoutExpired) as problem:
        say(str(problem))
        return Measured({}, 0.0, failed="it was installed, but its run failed")


def compiling(module: str, *arguments: str) -> Figure:
    """How long kernels take where no machine code is kept: once on a machine and version."""
    with tempfile.TemporaryDirectory() as folder:
        found = ours(module, *arguments, BIHUAN_KERNEL_CACHE=folder)
    return Figure("once, on the first run: compiling", found.values["kernels_s"], "s")


def best(rounds: int, measure: Callable[[], Measured]) -> Measured:
    """The fastest of some rounds: what the machine can do when others leave it alone."""
    return min((measure() for _ in range(rounds)), key=lambda found: found.total_s)


def best_in_turn(rounds: int, *measures: Callable[[], Measured]) -> list[Measured]:
    """The fastest of each, measured in turn, so that all meet the same disturbances."""
    found = [[measure() for measure in measures] for _ in range(rounds)]
    return [min(each, key=lambda one: one.total_s) for each in zip(*found, strict=True)]


def _measured(command: list[str], environment: dict[str, str]) -> Measured:
    path = os.pathsep.join(str(part) for part in (ROOT / "src", ROOT))
    done = subprocess.run(
        command,
        env={**os.environ, "PYTHONPATH": path, "PYTHONWARNINGS": "ignore", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST_S,
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr[-3000:]}")
    return Measured(**json.loads(done.stdout.strip().splitlines()[-1]))


def _python(peer: Peer) -> str:
    """A Python of the version it needs: on the path, or among pyenv's."""
    homes = sorted(Path.home().glob(f".pyenv/versions/{peer.python}.*/bin/python"))
    for found in (f"python{peer.python}", *map(str, homes)):
        with suppress(OSError):
            if not subprocess.run([found, "-V"], capture_output=True, check=False).returncode:
                return found
    raise PeerFailed(f"it needs Python {peer.python}, which is not on this machine")


def say(text: str) -> None:
    sys.stderr.write(text + "\n")
