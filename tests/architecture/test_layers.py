"""What import contracts cannot see: foreign keys by name, who may write, and who says when."""

import ast

import pytest
from django.apps import apps
from django.db import models

from tests.architecture.house import HEIGHT, SRC, inside, ours, parse

MODELS = [model for model in apps.get_models() if model.__module__.startswith("bihuan.")]
WRITES = {
    "save",
    "asave",
    "delete",
    "create",
    "acreate",
    "update",
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
}
FRONT_DOOR = {"models", "actions", "queries", "rules", "permissions", "importers", "tables"}
OPEN_HOUSES = {"core", "ui", "engines"}  # packages of small modules, each meant for others
LONGEST_FILE = 400

# Writes outside of actions that are none, or may be: (module, method) -> why.
NO_WRITE = {
    ("core/stored.py", "save"): "bytes go into the store, no row into a table",
    ("core/stored.py", "delete"): "bytes that are cut off, or there already, leave the store",
    ("files/rules.py", "save"): "a picture is written into memory",
    ("demo/pictures.py", "save"): "a picture is written into memory",
    ("demo/build.py", "update"): "one password for all made-up people, hashed once",
    ("safety/panels/word.py", "save"): "a document is written into memory",
}

# What stands among the actions and writes nothing: (module, function) -> why.
NO_ACTION = {
    ("jobs/actions.py", "holding"): "marks a job as held by this thread, for fence()",
}


def name_of(model):
    return model._meta.label


def app_of(model):
    return model.__module__.split(".")[1]


@pytest.mark.parametrize("model", MODELS, ids=name_of)
def test_foreign_keys_point_down_and_leave_nothing_behind(model):
    for field in model._meta.get_fields():
        target = field.related_model
        if not (field.is_relation and field.concrete) or target not in MODELS:
            continue
        if app_of(target) == app_of(model):
            continue
        assert HEIGHT[app_of(target)] < HEIGHT[app_of(model)], f"{field} points up"
        assert field.remote_field.hidden, f'{field} needs related_name="+"'


# Who did it may be unknown although the time is not: field -> why.
UNKNOWN_WHO = {
    "cases.Case.found_by": "history that was imported names finders who have no account",
    "files.StoredFile.received_by": "the system keeps what it prints under its own name",
}


def paired_fields(model):
    """Yield (by, at) for each field that says which person did it, with the one that says when."""
    fields = {field.name: field for field in model._meta.get_fields() if field.concrete}
    for name, field in fields.items():
        if name.endswith("_by") and field.is_relation:
            yield field, fields.get(f"{name.removesuffix('_by')}_at")


def speaks_of_both(model, by, at):
    """Say whether a check constraint of the model names both fields."""
    conditions = [
        str(constraint.condition)
        for constraint in model._meta.constraints
        if isinstance(constraint, models.CheckConstraint)
    ]
    return any(by.name in text and at.name in text for text in conditions)


@pytest.mark.parametrize("model", MODELS, ids=name_of)
def test_who_and_when_come_in_pairs(model):
    for by, at in paired_fields(model):
        if str(by) in UNKNOWN_WHO:
            continue
        assert at is not None, f"{by} says who, and nothing says when"
        assert by.null == at.null, f"{by} and {at} must both be optional or neither"
        if by.null:
            assert speaks_of_both(model, by, at), f"{by} and {at} need a constraint: both or none"


def test_the_list_of_unknown_hands_is_not_stale():
    unpaired = {
        str(by)
        for model in MODELS
        for by, at in paired_fields(model)
        if at is not None and by.null and not at.null
    }
    assert unpaired == UNKNOWN_WHO.keys()


def writes_of(path):
    """Return (line, method) of each call in a module that looks like a write."""
    return [
        (node.lineno, node.func.attr)
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in WRITES
    ]


def may_write(path):
    place = path.relative_to(SRC)
    names = {path.stem, *place.parts}
    return bool({"actions", "models", "engines"} & names)


@pytest.mark.parametrize("path", [p for p in ours() if not may_write(p)], ids=inside)
def test_only_actions_write(path):
    calls = [
        (line, method) for line, method in writes_of(path) if (inside(path), method) not in NO_WRITE
    ]
    assert not calls, f"{inside(path)} writes at {calls}; call an action"


def test_the_list_of_what_is_no_write_is_not_stale():
    there = {(inside(path), method) for path in ours() for _line, method in writes_of(path)}
    assert NO_WRITE.keys() <= there, f"stale: {NO_WRITE.keys() - there}"


def actions():
    """Return (module, function) of every action."""
    modules = [
        p
        for p in ours()
        if "actions" in (p.stem, p.parent.name)
        and "engines" not in p.parts
        and (p.stem == "__init__" or not p.stem.startswith("_"))  # _writing.py: their tools
    ]
    return [
        (path, node)
        for path in modules
        for node in parse(path).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]


@pytest.mark.parametrize(
    ("path", "function"), actions(), ids=lambda value: getattr(value, "name", "") and value.name
)
def test_actions_say_who_and_when(path, function):
    if (inside(path), function.name) in NO_ACTION:
        return
    names = {argument.arg for argument in function.args.kwonlyargs}
    assert not function.args.args, f"{inside(path)}: {function.name} takes positional arguments"
    assert {"by", "at"} <= names, f"{inside(path)}: {function.name} must take by= and at="


def test_the_list_of_what_is_no_action_is_not_stale():
    there = {(inside(path), function.name) for path, function in actions()}
    assert NO_ACTION.keys() <= there, f"stale: {NO_ACTION.keys() - there}"


@pytest.mark.parametrize(
    ("path", "function"), actions(), ids=lambda value: getattr(value, "name", "")
)
def test_actions_say_what_they_do(path, function):
    assert ast.get_docstring(function), f"{inside(path)}: {function.name} has no docstring"


@pytest.mark.parametrize("path", ours(), ids=inside)
def test_files_stay_small(path):
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_FILE


def reached(path):
    """Yield (app, module) for each thing a module imports from an app."""
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("bihuan."):
            _, app, *rest = node.module.split(".")
            for name in rest[:1] or [alias.name for alias in node.names]:
                yield app, name


@pytest.mark.parametrize("path", ours(), ids=inside)
def test_apps_meet_at_their_front_door(path):
    home = path.relative_to(SRC).parts[0]
    if home == "config":
        return
    for app, name in reached(path):
        if app not in {home, *OPEN_HOUSES}:
            assert name in FRONT_DOOR, f"{inside(path)} reaches into {app}.{name}"
