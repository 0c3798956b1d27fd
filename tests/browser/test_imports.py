"""The page of an import in a browser: it follows the reading, and stands when that is done."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from bihuan.sheets import actions
from bihuan.sheets.models import Batch
from tests.browser import test_rounds as rounds
from tests.sheets import conftest as sheets
from tests.sheets.conftest import xlsx

pytestmark = pytest.mark.django_db(transaction=True)

sign_in, zone, clerk = rounds.sign_in, sheets.zone, sheets.clerk


def test_the_page_follows_the_reading_and_stands_when_it_is_done(
    page, live_server, sign_in, zone, clerk
):
    sign_in(clerk)
    book = xlsx([["企业名称", "主要负责人"], ["山西示例机械有限公司", "张三"]])
    batch = actions.send(
        zone=zone,
        importer="enterprises",
        name="台账.xlsx",
        content=book,
        by=clerk,
        at=timezone.now(),
    )
    address = reverse("sheets:batch", args=[zone.slug, batch.pk])
    page.goto(live_server.url + address)
    expect(page.locator("main [hx-trigger]")).to_be_attached()
    actions.read(batch=Batch.objects.get(pk=batch.pk), by=clerk, at=timezone.now())
    expect(page.get_by_text("山西示例机械有限公司")).to_be_visible(timeout=10_000)
    expect(page.locator("main h1")).to_be_visible()
    expect(page.locator("main [hx-trigger='every 2s']")).to_have_count(0)
