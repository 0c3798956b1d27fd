"""What the server looks at before it starts."""

import socket

import pytest
from django.core.checks import Error

from bihuan.config import serving
from bihuan.core.refusals import Refused


@pytest.fixture
def taken_port():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_port_that_is_taken_is_named(taken_port):
    with pytest.raises(Refused, match=str(taken_port)):
        serving.refuse_taken("127.0.0.1", taken_port)


def test_a_free_port_is_not_refused(taken_port):
    serving.refuse_taken("127.0.0.2", taken_port)


def test_an_unsound_setting_stops_the_start(monkeypatch):
    monkeypatch.setattr(serving, "run_checks", lambda: [Error("no good", id="bihuan.E000")])
    with pytest.raises(Refused, match="no good"):
        serving.refuse_unsound()


def test_static_files_are_collected_once(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path / "static"
    serving.collect_static()
    first = (settings.STATIC_ROOT / "ui" / "bihuan.css").stat().st_ino
    serving.collect_static()
    assert (settings.STATIC_ROOT / "ui" / "bihuan.css").stat().st_ino == first
