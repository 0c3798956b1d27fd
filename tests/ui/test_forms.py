"""Forms: what is shown when they are wrong, and that sending twice does it once."""

import re
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from bihuan.core.actors import System
from bihuan.core.ids import new_id
from bihuan.ui import actions
from bihuan.ui.models import Sending
from tests.ui import urls

NOTE = "/test/note/"


@pytest.fixture(autouse=True)
def _nothing_done_yet():
    urls.CARRIED_OUT.clear()


def test_a_mistake_is_shown_at_its_field_and_above_and_keeps_the_rest(browser_of):
    answer = browser_of.post(NOTE, {"note": "", "on": "2026-02-30"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'href="#id_note"' in page
    assert 'id="id_note_error"' in page
    assert 'value="2026-02-30"' in page
    assert 'aria-invalid="true"' in page
    assert 'aria-describedby="id_on_error"' in page


def test_a_refusal_of_the_action_stands_at_its_field(browser_of):
    page = browser_of.post(NOTE, {"note": "refused"}).content.decode()
    assert re.search(r'id="id_note_error">Say it otherwise\.', page)
    assert 'value="refused"' in page


def test_a_refusal_without_a_field_stands_above_the_form(browser_of):
    answer = browser_of.post(NOTE, {"note": "refused as a whole"})
    assert answer.status_code == 422
    assert "<li>Not today.</li>" in answer.content.decode()


def test_dates_are_the_browsers_own_fields_whatever_the_language(browser_of):
    assert 'type="date" name="on"' in browser_of.get(NOTE).content.decode()
    browser_of.get("/language/en/")
    page = browser_of.post(NOTE, {"note": "", "on": "2026-09-15"}).content.decode()
    assert 'value="2026-09-15"' in page


def key_of(page):
    return re.search(r'name="form_key" value="([0-9a-f-]{36})"', page.content.decode())[1]


def test_each_form_has_a_key_of_its_own_and_keeps_it_through_mistakes(browser_of):
    first = key_of(browser_of.get(NOTE))
    assert key_of(browser_of.get(NOTE)) != first
    assert key_of(browser_of.post(NOTE, {"note": "", "form_key": first})) == first
    assert key_of(browser_of.post(NOTE, {"note": "", "form_key": "no key"})) != "no key"


def test_the_second_sending_gets_the_first_ones_answer(browser_of):
    key = key_of(browser_of.get(NOTE))
    first = browser_of.post(NOTE, {"note": "once", "form_key": key})
    second = browser_of.post(NOTE, {"note": "once", "form_key": key})
    assert first["Location"] == second["Location"]
    assert [key] == urls.CARRIED_OUT


def test_a_form_that_was_wrong_may_be_sent_again_mended(browser_of):
    key = key_of(browser_of.get(NOTE))
    assert browser_of.post(NOTE, {"note": "refused", "form_key": key}).status_code == 422
    assert browser_of.post(NOTE, {"note": "mended", "form_key": key}).status_code == 302


def test_another_persons_key_is_not_answered(browser_of, person):
    key = new_id()
    actions.begin_sending(key=key, by=System("someone else"), at=timezone.now())
    actions.finish_sending(key=key, answer="/secret/", by=System("someone else"), at=timezone.now())
    answer = browser_of.post(NOTE, {"note": "mine", "form_key": str(key)})
    assert answer.status_code == 409
    assert "secret" not in answer.content.decode()
    assert not urls.CARRIED_OUT


def test_a_sending_under_way_is_not_carried_out_beside_itself(browser_of, person, monkeypatch):
    monkeypatch.setattr("bihuan.ui.once.PATIENCE", 0.15)
    key = new_id()
    actions.begin_sending(key=key, by=person, at=timezone.now())
    assert browser_of.post(NOTE, {"note": "x", "form_key": str(key)}).status_code == 409
    assert not urls.CARRIED_OUT


def test_a_sending_whose_request_died_is_taken_over(browser_of, person):
    key = new_id()
    actions.begin_sending(key=key, by=person, at=timezone.now() - timedelta(minutes=3))
    assert browser_of.post(NOTE, {"note": "x", "form_key": str(key)}).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_eight_sendings_at_once_do_it_once(pages, person):
    client = Client()
    client.force_login(person)
    key = str(new_id())
    answers = []

    def send():
        other = Client()
        other.cookies = client.cookies
        answers.append(other.post(NOTE, {"note": "x", "form_key": key}).headers.get("Location"))
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [key] == urls.CARRIED_OUT
    assert set(answers) == {"/test/people/?q=1"}


def test_old_sendings_are_forgotten(person):
    now = timezone.now()
    actions.begin_sending(key=new_id(), by=person, at=now - timedelta(days=8))
    kept = actions.begin_sending(key=new_id(), by=person, at=now)
    assert actions.forget_sendings(by=System("sweep"), at=now) == 1
    assert list(Sending.objects.all()) == [kept]
