"""The one shape of every engine.

An engine takes an immutable checked problem and gives back a result:

    result = solve(problem, stop=Stop(max_runtime_s=30), seed=0, progress=print)

The result says what was found (`status`, `value`, `bound`, `gap`), whether it is
consistent with itself (`checks`), and why it is not better (`bindings`). Nothing here
knows what the engines compute, and nothing here knows the platform.
"""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, NamedTuple

import numpy as np


class Words(NamedTuple):
    """One sentence in both languages of the product. `str()` is the English one."""

    en: str
    zh: str

    def __str__(self) -> str:
        return self.en

    def text(self, language: str = "en") -> str:
        """The sentence in `language`: "zh", "zh-hans", ... or English for anything else."""
        return self.zh if language.lower().startswith("zh") else self.en


class BadProblem(ValueError):
    """The input cannot be computed on. `field` is its dotted name in the problem file.

    >>> raise BadProblem("storage.efficiency", Words("must be at most 1", "不得大于 1"))
    Traceback (most recent call last):
    ...
    bihuan.engines.shape.BadProblem: storage.efficiency: must be at most 1
    """

    def __init__(self, field: str, message: str | Words) -> None:
        self.field = field
        self.words = message if isinstance(message, Words) else Words(message, message)
        super().__init__(f"{field}: {self.words.en}" if field else self.words.en)

    def under(self, prefix: str) -> "BadProblem":
        """The same complaint, seen from the object which holds the field."""
        joint = "" if not self.field or self.field.startswith("[") else "."
        return type(self)(f"{prefix}{joint}{self.field}", self.words)

    def text(self, language: str = "en") -> str:
        said = self.words.text(language)
        return f"{self.field}: {said}" if self.field else said


class Status(StrEnum):
    """How a run ended."""

    OPTIMAL = "optimal"  # proven best, within the solver's tolerance
    FEASIBLE = "feasible"  # stopped before the proof; `gap` says how far it may be off
    SIMULATED = "simulated"  # a simulation that ran to its end: nothing to prove
    INFEASIBLE = "infeasible"  # proven: no solution; `bindings` say what conflicts
    UNBOUNDED = "unbounded"  # proven: the value has no limit, so the problem is wrong
    STOPPED = "stopped"  # stopped with nothing found

    @property
    def has_solution(self) -> bool:
        return self in (Status.OPTIMAL, Status.FEASIBLE, Status.SIMULATED)

    @property
    def is_final(self) -> bool:
        """More time would not change the answer."""
        return self not in (Status.FEASIBLE, Status.STOPPED)


STATUS_WORDS = {
    Status.OPTIMAL: Words("optimal: proven best", "最优：已证明为最佳"),
    Status.FEASIBLE: Words(
        "not proven best: figures are provisional, the gap says by how much",
        "未证明最优：数字为暂定，误差见差距",
    ),
    Status.SIMULATED: Words("simulated to the end", "仿真完成"),
    Status.INFEASIBLE: Words("no solution exists", "无可行解"),
    Status.UNBOUNDED: Words("the value has no limit: check the input", "目标无界：请检查输入"),
    Status.STOPPED: Words("stopped before anything was found", "停止时尚无任何解"),
}


SMALL = 10.0  # smaller values are told with four digits, not with two decimals
UNIT_WORDS = {
    "1": Words("", ""),
    "CNY": Words("CNY", "元"),
    "CNY/yr": Words("CNY/yr", "元/年"),
    "person-min of travel": Words("person-min of travel", "人·分钟（路程）"),
}


NO_BOUND = Words(
    "found by search: figures are provisional, a better answer may exist",
    "由搜索得到：数字为暂定，可能存在更优方案",
)


@dataclass(frozen=True, kw_only=True)
class Check:
    """A named property the result must have, and by how much it misses it.

    `residual` and `tolerance` are both in `unit`; use Check.of so that `ok` follows.
    """

    name: str
    ok: bool
    residual: float
    tolerance: float
    unit: str = ""

    @classmethod
    def of(cls, name: str, residual: float, tolerance: float, unit: str = "") -> "Check":
        """NaN fails."""
        size = abs(float(residual))
        return cls(name=name, ok=size <= tolerance, residual=size, tolerance=tolerance, unit=unit)


@dataclass(frozen=True, kw_only=True)
class Binding:
    """One reason why the answer is not better: what binds, and what relief is worth.

    `relief` is the gain of loosening it by one `per`, in `unit` (a shadow price), or
    None where only the fact is known ("12 needs fail only on clear height").
    """

    name: str
    words: Words
    relief: float | None = None
    unit: str = ""
    per: str = ""


@dataclass(frozen=True)
class Progress:
    """What a running engine tells its caller. `fraction` is None where unknowable."""

    engine: str
    stage: str
    fraction: float | None = None
    value: float | None = None
    bound: float | None = None
    elapsed_s: float = 0.0


OnProgress = Callable[[Progress], object]


def ignore(_: Progress) -> None:
    """The progress callback for callers who do not care."""


def never() -> bool:
    return False


@dataclass(frozen=True, kw_only=True)
class Stop:
    """When to stop: whichever comes first. Immutable, so it can be used again.

    The clock starts when the engine calls `begin()`, not when this is made.
    `cancelled` is asked from time to time and must be quick and thread-safe.
    """

    max_runtime_s: float = math.inf
    max_iterations: int | None = None
    gap: float = 0.0  # relative; good enough to stop
    cancelled: Callable[[], bool] = never

    def __post_init__(self) -> None:
        if not self.max_runtime_s > 0:
            raise BadProblem("stop.max_runtime_s", Words("must be above 0 s", "必须大于 0 秒"))
        if self.max_iterations is not None and self.max_iterations < 0:
            raise BadProblem("stop.max_iterations", Words("must be at least 0", "不得小于 0"))
        if not 0 <= self.gap < 1:
            raise BadProblem("stop.gap", Words("must be in [0, 1)", "必须在 [0, 1) 内"))

    @property
    def has_cancel(self) -> bool:
        return self.cancelled is not never

    def begin(self) -> "Watch":
        return Watch(self, time.perf_counter())


def MaxRuntime(seconds: float) -> Stop:  # noqa: N802 - reads as a criterion at the call
    return Stop(max_runtime_s=seconds)


def MaxIterations(iterations: int) -> Stop:  # noqa: N802
    return Stop(max_iterations=iterations)


@dataclass(frozen=True)
class Watch:
    """A `Stop` whose clock runs."""

    stop: Stop
    began: float

    @property
    def elapsed_s(self) -> float:
        return time.perf_counter() - self.began

    @property
    def remaining_s(self) -> float:
        """Seconds left, never below 0; infinite without a limit."""
        return max(0.0, self.stop.max_runtime_s - self.elapsed_s)

    def is_over(self, iterations: int = 0) -> bool:
        limit = self.stop.max_iterations
        return (
            (limit is not None and iterations >= limit)
            or self.elapsed_s >= self.stop.max_runtime_s
            or self.stop.cancelled()
        )


@dataclass(frozen=True, kw_only=True)
class Table:
    """Named columns of one length; a name ends in its unit (`power_mw`)."""

    name: str
    title: Words
    columns: Mapping[str, Sequence[Any] | np.ndarray]

    def __post_init__(self) -> None:
        lengths = {name: len(column) for name, column in self.columns.items()}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"table {self.name}: columns differ in length: {lengths}")

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def rows(self, start: int = 0, stop: int | None = None) -> list[tuple[Any, ...]]:
        return list(zip(*(column[start:stop] for column in self.columns.values()), strict=True))


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """What made a result, so that it can be made again."""

    engine: str
    version: str
    problem_sha256: str
    seed: int = 0
    solver: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    rules: tuple[str, ...] = ()  # ids of the dated rows that were used


@dataclass(frozen=True, kw_only=True)
class Result:
    """What every engine gives back; engines add their solution as further fields.

    `value` is the objective in `unit`, `bound` the best it could still be. Without a
    solution `value` is None, and figures of money must not be shown.
    """

    title: ClassVar[Words] = Words("Result", "结果")

    status: Status
    value: float | None
    unit: str
    bound: float | None
    runtime_s: float
    provenance: Provenance
    checks: tuple[Check, ...] = ()
    bindings: tuple[Binding, ...] = ()
    warnings: tuple[Words, ...] = ()

    @property
    def gap(self) -> float | None:
        """|value − bound| / |value|; 0 when both are 0; None where either is unknown."""
        if self.value is None or self.bound is None:
            return None
        miss = abs(self.value - self.bound)
        return 0.0 if miss == 0 else miss / max(abs(self.value), 1e-12)

    @property
    def is_ok(self) -> bool:
        """There is a solution and it passes every check."""
        return self.status.has_solution and all(check.ok for check in self.checks)

    @property
    def is_provisional(self) -> bool:
        """Figures need a mark: a better answer may exist, or a check failed."""
        return not (self.status.is_final and self.is_ok)

    def lines(self) -> list[Words]:
        """The engine's own sentences on a solution. Engines override this."""
        return []

    def tables(self) -> list[Table]:
        """The solution as tables. Engines override this."""
        return []

    def report(self, language: str = "en") -> str:
        """The result in plain words, one sentence a line."""
        unmeasured = self.status is Status.FEASIBLE and self.gap is None
        said = [self.title, NO_BOUND if unmeasured else STATUS_WORDS[self.status]]
        said += self._value_lines() + (self.lines() if self.status.has_solution else [])
        said += [
            Words(f"why not better: {b.words.en}", f"为何不能更好：{b.words.zh}")
            for b in self.bindings
        ]
        said += [Words(f"warning: {w.en}", f"注意：{w.zh}") for w in self.warnings]
        said += [_failed(check) for check in self.checks if not check.ok]
        return "\n".join(words.text(language) for words in said)

    def _value_lines(self) -> list[Words]:
        if self.value is None:
            return []
        number = f"{self.value:,.2f}" if abs(self.value) >= SMALL else f"{self.value:.4g}"
        unit = UNIT_WORDS.get(self.unit, Words(self.unit, self.unit))
        gap = Words("", "")
        if self.gap:
            gap = Words(f" (gap {self.gap:.3%})", f"（差距 {self.gap:.3%}）")
        return [
            Words(
                f"value: {number} {unit.en}".rstrip() + gap.en,
                f"目标值：{number} {unit.zh}".rstrip() + gap.zh,
            )
        ]


def _failed(check: Check) -> Words:
    size = f"{check.residual:.3g} > {check.tolerance:.3g} {check.unit}".rstrip()
    return Words(f"CHECK FAILED: {check.name}: {size}", f"校核未通过：{check.name}：{size}")


@dataclass(frozen=True, kw_only=True)
class Task:
    """One thing an engine does, as the command line and the pages see it.

    `run(problem, stop=, seed=, progress=)` computes. `picture` names, as
    "module:function", a function `draw(result, language)` which returns a matplotlib
    Figure; it is imported only when asked for (see bihuan.engines.picture).
    """

    problem: type[Any]
    run: Callable[..., Result]
    title: Words
    picture: str = ""


@dataclass(frozen=True, kw_only=True)
class Engine:
    """What an engine's package exports as ENGINE.

    A problem file says `task = "<key>"`; the first task is meant where it does not. `files`
    are others it reads: the suffix, and the task and "module:function" that reads them.
    """

    name: str
    title: Words
    tasks: Mapping[str, Task]
    files: Mapping[str, tuple[str, str]] = field(default_factory=dict)
