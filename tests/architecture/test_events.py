"""Everything the ledger records has words."""

import ast
import re

from bihuan.config.events import SUBJECTS
from bihuan.core.composition import listed
from tests.architecture.house import SRC, ours, parse
from tests.conftest import EVENTS_TOLD

RECORDED = ("actions", "importers")


def recorded() -> dict[str, str]:
    """Return every literal noun.past_verb that an action hands to the ledger, and where."""
    found = {}
    for path in ours():
        if not set(RECORDED) & {path.stem, *path.relative_to(SRC).parts}:
            continue
        if "bihuan.ledger" not in path.read_text("utf-8"):
            continue
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.Call):
                for kind in _kinds(node):
                    found[kind] = str(path.relative_to(SRC))
    return found


def _kinds(call: ast.Call) -> list[str]:
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    given = [word.value for word in call.keywords if word.arg == "kind"]
    if name == "Entry" or name.startswith("_"):
        given += call.args[:2]
    return [
        value.value
        for value in given
        if isinstance(value, ast.Constant)
        and isinstance(value.value, str)
        and re.fullmatch(r"[a-z_]+(\.[a-z_]+)+", value.value)
    ]


def test_every_kind_of_event_has_words():
    words = dict(listed("EVENTS"))
    silent = {kind: where for kind, where in recorded().items() if kind not in words}
    assert recorded(), "the search has gone blind"
    assert not silent, f"give these words in config/events.py: {silent}"


def test_every_kind_of_event_is_described_for_those_who_read_a_bundle():
    assert EVENTS_TOLD.keys() == dict(listed("EVENTS")).keys()
    for kind in listed("KINDS"):
        for rule in kind.moves:
            wanted = {"number", "move", "from", "to", *(it.name for it in rule.inputs)}
            assert EVENTS_TOLD[f"case.{rule.past}"] == wanted, rule.past


def test_every_move_of_a_case_has_words():
    words = dict(listed("EVENTS"))
    assert all(f"case.{rule.past}" in words for kind in listed("KINDS") for rule in kind.moves)


def test_what_events_are_about_is_listed_once():
    sorts = [sort for sort, _label, _page in SUBJECTS]
    assert len(sorts) == len(set(sorts))
