"""A browser that is Debian's Chromium, a server on loopback, and what pages must not do."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, expect

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = shutil.which("chromium")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 360, "height": 740}
PATIENCE_MS = 20_000  # what comes in a second may take ten on a machine that does other things

expect.set_options(timeout=PATIENCE_MS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine"))


@pytest.fixture(scope="session", autouse=True)
def _the_browser_runs_an_event_loop() -> None:
    # Playwright keeps one in this thread; Django would refuse the database because of it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": QUIET}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, object]) -> dict[str, object]:
    office = {"width": 1366, "height": 768}
    return {**browser_context_args, "viewport": office, "locale": "zh-CN"}


@pytest.fixture(autouse=True)
def _everything_comes_from_here(page: Page, live_server: object) -> Iterator[None]:
    """Fail a journey in which a page asks another host, logs an error or throws."""
    complaints: list[str] = []
    here = str(live_server)

    def watch(request: Request) -> None:
        if not request.url.startswith((here, "data:", "blob:")):
            complaints.append(f"asked for {request.url}")

    page.on("request", watch)
    page.on("pageerror", lambda error: complaints.append(f"threw {error}"))
    page.on(
        "console",
        lambda said: complaints.append(f"logged {said.text}") if is_a_fault(said) else None,
    )
    yield
    assert not complaints


def is_a_fault(said: object) -> bool:
    """Say whether a console message is an error of ours: no refusal, no line cut by a test."""
    meant = ("status of 4", "status of 503", "net::ERR_FAILED", "net::ERR_INTERNET_DISCONNECTED")
    return said.type == "error" and not any(words in said.text for words in meant)


@pytest.fixture
def axe(page: Page):
    """Call it to have the page in front of you examined; it fails on WCAG A and AA faults."""

    def examine() -> None:
        page.evaluate(AXE.read_text("utf-8"))
        found = page.evaluate(
            "async () => (await axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']}))"
            ".violations.map(v => [v.id, v.help, v.nodes.slice(0, 3).map(n => n.html)])"
        )
        assert not found, "\n".join(f"{rule}: {text}: {nodes}" for rule, text, nodes in found)

    return examine


@pytest.fixture
def fits(page: Page):
    """Call it to see that the page does not scroll sideways at a phone's width."""

    def examine() -> None:
        page.set_viewport_size(PHONE)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= PHONE["width"], f"the page is {wide} px wide"

    return examine
