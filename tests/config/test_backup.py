"""A backup counts when it has been checked, and comes back as it was."""

import json
import shutil

import pytest

from tests.config.sites import a_site

pytestmark = pytest.mark.django_db  # each site has a database of its own, on either kind

FILL = """
from django.core.management import call_command
from django.conf import settings
from django.utils import timezone
from bihuan.core.actors import System
from bihuan.core.ids import new_id
from bihuan.ledger.actions import checkpoint, record
call_command("migrate", verbosity=0)
zone, by, now = new_id(), System("test"), timezone.now()
for number in range(7):
    record(zone_id=zone, kind="case.closed", about=("case", str(number)), by=by, at=now)
checkpoint(zone_id=zone, by=by, at=now)
settings.MEDIA_ROOT.mkdir()
(settings.MEDIA_ROOT / "photo").write_bytes(b"evidence")
"""
TAMPER = """
from importlib import import_module
from django.db import connection
with connection.cursor() as cursor:
    for statement in import_module("bihuan.ledger.migrations.0002_seal").off(connection.vendor):
        cursor.execute(statement)
    cursor.execute("UPDATE ledger_event SET actor = 'somebody else' WHERE seq = 3")
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A site with a ledger of seven events, a checkpoint and a photo; not to be changed."""
    with a_site(tmp_path_factory.mktemp("filled") / "site") as made:
        made.run(FILL)
        yield made


@pytest.fixture(scope="module")
def backup(site, tmp_path_factory):
    """The one backup of that site; not to be changed."""
    folder = tmp_path_factory.mktemp("backups")
    made = site.bihuan("backup", folder)
    assert made.returncode == 0, made.stderr
    (found,) = folder.iterdir()
    return found


@pytest.fixture
def empty_site(tmp_path):
    with a_site(tmp_path / "empty") as made:
        yield made


def test_a_backup_comes_back_whole(backup, empty_site):
    back = empty_site.bihuan("restore", backup)
    assert back.returncode == 0, back.stderr
    assert (empty_site.folder / "files" / "photo").read_bytes() == b"evidence"
    verified = empty_site.bihuan("ledger", "verify")
    assert "7 events, 1 checkpoints, confirmed up to event 7" in verified.stdout
    assert verified.returncode == 0


def test_the_manifest_names_every_file(backup):
    files = json.loads((backup / "manifest.json").read_text())["files"]
    there = {str(p.relative_to(backup)) for p in backup.rglob("*") if p.is_file()}
    assert files.keys() == there - {"manifest.json"}
    assert {"files/photo", "ledger/keys.txt", "secret_key"} < files.keys()


def test_a_damaged_backup_is_refused_and_nothing_is_restored(backup, empty_site, tmp_path):
    damaged = shutil.copytree(backup, tmp_path / "damaged")
    (damaged / "files" / "photo").write_bytes(b"Evidence")
    back = empty_site.bihuan("restore", damaged)
    assert back.returncode == 1
    assert "files/photo" in back.stderr
    assert not (empty_site.folder / "files").exists()


def test_a_site_with_data_is_not_overwritten(site, backup):
    back = site.bihuan("restore", backup)
    assert back.returncode == 1
    assert "already holds data" in back.stderr


def test_what_is_no_backup_is_refused(empty_site, tmp_path):
    back = empty_site.bihuan("restore", tmp_path)
    assert back.returncode == 1
    assert "is not a backup" in back.stderr


def test_a_tampered_ledger_makes_no_backup(site, tmp_path):
    with a_site(tmp_path / "tampered", like=site) as tampered:
        tampered.run(TAMPER)
        made = tampered.bihuan("backup", tmp_path / "backups")
        assert made.returncode == 1
        assert "does not verify" in made.stderr
        assert list((tmp_path / "backups").iterdir()) == []
