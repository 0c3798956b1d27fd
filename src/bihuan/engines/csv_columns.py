"""A column of numbers and their times out of a CSV file, in the encodings people save them in."""

import csv
import datetime as dt
import io
import re
from pathlib import Path

from bihuan.engines.shape import BadProblem, Words

ENCODINGS = ("utf-8-sig", "gb18030")  # Excel in China saves "CSV" in the second
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
MIDNIGHT_AS_24 = re.compile(r"(.{10})([T ])24:00(:00)?(.*)")


def read(path: Path, *, time: str, column: str) -> tuple[list[dt.datetime], list[float]]:
    """Times and values of one column; BadProblem names the line that is not a time and a number."""
    rows = _rows(path)
    heads = [head.strip() for head in rows[0]] if rows else []
    at, of = _place(path, heads, time), _place(path, heads, column)
    times, values = [], []
    for line, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        try:
            times.append(moment(row[at]))
            values.append(float(row[of]))
        except (IndexError, ValueError) as problem:
            raise _not_a_point(path, line, row) from problem
    return times, values


def moment(text: str) -> dt.datetime:
    """A time in ISO format; 24:00 is the midnight that ends the day."""
    said = text.strip()
    if found := MIDNIGHT_AS_24.fullmatch(said):
        day, joint, seconds, zone = found.groups(default="")
        return dt.datetime.fromisoformat(f"{day}{joint}00:00{seconds}{zone}") + dt.timedelta(days=1)
    return dt.datetime.fromisoformat(said)


def _rows(path: Path) -> list[list[str]]:
    if not path.is_file():
        raise BadProblem("csv", Words(f"no such file: {path}", f"文件不存在：{path}"))
    raw = path.read_bytes()
    for encoding in ("utf-16",) if raw.startswith(UTF_16_MARKS) else ENCODINGS:
        try:
            return list(csv.reader(io.StringIO(raw.decode(encoding), newline="")))
        except UnicodeDecodeError:
            continue
        except csv.Error as problem:
            raise _unreadable(path, str(problem)) from problem
    raise _unreadable(path, "neither UTF-8 nor GB 18030")


def _place(path: Path, heads: list[str], name: str) -> int:
    count = heads.count(name)
    if count == 1:
        return heads.index(name)
    if count:
        raise BadProblem(
            "column",
            Words(
                f"{path.name} has {count} columns {name!r}", f"{path.name} 有 {count} 列 {name!r}"
            ),
        )
    known = ", ".join(heads)
    raise BadProblem(
        "column",
        Words(
            f"{path.name} has no column {name!r}; there are: {known}",
            f"{path.name} 没有列 {name!r}；现有：{known}",
        ),
    )


def _unreadable(path: Path, why: str) -> BadProblem:
    return BadProblem(
        "csv", Words(f"{path.name} cannot be read: {why}", f"{path.name} 无法读取：{why}")
    )


def _not_a_point(path: Path, line: int, row: list[str]) -> BadProblem:
    told = ", ".join(row)
    return BadProblem(
        "csv",
        Words(
            f"{path.name} line {line} is no time with a number: {told!r}; "
            "write 2026-07-01T05:00 and a plain number",
            f"{path.name} 第 {line} 行不是“时间＋数值”：{told!r}；时间请写作 2026-07-01T05:00，数值不带千分位",
        ),
    )
