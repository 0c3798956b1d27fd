"""Sheets in and out from the command line, by the actions of the pages."""

import pytest
from python_calamine import CalamineWorkbook

from bihuan.config import desk
from bihuan.core.refusals import Forbidden, Refused
from bihuan.dossiers.models import Dossier
from tests.factories.enterprises import EnterpriseFactory
from tests.factories.zones import CellFactory, ZoneFactory, someone

pytestmark = pytest.mark.django_db
SHEET = "企业名称,所属网格,主要负责人\n甲铸造厂,{cell},张三\n乙玻璃厂,没有这个网格,李四\n"


@pytest.fixture
def zone():
    return ZoneFactory(slug="east")


@pytest.fixture
def office(zone):
    return someone(zone, "safety_office", person__language="en").username


@pytest.fixture
def sheet(tmp_path, zone):
    path = tmp_path / "enterprises.csv"
    path.write_text(SHEET.format(cell=CellFactory(zone=zone).name), "utf-8")
    return path


def bring_in(path, office, *, kind="enterprises", confirmed=False):
    return list(
        desk.bring_in(path=path, kind=kind, zone="east", person=office, confirmed=confirmed)
    )


def test_nothing_is_written_before_it_is_confirmed(sheet, office):
    lines = bring_in(sheet, office)
    assert "new: 1" in lines
    assert any("row 3" in line for line in lines)
    assert not Dossier.objects.exists()


def test_what_is_confirmed_is_written(sheet, office):
    assert "Written: 1 rows." in bring_in(sheet, office, confirmed=True)
    assert Dossier.objects.get().name == "甲铸造厂"


def test_the_kinds_of_sheets_are_named_to_who_asks_for_another(sheet, office):
    with pytest.raises(Refused, match="enterprises"):
        bring_in(sheet, office, kind="nonsense")


@pytest.mark.parametrize("code", ["enterprises", "cases", "hazards", "visits"])
def test_each_list_comes_out(code, zone, office, tmp_path):
    EnterpriseFactory(dossier__zone=zone, dossier__name="甲铸造厂")
    target = tmp_path / "list.xlsx"
    desk.take_out(code=code, zone="east", person=office, target=target)
    rows = CalamineWorkbook.from_path(str(target)).get_sheet_by_index(0).to_python()
    assert ("甲铸造厂" in {cell for row in rows for cell in row}) == (code == "enterprises")


def test_who_may_not_export_on_the_page_may_not_here(zone, tmp_path):
    contact = someone(zone, "contact").username
    with pytest.raises(Forbidden):
        desk.take_out(code="cases", zone="east", person=contact, target=tmp_path / "list.xlsx")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("zone_slug", "person"), [("west", "office"), ("east", "nobody")])
def test_unknown_zones_and_people_are_named(zone, tmp_path, zone_slug, person):
    with pytest.raises(Refused):
        desk.take_out(code="cases", zone=zone_slug, person=person, target=tmp_path / "list.xlsx")
