"""`bihuan worker` and `bihuan tick`: the schedules of the composition, carried out."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from bihuan.core.composition import listed
from bihuan.jobs import worker


def work() -> None:
    """Run jobs and fire schedules until told to stop."""
    worker.work(listed("SCHEDULES"))


def tick() -> Iterator[str]:
    """Do what every schedule does, due or not, then all jobs that wait; say what was done.

    For sites that run it from cron beside no worker, and to see an effect at once.
    """
    schedules = listed("SCHEDULES")
    for schedule in schedules:
        schedule.task.call()
        yield _("Done: %(name)s") % {"name": schedule.name}
    jobs = worker.Worker(()).run(until_empty=True)
    yield _("%(count)d waiting jobs done.") % {"count": jobs}
