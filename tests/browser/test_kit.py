"""The page kit in a real browser: what scripts do, what a phone shows, and WCAG AA."""

import re

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.browser.conftest import PHONE
from tests.ui import urls
from tests.ui.conftest import pages, person  # noqa: F401  fixtures
from tests.ui.test_tables import people  # noqa: F401  fixture

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def go(page, live_server, pages, person, client):  # noqa: F811
    """Open a page as someone signed in."""
    urls.CARRIED_OUT.clear()
    client.force_login(person)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
    )

    def open_page(path):
        page.goto(f"{live_server.url}{path}")
        page.wait_for_load_state("networkidle")

    return open_page


def test_every_part_of_the_kit_is_accessible_and_fits_a_phone(go, page, axe, fits):
    go("/test/kit/")
    expect(page.locator("[data-chart] svg")).to_be_visible()
    expect(page.locator("[data-map] path")).to_have_count(3)
    for details in page.locator("details.bh-numbers").all():
        details.locator("summary").click()
    axe()
    fits()
    axe()


@pytest.mark.parametrize("path", ["/account/sign-in/", "/nowhere/", "/account/sign-up/"])
def test_the_doors_are_accessible(page, live_server, db, axe, fits, path):
    page.goto(f"{live_server.url}{path}")
    axe()
    fits()


def test_the_language_switch_is_everywhere_and_stays(page, live_server, db):
    page.goto(f"{live_server.url}/nowhere/")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no such page")
    page.goto(f"{live_server.url}/account/sign-in/")
    expect(page.get_by_label("Password")).to_be_visible()
    page.get_by_role("link", name="简体中文").click()
    expect(page.get_by_label("密码")).to_be_visible()


def test_a_button_pressed_twice_sends_once(go, page):
    go("/test/note/")
    page.get_by_label("Note").fill("twice")
    page.evaluate(
        "() => { const b = document.querySelector('.bh-form .btn-primary'); b.click(); b.click(); }"
    )
    expect(page).to_have_url(re.compile("q=1"))
    assert len(urls.CARRIED_OUT) == 1


def test_a_mistake_is_where_the_eye_is_taken(go, page, axe):
    go("/test/note/")
    page.get_by_label("Day").fill("2026-09-15")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".bh-summary")).to_be_focused()
    expect(page.get_by_label("Day")).to_have_value("2026-09-15")
    axe()
    page.locator(".bh-summary a").click()
    expect(page.get_by_label("Note")).to_be_focused()
    page.get_by_label("Note").fill("mended")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#messages")).to_contain_text("Noted.")


PICTURE = {
    "name": "before.png",
    "mimeType": "image/png",
    "buffer": bytes.fromhex(
        "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
        "1f15c4890000000d49444154789c6360f8cfc0f01f00050001ff5ff4d5b10000000049454e44ae426082"
    ),
}


def test_a_file_is_shown_before_it_goes_and_mistakes_keep_the_page(go, page):
    go("/test/note/")
    page.get_by_label("Photo").set_input_files(PICTURE)
    expect(page.locator(".bh-previews img")).to_be_visible()
    expect(page.locator(".bh-previews figcaption")).to_contain_text("before.png")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".bh-summary")).to_be_focused()
    page.get_by_label("Note").fill("with a picture")
    page.get_by_label("Photo").set_input_files(PICTURE)
    page.get_by_role("button", name="保存").click()
    expect(page).to_have_url(re.compile("/test/people/"))
    assert len(urls.CARRIED_OUT) == 1


def test_when_the_network_fails_nothing_is_lost(go, page):
    go("/test/note/")
    page.get_by_label("Note").fill("keep me")
    page.get_by_label("Photo").set_input_files(PICTURE)
    page.route("**/test/note/", lambda route: route.abort())
    page.on("console", lambda said: None)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("alert")).to_contain_text("没有发送成功")
    page.unroute("**/test/note/")
    page.get_by_role("button", name="保存").click()
    expect(page).to_have_url(re.compile("/test/people/"))
    assert len(urls.CARRIED_OUT) == 1


def test_a_grave_step_is_asked_about_first(go, page):
    go("/test/kit/")
    page.evaluate(
        """() => { const f = document.querySelector('form[data-confirm]');
        f.querySelector('button').type = 'submit';
        f.addEventListener('submit', (e) => { e.preventDefault(); f.dataset.reached = 'yes'; }); }"""
    )
    form = page.locator("form[data-confirm]")
    form.get_by_role("button").click()
    page.get_by_role("dialog").get_by_role("button", name="取消").click()
    expect(form).not_to_have_attribute("data-reached", "yes")
    form.get_by_role("button").click()
    page.get_by_role("dialog").get_by_role("button", name="确定").click()
    expect(form).to_have_attribute("data-reached", "yes")


def test_a_list_swaps_only_its_table_and_the_way_back_works(go, page, people):  # noqa: F811
    go("/test/people/")
    page.evaluate("() => { window.stillHere = true; }")
    page.get_by_role("link", name="Name").click()
    expect(page.locator("th[aria-sort=descending]")).to_have_count(1)
    expect(page).to_have_url(re.compile("sort=-name"))
    page.get_by_label("language", exact=True).select_option("en")
    expect(page.locator(".bh-chips")).to_contain_text("English")
    expect(page).to_have_url(re.compile(r"\?language=en&sort=-name$"))
    page.get_by_role("link", name="下一页").click()
    expect(page.locator(".bh-pages")).to_contain_text("11–20")
    assert page.evaluate("window.stillHere")
    page.go_back()
    expect(page.locator(".bh-pages")).to_contain_text("1–10")
    page.get_by_role("link", name="全部清除").click()
    expect(page.locator(".bh-chips")).to_have_count(0)


def test_filters_folded_away_are_fetched_when_unfolded(go, page, people, axe):  # noqa: F811
    go("/test/people/")
    page.locator(".bh-more > summary").click()
    page.locator("input[name=left_from]").fill("2020-01-01")
    expect(page.locator(".bh-chips > a").first).to_contain_text("2020-01-01")
    expect(page.locator("input[type=date][name=left_from]")).to_be_visible()
    axe()


def test_on_a_phone_rows_are_cards_that_name_their_values(go, page, people, axe, fits):  # noqa: F811
    page.set_viewport_size(PHONE)
    go("/test/people/")
    card = page.locator("tbody tr").first
    expect(card.locator("td.lead")).to_be_visible()
    expect(card.locator("td[data-label=Language]")).to_be_visible()
    expect(page.get_by_label("language", exact=True)).to_be_hidden()
    page.get_by_role("button", name="更多筛选").click()
    expect(page.get_by_label("language", exact=True)).to_be_visible()
    axe()
    fits()
