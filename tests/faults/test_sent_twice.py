"""Faults 6 and 7: sent twenty times at once, or again because the answer was lost."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from bihuan.cases.models import Case, Move
from bihuan.core.ids import new_id
from bihuan.files.models import StoredFile
from bihuan.ledger.models import Event
from bihuan.ui.models import Sending
from tests.faults.test_uploads import picture
from tests.permissions.test_matrix import east
from tests.permissions.world import NEAR, signed_in

__all__ = ["east"]
pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True)]
AT_ONCE = 20


def finding(key, title="通道堵塞第二处"):
    return {"form_key": str(key), "title": title, "grade": "general", "anew": "1"}


def all_at_once(clients, url, sent):
    """Send the same form from every client at one moment; return the answers."""
    barrier = Barrier(len(clients))

    def send(client):
        try:
            barrier.wait()
            return client.post(url, sent)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(clients)) as pool:
        return list(pool.map(send, clients))


def test_one_form_sent_twenty_times_at_once_is_one_case(east, fault_rounds):
    clients = [signed_in(east.people["contact"]) for _each in range(AT_ONCE)]
    url = reverse("cases:report", args=("east", east.rows[NEAR]["dossier"]))
    for again in range(fault_rounds):
        key, before = new_id(), Case.objects.count()
        answers = all_at_once(clients, url, finding(key, f"第{again}次"))
        assert {answer.status_code for answer in answers} <= {302, 409}
        led = {answer.url for answer in answers if answer.status_code == 302}
        assert led == {reverse("cases:detail", args=("east", key))}
        assert Case.objects.count() == before + 1


def test_one_move_sent_twenty_times_at_once_is_one_move(east):
    case = Case.objects.get(pk=east.rows[NEAR]["case"])
    clients = [signed_in(east.people["safety_office"]) for _each in range(AT_ONCE)]
    url = reverse("cases:move", args=("east", case.pk, "assign"))
    sent = {"form_key": str(new_id()), "seen": case.version, "unit": "own"}
    answers = all_at_once(clients, url, sent)
    assert {answer.status_code for answer in answers} <= {302, 409}
    assert Move.objects.filter(case=case, name="assign").count() == 1


def test_one_photo_sent_twenty_times_at_once_is_one_file(east):
    clients = [signed_in(east.people["contact"]) for _each in range(AT_ONCE)]
    barrier, key = Barrier(AT_ONCE), str(new_id())

    def send(client):
        try:
            photo = SimpleUploadedFile("a.png", picture("PNG"), "image/png")
            barrier.wait()
            return client.post(reverse("files:keep", args=("east",)), {"id": key, "file": photo})
        finally:
            connection.close()

    before = Event.objects.filter(kind="file.kept").count()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(send, clients))
    assert {(answer.status_code, answer.json()["id"]) for answer in answers} == {(200, key)}
    assert StoredFile.objects.filter(pk=key).count() == 1
    assert Event.objects.filter(kind="file.kept").count() == before + 1


def test_who_lost_the_answer_gets_it_again(east):
    client, key = signed_in(east.people["contact"]), new_id()
    url = reverse("cases:report", args=("east", east.rows[NEAR]["dossier"]))
    before = Case.objects.count()
    client.post(url, finding(key))  # its answer never arrived
    again = client.post(url, finding(key))
    assert (again.status_code, Case.objects.count()) == (302, before + 1)
    assert again.url == reverse("cases:detail", args=("east", key))


def test_a_move_whose_server_died_after_the_commit_is_made_once_and_led_to(east):
    case = Case.objects.get(pk=east.rows[NEAR]["case"])
    client = signed_in(east.people["safety_office"])
    url = reverse("cases:move", args=("east", case.pk, "assign"))
    sent = {"form_key": str(new_id()), "seen": case.version, "unit": "own"}
    client.post(url, sent)
    Sending.objects.all().delete()  # it died before it could note its answer
    again = client.post(url, sent)
    assert again.url == reverse("cases:detail", args=("east", case.pk))
    assert Move.objects.filter(case=case, name="assign").count() == 1


def test_other_words_under_the_same_key_are_not_lost_silently(east):
    client, key = signed_in(east.people["contact"]), new_id()
    url = reverse("cases:report", args=("east", east.rows[NEAR]["dossier"]))
    client.post(url, finding(key))
    other = client.post(url, finding(key, "另外一处"))
    assert other.status_code == 409
    assert "以先提交的内容为准" in other.content.decode()
    assert not Case.objects.filter(title="另外一处").exists()
