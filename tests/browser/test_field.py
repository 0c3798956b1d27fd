"""A working day in the yard: gloves, no signal, a locked gate, a phone that dies half-way."""

import re

import pytest
from playwright.sync_api import expect

from bihuan.cases.models import Case
from bihuan.files.models import StoredFile
from bihuan.ledger.models import Event
from bihuan.rounds.models import Excuse, Visit
from tests.browser import field
from tests.browser.conftest import PHONE
from tests.browser.field import done, fill_in, is_filled_in, is_one_visit, kept, open_sheet
from tests.browser.test_rounds import photo
from tests.browser.test_rounds import sign_in as enter
from tests.rounds import conftest as zone

pytestmark = pytest.mark.django_db(transaction=True)

composition, world, sign_in = zone.composition, zone.world, enter
now, entry = field.now, field.entry
RECORDED = re.compile(r"/visits/[0-9a-f-]{36}/$")
THUMB = 44  # px: nothing to be touched is lower, but for links within words and beside a card's own
LOW = """(least) => [...document.querySelectorAll("a[href], button, summary, input, select, textarea")]
  .filter((it) => it.checkVisibility({ visibilityProperty: true }) && it.type !== "hidden")
  .filter((it) => !it.closest(".visually-hidden, .bh-skip, .bh-taps, p, small, .bh-crumbs, .bh-cards td:not(.lead, .box)"))
  .map((it) => [["radio", "checkbox"].includes(it.type) ? it.closest("label") ?? it.labels[0] : it])
  .map(([it]) => [it.matches(".lead a") ? it.closest("tr") : it])
  .map(([it]) => [it.outerHTML.slice(0, 90), it.getBoundingClientRect().height])
  .filter(([, height]) => height && height < least - 0.5)"""


@pytest.fixture
def go(page, live_server, sign_in, world, entry):
    """Opens the pages of a contact's zone on their phone."""
    sign_in(world.people.contact)
    page.set_viewport_size(PHONE)
    return lambda path="": page.goto(f"{live_server.url}/z/east/{path}")


@pytest.fixture
def finger(page):
    """A finger on the screen: down(x, y), move(x, y), up()."""
    line = page.context.new_cdp_session(page)
    line.send("Emulation.setTouchEmulationEnabled", {"enabled": True})

    def touch(kind, *points):
        line.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": list(points)})

    def draw(x, y, dx, dy):
        touch("Start", {"x": x, "y": y})
        for step in range(1, 9):
            touch("Move", {"x": x + dx * step / 8, "y": y + dy * step / 8})
        touch("End")

    return draw


def test_everything_to_touch_fits_a_thumb(page, go, entry, axe, fits):
    for path in ("", "rounds/mine/", "rounds/route/", f"rounds/entries/{entry.pk}/visit/"):
        go(path)
        page.wait_for_timeout(300)
        assert not page.evaluate(LOW, THUMB), path
        axe()
        fits()


def test_the_top_stays_with_who_scrolls(page, go, entry):
    go(f"rounds/entries/{entry.pk}/visit/")
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    page.wait_for_timeout(200)
    assert page.evaluate("scrollY") > PHONE["height"]
    expect(page.locator(".bh-top")).to_be_in_viewport()


def test_the_whole_card_leads_to_its_sheet(page, go, entry):
    go("rounds/mine/")
    page.locator("#table-mine tbody tr").click(position={"x": 300, "y": 30})
    expect(page.get_by_role("heading", level=1)).to_have_text(entry.dossier.name)


def test_my_work_makes_the_phone_ready_and_says_what_opens_without_a_line(page, go, entry):
    go()
    expect(page.locator("[data-field]")).to_contain_text("已存入本机: 1")
    page.get_by_role("link", name="当日路线").click()
    expect(page.locator("[data-field]")).to_contain_text("已存入本机: 1")
    page.context.set_offline(True)
    page.reload()
    expect(page.locator(".bh-route, .bh-route-rest").first).to_contain_text(entry.dossier.name)
    expect(page.locator(".leaflet-container")).to_be_visible()
    go("cases/")
    page.get_by_role("link", name="我的走访").click()
    page.locator("#table-mine a").first.click()
    page.wait_for_selector("#sheet[data-ready]")


def test_nobody_opens_the_gate_and_there_is_no_line(page, go, entry, axe, fits):
    go("rounds/mine/")
    expect(page.locator("[data-field]")).to_contain_text("已存入本机: 1")
    page.context.set_offline(True)
    open_sheet(page, page.locator("#table-mine a").first.evaluate("it => it.href"))
    page.get_by_role("link", name="未能检查").click()
    page.wait_for_selector("form[data-ready]")
    page.get_by_label("无人应门").check()
    page.get_by_role("button", name="提交审批").click()
    expect(page.locator(".bh-kept")).to_contain_text("离开现场前请补全")
    expect(page.locator(".bh-kept li")).to_have_text(["佐证"])
    page.locator("input[name=evidence]").set_input_files(photo())
    page.locator("input[name=evidence]").set_input_files(photo())  # one is asked for: the last
    expect(page.get_by_text("exit.jpg")).to_have_count(1)
    page.get_by_role("button", name="提交审批").click()
    expect(page.locator(".bh-kept")).to_contain_text("恢复信号后自动发送")
    axe()
    fits()
    assert not Excuse.objects.exists()
    page.context.set_offline(False)
    expect(page.locator("#messages")).to_contain_text("已提交审批")
    excuse = Excuse.objects.get()
    assert (excuse.entry_id, excuse.reason) == (entry.pk, "absent")
    assert Event.objects.filter(kind="excuse.asked").count() == 1
    assert kept(page) == [0, 0]


def test_a_finger_that_scrolls_signs_nothing(page, go, entry, finger):
    go(f"rounds/entries/{entry.pk}/visit/")
    page.wait_for_selector("#sheet[data-ready]")
    paper = page.locator("[data-sign=theirs] canvas")
    signed = page.locator("input[name=signature-theirs]")
    paper.scroll_into_view_if_needed()
    box = paper.bounding_box()
    finger(box["x"] + 90, box["y"] + 90, 0, -70)
    expect(signed).to_have_value("")
    assert "bh-signed" not in page.locator("[data-sign=theirs]").get_attribute("class")
    paper.scroll_into_view_if_needed()
    paper.click()
    box = paper.bounding_box()
    finger(box["x"] + 30, box["y"] + 40, 160, 30)
    assert signed.input_value().startswith("data:image/png")
    page.get_by_label("检查情况").click()
    box = paper.bounding_box()
    before = signed.input_value()
    finger(box["x"] + 90, box["y"] + 90, 0, -60)  # the pen was laid down
    assert signed.input_value() == before


def test_a_phone_that_dies_between_the_photos_and_the_form(page, go, entry):
    """Fault 9: killed between the two halves of a sending."""
    url = f"rounds/entries/{entry.pk}/visit/"
    go(url)
    page.wait_for_selector("#sheet[data-ready]")
    fill_in(page)
    waiting = []
    page.route(f"**/{url}", lambda route: waiting.append(route))  # never answered
    done(page)
    expect(
        page.locator(".bh-kept progress").or_(page.get_by_text("正在发送")).first
    ).to_be_visible()
    for _tries in range(50):
        if waiting:
            break
        page.wait_for_timeout(100)
    assert StoredFile.objects.count() == 2, "the first half is there"
    assert not Visit.objects.exists()
    second = page.context.new_page()
    page.close()
    second.goto(page.url)
    expect(second).to_have_url(RECORDED)
    is_one_visit()
    assert kept(second) == [0, 0]


def test_a_phone_that_dies_before_anything_was_sent(page, go, entry):
    url = f"rounds/entries/{entry.pk}/visit/"
    go(url)
    page.wait_for_selector("#sheet[data-ready]")
    page.context.set_offline(True)
    fill_in(page)
    second = page.context.new_page()
    page.close()
    page.context.set_offline(False)
    open_sheet(second, page.url)
    is_filled_in(second)
    done(second)
    expect(second.locator("#messages")).to_contain_text("发现问题 1 项")
    is_one_visit()


def test_a_server_that_restarts_in_the_middle(page, go, entry):
    url = f"rounds/entries/{entry.pk}/visit/"
    go(url)
    page.wait_for_selector("#sheet[data-ready]")
    fill_in(page)
    page.route(f"**/{url}", lambda route: route.fulfill(status=503, body="restarting"))
    done(page)
    expect(page.locator(".bh-kept")).to_contain_text("稍后自动重发")
    page.unroute(f"**/{url}")
    page.get_by_role("button", name="立即发送").dblclick()
    expect(page.locator("#messages")).to_contain_text("发现问题 1 项")
    is_one_visit()


def test_a_major_hazard_is_not_corrected_on_the_spot_and_that_is_said_there(page, go, entry):
    go(f"rounds/entries/{entry.pk}/visit/")
    page.wait_for_selector("#sheet[data-ready]")
    page.context.set_offline(True)
    item = page.locator("#item-G01")
    item.get_by_label("不符合", exact=True).check()
    item.get_by_text("立查立改").click()
    item.get_by_label("整改措施").fill("已清理")
    item.get_by_label("等级").select_option("major")
    done(page)
    expect(page.locator(".bh-kept")).to_contain_text("重大隐患不能当场销号")
    assert not Case.objects.exists()
