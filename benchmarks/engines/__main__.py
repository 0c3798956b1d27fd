"""`make bench-engines`: measure every row, print it, and keep it in docs/benchmarks."""

import argparse
import datetime as dt
import importlib
import os
import pkgutil
import platform
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
    """The machine in words: processor, cores, memory, system, libraries, and how busy it was."""
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
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"{cpu}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, "
        f"Python {platform.python_version()}, {libraries}"
    )


def lines_of(name: str, row: Row, figures: list[Figure], load_before: float) -> list[str]:
    today = dt.datetime.now(dt.UTC).date()
    head = [
        f"### {name}",
        "",
        row.title,
        "",
        f"Measured {today}, load average before {load_before:.1f}.",
        "",
    ]
    table = ["| figure | value | goal | reached |", "|---|---|---|---|"]
    for figure in figures:
        reached = {None: "", True: "yes", False: "**no**"}[figure.reached]
        table.append(
            f"| {figure.what} | {figure.value:,.4g} {figure.unit} | {figure.goal} | {reached} |"
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
        f"Machine: {machine()}.\n\n"
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
    found, missed = {}, 0
    for name in options.rows or row_names():
        row, busy = load(name), os.getloadavg()[0]
        say(f"{name}: {row.title}")
        figures = row.run(options.rounds)
        found[name] = lines_of(name, row, figures, busy)
        sys.stdout.write("\n".join(found[name]) + "\n")
        missed += sum(figure.reached is False for figure in figures)
    if not options.no_keep:
        keep(found)
    sys.stdout.write(f"{missed} goal(s) missed.\n" if missed else "All goals reached.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
