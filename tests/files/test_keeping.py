"""Evidence is kept whole, under its hash, and shown to those who may see it."""

import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from PIL import Image

from bihuan.config import doctor
from bihuan.core.refusals import Forbidden, Refused
from bihuan.files.actions import keep, keep_all
from bihuan.files.rules import path_of
from bihuan.ledger.models import Event
from tests.factories.zones import PostFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return PostFactory(role="contact")


def picture(colour="red") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, "PNG")
    return out.getvalue()


def read(path) -> bytes:
    with default_storage.open(path) as file:
        return file.read()


def test_the_bytes_are_kept_as_they_came_and_told_to_the_ledger(post, now):
    kept = keep(zone=post.zone, name="../a.png", content=picture(), by=post.person, at=now)
    assert read(path_of(post.zone.pk, kept.sha256)) == picture()
    assert read(path_of(post.zone.pk, kept.shown_sha256)).startswith(b"\xff\xd8")
    assert kept.name == "a.png"
    assert kept.sha256 in Event.objects.get(kind="file.kept").body


def test_what_a_dead_process_left_half_written_is_written_again(post, now):
    first = keep(zone=post.zone, name="a.png", content=picture(), by=post.person, at=now)
    path = path_of(post.zone.pk, first.sha256)
    default_storage.delete(path)
    default_storage.save(path, ContentFile(picture()[:20]))
    keep(zone=post.zone, name="a.png", content=picture(), by=post.person, at=now)
    assert read(path) == picture()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.png", b""),
        ("cut.png", picture()[:60]),
        ("page.html", b"<script>alert(1)</script>"),
        ("picture.pdf", b"PK\x03\x04"),
        ("large.pdf", b"%PDF-" + b"0" * (20 * 1024 * 1024)),
    ],
)
def test_what_is_no_evidence_is_refused(post, now, name, content):
    with pytest.raises(Refused):
        keep(zone=post.zone, name=name, content=content, by=post.person, at=now)


def test_only_who_works_with_evidence_keeps_it(post, now):
    auditor = PostFactory(zone=post.zone, role="auditor").person
    with pytest.raises(Forbidden):
        keep(zone=post.zone, name="a.png", content=picture(), by=auditor, at=now)


def test_a_form_takes_back_its_own_uploads_only(post, now):
    kept = keep(zone=post.zone, name="a.png", content=picture(), by=post.person, at=now)
    other = PostFactory(zone=post.zone, role="contact").person
    asked = {"zone": post.zone, "sent": (), "earlier": [str(kept.pk), "x"], "at": now}
    assert keep_all(by=post.person, **asked).files == [kept]
    assert keep_all(by=other, **asked).files == []


def test_a_file_is_shown_to_its_sender_and_to_nobody_without_a_reason(client, post, now):
    kept = keep(zone=post.zone, name="a.png", content=picture(), by=post.person, at=now)
    pages = [
        f"/z/{post.zone.slug}/files/{kept.pk}/",
        f"/z/{post.zone.slug}/files/{kept.pk}/original/",
    ]
    client.force_login(post.person)
    for page in pages:
        response = client.get(page)
        assert response.status_code == 200
        assert response["X-Content-Type-Options"] == "nosniff"
        b"".join(response.streaming_content)
    foreign = PostFactory(role="leader")
    for stranger in (PostFactory(zone=post.zone, role="leader").person, foreign.person):
        client.force_login(stranger)
        assert [client.get(page).status_code for page in pages] == [404, 404]
    client.force_login(foreign.person)
    assert client.get(f"/z/{foreign.zone.slug}/files/{kept.pk}/").status_code == 404


def test_bytes_the_store_has_lost_are_missed_in_words_and_by_the_doctor(post, now, client):
    kept = keep(zone=post.zone, name="消防.png", content=picture(), by=post.person, at=now)
    client.force_login(post.person)
    assert [it.is_ok for it in doctor.evidence()] == [True]
    for digest in (kept.sha256, kept.shown_sha256):
        default_storage.delete(path_of(post.zone.pk, digest))
    for name in ("files:show", "files:original"):
        answer = client.get(reverse(name, args=(post.zone.slug, kept.pk)))
        assert answer.status_code == 410
        assert "消防.png" in answer.content.decode()
    (told,) = doctor.evidence()
    assert not told.is_ok
    assert kept.sha256[:12] in told.text


def test_bytes_cut_short_are_found_by_the_doctor(post, now):
    kept = keep(zone=post.zone, name="a.png", content=picture(), by=post.person, at=now)
    path = path_of(post.zone.pk, kept.sha256)
    default_storage.delete(path)
    default_storage.save(path, ContentFile(picture()[:-1]))
    assert [it.is_ok for it in doctor.evidence()] == [False]
