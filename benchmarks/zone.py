"""A zone as large as any will be, for measuring: python -m benchmarks.zone [dossiers] [cases]

100,000 enterprises with their visits, papers and ledger event, and 1,000,000 cases of two
years, 5 % of them live. All live cases and every tenth ended one have their moves. All is in
the search index. Written in bulk, in a folder of its own (BIHUAN_DATA, or var/bench), and
used again until it is deleted.
"""

import json
import random
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.core.management import call_command
from django.db import connection, models, transaction
from django.utils import timezone

import benchmarks.site
from benchmarks.bulk import PIECE, fill, in_bulk, maker
from benchmarks.words import BRANDS, FINDINGS, TRADES
from bihuan.accounts.models import Person
from bihuan.cases.models import Case, Counter, Move
from bihuan.core.actors import System
from bihuan.core.models import insert_many
from bihuan.dossiers.models import Contact, Document, Dossier, Source, SourceKind
from bihuan.enterprises.models import Enterprise, Sector, SectorFlag, Site
from bihuan.figures.actions import roll_up
from bihuan.ledger.actions import record_many
from bihuan.ledger.models import Head
from bihuan.ledger.rules.body import Entry as Event
from bihuan.rounds.models import Checklist, Entry, Round, Visit
from bihuan.search.models import Cursor
from bihuan.search.models import Entry as Found
from bihuan.search.rules import entry_words, place_of
from bihuan.zones.models import Cell, Post, Unit, UnitKind, Zone

SLUG = "bench"
CLERK = System("benchmark")
LIVE_SHARE = 20  # one case in so many is live
TOLD_SHARE = 10  # one ended case in so many has its moves
MOVES = {
    "open": ("report",),
    "assigned": ("report", "assign"),
    "submitted": ("report", "assign", "submit"),
    "closed": ("report", "assign", "submit", "close"),
}
AFTER = {
    "report": "open",
    "assign": "assigned",
    "submit": "submitted",
    "close": "closed",
    "reject": "assigned",
    "ask_extension": "assigned",
    "verify": "submitted",
}


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Builder:
    """Makes the zone's rows from a fixed seed, except for their ids."""

    def __init__(self, dossiers: int, cases: int) -> None:
        self.chance = random.Random(3)  # noqa: S311  repeatable, not secret
        self.today = timezone.localdate()
        self.now = datetime.now(UTC).replace(microsecond=0)
        self.n_dossiers, self.n_cases = dossiers, cases
        self.dossiers: list[tuple[Any, Any, Any, str]] = []  # id, cell, owner unit, name
        self.told: list[Any] = []  # cases with moves
        self.words: list[tuple[int, str]] = []  # of the search index

    def build(self) -> Zone:
        """Write everything and return the zone."""
        for step in (self.house, self.bulk, self.rolled, self.ledger, self.searched):
            begin = time.perf_counter()
            step()
            say(f"  {step.__name__:10} {time.perf_counter() - begin:6.1f} s")
        return self.zone

    def house(self) -> None:
        """Zone, people, units, cells, posts, a checklist, a round under way."""
        self.zone = Zone.objects.create(slug=SLUG, name="测试开发区")
        self.found_of = maker(Found, zone=self.zone)
        person = maker(Person, joined_at=self.now, password="!")  # noqa: S106  none
        self.contacts = [person(username=f"contact{n}", name=f"包联{n}") for n in range(200)]
        self.office = person(username="office", name="安监站")
        self.leader = person(username="leader", name="主任")
        self.chiefs = [person(username=f"chief{n}", name=f"网格长{n}") for n in range(10)]
        unit = maker(Unit, zone=self.zone, kind=UnitKind.DEPARTMENT)
        self.units = [unit(name=f"第{n}科") for n in range(12)]
        cell = maker(Cell, zone=self.zone)
        tops = [
            cell(code=f"g{n}", name=f"第{n}片区", path=f"/g{n}/", leader_id=self.chiefs[n].pk)
            for n in range(4)
        ]
        self.cells = [
            cell(
                code=f"g{n}",
                name=f"第{n}网格",
                path=f"{tops[n % 4].path}g{n}/",
                parent_id=tops[n % 4].pk,
                leader_id=self.chiefs[n % 10].pk,
                outline=self._outline(n),
            )
            for n in range(4, 44)
        ]
        post = maker(Post, zone=self.zone, starts_on=date(2024, 1, 1))
        posts = [post(person_id=it.pk, role="contact") for it in self.contacts]
        posts += [
            post(person_id=self.office.pk, role="safety_office"),
            post(person_id=self.leader.pk, role="leader"),
        ]
        posts += [
            post(person_id=it.pk, role="cell_leader", cell_id=self.cells[n].pk)
            for n, it in enumerate(self.chiefs)
        ]
        people = [*self.contacts, self.office, self.leader, *self.chiefs]
        for rows in (people, self.units, tops, self.cells, posts):
            insert_many(rows)
        self.checklist = Checklist.objects.create(
            zone=self.zone, code="general", version=1, name="通用检查表", loaded_at=self.now
        )
        self.source = Source.objects.create(
            zone=self.zone, kind=SourceKind.SHEET, reference="企业名单.xlsx", at=self.now
        )

    @staticmethod
    def _outline(n: int) -> dict[str, Any]:
        x, y = 113.0 + n % 8 * 0.01, 36.2 + n // 8 * 0.01
        ring = [[x, y], [x + 0.01, y], [x + 0.01, y + 0.01], [x, y + 0.01], [x, y]]
        return {"type": "Polygon", "coordinates": [ring]}

    def bulk(self) -> None:
        """The hundred thousands and the million."""
        with in_bulk():
            fill(self._dossiers())
            fill(self._cases())
            fill(self._round())

    def _dossiers(self) -> Iterator[models.Model]:
        zone = self.zone
        dossier = maker(Dossier, zone=zone, kind="enterprise", opened_at=self.now)
        unit = maker(Unit, zone=zone, kind=UnitKind.ENTERPRISE)
        enterprise = maker(Enterprise, zone=zone)
        contact = maker(Contact, zone=zone, starts_on=date(2024, 3, 1))
        paper = maker(Document, zone=zone, source=self.source)
        flag, site = maker(SectorFlag, zone=zone), maker(Site, zone=zone, source=self.source)
        visit = maker(Visit, zone=zone, checklist=self.checklist)
        chance, sectors = self.chance, list(Sector)
        for n in range(1, self.n_dossiers + 1):
            name = "".join(chance.choices(BRANDS, k=3))
            name = f"长治市{name}{chance.choice(TRADES)}有限公司"
            own, who = unit(name=name), chance.choice(self.contacts)
            seen = self.today - timedelta(days=chance.randrange(1, 400))
            big = chance.random() < 0.1
            row = dossier(
                code=f"E{n:06d}",
                name=name,
                cell_id=chance.choice(self.cells).pk,
                unit_id=chance.choice(self.units).pk,
                owner_unit_id=own.pk,
                contact_id=who.pk,
                place=f"长兴路{n % 900}号",
                state="active" if n % 25 else "left",
                risk=chance.choice(("", "red", "orange", "yellow", "blue")),
                last_visited_on=seen if n % 10 else None,
                provenance={f"{self.source.pk}#{n}": ["name", "place", "uscc", "principal"]},
            )
            yield own
            yield row
            yield enterprise(
                dossier_id=row.pk,
                uscc=f"91140400MA{n:08d}",
                registered_address=f"长治市屯留区康庄大道{n % 700}号",
                principal=f"{chance.choice('张王李赵刘陈')}{chance.choice(BRANDS)}",
                principal_phone=f"139{n:08d}",
                industry=chance.choice(("C3391", "C1495", "C2614", "G5990", "C3985")),
                headcount=chance.randrange(3, 900),
                above_size=big,
                above_size_since=date(2024, 5, 1) if big else None,
                salt=b"0" * 16,
            )
            yield contact(dossier_id=row.pk, person_id=who.pk)
            yield flag(enterprise_id=row.pk, sector=sectors[n % len(sectors)])
            if n % 3 == 0:
                yield site(enterprise_id=row.pk, name="一厂区", address=f"工业路{n % 300}号")
            until = self.today + timedelta(days=chance.randrange(-300, 1500))
            yield paper(dossier_id=row.pk, kind="licence", name="营业执照", valid_to=until)
            if n % 20 == 0:
                start = self.today - timedelta(days=n % 1000)
                yield paper(dossier_id=row.pk, kind="high_tech", name="高企证书", valid_from=start)
            for turn in range(2 if n % 10 else 0):
                on = seen - timedelta(days=90 * turn)
                begin = datetime(on.year, on.month, on.day, 1, tzinfo=UTC)
                yield visit(
                    number=f"ZF{n:06d}-{turn}",
                    dossier_id=row.pk,
                    visited_on=on,
                    started_at=begin,
                    ended_at=begin + timedelta(hours=1),
                    recorded_at=begin + timedelta(hours=2),
                    by_id=who.pk,
                    by_name=who.name,
                )
            yield self._findable("enterprise", row.pk, name, f"{row.code} {n % 900}号")
            self.dossiers.append((row.pk, row.cell_id, own.pk, name))

    def _findable(self, kind: str, pk: Any, title: str, text: str) -> models.Model:
        number = len(self.words) + 1
        self.words.append((number, entry_words(place_of(self.zone.pk, kind), title, text)))
        return self.found_of(id=number, kind=kind, subject=pk)

    def _cases(self) -> Iterator[models.Model]:
        """Cases in the order they were found, each followed by its moves."""
        chance = self.chance
        self.case_of = maker(Case, zone=self.zone, kind="hazard")
        self.move_of = maker(Move, zone=self.zone)
        span = 730 * 24 * 3600
        for n in range(self.n_cases):
            found = self.now - timedelta(seconds=span - span * n // self.n_cases)
            if chance.randrange(LIVE_SHARE) == 0:
                found = self.now - timedelta(seconds=chance.randrange(60 * 24 * 3600))
                status = chance.choices(("open", "assigned", "submitted"), (1, 7, 2))[0]
            else:
                status = "closed"
            yield from self._case(n, found, status)
        Counter.objects.create(zone=self.zone, series=f"YH{self.today.year}", last=self.n_cases)

    def _case(self, n: int, found: datetime, status: str) -> Iterator[models.Model]:
        chance = self.chance
        dossier, cell, own, name = chance.choice(self.dossiers)
        who = chance.choice(self.contacts)
        due = found.date() + timedelta(days=chance.randrange(7, 60))
        grade = "major" if n % 60 == 0 else "general"
        steps = self._steps(n, status, grade)
        ends = found + timedelta(days=chance.randrange(1, 30)) if status == "closed" else None
        on = ends.date() if ends else found.date() + timedelta(days=2)
        done = status in ("closed", "submitted")
        title = f"{n % 37}号车间{chance.choice(FINDINGS)}"
        case = self.case_of(
            number=f"YH{found.year}-{n:07d}",
            dossier_id=dossier,
            cell_id=cell,
            title=title,
            description="现场检查发现，已要求限期整改。",
            place=f"{n % 37}号车间",
            clause=f"GB 50016-2014 第{n % 90}条",
            grade=grade,
            status=status,
            is_live=status != "closed",
            found_at=found,
            found_by_id=who.pk,
            finder_name=who.name,
            rectifier_unit_id=None if status == "open" else own,
            rectifier_id=chance.choice(self.contacts).pk
            if status == "assigned" and n % 7 == 0
            else None,
            due_on=due,
            original_due_on=due,
            rectified_on=on if done else None,
            on_time=on <= due if done else None,
            ended_at=ends,
            version=len(steps),
            last_move=steps[-1],
        )
        yield case
        text = f"{case.description}\n{case.place}\n{case.clause}\n{name}"
        yield self._findable("case", case.pk, f"{case.number} {title}", text)
        if status != "closed" or n % TOLD_SHARE == 0:
            self.told.append(case.pk)
            yield from self._moves(case, steps, own)

    @staticmethod
    def _steps(n: int, status: str, grade: str) -> tuple[str, ...]:
        steps = MOVES[status]
        if status == "closed" and n % 12 == 0:
            steps = ("report", "assign", "submit", "reject", "submit", "close")
        if status == "assigned" and n % 50 == 0:
            steps += ("ask_extension",)
        if status == "submitted" and grade == "major":
            steps += ("verify",)
        return steps

    def _moves(self, case: Any, steps: tuple[str, ...], own: Any) -> Iterator[models.Model]:
        before, due = "", case.due_on.isoformat()
        told: dict[str, dict[str, Any]] = {
            "report": {"grade": case.grade, "due_on": due, "title": case.title},
            "assign": {"unit": str(own), "names": {"unit": "企业自身"}},
            "submit": {"measures": "已清理并复查。"},
            "reject": {"reason": "照片不清。"},
            "ask_extension": {"due_on": due, "reason": "等待配件。"},
            "verify": {"opinion": "已整改到位。"},
            "close": {},
        }
        for seq, name in enumerate(steps, 1):
            yield self.move_of(
                case_id=case.pk,
                seq=seq,
                name=name,
                from_status=before,
                to_status=AFTER[name],
                at=case.found_at + timedelta(hours=seq),
                by_id=case.found_by_id,
                by_name=case.finder_name,
                data=told[name],
            )
            before = AFTER[name]

    def _round(self) -> Iterator[models.Model]:
        """A round under way over a fifth of the register, four tenths of it visited."""
        listed = self.dossiers[::5]
        done = {pk: n % 5 < 2 for n, (pk, *_) in enumerate(listed)}
        visits = dict(Visit.objects.filter(zone=self.zone).values_list("dossier", "pk"))
        settled = sum(done[pk] and pk in visits for pk, *_ in listed)
        under_way = Round.objects.create(
            zone=self.zone,
            name="冬季排查",
            template="routine",
            checklist=self.checklist,
            criteria={"kind": "enterprise"},
            due_on=self.today + timedelta(days=20),
            opened_at=self.now - timedelta(days=20),
            total=len(listed),
            visited=settled,
        )
        entry = maker(Entry, zone=self.zone, round=under_way, joined="frozen", joined_at=self.now)
        for pk, cell, *_ in listed:
            visit = visits.get(pk) if done[pk] else None
            yield entry(
                dossier_id=pk,
                cell_id=cell,
                visit_id=visit,
                state="visited" if visit else "to_go",
                settled_on=self.today if visit else None,
            )

    def rolled(self) -> None:
        """The figures counted by the hour."""
        roll_up(zone=self.zone, at=self.now)

    def ledger(self) -> None:
        """An event for every enterprise and for every case with moves."""
        data = {"name": "长治市某有限公司"}
        self._record(
            Event("enterprise.registered", ("dossier", str(pk)), data) for pk, *_ in self.dossiers
        )
        self._record(Event("case.reported", ("case", str(pk)), {"to": "open"}) for pk in self.told)

    def _record(self, events: Iterator[Event]) -> None:
        piece: list[Event] = []
        for event in events:
            piece.append(event)
            if len(piece) == PIECE:
                record_many(zone_id=self.zone.pk, entries=piece, by=CLERK, at=self.now)
                piece = []
        record_many(zone_id=self.zone.pk, entries=piece, by=CLERK, at=self.now)

    def searched(self) -> None:
        """The words of the search index, as its action writes them."""
        insert = "INSERT INTO search_words (words, rowid) VALUES (%s, %s)"
        if connection.vendor == "postgresql":
            insert = (
                "UPDATE search_entry SET words = array_to_tsvector(string_to_array(%s, ' '))"
                " WHERE id = %s"
            )
        rows = [(words, number) for number, words in self.words]
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(insert, rows)
        last = Head.objects.get(zone_id=self.zone.pk).size
        Cursor.objects.create(zone=self.zone, seq=last)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE" if connection.vendor == "sqlite" else "VACUUM ANALYZE")


def the_zone(dossiers: int = 100_000, cases: int = 1_000_000) -> Zone:
    """Return the zone to measure, built at the first call."""
    call_command("migrate", verbosity=0)
    mark = benchmarks.site.DATA / f"built-{connection.vendor}.json"
    size = {"dossiers": dossiers, "cases": cases}
    known = Zone.objects.filter(slug=SLUG).first()
    if known and mark.exists() and json.loads(mark.read_text()) == size:
        return known
    if known:
        raise SystemExit(
            f"Another zone is in {benchmarks.site.DATA}: delete it, or set BIHUAN_DATA."
        )
    say(f"building {dossiers:,} dossiers and {cases:,} cases on {connection.vendor}")
    zone = Builder(dossiers, cases).build()
    mark.write_text(json.dumps(size))
    return zone


if __name__ == "__main__":
    the_zone(*[int(word) for word in sys.argv[1:]])
