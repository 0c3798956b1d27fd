"""A visit sheet on a phone: opened, filled in, sent, and what the phone keeps of it."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from bihuan.cases.models import Case
from bihuan.files.models import StoredFile
from bihuan.ledger.models import Event
from bihuan.rounds.models import Visit
from tests.browser.test_rounds import photo, sign


@pytest.fixture
def now():
    """Pages take the real time."""
    return timezone.now() - timedelta(minutes=1)


@pytest.fixture
def entry(world):
    world.dossier()
    return world.open(due_on=timezone.localdate() + timedelta(days=9)).entries.get()


def open_sheet(page, url):
    page.goto(url)
    page.wait_for_selector("#sheet[data-ready]")


def fill_in(page):
    item = page.locator("#item-G01")
    item.get_by_label("不符合", exact=True).check()
    item.get_by_label("问题照片").set_input_files(photo())
    expect(item.get_by_text("exit.jpg")).to_be_visible()
    page.get_by_label("检查情况").fill("三号车间")
    page.locator("input[name=theirs-0-name]").fill("Boss")
    sign(page)
    expect(page.locator(".bh-kept")).to_contain_text("已存在本机")
    page.wait_for_timeout(500)


def is_filled_in(page):
    expect(page.locator("#item-G01").get_by_label("不符合", exact=True)).to_be_checked()
    expect(page.locator("#item-G01").get_by_text("exit.jpg")).to_be_visible()
    expect(page.get_by_label("检查情况")).to_have_value("三号车间")
    expect(page.locator("input[name=theirs-0-name]")).to_have_value("Boss")
    assert page.locator("input[name=signature-theirs]").input_value().startswith("data:image/png")


def done(page):
    page.get_by_role("button", name="完成并保存").click()


def kept(page):
    """What the device keeps: how many forms, how many files."""
    return page.evaluate(
        """() => new Promise((resolve) => {
          indexedDB.open("bihuan", 1).onsuccess = ({ target }) => {
            const [forms, files] = ["forms", "files"].map((it) => target.result.transaction(it).objectStore(it).count());
            files.onsuccess = () => resolve([forms.result, files.result]);
          };
        })"""
    )


def is_one_visit():
    visit = Visit.objects.get()
    assert (visit.summary, visit.found) == ("三号车间", 1)
    assert Case.objects.count() == 1
    assert StoredFile.objects.count() == 2  # the photo and the signature
    kinds = list(Event.objects.values_list("kind", flat=True))
    assert kinds.count("visit.recorded") == 1
    assert kinds.count("file.kept") == 2
