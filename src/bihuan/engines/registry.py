"""Which engines there are. Each is imported only when it is asked for."""

import importlib
from collections.abc import Callable
from typing import Any

from bihuan.engines.shape import BadProblem, Engine, Words

PACKAGES = {
    "greenpark": "bihuan.engines.greenpark",
    "matching": "bihuan.engines.matching",
    "path": "bihuan.engines.path",
    "routing": "bihuan.engines.routing",
    "storage": "bihuan.engines.storage",
}


def engine(name: str) -> Engine:
    """The engine of that name; BadProblem lists the names there are."""
    if name not in PACKAGES:
        known = ", ".join(PACKAGES)
        raise BadProblem(
            "engine", Words(f"{name!r} unknown; there are: {known}", f"无 {name!r}；可用：{known}")
        )
    found: Engine = importlib.import_module(PACKAGES[name]).ENGINE
    return found


def function(dotted: str) -> Callable[..., Any]:
    """The function that "module:name" names."""
    module, _, name = dotted.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return found
