"""What pages ask about cases."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bihuan.accounts.models import Person
from bihuan.cases.models import Case, Evidence, Move, Origin
from bihuan.cases.permissions import allows
from bihuan.cases.rules.declaration import (
    GRADE_NAMES,
    Attempt,
    Grade,
    Hand,
    Input,
    Kind,
    MoveRule,
    Situation,
    Status,
    Words,
)
from bihuan.cases.rules.guards import is_the_rectifier
from bihuan.cases.rules.story import BEGINNING_WORDS, Told, columns, default_due, fold, not_offered
from bihuan.core.composition import listed
from bihuan.core.days import day_of
from bihuan.core.permissions import ROLES, Permission
from bihuan.core.ready import Given, Ready
from bihuan.core.working_days import CalendarEnds, WorkCalendar
from bihuan.dossiers.queries import pieces
from bihuan.files.models import StoredFile
from bihuan.ledger.models import Event
from bihuan.ledger.queries import told_in
from bihuan.ledger.rules.body import plain
from bihuan.zones.models import Post, Unit, UnitKind, Zone
from bihuan.zones.permissions import Standing
from bihuan.zones.queries import calendar_of
from bihuan.zones.rules import Rest

_MOVES = Ready(lambda: Move.objects.filter(case=Given("case")).order_by("seq"))
_EVIDENCE = Ready(
    lambda: Evidence.objects.filter(case=Given("case")).select_related("file").order_by("id")
)
_CASES = Ready(
    lambda: Case.objects.filter(zone=Given("zone"), pk=Given("pk")).select_related(
        "dossier__cell", "zone", "rectifier_unit", "rectifier", "recurs"
    )
)
_RECURRENCES = Ready(
    lambda: (
        Case.objects.filter(recurs=Given("case")).order_by("found_at").only("number", "title")[:10]
    )
)

THE_ENTERPRISE = "own"  # what a form sends for the organisation the dossier is about


def kind_of(code: str) -> Kind:
    """Return the declaration of a kind of case; KeyError if no domain declares it."""
    for kind in listed("KINDS"):
        if isinstance(kind, Kind) and kind.code == code:
            return kind
    raise KeyError(code)


def found_kind() -> Kind:
    """Return the kind of case that is opened by what somebody finds."""
    kind: Kind = next(kind for kind in listed("KINDS") if kind.is_found)
    return kind


def usual_dues(zone: Zone, kind: Kind, *, on: date) -> dict[Grade, date | None]:
    """Return by when a case reported that day is due, for each grade, if nobody says otherwise.

    None where the working days that far ahead are not known: then a date must be given.
    """
    calendar = calendar_of(zone)
    return {grade: _usual_due(kind, grade, on, calendar) for grade in kind.deadlines}


def _usual_due(kind: Kind, grade: Grade, on: date, calendar: WorkCalendar) -> date | None:
    try:
        return default_due(kind, grade, on, calendar)
    except CalendarEnds:
        return None


def said_dues(dues: Mapping[Grade, date | None]) -> str:
    """Say what holds where no date is given, grade by grade."""
    unknown = _("to be given (holidays that far ahead are not entered yet)")
    parts = [
        f"{GRADE_NAMES[grade]} {date_format(due) if due else unknown}"
        for grade, due in dues.items()
    ]
    return _("If left empty: %(dates)s.") % {"dates": " · ".join(parts)}


def told(moves: Iterable[Move]) -> list[Told]:
    """Return stored moves as the rules read them."""
    return [Told(move.name, move.at, move.by_id, move.data) for move in moves]


def the_case(standing: Standing, pk: UUID) -> Case | None:
    """Return a case that the person may see, with what its page shows of others.

    One query; two for who does not see the whole zone.
    """
    visible = Case.objects.visible_to(standing)
    is_seen = standing.scope(Permission.CASE_READ).whole_zone or visible.filter(pk=pk).exists()
    return next(iter(_CASES.ask(zone=standing.zone.pk, pk=pk)), None) if is_seen else None


def recurrences_of(case: Case) -> list[Case]:
    """Return the first ten cases that repeat this one; one query."""
    return _RECURRENCES.ask(case=case.pk)


def moves_of(case: Case) -> list[Move]:
    """Return the moves of a case as they were made; one query."""
    return _MOVES.ask(case=case.pk)


def situation_of(case: Case, calendar: WorkCalendar) -> Situation:
    """Return where a case stands, from its moves; one query."""
    return fold(kind_of(case.kind), told(moves_of(case)), calendar)


@dataclass(frozen=True)
class Choice:
    """A move known from here, or what blocks it; onward is the usual way, asks its inputs."""

    rule: MoveRule
    blocked: Words | None
    onward: bool
    label: Words
    asks: tuple[Input, ...]


def choices(standing: Standing, case: Case, situation: Situation, *, at: datetime) -> list[Choice]:
    """Return the moves this person's posts open on a case, with what blocks each.

    The usual way on comes first, then what turns aside, each as declared.
    """
    units = frozenset(post.unit_id for post in standing.posts if post.unit_id)
    attempt = Attempt(standing.person.pk, units, at)
    needless = {"on_behalf"} if is_the_rectifier(situation, attempt) else set()
    found = [
        Choice(
            rule,
            not_offered(rule, situation, attempt),
            case.status in rule.onward,
            rule.label_at(case.status),
            tuple(it for it in rule.inputs if it.name not in needless),
        )
        for rule in kind_of(case.kind).moves
        if rule.hand is not Hand.SYSTEM
        and case.status in rule.sources
        and allows(standing, rule.permission, case)
    ]
    return sorted(found, key=lambda it: not it.onward)


@dataclass(frozen=True)
class Line:
    """One line of a case's story."""

    move: Move
    words: Words
    details: Sequence[tuple[Words, str]]
    evidence: Sequence[Evidence]


def story(case: Case, moves: Iterable[Move]) -> list[Line]:
    """Return the story of a case from finding to end; one query."""
    kind = kind_of(case.kind)
    by_move: dict[UUID, list[Evidence]] = {}
    for evidence in _EVIDENCE.ask(case=case.pk):
        by_move.setdefault(evidence.move_id, []).append(evidence)
    return [Line(move, *_words(kind, move), by_move.get(move.pk, [])) for move in moves]


def _words(kind: Kind, move: Move) -> tuple[Words, list[tuple[Words, str]]]:
    if move.name in BEGINNING_WORDS:
        return BEGINNING_WORDS[move.name], []
    rule = kind.move(move.name)
    names = move.data.get("names", {})
    shown = [
        (wanted.label, names.get(wanted.name) or _said(wanted, move.data.get(wanted.name)))
        for wanted in rule.inputs
    ]
    return rule.story, [(label, text) for label, text in shown if text]


def _said(wanted: Input, value: Any) -> str:
    if wanted.kind == "role" and value in ROLES:
        return str(ROLES[value].name)
    return str(value or "")


@dataclass(frozen=True)
class Hands:
    """Whole days a case lay with us (to assign, to verify), with them (to rectify), paused."""

    ours: int
    theirs: int
    paused: int


def hands(moves: Sequence[Move], *, now: datetime) -> Hands:
    """Return in whose hands a case lay, and how long, from its moves in order."""
    spent = {"ours": timedelta(), "theirs": timedelta(), "paused": timedelta()}
    is_paused = False
    for move, following in zip(moves, [*moves[1:], None], strict=True):
        is_paused = move.name == "pause" or (is_paused and move.name != "resume")
        if move.to_status not in (Status.OPEN, Status.ASSIGNED, Status.SUBMITTED):
            break
        until = following.at if following else now
        whose = "theirs" if move.to_status == Status.ASSIGNED else "ours"
        spent["paused" if is_paused else whose] += max(until - move.at, timedelta())
    return Hands(spent["ours"].days, spent["theirs"].days, spent["paused"].days)


def similar(
    zone: Zone, dossier_id: UUID, *, category: str, clause: str, title: str, since: date
) -> list[Case]:
    """Return cases of one dossier that may be the same thing, or the same thing again.

    Live ones are possible duplicates, ended ones possible recurrences. Suggestions only:
    nothing is ever merged.
    """
    alike = Q(title__iexact=title.strip()) if title.strip() else Q(pk__in=())
    if clause:
        alike |= Q(clause=clause)
    if category:
        alike |= Q(category=category)
    return list(
        Case.objects.filter(zone=zone, dossier_id=dossier_id)
        .filter(alike)
        .filter(Q(is_live=True) | Q(status=Status.CLOSED, found_at__date__gte=since))
        .order_by("-is_live", "-found_at")[:10]
    )


def known_history(zone: Zone, past: Iterable[Any]) -> set[tuple[object, ...]]:
    """Return dossier, title and day of imported cases about the dossiers of past; one query."""
    dossiers = {row.dossier.pk for row in past}
    rows = Case.objects.filter(zone=zone, dossier__in=dossiers, origin=Origin.IMPORT)
    return {
        (dossier, title, day_of(found_at))
        for dossier, title, found_at in rows.values_list("dossier", "title", "found_at")
    }


def organisations(zone: Zone, case: Case) -> list[tuple[str, str]]:
    """Return who may be asked to rectify: the dossier's own organisation first, then units."""
    units = Unit.objects.filter(zone=zone, is_open=True).exclude(kind=UnitKind.ENTERPRISE)
    others = [(str(pk), name) for pk, name in units.order_by("name").values_list("pk", "name")]
    return [(THE_ENTERPRISE, case.dossier.name), *others]


def people_to_ask(zone: Zone, *, on: date) -> list[tuple[str, str]]:
    """Return the people who hold a post in the zone on a day, with unit or role; one query."""
    posts = Post.objects.filter(zone=zone, person__is_active=True).held_on(on)
    named = posts.exclude(role="auditor").order_by("person__name")
    rows = named.values_list("person", "person__name", "unit__name", "title")[:500]
    return [
        (str(pk), " · ".join(filter(None, (name, unit, title)))) for pk, name, unit, title in rows
    ]


def shows_file(standing: Standing, kept: StoredFile) -> bool:
    """Say whether a file is evidence of a case the person may see."""
    holding = Evidence.objects.filter(zone=standing.zone, file=kept).values("case")
    return Case.objects.visible_to(standing).filter(pk__in=holding).exists()


def cases_resting(person: Person, zone: Zone) -> list[Rest]:
    """Say how many live cases person has to rectify; for HANDOVERS."""
    count = resting_on(person.pk, zone)
    words = ngettext("%(count)s case to rectify", "%(count)s cases to rectify", count)
    return [Rest(count, words % {"count": count}, "cases:list")]


def resting_on(person_id: UUID, zone: Zone) -> int:
    """Return how many live cases name a person as the one who rectifies."""
    return Case.objects.filter(zone=zone, is_live=True, rectifier=person_id).count()


def contradictions(zone_id: UUID) -> Iterator[tuple[int, str]]:
    """Say where cases, moves or evidence differ from what the ledger says of them; for WITNESSES.

    Yields the number of the event that says otherwise, 0 where none does, and what of which case.
    """
    zone = Zone.objects.filter(pk=zone_id).first()
    if zone is None:
        return
    calendar = calendar_of(zone)
    begun = Event.objects.filter(zone_id=zone_id, kind__in=("case.reported", "case.imported"))
    found = 0
    ids = Case.objects.filter(zone=zone).order_by("pk").values_list("pk", flat=True)
    for pks in pieces(ids.iterator(chunk_size=2000)):
        found += len(pks)
        events = _events_of(zone_id, pks)
        rows = Case.objects.filter(pk__in=pks).prefetch_related(
            Prefetch("moves", Move.objects.order_by("seq"), "in_order"), "evidence__file"
        )
        for case in rows:
            for seq, what in _compared(case, events.get(str(case.pk), []), calendar):
                yield seq, f"{case.number} {what}"
    if begun.count() > found:
        for seq, name in begun.order_by("seq").values_list("seq", "about_id"):
            if not Case.objects.filter(zone=zone, pk=name).exists():
                yield seq, f"{name} missing"


@dataclass(frozen=True)
class _Said:
    """What one event says of a case."""

    seq: int
    kind: str
    at: datetime
    actor: str
    data: dict[str, Any]
    files: Sequence[str]


def _events_of(zone_id: UUID, pks: Iterable[UUID]) -> dict[str, list[_Said]]:
    rows = Event.objects.filter(
        zone_id=zone_id, about_type="case", about_id__in=[str(pk) for pk in pks]
    ).filter(kind__startswith="case.")
    said: dict[str, list[_Said]] = {}
    for name, seq, kind, at, actor, body in rows.order_by("seq").values_list(
        "about_id", "seq", "kind", "at", "actor", "body"
    ):
        data, files = told_in(body)
        said.setdefault(name, []).append(_Said(seq, kind, at, actor, dict(data), files))
    return said


def _compared(case: Any, events: list[_Said], calendar: WorkCalendar) -> Iterator[tuple[int, str]]:
    moves, kind = case.in_order, kind_of(case.kind)
    if not moves or len(moves) != len(events):
        yield (events[-1].seq if events else 0), "moves"
        return
    proofs: dict[UUID, list[str]] = {}
    for it in case.evidence.all():
        proofs.setdefault(it.move_id, []).append(it.file.sha256)
    for move, event in zip(moves, events, strict=True):
        if not _is_told(kind, case, move, event):
            yield event.seq, f"move {move.seq}"
        if sorted(event.files) != sorted(proofs.get(move.pk, [])):
            yield event.seq, f"evidence of move {move.seq}"
    for name, value in _columns_of(kind, moves, calendar).items():
        if getattr(case, name) != value:
            yield events[-1].seq, name


def _columns_of(kind: Kind, moves: Sequence[Move], calendar: WorkCalendar) -> dict[str, Any]:
    """Return what the columns of a case must hold; a status of None where moves cannot follow."""
    try:
        wanted = {**_first_words(moves[0]), **columns(fold(kind, told(moves), calendar))}
    except (KeyError, ValueError, TypeError, AttributeError):
        return {"status": None}
    if any(move.name == "resume" for move in moves):
        del wanted["due_on"]  # reckoned with the holidays as they were known then
    return wanted


def _first_words(first: Move) -> dict[str, Any]:
    """Return the columns that a case has from its beginning and keeps."""
    said = first.data
    known = {"title": said["title"], "grade": said["grade"], "dossier_id": UUID(said["dossier"])}
    if first.name == "report":
        more = {name: said.get(name, "") for name in ("category", "clause")}
        known |= {**more, "found_by_id": first.by_id, "found_at": first.at}
    return known


def _is_told(kind: Kind, case: Case, move: Move, event: _Said) -> bool:
    said = dict(event.data)
    past = {"report": "reported", "import": "imported"}.get(move.name)
    return (
        said.pop("number", None) == case.number
        and said.pop("move", str(move.pk)) == str(move.pk)
        and said.pop("from", "") == move.from_status
        and said.pop("to", move.to_status) == move.to_status
        and said == plain({k: v for k, v in move.data.items() if k != "names"})
        and event.at == move.at
        and event.kind == f"case.{past or kind.move(move.name).past}"
        and (move.by_id is None or event.actor == f"person:{move.by_id}")
        and (move.by_id is not None or past == "imported" or event.actor.startswith("system:"))
    )
