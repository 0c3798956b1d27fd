"""Changing what is known: versions, sources, all or none; sites, sectors, landlord."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bihuan.core.refusals import Forbidden, Refused, Stale
from bihuan.dossiers.models import Dossier
from bihuan.dossiers.queries import origins
from bihuan.enterprises import actions
from bihuan.enterprises.actions import Amendment, NewEnterprise, RowsRefused
from bihuan.enterprises.models import Enterprise, SectorFlag, Site
from bihuan.enterprises.rules import Facts
from bihuan.ledger.models import Event
from tests.factories.dossiers import SourceFactory
from tests.factories.enterprises import EnterpriseFactory, SiteFactory
from tests.factories.zones import CellFactory, UnitFactory, ZoneFactory, someone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
USCC = "91110000600037341L"


@pytest.fixture
def zone():
    return ZoneFactory()


@pytest.fixture
def office(zone):
    return someone(zone, "safety_office")


@pytest.fixture
def made(zone, office, now):
    """Three enterprises out of one sheet."""
    cell = CellFactory(zone=zone)
    rows = [
        NewEnterprise(
            facts=Facts(name=f"第{n}公司", principal="王五", headcount=n), cell=cell, row=n
        )
        for n in (2, 3, 4)
    ]
    source = SourceFactory(zone=zone, kind="sheet", reference="台账.xlsx")
    return actions.register_many(zone=zone, enterprises=rows, source=source, by=office, at=now)


def fresh(enterprise):
    return Enterprise.objects.select_related("dossier").get(pk=enterprise.pk)


def last():
    return Event.objects.order_by("-seq").first()


def test_a_changed_fact_moves_to_its_new_source(zone, office, made, now):
    seen = SourceFactory(zone=zone, reference="执照原件")
    changes = {"headcount": 120, "place": "康庄", "principal": "王五"}
    assert (
        actions.amend(
            enterprise=made[0], changes=changes, version=1, source=seen, by=office, at=now
        )
        == 1
    )
    stored = fresh(made[0])
    assert (stored.headcount, stored.dossier.place, stored.dossier.version) == (120, "康庄", 2)
    known = origins(stored.dossier)
    assert known["headcount"].source == seen
    assert known["place"].source == seen
    assert (known["principal"].source.reference, known["principal"].row) == ("台账.xlsx", 2)
    assert '"headcount":120' in last().body
    assert "王五" not in last().body


def test_the_same_again_changes_nothing_and_keeps_its_source(zone, office, made, now):
    events = Event.objects.count()
    assert actions.amend(enterprise=made[0], changes={"headcount": 2}, by=office, at=now) == 0
    assert Event.objects.count() == events
    assert fresh(made[0]).dossier.version == 1


def test_who_came_late_is_told(office, made, now):
    change = {"changes": {"headcount": 9}, "by": office, "at": now}
    actions.amend(enterprise=made[0], version=1, **change)
    with pytest.raises(Stale):
        actions.amend(enterprise=made[0], version=1, **{**change, "changes": {"headcount": 10}})
    assert fresh(made[0]).headcount == 9


def test_many_change_in_one_go_each_in_its_own_columns(zone, office, made, now):
    amendments = [
        Amendment(dossier_id=made[0].pk, changes={"headcount": 7}, row=2),
        Amendment(dossier_id=made[1].pk, changes={"name": "改名公司", "uscc": USCC}, row=3),
        Amendment(dossier_id=made[2].pk, changes={"headcount": 4}, row=4),
    ]
    assert actions.amend_many(zone=zone, amendments=amendments, by=office, at=now) == 2
    a, b, c = map(fresh, made)
    assert (a.headcount, a.dossier.name) == (7, "第2公司")
    assert (b.headcount, b.dossier.name, b.uscc) == (3, "改名公司", USCC)
    assert (c.headcount, c.dossier.version) == (4, 1)
    assert actions.amend_many(zone=zone, amendments=amendments, by=office, at=now) == 0


def test_one_bad_row_holds_all_back(zone, office, made, now):
    EnterpriseFactory(dossier__zone=zone, uscc=USCC)
    amendments = [
        Amendment(dossier_id=made[0].pk, changes={"headcount": 70}),
        Amendment(dossier_id=made[1].pk, changes={"uscc": USCC}),
    ]
    with pytest.raises(RowsRefused) as refusal:
        actions.amend_many(zone=zone, amendments=amendments, by=office, at=now)
    assert {place: it[0].field for place, it in refusal.value.problems.items()} == {1: "uscc"}
    assert fresh(made[0]).headcount == 2
    two = [Amendment(dossier_id=it.pk, changes={"uscc": "N2330106799655058H"}) for it in made[:2]]
    with pytest.raises(RowsRefused):
        actions.amend_many(zone=zone, amendments=two, by=office, at=now)
    with pytest.raises(Refused):
        actions.amend_many(zone=zone, amendments=[amendments[0], amendments[0]], by=office, at=now)
    foreign = EnterpriseFactory()
    with pytest.raises(Refused):
        actions.amend_many(
            zone=zone,
            amendments=[Amendment(dossier_id=foreign.pk, changes={"headcount": 1})],
            by=office,
            at=now,
        )


def test_a_new_name_reaches_the_enterprises_own_unit(zone, office, made, now):
    dossier = made[0].dossier
    dossier.owner_unit = UnitFactory(zone=zone, kind="enterprise", name=dossier.name)
    dossier.save()
    actions.amend(enterprise=made[0], changes={"name": "新名"}, by=office, at=now)
    dossier.owner_unit.refresh_from_db()
    assert dossier.owner_unit.name == "新名"


ACTS = {
    "amend": lambda e, by, at: actions.amend(enterprise=e, changes={"headcount": 99}, by=by, at=at),
    "site": lambda e, by, at: actions.add_site(enterprise=e, address="新址", by=by, at=at),
    "sectors": lambda e, by, at: actions.set_sectors(enterprise=e, sectors=["fire"], by=by, at=at),
    "landlord": lambda e, by, at: actions.set_landlord(
        enterprise=e, landlord=EnterpriseFactory(dossier__zone=e.zone), by=by, at=at
    ),
    "phone": lambda e, by, at: actions.show_phone(
        enterprise=e, name="principal_phone", by=by, at=at
    ),
}


@pytest.mark.parametrize("name", ACTS)
def test_it_happens_and_is_recorded(zone, office, made, now, name):
    before = Event.objects.count()
    ACTS[name](fresh(made[0]), office, now)
    assert Event.objects.count() == before + 1
    assert last().about_id == str(made[0].pk)


@pytest.mark.parametrize("name", ACTS)
def test_it_is_forbidden_to_others(zone, made, now, name):
    before = Event.objects.count()
    for role in ("auditor", "contact"):
        with pytest.raises(Forbidden):
            ACTS[name](fresh(made[0]), someone(zone, role), now)
    assert Event.objects.count() == before


@pytest.mark.parametrize("name", ACTS)
def test_it_is_undone_when_the_ledger_fails(zone, office, made, now, name, broken_ledger):
    before = Dossier.objects.filter(pk=made[0].pk).values().get()
    detail = Enterprise.objects.filter(pk=made[0].pk).values().get()
    with pytest.raises(broken_ledger):
        ACTS[name](fresh(made[0]), office, now)
    assert Dossier.objects.filter(pk=made[0].pk).values().get() == before
    assert Enterprise.objects.filter(pk=made[0].pk).values().get() == detail
    assert not Site.objects.exists()
    assert not SectorFlag.objects.exists()


def test_sectors_are_set_whole(office, made, now):
    enterprise = fresh(made[0])
    assert actions.set_sectors(enterprise=enterprise, sectors=["fire", "petrol"], by=office, at=now)
    assert actions.set_sectors(enterprise=enterprise, sectors=["fire"], by=office, at=now)
    assert not actions.set_sectors(enterprise=enterprise, sectors=["fire"], by=office, at=now)
    assert list(SectorFlag.objects.values_list("sector", flat=True)) == ["fire"]
    with pytest.raises(Refused):
        actions.set_sectors(enterprise=enterprise, sectors=["space"], by=office, at=now)


def test_a_site_is_given_up_once(office, made, now):
    site = SiteFactory(enterprise=made[0])
    with pytest.raises(Refused):
        actions.add_site(enterprise=made[0], address=site.address, by=office, at=now)
    with pytest.raises(Refused):
        actions.close_site(site=site, reason="", by=office, at=now)
    assert actions.close_site(site=site, reason="搬迁", by=office, at=now).closed_at == now
    with pytest.raises(Stale):
        actions.close_site(site=site, reason="搬迁", by=office, at=now)
    actions.add_site(enterprise=made[0], address=site.address, by=office, at=now)


def test_nobody_is_their_own_landlord(office, made, now):
    a, b, c = map(fresh, made)
    args = {"by": office, "at": now}
    actions.set_landlord(enterprise=a, landlord=b, agreement_on=date(2026, 1, 1), **args)
    actions.set_landlord(enterprise=b, landlord=c, **args)
    for landlord in (a, c):
        with pytest.raises(Refused) as refusal:
            actions.set_landlord(enterprise=c, landlord=landlord, **args)
        assert refusal.value.field == "landlord"
    with pytest.raises(Refused):
        actions.set_landlord(enterprise=a, landlord=EnterpriseFactory(), **args)
    future = now.date() + timedelta(days=1)
    with pytest.raises(Refused):
        actions.set_landlord(enterprise=a, landlord=b, agreement_on=future, **args)
    with pytest.raises(Refused):
        actions.set_landlord(enterprise=a, landlord=None, agreement_on=now.date(), **args)
    assert actions.set_landlord(enterprise=a, landlord=None, **args)
    assert fresh(a).landlord_id is None


def test_the_same_row_sent_twice_is_one_enterprise(zone, office, made, now):
    again = NewEnterprise(
        facts=Facts(name="第9公司", principal="王五", uscc=USCC), cell=made[0].dossier.cell
    )
    actions.register(zone=zone, enterprise=again, by=office, at=now)
    with pytest.raises(RowsRefused):
        actions.register(zone=zone, enterprise=replace(again, row=5), by=office, at=now)
