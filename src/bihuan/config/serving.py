"""The server process, its static files, and the worker beside it."""

import hashlib
import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.checks import run_checks
from django.core.management import call_command
from django.utils.translation import gettext as _
from granian.constants import Interfaces
from granian.server import Server

from bihuan.core.refusals import Refused

APPLICATION = "bihuan.config.wsgi:application"
THREADS_PER_WORKER = 4
STOPPING_S = 10
log = logging.getLogger(__name__)


def serve(*, address: str, port: int, workers: int, with_worker: bool) -> None:
    """Bring everything up to date and serve until stopped."""
    refuse_taken(address, port)
    prepare()
    run(address=address, port=port, workers=workers, with_worker=with_worker)


def run(
    *,
    address: str,
    port: int,
    workers: int,
    with_worker: bool,
    application: str = APPLICATION,
) -> None:
    """Run the server processes until stopped, with a worker beside them if wanted."""
    with ExitStack() as stack:
        if with_worker:
            stack.callback(stop, start_worker())
        Server(
            application,
            address=address,
            port=port,
            interface=Interfaces.WSGI,
            workers=workers,
            websockets=False,
            blocking_threads=THREADS_PER_WORKER,
            respawn_failed_workers=True,
        ).serve()


def prepare() -> None:
    """Bring the tables up to date and collect what pages are served with."""
    refuse_unsound()
    call_command("migrate", verbosity=0, interactive=False)
    collect_static()


def refuse_taken(address: str, port: int) -> None:
    """Stop here if another program listens there already."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            said = {"address": address, "port": port, "error": error.strerror}
            raise Refused(
                _("Cannot listen at %(address)s:%(port)d: %(error)s. Choose another --port.") % said
            ) from error


def refuse_unsound() -> None:
    """Stop here if a system check finds an error."""
    if errors := [str(message) for message in run_checks() if message.is_serious()]:
        raise Refused("\n".join(errors))


def collect_static() -> None:
    """Copy, name by content and compress the static files, if any of them changed."""
    root = Path(settings.STATIC_ROOT)
    stamp = root / ".collected"
    state = state_of_static()
    if stamp.exists() and stamp.read_text() == state:
        return
    shutil.rmtree(root, ignore_errors=True)
    call_command("collectstatic", verbosity=0, interactive=False)
    stamp.write_text(state)


def state_of_static() -> str:
    """Return a digest of the names, sizes and times of all static files."""
    files = {
        name: Path(storage.path(name)).stat()
        for finder in get_finders()
        for name, storage in finder.list([])
    }
    lines = [f"{name}\0{about.st_size}\0{about.st_mtime_ns}" for name, about in files.items()]
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def start_worker() -> subprocess.Popen[bytes]:
    """Start `bihuan worker` as a child that Ctrl-C of the terminal does not reach by itself."""
    command = [sys.executable, "-m", "bihuan.config.cli", "worker"]
    return subprocess.Popen(command, env=os.environ.copy(), start_new_session=True)  # noqa: S603


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask a child to finish what it is doing, and end it if it does not."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOPPING_S)
    except subprocess.TimeoutExpired:
        log.warning("the worker did not stop within %s s", STOPPING_S)
        process.kill()
