"""A program that does the office's work until something stops it, and one that looks after.

    python -m tests.faults.deed prepare            migrate, and found a zone
    python -m tests.faults.deed work ACKS          take cases from finding to closing, for ever
    python -m tests.faults.deed trace FILE COUNT   close COUNT cases and keep the SQL of it
    python -m tests.faults.deed check DB ACKS …    say what is wrong with each database
    python -m tests.faults.deed one_more ACKS      take one case through
    python -m tests.faults.deed until_refused ACKS fill the disk and work until it refuses
    python -m tests.faults.deed fail DB            close a case with every I/O call failing once

The database is that of the environment. An acknowledgement is a line with the id of a
move, written after its action returned.
"""

import ctypes
import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import django

import bihuan.config.sqlite  # noqa: F401

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import DatabaseError, connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from bihuan.cases import actions  # noqa: E402
from bihuan.cases.models import Case, Move  # noqa: E402
from bihuan.cases.queries import kind_of  # noqa: E402
from bihuan.cases.rules.declaration import Grade, Proof  # noqa: E402
from bihuan.dossiers.models import Dossier  # noqa: E402
from bihuan.files.actions import keep  # noqa: E402
from bihuan.files.models import StoredFile  # noqa: E402
from bihuan.ledger.models import Event  # noqa: E402
from bihuan.ledger.queries import verify  # noqa: E402
from bihuan.zones.models import Post  # noqa: E402
from tests.factories.enterprises import registered  # noqa: E402
from tests.factories.zones import CellFactory, PostFactory, UnitFactory, ZoneFactory  # noqa: E402

say = sys.stdout.write


def prepare() -> None:
    call_command("migrate", verbosity=0)
    zone = ZoneFactory(slug="fault")
    unit = UnitFactory(zone=zone, kind="enterprise")
    PostFactory(zone=zone, role="safety_office")
    PostFactory(zone=zone, role="enterprise", unit=unit)
    contact = PostFactory(zone=zone).person
    registered(
        zone, cell=CellFactory(zone=zone), contact=contact, owner_unit=unit, at=timezone.now()
    )


class Office:
    """The hands that a case passes through."""

    def __init__(self) -> None:
        self.dossier = Dossier.objects.select_related("zone", "owner_unit", "contact").get()
        self.zone = self.dossier.zone
        posts = {post.role: post.person for post in Post.objects.select_related("person")}
        self.officer, self.enterprise = posts["safety_office"], posts["enterprise"]

    def photo(self) -> list[tuple[StoredFile, Proof]]:
        kept = keep(
            zone=self.zone,
            name="after.pdf",
            content=b"%PDF-1.4 after",
            by=self.enterprise,
            at=timezone.now(),
        )
        return [(kept, Proof.AFTER)]

    def moves(self) -> Iterator[Callable[[], UUID]]:
        """Yield the actions that take one case from its finding to its end."""
        found = actions.Finding("消防通道堵塞", grade=Grade.GENERAL)
        case = None

        def report() -> UUID:
            nonlocal case
            case = actions.report(
                kind="hazard",
                dossier=self.dossier,
                finding=found,
                by=self.dossier.contact,
                at=timezone.now(),
            )
            return self.last(case)

        yield report
        unit = self.dossier.owner_unit_id
        yield lambda: self.make(case, "assign", self.officer, unit=unit)
        yield lambda: self.make(case, "submit", self.enterprise, measures="已清理")
        yield lambda: self.make(case, "verify", self.officer, opinion="已整改到位")
        yield lambda: self.make(case, "close", self.officer)

    def make(self, case: Any, name: str, by: Any, **inputs: Any) -> UUID:
        attached = self.photo() if name == "submit" else []
        wanted = actions.Wanted(name, inputs, attached)
        return self.last(actions.make_move(case=case.pk, wanted=wanted, by=by, at=timezone.now()))

    def last(self, case: Case) -> UUID:
        return Move.objects.filter(case=case).order_by("-seq").values_list("pk", flat=True)[0]


def work(acks: str) -> None:
    office = Office()
    with Path(acks).open("a", buffering=1) as told:
        while True:
            for move in office.moves():
                told.write(f"{move()}\n")


def one_more(acks: str) -> None:
    """Take one case from finding to closing."""
    with Path(acks).open("a", buffering=1) as told:
        for move in Office().moves():
            told.write(f"{move()}\n")


def until_refused(acks: str) -> None:
    """Fill the disk but for a little, and work until it is full; say what was said."""
    office, room = Office(), Path(connection.settings_dict["NAME"]).parent
    with (room / "ballast").open("wb") as ballast:
        while shutil.disk_usage(room).free > 1_500_000:
            ballast.write(bytes(100_000))
            ballast.flush()
    with Path(acks).open("a", buffering=1) as told:
        for _case in range(2000):
            for move in office.moves():
                try:
                    told.write(f"{move()}\n")
                except (DatabaseError, OSError) as error:
                    say(f"{error}\n")
                    return


def trace(file: str, count: str) -> None:
    """Keep every writing statement with its values, and an acknowledgement where one was due."""
    lines: list[str] = []
    office = Office()
    connection.ensure_connection()
    connection.connection.set_trace_callback(lines.append)
    for _ in range(int(count)):
        for move in office.moves():
            lines.append(f"ACK {move()}")
    connection.connection.set_trace_callback(None)
    kept = [line for line in lines if not line.startswith(("SELECT", "PRAGMA", "--"))]
    Path(file).write_text(json.dumps(kept))


def use(path: str) -> None:
    """Go on with another database file."""
    connection.close()
    if path != "-":
        connection.settings_dict["NAME"] = path


def problems(acked: set[str]) -> list[str]:
    """Return what is wrong: lost acknowledgements, half cases, a broken file or ledger."""
    found = []
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA integrity_check")
            found += [f"file: {row[0]}" for row in cursor.fetchall() if row[0] != "ok"]
    moves = {str(pk) for pk in Move.objects.values_list("pk", flat=True)}
    found += [f"acknowledged and lost: {pk}" for pk in sorted(acked - moves)]
    told = set()
    for body in Event.objects.filter(about_type="case").values_list("body", flat=True):
        told.add(json.loads(body)["data"]["move"])
    found += [f"move without event: {pk}" for pk in sorted(moves - told)]
    found += [f"event without move: {pk}" for pk in sorted(told - moves)]
    for case in Case.objects.all():
        moves_of = list(Move.objects.filter(case=case).order_by("seq"))
        if not moves_of or moves_of[-1].to_status != case.status:
            found.append(f"half a case: {case.number}")
        found += [f"{case.number}: {it}" for it in illegal(case, moves_of)]
    for zone in set(Event.objects.values_list("zone_id", flat=True)):
        found += [f"ledger: {finding}" for finding in verify(zone).findings]
    return found


def illegal(case: Case, moves: list[Move]) -> Iterator[str]:
    """Replay a case: each move begins where the one before ended, and its rule lets it."""
    status = ""
    for place, move in enumerate(moves, start=1):
        if (move.seq, move.from_status) != (place, status):
            yield f"move {move.seq} does not follow"
        if place > 1 and status not in kind_of(case.kind).move(move.name).sources:
            yield f"{move.name} from {status}"
        status = move.to_status


def check(*pairs: str) -> None:
    for path, acks in zip(pairs[::2], pairs[1::2], strict=True):
        use(path)
        acked = {line for line in Path(acks).read_text().splitlines() if len(line) == 36}
        for problem in problems(acked):
            say(f"{Path(path).parent.name}: {problem}\n")
        say(f"moves {Move.objects.count()} acknowledged {len(acked)}\n")


def fail(template: str) -> None:
    """Let the first, second, third … I/O call of one closing fail, until none is left to."""
    shim = ctypes.CDLL(None)
    copy = Path(template).with_name("copy.sqlite3")
    for number in range(1, 200):
        for end in ("", "-wal", "-shm"):
            Path(f"{copy}{end}").unlink(missing_ok=True)
        shutil.copy(template, copy)
        use(str(copy))
        office = Office()
        *before, closing = office.moves()
        acked = {str(move()) for move in before}
        status = Case.objects.get().status
        shim.fail_call(number)
        said = "done"
        try:
            acked.add(str(closing()))
        except DatabaseError as error:
            said = f"{type(error).__name__}: {error}"
        failed = shim.fail_call(0)
        with suppress(DatabaseError):
            connection.close()
        found = problems(acked)
        case = Case.objects.get()
        if case.status not in (status, "closed"):
            found.append(f"between: {case.status}")
        say(f"{number} {said} -> {case.status} {'; '.join(found) or 'sound'}\n")
        if not failed:
            return


if __name__ == "__main__":
    command, *given = sys.argv[1:]
    {it.__name__: it for it in (prepare, work, one_more, until_refused, trace, check, fail)}[
        command
    ](*given)
    connection.close()  # leaves one whole file, without a write-ahead log beside it
