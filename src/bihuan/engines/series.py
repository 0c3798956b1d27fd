"""Time series that cannot be confused: start, step, unit and values, immutable.

Value i is the mean over [start + i·step, start + (i+1)·step): intervals are named by
their beginning. Times are Beijing time (UTC+8, no summer time); a naive datetime means
that. Series that are used together must have the same start, step and length; nothing is
filled, dropped, resampled or paired by position.
"""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import numpy as np

from bihuan.engines import csv_columns
from bihuan.engines.shape import BadProblem, Words

BEIJING = dt.timezone(dt.timedelta(hours=8), "Asia/Shanghai")
DAY_S = 86_400


@dataclass(frozen=True, kw_only=True, eq=False)
class Series:
    """`values[i]`, in `unit`, holds from `start + i·step_s` for `step_s` seconds."""

    start: dt.datetime
    step_s: int
    unit: str
    values: np.ndarray

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", beijing(self.start))
        if type(self.step_s) is not int or self.step_s <= 0:
            raise BadProblem(
                "step_s", Words("must be whole seconds above 0", "必须是大于 0 的整秒数")
            )
        values = np.array(self.values, dtype=np.float64)
        if values.ndim != 1 or values.size == 0:
            raise BadProblem("values", Words("must be a list of numbers", "必须是数字列表"))
        if not np.all(np.isfinite(values)):
            at = int(np.argmin(np.isfinite(values)))
            when = self.start + dt.timedelta(seconds=at * self.step_s)
            raise BadProblem(
                f"values[{at}]",
                Words(
                    f"is not a finite number, at {when:%Y-%m-%d %H:%M}",
                    f"不是有限数，时刻 {when:%Y-%m-%d %H:%M}",
                ),
            )
        values.setflags(write=False)
        object.__setattr__(self, "values", values)

    def __len__(self) -> int:
        return len(self.values)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Series)
            and (self.start, self.step_s, self.unit) == (other.start, other.step_s, other.unit)
            and np.array_equal(self.values, other.values)
        )

    __hash__ = None  # type: ignore[assignment]

    @property
    def hours(self) -> float:
        """The length of one step, in hours: power_mw · hours = energy_mwh."""
        return self.step_s / 3600

    @property
    def end(self) -> dt.datetime:
        """The end of the last interval."""
        return self.start + dt.timedelta(seconds=self.step_s * len(self))

    def times(self) -> list[dt.datetime]:
        """The beginning of each interval."""
        step = dt.timedelta(seconds=self.step_s)
        return [self.start + i * step for i in range(len(self))]

    def with_values(self, values: np.ndarray, unit: str | None = None) -> Self:
        """The same times with other values; another length raises."""
        if len(values) != len(self):
            raise BadProblem(
                "values",
                Words(
                    f"{len(values)} values for {len(self)} steps",
                    f"{len(self)} 个时段却有 {len(values)} 个数值",
                ),
            )
        return type(self)(
            start=self.start, step_s=self.step_s, unit=unit or self.unit, values=values
        )

    def mean_over(self, step_s: int) -> Self:
        """Means over longer steps: energy is kept. The new step must divide into whole ones."""
        ratio, rest = divmod(step_s, self.step_s)
        if rest or ratio < 1 or len(self) % ratio:
            raise BadProblem(
                "step_s",
                Words(
                    f"{len(self)} steps of {self.step_s} s do not make whole steps of {step_s} s",
                    f"{len(self)} 个 {self.step_s} 秒时段无法合成整数个 {step_s} 秒时段",
                ),
            )
        means = self.values.reshape(-1, ratio).mean(axis=1)
        return type(self)(start=self.start, step_s=step_s, unit=self.unit, values=means)

    def between(self, first: int, stop: int) -> Self:
        """Steps first..stop-1 as a series of their own."""
        start = self.start + dt.timedelta(seconds=first * self.step_s)
        return type(self)(
            start=start, step_s=self.step_s, unit=self.unit, values=self.values[first:stop]
        )

    @classmethod
    def from_points(
        cls,
        times: Sequence[dt.datetime],
        values: Sequence[float] | np.ndarray,
        unit: str,
        *,
        labels: str = "start",
    ) -> Self:
        """A series from a table of points, refused unless evenly spaced and complete.

        `labels="end"` is for tables which name intervals by their end (00:15 … 24:00).
        """
        if labels not in ("start", "end"):
            raise BadProblem(
                "labels", Words(f"is {labels!r}; start or end", f"为 {labels!r}，须为 start 或 end")
            )
        stamps = [beijing(time) for time in times]
        if len(stamps) != len(values):
            raise BadProblem(
                "times",
                Words(
                    f"{len(stamps)} times for {len(values)} values",
                    f"{len(stamps)} 个时刻、{len(values)} 个数值",
                ),
            )
        step_s = _even_step(stamps)
        start = stamps[0] - dt.timedelta(seconds=step_s) if labels == "end" else stamps[0]
        return cls(start=start, step_s=step_s, unit=unit, values=np.asarray(values, float))

    # --- the written form, used by bihuan.engines.wire ---

    @classmethod
    def from_plain(cls, data: Any, base: Path | None = None) -> Self:
        """From {start, step_s, unit, values}, or {csv, column, unit} with the file's own times.

        A CSV file has a header, a column `time` (ISO format) and one column for each
        series; its path is relative to the problem file. `labels = "end"` as in from_points.
        """
        if isinstance(data, cls):
            return data
        if not isinstance(data, dict):
            raise BadProblem(
                "", Words("must be a table describing a series", "必须是描述时间序列的表")
            )
        if "csv" in data:
            return cls._from_csv(data, base)
        missing = {"start", "step_s", "unit", "values"} - data.keys()
        unknown = data.keys() - {"start", "step_s", "unit", "values"}
        if missing or unknown:
            raise BadProblem(
                ", ".join(sorted(missing or unknown)),
                Words("missing in the series", "时间序列缺少此项")
                if missing
                else Words("unknown in a series", "时间序列无此项"),
            )
        return cls(
            start=_moment(data["start"]),
            step_s=data["step_s"],
            unit=data["unit"],
            values=_numbers(data["values"]),
        )

    @classmethod
    def _from_csv(cls, data: dict[str, Any], base: Path | None) -> Self:
        given = {"time": "time", "labels": "start"} | data
        unknown = given.keys() - {"csv", "column", "unit", "time", "labels"}
        if unknown:
            raise BadProblem(min(unknown), Words("unknown in a series", "时间序列无此项"))
        lost = {"column", "unit"} - given.keys()
        if lost:
            raise BadProblem(min(lost), Words("missing in the series", "时间序列缺少此项"))
        for name, value in given.items():
            if not isinstance(value, str):
                raise BadProblem(
                    name, Words(f"is {value!r}; must be text", f"为 {value!r}，须为文本")
                )
        times, values = csv_columns.read(
            (base or Path()) / given["csv"], time=given["time"], column=given["column"]
        )
        return cls.from_points(times, values, given["unit"], labels=given["labels"])

    def plain(self) -> dict[str, Any]:
        return {
            "start": self.start.isoformat(),
            "step_s": self.step_s,
            "unit": self.unit,
            "values": self.values.tolist(),
        }

    def fingerprint(self) -> dict[str, Any]:
        """Stands for the series in the identity of a problem."""
        told = hashlib.sha256(self.values.astype("<f8").tobytes()).hexdigest()
        start = self.start.isoformat()
        return {"start": start, "step_s": self.step_s, "unit": self.unit, "sha256": told}

    @classmethod
    def schema(cls) -> dict[str, Any]:
        text, number = {"type": "string"}, {"type": "number"}
        inline = {
            "type": "object",
            "required": ["start", "step_s", "unit", "values"],
            "additionalProperties": False,
            "properties": {
                "start": {"type": "string", "format": "date-time"},
                "step_s": {"type": "integer", "exclusiveMinimum": 0},
                "unit": text,
                "values": {"type": "array", "items": number, "minItems": 1},
            },
        }
        file = {
            "type": "object",
            "required": ["csv", "column", "unit"],
            "additionalProperties": False,
            "properties": {
                "csv": text,
                "column": text,
                "unit": text,
                "time": text,
                "labels": {"enum": ["start", "end"]},
            },
        }
        return {"oneOf": [inline, file]}


def _moment(value: Any) -> dt.datetime:
    if isinstance(value, dt.datetime):
        return value
    try:
        return csv_columns.moment(str(value))
    except ValueError as problem:
        raise BadProblem(
            "start",
            Words(
                f"is {value!r}; write a time such as 2026-07-01T00:00+08:00",
                f"为 {value!r}，应为时刻，如 2026-07-01T00:00+08:00",
            ),
        ) from problem


def _numbers(values: Any) -> np.ndarray:
    try:
        return np.asarray(values, dtype=float)
    except (OverflowError, TypeError, ValueError) as problem:
        raise BadProblem(
            "values", Words("must be a list of numbers", "必须是数字列表")
        ) from problem


def beijing(time: dt.datetime) -> dt.datetime:
    """The moment in Beijing time; a naive datetime is taken to be in it already."""
    return time.replace(tzinfo=BEIJING) if time.tzinfo is None else time.astimezone(BEIJING)


def _even_step(stamps: Sequence[dt.datetime]) -> int:
    """The common step in seconds, or BadProblem naming the first row that breaks it."""
    if len(stamps) < 2:
        raise BadProblem("times", Words("at least two times are needed", "至少需要两个时刻"))
    step = stamps[1] - stamps[0]
    for row, (before, after) in enumerate(pairwise(stamps), start=1):
        if after - before != step or step <= dt.timedelta(0):
            raise BadProblem(f"times[{row}]", _uneven(before, after, step))
    seconds = step.total_seconds()
    if seconds != int(seconds):
        raise BadProblem("times", Words("the step is not whole seconds", "步长不是整秒"))
    return int(seconds)


def _uneven(before: dt.datetime, after: dt.datetime, step: dt.timedelta) -> Words:
    gap = after - before
    at = f"{after:%Y-%m-%d %H:%M:%S}"
    if gap == dt.timedelta(0):
        return Words(f"{at} appears twice", f"{at} 重复出现")
    if gap < dt.timedelta(0):
        return Words(f"{at} goes back in time", f"{at} 时间倒退")
    if step > dt.timedelta(0) and gap % step == dt.timedelta(0):
        lost = gap // step - 1
        return Words(f"{lost} step(s) missing before {at}", f"{at} 之前缺少 {lost} 个时段")
    return Words(
        f"{at} is off the step of {step}: shifted by {gap - step}",
        f"{at} 偏离步长 {step}，错位 {gap - step}",
    )


def must_match(**series: Series | None) -> None:
    """Raise BadProblem unless all series (None is skipped) share start, step and length.

    >>> must_match(load=load, wind=wind)  # doctest: +SKIP
    """
    given = [(name, item) for name, item in series.items() if item is not None]
    if not given:
        return
    first_name, first = given[0]
    for name, other in given[1:]:
        for what, zh, mine, theirs in (
            ("start", "起点", first.start.isoformat(), other.start.isoformat()),
            ("step_s", "步长（秒）", first.step_s, other.step_s),
            ("number of steps", "时段数", len(first), len(other)),
        ):
            if mine != theirs:
                raise BadProblem(
                    name,
                    Words(
                        f"{what} is {theirs}, but {first_name} has {mine}",
                        f"{zh}为 {theirs}，而 {first_name} 为 {mine}",
                    ),
                )


def must_have_unit(field: str, series: Series | None, unit: str) -> None:
    """Raise BadProblem unless the series is in `unit`."""
    if series is not None and series.unit != unit:
        raise BadProblem(
            f"{field}.unit",
            Words(f"is {series.unit!r}; must be {unit!r}", f"为 {series.unit!r}，必须为 {unit!r}"),
        )


def must_be_whole_days(field: str, series: Series) -> None:
    """Raise BadProblem unless the series begins at 00:00 and holds whole days.

    Catches the 95-point day and tables which name intervals by their end (00:15 … 24:00).
    """
    if DAY_S % series.step_s:
        raise BadProblem(
            f"{field}.step_s",
            Words(f"{series.step_s} s does not divide a day", f"{series.step_s} 秒不能整除一天"),
        )
    if (series.start.hour, series.start.minute, series.start.second) != (0, 0, 0):
        raise BadProblem(
            f"{field}.start",
            Words(
                f"begins at {series.start:%H:%M}, not 00:00; does the table name intervals by "
                'their end (00:15 … 24:00)? Then say labels = "end".',
                f'始于 {series.start:%H:%M} 而非 00:00；若表格以时段末命名（00:15 … 24:00），请注明 labels = "end"。',
            ),
        )
    per_day = DAY_S // series.step_s
    days, rest = divmod(len(series), per_day)
    if rest:
        raise BadProblem(
            field,
            Words(
                f"{len(series)} points are {days} days of {per_day} points and {rest} more; a day is incomplete",
                f"{len(series)} 个点为 {days} 天（每天 {per_day} 点）又 {rest} 点：某天不完整",
            ),
        )


def must_be_whole_year(field: str, series: Series) -> None:
    """Raise BadProblem unless the series is exactly one year from its start.

    8,784 hours are right only for a year that has a 29 February in it, 8,760 only for others.
    """
    must_be_whole_days(field, series)
    start = series.start
    try:
        end = start.replace(year=start.year + 1)
    except ValueError:  # starts on 29 February
        end = start.replace(year=start.year + 1, month=3, day=1)
    wanted = int((end - start).total_seconds()) // series.step_s
    if len(series) != wanted:
        raise BadProblem(
            field,
            Words(
                f"has {len(series)} steps; the year from {start:%Y-%m-%d} has {wanted}",
                f"有 {len(series)} 个时段；自 {start:%Y-%m-%d} 起的一年应为 {wanted} 个",
            ),
        )
