"""GAP instances: the OR-Library's text format, and the published recipes A to E."""

import numpy as np

from bihuan.engines.matching.gap.problem import GapProblem, Sense
from bihuan.engines.shape import BadProblem, Words


def read(text: str, sense: Sense = Sense.MINIMISE, name: str = "gap") -> list[GapProblem]:
    """The instances of one file; whether it is to be minimised is not written in it.

    The format is a list of whole numbers in free layout (J. E. Beasley, OR-Library):
    [count of instances,] then for each: agents, jobs, cost by agent, use by agent,
    capacities. Files of one instance leave the count out; both kinds are read. The small
    files gap1 to gap12 are to be maximised, the large ones (types a to e) minimised.
    """
    numbers = _numbers(text)
    if not len(numbers):
        raise BadProblem(name, Words("not a GAP file: empty", "不是 GAP 文件：内容为空"))
    count, position = (1, 0) if _is_single(numbers) else (int(numbers[0]), 1)
    problems = []
    for number in range(1, count + 1):
        label = name if count == 1 else f"{name}-{number}"
        problem, position = _instance(numbers, position, sense, label)
        problems.append(problem)
    if position != len(numbers):
        raise BadProblem(
            name,
            Words(
                f"{len(numbers) - position} numbers are left over after {count} instances",
                f"读完 {count} 个算例后还剩 {len(numbers) - position} 个数",
            ),
        )
    return problems


def written(problem: GapProblem) -> str:
    """One instance in the same format, without the count."""
    rows = [[problem.agents, problem.jobs], *problem.cost, *problem.use, problem.capacity]
    return "\n".join(" ".join(str(int(number)) for number in row) for row in rows) + "\n"


def _numbers(text: str) -> np.ndarray:
    try:
        return np.array([int(word) for word in text.split()], dtype=np.int64)
    except ValueError as problem:
        raise BadProblem(
            "", Words(f"not a GAP file: {problem}", f"不是 GAP 文件：{problem}")
        ) from problem


def _is_single(numbers: np.ndarray) -> bool:
    if len(numbers) < 2:
        return False
    agents, jobs = int(numbers[0]), int(numbers[1])
    return len(numbers) == 2 + 2 * agents * jobs + agents


def _instance(numbers: np.ndarray, at: int, sense: Sense, name: str) -> tuple[GapProblem, int]:
    if len(numbers) < at + 2:
        raise BadProblem(name, Words("ends before agents and jobs", "缺少代理数与任务数"))
    agents, jobs = int(numbers[at]), int(numbers[at + 1])
    cells = agents * jobs
    end = at + 2 + 2 * cells + agents
    if agents < 1 or jobs < 1 or end > len(numbers):
        raise BadProblem(
            name,
            Words(
                f"{agents} agents × {jobs} jobs need {2 * cells + agents} numbers; "
                f"there are {len(numbers) - at - 2}",
                f"{agents} 个代理 × {jobs} 个任务需要 {2 * cells + agents} 个数，"
                f"实有 {len(numbers) - at - 2} 个",
            ),
        )
    body = numbers[at + 2 : end].astype(float)
    return (
        GapProblem(
            cost=body[:cells].reshape(agents, jobs),
            use=body[cells : 2 * cells].reshape(agents, jobs),
            capacity=body[2 * cells :],
            sense=sense,
            name=name,
        ),
        end,
    )


def published(kind: str, agents: int, jobs: int, seed: int = 0) -> GapProblem:
    """A random instance by the published recipe of type A, B, C, D or E (minimise).

    Source: P. C. Chu and J. E. Beasley, "A genetic algorithm for the generalised assignment
    problem", Computers & Operations Research 24 (1997) 17-23, types A to D; type E by
    M. Yagiura, T. Ibaraki and F. Glover, INFORMS J. Computing 16 (2004) 133-151.
    Confidence B: restated from later papers that agree. D and E are the hard ones: what is
    cheap there is also large.
    """
    random = np.random.default_rng(seed)
    shape = (agents, jobs)
    if kind in ("A", "B", "C"):
        use = random.integers(5, 25, shape, endpoint=True).astype(float)
        cost = random.integers(10, 50, shape, endpoint=True).astype(float)
    elif kind == "D":
        use = random.integers(1, 100, shape, endpoint=True).astype(float)
        cost = 111 - use + random.integers(-10, 10, shape, endpoint=True)
    elif kind == "E":
        use = np.rint(1 - 10 * np.log(1 - random.random(shape)))
        cost = np.rint(1000 / use - 10 * random.random(shape))
    else:
        raise BadProblem("kind", Words(f"{kind!r}; must be A to E", f"{kind!r}，必须是 A 至 E"))
    return GapProblem(
        cost=cost, use=use, capacity=_capacity(kind, cost, use), name=f"{kind}{agents}x{jobs}"
    )


def _capacity(kind: str, cost: np.ndarray, use: np.ndarray) -> np.ndarray:
    agents, jobs = cost.shape
    if kind in ("A", "B"):
        cheapest = np.argmin(cost, axis=0)
        load = np.bincount(cheapest, use[cheapest, np.arange(jobs)], minlength=agents)
        loose = 0.6 * (jobs / agents) * 15 + 0.4 * load.max()
        return np.full(agents, np.rint(loose if kind == "A" else 0.7 * loose))
    return np.asarray(np.rint(0.8 * use.sum(axis=1) / agents))
