"""Many writers in one zone at once: no number twice, none left out, and the chain holds."""

import threading

import pytest
from django.db import connection

from bihuan.core.ids import new_id
from bihuan.ledger.actions import checkpoint
from bihuan.ledger.models import Event
from bihuan.ledger.queries import verify
from tests.ledger.books import AT, ROBOT, fill

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.fault]
WRITERS, EACH = 4, 12


def test_writers_of_one_new_zone_queue_at_its_head(settings, tmp_path):
    settings.LEDGER_KEYS = tmp_path / "keys"
    zone, start, failures = new_id(), threading.Barrier(WRITERS + 1), []

    def write() -> None:
        try:
            start.wait()
            fill(zone, EACH)
        except Exception as error:  # noqa: BLE001  told by the thread that waits
            failures.append(error)
        finally:
            connection.close()

    def sign() -> None:
        try:
            start.wait()
            for _ in range(EACH):
                checkpoint(zone_id=zone, by=ROBOT, at=AT)
        except Exception as error:  # noqa: BLE001
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(WRITERS)]
    threads.append(threading.Thread(target=sign))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    numbers = Event.objects.filter(zone_id=zone).values_list("seq", flat=True)
    assert sorted(numbers) == list(range(1, WRITERS * EACH + 1))
    assert verify(zone).is_whole
