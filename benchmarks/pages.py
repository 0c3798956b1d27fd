"""What pages cost on a full zone: python -m benchmarks.pages [rounds] [name of a page …]

Every page is asked for in turn with its floor: a bare Django view, without middleware,
sessions, permissions or ORM, that sends the same SQL with the same parameters, fetches all
rows, and renders the same bytes through a template of one loop. What the page says in its
main part, the text between tags and the addresses of links, are escaped variables of that
loop; all else, the frame, the menu and the markup, is fixed text. So whatever else the
machine does falls on both. One client, in this process.
The zone is that of benchmarks.zone, on SQLite or where DATABASE_URL points.
"""

import gc
import os
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from html import escape, unescape
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CSRF_SECRET_LENGTH
from django.test import RequestFactory, override_settings
from django.urls import path
from django.utils.safestring import mark_safe

import benchmarks.site  # noqa: F401  sets Django up
from benchmarks.floor.replay import Pieces, Queries, replay
from benchmarks.zone import SLUG, say, the_zone
from bihuan.accounts.models import Person
from bihuan.cases.models import Case
from bihuan.config.serving import collect_static
from bihuan.dossiers.models import Dossier
from bihuan.ui.keyset import Mark
from bihuan.zones.models import Cell, Zone

WARM = 3
GOALS_MS = {"list": 40, "one": 30, "search": 60, "overview": 80}
SAID = re.compile(r'(?<=>)[^<>\s][^<>]*(?=<)|(?<= href=")[^"]+')


@dataclass
class Page:
    """One page to measure, by whom it is asked for, and what it came to."""

    name: str
    sort: str
    address: str
    by: str = "office"
    took: list[float] = field(default_factory=list)
    floor_took: list[float] = field(default_factory=list)
    own: list[float] = field(default_factory=list)
    floor_own: list[float] = field(default_factory=list)
    queries: Queries = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")
    body: bytes = b""
    warm_s: float = 0.0


def pages(zone: Zone) -> list[Page]:
    """Return the pages that have goals, with addresses into the zone."""
    base = f"/z/{SLUG}"
    names = Dossier.objects.filter(zone=zone, kind="enterprise").order_by("name", "pk")
    value, pk = names.values_list("name", "pk")[min(49_999, names.count() - 2)]
    deep = Mark(value, str(pk), 50_000).token()
    found = Case.objects.filter(zone=zone).order_by("-found_at", "-pk")
    at, case_pk = found.values_list("found_at", "pk")[min(49_999, found.count() - 2)]
    case_deep = Mark(at.isoformat(), str(case_pk), 50_000).token()
    cell = Cell.objects.filter(zone=zone, parent__isnull=False).order_by("path").first()
    top = Cell.objects.filter(zone=zone, parent=None).order_by("path").first()
    assert cell
    assert top
    live = Case.objects.filter(zone=zone, status="submitted", grade="general").first()
    ended = Case.objects.filter(zone=zone, status="closed", moves__name="reject").first()
    dossier = Dossier.objects.filter(zone=zone, code="E000600").get()
    assert live
    assert ended
    e, c = f"{base}/enterprises/", f"{base}/cases/"
    return [
        Page("enterprises", "list", e),
        Page("… of a cell", "list", f"{e}?cell={cell.path}"),
        Page("… of a sector and risk", "list", f"{e}?sector=chemicals&risk=red"),
        Page("… by words", "list", f"{e}?q=煤机"),
        Page("… by words, one", "list", f"{e}?q={dossier.name[3:9]}"),
        Page("… by last visit", "list", f"{e}?sort=-last_visited_on"),
        Page("… page 1000", "list", f"{e}?after={deep}"),
        Page("… last page", "list", f"{e}?before=last"),
        Page("cases", "list", c),
        Page("… live", "list", f"{c}?status=live"),
        Page("… late", "list", f"{c}?late=1&sort=due_on"),
        Page("… of a cell", "list", f"{c}?cell={cell.path}"),
        Page("… of a district, late", "list", f"{c}?cell={top.path}&late=1"),
        Page("… major", "list", f"{c}?grade=major"),
        Page("… by words", "list", f"{c}?q=灭火器"),
        Page("… by words, few", "list", f"{c}?q={dossier.name[3:9]}"),
        Page("… by number", "list", f"{c}?q={live.number}"),
        Page("… page 1000", "list", f"{c}?after={case_deep}"),
        Page("cases, as contact", "list", c, "contact7"),
        Page("enterprises, as contact", "list", e, "contact7"),
        Page("cases, as cell leader", "list", c, "chief3"),
        Page("dossier", "one", f"{base}/dossiers/{dossier.pk}/"),
        Page("case, live", "one", f"{c}{live.pk}/"),
        Page("case, ended", "one", f"{c}{ended.pk}/"),
        Page("search, one hit", "search", f"{base}/search/?q={dossier.code}"),
        Page("search, common word", "search", f"{base}/search/?q=机械"),
        Page("search, as contact", "search", f"{base}/search/?q=机械", "contact7"),
        Page("my work, safety office", "overview", f"{base}/"),
        Page("my work, leader", "overview", f"{base}/", "leader"),
        Page("my work, contact", "overview", f"{base}/", "contact7"),
        Page("my work, cell leader", "overview", f"{base}/", "chief3"),
        Page("cockpit", "overview", f"{base}/cockpit/"),
        Page("figures", "overview", f"{base}/figures/"),
        Page("who answers", "overview", f"{base}/contacts/"),
        Page("rounds", "list", f"{base}/rounds/"),
        Page("visits", "list", f"{base}/visits/"),
        Page("hazard ledger", "list", f"{base}/hazards/"),
    ]


def signed_in(username: str, backend: str = settings.AUTHENTICATION_BACKENDS[-1]) -> str:
    """Return the cookie header of a person who signed in."""
    person = Person.objects.get(username=username)
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(person.pk)
    store[BACKEND_SESSION_KEY] = backend
    store[HASH_SESSION_KEY] = person.get_session_auth_hash()
    store.save()
    kept = {  # what a browser sends after its first page
        settings.SESSION_COOKIE_NAME: store.session_key,
        settings.CSRF_COOKIE_NAME: "c" * CSRF_SECRET_LENGTH,
    }
    return "; ".join(f"{name}={value}" for name, value in kept.items())


def floor(request: HttpRequest) -> HttpResponse:
    """Answer with the floor of a page."""
    return replay(request.META["bench.page"].queries, request.META["bench.pieces"])


urlpatterns = [path("floor", floor)]


def in_pieces(html: str) -> Pieces:
    """Cut a page into markup and what is said behind it, which the floor escapes again."""
    pieces: Pieces = []
    done = 0
    for found in SAID.finditer(html, html.index("<main")):
        said = unescape(found[0])
        if escape(said) == found[0]:
            pieces.append((mark_safe(html[done : found.start()]), said))  # noqa: S308  our page
            done = found.end()
    return [*pieces, (mark_safe(html[done:]), "")]  # noqa: S308


def to_floor(get_response: Callable[[HttpRequest], HttpResponse]) -> Any:
    """The floor's only middleware: its own addresses."""

    def ask(request: HttpRequest) -> HttpResponse:
        request.urlconf = "benchmarks.pages"
        return get_response(request)

    return ask


class Clients:
    """One client of the pages and one of their floors."""

    def __init__(self) -> None:
        self.app = WSGIHandler()
        with override_settings(MIDDLEWARE=["benchmarks.pages.to_floor"]):
            self.bare = WSGIHandler()
        self.cookies: dict[str, str] = {}
        self.host = {"SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000"}

    def ask(self, page: Page) -> tuple[int, bytes, float, float]:
        """Return status, body, seconds and own processor seconds of a page."""
        if page.by not in self.cookies:
            self.cookies[page.by] = signed_in(page.by)
        made = RequestFactory().get(page.address, HTTP_COOKIE=self.cookies[page.by], **self.host)
        return self._run(self.app, made.environ)

    def ask_floor(self, page: Page, pieces: Pieces) -> tuple[float, float]:
        """Return seconds and own processor seconds of a page's floor."""
        made = RequestFactory().get("/floor", **self.host)
        environ = {**made.environ, "bench.page": page, "bench.pieces": pieces}
        status, body, seconds, own = self._run(self.bare, environ)
        assert (status, len(body)) == (200, len(page.body))
        return seconds, own

    @staticmethod
    def _run(handler: WSGIHandler, environ: Any) -> tuple[int, bytes, float, float]:
        status: list[str] = []
        begin, own = time.perf_counter(), time.process_time()
        response = handler(environ, lambda line, headers, *rest: status.append(line))
        body = b"".join(response)
        response.close()
        end = time.perf_counter() - begin, time.process_time() - own
        return int(status[0][:3]), body, *end


def watched(page: Page) -> Callable[..., Any]:
    """Return an execute wrapper that notes the page's queries and the slowest of them."""

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        begin = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            took = time.perf_counter() - begin
            if not sql.startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
                page.queries.append((sql, params))
            page.slowest = max(page.slowest, (took, f"{sql} {params}"))

    return note


def look_at(page: Page, clients: Clients) -> None:
    """Ask for a page until it is warm; note its bytes and its queries."""
    for turn in range(WARM):
        page.queries.clear()
        page.slowest = (0.0, "")
        with ExitStack() as stack:
            if turn == WARM - 1:
                stack.enter_context(connection.execute_wrapper(watched(page)))
            status, page.body, page.warm_s, _own = clients.ask(page)
        assert status == 200, f"{page.name}: {status} {page.body[:2000].decode()}"


def measure(page: Page, clients: Clients, rounds: int) -> None:
    """Ask for a page and its floor in turn; the first askings are not counted."""
    look_at(page, clients)
    took = page.warm_s
    rounds = max(5, min(rounds, int(rounds * 0.3 / took))) if took > 0.3 else rounds
    pieces = in_pieces(page.body.decode())
    clients.ask_floor(page, pieces)
    gc.collect()
    for _ in range(rounds):
        _status, _body, seconds, own = clients.ask(page)
        page.took.append(seconds)
        page.own.append(own)
        seconds, own = clients.ask_floor(page, pieces)
        page.floor_took.append(seconds)
        page.floor_own.append(own)


def told(page: Page) -> Iterator[str]:
    """Yield the columns of a page's line, in milliseconds, counts and kilobytes."""
    taken = (page.took, page.own, page.floor_took, page.floor_own)
    took, own, floor_took, floor_own = (statistics.median(times) * 1e3 for times in taken)
    late = statistics.quantiles(page.took, n=20)[-1] * 1e3
    goal = GOALS_MS[page.sort]
    kept = (took <= goal, late <= 100, len(page.queries) <= 12, len(page.body) <= 60 << 10)
    yield f"{page.name:26}"
    yield f"{took:8.1f}{late:8.1f}{own:8.1f}"
    yield f"{goal:6}{len(page.queries):6}{len(page.body) / 1024:7.1f}"
    yield f"{floor_took:8.1f}{floor_own:8.1f}{floor_took / took:7.2f}{floor_own / own:7.2f}"
    yield "" if all(kept) else "  *"


def main() -> None:
    words = sys.argv[1:]
    rounds = int(words.pop(0)) if words and words[0].isdigit() else 40
    zone = the_zone()
    collect_static()
    gc.collect()
    gc.freeze()
    clients = Clients()
    say(f"pages on {connection.vendor}; load of the machine {os.getloadavg()[0]:.1f}")
    say(f"{'page':26}{'p50':>8}{'p95':>8}{'own':>8}{'goal':>6}{'SQL':>6}{'KB':>7}"
        f"{'floor':>8}{'own':>8}{'ratio':>7}{'own':>7}")  # fmt: skip
    for page in pages(zone):
        if words and not any(word in page.name for word in words):
            continue
        measure(page, clients, rounds)
        say("".join(told(page)))
        if os.environ.get("BENCH_SLOWEST") and page.slowest[0] > 0.01:
            say(f"      {page.slowest[0] * 1e3:.0f} ms {page.slowest[1]}")
    say("ms; own: of this process's processor; ratio: requests a second over the floor's;"
        " * misses a goal of time, queries or size")  # fmt: skip


if __name__ == "__main__":
    main()
