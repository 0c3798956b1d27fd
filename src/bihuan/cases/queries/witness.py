"""Where cases differ from what the ledger says of them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Prefetch

from bihuan.cases.models import Case, Evidence, Move, Origin
from bihuan.cases.queries.case import told
from bihuan.cases.queries.kinds import kind_of
from bihuan.cases.rules.declaration import (
    Kind,
)
from bihuan.cases.rules.story import columns, content_of, fold
from bihuan.core.working_days import WorkCalendar
from bihuan.dossiers.queries import pieces
from bihuan.ledger.queries import Said, missing, said_of
from bihuan.ledger.rules.body import plain
from bihuan.zones.models import Zone
from bihuan.zones.queries import calendar_of

BEGINNINGS = ("case.reported", "case.imported")


def contradictions(zone_id: UUID) -> Iterator[tuple[int, str]]:
    """Say where cases, moves or evidence differ from what the ledger says of them; for WITNESSES.

    Yields the number of the event that says otherwise, 0 where none does, and what of which case.
    """
    zone = Zone.objects.filter(pk=zone_id).first()
    if zone is None:
        return
    calendar = calendar_of(zone)
    found = 0
    known = Case.objects.filter(zone=zone)
    ids = known.order_by("pk").values_list("pk", flat=True)
    for pks in pieces(ids.iterator(chunk_size=2000)):
        events = said_of(zone_id, "case", pks)
        found += len(events)
        rows = Case.objects.filter(pk__in=pks).annotate(home=F("dossier__cell"))
        for case in rows.prefetch_related(
            Prefetch("moves", Move.objects.filter(zone=zone).order_by("seq"), "in_order"),
            Prefetch(
                "evidence", Evidence.objects.filter(zone=zone).select_related("file"), "proofs"
            ),
        ):
            said = [it for it in events.get(str(case.pk), []) if it.kind.startswith("case.")]
            for seq, what in _compared(case, said, calendar):
                yield seq, f"{case.number} {what}"
    for seq, name in missing(zone_id, BEGINNINGS, found, known):
        yield seq, f"{name} missing"


def _compared(case: Any, events: list[Said], calendar: WorkCalendar) -> Iterator[tuple[int, str]]:
    moves, kind = case.in_order, kind_of(case.kind)
    if not moves or len(moves) != len(events):
        yield (events[-1].seq if events else 0), "moves"
        return
    proofs: dict[UUID, list[str]] = {}
    for it in case.proofs:
        proofs.setdefault(it.move_id, []).append(it.file.sha256)
    for place, (move, event) in enumerate(zip(moves, events, strict=True), start=1):
        if move.seq != place or not _is_told(kind, case, move, event):
            yield event.seq, f"move {move.seq}"
        if sorted(event.files) != sorted(proofs.get(move.pk, [])):
            yield event.seq, f"evidence of move {move.seq}"
    wanted = {**_columns_of(kind, moves, calendar), "cell_id": case.home, "version": len(moves)}
    case.content = content_of(case.description, case.place, case.finder_name)
    for name, value in wanted.items():
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
    recurs = said.get("recurs")
    known |= {"recurs_id": UUID(recurs) if recurs else None, "content": said["content_sha256"]}
    if first.name == "import":
        found_at = datetime.fromisoformat(said["found_at"])
        return {**known, "origin": Origin.IMPORT, "found_at": found_at, "found_by_id": None}
    more = {name: said.get(name, "") for name in ("category", "clause")}
    known |= {**more, "found_by_id": first.by_id, "found_at": first.at}
    return {**known, "origin": Origin.HERE}


def _is_told(kind: Kind, case: Case, move: Move, event: Said) -> bool:
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
