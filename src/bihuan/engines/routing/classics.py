"""Classic routing files as their makers describe them: VRPLIB, and Solomon's.

VRPLIB is TSPLIB 95 (G. Reinelt, Heidelberg 1995) with capacities, depots and time windows;
Solomon's layout is that of his 56 instances (Operations Research 35 (1987) 254-265), which
Gehring and Homberger's share. What cannot be kept here is refused by name, never left out:
several depots, limits on a route's length, pick-ups, distances on a globe.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bihuan.engines.routing.vrp import Rounding, VrpProblem
from bihuan.engines.shape import BadProblem, Words

SECTION = re.compile(r"([A-Z_]+_SECTION)\s*:?\s*(.*)", re.IGNORECASE)
TYPES = ("CVRP", "ACVRP", "VRP", "VRPTW", "CVRPTW")
SAYINGS = {"NAME", "COMMENT", "TYPE", "DIMENSION", "CAPACITY", "VEHICLES", "SERVICE_TIME"} | {
    "EDGE_WEIGHT_TYPE", "EDGE_WEIGHT_FORMAT", "NODE_COORD_TYPE", "DISPLAY_DATA_TYPE",
}  # fmt: skip
SECTIONS = {"NODE_COORD_SECTION", "DEMAND_SECTION", "DEPOT_SECTION", "EDGE_WEIGHT_SECTION"} | {
    "TIME_WINDOW_SECTION", "SERVICE_TIME_SECTION", "DISPLAY_DATA_SECTION",
}  # fmt: skip
SAME_TRIANGLE = {  # a triangle by columns is the other one by rows
    "UPPER_COL": "LOWER_ROW",
    "LOWER_COL": "UPPER_ROW",
    "UPPER_DIAG_COL": "LOWER_DIAG_ROW",
    "LOWER_DIAG_COL": "UPPER_DIAG_ROW",
}
FLEET, CUSTOMER = 2, 7  # numbers in a line of Solomon's


def read(path: Path, rounding: Rounding | None = None) -> VrpProblem:
    """A VRPLIB or Solomon file, told apart by their contents; the customary rounding unless given."""
    if not path.is_file():
        raise BadProblem("", Words(f"no such file: {path}", f"文件不存在：{path}"))
    text = path.read_text(encoding="utf-8-sig", errors="replace")
    lines = [line.strip() for line in text.splitlines()]
    is_vrplib = any(SECTION.fullmatch(line) for line in lines)
    try:
        if is_vrplib:
            return _vrplib(_parsed(lines), rounding, path.stem)
        return _solomon(lines, rounding or Rounding.DIMACS, path.stem)
    except BadProblem as problem:
        raise problem.under(path.name) from problem


# --- VRPLIB ------------------------------------------------------------------------------


@dataclass
class _File:
    """What a VRPLIB file says, and its sections as rows of words."""

    says: dict[str, str] = field(default_factory=dict)
    sections: dict[str, list[list[str]]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return int(self.number("DIMENSION"))

    def number(self, key: str) -> float:
        if key not in self.says:
            raise BadProblem(key, Words("is missing", "缺少此项"))
        return _numbers(key, [self.says[key]])[0]

    def by_node(self, name: str, width: int) -> np.ndarray:
        """A section's values in the order of its nodes 1 … n, whatever the order of its lines."""
        rows = self.sections[name]
        table = np.array([_numbers(name, row) for row in rows if len(row) == width + 1])
        nodes = table[:, 0] if len(table) == len(rows) else np.zeros(0)
        if sorted(nodes) != list(range(1, self.size + 1)):
            raise BadProblem(
                name,
                Words(
                    f"must hold a line for each node 1 to {self.size}: the node, then {width}",
                    f"须为节点 1 至 {self.size} 各一行：节点号及 {width} 个数",
                ),
            )
        return np.asarray(table[np.argsort(nodes), 1:])


def _parsed(lines: Sequence[str]) -> _File:
    found, section = _File(), ""
    for line in lines:
        if line.upper() == "EOF":
            break
        if head := SECTION.fullmatch(line):
            section = head[1].upper()
            _known(section, SECTIONS)
            found.sections[section] = [head[2].split()] if head[2] else []
        elif ":" in line:
            key, value = (part.strip() for part in line.split(":", 1))
            section = ""
            _known(key.upper(), SAYINGS)
            found.says[key.upper()] = value
        elif section and line:
            found.sections[section].append(line.split())
        elif line:
            raise BadProblem(line[:40], Words("is no part of a VRPLIB file", "不属于 VRPLIB 格式"))
    return found


def _known(key: str, known: set[str]) -> None:
    if key not in known:
        said = ", ".join(sorted(known))
        raise BadProblem(
            key, Words(f"is not modelled here; known are: {said}", f"未支持；可用：{said}")
        )


def _vrplib(file: _File, rounding: Rounding | None, name: str) -> VrpProblem:
    kind = file.says.get("TYPE", "CVRP").upper()
    if kind not in TYPES:
        said = ", ".join(TYPES)
        raise BadProblem("TYPE", Words(f"is {kind}; must be {said}", f"为 {kind}，须为 {said}"))
    if "DEMAND_SECTION" not in file.sections:
        raise BadProblem("DEMAND_SECTION", Words("is missing", "缺少此项"))
    _one_depot(file)
    distance, usual = _distances(file)
    windows = "TIME_WINDOW_SECTION" in file.sections
    window = file.by_node("TIME_WINDOW_SECTION", 2) if windows else np.zeros((file.size, 2))
    return VrpProblem(
        distance=distance,
        demand=file.by_node("DEMAND_SECTION", 1)[:, 0],
        capacity=file.number("CAPACITY"),
        vehicles=int(file.number("VEHICLES")) if "VEHICLES" in file.says else None,
        ready=window[:, 0] if windows else None,
        due=window[:, 1] if windows else None,
        service=_service(file),
        rounding=rounding or usual,
        name=file.says.get("NAME", name),
    )


def _one_depot(file: _File) -> None:
    """Node 1, which a file without the section means too."""
    said = [n for row in file.sections.get("DEPOT_SECTION", []) for n in _numbers("DEPOT", row)]
    depots = [int(n) for n in said if n != -1]
    if depots not in ([], [1]):
        raise BadProblem(
            "DEPOT_SECTION",
            Words(
                f"holds {depots}; one depot is modelled, and it must be node 1",
                f"为 {depots}；仅支持一个车场，且须为节点 1",
            ),
        )


def _service(file: _File) -> np.ndarray | None:
    if "SERVICE_TIME_SECTION" in file.sections:
        return file.by_node("SERVICE_TIME_SECTION", 1)[:, 0]
    if "SERVICE_TIME" not in file.says:
        return None
    service = np.full(file.size, file.number("SERVICE_TIME"))
    service[0] = 0.0
    return service


def _distances(file: _File) -> tuple[np.ndarray, Rounding]:
    """Distances between all nodes, and how that type of weight is made whole."""
    kind = file.says.get("EDGE_WEIGHT_TYPE", "EUC_2D").upper()
    if kind == "EXPLICIT":
        weights = _explicit(file)
        is_whole = np.array_equal(weights, np.rint(weights))
        return weights, Rounding.ROUND if is_whole else Rounding.EXACT
    if "NODE_COORD_SECTION" not in file.sections:
        raise BadProblem("NODE_COORD_SECTION", Words("is missing", "缺少此项"))
    place = file.by_node("NODE_COORD_SECTION", 2)
    apart = np.abs(place[:, None] - place[None])
    straight = euclidean(place)
    measures = {
        "EUC_2D": (straight, Rounding.ROUND),
        "EXACT_2D": (straight, Rounding.EXACT),
        "CEIL_2D": (np.ceil(straight), Rounding.ROUND),
        "FLOOR_2D": (np.floor(straight), Rounding.ROUND),
        "MAN_2D": (apart.sum(axis=2), Rounding.ROUND),
        "MAX_2D": (apart.max(axis=2), Rounding.ROUND),
    }
    if kind not in measures:
        said = ", ".join(["EXPLICIT", *measures])
        raise BadProblem(
            "EDGE_WEIGHT_TYPE",
            Words(f"is {kind}; must be one of: {said}", f"为 {kind}，须为：{said}"),
        )
    return measures[kind]


def euclidean(place: np.ndarray) -> np.ndarray:
    """Straight-line distances between all places."""
    return np.asarray(np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1)))


def _explicit(file: _File) -> np.ndarray:
    """The matrix that EDGE_WEIGHT_SECTION writes, however its lines are broken."""
    name, size = "EDGE_WEIGHT_SECTION", file.size
    said = file.says.get("EDGE_WEIGHT_FORMAT", "FULL_MATRIX").upper()
    form = SAME_TRIANGLE.get(said, said)
    values = np.array([v for row in file.sections.get(name, []) for v in _numbers(name, row)])
    cells = {
        "FULL_MATRIX": tuple(np.indices((size, size)).reshape(2, -1)),
        "UPPER_ROW": np.triu_indices(size, 1),
        "UPPER_DIAG_ROW": np.triu_indices(size),
        "LOWER_ROW": np.tril_indices(size, -1),
        "LOWER_DIAG_ROW": np.tril_indices(size),
    }
    if form not in cells:
        known = ", ".join([*cells, *SAME_TRIANGLE])
        raise BadProblem(
            "EDGE_WEIGHT_FORMAT",
            Words(f"is {said}; must be one of: {known}", f"为 {said}，须为：{known}"),
        )
    row, column = cells[form]
    if len(values) != len(row):
        raise BadProblem(
            name,
            Words(
                f"holds {len(values)} numbers; {said} of {size} nodes has {len(row)}",
                f"有 {len(values)} 个数；{size} 个节点的 {said} 应有 {len(row)} 个",
            ),
        )
    matrix = np.zeros((size, size))
    matrix[row, column] = values
    if form != "FULL_MATRIX":
        matrix[column, row] = values
    np.fill_diagonal(matrix, 0.0)
    return matrix


# --- Solomon -----------------------------------------------------------------------------


def _solomon(lines: Sequence[str], rounding: Rounding, name: str) -> VrpProblem:
    """A line of two numbers is the fleet, lines of seven are the customers; words are headings."""
    fleet: list[float] = []
    rows: list[list[float]] = []
    titles = [line for line in lines if line]
    for number, line in enumerate(lines, start=1):
        found = _all_numbers(line)
        if not found and not rows:
            continue
        if len(found) == FLEET and not fleet:
            fleet = found
        elif len(found) == CUSTOMER:
            rows.append(found)
        elif line:
            raise _strange(number, line)
    if not fleet or not rows:
        raise BadProblem(
            "",
            Words(
                "is neither a VRPLIB file (no …_SECTION) nor one of Solomon's (a line with vehicles "
                "and capacity, then lines of seven numbers)",
                "既不是 VRPLIB 文件（无 …_SECTION），也不是 Solomon 文件（车辆数与容量一行，其后每行七个数）",
            ),
        )
    table = np.array(sorted(rows))
    if list(table[:, 0]) != list(range(len(table))):
        raise BadProblem(
            "CUST NO.",
            Words("must be 0 (the depot), 1, 2, … once each", "须为 0（车场）、1、2……各一次"),
        )
    title = titles[0] if titles and not titles[0].upper().startswith("VEHICLE") else name
    return VrpProblem(
        distance=euclidean(table[:, 1:3]),
        demand=table[:, 3],
        capacity=fleet[1],
        vehicles=int(fleet[0]),
        ready=table[:, 4],
        due=table[:, 5],
        service=table[:, 6],
        rounding=rounding,
        name=title,
    )


def _strange(number: int, line: str) -> BadProblem:
    return BadProblem(
        f"line {number}",
        Words(
            f"{line[:60]!r} is neither the fleet nor a customer (seven numbers)",
            f"{line[:60]!r} 既不是车队也不是客户（七个数）",
        ),
    )


def _all_numbers(line: str) -> list[float]:
    """The numbers of a line that holds nothing else."""
    try:
        return [float(word) for word in line.split()]
    except ValueError:
        return []


def _numbers(field: str, words: Sequence[str]) -> list[float]:
    try:
        values = [float(word) for word in words]
    except ValueError as problem:
        said = " ".join(words)[:60]
        raise BadProblem(
            field, Words(f"{said!r} holds what is no number", f"{said!r} 中有非数字内容")
        ) from problem
    if not all(map(math.isfinite, values)):
        raise BadProblem(field, Words("holds a NaN or an infinite number", "含有 NaN 或无穷"))
    return values
