"""Rules and parameters as dated, sourced rows; never constants in code.

A row lives in `engines/<engine>/data/<name>.toml`:

    [[row]]
    id = "650-self-use"
    name = { en = "self-use share", zh = "自发自用占发电量" }
    value = 0.60                  # or a table of values: value = { k1_max = 2.0 }
    unit = "1"
    doc = "发改能源〔2025〕650号"
    article = "三"
    source = "https://…"          # where it was read
    valid_from = 2025-05-21
    valid_to = 2029-12-31         # the last day; absent: still valid
    confidence = "A"
    note = ""

Confidence: A read in the primary source, B agreed by independent secondary sources,
C one secondary source or careful transcription, U unverified. C and U must be shown
with 「需核对原文」.
"""

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources
from typing import Any

from bihuan.engines.shape import BadProblem, Words


class Confidence(StrEnum):
    PRIMARY = "A"
    AGREED = "B"
    SINGLE = "C"
    UNVERIFIED = "U"

    @property
    def must_be_checked(self) -> bool:
        return self in (Confidence.SINGLE, Confidence.UNVERIFIED)


CHECK_THE_TEXT = Words("check against the original text", "需核对原文")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One dated rule or parameter."""

    id: str
    name: Words
    value: Any
    unit: str = ""
    doc: str = ""
    article: str = ""
    source: str = ""
    valid_from: dt.date = dt.date.min
    valid_to: dt.date = dt.date.max
    confidence: Confidence
    note: str = ""

    def holds_on(self, day: dt.date) -> bool:
        return self.valid_from <= day <= self.valid_to

    @property
    def span(self) -> Words:
        """The days on which the row is valid."""
        if self.valid_to == dt.date.max:
            return Words(f"from {self.valid_from}", f"自 {self.valid_from} 起")
        return Words(
            f"{self.valid_from} to {self.valid_to}", f"{self.valid_from} 至 {self.valid_to}"
        )

    def cited(self) -> Words:
        """The row's authority in a few words, marked where it must be checked."""
        mark = self.confidence.must_be_checked
        return Words(
            f"{self.doc or self.source} [{self.confidence}{': ' + CHECK_THE_TEXT.en if mark else ''}]",
            f"{self.doc or self.source}［{self.confidence}{'：' + CHECK_THE_TEXT.zh if mark else ''}］",
        )


@dataclass(frozen=True)
class Book:
    """The rows of one data file."""

    name: str
    rows: tuple[Row, ...]

    def versions(self, row_id: str) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.id == row_id)

    def on(self, row_id: str, day: dt.date, *, field: str = "") -> Row:
        """The version of a row in force on `day`; BadProblem says what is missing.

        `field` is the field of the problem that chose row or day, for the message.
        """
        found = self.versions(row_id)
        if not found:
            known = ", ".join(sorted({row.id for row in self.rows}))
            raise BadProblem(
                field or row_id,
                Words(
                    f"no {row_id!r} in {self.name}; there are: {known}",
                    f"{self.name} 中没有 {row_id!r}；现有：{known}",
                ),
            )
        for row in found:
            if row.holds_on(day):
                return row
        spans = [row.span for row in found]
        en, zh = "; ".join(span.en for span in spans), "；".join(span.zh for span in spans)
        raise BadProblem(
            field or row_id,
            Words(
                f"no version of {row_id} is valid on {day}; known versions: {en}. Choose a date "
                f"inside, or add the version in force to {self.name}.",
                f"{row_id} 在 {day} 无有效版本；已知版本：{zh}。请改用有效期内的日期，或在 {self.name} 中补充现行版本。",
            ),
        )


def load(package: str, name: str) -> Book:
    """The book `<package>/data/<name>.toml`, e.g. load("bihuan.engines.greenpark", "rules")."""
    text = (resources.files(package) / "data" / f"{name}.toml").read_text(encoding="utf-8")
    return Book(name, tuple(row_from(raw) for raw in tomllib.loads(text)["row"]))


def row_from(raw: Mapping[str, Any]) -> Row:
    """A row from its TOML table; a missing or unknown key raises."""
    values = dict(raw)
    label = values.pop("name")
    values["name"] = Words(label["en"], label["zh"])
    values["confidence"] = Confidence(values["confidence"])
    return Row(**values)


def overlaps(rows: Iterable[Row]) -> list[tuple[Row, Row]]:
    """Pairs of versions of one id that are valid on a common day: an error in the data."""
    listed = list(rows)
    return [
        (a, b)
        for i, a in enumerate(listed)
        for b in listed[i + 1 :]
        if a.id == b.id and a.valid_from <= b.valid_to and b.valid_from <= a.valid_to
    ]
