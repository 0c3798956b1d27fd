"""The header of a dossier: opened, moved, graded; where its facts come from."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.accounts.models import Person
from bihuan.core.actors import Actor
from bihuan.core.composition import listed
from bihuan.core.days import day_of
from bihuan.core.ids import new_id
from bihuan.core.models import insert_many, insert_plain
from bihuan.core.permissions import Permission
from bihuan.core.refusals import Refused
from bihuan.dossiers.actions._telling import tell
from bihuan.dossiers.models import (
    Contact,
    Dossier,
    DossierState,
    Risk,
    Source,
    SourceKind,
)
from bihuan.dossiers.queries import last_number, locked_dossier, pieces
from bihuan.dossiers.rules import code_of, origin_key, restate
from bihuan.zones.actions import NewPost, appoint
from bihuan.zones.models import Cell, Unit, UnitKind, Zone
from bihuan.zones.permissions import require
from bihuan.zones.queries import answering_posts, lock_zone
from bihuan.zones.rules import NewPerson


@transaction.atomic
def note_source(
    *, zone: Zone, reference: str, kind: str = SourceKind.TYPED, by: Actor, at: datetime
) -> Source:
    """Note where facts are about to come from: a licence seen, a sheet, a visit.

    It stands in the ledger through the events of the facts, which name it.
    """
    require(by, Permission.DOSSIER_EDIT, zone=zone, on=day_of(at))
    if not reference.strip():
        raise Refused(_("Say what the facts are taken from."), field="source")
    source = Source(
        zone=zone, kind=kind, reference=reference.strip()[:300], at=at, by_name=by.display_name
    )
    source.save(force_insert=True)
    return source


@transaction.atomic
def open_dossiers(*, zone: Zone, dossiers: Sequence[Dossier], by: Actor, at: datetime) -> None:
    """Store new dossiers with their contacts from today on, numbering those without a code.

    Part of registering what they are headers of, which writes the events. Refused if a
    contact holds no post that may answer, a cell is another zone's, a code is taken, or
    one of them is out of by's reach.
    """
    on = day_of(at)
    for dossier in dossiers:
        require(by, Permission.DOSSIER_EDIT, zone=zone, on=on, row=dossier)
    _check_homes(zone, dossiers, on)
    _number(zone, dossiers)
    for piece in pieces(dossiers):
        insert_many(piece)
        insert_plain(Contact, [_first_contact(it, on) for it in piece])


def _first_contact(dossier: Dossier, on: date) -> dict[str, Any]:
    return {
        "id": new_id(),
        "zone_id": dossier.zone_id,
        "dossier_id": dossier.pk,
        "person_id": dossier.contact_id,
        "starts_on": on,
        "ends_on": None,
        "reason": "",
    }


def _check_homes(zone: Zone, dossiers: Sequence[Dossier], on: date) -> None:
    cells = {it.cell_id for it in dossiers}
    if Cell.objects.filter(zone=zone, pk__in=cells, is_open=True).count() < len(cells):
        raise Refused(_("There is no such cell in use in this zone."), field="cell")
    wanted = {it.contact_id for it in dossiers}
    held = list(Person.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk"))
    able = set(answering_posts(zone, on=on).values_list("person", flat=True))
    for person in held:
        if person.pk not in able:
            raise Refused(
                _(
                    "%(person)s holds no post here that may answer for a dossier. Choose someone else."
                )
                % {"person": person.name},
                field="contact",
            )


def _number(zone: Zone, dossiers: Sequence[Dossier]) -> None:
    """Give a code to each dossier without one; the zone is held, so that none comes twice."""
    lock_zone(zone)
    given = [it.code for it in dossiers if it.code]
    for piece in pieces(given):
        taken = Dossier.objects.filter(zone=zone, code__in=piece).values_list("code", flat=True)
        if found := taken.first():
            raise Refused(
                _("The dossier code %(code)s is taken already.") % {"code": found}, field="code"
            )
    if len(set(given)) < len(given):
        raise Refused(_("Two of these have the same dossier code."), field="code")
    used = set(given)
    last: dict[str, int] = {}
    for dossier in dossiers:
        kind = dossier.kind
        while not dossier.code:
            last[kind] = last[kind] + 1 if kind in last else last_number(zone, kind) + 1
            code = code_of(kind, last[kind])
            dossier.code = "" if code in used else code


@transaction.atomic
def move_to_cell(
    *, dossier: Dossier, cell: Cell, version: int | None = None, by: Actor, at: datetime
) -> Dossier:
    """Put a dossier into another grid cell, and what goes along with it. Its contact stays."""
    dossier = locked_dossier(dossier, version, by, at)
    if not Cell.objects.filter(zone=dossier.zone_id, pk=cell.pk, is_open=True).exists():
        raise Refused(_("There is no such cell in use in this zone."), field="cell")
    old = dossier.cell_id
    if old != cell.pk:
        dossier.cell = cell
        _store(dossier, ["cell"])
        for follow in listed("FOLLOWERS"):
            follow(dossier=dossier, by=by, at=at)
        tell(dossier, "dossier.moved", {"from": old, "to": cell.pk}, by, at)
    return dossier


@transaction.atomic
def set_state(
    *,
    dossier: Dossier,
    state: str,
    reason: str,
    version: int | None = None,
    by: Actor,
    at: datetime,
) -> Dossier:
    """Say that a dossier's holder works, has stopped, or has left; a round skips who left."""
    dossier = locked_dossier(dossier, version, by, at)
    if state not in DossierState.values:
        raise Refused(_("Choose a state."), field="state")
    if not reason.strip():
        raise Refused(_("Say why, and how it is known."), field="reason")
    old = dossier.state
    if old != state:
        dossier.state = state
        _store(dossier, ["state"])
        data = {"from": old, "to": state, "reason": reason.strip()}
        tell(dossier, "dossier.state_set", data, by, at)
    return dossier


@transaction.atomic
def grade(
    *, dossier: Dossier, risk: str, reason: str, version: int | None = None, by: Actor, at: datetime
) -> Dossier:
    """Give a dossier its risk colour, with the reason."""
    dossier = locked_dossier(dossier, version, by, at)
    if risk not in Risk.values:
        raise Refused(_("Choose a risk grade."), field="risk")
    if not reason.strip():
        raise Refused(_("Say what the grade is based on."), field="reason")
    old = dossier.risk
    if old != risk:
        dossier.risk = risk
        _store(dossier, ["risk"])
        data = {"from": old, "to": risk, "reason": reason.strip()}
        tell(dossier, "dossier.graded", data, by, at)
    return dossier


@transaction.atomic
def organisation_of(*, dossier: Dossier, by: Actor, at: datetime) -> Unit:
    """Return the dossier's own organisation, made at the first asking (what it must rectify)."""
    if dossier.owner_unit is not None:
        return dossier.owner_unit
    require(by, Permission.CASE_ASSIGN, zone=dossier.zone, on=day_of(at), row=dossier)
    return open_organisation(dossier=dossier, by=by, at=at)


@transaction.atomic
def open_organisation(*, dossier: Dossier, by: Actor, at: datetime) -> Unit:
    """Make a dossier's own organisation. Part of a larger action, which asks permission."""
    unit = Unit(zone=dossier.zone, kind=UnitKind.ENTERPRISE, name=dossier.name)
    unit.save(force_insert=True)
    dossier.owner_unit = unit
    dossier.save(update_fields=["owner_unit"])
    tell(dossier, "dossier.organisation_opened", {"unit": unit.pk}, by, at)
    return unit


@transaction.atomic
def give_account(*, dossier: Dossier, new: NewPerson, by: Actor, at: datetime) -> Person:
    """Enrol a person of the dossier's own organisation, who sees this dossier and its cases.

    Like every new person they have no password; zones.actions.renew_access makes the link.
    """
    require(by, Permission.PEOPLE_MANAGE, zone=dossier.zone, on=day_of(at))
    unit = dossier.owner_unit or open_organisation(dossier=dossier, by=by, at=at)
    post = NewPost(role="enterprise", unit=unit)
    return appoint(zone=dossier.zone, person=new, post=post, by=by, at=at).person


@transaction.atomic
def note_facts(
    *, dossier: Dossier, names: Iterable[str], source: Source, by: Actor, at: datetime
) -> None:
    """Say that facts of a dossier now come from source. Part of changing them."""
    require(by, Permission.DOSSIER_EDIT, zone=dossier.zone, on=day_of(at), row=dossier)
    dossier.provenance = restate(dossier.provenance, origin_key(source.pk), names)
    _store(dossier, ["provenance"])


def note_visit(*, dossier: Dossier, on: date, by: Actor, at: datetime) -> None:
    """Keep the day of the last visit. Part of recording a visit, which asks permission and
    writes the event."""
    Dossier.objects.filter(pk=dossier.pk).exclude(last_visited_on__gte=on).update(
        last_visited_on=on
    )


def _store(dossier: Dossier, fields: list[str]) -> None:
    dossier.version += 1
    dossier.save(update_fields=[*fields, "version"])
