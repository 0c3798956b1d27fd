"""Writing what a sheet tells of enterprises, with the sheet as its source."""

from collections.abc import Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from bihuan.accounts.models import Person
from bihuan.dossiers.actions import grade, hand_over, move_to_cell, note_source, set_state
from bihuan.dossiers.models import Dossier, Source, SourceKind
from bihuan.dossiers.queries import hold
from bihuan.enterprises.actions import (
    NewEnterprise,
    add_site,
    amend_many,
    register_many,
    set_sectors,
)
from bihuan.enterprises.importers.judging import Moved, Plan
from bihuan.sheets.rules.importing import Context, Judged, Verdict


def write(context: Context, judged: Sequence[Judged]) -> None:
    """Register the new and change the others."""
    if not judged:
        return
    zone, at, by = context.zone, context.at, context.by
    new: list[NewEnterprise] = [it.plan for it in judged if it.verdict is Verdict.NEW]
    plans: list[Plan] = [it.plan for it in judged if it.verdict is Verdict.CHANGED]
    _hold(context, new, plans)
    source = note_source(
        zone=zone, reference=context.reference, kind=SourceKind.SHEET, by=by, at=at
    )
    register_many(zone=zone, enterprises=new, source=source, origin="import", by=by, at=at)
    amendments = [it.amendment for it in plans if it.amendment]
    amend_many(zone=zone, amendments=amendments, source=source, by=by, at=at)
    _move(context, source, [it.moved for it in plans if it.moved])


def _hold(context: Context, new: Sequence[NewEnterprise], plans: Sequence[Plan]) -> None:
    """Hold all that is written to, before the first of it is: see dossiers.queries.hold."""
    people = {it.contact.pk if it.contact else it.cell.leader_id for it in new}
    moved = [it.moved for it in plans if it.moved]
    people |= {it.contact.pk for it in moved if it.contact}
    amended = {it.amendment.dossier_id for it in plans if it.amendment}
    dossiers = amended | {it.enterprise.pk for it in moved}
    hold(context.zone, people=people, dossiers=dossiers)


def _move(context: Context, source: Source, moved: Sequence[Moved]) -> None:
    """Change what is not a fact: state, sectors, cell, sites, and who answers."""
    at, by = context.at, context.by
    reason = _("from the sheet %(name)s") % {"name": context.reference}
    held: dict[Person, list[Dossier | UUID]] = {}
    for it in moved:
        dossier = Dossier.objects.select_related("zone").get(pk=it.enterprise.pk)
        _set(dossier, it, reason, context)
        if it.cell:
            move_to_cell(dossier=dossier, cell=it.cell, by=by, at=at)
        if it.sectors is not None:
            set_sectors(enterprise=it.enterprise, sectors=it.sectors, source=source, by=by, at=at)
        if it.site:
            add_site(enterprise=it.enterprise, address=it.site, source=source, by=by, at=at)
        if it.contact:
            held.setdefault(it.contact, []).append(dossier)
    for person, dossiers in held.items():
        hand_over(zone=context.zone, dossiers=dossiers, to=person, reason=reason, by=by, at=at)


def _set(dossier: Dossier, it: Moved, reason: str, context: Context) -> None:
    at, by = context.at, context.by
    if it.state:
        set_state(dossier=dossier, state=it.state, reason=reason, by=by, at=at)
    if it.risk:
        grade(dossier=dossier, risk=it.risk, reason=reason, by=by, at=at)
