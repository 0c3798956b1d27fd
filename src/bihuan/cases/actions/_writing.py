"""How a move is written down: the case, the move, its evidence and the ledger, together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from bihuan.accounts.models import Person
from bihuan.cases.models import Case, Counter, Evidence, Move
from bihuan.cases.rules.declaration import Proof, Situation
from bihuan.cases.rules.story import columns
from bihuan.core.actors import Actor
from bihuan.core.refusals import Refused
from bihuan.files.models import StoredFile
from bihuan.ledger.actions import record
from bihuan.zones.models import Zone

Attached = Sequence[tuple[StoredFile, Proof]]


def next_number(zone: Zone, series: str, count: int = 1) -> int:
    """Take count numbers of a series and return the first; gaps only where one rolls back."""
    taken = Counter.objects.filter(zone=zone, series=series).update(last=F("last") + count)
    if not taken:
        try:
            with transaction.atomic():
                Counter.objects.create(zone=zone, series=series, last=count)
        except IntegrityError:  # someone else began the series meanwhile
            return next_number(zone, series, count)
        return 1
    return Counter.objects.values_list("last", flat=True).get(zone=zone, series=series) - count + 1


def hold_series(zone: Zone, series: Iterable[str]) -> None:
    """Hold the counters of series until the transaction ends, in the order a visit takes them."""
    rows = Counter.objects.filter(zone=zone, series__in=set(series)).order_by("series")
    list(rows.select_for_update(no_key=True).values_list("pk"))


def project(case: Case, situation: Situation) -> None:
    """Set the columns of a case to what its moves add up to."""
    for name, value in columns(situation).items():
        setattr(case, name, value)


PROJECTED = (
    "status", "is_live", "rectifier_unit", "rectifier", "due_on", "original_due_on",
    "paused_on", "rectified_on", "on_time", "ended_at", "level", "version",
    "last_move",
)  # fmt: skip


@dataclass(frozen=True)
class Leaf:
    """One move about to be written: its name, the ledger's word for it, and its contents."""

    name: str
    past: str
    seq: int
    from_status: str
    data: Mapping[str, Any]
    attached: Attached = ()
    id: UUID | None = None


def write_move(*, case: Case, leaf: Leaf, by: Actor, at: datetime) -> Move:
    """Store one move with its evidence and its ledger event."""
    move = Move(
        zone_id=case.zone_id,
        case=case,
        seq=leaf.seq,
        name=leaf.name,
        from_status=leaf.from_status,
        to_status=case.status,
        at=at,
        by=by if isinstance(by, Person) else None,
        by_name=by.display_name,
        data=plain(leaf.data),
    )
    if leaf.id:
        move.id = leaf.id
    move.save(force_insert=True)
    if leaf.attached:
        Evidence.objects.bulk_create(
            Evidence(zone_id=case.zone_id, case=case, move=move, file=kept, proof=proof)
            for kept, proof in leaf.attached
        )
    record(
        zone_id=case.zone_id,
        kind=f"case.{leaf.past}",
        about=("case", str(case.pk)),
        by=by,
        at=at,
        data={
            "number": case.number,
            "move": str(move.pk),
            "from": leaf.from_status,
            "to": case.status,
            **{key: value for key, value in move.data.items() if key != "names"},
        },
        files=[kept.sha256 for kept, proof in leaf.attached],
    )
    return move


def plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return inputs as JSON keeps them: dates and ids as text, nothing empty."""
    return {
        key: value.isoformat() if isinstance(value, date) else _flat(value)
        for key, value in data.items()
        if value not in (None, "")
    }


def _flat(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


def check_attached(zone: Zone, attached: Attached, by: Actor) -> None:
    """Refuse evidence of another zone, or that somebody else uploaded."""
    for kept, _proof in attached:
        own = not isinstance(by, Person) or kept.received_by_id == by.pk
        if kept.zone_id != zone.pk or not own:
            raise Refused(_("You can only attach files you uploaded yourself. Upload it again."))
