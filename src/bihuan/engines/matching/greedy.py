"""The greedy plan: what a careful officer would do by hand, and never better than the engine.

Sitting tenants stay. Then the needs with most points first, each to its best candidate that
still leaves every shared limit intact.
"""

from collections import defaultdict

import numpy as np

from bihuan.engines.matching.model import Model


class Ledger:
    """What is still free in every row while candidates are added one by one."""

    def __init__(self, model: Model) -> None:
        self.room = np.array([row.limit for row in model.rows], dtype=np.int64)
        self._draws: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for number, row in enumerate(model.rows):
            for column, weight in zip(row.columns.tolist(), row.weights.tolist(), strict=True):
                self._draws[column].append((number, weight))
        self._sides: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for number, switch in enumerate(model.switches):
            for side, groups in enumerate((switch.one, switch.other)):
                for column in {c for group in groups for c in group.tolist()}:
                    self._sides[column].append((number, side))
        self._count = np.zeros((len(model.switches), 2), dtype=np.int64)

    def takes(self, column: int) -> bool:
        """Whether the candidate still fits beside what was added."""
        return all(self.room[row] >= weight for row, weight in self._draws[column]) and not any(
            self._count[switch, 1 - side] for switch, side in self._sides[column]
        )

    def add(self, column: int) -> None:
        for row, weight in self._draws[column]:
            self.room[row] -= weight
        for switch, side in self._sides[column]:
            self._count[switch, side] += 1


def greedy(model: Model) -> np.ndarray:
    """Positions of the chosen candidates, in increasing order."""
    columns, ledger = model.columns, Ledger(model)
    must = {int(c) for row in model.rows if row.is_equal for c in row.columns}
    best = np.zeros(int(columns.need.max()) + 1 if len(columns) else 0, dtype=np.int64)
    np.maximum.at(best, columns.need, columns.points)
    stays_first = np.array([c not in must for c in range(len(columns))], dtype=bool)
    order = np.lexsort(
        (-columns.points, columns.need, -best[columns.need], columns.is_move, stays_first)
    )
    chosen: list[int] = []
    served: set[int] = set()
    for column in order.tolist():
        need = int(columns.need[column])
        if need in served or (columns.points[column] <= 0 and column not in must):
            continue
        if ledger.takes(column):
            ledger.add(column)
            chosen.append(column)
            served.add(need)
    return np.array(sorted(chosen), dtype=np.int64)
