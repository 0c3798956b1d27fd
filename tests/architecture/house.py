"""The floor plan, as the guards read it."""

import ast
import tomllib
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "bihuan"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
CONTRACTS = {c["id"]: c for c in PYPROJECT["tool"]["importlinter"]["contracts"]}
HEIGHT = {
    name.strip(): height
    for height, line in enumerate(reversed(CONTRACTS["apps"]["layers"]))
    for name in line.split("|")
}


@cache
def ours() -> list[Path]:
    """Return every module of the product, migrations left out."""
    return sorted(p for p in SRC.rglob("*.py") if "migrations" not in p.parts)


@cache
def parse(path: Path) -> ast.Module:
    """Return the syntax tree of a module."""
    return ast.parse(path.read_text("utf-8"))


def imported(path: Path) -> set[str]:
    """Return the full names that a module imports."""
    names = set()
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def inside(path: Path) -> str:
    """Return a module's place below the package, as the guards name it."""
    return str(path.relative_to(SRC))
