"""The frame around a page, the ways of saying no, and what HTMX is told."""

import re
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest
from django.conf import settings
from django.template import engines
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.translation import gettext, ngettext, trans_real

from bihuan.core.permissions import Permission
from bihuan.ui import frame, links
from bihuan.ui.frame import MenuItem
from bihuan.ui.middleware import merge_catalogues

HTMX = {"HX-Request": "true"}
SOURCES = Path(settings.PACKAGE)
TEMPLATES = sorted(SOURCES.rglob("templates/**/*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(SOURCES)))
def test_no_template_has_inline_script_or_style(path):
    text = path.read_text("utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=[\"']", text)


STYLES = [path for path in SOURCES.rglob("static/**/*.css") if "vendor" not in path.parts]
STYLED = set(re.findall(r"\.(bh-[a-z0-9-]+)", "".join(it.read_text("utf-8") for it in STYLES)))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(SOURCES)))
def test_every_class_of_ours_has_a_style(path):
    used = re.findall(r'class="([^"]*)"', path.read_text("utf-8"))
    ours = {name for words in used for name in re.findall(r"\bbh-[a-z0-9-]+(?=[ \"]|$)", words)}
    assert ours <= STYLED


def test_the_security_policy_allows_our_own_only(client, pages):
    policy = client.get("/test/plain/")["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "img-src 'self' blob: data:" in policy


@pytest.mark.parametrize(("kind", "status"), [("refused", 422), ("forbidden", 403), ("stale", 409)])
def test_a_refusal_nobody_caught_is_a_page_that_says_what_to_do(client, pages, kind, status):
    answer = client.get(f"/test/refusal/{kind}/")
    page = answer.content.decode()
    assert answer.status_code == status
    assert "Because &lt;so&gt;." in page
    assert "返回首页" in page
    assert 'href="/language/en/' in page


def test_htmx_gets_a_refusal_as_a_note_at_the_top(client, pages):
    answer = client.get("/test/refusal/stale/", headers=HTMX)
    assert answer.status_code == 409
    assert answer["HX-Retarget"] == "#messages"
    assert "<html" not in answer.content.decode()


def test_htmx_follows_a_redirect_with_the_whole_page(client, pages):
    answer = client.get("/test/people/", headers=HTMX)
    assert answer.status_code == 204
    assert answer["HX-Redirect"].startswith("/account/sign-in/")


def test_a_page_that_is_not_there_says_so_in_both_languages(client, db):
    assert "没有这个页面" in client.get("/nowhere/").content.decode()
    client.get("/language/en/")
    assert "There is no such page" in client.get("/nowhere/").content.decode()


def test_a_form_without_its_token_says_how_to_go_on(db):
    answer = Client(enforce_csrf_checks=True).post("/account/sign-in/", {"login": "x"})
    assert answer.status_code == 403
    assert "页面停留时间过长" in answer.content.decode()


def test_a_fault_of_ours_is_told_in_both_languages_without_the_database(client, pages):
    client.raise_request_exception = False
    answer = client.get("/test/fault/")
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "系统出错了" in page
    assert "Something went wrong" in page
    assert "ZeroDivisionError" not in page


def test_too_much_sent_is_413(browser_of, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    answer = browser_of.post("/test/note/", {"note": "x" * 100})
    assert answer.status_code == 413
    assert "内容过大" in answer.content.decode()


def standing(*permissions):
    zone = SimpleNamespace(slug="tunliu", name="屯留经济技术开发区")
    return SimpleNamespace(zone=zone, permissions=frozenset(permissions))


@pytest.fixture
def request_of(monkeypatch):
    """Make a request of someone with a standing, and a menu with one page that is not there."""
    menu = (
        MenuItem("Cases", "cases:list", Permission.CASE_READ, group="Work"),
        MenuItem("Elsewhere", "nowhere:at_all", Permission.CASE_READ, group="Work"),
    )
    lists = {
        "MENU": menu,
        "SEARCH_PAGE": "",
        "ZONES_PAGE": "",
        "OWN_PAGES": (("Mine", "accounts:mine"),),
    }
    monkeypatch.setattr(frame, "_listed", lists.__getitem__)
    forget()

    def make(path, *permissions):
        request = RequestFactory().get(path)
        request.user = SimpleNamespace(is_authenticated=True, display_name="王丽")
        request.standing = standing(*permissions)
        request.resolver_match = None
        return request

    yield make
    forget()


def forget():
    for drawn in (frame.lines, frame.drawn_menu, frame.drawn_bar):
        drawn.cache_clear()


def menu_of(request):
    """Return the menu's lines as (words, whether one is there)."""
    found = re.findall(
        r'<a href="[^"]*"( aria-current="page")?>.*?<span>(.*?)</span></a>',
        frame.frame(request)["frame"].menu,
    )
    return [(words, bool(here)) for here, words in found]


def test_the_menu_shows_what_one_may_see_and_where_one_is(request_of):
    assert menu_of(request_of("/z/tunliu/cases/", Permission.CASE_READ)) == [("Cases", True)]


@pytest.mark.parametrize(
    ("path", "here"),
    [
        ("/z/tunliu/", ["Home"]),
        ("/z/tunliu/cases/1/", ["Cases"]),
        ("/z/tunliu/elsewhere/", []),
    ],
)
def test_the_start_page_is_marked_only_on_itself(request_of, monkeypatch, path, here):
    menu = (
        MenuItem("Home", "home:mine", Permission.CASE_READ),
        MenuItem("Cases", "cases:list", Permission.CASE_READ),
    )
    monkeypatch.setattr(frame, "_listed", {"MENU": menu}.get)
    lines = menu_of(request_of(path, Permission.CASE_READ))
    assert [words for words, is_here in lines if is_here] == here


def test_the_menu_hides_what_one_may_not_see(request_of):
    assert menu_of(request_of("/z/tunliu/cases/")) == []


def test_what_is_drawn_once_is_not_shown_to_others(request_of):
    seen = menu_of(request_of("/z/tunliu/cases/", Permission.CASE_READ))
    assert seen == [("Cases", True)]
    assert menu_of(request_of("/z/tunliu/cases/", Permission.FIGURE_READ)) == []
    first, second = request_of("/z/tunliu/"), request_of("/z/tunliu/")
    second.user.display_name = "<李四>"
    assert "王丽" in frame.frame(first)["frame"].bar("one")
    bar = frame.frame(second)["frame"].bar("two")
    assert "王丽" not in bar
    assert "&lt;李四&gt;" in bar
    assert 'value="two"' in bar


def test_the_bar_says_where_one_is_and_what_one_searched(request_of, monkeypatch):
    lists = {"MENU": (), "OWN_PAGES": (), "ZONES_PAGE": "", "SEARCH_PAGE": "search:find"}
    monkeypatch.setattr(frame, "_listed", lists.__getitem__)
    with translation.override("zh-hans"):
        bar = frame.frame(request_of('/z/tunliu/search/?q=a"%26b'))["frame"].bar("")
    assert 'value="a&quot;&amp;b"' in bar
    assert "/language/en/?next=/z/tunliu/search/%3Fq%3Da%2522%2526b" in bar
    elsewhere = frame.frame(request_of("/z/tunliu/cases/?q=here"))["frame"].bar("")
    assert 'name="q" value=""' in elsewhere


def test_the_chrome_is_small_and_asks_the_database_nothing(request_of, django_assert_num_queries):
    template = engines["django"].from_string('{% extends "base.html" %}')
    request = request_of("/z/tunliu/cases/", Permission.CASE_READ)
    request.session = request._messages = {}
    with translation.override("zh-hans"):
        page = template.render({}, request)
    assert "屯留经济技术开发区" in page
    assert len(page.encode()) < 6_000


def test_every_form_of_a_page_has_the_same_token(request_of):
    drawn = frame.frame(request_of("/z/tunliu/"))
    assert str(drawn["csrf_token"]) == str(drawn["csrf_token"])
    other = frame.frame(request_of("/z/tunliu/"))
    assert str(other["csrf_token"]) != str(drawn["csrf_token"])


def test_words_of_all_apps_are_in_one_catalogue(client, db):
    client.get("/account/sign-in/")  # the server's start puts them there
    catalogue = trans_real.translation("zh-hans")._catalog
    assert len(catalogue._catalogs) == 1
    with translation.override("zh-hans"):
        said = [gettext("Cases"), gettext("Sign out"), gettext("This field is required.")]
        days = ngettext("%(days)s day late", "%(days)s days late", 2)
    assert said == ["事项", "退出登录", "请填写此项。"]
    assert days % {"days": 2} == "逾期 2 天"
    with translation.override("en"):
        assert ngettext("%(days)s day late", "%(days)s days late", 1) == "%(days)s day late"
        assert gettext("Cases") == "Cases"


def test_catalogues_with_other_rules_of_plurals_stay_apart(monkeypatch):
    def catalogue(word, plural):
        one = SimpleNamespace(_catalog={"a": word, (word, 0): word}, plural=plural)
        return trans_real.TranslationCatalog(one)

    def same(n):
        return 0

    found = catalogue("first", same)
    for word, plural in (("second", same), ("third", lambda n: int(n > 1)), ("fourth", same)):
        found.update(SimpleNamespace(_catalog={"a": word, (word, 0): word}, plural=plural))
    monkeypatch.setattr(trans_real, "translation", lambda language: SimpleNamespace(_catalog=found))
    merge_catalogues("xx")
    assert [it["a"] for it in found._catalogs] == ["fourth", "third", "second"]
    assert found._catalogs[2][("first", 0)] == "first"
    assert [it.__code__ == same.__code__ for it in found._plurals] == [True, False, True]


def test_addresses_of_pages_and_of_rows():
    one = UUID("01900000-0000-7000-8000-000000000001")
    assert links.page("cases:list", "tunliu") == "/z/tunliu/cases/"
    for row in (one, UUID(int=1)):
        assert links.page_of("cases:detail", "tunliu", row) == f"/z/tunliu/cases/{row}/"
        move = reverse("cases:move", args=["tunliu", row, "assign"])
        assert links.page_of("cases:move", "tunliu", row, "assign") == move
    rows = reverse("figures:rows", args=["tunliu", "live"])
    assert links.page_of("figures:rows", "tunliu", "live") == rows
    assert links.page_of("zones:year", "tunliu", 2031).endswith("/2031/")
    with pytest.raises(NoReverseMatch):
        links.page_of("cases:detail", "tunliu", "not an id")


def test_filters_folded_away_come_when_they_are_asked_for(browser_of):
    shut = browser_of.get("/test/people/").content.decode()
    assert "left_from" not in shut
    assert 'href="?more=1"' in shut
    assert 'name="left_from"' in browser_of.get("/test/people/?more=1").content.decode()
    part = browser_of.get("/test/people/?more=1", headers={**HTMX, "HX-Target": "more-people"})
    assert part.content.decode().startswith("<fieldset")


def test_a_list_answers_htmx_with_just_the_table(browser_of):
    whole = browser_of.get("/test/people/")
    assert "<html" in whole.content.decode()
    part = browser_of.get("/test/people/?sort=-name", headers={**HTMX, "HX-Target": "table-people"})
    assert part.content.decode().strip().startswith('<section id="table-people"')
    assert "HX-Request" in part["Vary"]
    back = browser_of.get(
        "/test/people/",
        headers={**HTMX, "HX-Target": "table-people", "HX-History-Restore-Request": "true"},
    )
    assert "<html" in back.content.decode()
