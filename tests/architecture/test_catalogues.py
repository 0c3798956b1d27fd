"""Every string that people read is there in Chinese."""

import ast
import re
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader

import pytest
from django.utils import translation

from bihuan.ui import borrowed
from tests.architecture.house import ROOT, SRC, inside, ours, parse

loader = SourceFileLoader("messages", str(ROOT / "scripts" / "messages"))
messages = module_from_spec(spec_from_loader("messages", loader))
loader.exec_module(messages)

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
GETTEXT = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext"}


def translated(app):
    """Return the translated messages of an app's catalogue."""
    return [message for message in messages.existing(app) if message.id and any(message.string)]


@pytest.mark.parametrize("app", messages.apps(), ids=lambda app: app.name)
def test_every_string_is_translated(app):
    waiting = list(messages.untranslated(app))
    assert not waiting, f"{app.name}: run `make messages`, then translate {waiting}"


@pytest.mark.parametrize("app", messages.apps(), ids=lambda app: app.name)
def test_translations_keep_the_placeholders(app):
    for message in translated(app):
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        wanted = set(PLACEHOLDER.findall(ids[-1]))
        for text in strings:
            assert set(PLACEHOLDER.findall(text)) == wanted, f"{ids[0]!r} -> {text!r}"


def clicks_of_the_guide():
    """Return what the guide tells officers to click: 点“修改”, 选“排查走访 → 启动排查”."""
    text = "\n".join(page.read_text("utf-8") for page in sorted((ROOT / "docs/guide").glob("*.md")))
    found = re.findall(r"[点选]“([^”]+)”", text)
    return sorted({label.strip() for words in found for label in words.split("→")})


def test_what_libraries_say_is_said_in_our_words():
    ours_of = {it.id: it.string for it in translated(SRC / "ui")}
    with translation.override("zh-hans"):
        said = {sentence: translation.gettext(sentence) for sentence in borrowed.SENTENCES}
    assert said == {sentence: ours_of[sentence] for sentence in borrowed.SENTENCES}


CHINESE = [
    text
    for app in messages.apps()
    for message in translated(app)
    for text in (message.string if isinstance(message.string, tuple) else (message.string,))
]


@pytest.mark.parametrize("label", clicks_of_the_guide())
def test_what_the_guide_tells_people_to_click_is_on_some_page(label):
    in_scripts = (SRC / "ui/static/ui/words.js").read_text("utf-8")
    assert label in in_scripts or any(label in text for text in CHINESE)


def calls_of_gettext(path):
    for node in ast.walk(parse(path)):
        named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if named and node.args and node.func.id in GETTEXT:
            yield node


@pytest.mark.parametrize("path", ours(), ids=inside)
def test_strings_are_written_so_that_they_can_be_translated(path):
    for call in calls_of_gettext(path):
        first = call.args[0]
        where = f"{inside(path)}:{call.lineno}"
        assert not isinstance(first, ast.JoinedStr), f"{where}: an f-string is never found"
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            unnamed = re.findall(r"%[sd]|\{\}", first.value)
            assert len(unnamed) < 2, f"{where}: name the placeholders, their order may change"


def test_one_string_is_said_one_way_everywhere():
    """Django lays the catalogues over each other: the last app's word would win in all."""
    said = {}
    for app in messages.apps():
        for message in translated(app):
            ids = message.id if isinstance(message.id, tuple) else (message.id,)
            said.setdefault((message.context, ids[0]), {}).setdefault(
                str(message.string), []
            ).append(app.name)
    different = {key: words for key, words in said.items() if len(words) > 1}
    assert not different, "make them equal, or tell them apart with pgettext"
