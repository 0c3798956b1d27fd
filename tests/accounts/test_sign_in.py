"""Signing in, out, and being kept out."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone, translation

from bihuan.accounts.models import Person
from bihuan.accounts.permissions import address_of
from bihuan.accounts.tasks import sweep
from tests.accounts.conftest import PASSWORD

SIGN_IN = "/account/sign-in/"
MINE = "/account/"


def sign_in(client, name="wang.li", password=PASSWORD, **extra):
    return client.post(SIGN_IN, {"login": name, "password": password, **extra})


def test_a_stranger_is_sent_to_the_sign_in_page_and_on_from_there(client, person):
    answer = client.get(MINE)
    assert answer["Location"] == f"{SIGN_IN}?next={MINE}"
    assert sign_in(client, next=MINE)["Location"] == MINE
    assert "王丽" in client.get(MINE).content.decode()


def test_the_name_may_be_typed_in_any_case(client, person):
    assert sign_in(client, name="Wang.Li").status_code == 302


def test_the_page_is_chinese_whatever_the_browser_wishes(client, db):
    page = client.get(SIGN_IN, headers={"Accept-Language": "en"}).content.decode()
    assert "登录" in page
    assert 'lang="zh-hans"' in page
    assert 'href="/language/en/?next=/account/sign-in/"' in page


def test_a_wrong_password_says_so_and_keeps_the_name(client, person):
    page = sign_in(client, password="wrong").content.decode()
    assert "登录名或密码不正确" in page
    assert 'value="wang.li"' in page


def test_an_unknown_name_gets_the_same_words_as_a_wrong_password(client, person):
    page = sign_in(client, name="nobody").content.decode()
    assert "登录名或密码不正确" in page


def test_the_sixth_try_is_refused_even_with_the_right_password(client, person):
    for name in ("wang.li", "WANG.LI", "Wang.li", "wang.LI", " wang.li"):
        answer = sign_in(client, name=name, password="wrong")
    assert answer.status_code == 429
    locked = sign_in(client)
    assert locked.status_code == 429
    assert "30 分钟" in locked.content.decode()
    assert client.get(MINE).status_code == 302


def test_the_door_opens_again_after_half_an_hour(client, person, later):
    for _attempt in range(5):
        sign_in(client, password="wrong")
    later(31)
    assert sign_in(client).status_code == 302


def test_one_persons_lockout_does_not_keep_a_colleague_out(client, person):
    Person.objects.create(username="li.na", name="李娜", joined_at=timezone.now())
    for _attempt in range(6):
        sign_in(client, name="li.na", password="wrong")
    assert sign_in(client).status_code == 302


def test_who_was_deactivated_is_told_so_only_with_the_right_password(client, person):
    Person.objects.update(is_active=False, deactivated_at=timezone.now())
    answer = sign_in(client)
    assert answer["Location"] == "/account/inactive/"
    assert "账号已停用" in client.get(answer["Location"]).content.decode()
    assert "登录名或密码不正确" in sign_in(client, password="wrong").content.decode()


def test_deactivating_someone_ends_the_session_they_have(client, person):
    sign_in(client)
    Person.objects.update(is_active=False, deactivated_at=timezone.now())
    assert client.get(MINE).status_code == 302


def test_nobody_signs_up(client, db):
    page = client.post("/account/sign-up/", {"username": "x", "password1": PASSWORD})
    assert "不开放自行注册" in page.content.decode()
    assert not Person.objects.exists()


def test_signing_out_takes_a_post(client, person):
    sign_in(client)
    assert "确定要退出登录吗" in client.get("/account/sign-out/").content.decode()
    assert client.get(MINE).status_code == 200
    assert client.post("/account/sign-out/").status_code == 302
    assert client.get(MINE).status_code == 302


def test_a_session_unused_for_half_an_hour_ends(client, person, later):
    sign_in(client)
    client.get(MINE)
    later(29)
    assert client.get(MINE).status_code == 200
    later(31)
    assert client.get(MINE).status_code == 302
    assert "长时间未操作" in client.get(SIGN_IN).content.decode()


def test_a_session_ends_after_twelve_hours_however_busy(client, person, later):
    sign_in(client)
    for _quarter in range(4 * 12):
        assert client.get(MINE).status_code == 200
        later(15)
    later(1)
    assert client.get(MINE).status_code == 302


def test_a_form_sent_too_late_says_how_to_save_it(client, person, later):
    sign_in(client)
    client.get(MINE)
    later(31)
    answer = client.post(MINE, {"language": "en"})
    assert answer.status_code == 403
    assert "重新登录" in answer.content.decode()


def test_looking_at_pages_does_not_write_the_session_each_time(
    client, person, django_assert_num_queries
):
    sign_in(client)
    client.get(MINE)
    with django_assert_num_queries(3):  # session, person, second factor
        client.get(MINE)


def test_my_language_is_kept_for_the_next_sign_in(client, person):
    sign_in(client)
    answer = client.post(MINE, {"language": "en"}, follow=True)
    assert "My account" in answer.content.decode()
    client.cookies.clear()
    sign_in(client)
    assert "My account" in client.get(MINE).content.decode()


def test_a_language_that_is_none_is_refused_at_the_field(client, person):
    sign_in(client)
    assert client.post(MINE, {"language": "xx"}).status_code == 422


@pytest.mark.parametrize(
    ("wanted", "got"),
    [("/account/?a=1", "/account/?a=1"), ("https://evil.example/", "/"), ("//evil.example", "/")],
)
def test_the_language_switch_goes_back_to_our_own_pages_only(client, wanted, got):
    answer = client.get("/language/en/", {"next": wanted})
    assert answer["Location"] == got
    assert client.get("/language/xx/").status_code == 404


def test_a_new_password_ends_the_other_sessions(client, person):
    other = Client()
    sign_in(client)
    sign_in(other)
    new = "a much better one 2"
    weak = client.post(
        "/account/password/",
        {"oldpassword": PASSWORD, "password1": "12345678", "password2": "12345678"},
    )
    assert "bh-summary" in weak.content.decode()
    answer = client.post(
        "/account/password/", {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )
    assert answer.status_code == 302
    assert client.get(MINE).status_code == 200
    assert other.get(MINE).status_code == 302
    person.refresh_from_db()
    assert person.check_password(new)
    assert person.password_changed_at is not None


def test_a_name_tried_from_many_addresses_is_closed_too(client, person, monkeypatch):
    monkeypatch.setattr("bihuan.accounts.views.MOST_TRIES", 6)
    for place in range(6):
        answer = client.post(
            SIGN_IN, {"login": "wang.li", "password": "wrong"}, REMOTE_ADDR=f"10.0.0.{place}"
        )
        assert "登录名或密码不正确" in answer.content.decode()
    answer = client.post(
        SIGN_IN, {"login": "wang.li", "password": PASSWORD}, REMOTE_ADDR="10.0.1.1"
    )
    assert "尝试次数过多" in answer.content.decode()


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "6.6.6.6", "10.0.0.1"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "6.6.6.6, 1.2.3.4, 10.9.9.9", "1.2.3.4"),
        (1, "", "10.0.0.1"),
    ],
)
def test_an_address_is_believed_only_from_our_own_proxies(
    rf, settings, proxies, forwarded, address
):
    settings.PROXIES = proxies
    request = rf.get("/", REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": forwarded})
    assert address_of(request) == address


def test_what_is_over_is_swept_up(client, person, later):
    sign_in(client)
    later(13 * 60)
    sweep.func()
    assert not Session.objects.exists()


@pytest.mark.parametrize("name", ["wang.lı", "WANG.LI", "ｗang.li", " wang.li "])
def test_a_name_in_another_spelling_counts_as_the_same(client, person, name):
    for _try in range(5):
        sign_in(client, name, password="wrong-wrong-1")
    assert sign_in(client).status_code == 429


def test_a_weak_password_is_refused_in_the_readers_language():
    with translation.override("zh-hans"), pytest.raises(ValidationError) as refused:
        validate_password("123456", Person(name="刘新", username="liuxin"))
    assert refused.value.messages == [
        "密码太短，至少 10 个字符。",
        "该密码过于常见，请换一个。",
        "密码不能全是数字。",
    ]
