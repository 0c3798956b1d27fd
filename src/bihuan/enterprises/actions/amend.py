"""Changes to what is known of enterprises, each with who, when and from what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.core.actors import Actor
from bihuan.core.days import day_of
from bihuan.core.permissions import Permission
from bihuan.core.refusals import Refused
from bihuan.dossiers.actions import note_source
from bihuan.dossiers.models import Dossier, Source
from bihuan.dossiers.queries import check_version, hold, pieces
from bihuan.dossiers.rules import origin_key, restate
from bihuan.enterprises import rules
from bihuan.enterprises.actions.register import RowsRefused
from bihuan.enterprises.models import Enterprise
from bihuan.enterprises.queries import by_uscc, facts_of, sealed_facts, taken_words
from bihuan.ledger.actions import record_many
from bihuan.ledger.rules.body import JSON, Entry
from bihuan.zones.models import Unit, Zone
from bihuan.zones.permissions import require


@dataclass(frozen=True, kw_only=True)
class Amendment:
    """New values for some facts of one enterprise.

    version is the dossier's version the change was made from; None asks nothing.
    """

    dossier_id: UUID
    changes: Mapping[str, Any]
    version: int | None = None
    row: int | None = None


@dataclass(frozen=True)
class _Change:
    """An enterprise with its new facts, and what they were."""

    enterprise: Enterprise
    amendment: Amendment
    before: rules.Facts
    after: rules.Facts

    def names(self) -> list[str]:
        return [it for it in rules.FACTS if getattr(self.before, it) != getattr(self.after, it)]


def amend(
    *,
    enterprise: Enterprise,
    changes: Mapping[str, Any],
    version: int | None = None,
    source: Source | None = None,
    by: Actor,
    at: datetime,
) -> int:
    """Change facts of one enterprise; return 1, or 0 where all were so already. See amend_many."""
    amendment = Amendment(dossier_id=enterprise.dossier_id, changes=changes, version=version)
    return amend_many(zone=enterprise.zone, amendments=[amendment], source=source, by=by, at=at)


@transaction.atomic
def amend_many(
    *,
    zone: Zone,
    amendments: Sequence[Amendment],
    source: Source | None = None,
    by: Actor,
    at: datetime,
) -> int:
    """Change facts of enterprises, all or none; return how many truly changed.

    What is the same already is left alone and keeps its source. Raises Stale where a
    dossier is no longer of the version given, RowsRefused naming what cannot be taken.
    """
    on = day_of(at)
    require(by, Permission.DOSSIER_EDIT, zone=zone, on=on)
    if not amendments:
        return 0
    hold(zone, dossiers=[it.dossier_id for it in amendments])
    changed = 0
    for piece in pieces(amendments):
        changes = _changes(zone, piece)
        for change in changes:
            row = change.enterprise.dossier
            require(by, Permission.DOSSIER_EDIT, zone=zone, on=on, row=row)
        _check_codes(zone, changes, piece)
        changes = [change for change in changes if change.names()]
        if changes:
            source = source or note_source(zone=zone, reference=_("typed in"), by=by, at=at)
            _store(zone, changes, source, by, at)
        changed += len(changes)
    return changed


def _changes(zone: Zone, piece: Sequence[Amendment]) -> list[_Change]:
    ids = [it.dossier_id for it in piece]
    if len(set(ids)) < len(ids):
        raise Refused(_("Two of these changes are for the same enterprise."))
    rows = Enterprise.objects.select_for_update(of=("dossier",), no_key=True).filter(
        zone=zone, pk__in=ids
    )
    found = {it.pk: it for it in rows.select_related("dossier").order_by("pk")}
    problems: dict[int, list[rules.Problem]] = {}
    changes = []
    for place, amendment in enumerate(piece):
        enterprise = found.get(amendment.dossier_id)
        if enterprise is None:
            raise Refused(_("There is no such enterprise in this zone."))
        check_version(enterprise.dossier, amendment.version)
        before = facts_of(enterprise)
        result = rules.check(rules.Facts(**{**rules.as_mapping(before), **amendment.changes}))
        if result.problems:
            problems[place] = result.problems
        changes.append(_Change(enterprise, amendment, before, result.facts))
    if problems:
        raise RowsRefused(problems=problems)
    return changes


def _check_codes(zone: Zone, changes: Sequence[_Change], piece: Sequence[Amendment]) -> None:
    """Refuse a code that another enterprise has, in the zone or among these changes."""
    holders: dict[str, UUID] = by_uscc(zone, [it.after.uscc for it in changes])
    problems = {}
    for place, change in enumerate(changes):
        pk = change.enterprise.pk
        if change.after.uscc and holders.setdefault(change.after.uscc, pk) != pk:
            problems[place] = [rules.Problem("uscc", taken_words())]
    if problems:
        raise RowsRefused(problems=problems)


def _store(zone: Zone, changes: Sequence[_Change], source: Source, by: Actor, at: datetime) -> None:
    entries = []
    for change in changes:
        names = change.names()
        enterprise, dossier = change.enterprise, change.enterprise.dossier
        salt = bytes(enterprise.salt)
        for name in names:
            holder = dossier if name in rules.HEADER_FACTS else enterprise
            setattr(holder, name, getattr(change.after, name))
        key = origin_key(source.pk, change.amendment.row)
        dossier.provenance = restate(dossier.provenance, key, names)
        dossier.version += 1
        data: dict[str, JSON] = {
            "from": sealed_facts({it: getattr(change.before, it) for it in names}, salt),
            "to": sealed_facts({it: getattr(change.after, it) for it in names}, salt),
            "facts": names,
            "source": source.pk,
        }
        entries.append(Entry("enterprise.amended", ("dossier", str(dossier.pk)), data))
    _write(changes)
    record_many(zone_id=zone.pk, entries=entries, by=by, at=at)


def _write(changes: Sequence[_Change]) -> None:
    """Store the changed columns: by one upsert a table, whatever each row changed."""
    names = {name for change in changes for name in change.names()}
    dossiers = [change.enterprise.dossier for change in changes]
    header = [*(name for name in rules.HEADER_FACTS if name in names), "provenance", "version"]
    Dossier.objects.bulk_create(
        dossiers, update_conflicts=True, unique_fields=["id"], update_fields=header
    )
    detail = [name for name in rules.DETAIL_FACTS if name in names]
    if detail:
        Enterprise.objects.bulk_create(
            [change.enterprise for change in changes],
            update_conflicts=True,
            unique_fields=["dossier"],
            update_fields=detail,
        )
    for change in changes:
        owner = change.enterprise.dossier.owner_unit_id
        if owner and "name" in change.names():
            Unit.objects.filter(pk=owner).update(name=change.after.name)
