"""Sites, key sectors and the landlord of an enterprise."""

from collections.abc import Collection, Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.core.actors import Actor
from bihuan.core.days import day_of
from bihuan.core.permissions import Permission
from bihuan.core.refusals import Refused, Stale
from bihuan.dossiers.actions import note_facts, note_source
from bihuan.dossiers.models import Dossier, Source
from bihuan.dossiers.queries import locked_dossier
from bihuan.enterprises import rules
from bihuan.enterprises.models import Enterprise, SectorFlag, Site
from bihuan.ledger.actions import record
from bihuan.ledger.rules.body import JSON
from bihuan.zones.permissions import require


@transaction.atomic
def add_site(
    *,
    enterprise: Enterprise,
    address: str,
    name: str = "",
    source: Source | None = None,
    by: Actor,
    at: datetime,
) -> Site:
    """Add a place where the enterprise produces (生产地址)."""
    dossier = locked_dossier(enterprise.dossier, None, by, at)
    if not address.strip():
        raise Refused(_("Give the production site's address."), field="address")
    open_sites = Site.objects.filter(enterprise=enterprise, closed_at=None)
    if open_sites.filter(address=address.strip()).exists():
        raise Refused(_("This site is in the dossier already."), field="address")
    site = Site(
        zone=dossier.zone,
        enterprise=enterprise,
        name=name.strip(),
        address=address.strip(),
        source=source or note_source(zone=dossier.zone, reference=_("typed in"), by=by, at=at),
    )
    site.save(force_insert=True)
    data: dict[str, JSON] = {"site": site.pk, "name": site.name, "address": site.address}
    _tell(dossier, "site.added", data, by, at)
    return site


@transaction.atomic
def close_site(*, site: Site, reason: str, by: Actor, at: datetime) -> Site:
    """Give a production site up. It stays in the history."""
    dossier = locked_dossier(site.enterprise.dossier, None, by, at)
    site = Site.objects.select_for_update().get(pk=site.pk)
    if site.closed_at is not None:
        raise Stale(_("This site has been given up already."))
    if not reason.strip():
        raise Refused(_("Say why the site is given up."), field="reason")
    site.closed_at = at
    site.save(update_fields=["closed_at"])
    data: dict[str, JSON] = {"site": site.pk, "address": site.address, "reason": reason.strip()}
    _tell(dossier, "site.closed", data, by, at)
    return site


@transaction.atomic
def set_sectors(
    *,
    enterprise: Enterprise,
    sectors: Collection[str],
    version: int | None = None,
    source: Source | None = None,
    by: Actor,
    at: datetime,
) -> bool:
    """Say which key sectors the enterprise belongs to; return whether that is new."""
    dossier = locked_dossier(enterprise.dossier, version, by, at)
    wanted = rules.check_sectors(sectors)
    flags = SectorFlag.objects.filter(zone=dossier.zone, enterprise=enterprise)
    old = set(flags.values_list("sector", flat=True))
    if old == wanted:
        return False
    flags.exclude(sector__in=wanted).delete()
    SectorFlag.objects.bulk_create(
        SectorFlag(zone=dossier.zone, enterprise=enterprise, sector=it)
        for it in sorted(wanted - old)
    )
    source = source or note_source(zone=dossier.zone, reference=_("typed in"), by=by, at=at)
    note_facts(dossier=dossier, names=["sectors"], source=source, by=by, at=at)
    data: dict[str, JSON] = {"from": sorted(old), "to": sorted(wanted), "source": source.pk}
    _tell(dossier, "enterprise.sectors_set", data, by, at)
    return True


@transaction.atomic
def set_landlord(
    *,
    enterprise: Enterprise,
    landlord: Enterprise | None,
    agreement_on: date | None = None,
    version: int | None = None,
    source: Source | None = None,
    by: Actor,
    at: datetime,
) -> bool:
    """Say who lets the enterprise its place, and when their safety agreement was signed.

    Work Safety Law (2021), article 49. Returns whether that is new.
    """
    dossier = locked_dossier(enterprise.dossier, version, by, at)
    enterprise = Enterprise.objects.get(pk=dossier.pk)
    _check_landlord(enterprise, landlord, agreement_on, day_of(at))
    pk = landlord.pk if landlord else None
    if (enterprise.landlord_id, enterprise.landlord_agreement_on) == (pk, agreement_on):
        return False
    data: dict[str, JSON] = {"from": enterprise.landlord_id, "to": pk, "agreement": agreement_on}
    enterprise.landlord, enterprise.landlord_agreement_on = landlord, agreement_on
    enterprise.save(update_fields=["landlord", "landlord_agreement_on"])
    source = source or note_source(zone=dossier.zone, reference=_("typed in"), by=by, at=at)
    names = ["landlord", "landlord_agreement_on"]
    note_facts(dossier=dossier, names=names, source=source, by=by, at=at)
    _tell(dossier, "enterprise.landlord_set", {**data, "source": source.pk}, by, at)
    return True


def _check_landlord(
    enterprise: Enterprise, landlord: Enterprise | None, agreement_on: date | None, today: date
) -> None:
    if landlord is None:
        if agreement_on:
            raise Refused(_("An agreement needs a landlord."), field="landlord_agreement_on")
        return
    if landlord.zone_id != enterprise.zone_id:
        raise Refused(_("There is no such enterprise in this zone."), field="landlord")
    if agreement_on and agreement_on > today:
        raise Refused(_("The agreement's date lies in the future."), field="landlord_agreement_on")
    above = Enterprise.objects.filter(pk=landlord.pk).first()  # as stored, not as passed in
    for _step in range(100):
        if above is None:
            return
        if above.pk == enterprise.pk:
            raise Refused(
                _("An enterprise cannot be its own landlord, directly or through others."),
                field="landlord",
            )
        above = Enterprise.objects.filter(pk=above.landlord_id).first()


@transaction.atomic
def show_phone(*, enterprise: Enterprise, name: str, by: Actor, at: datetime) -> str:
    """Return a telephone number in clear; that it was shown, and to whom, is recorded."""
    dossier = enterprise.dossier
    require(by, Permission.PERSONAL_READ, zone=dossier.zone, on=day_of(at), row=dossier)
    if name not in rules.PHONES:
        raise Refused(_("There is no such telephone number."))
    _tell(dossier, "enterprise.personal_shown", {"name": name}, by, at)
    number: str = getattr(enterprise, name)
    return number


def _tell(dossier: Dossier, kind: str, data: Mapping[str, JSON], by: Actor, at: datetime) -> None:
    about = ("dossier", str(dossier.pk))
    record(zone_id=dossier.zone_id, kind=kind, about=about, by=by, at=at, data=data)
