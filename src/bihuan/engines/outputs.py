"""A result as a file: JSON, tables, a page or a picture; the suffix says which."""

import csv
import html
from pathlib import Path
from typing import Any

from bihuan.engines import registry, wire
from bihuan.engines.shape import BadProblem, Result, Table, Task, Words

PAGE_ROWS = 400
SUFFIXES = (".json", ".csv", ".png", ".html")


def check(path: Path, task: Task) -> None:
    """Raise BadProblem where a result could not be written there, before anything is computed."""
    if path.suffix.lower() not in SUFFIXES:
        raise BadProblem(
            "output",
            Words(
                f"{path.name}: must end in .json, .csv, .png or .html",
                f"{path.name}：后缀必须是 .json、.csv、.png 或 .html",
            ),
        )
    if not path.parent.is_dir():
        raise BadProblem(
            "output", Words(f"no such folder: {path.parent}", f"文件夹不存在：{path.parent}")
        )
    if path.suffix.lower() == ".png" and not task.picture:
        raise BadProblem("output", Words("this task has no picture", "该任务没有图形"))


def write(path: Path, task: Task, result: Result, language: str = "en") -> list[Path]:
    """Write `result` to `path` and say which files were made; none where it has no solution.

    .json the whole result; .csv one file for each table (<stem>-<table>.csv); .png the
    picture; .html report, picture and tables on one page that needs no network.
    """
    check(path, task)
    suffix = path.suffix.lower()
    if suffix == ".csv":
        return [_write_csv(path, table) for table in tables(result)]
    if suffix == ".json":
        path.write_text(wire.to_json(result, indent=1), encoding="utf-8")
    elif suffix == ".html":
        path.write_text(page(task, result, language), encoding="utf-8")
    elif not result.status.has_solution:
        return []
    else:
        path.write_bytes(_drawn(task, result, language, "png"))
    return [path]


def tables(result: Result) -> list[Table]:
    """Those of a result, none where it has no solution."""
    return result.tables() if result.status.has_solution else []


def _write_csv(path: Path, table: Table) -> Path:
    target = path.with_name(f"{path.stem}-{table.name}.csv")
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(table.columns)
        writer.writerows([_cell(value) for value in row] for row in table.rows())
    return target


def _drawn(task: Task, result: Result, language: str, form: str) -> Any:
    drawn = registry.function(task.picture)(result, language)
    return registry.function(f"bihuan.engines.picture:{form}")(drawn)


def page(task: Task, result: Result, language: str = "en") -> str:
    """One self-contained HTML page."""
    head = html.escape(result.title.text(language))
    told = html.escape(result.report(language))
    drawn = bool(task.picture) and result.status.has_solution
    picture = _drawn(task, result, language, "svg") if drawn else ""
    told_in_rows = "".join(_html_table(table, language) for table in tables(result))
    return (
        f'<!doctype html><html lang="{html.escape(language)}"><meta charset="utf-8">'
        f"<title>{head}</title><style>"
        "body{font:14px/1.5 sans-serif;margin:2em auto;max-width:72em;padding:0 1em}"
        "pre{white-space:pre-wrap}table{border-collapse:collapse;margin:1em 0}"
        "td,th{border:1px solid #ccc;padding:.2em .6em;text-align:right}"
        "svg{max-width:100%;height:auto}.wide{overflow-x:auto}</style>"
        f"<h1>{head}</h1><pre>{told}</pre>{picture}{told_in_rows}</html>"
    )


def _html_table(table: Table, language: str) -> str:
    heads = "".join(f"<th>{html.escape(name)}</th>" for name in table.columns)
    rows = "".join(
        "<tr>" + "".join(f"<td>{html.escape(_cell(v))}</td>" for v in row) + "</tr>"
        for row in table.rows(0, PAGE_ROWS)
    )
    rest = len(table) - PAGE_ROWS
    more = Words(f"… and {rest} more rows", f"……另有 {rest} 行").text(language) if rest > 0 else ""
    title = html.escape(table.title.text(language))
    return f'<h2>{title}</h2><div class="wide"><table><tr>{heads}</tr>{rows}</table></div><p>{more}</p>'


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        value += 0.0  # no −0
        return f"{value:.6g}" if abs(value) < 1e6 else f"{value:.2f}"
    return str(value)


def text_table(table: Table, language: str = "en", limit: int = 12) -> str:
    """A table for a terminal, at most `limit` rows."""
    rows = [[_cell(value) for value in row] for row in table.rows(0, limit)]
    heads = list(table.columns)
    widths = [max(len(head), *(len(r[i]) for r in rows), 0) for i, head in enumerate(heads)]
    lines = [table.title.text(language)]
    lines += [
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
        for row in [heads, *rows]
    ]
    if len(table) > limit:
        lines.append(Words(f"… {len(table)} rows in all", f"……共 {len(table)} 行").text(language))
    return "\n".join(lines)
