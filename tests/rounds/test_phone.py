"""A visit sent from a device, piece by piece and again: one record, whatever was lost on the way."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from bihuan.cases.models import Case
from bihuan.core.ids import new_id
from bihuan.files.models import StoredFile
from bihuan.ledger.models import Event
from bihuan.rounds import actions
from bihuan.rounds.models import Entry, Visit
from bihuan.ui.actions import begin_sending
from bihuan.ui.models import Sending
from tests.rounds.test_pages import at, client_of, entry, media, now, picture, row, sheet

__all__ = ["client_of", "entry", "media", "now", "row"]
pytestmark = pytest.mark.django_db


def keep(client, person, key=None, colour="red"):
    """Send one photo as a device does; return its id."""
    key = key or str(new_id())
    sent = {"id": key, "form_by": str(person.pk), "file": picture(colour=colour)}
    answer = client.post(at("files:keep"), sent)
    assert answer.status_code == 200, answer.content
    return answer.json()["id"]


def from_device(client, person, **more):
    """Return what a device sends once its photos have gone ahead."""
    local = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    return sheet(
        **{
            "form_by": str(person.pk),
            "ended_at": local,
            "signature-theirs": "",
            "kept_signature-theirs": keep(client, person, colour="white"),
            "answer-G01": "no",
            "title-G01": "通道堵塞",
            "kept_before-G01": keep(client, person),
            **more,
        }
    )


def is_one_visit():
    assert Visit.objects.count() == 1
    assert Case.objects.count() == 1
    assert StoredFile.objects.count() == 2
    kinds = list(Event.objects.values_list("kind", flat=True))
    assert kinds.count("visit.recorded") == 1
    assert kinds.count("case.reported") == 1
    assert kinds.count("file.kept") == 2


def test_a_photo_sent_again_under_its_id_is_one_file(client_of, world):
    client, key = client_of("contact"), str(new_id())
    assert {keep(client, world.people.contact, key) for _again in range(3)} == {key}
    assert StoredFile.objects.count() == 1
    assert Event.objects.filter(kind="file.kept").count() == 1


def test_the_id_of_a_photo_names_no_other(client_of, world):
    key = keep(client_of("contact"), world.people.contact)
    other = client_of("contact").post(at("files:keep"), {"id": key, "file": picture(colour="blue")})
    assert other.status_code == 409
    assert "内容与本次不同" in other.json()["refused"]
    foreign = client_of("office").post(at("files:keep"), {"id": key, "file": picture()})
    assert foreign.status_code == 409


def test_what_is_no_photo_is_refused_in_words(client_of):
    assert client_of("contact").post(at("files:keep")).status_code == 422
    assert client_of("auditor").post(at("files:keep"), {"file": picture()}).status_code == 403
    assert client_of("stranger").post(at("files:keep"), {"file": picture()}).status_code == 404


def test_an_answer_lost_after_the_commit_makes_no_second_visit(client_of, world, entry):
    client = client_of("contact")
    sent = from_device(client, world.people.contact)
    urls = {client.post(at("rounds:visit_entry", entry.pk), sent).url for _again in range(3)}
    assert urls == {at("rounds:visit", sent["form_key"])}
    is_one_visit()


def test_a_server_that_died_after_the_commit_makes_no_second_visit(
    client_of, world, entry, monkeypatch
):
    client, person = client_of("contact"), world.people.contact
    sent = from_device(client, person)
    client.post(at("rounds:visit_entry", entry.pk), sent)
    Sending.objects.all().delete()  # it died before it could note its answer
    began = timezone.now()
    begin_sending(key=sent["form_key"], by=person, at=began)
    monkeypatch.setattr("bihuan.ui.once.PATIENCE", 0.15)
    early = client.post(at("rounds:visit_entry", entry.pk), sent)
    assert (early.status_code, early["Retry-After"]) == (409, "30")
    Sending.objects.update(began_at=began - timedelta(minutes=3))
    late = client.post(at("rounds:visit_entry", entry.pk), sent)
    assert late.url == at("rounds:visit", sent["form_key"])
    is_one_visit()


def test_a_record_that_waited_for_weeks_is_still_the_same(client_of, world, entry):
    client = client_of("contact")
    sent = from_device(client, world.people.contact)
    client.post(at("rounds:visit_entry", entry.pk), sent)
    Sending.objects.all().delete()  # forgotten after a week
    actions.cancel_round(
        round_id=entry.round_id, reason="x", by=world.people.office, at=timezone.now()
    )
    again = client.post(at("rounds:visit_entry", entry.pk), sent)
    assert again.url == at("rounds:visit", sent["form_key"])
    is_one_visit()


def test_the_order_of_photos_is_the_order_they_were_named_in(client_of, world, entry):
    client, person = client_of("contact"), world.people.contact
    photos = [keep(client, person, colour=it) for it in ("green", "blue", "black")]
    client.post(
        at("rounds:visit_entry", entry.pk), from_device(client, person, kept_photos=photos[::-1])
    )
    kept = Visit.objects.get().photos.order_by("id").values_list("file", flat=True)
    assert [str(it) for it in kept] == photos[::-1]


def test_a_sheet_filled_in_by_another_is_not_recorded_as_mine(client_of, world, entry):
    client = client_of("office")
    answer = client.post(
        at("rounds:visit_entry", entry.pk), sheet(form_by=str(world.people.contact.pk))
    )
    assert answer.status_code == 409
    assert "须由填写人本人登录后提交" in answer.content.decode()
    photo = {"form_by": str(world.people.contact.pk), "file": picture()}
    assert client.post(at("files:keep"), photo).status_code == 409
    assert not Visit.objects.exists()
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize("change", ["the round ended", "handed over"])
def test_a_stale_sheet_is_refused_and_nothing_of_it_is_recorded(client_of, world, entry, change):
    client, person = client_of("contact"), world.people.contact
    sent = from_device(client, person)
    if change == "the round ended":
        actions.cancel_round(
            round_id=entry.round_id, reason="x", by=world.people.office, at=timezone.now()
        )
    else:
        entry.dossier.contact = world.people.other_contact
        entry.dossier.save()
    answer = client.post(at("rounds:visit_entry", entry.pk), sent)
    assert answer.status_code == (422 if change == "the round ended" else 404)
    assert not Visit.objects.exists()
    assert not Case.objects.exists()
    assert Entry.objects.get(pk=entry.pk).state == "to_go"


def test_a_device_asks_who_is_in_and_gets_a_token(client_of, world):
    client = client_of("contact")
    answer = client.get(reverse("ui:who"))
    assert answer.json() == {"person": str(world.people.contact.pk)}
    assert "csrftoken" in answer.cookies
    assert "no-store" in answer["Cache-Control"]


def test_the_worker_is_served_at_the_root_and_is_everyones(client):
    answer = client.get(reverse("ui:worker"))
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Cache-Control"] == "no-cache"
    assert reverse("ui:worker") == "/worker.js"  # its scope is the whole site


def test_the_sheet_lists_what_is_still_open(client_of, world, entry):
    client = client_of("contact")
    client.post(at("rounds:visit_entry", entry.pk), from_device(client, world.people.contact))
    again = client.get(at("rounds:visit_dossier", entry.dossier_id))
    assert again.status_code == 200
    assert Case.objects.get().number in again.content.decode()
