"""Reading dossiers across tables: who answers for what, where it is missing, what rests on whom."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bihuan.accounts.models import Person
from bihuan.core.actors import Actor
from bihuan.core.days import day_of
from bihuan.core.permissions import ROLES, Permission, Reach
from bihuan.core.ready import Given, RowsByIds
from bihuan.core.refusals import Stale
from bihuan.dossiers.models import Document, Dossier, DossierKind, DossierQuerySet, Source
from bihuan.dossiers.rules import PREFIX, number_of, origin_of
from bihuan.files.models import StoredFile
from bihuan.search.queries import Titles
from bihuan.search.rules import Share
from bihuan.ui.components import Fact
from bihuan.zones.models import Cell, Post, Zone
from bihuan.zones.permissions import OUTSIDERS, Scope, Standing, WithinReach, require, within
from bihuan.zones.queries import answering_posts, lock_zone
from bihuan.zones.rules import Rest

PIECE = 500  # rows written, and events recorded, at a time
LITTLE = 3000  # dossiers that are little of a zone, where a zone is large
NAMED = 500  # dossiers whose rows are better fetched one dossier after the other
WHOLE = [code for code, role in ROLES.items() if role.reach is Reach.ZONE]
T = TypeVar("T")

_DOSSIERS = WithinReach(
    lambda who: Dossier.objects.visible_to(who).filter(pk=Given("pk")).for_page(),
    Permission.DOSSIER_READ,
)
_SOURCES = RowsByIds(Source)


def pieces(rows: Iterable[T], size: int = PIECE) -> Iterator[list[T]]:
    """Yield rows in lists of at most size."""
    walk = iter(rows)
    while piece := list(islice(walk, size)):
        yield piece


def the_dossier(standing: Standing, pk: UUID) -> Dossier | None:
    """Return a dossier that the person may see, with what its page shows of others; one query."""
    return next(iter(_DOSSIERS.ask(standing, pk=pk)), None)


def hold(zone: Zone, *, people: Iterable[UUID] = (), dossiers: Iterable[UUID] = ()) -> None:
    """Hold people, the zone and dossiers until the transaction ends, in the order everyone does.

    For what writes to many at once: taken one after the other they would cross with a visit
    or a hand-over.
    """
    _held(Person.objects.filter(pk__in=set(people)))
    lock_zone(zone)
    hold_dossiers(dossiers)


def hold_dossiers(ids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Hold dossiers until the transaction ends; return the cell in which each stands until then."""
    wanted = pieces(sorted(set(ids)))
    return dict(
        row for piece in wanted for row in _held(Dossier.objects.filter(pk__in=piece), "cell")
    )


def _held(rows: QuerySet[Any], *columns: str) -> list[Any]:
    return list(rows.select_for_update(no_key=True).order_by("pk").values_list("pk", *columns))


def held_dossier(dossier: Dossier) -> Dossier:
    """Return dossier as stored now, held until the transaction ends."""
    held = Dossier.objects.select_for_update(of=("self",), no_key=True)
    return held.select_related("zone").get(pk=dossier.pk)


def check_version(dossier: Dossier, version: int | None) -> None:
    """Raise Stale if dossier has changed since version was read; None asks nothing."""
    if version is not None and version != dossier.version:
        raise Stale(
            _("Someone else changed %(name)s meanwhile. Look at it again, then decide.")
            % {"name": dossier.name}
        )


def dossiers_resting(person: Person, zone: Zone) -> list[Rest]:
    """Say how many dossiers person answers for; for HANDOVERS in the composition.

    Dossiers that left count too: each keeps a named person until it is handed over.
    """
    count = Dossier.objects.filter(zone=zone, contact=person).count()
    words = ngettext("%(count)s dossier", "%(count)s dossiers", count) % {"count": count}
    return [Rest(count, words, "dossiers:held", person.pk)]


def locked_dossier(dossier: Dossier, version: int | None, by: Actor, at: datetime) -> Dossier:
    """Return dossier as stored and held, if by may edit it and it is still that version."""
    found = held_dossier(dossier)
    require(by, Permission.DOSSIER_EDIT, zone=found.zone, on=day_of(at), row=found)
    check_version(found, version)
    return found


@dataclass(frozen=True)
class Gaps:
    """Where nobody who may answers: dossiers, cells, and duties without an object."""

    dossiers: DossierQuerySet
    cells: QuerySet[Cell]
    duties: QuerySet[Post]


def gaps(zone: Zone, *, on: date) -> Gaps:
    """Return what is in nobody's hands on a day.

    dossiers: looked after, but whose contact holds no post that may answer. cells: led
    by someone who holds none. duties: posts with a safety duty that reach less than the
    zone, and whose holder and unit answer for no cell and no dossier.
    """
    answering = answering_posts(zone, on=on)
    duties = Post.objects.filter(zone=zone).held_on(on).exclude(safety_duty="")
    # by way of the few people, so that a large zone's dossiers are not all looked at
    holders = Person.objects.filter(pk__in=Dossier.objects.filter(zone=zone).values("contact"))
    idle = holders.exclude(pk__in=answering.values("person"))
    return Gaps(
        dossiers=Dossier.objects.filter(zone=zone, contact__in=idle.values("pk")).looked_after(),
        cells=Cell.objects.filter(zone=zone, is_open=True).exclude(
            leader__in=answering.values("person")
        ),
        duties=duties.filter(
            ~Q(role__in=WHOLE),
            ~Exists(Dossier.objects.filter(zone=zone, unit=OuterRef("unit"))),
            ~Exists(Cell.objects.filter(zone=zone, leader=OuterRef("person"))),
            ~Exists(Dossier.objects.filter(zone=zone, contact=OuterRef("person"))),
        ).select_related("person", "unit"),
    )


def loads_by(zone: Zone, column: str) -> Counter[UUID]:
    """Return how many looked-after dossiers each contact or each cell has. One query."""
    rows = Dossier.objects.filter(zone=zone).looked_after().values_list(column)
    return Counter(dict(rows.annotate(n=Count("*")).order_by()))


@dataclass(frozen=True)
class Origin:
    """Who stated a fact, when and from what; is_main where most facts come from there."""

    source: Source
    row: int | None
    is_main: bool = False

    def __str__(self) -> str:
        if self.row is None:
            return self.source.reference
        words = _("%(source)s, row %(row)s")
        return words % {"source": self.source.reference, "row": self.row}


def origins(dossier: Dossier) -> dict[str, Origin]:
    """Return fact name -> where it came from. One query, kept on the dossier object."""
    if "_origins" in dossier.__dict__:
        known: dict[str, Origin] = dossier.__dict__["_origins"]
        return known
    keys = {key: origin_of(key) for key in dossier.provenance}
    found = _SOURCES.ask([UUID(it) for it in {it for it, _row in keys.values()}])
    by_id = {str(it.pk): it for it in found if it.zone_id == dossier.zone_id}
    most = max(dossier.provenance, key=lambda key: len(dossier.provenance[key]), default="")
    found_origins = dossier.__dict__["_origins"] = {
        name: Origin(by_id[keys[key][0]], keys[key][1], key == most)
        for key, names in dossier.provenance.items()
        for name in names
        if keys[key][0] in by_id
    }
    return found_origins


def last_number(zone: Zone, kind: str) -> int:
    """Return the highest number given to a dossier code of the kind in the zone; 0 for none."""
    first = Dossier.objects.filter(
        zone=zone, code__gte=f"{PREFIX[kind]}000000", code__lte=f"{PREFIX[kind]}999999"
    )
    for code in first.order_by("-code").values_list("code", flat=True).iterator(chunk_size=50):
        if number := number_of(kind, code):
            return number
    return 0


def dossiers_in_cell(cell: Cell) -> str:
    """Say how many dossiers sit in a cell, where there are any; for CELL_HOLDERS."""
    count = Dossier.objects.filter(zone=cell.zone_id, cell=cell).count()
    words = ngettext(
        "%(count)s dossier sits in %(cell)s. Move it to another cell first.",
        "%(count)s dossiers sit in %(cell)s. Move them to another cell first.",
        count,
    )
    return words % {"count": count, "cell": cell.name} if count else ""


def shows_file(standing: Standing, kept: StoredFile) -> bool:
    """Say whether a file is a document of a dossier the person may see."""
    holding = Document.objects.filter(zone=standing.zone, file=kept).values("dossier")
    return Dossier.objects.visible_to(standing).filter(pk__in=holding).exists()


def loads_of_all(zone: Zone, *, on: date) -> list[tuple[Person, int]]:
    """Return who may answer on a day with how many dossiers rest on each. Two queries."""
    loads = loads_by(zone, "contact")
    able = Person.objects.filter(pk__in=answering_posts(zone, on=on).values("person"))
    return [(person, loads[person.pk]) for person in able.order_by("name")]


@dataclass(frozen=True)
class Answers:
    """What one person answers for: their posts, duties, cells and dossiers."""

    person: Person
    posts: list[Post]
    cells: list[Cell]
    dossiers: int


@dataclass(frozen=True)
class Duties:
    """Who answers for what: by person, the most laden first, and by cell with its load."""

    people: list[Answers]
    cells: list[tuple[Cell, int]]


def who_answers(zone: Zone, *, on: date) -> Duties:
    """Return everyone with a post or something in their hands, and every cell.

    Five queries, whatever the size of the zone. The load counts looked-after dossiers.
    """
    by_person, by_cell = (loads_by(zone, column) for column in ("contact", "cell"))
    posts: dict[UUID, list[Post]] = {}
    held = Post.objects.filter(zone=zone).held_on(on).exclude(role__in=OUTSIDERS)
    for post in held.select_related("cell", "unit"):
        posts.setdefault(post.person_id, []).append(post)
    in_use = Cell.objects.filter(zone=zone, is_open=True)
    cells = list(in_use.select_related("leader").order_by("path"))
    led: dict[UUID, list[Cell]] = {}
    for cell in cells:
        led.setdefault(cell.leader_id, []).append(cell)
    people = Person.objects.filter(pk__in={*by_person, *posts, *led}).order_by("name")
    rows = [
        Answers(it, posts.get(it.pk, []), led.get(it.pk, []), by_person[it.pk]) for it in people
    ]
    rows.sort(key=lambda row: -row.dossiers)
    return Duties(rows, [(cell, by_cell[cell.pk]) for cell in cells])


def fact(label: str | Promise, value: Any, origin: Origin | None, *, href: str = "") -> Fact:
    """Return a fact with who stated it, when and from what, if not the dossier's main source."""
    shown = None if value is None or value == "" else value
    if origin is None or shown is None or origin.is_main:
        return Fact(label=label, value=shown, href=href)
    return Fact(
        label=label,
        value=shown,
        href=href,
        source=str(origin),
        by=origin.source.by_name,
        at=day_of(origin.source.at),
    )


def main_origin(dossier: Dossier) -> Origin | None:
    """Return where most of what is known of a dossier comes from."""
    return next((it for it in origins(dossier).values() if it.is_main), None)


def reaches(standing: Standing, permission: Permission, dossier: Dossier) -> bool:
    """Say whether the person holds permission over this very dossier."""
    scope = standing.scope(permission)
    return bool(scope) and within(scope, dossier)


def share_of(standing: Standing, permission: Permission, *, each: int = 1) -> Share:
    """Return how much of the zone a permission reaches, where a dossier has each of a kind.

    One small query, kept on the standing.
    """
    scope = standing.scope(permission)
    if scope.whole_zone:
        return Share.ALL
    kept: dict[Scope, int] = standing.__dict__.setdefault("_reached", {})
    if scope not in kept:
        kept[scope] = Dossier.objects.visible_to(standing, permission)[: LITTLE + 1].count()
    if kept[scope] > LITTLE:
        return Share.MUCH
    return Share.FEW if kept[scope] * each <= LITTLE else Share.LITTLE


def about_named(titles: Titles) -> Q:
    """Return the condition, on what belongs to a dossier, that the dossier's name holds words."""
    called = Q(pk__in=())
    for kind in DossierKind:
        called |= Q(kind=kind) & titles.hold(kind, "name")
    found = Dossier.objects.filter(called, zone=titles.zone)
    ids = list(found.values_list("pk", flat=True)[: NAMED + 1])
    if len(ids) <= NAMED:
        return Q(dossier__pk__among=ids)
    return Q(dossier__in=found.values("pk"))


def in_cell(rows: QuerySet[Any], path: str) -> QuerySet[Any]:
    """Narrow dossiers of one zone to a cell and all below it."""
    return rows.filter(cell__in=Cell.objects.filter(path__startswith=path).values("pk"))
