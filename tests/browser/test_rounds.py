"""A visit in a browser on a phone: answers, a finding with its photo, a signature, one sending."""

import io
import re
from datetime import timedelta

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect

from bihuan.cases.models import Case
from bihuan.rounds.models import Entry, Visit
from tests.browser.conftest import PHONE
from tests.rounds import conftest as zone

pytestmark = pytest.mark.django_db(transaction=True)

composition, world = zone.composition, zone.world


@pytest.fixture
def now():
    """Pages take the real time."""
    return timezone.now() - timedelta(minutes=1)


@pytest.fixture
def sign_in(page, client, live_server, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path

    def enter(person):
        client.force_login(person)
        name = settings.SESSION_COOKIE_NAME
        cookie = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
        page.context.add_cookies([cookie])

    return enter


@pytest.fixture
def entry(world):
    world.dossier()
    return world.open(due_on=timezone.localdate() + timedelta(days=9)).entries.get()


def photo():
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "JPEG")
    return {"name": "exit.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def sign(page):
    """Draw a line on the enterprise's side."""
    canvas = page.locator("[data-sign=theirs] canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 120, box["y"] + 30, steps=4)
    page.mouse.move(box["x"] + 200, box["y"] + 90, steps=4)
    page.mouse.up()


def test_a_visit_is_done_in_one_sheet_on_a_phone(
    page,
    live_server,
    sign_in,
    world,
    entry,
    axe,
    fits,
):
    sign_in(world.people.contact)
    page.set_viewport_size(PHONE)
    page.goto(f"{live_server.url}/z/east/rounds/mine/")
    page.get_by_role("link", name=entry.dossier.name).click()
    fits()
    axe()
    item = page.locator("#item-G01")
    expect(item.get_by_label("发现的问题")).to_be_hidden()
    item.get_by_label("不符合", exact=True).check()
    expect(item.get_by_label("发现的问题")).to_have_value("Exit blocked")
    expect(item.get_by_label("依据条款")).to_have_value("《Work Safety Law》42")
    item.get_by_label("问题照片").set_input_files(photo())
    page.locator("input[name=theirs-0-name]").fill("Boss")
    expect(page.locator("[data-answered]")).to_contain_text("1 / 3")
    axe()

    # Sent without a signature: refused, and nothing is lost.
    page.get_by_role("button", name="完成并保存").click()
    expect(page.locator(".bh-kept")).to_contain_text("还缺以下内容")
    page.get_by_role("link", name=re.compile("请被检查单位签字")).click()
    expect(page.locator("[data-sign=theirs]")).to_be_in_viewport()
    page.get_by_role("button", name="完成并保存").click()
    expect(page.locator(".bh-summary")).to_be_visible()
    expect(page.locator("input[name=theirs-0-name]")).to_have_value("Boss")
    expect(page.locator("#item-G01")).to_contain_text("exit.jpg")
    assert not Visit.objects.exists()

    sign(page)
    page.get_by_role("button", name="完成并保存").click()
    expect(page).to_have_url(re.compile(r"/visits/[0-9a-f-]{36}/$"))
    expect(page.get_by_role("img", name="签字")).to_be_visible()
    fits()
    axe()
    assert Case.objects.get().evidence.get().proof == "before"
    assert Entry.objects.get().state == "visited"


def test_opening_counts_before_it_freezes_and_the_register_tells_coverage(
    page,
    live_server,
    sign_in,
    world,
    entry,
    axe,
    fits,
):
    world.dossier(cell="b")
    sign_in(world.people.office)
    page.goto(f"{live_server.url}/z/east/rounds/open/")
    count = page.locator(".bh-count strong")
    expect(count).to_have_text("2")
    page.get_by_label("网格").select_option(label="　B")
    expect(count).to_have_text("1")
    axe()
    page.get_by_label("轮次名称").fill("冬季排查")
    page.get_by_role("button", name="锁定名单并启动").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("冬季排查")
    expect(page.get_by_role("heading", name="按网格")).to_be_visible()
    axe()
    page.get_by_role("button", name="结束本轮").click()
    page.get_by_role("button", name="确定").click()
    expect(page.locator("#messages")).to_contain_text("contact 1")
    fits()


def test_papers_and_ledger_are_accessible(
    page,
    live_server,
    sign_in,
    world,
    axe,
    fits,
):
    found, files = world.finding()
    told = world.told(refusal="Boss left", findings=(found,))
    visit = world.visit(world.dossier(), told=told, files=files)
    sign_in(world.people.office)
    for path in (f"papers/notice/{visit.pk}/", "hazards/", "hazards/major/", "powers/", "visits/"):
        page.goto(f"{live_server.url}/z/east/{path}")
        axe()
    fits()


def test_the_route_of_the_day_is_drawn_and_a_tap_on_the_map_moves_its_start(
    page, live_server, sign_in, world, axe, fits
):
    for number in range(3):
        world.dossier(lat=35.8 + number / 500, lng=112.92)
    world.dossier()
    world.open(due_on=timezone.localdate() + timedelta(days=9))
    sign_in(world.people.contact)
    for width in (PHONE, {"width": 1366, "height": 768}):
        page.set_viewport_size(width)
        page.goto(f"{live_server.url}/z/east/rounds/route/")
        expect(page.locator(".bh-pin")).to_have_count(4)
        expect(page.locator(".bh-route li")).not_to_have_count(0)
        expect(page.get_by_text("位置不明：档案中没有坐标。")).to_be_visible()
        fits()
        axe()
    page.locator(".bh-map").click(position={"x": 40, "y": 200})
    expect(page).to_have_url(re.compile(r"lat=35\.\d+&lng=112\.\d+"))
    expect(page.get_by_text("指定地点")).to_be_visible()
    expect(page.locator(".bh-pin")).to_have_count(4)
