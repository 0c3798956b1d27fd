"""GAP instances: the OR-Library's text format, and the published recipes A to E."""

import numpy as np

from bihuan.engines.matching.gap.problem import GapProblem, Sense
from bihuan.engines.shape import BadProblem, Words

LARGEST = 2.0**53  # whole numbers below it are exact


def read(text: str, sense: Sense = Sense.MINIMISE, name: str = "gap") -> list[GapProblem]:
    """The instances of one file; whether it is to be minimised is not written in it.

    The format is a list of whole numbers in free layout (J. E. Beasley, OR-Library):
    [count of instances,] then for each: agents, jobs, cost by agent, use by agent,
    capacities. Files of one instance leave the count out; both kinds are read. The small
    files gap1 to gap12 are to be maximised, the large ones (types a to e) minimised.
    """
    numbers = _numbers(text, name)
    if _is_single(numbers):
        return [_instance(numbers, 0, sense, name)[0]]
    problems, position = [], 1
    try:
        for number in range(1, int(numbers[0]) + 1):
            problem, position = _instance(numbers, position, sense, f"{name}-{number}")
            problems.append(problem)
    except BadProblem as problem:
        raise _neither(numbers, name) from problem
    if not problems or position != len(numbers):
        raise _neither(numbers, name)
    return problems


def _neither(numbers: np.ndarray, name: str) -> BadProblem:
    """The numbers are too few or too many for either reading of the file."""
    count, agents, jobs = len(numbers), int(numbers[0]), int(numbers[1])
    wanted = _length(agents, jobs)
    return BadProblem(
        name,
        Words(
            f"holds {count} numbers: not one instance of {agents} agents × {jobs} jobs ({wanted}), "
            f"nor {agents} instances one after another",
            f"共 {count} 个数：既不是 {agents} 个代理 × {jobs} 个任务的单个算例（{wanted} 个），"
            f"也不是连续 {agents} 个算例",
        ),
    )


def _length(agents: int, jobs: int) -> int:
    """How many numbers an instance takes: its size, cost, use and capacities."""
    return 2 + 2 * agents * jobs + agents


def written(problem: GapProblem) -> str:
    """One instance in the same format, without the count."""
    rows = [[problem.agents, problem.jobs], *problem.cost, *problem.use, problem.capacity]
    return "\n".join(" ".join(str(int(number)) for number in row) for row in rows) + "\n"


def _numbers(text: str, name: str) -> np.ndarray:
    """At least two whole numbers, however they are written and broken into lines."""
    try:
        values = np.array([float(word) for word in text.lstrip("\ufeff").split()])
    except ValueError as problem:
        raise _no_file(name) from problem
    if len(values) < 2 or not np.all(np.abs(values) < LARGEST) or np.any(values % 1):
        raise _no_file(name)
    return values.astype(np.int64)


def _no_file(name: str) -> BadProblem:
    return BadProblem(
        name, Words("is no GAP file: a list of whole numbers", "不是 GAP 文件：应为一串整数")
    )


def _is_single(numbers: np.ndarray) -> bool:
    return len(numbers) == _length(int(numbers[0]), int(numbers[1]))


def _instance(numbers: np.ndarray, at: int, sense: Sense, name: str) -> tuple[GapProblem, int]:
    """The instance that begins at a position, and the position after it."""
    agents, jobs = (int(n) for n in (*numbers[at : at + 2], 0, 0)[:2])
    end = at + _length(agents, jobs)
    if agents < 1 or jobs < 1 or end > len(numbers):
        raise BadProblem(name, Words("ends too soon", "内容不完整"))
    body, cells = numbers[at + 2 : end].astype(float), agents * jobs
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
