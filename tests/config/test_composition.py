"""What the composition lists is whole: nothing declared is forgotten, nothing said twice."""

import importlib
from collections import Counter

import pytest
from django.utils import translation
from django_tasks.base import Task

from bihuan.config.composition import IMPORTERS, TASKS
from bihuan.sheets.rules import headers
from tests.architecture.house import SRC


def test_every_job_is_called_something_on_the_operators_page():
    modules = [f"bihuan.{path.parent.name}.tasks" for path in SRC.glob("*/tasks.py")]
    jobs = {
        it.module_path
        for module in map(importlib.import_module, modules)
        for it in vars(module).values()
        if isinstance(it, Task)
    }
    assert jobs == TASKS.keys()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("importer", IMPORTERS, ids=lambda it: it.code)
def test_a_heading_names_one_column(importer, language):
    """Of two columns with one heading the later would win, and nothing would say so."""
    with translation.override(language):
        named = Counter(key for column in importer.columns for key in set(headers.keys_of(column)))
    assert not [key for key, count in named.items() if count > 1]
