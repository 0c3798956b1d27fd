"""`make bench-engines`: measure every row, print it, and keep it in docs/benchmarks."""

import argparse
import datetime as dt
import importlib
import os
import pkgutil
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from benchmarks.engines import rows
from benchmarks.engines.harness import ROOT, Figure, Row, say

KEPT = ROOT / "docs" / "benchmarks" / "engines.md"
LIBRARIES = ("numpy", "numba", "highspy", "ortools", "pyvrp")


def row_names() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(rows.__path__))


def load(name: str) -> Row:
    row: Row = importlib.import_module(f"benchmarks.engines.rows.{name}").ROW
    return row


def machine() -> str:
    """The machine in words: processor, cores, memory, system."""
    cpu = platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        names = [
            line.split(":")[1].strip()
            for line in info.read_text().splitlines()
            if line.startswith("model name")
        ]
        cpu = names[0] if names else cpu
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{cpu}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, "
        f"Python {platform.python_version()}"
    )


def libraries() -> str:
    return ", ".join(f"{name} {version(name)}" for name in LIBRARIES)


def lines_of(name: str, row: Row, figures: list[Figure], busy: tuple[float, float]) -> list[str]:
    today = dt.datetime.now(dt.UTC).date()
    head = [
        f"### {name}",
        "",
        row.title,
        "",
        f"Measured {today} on {machine()}; load average {busy[0]:.1f} before, {busy[1]:.1f} after.",
        "",
    ]
    table = ["| figure | value | goal | reached |", "|---|---|---|---|"]
    for figure in figures:
        reached = {None: "", True: "yes", False: "**no**"}[figure.reached]
        value = figure.value if isinstance(figure.value, str) else f"{figure.value:,.4g}"
        table.append(
            f"| {figure.what} | {f'{value} {figure.unit}'.strip()} | {figure.goal} | {reached} |"
        )
    return [*head, *table, ""]


def keep(found: dict[str, list[str]]) -> None:
    """Put the measured rows into the kept page; rows that were not measured stay."""
    text = KEPT.read_text() if KEPT.is_file() else ""
    old = {part.split("\n", 1)[0]: "### " + part.rstrip() + "\n" for part in text.split("### ")[1:]}
    new = old | {name: "\n".join(lines).rstrip() + "\n" for name, lines in found.items()}
    head = (
        "# Engines against their peers\n\n"
        "Made by `make bench-engines`. Read the ratios: seconds are those of one machine.\n\n"
        "Each row says on what and how busy it was: the load is that of other work before the row,\n"
        "and with the row's own after it. Imports are left out where a row does not say otherwise;\n"
        "kernels are compiled before they are timed, and kept on disk for the next process.\n"
        f"Libraries: {libraries()}.\n\n"
    )
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    KEPT.write_text(head + "\n".join(new[name] for name in sorted(new)))


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench-engines", description=__doc__)
    parser.add_argument(
        "rows", nargs="*", metavar="ROW", help=f"of {', '.join(row_names())}; all by default"
    )
    parser.add_argument(
        "--rounds", type=int, default=2, help="measure this often, keep the fastest"
    )
    parser.add_argument("--no-keep", action="store_true", help="do not write docs/benchmarks")
    options = parser.parse_args()
    unknown = set(options.rows) - set(row_names())
    if unknown:
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    missed = [problem for name in options.rows or row_names() for problem in measure(name, options)]
    sys.stdout.write("\n".join(["Missed:", *missed]) + "\n" if missed else "All goals reached.\n")
    return 0


def measure(name: str, options: argparse.Namespace) -> list[str]:
    """Measure, print and keep one row; what it missed. A row that fails stops no other."""
    row, before = load(name), os.getloadavg()[0]
    say(f"{name}: {row.title}")
    try:
        figures = row.run(options.rounds)
    except (RuntimeError, ValueError, OSError, subprocess.SubprocessError) as problem:
        say(f"{name} failed: {problem}")
        return [f"{name}: failed, see above"]
    lines = lines_of(name, row, figures, (before, os.getloadavg()[0]))
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()
    if not options.no_keep:
        keep({name: lines})
    return [f"{name}: {f.what}: {f.value:,.4g} {f.unit}" for f in figures if f.reached is False]


if __name__ == "__main__":
    sys.exit(main())
