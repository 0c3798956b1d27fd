"""The operator's pages: what runs in the background, and what stands still."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from bihuan.core.composition import listed
from bihuan.core.permissions import Permission
from bihuan.jobs import actions
from bihuan.jobs.queries import health, jobs_seen_from, last_firings
from bihuan.jobs.tables import JOBS, STATES, task_words
from bihuan.ui.components import Tile
from bihuan.ui.pages import needs
from bihuan.zones.permissions import who_asks


@needs(Permission.JOB_OPERATE)
def job_list(request: HttpRequest) -> HttpResponse:
    """List jobs, with what stands still at the top."""
    state, fired = health(now=timezone.now()), last_firings()
    waited = int(state.oldest_wait.total_seconds() // 60) if state.oldest_wait else 0
    tiles = [
        Tile(label=_("waiting"), value=state.waiting, href="?status=READY"),
        Tile(label=_("running"), value=state.running, href="?status=RUNNING"),
        Tile(
            label=pgettext("job", "given up"),
            value=state.given_up,
            href="?status=FAILED",
            tone="red" if state.given_up else "",
        ),
        Tile(
            label=_("oldest due job waits"),
            value=waited,
            unit=_("minutes"),
            tone="red" if waited > 5 else "",
        ),
    ]
    schedules = [
        (task_words(it.task.module_path), fired.get(it.name)) for it in listed("SCHEDULES")
    ]
    page = JOBS.page(request, jobs_seen_from(who_asks(request).zone))
    return page.respond("jobs/list.html", {"tiles": tiles, "schedules": schedules})


@needs(Permission.JOB_OPERATE)
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one job and why it failed."""
    zone = who_asks(request).zone
    job = get_object_or_404(jobs_seen_from(zone), pk=pk)
    own = job.args_kwargs["kwargs"].get("zone") == str(zone.pk)
    context = {
        "job": job,
        # what works for all zones may fail over another's rows: its details stay in the log
        "why": job.traceback if own else job.exception_class_path,
        "title": task_words(job.task_path),
        "state": STATES.get(job.status),
        "tries": len(job.worker_ids),
    }
    return render(request, "jobs/detail.html", context)


@needs(Permission.JOB_OPERATE)
@require_POST
def retry(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Try a job again that was given up."""
    standing = who_asks(request)
    actions.retry(job=pk, zone=standing.zone, by=standing.person, at=timezone.now())
    messages.success(request, _("It will be tried again."))
    return _back(request)


@needs(Permission.JOB_OPERATE)
@require_POST
def drop(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Strike a job from the list."""
    standing = who_asks(request)
    actions.drop(job=pk, zone=standing.zone, by=standing.person, at=timezone.now())
    messages.success(request, _("Dropped."))
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    return redirect("jobs:list", who_asks(request).zone.slug)
