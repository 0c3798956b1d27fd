"""A stranger meets the sign-in page."""

import re

from playwright.sync_api import Page, expect

from bihuan.config import founding


def test_the_sign_in_page_speaks_both_languages(page: Page, live_server, axe, fits):
    page.goto(f"{live_server}/account/sign-in/")
    expect(page.locator("html")).to_have_attribute("lang", re.compile("zh", re.IGNORECASE))
    expect(page.get_by_role("button", name="登录")).to_be_visible()
    axe()
    page.get_by_text("English", exact=True).click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    axe()
    fits()


def test_a_wrong_password_is_said_in_words_and_the_name_is_kept(page: Page, live_server):
    page.goto(f"{live_server}/account/sign-in/")
    page.get_by_label("登录名").fill("nobody")
    page.get_by_label("密码").fill("not the password")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert").or_(page.locator(".invalid-feedback")).first).to_be_visible()
    expect(page.get_by_label("登录名")).to_have_value("nobody")


def test_the_administrator_of_a_new_zone_comes_in_by_the_link(
    page: Page, live_server, axe, monkeypatch
):
    monkeypatch.setattr(founding, "prepare", lambda: None)
    *_lines, link = founding.found(
        slug="linfen", name="临汾经济开发区", division="141000", administrator="linfen.admin"
    )
    page.goto(f"{live_server}{link.strip()}")
    axe()
    page.locator("[name=new_password1]").fill("shaopian-lingdai-7")
    page.locator("[name=new_password2]").fill("shaopian-lingdai-8")
    page.get_by_role("button", name="设置密码").click()
    expect(page.get_by_role("alert")).to_contain_text("再次输入新密码")
    page.locator("[name=new_password1]").fill("shaopian-lingdai-7")
    page.locator("[name=new_password2]").fill("shaopian-lingdai-7")
    page.get_by_role("button", name="设置密码").click()
    page.get_by_label("登录名").fill("linfen.admin")
    page.get_by_label("密码").fill("shaopian-lingdai-7")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="我的工作")).to_be_visible()
