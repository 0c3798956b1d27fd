"""Enterprises with their dossier, sites and key sectors."""

from datetime import datetime
from typing import Any

import factory
from factory.django import DjangoModelFactory

from bihuan.core.actors import System
from bihuan.core.permissions import Permission
from bihuan.dossiers.models import Dossier
from bihuan.enterprises.actions import NewEnterprise, register
from bihuan.enterprises.models import Enterprise, Sector, SectorFlag, Site
from bihuan.enterprises.rules import Facts
from bihuan.ledger.actions import record
from bihuan.zones.models import Unit, Zone
from tests.factories.dossiers import DossierFactory, SourceFactory


class EnterpriseFactory(DjangoModelFactory):
    class Meta:
        model = Enterprise

    dossier = factory.SubFactory(DossierFactory)
    zone = factory.SelfAttribute("dossier.zone")
    principal = "李四"


class SectorFlagFactory(DjangoModelFactory):
    class Meta:
        model = SectorFlag

    enterprise = factory.SubFactory(EnterpriseFactory)
    zone = factory.SelfAttribute("enterprise.zone")
    sector = Sector.INDUSTRY_TRADE


class SiteFactory(DjangoModelFactory):
    class Meta:
        model = Site

    enterprise = factory.SubFactory(EnterpriseFactory)
    zone = factory.SelfAttribute("enterprise.zone")
    name = "一厂区"
    address = "长兴路1号"
    source = factory.SubFactory(SourceFactory, zone=factory.SelfAttribute("..zone"))


CLERK = System("clerk", frozenset({Permission.DOSSIER_EDIT}))


def registered(
    zone: Zone,
    *,
    at: datetime,
    facts: dict[str, Any] | None = None,
    owner_unit: Unit | None = None,
    **more: Any,
) -> Dossier:
    """Return a dossier that the ledger knows, as what the factories make is not."""
    told = {"name": "某某铸造有限公司", "principal": "李四", **(facts or {})}
    new = NewEnterprise(facts=Facts(**told), **more)
    made = register(zone=zone, enterprise=new, by=CLERK, at=at).dossier
    if owner_unit:
        made.owner_unit = owner_unit
        made.save(update_fields=["owner_unit"])
        data = {"unit": owner_unit.pk}
        about = ("dossier", str(made.pk))
        kind = "dossier.organisation_opened"
        record(zone_id=zone.pk, kind=kind, about=about, by=CLERK, at=at, data=data)
    return made
