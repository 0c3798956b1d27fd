"""What safety writes of its own: supplied checklists, delegations of powers."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.accounts.models import Person
from bihuan.core.actors import Actor
from bihuan.core.days import day_of
from bihuan.core.permissions import Permission
from bihuan.core.refusals import Refused
from bihuan.files.models import StoredFile
from bihuan.ledger.actions import record
from bihuan.rounds.actions import load_checklist
from bihuan.rounds.models import Checklist
from bihuan.rounds.rules.checklist import Content, content_of
from bihuan.safety.models import Basis, Delegation
from bihuan.safety.queries import statutory_refusal_of
from bihuan.zones.models import Unit, Zone
from bihuan.zones.permissions import require

SUPPLIED = Path(__file__).parent / "checklists"


def _supplied() -> Iterator[Content]:
    for path in sorted(SUPPLIED.glob("*.toml")):
        yield content_of(tomllib.loads(path.read_text("utf-8")))


@transaction.atomic
def load_supplied_checklists(*, zone: Zone, by: Actor, at: datetime) -> list[Checklist]:
    """Take the checklists that come with the product into use in a zone.

    What is in use in a later version stays; what is there already is not made again.
    """
    require(by, Permission.ROUND_MANAGE, zone=zone, on=day_of(at))
    newer = dict(
        Checklist.objects.filter(zone=zone, is_current=True).values_list("code", "version")
    )
    return [
        load_checklist(zone=zone, content=content, by=by, at=at)
        for content in _supplied()
        if newer.get(content.code, 0) <= content.version
    ]


@dataclass(frozen=True)
class Grant:
    """A delegation as it is to be recorded."""

    unit: Unit
    basis: Basis
    granted_by: str
    document: str
    starts_on: date
    ends_on: date | None = None


@transaction.atomic
def record_delegation(
    *, zone: Zone, grant: Grant, file: StoredFile | None, by: Person, at: datetime
) -> Delegation:
    """Record that a unit was given powers of enforcement, with the document that says so."""
    require(by, Permission.ZONE_SETUP, zone=zone, on=day_of(at))
    if grant.unit.zone_id != zone.pk:
        raise Refused(_("Choose a unit of this zone."), field="unit")
    if grant.unit.kind != "department":
        raise Refused(_("Only a department can be given powers of enforcement."), field="unit")
    for name, value in (("granted_by", grant.granted_by), ("document", grant.document)):
        if not value.strip():
            raise Refused(_("Please fill this in."), field=name)
    if grant.ends_on and grant.ends_on <= grant.starts_on:
        raise Refused(_("The delegation ends before it starts."), field="ends_on")
    if file is None or file.zone_id != zone.pk or file.received_by_id != by.pk:
        raise Refused(_("Attach the document that grants the powers."), field="file")
    made = Delegation.objects.create(
        zone=zone,
        unit=grant.unit,
        basis=grant.basis,
        granted_by=grant.granted_by.strip()[:200],
        document=grant.document.strip()[:200],
        file=file,
        starts_on=grant.starts_on,
        ends_on=grant.ends_on,
        recorded_by=by,
        recorded_at=at,
    )
    _tell("delegation.recorded", made, by, at)
    return made


@transaction.atomic
def withdraw_delegation(*, delegation_id: UUID, by: Person, at: datetime) -> Delegation:
    """Note that a delegation no longer holds, from today."""
    row = (
        Delegation.objects.select_for_update(of=("self",))
        .select_related("zone", "file")
        .get(pk=delegation_id)
    )
    require(by, Permission.ZONE_SETUP, zone=row.zone, on=day_of(at))
    if row.withdrawn_on:
        raise Refused(_("It is withdrawn already."))
    row.withdrawn_on = day_of(at)
    row.save(update_fields=["withdrawn_on"])
    _tell("delegation.withdrawn", row, by, at)
    return row


def _tell(kind: str, row: Delegation, by: Person, at: datetime) -> None:
    record(
        zone_id=row.zone_id,
        kind=kind,
        about=("delegation", str(row.pk)),
        by=by,
        at=at,
        data={
            "unit": row.unit_id,
            "basis": str(row.basis),
            "document": row.document,
            "starts_on": row.starts_on,
            "ends_on": row.ends_on,
        },
        files=[row.file.sha256],
    )


@transaction.atomic
def allow_statutory(*, zone: Zone, unit: Unit, form: str, by: Person, at: datetime) -> None:
    """Let a statutory form be made out in a unit's name, or refuse and say what is missing.

    Raises Refused without a delegation of the day or with fewer than two certified
    officers; the permission itself is an event in the ledger.
    """
    require(by, Permission.CASE_DECIDE, zone=zone, on=day_of(at))
    if sentence := statutory_refusal_of(zone, unit, on=day_of(at)):
        raise Refused(sentence)
    record(
        zone_id=zone.pk,
        kind="statutory_form.allowed",
        about=("unit", str(unit.pk)),
        by=by,
        at=at,
        data={"form": form},
    )
