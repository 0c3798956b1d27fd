"""Solve a GAP with HiGHS: a relaxation, a core of good columns, then the rest by proof.

1. *Relaxation.* The LP gives the bound and, for every (agent, job), the reduced cost: how
   much the value must rise if that assignment is forced.
2. *Core.* Keep the few best agents per job by reduced cost and solve that small MILP: a
   good answer quickly, however large the instance.
3. *Proof.* Drop every column whose reduced cost exceeds the distance between answer and
   bound (no better answer can use it), and let HiGHS close what is left.
"""

import math
from dataclasses import dataclass

import numpy as np

from bihuan import __version__
from bihuan.engines import lp, wire
from bihuan.engines.matching.gap.problem import GapProblem, GapResult, Sense
from bihuan.engines.shape import (
    Binding,
    Check,
    OnProgress,
    Progress,
    Provenance,
    Status,
    Stop,
    Watch,
    Words,
    ignore,
)

SMALL = 2_000  # agents × jobs below which the whole MILP is solved at once
CORE_AGENTS = 5  # kept per job in the core
CORE_SHARE = 0.5  # of the time for the core
EPS = 1e-6


@dataclass(frozen=True, eq=False)
class Found:
    """The best assignment so far (None: none) and the proven bound, minimising."""

    agent_of: np.ndarray | None
    value: float
    bound: float
    is_infeasible: bool = False

    def better(self, agent_of: np.ndarray | None, value: float) -> "Found":
        if agent_of is None or value >= self.value:
            return self
        return Found(agent_of, value, self.bound)

    def bounded(self, bound: float) -> "Found":
        """Costs are whole, so the bound may be rounded up."""
        return Found(self.agent_of, self.value, max(self.bound, math.ceil(bound - EPS)))

    @property
    def is_proven(self) -> bool:
        return self.agent_of is not None and self.value <= self.bound + EPS


def solve(
    problem: GapProblem,
    *,
    stop: Stop | None = None,
    seed: int = 0,
    progress: OnProgress = ignore,
) -> GapResult:
    """The best assignment, with proof or a gap; never worse than the greedy one."""
    watch = (stop or Stop()).begin()
    cost = problem.cost if problem.sense is Sense.MINIMISE else -problem.cost
    by_hand = greedy(cost, problem)
    hand_value = _value(cost, by_hand)
    found = Found(None, math.inf, -math.inf).better(by_hand, hand_value)
    keep = np.ones(cost.shape, dtype=bool)
    if cost.size > SMALL:
        found, reduced = _relax(problem, cost, found, watch)
        if not found.is_infeasible and not found.is_proven:
            found = _core(problem, cost, found, reduced, watch, seed)
            progress(Progress("gap", "core", 0.5, found.value, found.bound, watch.elapsed_s))
            keep = reduced <= found.value - found.bound + EPS
    if not found.is_infeasible and not found.is_proven and not watch.is_over():
        found = _milp(problem, cost, found, keep, watch, seed, proves=True)
    return _result(problem, found, by_hand, watch, seed)


def greedy(cost: np.ndarray, problem: GapProblem) -> np.ndarray | None:
    """Jobs in the order of their regret (second best minus best), each to its cheapest agent
    that still has room; None if one finds none. The fallback and the yardstick.
    """
    room = problem.capacity.copy()
    ranked = np.sort(cost, axis=0)
    regret = ranked[1] - ranked[0] if problem.agents > 1 else ranked[0]
    agent_of = np.full(problem.jobs, -1)
    for job in np.argsort(-regret, kind="stable"):
        fits = problem.use[:, job] <= room
        if not fits.any():
            return None
        agent = int(np.argmin(np.where(fits, cost[:, job], np.inf)))
        agent_of[job] = agent
        room[agent] -= problem.use[agent, job]
    return agent_of


def _value(cost: np.ndarray, agent_of: np.ndarray | None) -> float:
    return math.inf if agent_of is None else float(cost[agent_of, np.arange(cost.shape[1])].sum())


def programme(
    problem: GapProblem, cost: np.ndarray, keep: np.ndarray, *, integer: bool
) -> tuple[lp.Lp, np.ndarray, np.ndarray]:
    """The (kept part of the) assignment as arrays, and the agent and job of each column."""
    agent, job = np.nonzero(keep)
    build = lp.Builder()
    columns = build.columns(len(agent), upper=1.0, cost=cost[agent, job], integer=integer)
    once = build.rows(problem.jobs, lower=1.0, upper=1.0)
    capacity = build.rows(problem.agents, upper=problem.capacity)
    build.put(once.start + job, columns, 1.0)
    build.put(capacity.start + agent, columns, problem.use[agent, job])
    return build.arrays(), agent, job


def _relax(
    problem: GapProblem, cost: np.ndarray, found: Found, watch: Watch
) -> tuple[Found, np.ndarray]:
    """The LP bound and the reduced cost of every column; zeros where time ran out."""
    arrays, agent, job = programme(problem, cost, np.ones(cost.shape, bool), integer=False)
    answer = lp.solve(arrays, watch=watch)
    reduced = np.zeros(cost.shape)
    if answer.status is Status.INFEASIBLE:
        return Found(None, math.inf, math.inf, is_infeasible=True), reduced
    if answer.status is not Status.OPTIMAL:
        return found, reduced
    price = answer.row_dual
    reduced[agent, job] = (
        cost[agent, job] - price[job] - price[problem.jobs + agent] * problem.use[agent, job]
    )
    return found.bounded(answer.value or 0.0), reduced


def _core(
    problem: GapProblem,
    cost: np.ndarray,
    found: Found,
    reduced: np.ndarray,
    watch: Watch,
    seed: int,
) -> Found:
    """Solve on the best few agents per job; widen where the core is too narrow."""
    width = CORE_AGENTS
    limit = watch.elapsed_s + CORE_SHARE * watch.remaining_s
    while not watch.is_over() and not found.is_proven:
        kept = min(width, problem.agents)
        keep = np.zeros(cost.shape, dtype=bool)
        best = np.argpartition(reduced, kept - 1, axis=0)[:kept]
        np.put_along_axis(keep, best, values=True, axis=0)
        seconds = max(0.1, limit - watch.elapsed_s)
        part = Stop(max_runtime_s=seconds, cancelled=watch.stop.cancelled).begin()
        before = found.value
        found = _milp(problem, cost, found, keep, part, seed, proves=False)
        if kept == problem.agents or found.value < before or watch.elapsed_s >= limit:
            return found
        width *= 2
    return found


def _milp(
    problem: GapProblem,
    cost: np.ndarray,
    found: Found,
    keep: np.ndarray,
    watch: Watch,
    seed: int,
    *,
    proves: bool,
) -> Found:
    """HiGHS on the kept columns. Only a run on all columns that matter `proves` anything."""
    arrays, agent, job = programme(problem, cost, keep, integer=True)
    options = {"random_seed": seed % 2**31, "mip_rel_gap": 0.0}
    gap = watch.stop.gap
    start = None if found.agent_of is None else (found.agent_of[job] == agent).astype(float)
    if start is not None and start.sum() == problem.jobs:
        answer = lp.solve_from(arrays, start, watch=watch, options=options, gap=gap)
    else:
        answer = lp.solve(arrays, watch=watch, options=options, gap=gap)
    if answer.status is Status.INFEASIBLE:
        if not proves or found.agent_of is not None:
            return found.bounded(found.value) if proves else found
        return Found(None, math.inf, math.inf, is_infeasible=True)
    if answer.status.has_solution:
        agent_of = np.zeros(problem.jobs, dtype=int)
        chosen = answer.x > 0.5
        agent_of[job[chosen]] = agent[chosen]
        found = found.better(agent_of, _value(cost, agent_of))
    if proves and answer.bound is not None:
        # Columns left out cannot beat `found`, so the bound holds up to its value.
        found = found.bounded(min(answer.bound, found.value))
    return found


def _result(
    problem: GapProblem, found: Found, by_hand: np.ndarray | None, watch: Watch, seed: int
) -> GapResult:
    sign = 1.0 if problem.sense is Sense.MINIMISE else -1.0
    has = found.agent_of is not None
    if found.is_infeasible:
        status = Status.INFEASIBLE
    elif not has:
        status = Status.STOPPED
    else:
        status = Status.OPTIMAL if found.is_proven else Status.FEASIBLE
    return GapResult(
        status=status,
        value=sign * found.value if has else None,
        unit="",
        bound=sign * found.bound if math.isfinite(found.bound) else None,
        runtime_s=watch.elapsed_s,
        provenance=Provenance(
            engine="matching.gap",
            version=__version__,
            problem_sha256=wire.digest(problem),
            seed=seed,
            solver="HiGHS",
        ),
        checks=_checks(problem, found.agent_of) if found.agent_of is not None else (),
        bindings=_shortage(problem) if found.is_infeasible else _full(problem, found.agent_of),
        agent_of=tuple(int(a) for a in found.agent_of) if found.agent_of is not None else (),
        greedy_value=None if by_hand is None else problem.value_of(by_hand),
    )


def _checks(problem: GapProblem, agent_of: np.ndarray) -> tuple[Check, ...]:
    over = np.maximum(problem.used_by(agent_of) - problem.capacity, 0.0)
    return (
        Check.of("capacity of every agent", float(over.max()), EPS),
        Check.of("every job has one agent", float(problem.jobs - len(agent_of)), 0),
    )


def _full(problem: GapProblem, agent_of: np.ndarray | None) -> tuple[Binding, ...]:
    """The agents too full for their smallest foreign job: where capacity binds."""
    if agent_of is None:
        return ()
    room = problem.capacity - problem.used_by(agent_of)
    tight = int(np.sum(room < problem.use.min(axis=1)))
    words = Words(
        f"{tight} of {problem.agents} agents have no room for any other job",
        f"{problem.agents} 个代理中有 {tight} 个已容不下任何其他任务",
    )
    return (Binding(name="capacity", words=words),) if tight else ()


def _shortage(problem: GapProblem) -> tuple[Binding, ...]:
    """The least total capacity to add before an assignment can exist; of large ones at least this."""
    build, is_small = lp.Builder(), problem.cost.size <= SMALL
    cells = build.columns(problem.cost.size, upper=1.0, integer=is_small)
    extra = build.columns(problem.agents, cost=1.0)
    agent, job = np.divmod(np.arange(problem.cost.size), problem.jobs)
    once = build.rows(problem.jobs, lower=1.0, upper=1.0)
    capacity = build.rows(problem.agents, upper=problem.capacity)
    build.put(once.start + job, cells, 1.0)
    build.put(capacity.start + agent, cells, problem.use.ravel())
    build.put(capacity, extra, -1.0)
    missing = lp.solve(build.arrays()).value or 0.0
    if missing <= EPS:
        words = Words(
            "the jobs fit only if split: no whole assignment exists",
            "仅当任务可拆分时才放得下：不存在整数指派",
        )
        return (Binding(name="capacity", words=words),)
    words = Words(
        f"all agents together lack at least {missing:g} units of capacity",
        f"各代理合计至少缺少 {missing:g} 单位容量",
    )
    return (Binding(name="capacity", words=words, relief=missing, unit="", per=""),)
