"""Where a result comes from."""

import hashlib
from dataclasses import fields, is_dataclass
from typing import Any

import bihuan
from bihuan.engines import wire
from bihuan.engines.series import Series
from bihuan.engines.shape import Provenance


def provenance(
    problem: Any, seed: int, rules: tuple[str, ...] = (), solver: str = ""
) -> Provenance:
    """Engine, version and a digest of the problem.

    Series go into the digest by their bytes: a year at 1 s as text would take longer
    than its simulation.
    """
    digest = hashlib.sha256()
    _feed(digest, problem)
    return Provenance(
        engine="storage",
        version=bihuan.__version__,
        problem_sha256=digest.hexdigest(),
        seed=seed,
        solver=solver,
        rules=rules,
    )


def _feed(digest: Any, value: Any) -> None:
    if isinstance(value, Series):
        digest.update(f"{value.start.isoformat()}|{value.step_s}|{value.unit}|".encode())
        digest.update(value.values)
    elif is_dataclass(value):
        digest.update(type(value).__name__.encode())
        for field in fields(value):
            digest.update(f"|{field.name}=".encode())
            _feed(digest, getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            _feed(digest, item)
            digest.update(b",")
    else:
        digest.update(wire.to_json(value).encode())
