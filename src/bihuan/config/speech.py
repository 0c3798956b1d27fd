"""The command line's language, known before anything else is loaded.

--lang wins over BIHUAN_LANG, that over the terminal's own LC_ALL, LC_MESSAGES and LANG.
"""

import gettext as catalogues
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"
SPOKEN = ("zh", "en")


def language_of(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """Return "zh" or "en": what --lang or the environment asks for."""
    for word, following in zip(arguments, [*arguments[1:], ""], strict=True):
        asked = following if word == "--lang" else word.removeprefix("--lang=")
        if word.startswith("--lang") and asked in SPOKEN:
            return asked
    for name in ("BIHUAN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environment.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    return "zh"


LANGUAGE = language_of(sys.argv, os.environ)
_catalogue = (
    catalogues.translation("django", LOCALE, ["zh_Hans"], fallback=True)
    if LANGUAGE == "zh"
    else catalogues.NullTranslations()
)
gettext = _catalogue.gettext

# The library that reads the command line says its own sentences in the same language.
os.environ["LANGUAGE"] = "zh_Hans" if LANGUAGE == "zh" else "C"
catalogues.bindtextdomain("django", str(LOCALE))
catalogues.textdomain("django")
