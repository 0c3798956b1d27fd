"""Published files are read as their makers describe them, in whatever layout they come."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from bihuan.engines.cli import engine
from bihuan.engines.routing import classics, vrp
from bihuan.engines.shape import BadProblem, Stop
from tests.engines.routing.test_vrp import brute

VRPLIB = """NAME : tiny
TYPE : CVRP
DIMENSION : 5
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 10
NODE_COORD_SECTION
1 0 0
2 0 3
3 4 3
4 4 0
5 -3 0
DEMAND_SECTION
1 0
2 5
3 5
4 5
5 5
DEPOT_SECTION
1
-1
EOF
"""

SOLOMON = """tiny

VEHICLE
NUMBER     CAPACITY
  2         20

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0      0         0          0          0        100          0
    1      3         4         10          0         50         10
    2      6         8         10         30         40         10
"""


SAYS, PLACES = VRPLIB.split("NODE_COORD_SECTION\n")
PLACES, DEMANDS = PLACES.split("DEMAND_SECTION\n")
SAYS = SAYS.replace("EDGE_WEIGHT_TYPE : EUC_2D\n", "")


def explicit(form: str, weights: str) -> str:
    return (
        f"{SAYS}EDGE_WEIGHT_TYPE : EXPLICIT\nEDGE_WEIGHT_FORMAT : {form}\n"
        f"EDGE_WEIGHT_SECTION\n{weights}\nDEMAND_SECTION\n{DEMANDS}"
    )


def saved(tmp_path: Path, text: str, name: str = "tiny.vrp") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode())
    return path


def test_vrplib_file(tmp_path: Path) -> None:
    """Two routes: 3+4+5 round the rectangle's far corner, and the rest."""
    path = tmp_path / "tiny.vrp"
    path.write_text(VRPLIB)
    problem = classics.read(path)
    result = vrp.solve(problem, stop=Stop(max_iterations=200))
    assert problem.capacity == 10
    assert result.is_ok
    assert result.value == brute(np.rint(problem.distance), problem.demand, 10)


def test_solomon_file(tmp_path: Path) -> None:
    """One vehicle goes 5 + 5 out and 10 back, waiting at the second until 30."""
    path = tmp_path / "tiny.txt"
    path.write_text(SOLOMON)
    problem = classics.read(path)
    assert problem.rounding is vrp.Rounding.DIMACS
    assert problem.vehicles == 2
    result = vrp.solve(problem, stop=Stop(max_iterations=50))
    assert result.value == 20.0
    assert result.routes == ((1, 2),)
    assert result.is_ok


@pytest.mark.parametrize(
    "text",
    [
        VRPLIB.replace("\n", "\r\n"),
        VRPLIB.replace(" : ", ":"),
        VRPLIB.replace("DEPOT_SECTION\n1\n-1\n", ""),  # no depot section: node 1
        VRPLIB.replace("_SECTION\n", "_SECTION :\n"),
        VRPLIB.replace(PLACES, "".join(reversed(PLACES.splitlines(keepends=True)))),
        explicit("FULL_MATRIX", "99 3 5 4 3 3 99 4\n5 4 5 4 99 3 8 4 5 3 99 7 3 4 8 7 99"),
        explicit("UPPER_ROW", "3 5 4 3\n4 5 4\n3 8\n7"),
        explicit("LOWER_ROW", "3 5 4 4 5\n3 3 4 8 7"),  # broken anywhere
        explicit("UPPER_DIAG_ROW", "0 3 5 4 3 0 4 5 4 0 3 8 0 7 0"),
        explicit("LOWER_DIAG_ROW", "0 3 0 5 4 0 4 5 3 0 3 4 8 7 0"),
        explicit("UPPER_COL", "3 5 4 4 5 3 3 4 8 7"),
        explicit("LOWER_COL", "3 5 4 3 4 5 4 3 8 7"),
    ],
)
def test_every_layout_of_one_instance(tmp_path: Path, text: str) -> None:
    problem = classics.read(saved(tmp_path, text))
    np.testing.assert_array_equal(
        np.rint(problem.distance),
        [[0, 3, 5, 4, 3], [3, 0, 4, 5, 4], [5, 4, 0, 3, 8], [4, 5, 3, 0, 7], [3, 4, 8, 7, 0]],
    )
    assert problem.rounding is vrp.Rounding.ROUND
    assert list(problem.demand) == [0, 5, 5, 5, 5]


def test_far_coordinates_lose_no_digits(tmp_path: Path) -> None:
    """Squares of coordinates cancel; hypot of their differences does not."""
    far = "".join(
        f"{n} {1e8 + x} {2e8 + y}\n"
        for n, (x, y) in enumerate([(0, 0), (0, 3), (4, 3), (4, 0), (-3, 0)], start=1)
    )
    problem = classics.read(saved(tmp_path, VRPLIB.replace(PLACES, far)))
    assert problem.distance[0, 2] == 5.0


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("-1\nEOF", "2\n-1\nEOF"), "DEPOT_SECTION: holds .1, 2.; one depot"),
        (("SECTION\n1\n-1", "SECTION\n3\n-1"), "must be node 1"),
        (("CAPACITY : 10", "CAPACITY : 10\nDISTANCE : 200"), "DISTANCE: is not modelled"),
        (("EOF", "BACKHAUL_SECTION\n3\n-1\nEOF"), "BACKHAUL_SECTION: is not modelled"),
        (("TYPE : CVRP", "TYPE : MDVRP"), "TYPE: is MDVRP"),
        (("EUC_2D", "GEO"), "EDGE_WEIGHT_TYPE: is GEO"),
        (("5 -3 0\n", ""), "NODE_COORD_SECTION: must hold a line for each node 1 to 5"),
        (("5 -3 0", "4 -3 0"), "NODE_COORD_SECTION: must hold a line"),
        (("5 -3 0", "5 nan 0"), "NODE_COORD_SECTION: holds a NaN"),
        (("CAPACITY : 10\n", ""), "CAPACITY: is missing"),
        (("DIMENSION : 5", "DIMENSION : many"), "DIMENSION: 'many' holds what is no number"),
        (("1 0\n2 5", "1 0\n2 2.5"), "demand: must be whole"),
        (("1 0\n2 5", "1 3\n2 5"), "the depot asks for nothing"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_name(
    tmp_path: Path, change: tuple[str, str], says: str
) -> None:
    assert change[0] in VRPLIB
    with pytest.raises(BadProblem, match=says):
        classics.read(saved(tmp_path, VRPLIB.replace(*change)))


def test_a_matrix_of_another_size_is_refused(tmp_path: Path) -> None:
    text = explicit("FULL_MATRIX", "0 3 5 4 3 3 0 4")
    with pytest.raises(BadProblem, match="holds 8 numbers; FULL_MATRIX of 5 nodes has 25"):
        classics.read(saved(tmp_path, text))


@pytest.mark.parametrize(
    "text",
    [
        SOLOMON.replace("\n", "\r\n").replace("    ", "\t"),
        SOLOMON.replace("CUST NO.", "cust no").replace("VEHICLE", "Vehicles:"),
        "\n".join(line for line in SOLOMON.splitlines() if not line.isupper() or " " in line),
        "\ufeff" + SOLOMON,
    ],
)
def test_solomons_layout_with_other_headings(tmp_path: Path, text: str) -> None:
    problem = classics.read(saved(tmp_path, text, "odd.txt"))
    assert (problem.vehicles, problem.capacity) == (2, 20)
    assert problem.distance[0, 2] == 10.0
    assert problem.service is not None
    assert list(problem.service) == [0, 10, 10]


def test_decimal_coordinates_are_kept(tmp_path: Path) -> None:
    text = SOLOMON.replace("3         4", "3.5       12")
    assert classics.read(saved(tmp_path, text, "odd.txt")).distance[0, 1] == 12.5


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "neither a VRPLIB file"),
        ("hello\nworld\n", "neither a VRPLIB file"),
        (SOLOMON.replace("         50         10", "         50"), "line 11: .* nor a customer"),
        (SOLOMON + "the end\n", "line 13"),
        (SOLOMON.replace("    0      0  ", "    3      0  "), "CUST NO.: must be 0"),
    ],
)
def test_what_is_no_such_file_is_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(BadProblem, match=says):
        classics.read(saved(tmp_path, text, "odd.txt"))
    with pytest.raises(BadProblem, match="no such file"):
        classics.read(tmp_path / "absent.vrp")


def test_the_command_line_solves_such_a_file_and_ends(tmp_path: Path) -> None:
    done = CliRunner().invoke(engine, ["routing", str(saved(tmp_path, VRPLIB)), "--quiet"])
    assert done.exit_code == 0, done.output
    assert "value: 22.00" in done.output
    broken = saved(tmp_path, VRPLIB.replace("EUC_2D", "GEO"))
    refused = CliRunner().invoke(engine, ["routing", str(broken)])
    assert refused.exit_code == 2
    assert "EDGE_WEIGHT_TYPE: is GEO" in refused.output
