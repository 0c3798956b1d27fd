"""What is to become of each enterprise of a sheet: new, changed in what, or why not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

from bihuan.accounts.models import Person
from bihuan.core.days import day_of
from bihuan.core.masking import mask_phones_in
from bihuan.core.permissions import Permission
from bihuan.dossiers.importers import Found, People
from bihuan.dossiers.models import Dossier, DossierState, Risk
from bihuan.dossiers.rules import canonical
from bihuan.enterprises import rules
from bihuan.enterprises.actions import Amendment, NewEnterprise, NewSite
from bihuan.enterprises.importers.columns import label_of
from bihuan.enterprises.models import Enterprise, Sector
from bihuan.enterprises.queries import by_name, by_uscc, facts_of
from bihuan.sheets.rules import cells
from bihuan.sheets.rules.cells import Plain
from bihuan.sheets.rules.importing import Context, Judged, Parsed, Values, Verdict
from bihuan.zones.models import Cell, Unit, UnitKind
from bihuan.zones.permissions import Scope, Standing, standing_of, within

SIMPLE = frozenset(rules.FACTS)


@dataclass(frozen=True, kw_only=True)
class Moved:
    """What changes of a registered enterprise besides its facts; None: nothing."""

    enterprise: Enterprise
    state: str | None = None
    risk: str | None = None
    sectors: frozenset[str] | None = None
    cell: Cell | None = None
    contact: Person | None = None
    site: str | None = None


class Plan(NamedTuple):
    """What write is to do for a changed row."""

    amendment: Amendment | None
    moved: Moved | None


@dataclass
class _Ground:
    """What rows are judged against: the zone's cells, units, people, and who is there already."""

    context: Context
    known: dict[UUID, Enterprise] = field(default_factory=dict)
    by_code: dict[str, UUID] = field(default_factory=dict)
    by_name: dict[str, list[UUID]] = field(default_factory=dict)

    @cached_property
    def scope(self) -> Scope:
        return self._standing.scope(Permission.DOSSIER_EDIT)

    @cached_property
    def may_hand_over(self) -> bool:
        return self._standing.may(Permission.DOSSIER_HAND_OVER)

    @cached_property
    def _standing(self) -> Standing:
        return standing_of(self.context.by, self.context.zone, on=day_of(self.context.at))

    @cached_property
    def _all_cells(self) -> list[Cell]:
        rows = Cell.objects.filter(zone=self.context.zone, is_open=True).select_related("leader")
        return list(rows.order_by("path"))

    @cached_property
    def cells(self) -> dict[str, Cell]:
        return {word: cell for cell in self._all_cells for word in (cell.code, cell.name)}

    @cached_property
    def root(self) -> Cell | None:
        return self._all_cells[0] if self._all_cells else None

    @cached_property
    def units(self) -> dict[str, Unit]:
        rows = Unit.objects.filter(zone=self.context.zone, is_open=True)
        return {unit.name: unit for unit in rows.exclude(kind=UnitKind.ENTERPRISE)}

    @cached_property
    def own_unit(self) -> Unit | None:
        """The one unit whose enterprises alone the importing person sees to."""
        if self.scope.whole_zone or self.scope.cells:
            return None
        own = [unit for unit in self.units.values() if unit.pk in self.scope.units]
        return own[0] if len(own) == 1 else None

    @cached_property
    def people(self) -> People:
        return People(self.context)

    def match(self, values: Values) -> Found:
        """Return the dossier id a row is about, nothing if it is new, or why it cannot be said."""
        code, name = values.get("uscc"), canonical(str(values["name"]))
        if code and code in self.by_code:
            return Found(self.by_code[str(code)])
        alike = self.by_name.get(name, [])
        if code:  # another of the same name that has a code of its own is another enterprise
            alike = [pk for pk in alike if not self.known[pk].uscc]
        if len(alike) > 1:
            return Found(reason=_("Several enterprises are called so; write the credit code."))
        return Found(alike[0]) if alike else Found()


def _ground(context: Context, rows: Sequence[Parsed]) -> _Ground:
    zone = context.zone
    by_code = by_uscc(zone, [str(row.values["uscc"]) for row in rows if row.values.get("uscc")])
    names = by_name(zone, [str(row.values["name"]) for row in rows])
    ids = {*by_code.values(), *(pk for pks in names.values() for pk in pks)}
    if not ids:
        return _Ground(context)
    found = Enterprise.objects.filter(zone=zone, pk__in=ids)
    loaded = found.select_related("dossier__cell", "dossier__unit", "dossier__contact")
    known = {it.pk: it for it in loaded.prefetch_related("sectors", "sites")}
    return _Ground(context, known, by_code, names)


def judge(context: Context, rows: Sequence[Parsed]) -> list[Judged]:
    """Say of each row whether it is new, changes something, or cannot be taken."""
    ground = _ground(context, rows)
    return [_judged(ground, row) for row in rows]


def _judged(ground: _Ground, row: Parsed) -> Judged:
    problems = _place_problems(ground, row)
    found = ground.match(row.values)
    if found.reason:
        problems.append(found.reason)
    enterprise = ground.known[found.it] if found.it else None
    if not problems and _is_beyond(ground, row, enterprise):
        reason = _("This enterprise is not within your post's reach. Ask the safety office.")
        if enterprise is None:
            reason = _(
                "A new enterprise must belong to your unit or grid cell: write it in the row."
            )
        return Judged(row, Verdict.REFUSED, reason)
    before = rules.as_mapping(facts_of(enterprise)) if enterprise else {}
    notes = _left_out(row.values, enterprise)
    told = _facts(row.values, enterprise, notes)
    checked = rules.check(rules.Facts(**{"principal": "", **before, **told}))
    problems += [f"{label_of(problem.field)}：{problem}" for problem in checked.problems]
    if problems:
        return Judged(row, Verdict.REFUSED, " ".join(map(str, problems)))
    if enterprise is None:
        plan = _new(ground, row, checked.facts)
        if plan.unit and not row.values.get("unit"):
            notes.append(
                _("No responsible unit is given: it is entered under yours, %(name)s.")
                % {"name": plan.unit.name}
            )
        return Judged(row, Verdict.NEW, changes=tuple(notes), plan=plan)
    return _changed(ground, row, enterprise, _Facts(before, told, checked.facts), notes)


class _Facts(NamedTuple):
    """The facts of a known enterprise: as they are, as the row states them, as they will be."""

    before: Mapping[str, Any]
    told: Mapping[str, Any]
    after: rules.Facts


def _changed(
    ground: _Ground, row: Parsed, enterprise: Enterprise, facts: _Facts, notes: list[str]
) -> Judged:
    after = rules.as_mapping(facts.after)
    names = [name for name in rules.FACTS if facts.before[name] != after[name]]
    changes = [
        mask_phones_in(f"{label_of(it)}：{_shown(facts.before[it])} → {_shown(after[it])}")
        for it in names
    ]
    amendment = (
        Amendment(dossier_id=enterprise.pk, changes=facts.told, row=row.number) if names else None
    )
    moved = _moved(ground, row.values, enterprise, changes, notes)
    verdict = Verdict.CHANGED if changes else Verdict.UNCHANGED
    plan = Plan(amendment, moved)
    return Judged(row, verdict, changes=(*changes, *notes), target=str(enterprise.pk), plan=plan)


def _moved(
    ground: _Ground, values: Values, enterprise: Enterprise, changes: list[str], notes: list[str]
) -> Moved | None:
    """Return what a row changes besides facts, and say it in changes, or why not in notes."""
    dossier = enterprise.dossier
    found: dict[str, Any] = {}
    home = _home(ground, values)
    _headers(values, dossier, found, changes)
    sectors = _sectors(values)
    kept = frozenset(it.sector for it in enterprise.sectors.all())
    if sectors and sectors != kept:
        found["sectors"] = sectors
        changes.append(_arrow("sectors", _named(kept), _named(sectors)))
    if values.get("cell") and home.cell.pk != dossier.cell_id:
        found["cell"] = home.cell
        changes.append(_arrow("cell", dossier.cell.name, home.cell.name))
    if home.contact and home.contact.pk != dossier.contact_id:
        words = _arrow("contact", dossier.contact.name, home.contact.name)
        if ground.may_hand_over:
            found["contact"] = home.contact
            changes.append(words)
        else:
            notes.append(_("%(change)s: left out, you may not hand over.") % {"change": words})
    if home.unit and home.unit.pk != dossier.unit_id:
        words = _arrow("unit", dossier.unit.name if dossier.unit else "—", home.unit.name)
        notes.append(_("%(change)s: left out, a sheet does not change it.") % {"change": words})
    site = str(values.get("site") or "").strip()
    sites = [it.address for it in enterprise.sites.all() if it.closed_at is None]
    if site and site not in sites:
        found["site"] = site
        changes.append(_arrow("site", "、".join(sites) or "—", "、".join((*sites, site))))
    return Moved(enterprise=enterprise, **found) if found else None


def _headers(values: Values, dossier: Dossier, found: dict[str, Any], changes: list[str]) -> None:
    """Find what changes of state and risk."""
    for name, choices in (("state", DossierState), ("risk", Risk)):
        told, was = str(values.get(name) or ""), getattr(dossier, name)
        if told and told != was:
            found[name] = told
            changes.append(_arrow(name, choices(was).label, choices(told).label))


def _arrow(name: str, old: Any, new: Any) -> str:
    return f"{label_of(name)}：{old} → {new}"


def _named(sectors: frozenset[str]) -> str:
    return "、".join(str(Sector(it).label) for it in sorted(sectors)) or "—"


def _sectors(values: Values) -> frozenset[str]:
    told = values.get("sectors")
    return frozenset(cells.known(told) if isinstance(told, list) else ())


def _place_problems(ground: _Ground, row: Parsed) -> list[str]:
    values = row.values
    problems = []
    if values.get("cell") and str(values["cell"]) not in ground.cells:
        problems.append(
            _("There is no grid cell “%(name)s”. Add it under Setup, or leave the cell empty.")
            % {"name": values["cell"]}
        )
    if ground.root is None:
        problems.append(_("The zone has no grid cell yet; add one under Setup first."))
    if values.get("unit") and str(values["unit"]) not in ground.units:
        problems.append(
            _("There is no unit “%(name)s”. Add it under Setup, or leave the cell empty.")
            % {"name": values["unit"]}
        )
    if values.get("contact") and (reason := ground.people.find(values["contact"]).reason):
        problems.append(reason)
    return problems


class _Home(NamedTuple):
    """Where a new enterprise would belong. Without a contact the cell's leader answers."""

    cell: Cell
    unit: Unit | None
    contact: Person | None


def _home(ground: _Ground, values: Values, *, otherwise: Unit | None = None) -> _Home:
    cell = ground.cells[str(values["cell"])] if values.get("cell") else ground.root
    assert cell is not None
    return _Home(
        cell,
        ground.units[str(values["unit"])] if values.get("unit") else otherwise,
        ground.people.find(values["contact"]).it if values.get("contact") else None,
    )


def _is_beyond(ground: _Ground, row: Parsed, enterprise: Enterprise | None) -> bool:
    """Say whether the row is about what the importing person's post does not reach."""
    if ground.scope.whole_zone:
        return False
    if enterprise:
        return not within(ground.scope, enterprise.dossier)
    home = _home(ground, row.values, otherwise=ground.own_unit)
    contact = home.contact or home.cell.leader
    return not within(ground.scope, Dossier(cell=home.cell, unit=home.unit, contact=contact))


def _facts(
    values: Mapping[str, Plain], known: Enterprise | None, notes: list[str]
) -> dict[str, Any]:
    """Return the facts a row states; an empty cell states nothing.

    Above size without a batch, here or known, is left out rather than the whole row: the
    preview says so (_left_out).
    """
    facts: dict[str, Any] = {
        k: v for k, v in values.items() if k in SIMPLE and v is not None and v != ""
    }
    if known and canonical(facts["name"]) == canonical(known.dossier.name):
        del facts["name"]
    if not known and values.get("site"):
        facts["place"] = str(values["site"])
    if not known and not facts.get("principal") and facts.get("legal_representative"):
        facts["principal"] = facts["legal_representative"]
        notes.append(
            _("No principal responsible person is given: the legal representative is entered.")
        )
    if isinstance(since := facts.get("above_size_since"), str):
        facts["above_size_since"] = date.fromisoformat(since)
    if facts.get("above_size_since") and "above_size" not in facts:
        facts["above_size"] = True
    if facts.get("above_size") is False:
        facts.setdefault("above_size_since", None)  # who fell out of it is of no batch any more
    if _lacks_batch(facts, known):
        del facts["above_size"]
    return facts


def _lacks_batch(facts: Mapping[str, Any], known: Enterprise | None) -> bool:
    told = facts.get("above_size_since") or (known and known.above_size_since)
    return bool(facts.get("above_size")) and not told


def _left_out(values: Mapping[str, Plain], known: Enterprise | None) -> list[str]:
    """Return what a row states and cannot be taken over, in words for its preview."""
    notes = []
    if _lacks_batch(values, known):
        notes.append(_("Above designated size is left out: its directory batch is missing."))
    sectors = values.get("sectors")
    strange = cells.unknown(sectors) if isinstance(sectors, list) else []
    if strange:
        notes.append(_("No key sector, left out: %(words)s.") % {"words": "、".join(strange)})
    return notes


def _new(ground: _Ground, row: Parsed, facts: rules.Facts) -> NewEnterprise:
    values, home = row.values, _home(ground, row.values, otherwise=ground.own_unit)
    site = str(values.get("site") or "")
    return NewEnterprise(
        facts=facts,
        cell=home.cell,
        contact=home.contact,
        unit=home.unit,
        sectors=_sectors(values),
        sites=[NewSite(address=site)] if site else (),
        state=str(values.get("state") or DossierState.ACTIVE),
        risk=str(values.get("risk") or ""),
        row=row.number,
    )


def _shown(value: Any) -> str:
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    return str(value)
