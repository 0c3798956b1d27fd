"""The loop of a worker: live, recover, fire, work."""

import logging
import os
import signal
import socket
import threading
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import close_old_connections, connection
from django.utils import timezone

from bihuan.jobs import actions
from bihuan.jobs.rules import BEATS, Schedule

log = logging.getLogger("bihuan.jobs")


class Worker:
    """Runs jobs until told to stop; any number may run beside each other."""

    def __init__(self, schedules: Sequence[Schedule], *, interval: float = 1.0) -> None:
        self.name = f"{socket.gethostname()[:30]}:{os.getpid()}"
        self.schedules = schedules
        self.interval = interval
        self.stopping = threading.Event()
        self._looked_at: datetime | None = None

    def stop(self, *_signal: Any) -> None:
        """Finish the running job, then end."""
        self.stopping.set()

    def run(self, *, until_empty: bool = False) -> int:
        """Work until stopped, or until nothing is due; return how many jobs were run."""
        done = 0
        while not self.stopping.is_set():
            close_old_connections()
            self._look_after()
            taken = actions.claim(worker=self.name, at=timezone.now())
            if taken:
                self._carry_out(*taken)
                done += 1
            elif until_empty:
                break
            else:
                self.stopping.wait(self.interval)
        return done

    def _look_after(self) -> None:
        """Recover lost jobs and fire schedules, now and then."""
        now = timezone.now()
        if self._looked_at and abs(now - self._looked_at) < settings.JOB_LEASE / BEATS:
            return
        self._looked_at = now
        if lost := actions.recover_lost(at=now):
            log.warning("recovered %d lost jobs", lost)
        actions.fire_due(schedules=self.schedules, at=now)

    def _carry_out(self, job: Any, hold: actions.Hold) -> None:
        ended = threading.Event()
        beating = threading.Thread(target=_keep_beating, args=(hold, ended), daemon=True)
        beating.start()
        try:
            with actions.holding(hold):
                job.task.call(*job.args_kwargs["args"], **job.args_kwargs["kwargs"])
            actions.succeed(job=job, hold=hold, at=timezone.now())
        except Exception as error:
            log.warning("job %s (%s) failed", job.pk, job.task_path, exc_info=error)
            actions.fail(job=job, hold=hold, error=error, at=timezone.now())
        finally:
            ended.set()
            beating.join()


def _keep_beating(hold: actions.Hold, ended: threading.Event) -> None:
    try:
        while not ended.wait(settings.JOB_LEASE.total_seconds() / BEATS):
            if not actions.beat(hold=hold, at=timezone.now()):
                return
    finally:
        connection.close()


def work(schedules: Sequence[Schedule]) -> None:
    """Run a worker in this process until it is told to stop by SIGTERM or SIGINT."""
    worker = Worker(schedules)
    signal.signal(signal.SIGTERM, worker.stop)
    signal.signal(signal.SIGINT, worker.stop)
    worker.run()
