"""Problems: frozen dataclasses whose fields carry their unit, meaning and limits.

    @dataclass(frozen=True, kw_only=True)
    class Battery(Problem):
        power_mw: float = quantity("rated power at the bus", "MW", low=0, high=5000)
        round_trip: float = quantity("round-trip efficiency", "1", above=0, high=1)

        def check(self) -> None:  # what concerns several fields
            ...

A wrong value raises BadProblem naming the field when the object is made, so no engine
ever computes on it. `bihuan.engines.wire` writes and reads the same classes as JSON and
TOML and publishes their schema from the same metadata.
"""

import dataclasses
import enum
import math
import numbers
import types
import typing
from typing import Any, ClassVar, Self

import numpy as np

from bihuan.engines.shape import BadProblem, Words

MISSING = dataclasses.MISSING
UNIONS = (None, typing.Union, types.UnionType)  # a plain class, or one of some


def quantity(
    doc: str,
    unit: str = "",
    *,
    low: float | None = None,
    high: float | None = None,
    above: float | None = None,
    hint: Words | str = "",
    default: Any = MISSING,
    default_factory: Any = MISSING,
) -> Any:
    """A field with its meaning, unit and limits: low ≤ x ≤ high, x > above.

    `hint` is added to the message when a limit is broken ("was it given in kW?").
    Limits hold for numbers, for each number of a tuple, and for the values of a Series.
    """
    metadata = {"doc": doc, "unit": unit, "low": low, "high": high, "above": above, "hint": hint}
    if default_factory is not MISSING:
        return dataclasses.field(default_factory=default_factory, metadata=metadata)
    if default is not MISSING:
        return dataclasses.field(default=default, metadata=metadata)
    return dataclasses.field(metadata=metadata)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Problem:
    """Base of every problem and part of one: checked when made, never changed."""

    _known_choices: ClassVar[dict[str, Any]] = {}

    def __post_init__(self) -> None:
        for name, choices in self._choices().items():
            object.__setattr__(self, name, _chosen(name, getattr(self, name), choices))
        for item in dataclasses.fields(self):
            if item.metadata:
                check_limits(item.name, getattr(self, item.name), **_limits(item.metadata))
        self.check()

    @classmethod
    def _choices(cls) -> dict[str, Any]:
        """The fields that hold one of an enumeration, and which; looked up once for a class."""
        if "_known_choices" not in cls.__dict__:
            cls._known_choices = {
                name: kind
                for name, hint in typing.get_type_hints(cls).items()
                for kind in (hint, *typing.get_args(hint))
                if isinstance(kind, enum.EnumType) and typing.get_origin(hint) in UNIONS
            }
        return cls._known_choices

    def check(self) -> None:
        """Raise BadProblem where fields contradict each other."""

    def replace(self, **changes: Any) -> Self:
        """A checked copy with some fields changed."""
        return dataclasses.replace(self, **changes)


def _chosen(field: str, value: Any, choices: Any) -> Any:
    """The member that a plain word names, so that "net" and Headroom.NET are the same."""
    if value is None or isinstance(value, choices):
        return value
    try:
        return choices(value)
    except ValueError as problem:
        known = ", ".join(str(member.value) for member in choices)
        raise BadProblem(
            field, Words(f"{value!r} unknown; one of: {known}", f"无 {value!r}；可用：{known}")
        ) from problem


def _limits(metadata: Any) -> dict[str, Any]:
    return {name: metadata.get(name) for name in ("unit", "low", "high", "above", "hint")}


def check_limits(
    field: str,
    value: Any,
    *,
    unit: str = "",
    low: float | None = None,
    high: float | None = None,
    above: float | None = None,
    hint: Words | str = "",
) -> None:
    """Raise BadProblem unless every number in `value` is finite and within its limits."""
    values = _numbers(value)
    if values is None or values.size == 0:
        return
    if not np.all(np.isfinite(values)):
        where = _place(field, values, ~np.isfinite(values))
        raise BadProblem(
            where, Words("is not a finite number (NaN or infinite)", "不是有限数（NaN 或无穷）")
        )
    for limit, bad, en, zh in (
        (low, values < (low if low is not None else -math.inf), "at least", "不得小于"),
        (high, values > (high if high is not None else math.inf), "at most", "不得大于"),
        (above, values <= (above if above is not None else -math.inf), "above", "必须大于"),
    ):
        if limit is not None and bool(np.any(bad)):
            worst = float(values[int(np.argmax(bad))])
            tip = _tip(hint, unit, worst, high)
            unit = "" if unit == "1" else f" {unit}".rstrip()
            raise BadProblem(
                _place(field, values, bad),
                Words(
                    f"is {worst:g}{unit}; must be {en} {limit:g}{unit}. {tip.en}".strip(),
                    f"为 {worst:g}{unit}，{zh} {limit:g}{unit}。{tip.zh}",
                ),
            )


PER_CENT = Words("Was it given in per cent?", "是否误填为百分数？")


def _tip(hint: Words | str, unit: str, worst: float, high: float | None) -> Words:
    """What may have gone wrong: the field's own hint, or the usual slip with a share."""
    if not hint and unit == "1" and high is not None and high <= 1 and 2 <= worst <= 100:
        return PER_CENT
    return hint if isinstance(hint, Words) else Words(hint, hint)


def _place(field: str, values: np.ndarray, bad: np.ndarray) -> str:
    return field if values.size == 1 else f"{field}[{int(np.argmax(bad))}]"


def _numbers(value: Any) -> np.ndarray | None:
    """The numbers inside a value, or None where it holds none."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return None
    if isinstance(value, numbers.Real):
        return np.array([float(value)])
    if isinstance(value, np.ndarray):
        return np.asarray(value, dtype=float).ravel()
    inner = getattr(value, "values", None)
    if isinstance(inner, np.ndarray):
        return inner.ravel()
    if isinstance(value, tuple) and value and all(isinstance(v, numbers.Real) for v in value):
        return np.array(value, dtype=float)
    return None
