"""What an import of the register costs: python -m benchmarks.imports [rows]

A spreadsheet of enterprises is sent, read into its preview, confirmed and written, by the
actions the browser uses, in a process of its own whose peak of memory is told at the end.
Runs on a database of its own: SQLite, or a fresh one where DATABASE_URL names it.
"""

import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["BIHUAN_DATA"] = tempfile.mkdtemp(prefix="bihuan-bench-")

import benchmarks.site  # noqa: F401  sets Django up

# isort: split

import xlsxwriter
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from stdnum.cn import uscc
from tests.factories.zones import CellFactory, PostFactory, ZoneFactory

from bihuan.core.codes import organisation_check_digit
from bihuan.sheets import actions

HEADINGS = (
    "企业名称", "统一社会信用代码", "主要负责人", "联系电话", "所属网格", "包联人",
    "注册地址", "行业代码", "从业人数", "生产场所地址",
)  # fmt: skip


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def code(number: int) -> str:
    """Return the number-th unified social credit code of a district, check digits included."""
    begin = f"91140405{number:08d}"
    begin += organisation_check_digit(begin[8:])
    return begin + uscc.calc_check_digit(begin)


def sheet(path: Path, rows: int) -> None:
    """Write the list of an office with that many enterprises."""
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, HEADINGS)
        for n in range(1, rows + 1):
            name = f"长治市第{n}机械制造有限公司"
            address = f"山西省长治市屯留区康庄大道{n % 900}号"
            page.write_row(
                n,
                0,
                (
                    name,
                    code(n),
                    "张建国",
                    f"139{n:08d}",
                    f"第{n % 10}网格",
                    f"包联{n % 40}",
                    address,
                    "C3391",
                    n % 500 + 3,
                    f"工业路{n % 700}号",
                ),
            )


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    call_command("migrate", verbosity=0)
    zone = ZoneFactory()
    for n in range(10):
        CellFactory(zone=zone, name=f"第{n}网格")
    for n in range(40):
        PostFactory(zone=zone, person__name=f"包联{n}")
    clerk = PostFactory(zone=zone, role="safety_office").person
    path = Path(os.environ["BIHUAN_DATA"], "企业名单.xlsx")
    sheet(path, rows)
    say(f"import of {rows:,} enterprises on {connection.vendor}, {path.stat().st_size >> 20} MB;"
        f" load of the machine {os.getloadavg()[0]:.1f}")  # fmt: skip
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    steps: list[tuple[str, Callable[[], Any]]] = [
        (
            "sent",
            lambda: actions.send(
                zone=zone,
                importer="enterprises",
                name=path.name,
                content=path.read_bytes(),
                by=clerk,
                at=timezone.now(),
            ),
        ),
        ("read", lambda: actions.read(batch=batch, by=clerk, at=timezone.now())),
        ("confirmed", lambda: actions.confirm(batch=batch, by=clerk, at=timezone.now())),
        ("written", lambda: actions.write(batch=batch, by=clerk, at=timezone.now())),
    ]
    batch: Any = None
    total = total_own = 0.0
    for name, step in steps:
        begin, begin_own = time.perf_counter(), time.process_time()
        batch = step()
        took, own = time.perf_counter() - begin, time.process_time() - begin_own
        total, total_own = total + took, total_own + own
        say(f"{name:10} {took:7.1f} s, own {own:6.1f} s")
    assert batch.counts.get("written") == rows, batch.counts
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    say(f"together   {total:7.1f} s, own {total_own:6.1f} s   (goal: 60 s)")
    say(f"memory     {peak / 1024:7.0f} MB at most, {before / 1024:.0f} before   (goal: 600 MB)")


if __name__ == "__main__":
    main()
