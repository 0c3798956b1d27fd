"""Dossiers with their contact, their documents and sources."""

from datetime import date

import factory
from factory.django import DjangoModelFactory

from bihuan.dossiers.models import Contact, Document, Dossier, DossierKind, Source, SourceKind
from tests.factories.zones import LONG_AGO, CellFactory, PostFactory, ZoneFactory


class SourceFactory(DjangoModelFactory):
    class Meta:
        model = Source

    zone = factory.SubFactory(ZoneFactory)
    kind = SourceKind.TYPED
    reference = "营业执照"
    at = LONG_AGO
    by_name = "安监站"


class DossierFactory(DjangoModelFactory):
    """A dossier; its contact holds a post, and its Contact row is open, unless held=False."""

    class Meta:
        model = Dossier
        skip_postgeneration_save = True

    zone = factory.SubFactory(ZoneFactory)
    kind = DossierKind.ENTERPRISE
    code = factory.Sequence(lambda n: f"T{n}")
    name = factory.Sequence(lambda n: f"第{n}铸造有限公司")
    cell = factory.SubFactory(CellFactory, zone=factory.SelfAttribute("..zone"))
    contact = factory.LazyAttribute(lambda it: PostFactory(zone=it.zone).person)
    opened_at = LONG_AGO

    @factory.post_generation
    def held(self, create, extracted, **kwargs):
        if create and extracted is not False:
            ContactFactory(zone=self.zone, dossier=self, person=self.contact)


class ContactFactory(DjangoModelFactory):
    class Meta:
        model = Contact

    dossier = factory.SubFactory(DossierFactory, held=False)
    zone = factory.SelfAttribute("dossier.zone")
    person = factory.SelfAttribute("dossier.contact")
    starts_on = date(2025, 1, 6)


class DocumentFactory(DjangoModelFactory):
    class Meta:
        model = Document

    dossier = factory.SubFactory(DossierFactory)
    zone = factory.SelfAttribute("dossier.zone")
    kind = "licence"
    name = "营业执照"
    source = factory.SubFactory(SourceFactory, zone=factory.SelfAttribute("..zone"))
