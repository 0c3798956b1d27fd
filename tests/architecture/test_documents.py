"""The documents agree with the code."""

import importlib
import re

import click
import pytest

from bihuan.config import cli
from bihuan.core.permissions import ROLES, Permission
from tests.architecture.house import HEIGHT, ROOT, SRC, ours

DOCS = ROOT / "docs"
DECISIONS = sorted((DOCS / "adr").glob("*.md"))
LONGEST_DECISION = 24


def text_of_docs():
    return "\n".join(path.read_text("utf-8") for path in sorted(DOCS.rglob("*.md")))


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_is_short_and_headed_by_its_number(path):
    number = int(path.stem[:4])
    lines = path.read_text("utf-8").splitlines()
    assert lines[0].startswith(f"# {number}. "), f"{path.name} is headed {lines[0]!r}"
    assert len(lines) <= LONGEST_DECISION, f"{path.name} has {len(lines)} lines"


def test_decisions_are_numbered_once():
    numbers = [path.stem[:4] for path in DECISIONS]
    assert len(numbers) == len(set(numbers))


def test_the_map_says_what_the_packages_say():
    rows = dict(
        re.findall(r"^\| `(\w+)` \| (.+?) \|$", (DOCS / "develop/map.md").read_text("utf-8"), re.M)
    )
    said = {
        name: (importlib.import_module(f"bihuan.{name}").__doc__ or "").strip().splitlines()[0]
        for name in HEIGHT
    }
    assert rows == said


@pytest.mark.parametrize("permission", Permission)
def test_every_permission_is_explained(permission):
    assert f"`{permission.value}`" in text_of_docs()


def test_the_guide_gives_each_role_its_permissions():
    text = (DOCS / "guide/角色与权限.md").read_text("utf-8")
    assert re.findall(r"^\| [^|`]+ \| `(\w+)` \| [^●|]+ \|$", text, re.M) == list(ROLES)
    rows = re.findall(r"^\| [^|`]+ \| `([\w.]+)` \| ((?:[●  ]+\| *)+)$", text, re.M)
    table = {code: [cell.strip() == "●" for cell in cells.split("|")[:-1]] for code, cells in rows}
    assert table == {
        permission.value: [permission in role.permissions for role in ROLES.values()]
        for permission in Permission
    }


def settings_of_a_site():
    """Return every environment variable that the product reads."""
    text = "\n".join(path.read_text("utf-8") for path in ours())
    return sorted(set(re.findall(r"[\"'](BIHUAN_[A-Z_]+|DATABASE_URL)[\"']", text)))


@pytest.mark.parametrize("name", settings_of_a_site())
def test_every_setting_of_a_site_is_explained(name):
    assert f"`{name}`" in text_of_docs()


def test_where_a_change_goes_is_there():
    text = (DOCS / "develop/changing.md").read_text("utf-8")
    named = set(re.findall(r"`((?:\w+/)+\w+(?:\.(?:py|toml|js))?)`", text))
    assert not [it for it in named if not ((SRC / it).exists() or (ROOT / it).exists())]


def test_every_package_is_on_the_floor_plan():
    packages = {path.parent.name for path in SRC.glob("*/__init__.py")}
    assert packages == HEIGHT.keys()


def commands(group, *words):
    """Yield each command of the command line, as it is typed."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, *words, name)
        else:
            yield " ".join([*words, name])


@pytest.mark.parametrize("command", sorted(commands(cli.main, "bihuan")))
def test_every_command_is_explained(command):
    assert f"`{command}`" in text_of_docs()


@pytest.mark.parametrize("name", settings_of_a_site())
def test_the_two_pages_on_running_name_the_same_settings(name):
    pages = [DOCS / "develop/running.md", DOCS / "guide/运行与维护.md"]
    assert all(f"`{name}`" in page.read_text("utf-8") for page in pages)


def pages_with_links():
    return [*ROOT.glob("*.md"), *sorted(DOCS.rglob("*.md"))]


@pytest.mark.parametrize("page", pages_with_links(), ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page):
    for target in re.findall(r"\]\((?!https?://|#)([^)#\s]+)", page.read_text("utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"
