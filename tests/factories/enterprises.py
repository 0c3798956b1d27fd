"""Enterprises with their dossier, sites and key sectors."""

import factory
from factory.django import DjangoModelFactory

from bihuan.enterprises.models import Enterprise, Sector, SectorFlag, Site
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
