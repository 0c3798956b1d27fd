"""The quick starts in the documentation run as they are printed."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs" / "develop"
PAGES = ("engines", "storage", "greenpark", "matching", "path", "routing")
BLOCKS = {
    f"{page} {number}": block
    for page in PAGES
    for number, block in enumerate(
        re.findall(r"```python\n(.*?)```", (DOCS / f"{page}.md").read_text("utf-8"), re.S)
    )
}


@pytest.mark.parametrize("name", BLOCKS)
def test_the_code_runs(name, capsys):
    exec(compile(BLOCKS[name], name, "exec"), {"__name__": "page"})
    assert "infeasible" not in capsys.readouterr().out


def test_every_switch_of_the_rules_is_documented():
    page = (DOCS / "greenpark.md").read_text(encoding="utf-8")
    for name in ("reading_2030", "reading_generation", "reading_consumption", "reading_losses"):
        assert f"`{name}`" in page
