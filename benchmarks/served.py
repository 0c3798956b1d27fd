"""What the server yields in a second: python -m benchmarks.served [rounds] [name of a page …]

The product as `bihuan serve` serves it, and its floor on the same server, with the same workers,
threads, database and garbage collection: a bare Django site with Django's own sessions and
sign-in, whose one view sends the SQL of a page and renders its bytes (benchmarks.floor). What of
the page's SQL is for its session and for who is signed in, the floor asks by itself. Four clients
ask over HTTP, a while the one, a while the other, in turn, each while over connections of its own.
The zone is that of benchmarks.zone, on SQLite or where DATABASE_URL points. Linux only.
"""

import json
import os
import pickle
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection

import benchmarks.site
from benchmarks.floor.replay import Queries
from benchmarks.pages import Clients, Page, in_pieces, look_at, pages, signed_in
from benchmarks.zone import say, the_zone

STOCK = "django.contrib.auth.backends.ModelBackend"
OWN_SQL = ('FROM "django_session"', 'FROM "accounts_person" WHERE ("accounts_person"."is_active"')
WORKERS = 2
WHILE_S = 0.7
WARM = 30  # askings of each client that are not counted, so that all workers have met the page
TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Side:
    """One of the two servers, and what each while of asking it for a page came to."""

    group: int
    port: int
    a_second: list[float] = field(default_factory=list)  # answers
    own: list[float] = field(default_factory=list)  # seconds of all its processes for an answer

    def ticked(self) -> float:
        """Return the seconds its processes have had of the processors so far."""
        ticks = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                told = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            ticks += sum(map(int, told[11:13])) if int(told[2]) == self.group else 0
        return ticks / TICK


@contextmanager
def serving(command: list[str], port: int, **environment: str) -> Iterator[Side]:
    """Run a server in a group of processes of its own, until it is no longer wanted."""
    words = [sys.executable, "-m", *command]
    server = subprocess.Popen(words, env=os.environ | environment, start_new_session=True)
    try:
        wait_for(port, server)
        yield Side(server.pid, port)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(20)


def wait_for(port: int, server: "subprocess.Popen[bytes]") -> None:
    """Wait until a server answers; stop here if it ends instead."""
    while server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit(f"no server at {port}")


def a_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def clients() -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-m", "benchmarks.clients"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        yield process


def ask(
    process: "subprocess.Popen[str]", side: Side, path: str, cookie: str, *, warm: bool = False
) -> None:
    """Let the clients ask one side for a while, and note what it came to."""
    assert process.stdin
    assert process.stdout
    begin = side.ticked()
    told = [side.port, path, cookie, 0 if warm else WHILE_S, WARM if warm else 1]
    process.stdin.write(json.dumps(told) + "\n")
    process.stdin.flush()
    came, seconds = json.loads(process.stdout.readline())
    if not warm:
        side.a_second.append(came / seconds)
        side.own.append((side.ticked() - begin) / came)


def without_own(queries: Queries) -> Queries:
    """Return the SQL of a page without that for its session and for who is signed in."""
    left = [it for it in queries if not any(own in it[0] for own in OWN_SQL)]
    assert len(left) == len(queries) - len(OWN_SQL), [sql for sql, _ in queries]
    return left


def measure(page: Page, number: int, sides: tuple[Side, Side], rounds: int) -> str:
    """Ask both sides for a page in turn; return its line of the table."""
    product, floor = sides
    for side in sides:
        side.a_second.clear()
        side.own.clear()
    asked = (
        (product, page.address, signed_in(page.by)),
        (floor, f"/{number}", signed_in(page.by, STOCK)),
    )
    with clients() as process:
        for turn in range(rounds + 1):
            for side, path, cookie in asked:
                ask(process, side, path, cookie, warm=turn == 0)
    here, there = (statistics.median(it.a_second) for it in sides)
    own, floor_own = (statistics.median(it.own) * 1e3 for it in sides)
    return f"{page.name:26}{here:9.1f}{there:9.1f}{here / there:8.2f}{own:9.2f}{floor_own:9.2f}{floor_own / own:8.2f}"


def main() -> None:
    words = sys.argv[1:]
    rounds = int(words.pop(0)) if words and words[0].isdigit() else 5
    wanted = [it for it in pages(the_zone()) if not words or any(word in it.name for word in words)]
    client = Clients()
    for page in wanted:
        look_at(page, client)
    told = [(without_own(it.queries), in_pieces(it.body.decode())) for it in wanted]
    kept = benchmarks.site.DATA / "floor.pickle"
    kept.write_bytes(pickle.dumps(told))
    ports = a_port(), a_port()
    product = ["bihuan.config.cli", "serve", f"--port={ports[0]}", f"--workers={WORKERS}"]
    floor = ["benchmarks.floor", str(ports[1]), str(WORKERS)]
    with (
        serving(product, ports[0]) as here,
        serving(floor, ports[1], BENCH_FLOOR=str(kept)) as there,
    ):
        say(f"served on {connection.vendor}; load of the machine {os.getloadavg()[0]:.1f}")
        say(
            f"{'page':26}{'a second':>9}{'floor':>9}{'ratio':>8}{'own ms':>9}{'floor':>9}{'ratio':>8}"
        )
        for number, page in enumerate(wanted):
            say(measure(page, number, (here, there), rounds))
    say("answers a second to four clients; own: of the processors, in all processes of a server")


if __name__ == "__main__":
    main()
