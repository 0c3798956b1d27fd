"""The ledger from the command line: verified here, and by others without us."""

import json
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.utils import timezone

from bihuan.config import ledgers
from bihuan.core.actors import System
from bihuan.core.refusals import Refused
from bihuan.ledger.actions import record
from bihuan.zones.models import Zone

pytestmark = pytest.mark.django_db
CHECKER = Path(__file__).parents[2] / "docs" / "develop" / "verify_bundle.py"


@pytest.fixture
def zone():
    zone = Zone.objects.create(slug="tunliu", name="Tunliu")
    for number in range(3):
        record(
            zone_id=zone.pk,
            kind="case.closed",
            about=("case", str(number)),
            by=System("test"),
            at=timezone.now(),
        )
    return zone


def test_each_ledger_is_named_and_summed_up(zone):
    ((name, verdict),) = ledgers.verdicts(slug=None, held=())
    (line,) = ledgers.lines_of(name, verdict)
    assert line == "✓ tunliu: 3 events, 0 checkpoints, confirmed up to event 0"


def test_a_zone_that_is_not_here_is_refused(zone):
    with pytest.raises(Refused, match="no zone nowhere"):
        list(ledgers.verdicts(slug="nowhere", held=()))


def test_others_can_check_the_bundle(zone, tmp_path):
    target = tmp_path / "ledger.zip"
    ledgers.bundle(slug="tunliu", target=target, with_evidence=True)
    with ZipFile(target) as bundle:
        assert json.loads(bundle.read("manifest.json"))["size"] == 3
    checked = subprocess.run([sys.executable, CHECKER, target], capture_output=True, check=False)
    assert checked.returncode == 0, checked.stderr


def test_a_bundle_replaces_no_file(zone, tmp_path):
    target = tmp_path / "ledger.zip"
    target.write_bytes(b"something else")
    with pytest.raises(Refused):
        ledgers.bundle(slug="tunliu", target=target, with_evidence=False)
    assert target.read_bytes() == b"something else"


def test_a_bundle_that_cannot_be_written_leaves_nothing(tmp_path):
    Zone.objects.create(slug="empty", name="Empty")
    with pytest.raises(Refused):
        ledgers.bundle(slug="empty", target=tmp_path / "ledger.zip", with_evidence=False)
    assert list(tmp_path.iterdir()) == []
