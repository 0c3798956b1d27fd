"""Where rounds, their lists, visits and excuses differ from what the ledger says of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet

from bihuan.core.days import day_of
from bihuan.dossiers.models import Dossier
from bihuan.dossiers.queries import pieces
from bihuan.ledger.queries import Said, missing, said_of
from bihuan.ledger.rules.body import plain
from bihuan.rounds.models import Entry, Excuse, Finding, Opening, Photo, Present, Round, Visit
from bihuan.rounds.queries.coverage import tally
from bihuan.rounds.rules.coverage import (
    EntryState,
    Joined,
    RoundState,
    Verdict,
    list_digest,
    unpacked,
)
from bihuan.rounds.rules.visiting import digest

Contradictions = Iterator[tuple[int, str]]

COLUMNS = (
    "number", "dossier", "round", "checklist", "visited_on", "started_at", "ended_at", "answers",
    "notes", "summary", "refusal", "found", "fingerprint", "recorded_at", "by", "by_name",
    "origin", "reference",
)  # fmt: skip
PRESENT = ("zone", "place", "side", "name", "title", "certificate", "signature__sha256")
PHOTOS = ("zone", "file__sha256")
FINDINGS = ("zone", "place", "item", "case", "is_known")
VISITS = ("visit.recorded", "visit.imported")


def contradictions(zone_id: UUID) -> Contradictions:
    """Say where rounds, visits and excuses differ from the ledger, or from each other.

    For WITNESSES: yields the number of the event that says otherwise, 0 where none does, and
    what of which record.
    """
    yield from _of_visits(zone_id)
    yield from _of_rounds(zone_id)
    yield from _of_lists(zone_id)


def digests_of(pks: Iterable[UUID]) -> dict[UUID, str]:
    """Return the SHA-256 of each visit as it is kept, with who was there and what was found.

    Four queries. The ledger keeps it, so that no word of a visit changes unnoticed.
    """
    ids = list(pks)
    parts: dict[UUID, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for name, rows in (
        ("present", Present.objects.order_by("place").values_list("visit", *PRESENT)),
        ("photos", Photo.objects.order_by("file__sha256").values_list("visit", *PHOTOS)),
        ("findings", Finding.objects.order_by("place").values_list("visit", *FINDINGS)),
    ):  # fmt: skip
        for pk, *told in rows.filter(visit__in=ids):
            parts[pk][name].append(told)
    return {
        pk: digest({**dict(zip(COLUMNS, values, strict=True)), **parts[pk]})
        for pk, *values in Visit.objects.filter(pk__in=ids).values_list("pk", *COLUMNS)
    }


def _of_visits(zone_id: UUID) -> Contradictions:
    found, rows = 0, Visit.objects.filter(zone=zone_id)
    ids = rows.order_by("pk").values_list("pk", flat=True)
    for pks in pieces(ids.iterator(chunk_size=2000)):
        events, digests = said_of(zone_id, "visit", pks), digests_of(pks)
        for row in Visit.objects.filter(pk__in=pks).order_by("pk"):
            said = [it for it in events.get(str(row.pk), []) if it.kind in VISITS]
            found += bool(said)
            if not said:
                yield 0, f"{row.number} recorded"
            elif what := _untold(row, said[0], digests[row.pk]):
                yield said[0].seq, f"{row.number} {what}"
    for seq, name in missing(zone_id, VISITS, found, rows):
        yield seq, f"{name} missing"


def _untold(row: Visit, event: Said, digested: str) -> str:
    """Return which part of a visit is not what was recorded; nothing where all is."""
    stands: Any = plain(
        {
            "number": row.number, "dossier": row.dossier_id, "round": row.round_id,
            "checklist": row.checklist_id, "visited_on": row.visited_on, "found": row.found,
            "reference": row.reference,
        }
    )  # fmt: skip
    other = [name for name, value in stands.items() if event.data.get(name, value) != value]
    if other:
        return str(other[0])
    actor = f"person:{row.by_id}" if row.by_id else event.actor
    if (row.recorded_at, actor) != (event.at, event.actor):
        return "by whom and when"
    is_whole = event.data.get("content_sha256") == digested
    return "" if is_whole else "contents"


def _of_rounds(zone_id: UUID) -> Contradictions:
    known = Round.objects.filter(zone=zone_id)
    rows = list(known.order_by("pk"))
    events = said_of(zone_id, "round", [row.pk for row in rows])
    for row in rows:
        said = events.get(str(row.pk), [])
        if not said or said[0].kind != "round.opened":
            yield 0, f"{row.name} opened"
            continue
        for seq, what in _of_round(row, said):
            yield seq, f"{row.name} {what}"
    for seq, name in missing(zone_id, ("round.opened",), len(events), known):
        yield seq, f"round {name} missing"


def _of_round(row: Round, said: list[Said]) -> Contradictions:
    opened = said[0]
    joined = [it for it in said if it.kind == "round.joined"]
    stands: Any = plain(
        {
            "name": row.name, "template": row.template, "criteria": row.criteria,
            "checklist": row.checklist_id, "note": row.note, "due_on": row.due_on,
            "total": row.total - len(joined),
        }
    )  # fmt: skip
    yield from ((opened.seq, it) for it, value in stands.items() if opened.data.get(it) != value)
    if row.opened_at != opened.at:
        yield opened.seq, "opened_at"
    yield from _of_end(row, said)
    if row.state != RoundState.CANCELLED or Entry.objects.filter(round=row).exists():
        yield from _of_list(row, opened, joined)
    yield from _of_excuses(row, said)


ENDS = {"round.closed": RoundState.CLOSED, "round.cancelled": RoundState.CANCELLED}


def _of_end(row: Round, said: list[Said]) -> Contradictions:
    end = next((it for it in reversed(said) if it.kind in ENDS), None)
    if end is None:
        if row.state not in (RoundState.OPEN, RoundState.OPENING) or row.ended_reason:
            yield 0, "state"
        return
    told = (ENDS[end.kind], end.at, *(end.data.get(it) for it in ("total", "visited", "excused")))
    if (row.state, row.ended_at, row.total, row.visited, row.excused) != told:
        yield end.seq, "state"
    if plain(row.ended_reason) != end.data.get("reason", ""):
        yield end.seq, "reason"


def _of_list(row: Round, opened: Said, joined: list[Said]) -> Contradictions:
    """Compare the list with what was frozen, and with who joined since."""
    entries = Entry.objects.filter(zone=row.zone_id, round=row)
    frozen: Iterable[UUID] = entries.filter(joined=Joined.FROZEN).values_list("dossier", flat=True)
    if row.state == RoundState.OPENING:
        packed = Opening.objects.filter(round=row).values_list("listed", flat=True).first()
        frozen = [dossier for dossier, _cell in unpacked(bytes(packed or b""))]
    elif (row.total, row.visited, row.excused) != _counted(row):
        yield 0, "counts"
    if list_digest(map(str, frozen)) != opened.data.get("list_sha256"):
        yield opened.seq, "list"
    if entries.filter(joined=Joined.FROZEN).exclude(joined_why="").exists():
        yield opened.seq, "list"
    came = entries.exclude(joined=Joined.FROZEN).values_list("dossier", "joined", "joined_why")
    told = sorted((it.data["dossier"], it.data["why"], it.data["note"]) for it in joined)
    if sorted(tuple(plain(it) for it in line) for line in came) != told:
        yield (joined[-1].seq if joined else 0), "joined"


def _counted(row: Round) -> tuple[int, int, int]:
    counts = tally(row)
    return counts.total, counts.visited, counts.excused


def _of_excuses(row: Round, said: list[Said]) -> Contradictions:
    told: dict[str, tuple[int, dict[str, Any]]] = {}
    for event in said:
        if event.kind.startswith("excuse."):
            name = str(event.data.get("excuse"))
            told[name] = event.seq, _excuse_told(event, told.get(name, (0, {}))[1])
    rows = Excuse.objects.filter(zone=row.zone_id, entry__round=row).select_related(
        "entry", "evidence"
    )
    stands = {str(it.pk): _excuse_kept(it) for it in rows}
    for name in sorted(told.keys() | stands.keys()):
        seq, wanted = told.get(name, (0, {}))
        if wanted != stands.get(name):
            yield seq, f"excuse {name}"


def _excuse_told(event: Said, before: Mapping[str, Any]) -> dict[str, Any]:
    data = event.data
    said = {name: data.get(name) for name in ("dossier", "reason")} | {"evidence": event.files}
    if event.kind == "excuse.asked":
        asked = {"note": data.get("note"), "asked": (event.actor, event.at)}
        return {**said, **asked, "verdict": Verdict.ASKED.value, "decided": None, "word": ""}
    word = data.get("note")
    return {
        **before, **said, "verdict": event.kind.removeprefix("excuse."),
        "decided": (event.actor, event.at), "word": word,
    }  # fmt: skip


def _excuse_kept(it: Excuse) -> dict[str, Any]:
    decided = (f"person:{it.decided_by_id}", it.decided_at) if it.decided_by_id else None
    return {
        "dossier": plain(it.entry.dossier_id),
        "reason": it.reason,
        "note": plain(it.note),
        "evidence": (it.evidence.sha256,),
        "asked": (f"person:{it.asked_by_id}", it.asked_at),
        "verdict": it.verdict,
        "decided": decided,
        "word": plain(it.decision_note or it.note) if decided else "",
    }


def _of_lists(zone_id: UUID) -> Contradictions:
    """Compare entries with the visits and excuses that settled them, dossiers with their last."""
    for what, rows in _askew(zone_id):
        for code in rows.order_by("pk").values_list("dossier__code", flat=True):
            yield 0, f"{code} {what}"
    last = dict(
        Visit.objects.filter(zone=zone_id)
        .values_list("dossier")
        .annotate(last=Max("visited_on"))
        .order_by()
        .iterator(chunk_size=2000)
    )
    known = Dossier.objects.filter(zone=zone_id).order_by("pk")
    for pk, code, on in known.values_list("pk", "code", "last_visited_on").iterator():
        if last.get(pk) != on:
            yield 0, f"{code} last_visited_on"
    excused = Excuse.objects.filter(zone=zone_id, verdict=Verdict.APPROVED)
    for on, code, at in excused.filter(entry__state=EntryState.EXCUSED).values_list(
        "entry__settled_on", "entry__dossier__code", "decided_at"
    ):
        if at is None or on != day_of(at):
            yield 0, f"{code} settled_on"


def _askew(zone_id: UUID) -> Iterator[tuple[str, QuerySet[Any]]]:
    entries = Entry.objects.filter(zone=zone_id)
    approved = Exists(Excuse.objects.filter(entry=OuterRef("pk"), verdict=Verdict.APPROVED))
    fits = Q(
        visit__round=F("round"), visit__dossier=F("dossier"), settled_on=F("visit__visited_on")
    )
    yield "visit of the list", entries.filter(state=EntryState.VISITED).exclude(fits)
    yield "excuse of the list", entries.filter(state=EntryState.EXCUSED).exclude(approved)
    yield "to go though excused", entries.filter(approved, state=EntryState.TO_GO)
    ticked = Exists(Entry.objects.filter(visit=OuterRef("pk")))
    made = Visit.objects.filter(zone=zone_id, round__isnull=False)
    yield "visited and not ticked off", made.exclude(ticked)
