"""The quick starts in the documentation run as they are printed."""

import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs" / "develop"
BLOCKS = re.findall(r"```python\n(.*?)```", (DOCS / "engines.md").read_text(encoding="utf-8"), re.S)


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_the_code_runs(block, capsys):
    exec(compile(block, "engines.md", "exec"), {"__name__": "engines_md"})
    assert "feasible" not in capsys.readouterr().out


def test_every_switch_of_the_rules_is_documented():
    page = (DOCS / "greenpark.md").read_text(encoding="utf-8")
    for name in ("reading_2030", "reading_generation", "reading_consumption", "reading_losses"):
        assert f"`{name}`" in page
