"""The command line speaks the language it is asked for."""

import os
import subprocess
import sys

import pytest

from bihuan.config.speech import language_of


@pytest.mark.parametrize(
    ("arguments", "environment", "language"),
    [
        (["bihuan"], {}, "zh"),
        (["bihuan"], {"LANG": "zh_CN.UTF-8"}, "zh"),
        (["bihuan"], {"LANG": "en_US.UTF-8"}, "en"),
        (["bihuan"], {"LANG": "C.UTF-8"}, "en"),
        (["bihuan"], {"LC_ALL": "zh_CN.UTF-8", "LANG": "en_US.UTF-8"}, "zh"),
        (["bihuan"], {"BIHUAN_LANG": "en", "LC_ALL": "zh_CN.UTF-8"}, "en"),
        (["bihuan", "--lang", "zh", "doctor"], {"LANG": "en_US.UTF-8"}, "zh"),
        (["bihuan", "--lang=en", "doctor"], {"LANG": "zh_CN.UTF-8"}, "en"),
        (["bihuan", "--lang"], {"LANG": "en_US.UTF-8"}, "en"),
    ],
)
def test_the_language_asked_for_last_wins(arguments, environment, language):
    assert language_of(arguments, environment) == language


@pytest.mark.parametrize(("language", "word"), [("zh", "用法："), ("en", "Usage:")])
def test_help_is_in_that_language(language, word):
    command = [sys.executable, "-m", "bihuan.config.cli", "--lang", language, "--help"]
    done = subprocess.run(
        command,
        env=os.environ | {"PYTHONPATH": "src"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(word)
