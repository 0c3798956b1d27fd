"""What no committed file may hold, and what every template keeps to."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.questioner import NonInteractiveMigrationQuestioner
from django.db.migrations.state import ProjectState
from django.utils import translation

from tests.architecture.house import ROOT, SRC

# In pieces, so that this file does not hold them either.
HOSTS = [
    "registry." + "npmjs",
    "registry." + "yarnpkg",
    "pypi." + "org",
    "python" + "hosted.org",
    "deb." + "debian.org",
    "npm" + "mirror",
    "unpkg." + "com",
    "js" + "delivr",
    "cdn" + "js",
    "google" + "apis",
    "bootstrap" + "cdn",
]
PATHS = [r"(?<![\w.])/" + place + r"/[\w.]" for place in ("work", "root", "home")]
FORBIDDEN = re.compile("|".join([*map(re.escape, HOSTS), *PATHS]))
TEMPLATES = sorted(SRC.rglob("templates/**/*.html"))
STYLES = [at for at in sorted(SRC.rglob("static/**/*.css")) if "vendor" not in at.parts]
COMMENT = re.compile(r"\{#.*?#\}|\{% comment.*?endcomment %\}|<!--.*?-->", re.DOTALL)
INLINE = re.compile(
    r"<style\b|<script\b(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")"
    r"|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:",
    re.IGNORECASE,
)
FROM_OUTSIDE = re.compile(r"<(?:script|link|img|iframe)\b[^>]*(?:src|href)=\"(?:https?:)?//", re.I)


def committed():
    """Return every text file under version control."""
    git = shutil.which("git")
    assert git, "git is needed to know what is committed"
    names = subprocess.run(
        [git, "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def test_no_committed_file_names_a_registry_a_cdn_or_somebodys_machine():
    found = []
    for path in committed():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {hit.group()}" for hit in FORBIDDEN.finditer(text)]
    assert not found


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: "/".join(path.parts[-2:]))
def test_templates_have_no_inline_script_or_style(path: Path):
    text = COMMENT.sub("", path.read_text("utf-8"))
    assert not INLINE.findall(text), f"{path.name}: the security policy blocks inline code"
    assert not FROM_OUTSIDE.findall(text), f"{path.name}: everything is served from here"


def test_no_migration_is_missing():
    loader = MigrationLoader(None)
    with translation.override(None):  # as makemigrations does: in no language
        detector = MigrationAutodetector(
            loader.project_state(),
            ProjectState.from_apps(apps),
            NonInteractiveMigrationQuestioner(specified_apps=set(), dry_run=True),
        )
        changes = detector.changes(graph=loader.graph)
    assert not changes, f"run makemigrations for {sorted(changes)}"


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.stem)
def test_every_rule_of_a_style_sheet_is_closed_before_the_next_begins(path):
    text = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
    within = []
    for head, brace in re.findall(r"([^{}]*)([{}])", text):
        if brace == "}":
            assert within, f"closed twice near {head.strip()[:60]!r}"
            within.pop()
        else:
            assert all(it.startswith("@") for it in within), f"{head.strip()!r} within {within}"
            within.append(head.rpartition(";")[2].strip())
    assert not within, f"never closed: {within}"
