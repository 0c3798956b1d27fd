"""CP-SAT over what can still matter: proof for queues of ordinary size."""

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model

from bihuan.engines.matching.model import Model
from bihuan.engines.shape import OnProgress, Progress, Status, Watch

ASK_S = 0.1  # how often it is asked whether to stop


@dataclass(frozen=True, eq=False)
class Plan:
    """Chosen candidates and the proven bound, in points. `chosen` is None where none exists."""

    status: Status
    chosen: np.ndarray | None
    value: int
    bound: float


def search(
    model: Model,
    keep: np.ndarray,
    hint: np.ndarray | None,
    watch: Watch,
    *,
    seed: int,
    workers: int,
    progress: OnProgress,
    forbid: np.ndarray | None = None,
) -> Plan:
    """The best plan over the kept candidates. `forbid` excludes one, to find the second best."""
    made = _Programme(model, keep)
    if forbid is not None:
        made.differ(forbid)
    if hint is not None:
        made.hint(hint)
    solver = cp_model.CpSolver()
    solver.parameters.random_seed = seed % 2**31
    solver.parameters.num_workers = workers
    solver.parameters.interleave_search = workers > 1  # the same answer on every run
    solver.parameters.relative_gap_limit = watch.stop.gap
    if math.isfinite(watch.remaining_s):
        solver.parameters.max_time_in_seconds = max(0.01, watch.remaining_s)
    with _cancellable(solver, watch):
        status = STATUSES[solver.solve(made.programme, _Watcher(watch, progress))]
    if not status.has_solution:
        return Plan(status, None, 0, math.inf)
    chosen = np.array([c for c, v in made.x.items() if solver.value(v)], dtype=np.int64)
    return Plan(status, chosen, model.value(chosen), solver.best_objective_bound)


STATUSES = {
    cp_model.OPTIMAL: Status.OPTIMAL,
    cp_model.FEASIBLE: Status.FEASIBLE,
    cp_model.INFEASIBLE: Status.INFEASIBLE,
    cp_model.UNKNOWN: Status.STOPPED,
}


@contextmanager
def _cancellable(solver: cp_model.CpSolver, watch: Watch) -> Iterator[None]:
    """Ask from time to time whether to stop: a search may go on for long without a better plan."""
    over = threading.Event()

    def ask() -> None:
        while not over.wait(ASK_S):
            if watch.stop.cancelled():
                solver.stop_search()

    asking = threading.Thread(target=ask, daemon=True)
    if watch.stop.has_cancel:
        asking.start()
    try:
        yield
    finally:
        over.set()
        if asking.is_alive():
            asking.join()


class _Watcher(cp_model.CpSolverSolutionCallback):
    """Reports each better plan."""

    def __init__(self, watch: Watch, progress: OnProgress) -> None:
        super().__init__()
        self._watch, self._progress = watch, progress

    def on_solution_callback(self) -> None:
        value, bound = self.objective_value, self.best_objective_bound
        self._progress(Progress("matching", "search", None, value, bound, self._watch.elapsed_s))


class _Programme:
    """The model in CP-SAT's words; `x` maps a kept candidate to its variable."""

    def __init__(self, model: Model, keep: np.ndarray) -> None:
        self.programme = cp_model.CpModel()
        self.x = {int(c): self.programme.new_bool_var("") for c in np.flatnonzero(keep)}
        self._model = model
        self._add_rows()
        self._add_switches()
        self._add_points()

    def hint(self, chosen: np.ndarray) -> None:
        taken = set(chosen.tolist())
        for column, variable in self.x.items():
            self.programme.add_hint(variable, column in taken)

    def differ(self, forbid: np.ndarray) -> None:
        """At least one candidate in or out beside the forbidden plan."""
        taken = set(forbid.tolist())
        self.programme.add_bool_or([~v if c in taken else v for c, v in self.x.items()])

    def _kept(self, columns: np.ndarray) -> list[cp_model.IntVar]:
        return [self.x[c] for c in columns.tolist() if c in self.x]

    def _add_rows(self) -> None:
        for row in self._model.rows:
            variables = self._kept(row.columns)
            inside = [c in self.x for c in row.columns.tolist()]
            weights = row.weights[inside]
            if row.is_equal:
                self.programme.add_exactly_one(variables)
            elif row.limit == 1 and bool((weights == 1).all()):
                self.programme.add_at_most_one(variables)
            elif int(weights.sum()) > row.limit:
                total = cp_model.LinearExpr.weighted_sum(variables, weights.tolist())
                self.programme.add(total <= row.limit)

    def _add_switches(self) -> None:
        for switch in self._model.switches:
            y = self.programme.new_bool_var("")
            for groups, literal in ((switch.one, ~y), (switch.other, y)):
                for group in groups:
                    self.programme.add_at_most_one([*self._kept(group), literal])

    def _add_points(self) -> None:
        terms: list[cp_model.IntVar] = list(self.x.values())
        points = self._model.columns.points[list(self.x)].tolist() if self.x else []
        for bonus in self._model.bonuses:
            w = self.programme.new_bool_var("")
            self.programme.add_bool_or([*self._kept(bonus.here), ~w])
            self.programme.add_bool_or([*self._kept(bonus.there), ~w])
            terms.append(w)
            points.append(bonus.points)
        self.programme.maximize(cp_model.LinearExpr.weighted_sum(terms, points))
