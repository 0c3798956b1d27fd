"""The loop in a browser: opened, visited on a phone, rectified, verified, closed, read."""

import re

import pytest
from django.conf import settings as site
from playwright.sync_api import expect
from python_calamine import CalamineWorkbook

from bihuan.cases.models import Case
from bihuan.dossiers.models import Dossier
from bihuan.jobs.worker import Worker
from bihuan.rounds.models import Entry, Round
from tests.browser.conftest import PHONE
from tests.browser.test_rounds import photo, sign
from tests.permissions.test_matrix import east
from tests.permissions.world import NEAR
from tests.sheets.conftest import xlsx

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["east"]
OFFICE = {"width": 1366, "height": 768}


@pytest.fixture
def become(page, client, live_server):
    """Call it with a person and a screen to go on as them; it returns how to open pages."""

    def enter(person, screen=OFFICE):
        client.force_login(person)
        name = site.SESSION_COOKIE_NAME
        page.context.clear_cookies()
        cookie = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
        page.context.add_cookies([cookie])
        page.set_viewport_size(screen)
        return lambda path="": page.goto(f"{live_server.url}/z/east/{path}")

    return enter


def no_overflow(page):
    """The page does not scroll sideways at the width it is seen at."""
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= page.viewport_size["width"], f"{page.url} is {wide} px wide"


def follow(page, name):
    """Open the form of a move of the case in front of us."""
    page.get_by_role("link", name=name, exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    no_overflow(page)


def done(page, name, case):
    page.get_by_role("button", name=name, exact=True).click()
    expect(page).to_have_url(re.compile(rf"/cases/{case.pk}/$"))


def test_from_round_to_ledger(page, east, become, axe):
    name = "东山near有限公司"
    go = become(east.people["safety_office"])
    go("rounds/open/")
    page.get_by_label("轮次名称").fill("冬季排查")
    page.get_by_role("button", name="锁定名单并启动").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("冬季排查")
    no_overflow(page)
    row = Round.objects.get(name="冬季排查")
    assert row.total == 3

    go = become(east.people["contact"], PHONE)
    entry = Entry.objects.get(round=row, dossier=east.rows[NEAR]["dossier"])
    go("rounds/mine/")
    page.locator(f"a[href*='{entry.pk}']").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    item = page.locator("#item-G01")
    item.get_by_label("不符合", exact=True).check()
    item.get_by_label("问题照片").set_input_files(photo())
    page.locator("input[name=theirs-0-name]").fill("王五")
    sign(page)
    no_overflow(page)
    page.get_by_role("button", name="完成并保存").click()
    expect(page).to_have_url(re.compile(r"/visits/[0-9a-f-]{36}/$"))
    case = Case.objects.get(dossier=entry.dossier_id, found_by=east.people["contact"])

    go = become(east.people["safety_office"])
    go(f"cases/{case.pk}/")
    axe()
    follow(page, "改派")
    page.get_by_label("整改单位").select_option("own")
    done(page, "改派", case)

    go = become(east.people["enterprise"], PHONE)
    go()
    page.get_by_role("link", name=case.title).first.click()
    follow(page, "提交整改结果")
    page.get_by_label("整改措施").fill("已清理通道")
    axe()
    page.get_by_role("button", name="提交整改结果").click()  # without a photo
    expect(page.get_by_role("link", name="整改后照片", exact=True)).to_be_visible()
    page.get_by_role("button", name="提交整改结果").click()  # all the same: refused
    expect(page.locator(".bh-summary")).to_be_visible()
    expect(page.get_by_label("整改措施")).to_have_value("已清理通道")
    page.locator("input[name=proof_after]").set_input_files(photo())
    done(page, "提交整改结果", case)

    go = become(east.people["cell_leader"])
    go(f"cases/{case.pk}/")
    follow(page, "现场复查合格")
    page.get_by_label("复查意见").fill("现场已核查")
    done(page, "现场复查合格", case)

    go = become(east.people["safety_office"])
    go(f"cases/{case.pk}/")
    follow(page, "销号")
    done(page, "销号", case)
    case.refresh_from_db()
    assert case.status == "closed"

    go = become(east.people["auditor"])
    go(f"cases/{case.pk}/")
    expect(page.get_by_text("已清理通道").first).to_be_visible()
    expect(page.get_by_role("link", name=re.compile("交办|改派"))).to_have_count(0)
    go("ledger/")
    expect(page.get_by_role("heading", name="留痕")).to_be_visible()
    expect(page.locator("table").get_by_text("销号").first).to_be_visible()
    assert go(f"cases/{case.pk}/move/reject/").status == 404
    assert go("rounds/open/").status == 403


def test_a_clerk_brings_a_messy_sheet(page, east, become, axe, tmp_path):
    go = become(east.people["safety_office"])
    go("imports/")
    axe()
    messy = xlsx(
        [
            ["企业安全台账（2026年）", None, None],
            [None] * 3,
            ["序号", "单位名称", "主要负责人"],
            [1, "甲铸造厂", "张三"],
            [None] * 3,
            [2, "乙机械厂", None],
        ],
        merge=(0, 2, "企业安全台账（2026年）"),
    )
    sent = {"name": "台账.xlsx", "mimeType": "application/octet-stream", "buffer": messy}
    page.locator("input[type=file]").set_input_files(sent)
    page.get_by_role("button", name="读取文件").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("台账.xlsx")
    Worker([]).run(until_empty=True)
    page.reload()
    expect(page.get_by_text("乙机械厂").first).to_be_visible()
    axe()
    no_overflow(page)
    with page.expect_download() as coming:
        page.get_by_role("link", name="下载不予导入的行").click()
    coming.value.save_as(tmp_path / "refused.xlsx")
    rows = CalamineWorkbook.from_path(tmp_path / "refused.xlsx").get_sheet_by_index(0).to_python()
    assert "乙机械厂" in rows[-1]
    page.get_by_role("button", name=re.compile("1")).first.click()
    Worker([]).run(until_empty=True)
    page.reload()
    expect(page.get_by_text("已写入").first).to_be_visible()
    assert Dossier.objects.filter(name="甲铸造厂").exists()
    assert not Dossier.objects.filter(name="乙机械厂").exists()


def test_a_leader_goes_from_a_tile_to_its_rows(page, east, become, axe, fits):
    go = become(east.people["leader"])
    go("cockpit/")
    axe()
    no_overflow(page)
    page.locator("a[href$='/figures/live/']").first.click()
    expect(page.locator("table tbody tr")).to_have_count(3)
    axe()
    fits()


def test_nobody_leaves_with_something_in_their_hands(page, east, become, axe):
    go = become(east.people["administrator"])
    person = east.people["far_contact"]
    go(f"setup/people/{person.pk}/")
    axe()
    no_overflow(page)
    go(f"setup/people/{person.pk}/active/")
    page.locator("textarea, input[name=reason]").first.fill("调离")
    page.locator("main form button.btn-primary").click()
    expect(page.locator(".bh-summary, .bh-error").first).to_be_visible()
    person.refresh_from_db()
    assert person.is_active
