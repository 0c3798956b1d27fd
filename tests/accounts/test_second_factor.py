"""The second factor, from setting it up to signing in with it."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache

from tests.accounts.conftest import PASSWORD
from tests.accounts.test_sign_in import MINE, sign_in


def code(secret):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def show_again(client):
    client.post("/account/again/", {"password": PASSWORD})


@pytest.fixture
def secret(client, person):
    """Set an authenticator app up through the pages; return its secret."""
    sign_in(client)
    show_again(client)
    page = client.get("/account/second/app/").content.decode()
    found = re.search(r'id="secret"[^>]*value="([A-Z2-7]+)"', page)
    assert found, page
    answer = client.post("/account/second/app/", {"code": code(found[1])})
    assert answer.status_code == 302, answer.content.decode()
    cache.clear()
    return found[1]


def test_signing_in_then_takes_the_code_too(client, secret):
    client.post("/account/sign-out/")
    answer = sign_in(client)
    assert answer["Location"].startswith("/account/second/code/")
    assert client.get(MINE).status_code == 302
    assert "动态口令或备用码" in client.get(answer["Location"]).content.decode()
    wrong = client.post(answer["Location"], {"code": "000000"})
    assert "验证码不正确" in wrong.content.decode()
    assert client.post(answer["Location"], {"code": code(secret)}).status_code == 302
    assert client.get(MINE).status_code == 200


def test_a_spare_code_opens_the_door_once(client, secret):
    page = client.get("/account/second/spare/").content.decode()
    spare = re.findall(r"<code>([^<]+)</code>", page)
    assert len(spare) == 10
    for expected in (302, 200):
        client.post("/account/sign-out/")
        answer = sign_in(client)
        assert client.post(answer["Location"], {"code": spare[0]}).status_code == expected


def test_the_secret_is_not_in_the_database_in_clear(client, secret):
    kept = Authenticator.objects.get(type=Authenticator.Type.TOTP).data["secret"]
    assert secret not in kept


def test_turning_it_off_makes_the_password_enough_again(client, secret):
    assert "停用" in client.get("/account/second/").content.decode()
    show_again(client)
    client.post("/account/second/app/off/")
    client.post("/account/sign-out/")
    assert sign_in(client)["Location"] == "/"


def test_changing_the_door_asks_again_after_a_while(client, secret, later):
    later(10)
    assert "停用" in client.get("/account/second/").content.decode()
    answer = client.get("/account/second/app/off/")
    assert "/again/" in answer["Location"]
    assert PASSWORD not in client.get(answer["Location"]).content.decode()


def test_codes_are_not_guessed_one_after_another(client, secret, later):
    """Five wrong ones close the door for half an hour, from whatever address and process."""
    client.post("/account/sign-out/")
    door = sign_in(client)["Location"]
    for number in range(5):
        cache.clear()  # another process
        answer = client.post(door, {"code": f"00000{number}"}, REMOTE_ADDR=f"203.0.113.{number}")
        assert "验证码不正确" in answer.content.decode()
    cache.clear()
    refused = client.post(door, {"code": code(secret)})
    assert refused.status_code == 200
    assert "尝试次数过多" in refused.content.decode()
    assert client.get(MINE).status_code == 302
    later(31)
    cache.clear()
    door = sign_in(client)["Location"]
    assert client.post(door, {"code": code(secret)}).status_code == 302


def test_a_right_code_begins_the_count_anew(client, secret):
    for _round in range(2):
        client.post("/account/sign-out/")
        door = sign_in(client)["Location"]
        for _try in range(4):
            client.post(door, {"code": "000000"})
        cache.clear()
        page = client.post(door, {"code": code(secret)})
        assert page.status_code == 302, page.content.decode()
        cache.clear()
