"""Faults 4 and 12: the disk is full, or the database goes away. Said in words; nothing half."""

import errno
import os
import shutil
import subprocess

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.urls import reverse

from bihuan.cases.models import Case
from bihuan.core.ids import new_id
from bihuan.files.models import StoredFile
from bihuan.ledger.queries import verify
from tests.faults.conftest import environment, run
from tests.permissions.test_matrix import east
from tests.permissions.world import NEAR, body, photo, signed_in

__all__ = ["east"]
pytestmark = [pytest.mark.fault, pytest.mark.django_db]


def report(east, key):
    sent = {"form_key": str(key), "title": "磁盘满时发现", "grade": "general", "anew": "1"}
    sent["proof_before"] = SimpleUploadedFile("满.jpg", photo("gold"))
    url = reverse("cases:report", args=("east", east.rows[NEAR]["dossier"]))
    return signed_in(east.people["contact"]).post(url, sent)


def full(*args, **kwargs):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def away(sqlstate=None, text="the connection is closed"):
    cause = type("OperationalError", (Exception,), {"__module__": "psycopg.errors"})()
    cause.sqlstate = sqlstate
    error = OperationalError(text)
    error.__cause__ = cause
    return error


def test_no_room_for_a_photo_keeps_nothing_and_says_so(east, monkeypatch):
    key, files = new_id(), StoredFile.objects.count()
    with monkeypatch.context() as patched:
        patched.setattr(FileSystemStorage, "_save", full)
        answer = report(east, key)
    assert answer.status_code == 507
    assert "磁盘已满" in body(answer).decode()
    assert not Case.objects.filter(title="磁盘满时发现").exists()
    assert StoredFile.objects.count() == files
    assert report(east, key).status_code == 302  # room was made: the same form goes through
    assert Case.objects.filter(title="磁盘满时发现").count() == 1
    assert verify(east.zone.pk).is_whole


TROUBLES = [
    (OperationalError("database or disk is full"), 507),
    (away("53100", "could not extend file"), 507),
    (away(), 503),
    (away("57P01", "terminating connection due to administrator command"), 503),
    (away("08006", "connection failure"), 503),
    (away("42P01", "relation does not exist"), 500),
    (OperationalError("no such table: cases_case"), 500),
    (OSError(errno.EIO, "I/O error"), 500),
]


@pytest.mark.parametrize(("error", "status"), TROUBLES)
def test_trouble_below_is_named_for_what_it_is(east, monkeypatch, error, status):
    def fail(**given):
        raise error

    monkeypatch.setattr("bihuan.cases.views.actions.report", fail)
    answer = report(east, new_id())
    assert answer.status_code == status
    assert answer.headers.get("Retry-After") == ("30" if status == 503 else None)
    assert not Case.objects.filter(title="磁盘满时发现").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="a server that can be cut off")
def test_a_connection_cut_by_the_server_is_opened_again(east):
    client = signed_in(east.people["leader"])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    finally:
        other.close()
    cut = client.get("/z/east/cases/")
    assert cut.status_code == 503
    assert cut["Retry-After"] == "30"
    connection.close_if_unusable_or_obsolete()
    assert client.get("/z/east/cases/").status_code == 200


@pytest.fixture
def small_disk(tmp_path):
    """A disk of a few megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(place)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a small disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_database_on_a_full_disk_stays_sound_and_goes_on(founded, small_disk, tmp_path):
    shutil.copy(founded, small_disk / "db.sqlite3")
    env, acks = environment(small_disk), tmp_path / "acks"
    said = run(env, "until_refused", acks)
    assert "full" in said, said
    acknowledged = acks.read_text().count("\n")
    checked = run(env, "check", "-", acks)
    assert checked.startswith("moves "), checked
    (small_disk / "ballast").unlink()
    run(env, "one_more", acks)
    assert acks.read_text().count("\n") == acknowledged + 5
    checked = run(env, "check", "-", acks)
    assert checked.startswith("moves "), checked
