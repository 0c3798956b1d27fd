"""The floor's one view and its WSGI entry: who is signed in gets a page's SQL and its bytes."""

import gc
import os
import pickle
from pathlib import Path

from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.urls import path

from benchmarks.floor.replay import Pieces, Queries, replay

PAGES: list[tuple[Queries, Pieces]]
PAGES = pickle.loads(Path(os.environ["BENCH_FLOOR"]).read_bytes())  # noqa: S301  written by us


def floor(request: HttpRequest, number: int) -> HttpResponse:
    """Answer somebody who signed in with a page's floor."""
    return replay(*PAGES[number]) if request.user.is_authenticated else HttpResponseForbidden()


urlpatterns = [path("<int:number>", floor)]
application = get_wsgi_application()
gc.collect()
gc.freeze()
