"""Signing in with the office's own account, against a provider of the tests' own."""

import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from bihuan.accounts.models import Person

BACK = "/account/oidc/office/callback/"
MINE = "/account/"


def unsigned(claims):
    """Return claims as a token; what comes straight from the provider needs no signature."""
    parts = ({"alg": "none"}, claims)
    return ".".join(
        [base64.urlsafe_b64encode(json.dumps(p).encode()).rstrip(b"=").decode() for p in parts]
        + [""]
    )


class Provider(BaseHTTPRequestHandler):
    """Just enough of OpenID Connect."""

    claims: dict[str, str] = {}

    def do_GET(self):
        here = f"http://127.0.0.1:{self.server.server_port}"
        if "well-known" in self.path:
            self.answer(
                {
                    "issuer": here,
                    "authorization_endpoint": f"{here}/authorize",
                    "token_endpoint": f"{here}/token",
                    "userinfo_endpoint": f"{here}/userinfo",
                    "jwks_uri": f"{here}/keys",
                }
            )
        else:
            self.answer(self.claims)

    def do_POST(self):
        now = int(time.time())
        here = f"http://127.0.0.1:{self.server.server_port}"
        claims = {**self.claims, "iss": here, "aud": "bihuan", "exp": now + 60, "iat": now}
        self.answer({"access_token": "t", "token_type": "Bearer", "id_token": unsigned(claims)})

    def answer(self, data):
        body = json.dumps(data).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args):
        """Say nothing."""


@pytest.fixture
def provider(settings):
    server = HTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "APPS": [
                {
                    "provider_id": "office",
                    "name": "政务统一认证",
                    "client_id": "bihuan",
                    "secret": "s",
                    "settings": {"server_url": f"http://127.0.0.1:{server.server_port}"},
                }
            ]
        }
    }
    yield Provider
    server.shutdown()
    server.server_close()


def come_back(client):
    """Press the button, let the provider vouch, come back."""
    away = client.post("/account/oidc/office/")
    assert away.status_code == 302, away.content.decode()
    state = parse_qs(urlsplit(away["Location"]).query)["state"][0]
    return client.get(BACK, {"code": "c", "state": state}, follow=True)


def test_the_button_is_there_only_when_the_site_has_a_provider(client, db, provider, settings):
    assert "使用政务统一认证登录" in client.get("/account/sign-in/").content.decode()
    settings.SOCIALACCOUNT_PROVIDERS = {}
    assert "/account/oidc/" not in client.get("/account/sign-in/").content.decode()


def test_someone_entered_here_signs_in_by_name_and_then_by_the_providers_id(
    client, person, provider
):
    provider.claims = {"sub": "u-1", "preferred_username": "Wang.Li"}
    come_back(client)
    assert "王丽" in client.get(MINE).content.decode()
    client.post("/account/sign-out/")
    provider.claims = {"sub": "u-1", "preferred_username": "renamed"}
    come_back(client)
    assert "王丽" in client.get(MINE).content.decode()


def test_a_stranger_is_not_let_in_and_not_entered(client, person, provider):
    provider.claims = {"sub": "u-2", "preferred_username": "stranger"}
    answer = come_back(client)
    assert "不开放自行注册" in answer.content.decode()
    assert client.get(MINE).status_code == 302
    assert Person.objects.count() == 1


def test_a_second_account_of_the_same_name_does_not_open_the_first_ones(client, person, provider):
    provider.claims = {"sub": "u-1", "preferred_username": "wang.li"}
    come_back(client)
    client.post("/account/sign-out/")
    provider.claims = {"sub": "u-666", "preferred_username": "wang.li"}
    come_back(client)
    assert client.get(MINE).status_code == 302


def test_who_was_deactivated_stays_out(client, person, provider):
    Person.objects.update(is_active=False, deactivated_at=timezone.now())
    provider.claims = {"sub": "u-1", "preferred_username": "wang.li"}
    come_back(client)
    assert client.get(MINE).status_code == 302


def test_a_made_up_way_back_is_told_and_leads_nowhere(client, db, provider):
    answer = client.get(BACK, {"code": "c", "state": "made up"}, follow=True)
    assert "登录未成功" in answer.content.decode()
    assert client.get(MINE).status_code == 302
