"""The sheet on a phone: no line, a line that dies, another person. One visit, whatever happens."""

import io
import re

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect

from bihuan.files.models import StoredFile
from bihuan.files.rules import path_of
from bihuan.rounds import actions
from bihuan.rounds.models import Visit
from tests.browser import field
from tests.browser.conftest import PHONE
from tests.browser.field import done, fill_in, is_filled_in, is_one_visit, kept, open_sheet
from tests.browser.test_rounds import photo, sign
from tests.browser.test_rounds import sign_in as enter
from tests.rounds import conftest as zone

pytestmark = pytest.mark.django_db(transaction=True)

composition, world, sign_in = zone.composition, zone.world, enter
now, entry = field.now, field.entry
RECORDED = re.compile(r"/visits/[0-9a-f-]{36}/$")


@pytest.fixture
def sheet(page, live_server, sign_in, world, entry):
    """The address of a sheet, open on the phone of its contact."""
    sign_in(world.people.contact)
    page.set_viewport_size(PHONE)
    url = f"{live_server.url}/z/east/rounds/entries/{entry.pk}/visit/"
    open_sheet(page, url)
    return url


def test_filled_in_without_a_line_and_sent_when_it_is_back(page, live_server, sheet, axe, fits):
    page.context.set_offline(True)
    fill_in(page)
    done(page)
    expect(page.locator(".bh-kept")).to_contain_text("恢复信号后自动发送")
    expect(page.get_by_role("link", name="1 份待发送")).to_be_visible()
    fits()
    axe()
    assert not Visit.objects.exists()
    page.context.set_offline(False)
    page.reload()  # the browser was closed meanwhile
    expect(page).to_have_url(RECORDED)
    is_one_visit()
    assert kept(page) == [0, 0]


def test_what_would_be_sent_back_is_said_before_one_leaves(page, sheet):
    page.context.set_offline(True)
    page.locator("#item-G01").get_by_label("不符合", exact=True).check()
    page.locator("input[name=theirs-0-name]").fill("Boss")
    done(page)
    said = page.locator(".bh-kept")
    expect(said).to_contain_text("离开现场前请补全")
    expect(said).to_contain_text("Exit blocked：请附问题照片")
    expect(said).to_contain_text("签字")
    page.locator("#item-G01").get_by_label("问题照片").set_input_files(photo())
    expect(page.locator("#item-G01").get_by_text("exit.jpg")).to_be_visible()
    sign(page)
    done(page)
    expect(said).to_contain_text("恢复信号后自动发送")
    expect(said).not_to_contain_text("离开现场前请补全")


def test_what_is_sent_back_is_shown_where_one_looks(page, live_server, sheet):
    fill_in(page)
    item = page.locator("#item-G01")
    item.get_by_label("整改期限").fill("2020-01-01")
    done(page)
    summary = page.get_by_role("alert").filter(has_text="尚未保存")
    expect(summary).to_be_focused()
    expect(summary).to_be_in_viewport()
    expect(page.get_by_role("link", name="1 份被退回")).to_be_visible()
    summary.get_by_role("link", name="Exit blocked").click()
    expect(item.get_by_label("发现的问题")).to_be_in_viewport()
    item.get_by_label("整改期限").fill("")
    done(page)
    expect(page).to_have_url(RECORDED)
    expect(page.locator("#messages")).to_contain_text("发现问题 1 项")
    page.reload()
    expect(page.locator("#messages")).not_to_contain_text("发现问题")
    is_one_visit()


def test_a_closed_page_costs_nothing_typed_taken_or_drawn(page, sheet):
    fill_in(page)
    page.goto("about:blank")
    open_sheet(page, sheet)
    is_filled_in(page)
    expect(page.locator(".bh-kept")).to_contain_text("已存在本机，尚未发送")
    done(page)
    expect(page).to_have_url(RECORDED)
    is_one_visit()


def test_an_answer_that_was_lost_makes_no_second_visit(page, sheet):
    fill_in(page)
    lost = []

    def lose(route):
        if route.request.method != "POST" or lost:
            return route.continue_()
        lost.append(route.fetch(max_redirects=0).status)  # the server has done it
        return route.abort()

    page.route(sheet, lose)
    done(page)
    expect(page.locator(".bh-kept")).to_contain_text("恢复信号后自动发送")
    assert lost == [302]
    assert Visit.objects.count() == 1
    page.get_by_role("button", name="立即发送").click()
    expect(page).to_have_url(RECORDED)
    is_one_visit()


def test_a_photo_whose_answer_was_lost_is_kept_once(page, sheet):
    lost = []

    def lose(route):
        if len(lost) > 1:
            return route.continue_()
        lost.append(route.fetch().status)
        return route.abort()

    page.route("**/files/keep/", lose)
    fill_in(page)
    done(page)
    expect(page.locator(".bh-kept")).to_contain_text("恢复信号后自动发送")
    page.get_by_role("button", name="立即发送").click()
    expect(page).to_have_url(RECORDED)
    assert lost == [200, 200]
    is_one_visit()


def test_a_phone_without_room_says_so_and_still_sends(page, sheet):
    page.evaluate(
        "() => { IDBObjectStore.prototype.put = () => { throw new DOMException('', 'QuotaExceededError') } }"
    )
    page.get_by_label("检查情况").fill("三号车间")
    expect(page.locator(".bh-kept")).to_contain_text("本机存储空间不足")
    item = page.locator("#item-G01")
    item.get_by_label("不符合", exact=True).check()
    item.get_by_label("问题照片").set_input_files(photo())
    expect(item.get_by_text("exit.jpg")).to_be_visible()
    page.locator("input[name=theirs-0-name]").fill("Boss")
    sign(page)
    done(page)
    expect(page).to_have_url(RECORDED)
    is_one_visit()


def test_what_is_refused_stays_and_is_mended(page, sheet):
    fill_in(page)
    page.locator("[data-sign=theirs]").get_by_role("button").click()
    done(page)
    expect(page.locator(".bh-kept")).to_contain_text("还缺以下内容")
    done(page)
    expect(page.locator(".bh-summary")).to_be_visible()
    expect(page.locator("#item-G01").get_by_text("exit.jpg")).to_be_visible()
    page.wait_for_selector("#sheet[data-ready]")
    sign(page)
    done(page)
    expect(page).to_have_url(RECORDED)
    is_one_visit()


def ready_for_the_field(page, live_server):
    """Open the list with a line and wait until it and its sheets are kept."""
    page.goto(f"{live_server.url}/z/east/rounds/mine/")
    expect(page.locator("[data-field]")).to_contain_text("无信号时可打开，已存入本机: 1")


def test_a_sheet_opens_without_a_line_and_is_sent_later(page, live_server, sheet, entry, axe, fits):
    ready_for_the_field(page, live_server)
    page.context.set_offline(True)
    page.goto(f"{live_server.url}/z/east/rounds/mine/")
    expect(page.locator("[data-field]")).to_contain_text("无信号时可打开")
    page.get_by_role("link", name=entry.dossier.name).click()
    page.wait_for_selector("#sheet[data-ready]")
    fits()
    fill_in(page)
    page.reload()
    page.wait_for_selector("#sheet[data-ready]")
    is_filled_in(page)
    done(page)
    expect(page.locator(".bh-kept")).to_contain_text("恢复信号后自动发送")
    page.goto(f"{live_server.url}/z/east/rounds/mine/")
    expect(page.locator("#table-mine")).to_contain_text("本机暂存")
    page.goto(f"{live_server.url}/z/east/cockpit/")  # is not kept: what waits is shown instead
    expect(page.get_by_role("heading", name="待发送")).to_be_visible()
    row = page.locator("[data-waiting] li")
    expect(row).to_contain_text(entry.dossier.name)
    expect(row).to_contain_text("2 个附件")
    axe()
    fits()
    assert not Visit.objects.exists()
    page.context.set_offline(False)
    expect(row).to_have_count(0)
    expect(page.locator("#messages")).to_contain_text("已发送")
    is_one_visit()


def test_one_sheet_that_cannot_be_kept_does_not_spoil_the_others(page, live_server, sheet, world):
    dossier = world.dossier()
    extra = world.open(due_on=timezone.localdate(), name="Other round").entries.get(dossier=dossier)
    page.route(f"**/entries/{extra.pk}/visit/", lambda route: route.abort())
    page.goto(f"{live_server.url}/z/east/rounds/mine/")
    expect(page.locator("[data-field]")).to_contain_text("没有存全，请在有信号时重试: 2 / 3")
    page.context.set_offline(True)
    open_sheet(page, sheet)


def test_signing_out_takes_the_kept_pages_away_and_keeps_what_was_not_sent(
    page, live_server, sheet, sign_in, world, entry
):
    ready_for_the_field(page, live_server)
    page.context.set_offline(True)
    open_sheet(page, sheet)
    fill_in(page)
    page.context.set_offline(False)
    page.goto(f"{live_server.url}/account/")
    page.locator(".bh-person summary").click()
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_role("dialog")).to_contain_text("只有本人登录后才能打开和发送")
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_role("button", name="登录")).to_be_visible()
    page.context.set_offline(True)
    page.goto(sheet)
    expect(page.get_by_role("heading", name="无信号")).to_be_visible()
    page.context.set_offline(False)

    sign_in(world.people.office)  # another person, on the same phone
    page.goto(f"{live_server.url}/waiting/")
    expect(page.locator("[data-waiting]")).to_have_text("没有待发送的记录。")
    open_sheet(page, sheet)
    expect(page.get_by_label("检查情况")).to_have_value("")
    expect(page.locator(".bh-waits")).to_have_count(0)

    sign_in(world.people.contact)
    open_sheet(page, sheet)
    is_filled_in(page)


def test_signing_out_without_a_line_says_that_it_is_not_done(page, live_server, sheet):
    ready_for_the_field(page, live_server)
    page.context.set_offline(True)
    page.reload()
    page.locator(".bh-person summary").click()
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_role("heading", name="尚未退出登录")).to_be_visible()
    page.goto(sheet)
    expect(page.get_by_role("heading", name="无信号")).to_be_visible()
    page.context.set_offline(False)
    page.goto(f"{live_server.url}/account/")
    page.locator(".bh-person summary").click()
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_role("button", name="登录")).to_be_visible()


def test_a_second_page_does_not_write_over_the_first(page, sheet):
    page.get_by_label("检查情况").fill("三号车间")
    second = page.context.new_page()
    second.goto(sheet)
    expect(second.locator(".bh-kept")).to_contain_text("已在另一个页面打开")
    expect(second.get_by_role("button", name="完成并保存")).to_be_disabled()
    page.close()
    open_sheet(second, sheet)
    expect(second.get_by_label("检查情况")).to_have_value("三号车间")


def test_another_persons_sign_in_takes_the_kept_pages_away(
    page, live_server, sheet, sign_in, world
):
    ready_for_the_field(page, live_server)
    sign_in(world.people.leader)  # the first one's session just ended
    page.goto(f"{live_server.url}/account/")
    page.wait_for_load_state("networkidle")
    assert not page.evaluate("caches.has('bihuan-field')")
    page.context.set_offline(True)
    page.goto(sheet)
    expect(page.get_by_role("heading", name="无信号")).to_be_visible()


def test_nobody_sends_what_another_filled_in(page, live_server, sheet, sign_in, world):
    fill_in(page)
    sign_in(world.people.office)  # in another tab
    done(page)
    expect(page.locator(".bh-kept")).to_contain_text("只能由填写人本人登录后发送")
    assert not Visit.objects.exists()
    sign_in(world.people.contact)
    page.get_by_role("button", name="立即发送").click()
    expect(page).to_have_url(RECORDED)
    is_one_visit()


def test_who_was_signed_out_meanwhile_signs_in_and_it_is_sent(
    page, live_server, sheet, sign_in, world
):
    fill_in(page)
    page.context.clear_cookies()
    done(page)
    expect(page.locator(".bh-kept")).to_contain_text("登录已失效")
    expect(page.get_by_role("link", name="去登录")).to_be_visible()
    sign_in(world.people.contact)
    page.goto(f"{live_server.url}/waiting/")
    expect(page.locator("#messages")).to_contain_text("已发送")
    is_one_visit()


def test_a_round_that_ended_meanwhile_sends_it_back_and_it_can_be_taken_along(
    page, live_server, sheet, world, entry
):
    fill_in(page)
    actions.cancel_round(
        round_id=entry.round_id, reason="另行安排", by=world.people.office, at=timezone.now()
    )
    done(page)
    expect(page.locator(".bh-summary")).to_contain_text("本轮排查已结束")
    page.goto(f"{live_server.url}/waiting/")
    row = page.locator("[data-waiting] li")
    expect(row).to_contain_text("被退回")
    expect(row).to_contain_text("本轮排查已结束")
    with page.expect_download() as taken:
        row.get_by_role("button", name="导出").click()
    text = taken.value.path().read_text("utf-8")
    assert "三号车间" in text
    assert text.count("<img") == 2
    row.get_by_role("button", name="删除").click()
    page.get_by_role("button", name="确定").click()
    expect(page.locator("[data-waiting]")).to_have_text("没有待发送的记录。")
    assert kept(page) == [0, 0]


def test_a_large_photo_goes_smaller_with_its_time_and_upright(page, sheet):
    exif = Image.Exif()
    exif[0x0112] = 6  # taken upright, written lying
    exif.get_ifd(0x8769)[0x9003] = "2026:11:20 10:11:12"
    out = io.BytesIO()
    Image.effect_noise((4000, 3000), 60).convert("RGB").save(out, "JPEG", quality=90, exif=exif)
    large = {"name": "large.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}
    page.get_by_label("现场照片").set_input_files(large)
    expect(page.get_by_text("✓ 已上传")).to_be_visible(timeout=30_000)
    stored = StoredFile.objects.get()
    assert stored.size < len(out.getvalue()) / 2
    assert timezone.localtime(stored.taken_at).strftime("%m-%d %H:%M:%S") == "11-20 10:11:12"
    with default_storage.open(path_of(stored.zone_id, stored.sha256)) as kept_as:
        shown = Image.open(kept_as)
        assert (shown.size, shown.getexif()[0x0112]) == ((1920, 2560), 1)
