"""What the import contracts cannot say: rules.py may translate, and knows no more of Django."""

import ast

import pytest

from tests.architecture.house import imported, ours, parse

ALLOWED_OF_DJANGO = ("django.utils.translation", "django.utils.functional")
NO_CLOCK = {"now", "today", "utcnow", "time", "localtime", "localdate"}
RULES = [path for path in ours() if "rules" in (path.stem, path.parent.name)]


@pytest.mark.parametrize("path", RULES, ids=lambda path: "/".join(path.parts[-2:]))
def test_rules_know_no_database_request_or_settings(path):
    foreign = [
        name
        for name in imported(path)
        if name.startswith("django") and not name.startswith(ALLOWED_OF_DJANGO)
    ]
    assert not foreign, f"{path}: rules.py is pure; it imports {foreign}"


@pytest.mark.parametrize("path", RULES, ids=lambda path: "/".join(path.parts[-2:]))
def test_rules_read_no_clock(path):
    calls = [
        node.lineno
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in NO_CLOCK
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"datetime", "date", "time", "timezone"}
    ]
    assert not calls, f"{path} asks the clock at lines {calls}; pass the time in"
