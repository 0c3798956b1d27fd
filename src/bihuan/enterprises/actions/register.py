"""New enterprises: one by hand and a hundred thousand from a sheet by the same path."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.accounts.models import Person
from bihuan.core.actors import Actor
from bihuan.core.ids import new_id
from bihuan.core.models import insert_many, insert_plain
from bihuan.core.refusals import Refused
from bihuan.dossiers.actions import note_source, open_dossiers
from bihuan.dossiers.models import Dossier, DossierKind, DossierState, Source
from bihuan.dossiers.queries import hold, pieces
from bihuan.dossiers.rules import origin_key
from bihuan.enterprises import rules
from bihuan.enterprises.models import Enterprise, SectorFlag, Site
from bihuan.enterprises.queries import by_uscc, sealed_facts, taken_words
from bihuan.ledger.actions import record_many
from bihuan.ledger.rules.body import JSON, Entry, Origin
from bihuan.zones.models import Cell, Unit, Zone

SALT = 16  # bytes
USUAL_STATE = DossierState.ACTIVE.value  # goes without saying


@dataclass(frozen=True, kw_only=True)
class NewSite:
    """A place where an enterprise produces."""

    address: str
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class NewEnterprise:
    """An enterprise to be registered. Without a contact the cell's leader answers for it.

    unit is the department or platform company it belongs to; code its dossier code,
    given by us when blank; row the row of the sheet it was read from.
    """

    facts: rules.Facts
    cell: Cell
    contact: Person | None = None
    unit: Unit | None = None
    sectors: frozenset[str] = frozenset()
    sites: Sequence[NewSite] = ()
    code: str = ""
    state: str = DossierState.ACTIVE
    risk: str = ""
    row: int | None = None


@dataclass
class RowsRefused(Refused):
    """Some rows cannot be registered, so none was. problems maps their place to the reasons."""

    problems: Mapping[int, Sequence[rules.Problem]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        found = next(iter(self.problems.values()))
        super().__init__(found[0].message, field=found[0].field)


def register(
    *,
    zone: Zone,
    enterprise: NewEnterprise,
    source: Source | None = None,
    is_synthetic: bool = False,
    by: Actor,
    at: datetime,
) -> Enterprise:
    """Register one enterprise with its dossier and its contact; see register_many."""
    made = register_many(
        zone=zone, enterprises=[enterprise], source=source, is_synthetic=is_synthetic, by=by, at=at
    )
    return made[0]


@transaction.atomic
def register_many(
    *,
    zone: Zone,
    enterprises: Sequence[NewEnterprise],
    source: Source | None = None,
    is_synthetic: bool = False,
    origin: Origin = "here",
    by: Actor,
    at: datetime,
) -> list[Enterprise]:
    """Register enterprises, all or none, and return them in order.

    source is what their facts were taken from ("typed in" when None). Raises RowsRefused
    naming every row that cannot be taken, and Refused or Forbidden as open_dossiers does.
    """
    if not enterprises:
        return []
    answering = {(it.contact.pk if it.contact else it.cell.leader_id) for it in enterprises}
    hold(zone, people=answering)  # so that nobody takes a code between the check and the row
    checked = _checked(zone, enterprises)
    source = source or note_source(zone=zone, reference=_("typed in"), by=by, at=at)
    made: list[Enterprise] = []
    for piece in pieces(zip(enterprises, checked, strict=True)):
        made += _store(zone, piece, source, is_synthetic, origin, by, at)
    return made


def _checked(zone: Zone, enterprises: Sequence[NewEnterprise]) -> list[rules.Facts]:
    """Return the facts as they are stored, or raise RowsRefused."""
    problems: dict[int, list[rules.Problem]] = {}
    checked = []
    for place, new in enumerate(enterprises):
        result = rules.check(new.facts)
        found = result.problems + _choice_problems(new)
        if found:
            problems[place] = found
        checked.append(result.facts)
    taken = set(by_uscc(zone, [facts.uscc for facts in checked]))
    for place, facts in enumerate(checked):
        if facts.uscc and facts.uscc in taken:
            problems.setdefault(place, []).append(rules.Problem("uscc", taken_words()))
        taken.add(facts.uscc)
    if problems:
        raise RowsRefused(problems=problems)
    return checked


def _choice_problems(new: NewEnterprise) -> list[rules.Problem]:
    found = []
    if new.sectors - rules.SECTORS:
        found.append(rules.Problem("sectors", _("There is no such key sector.")))
    if new.state not in DossierState.values:
        found.append(rules.Problem("state", _("Choose a state.")))
    if any(not site.address.strip() for site in new.sites):
        found.append(rules.Problem("sites", _("Give the production site's address.")))
    return found


def _store(
    zone: Zone,
    piece: Sequence[tuple[NewEnterprise, rules.Facts]],
    source: Source,
    is_synthetic: bool,
    origin: Origin,
    by: Actor,
    at: datetime,
) -> list[Enterprise]:
    made: list[Enterprise] = []
    flags: list[SectorFlag] = []
    sites: list[dict[str, Any]] = []
    salts = os.urandom(SALT * len(piece))  # asked for once, not a row at a time
    known = [rules.as_mapping(facts) for _new, facts in piece]
    for place, ((new, _facts), told) in enumerate(zip(piece, known, strict=True)):
        enterprise = _build(zone, new, told, source, is_synthetic, at)
        enterprise.salt = salts[place * SALT : (place + 1) * SALT]
        made.append(enterprise)
        flags += [
            SectorFlag(zone_id=zone.pk, enterprise_id=enterprise.pk, sector=it)
            for it in sorted(new.sectors)
        ]
        sites += [_site(enterprise, site, source) for site in new.sites]
    open_dossiers(zone=zone, dossiers=[it.dossier for it in made], by=by, at=at)
    insert_many(made)
    insert_many(flags)
    insert_plain(Site, sites)
    entries = [
        _entry(enterprise, new, told, source)
        for enterprise, (new, _facts), told in zip(made, piece, known, strict=True)
    ]
    record_many(zone_id=zone.pk, entries=entries, by=by, at=at, origin=origin)
    return made


def _site(enterprise: Enterprise, site: NewSite, source: Source) -> dict[str, Any]:
    return {
        "id": new_id(),
        "zone_id": enterprise.zone_id,
        "enterprise_id": enterprise.pk,
        "name": site.name.strip()[:100],
        "address": site.address.strip()[:300],
        "lat": None,
        "lng": None,
        "source_id": source.pk,
        "closed_at": None,
    }


def _build(
    zone: Zone,
    new: NewEnterprise,
    told: Mapping[str, Any],
    source: Source,
    is_synthetic: bool,
    at: datetime,
) -> Enterprise:
    stated = rules.named(told)
    if new.sectors:
        stated.append("sectors")
    dossier = Dossier(
        zone_id=zone.pk,
        kind=DossierKind.ENTERPRISE,
        code=new.code.strip(),
        cell_id=new.cell.pk,
        unit_id=new.unit.pk if new.unit else None,
        contact_id=new.contact.pk if new.contact else new.cell.leader_id,
        state=new.state,
        risk=new.risk,
        provenance={origin_key(source.pk, new.row): stated},
        is_synthetic=is_synthetic,
        opened_at=at,
        **{name: told[name] for name in rules.HEADER_FACTS},
    )
    return Enterprise(
        dossier=dossier,
        zone_id=zone.pk,
        salt=b"",
        **{name: told[name] for name in rules.DETAIL_FACTS},
    )


def _entry(
    enterprise: Enterprise, new: NewEnterprise, told: Mapping[str, Any], source: Source
) -> Entry:
    dossier = enterprise.dossier
    data: dict[str, JSON] = {
        "code": dossier.code,
        "facts": sealed_facts(told, bytes(enterprise.salt)),
        "cell": dossier.cell_id,
        "contact": dossier.contact_id,
        "source": source.pk,
    }
    more = {"unit": dossier.unit_id, "state": dossier.state, "risk": dossier.risk}
    data |= {name: value for name, value in more.items() if value and value != USUAL_STATE}
    if new.sectors:
        data["sectors"] = sorted(new.sectors)
    if new.sites:
        data["sites"] = [site.address.strip() for site in new.sites]
    return Entry("enterprise.registered", ("dossier", str(dossier.pk)), data)
