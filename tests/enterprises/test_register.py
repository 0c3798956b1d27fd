"""Registering enterprises: one and many by the same path, all or none."""

from dataclasses import replace

import pytest

from bihuan.core.refusals import Forbidden, Refused
from bihuan.dossiers.models import Contact, Dossier, Source
from bihuan.dossiers.queries import origins
from bihuan.enterprises.actions import (
    NewEnterprise,
    NewSite,
    RowsRefused,
    register,
    register_many,
)
from bihuan.enterprises.models import Enterprise, SectorFlag, Site
from bihuan.enterprises.queries import search_texts
from bihuan.enterprises.rules import Facts
from bihuan.ledger import actions as ledger
from bihuan.ledger.models import Event
from tests.factories.dossiers import DossierFactory, SourceFactory
from tests.factories.enterprises import EnterpriseFactory
from tests.factories.zones import CellFactory, PersonFactory, UnitFactory, ZoneFactory, someone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
USCC = "91110000600037341L"
VILLAGE = "N2330106799655058H"  # registered by the agricultural authority


@pytest.fixture
def zone():
    return ZoneFactory()


@pytest.fixture
def cell(zone):
    return CellFactory(zone=zone)


@pytest.fixture
def office(zone):
    return someone(zone, "safety_office")


def facts(**more):
    return Facts(**{"name": "山西三耐铸业有限公司", "principal": "王建国", **more})


def new(cell, **more):
    return NewEnterprise(facts=facts(**more), cell=cell)


def test_an_enterprise_gets_a_dossier_a_number_and_a_contact(zone, cell, office, now):
    contact = someone(zone, "contact")
    enterprise = register(
        zone=zone,
        enterprise=NewEnterprise(
            facts=facts(
                uscc="９１１１００００６０００３７３４１Ｌ", industry="3391", headcount=120
            ),
            cell=cell,
            contact=contact,
            sectors=frozenset({"industry_trade", "fire"}),
            sites=(NewSite(address="康庄园区2号", name="二厂"),),
        ),
        by=office,
        at=now,
    )
    stored = Enterprise.objects.select_related("dossier").get(pk=enterprise.pk)
    assert stored.uscc == USCC
    assert stored.industry == "C3391"
    assert stored.dossier.code == "E000001"
    held = Contact.objects.get(dossier=stored.dossier)
    assert (held.person, held.starts_on, held.ends_on) == (contact, now.date(), None)
    assert set(SectorFlag.objects.values_list("sector", flat=True)) == {"industry_trade", "fire"}
    assert Site.objects.get().address == "康庄园区2号"
    assert [it.kind for it in Event.objects.all()] == ["enterprise.registered"]


def test_the_ledger_holds_no_name_of_a_person(zone, cell, office, now):
    enterprise = new(cell, principal_phone="13812341234", legal_representative="赵铁柱")
    register(zone=zone, enterprise=enterprise, by=office, at=now)
    body = Event.objects.get().body
    assert "山西三耐铸业" in body
    for private in ("王建国", "赵铁柱", "13812341234"):
        assert private not in body


def test_without_a_contact_the_cells_leader_answers(zone, cell, office, now):
    enterprise = register(zone=zone, enterprise=new(cell), by=office, at=now)
    assert enterprise.dossier.contact_id == cell.leader_id


def test_each_fact_knows_its_row(zone, cell, office, now):
    source = SourceFactory(zone=zone, kind="sheet", reference="企业台账.xlsx")
    rows = [replace(new(cell, name=f"第{n}公司"), row=n) for n in (3, 4)]
    made = register_many(zone=zone, enterprises=rows, source=source, by=office, at=now)
    known = origins(Dossier.objects.get(pk=made[1].pk))
    assert set(known) == {"name", "principal"}
    assert (known["name"].source, known["name"].row) == (source, 4)


def test_many_move_the_ledgers_head_once_a_piece(zone, cell, office, now, monkeypatch):
    moves = []
    inner = ledger._lock_head
    monkeypatch.setattr(ledger, "_lock_head", lambda *args: moves.append(1) or inner(*args))
    rows = [new(cell, name=f"第{n}公司") for n in range(1001)]
    made = register_many(zone=zone, enterprises=rows, by=office, at=now)
    assert len(made) == 1001
    assert len(moves) == 3
    assert Event.objects.filter(kind="enterprise.registered").count() == 1001
    assert Dossier.objects.order_by("-code").first().code == "E001001"
    assert len(set(Dossier.objects.values_list("code", flat=True))) == 1001


def test_every_bad_row_is_named_and_none_is_stored(zone, cell, office, now):
    EnterpriseFactory(dossier__zone=zone, uscc=USCC)
    rows = [
        new(cell, name="好公司"),
        new(cell, name=""),
        new(cell, uscc=USCC),
        new(cell, uscc="91110000600037341M", principal=""),
        new(cell, uscc=VILLAGE),
        new(cell, uscc=VILLAGE),
        new(cell, above_size=True),
        new(cell, headcount=-1),
        new(cell, principal_phone="1234"),
        replace(new(cell), sectors=frozenset({"space"})),
        replace(new(cell), sites=(NewSite(address=" "),)),
    ]
    with pytest.raises(RowsRefused) as refusal:
        register_many(zone=zone, enterprises=rows, by=office, at=now)
    fields = {place: [it.field for it in its] for place, its in refusal.value.problems.items()}
    assert fields == {
        1: ["name"],
        2: ["uscc"],
        3: ["principal", "uscc"],
        5: ["uscc"],
        6: ["above_size_since"],
        7: ["headcount"],
        8: ["principal_phone"],
        9: ["sectors"],
        10: ["sites"],
    }
    assert Enterprise.objects.count() == 1
    assert not Event.objects.exists()


def test_the_same_code_may_live_in_two_zones_and_blank_codes_anywhere(zone, cell, office, now):
    EnterpriseFactory(uscc=USCC)
    register(zone=zone, enterprise=new(cell, uscc=USCC), by=office, at=now)
    register(zone=zone, enterprise=new(cell, name="甲"), by=office, at=now)
    register(zone=zone, enterprise=new(cell, name="乙"), by=office, at=now)


def test_own_codes_are_kept_and_never_doubled(zone, cell, office, now):
    DossierFactory(zone=zone, code="E000007")
    own = replace(new(cell), code="E000008")
    rows = [new(cell, name="甲"), own, new(cell, name="乙")]
    made = register_many(zone=zone, enterprises=rows, by=office, at=now)
    assert [it.dossier.code for it in made] == ["E000009", "E000008", "E000010"]
    with pytest.raises(Refused) as refusal:
        register(zone=zone, enterprise=own, by=office, at=now)
    assert refusal.value.field == "code"


def test_a_contact_without_a_post_is_refused(zone, cell, office, now):
    for stranger in (PersonFactory(), someone(ZoneFactory(), "contact"), someone(zone, "auditor")):
        with pytest.raises(Refused) as refusal:
            register(zone=zone, enterprise=replace(new(cell), contact=stranger), by=office, at=now)
        assert refusal.value.field == "contact"
    assert not Dossier.objects.exists()


def test_a_cell_of_another_zone_is_refused(zone, office, now):
    foreign = replace(new(CellFactory()), contact=someone(zone, "contact"))
    with pytest.raises(Refused) as refusal:
        register(zone=zone, enterprise=foreign, by=office, at=now)
    assert refusal.value.field == "cell"


@pytest.mark.parametrize("role", ["leader", "auditor", "enterprise"])
def test_who_may_not_edit_registers_nothing(zone, cell, now, role):
    unit = UnitFactory(zone=zone) if role == "enterprise" else None
    with pytest.raises(Forbidden):
        register(zone=zone, enterprise=new(cell), by=someone(zone, role, unit=unit), at=now)
    assert not Dossier.objects.exists()


def test_a_contact_registers_only_in_their_own_name(zone, cell, now):
    contact = someone(zone, "contact")
    with pytest.raises(Forbidden):
        register(zone=zone, enterprise=new(cell), by=contact, at=now)
    own = replace(new(cell), contact=contact)
    assert register(zone=zone, enterprise=own, by=contact, at=now)


def test_nothing_stays_when_the_ledger_fails(zone, cell, office, now, broken_ledger):
    with pytest.raises(broken_ledger):
        register(zone=zone, enterprise=new(cell), by=office, at=now)
    for model in (Dossier, Enterprise, Contact, Source):
        assert not model.objects.exists()


def test_everything_an_enterprise_can_be_found_by_is_told(zone, cell, office, now):
    enterprise = replace(
        new(cell, short_name="三耐", uscc=USCC, registered_address="长治市屯留区"),
        sites=(NewSite(address="康庄园区"),),
    )
    made = register(zone=zone, enterprise=enterprise, by=office, at=now)
    (told,) = search_texts(zone, [made.pk])
    assert told.title == "山西三耐铸业有限公司"
    for word in ("E000001", "三耐", USCC, "王建国", "屯留", "康庄"):
        assert word in told.text
