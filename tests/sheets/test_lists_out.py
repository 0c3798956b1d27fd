"""Every list comes out as a spreadsheet: what the page shows, whole, and recorded."""

from io import BytesIO

import pytest
from django.urls import reverse
from python_calamine import CalamineWorkbook

from bihuan.core.actors import System
from bihuan.enterprises.models import Sector, SectorFlag
from bihuan.ledger.actions import record
from bihuan.ledger.models import Event
from tests.factories.enterprises import EnterpriseFactory
from tests.factories.zones import ZoneFactory, someone

pytestmark = pytest.mark.django_db
CLERK = System("clerk")
LISTS = ("cases:list", "enterprises:list", "dossiers:documents", "rounds:list", "zones:people")


@pytest.fixture
def zone():
    return ZoneFactory(slug="east")


@pytest.fixture
def office(zone):
    return someone(zone, "safety_office", person__language="zh-hans")


@pytest.fixture
def enterprises(zone, now):
    for name in ("甲铸造", "乙玻璃", "=1+1"):
        made = EnterpriseFactory(dossier__zone=zone, dossier__name=name)
        about = ("dossier", str(made.pk))
        record(zone_id=zone.pk, kind="enterprise.registered", about=about, by=CLERK, at=now)


def rows_of(response):
    book = CalamineWorkbook.from_filelike(BytesIO(b"".join(response.streaming_content)))
    return book.get_sheet_by_index(0).to_python()


def address(name, query="as=xlsx"):
    return f"{reverse(name, args=['east'])}?{query}"


def test_a_list_comes_out_whole_and_is_recorded(client, office, enterprises):
    client.force_login(office)
    rows = rows_of(client.get(address("enterprises:list")))
    assert rows[0][0] == "企业台账"
    said = {cell for row in rows for cell in row}
    assert {"甲铸造", "乙玻璃", "=1+1"} <= said
    event = Event.objects.get(kind="list.exported")
    assert (event.about_id, event.actor) == ("enterprises", office.actor_id)


def test_several_codes_in_one_cell_are_kept_apart(client, zone, office):
    enterprise = EnterpriseFactory(dossier__zone=zone)
    for sector in (Sector.CHEMICALS, Sector.INDUSTRY_TRADE):
        SectorFlag.objects.create(zone=zone, enterprise=enterprise, sector=sector)
    client.force_login(office)
    said = {cell for row in rows_of(client.get(address("enterprises:list"))) for cell in row}
    assert {"危险化学品、工贸", "工贸、危险化学品"} & said


def test_what_the_filters_leave_out_stays_out(client, office, enterprises):
    client.force_login(office)
    rows = rows_of(client.get(address("enterprises:list", "as=xlsx&q=甲铸造")))
    said = {cell for row in rows for cell in row}
    assert "甲铸造" in said
    assert "乙玻璃" not in said


def test_who_may_not_export_gets_neither_link_nor_sheet(client, zone, enterprises):
    client.force_login(someone(zone, "contact"))
    assert "as=xlsx" not in client.get(address("enterprises:list", "")).content.decode()
    assert client.get(address("enterprises:list")).status_code == 403
    assert not Event.objects.filter(kind="list.exported").exists()


@pytest.mark.parametrize("name", LISTS)
def test_every_list_has_its_sheet(client, zone, name):
    post = "administrator" if name == "zones:people" else "safety_office"
    client.force_login(someone(zone, post))
    page = client.get(address(name, "")).content.decode()
    assert "as=xlsx" in page
    assert rows_of(client.get(address(name)))
