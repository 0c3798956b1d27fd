"""An auditor reads the ledger, has it verified and takes it along."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as site
from playwright.sync_api import Page, expect

from bihuan.core.ids import new_id
from bihuan.ledger.actions import record
from tests.factories.zones import PersonFactory, PostFactory, ZoneFactory
from tests.ledger.books import AT

SCRIPT = Path(__file__).parents[2] / "docs" / "develop" / "verify_bundle.py"


@pytest.fixture
def auditor(live_server, page: Page, client, settings, tmp_path):
    """An auditor of the zone "tunliu", signed in."""
    settings.LEDGER_KEYS = tmp_path / "keys"
    zone = ZoneFactory(slug="tunliu")
    person = PostFactory(zone=zone, role="auditor", person=PersonFactory(name="审计王")).person
    client.force_login(person)
    name = site.SESSION_COOKIE_NAME
    value = client.cookies[name].value
    page.context.add_cookies([{"name": name, "value": value, "url": str(live_server)}])
    for number in range(60):
        record(
            zone_id=zone.pk,
            kind="list.exported",
            about=("list", str(new_id())),
            by=person,
            at=AT,
            data={"number": f"JC-{number:04}"},
            origin="import" if number % 3 else "here",
        )
    return person


def test_reading_verifying_and_taking_along(page: Page, live_server, auditor, axe, fits, tmp_path):
    page.goto(f"{live_server}/z/tunliu/ledger/")
    expect(page.get_by_role("heading", name="留痕")).to_be_visible()
    expect(page.get_by_role("link", name="60", exact=True)).to_be_visible()
    axe()
    page.get_by_label("跳至序号").fill("7")
    page.get_by_role("button", name="跳转").click()
    expect(page.get_by_text("序号 7–1，共 60 条")).to_be_visible()
    page.get_by_role("link", name="首页").click()
    expect(page.get_by_text("序号 60–11，共 60 条")).to_be_visible()
    page.get_by_role("button", name="立即核验").click()
    expect(page.get_by_text("留痕完整：共 60 条记录。")).to_be_visible()
    page.get_by_role("link", name="60", exact=True).click()
    expect(page.get_by_text("叶哈希")).to_be_visible()
    axe()
    page.get_by_role("link", name="留痕").last.click()
    page.get_by_role("link", name="下载供核验").click()
    axe()
    with page.expect_download() as coming:
        page.get_by_role("button", name="下载").click()
    bundle = tmp_path / "bundle.zip"
    coming.value.save_as(bundle)
    checked = subprocess.run(
        [sys.executable, "-I", "-S", str(SCRIPT), str(bundle)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "WHOLE" in checked.stdout
    page.goto(f"{live_server}/z/tunliu/ledger/")
    expect(page.get_by_role("cell", name="下载留痕供核验")).to_be_visible()
    fits()
