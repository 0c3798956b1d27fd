"""Running a park of given sizes at least cost over its horizon."""

from collections.abc import Mapping
from dataclasses import replace

import bihuan
from bihuan.engines import wire
from bihuan.engines.greenpark.diagnose import conflicts
from bihuan.engines.greenpark.explain import bindings, ratio_lines, worths
from bihuan.engines.greenpark.flows import POWER_TOLERANCE_MW, checks_of, flows_of
from bihuan.engines.greenpark.layout import Model, throws_away_mw, tie_cny
from bihuan.engines.greenpark.limits import book
from bihuan.engines.greenpark.model import assemble
from bihuan.engines.greenpark.money import constant_cny, operation_lines
from bihuan.engines.greenpark.opposed import BURNING, opposed
from bihuan.engines.greenpark.priced import Priced, solve
from bihuan.engines.greenpark.problem import Park
from bihuan.engines.greenpark.result import Dispatch
from bihuan.engines.lp import LpAnswer
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

ENGINE = "greenpark"
SOLVER = "HiGHS"
REPAIR_ROUNDS = 30  # each closes columns for good, so that few are needed
PROVEN = 1e-6  # relative gap below which a repaired solution counts as optimal


def dispatch(
    park: Park,
    *,
    stop: Stop | None = None,
    seed: int = 0,
    progress: OnProgress = ignore,
    rule_prices: Mapping[str, float] | None = None,
) -> Dispatch:
    """The cheapest operation of a park, its ledger, its ratios and what binds.

    value: CNY over the horizon, investment left out. `rule_prices` may bring multipliers
    of the ratios that are known already (CNY/MWh), which saves time and changes nothing
    else. The method is deterministic: `seed` is only recorded.
    """
    watch = (stop or Stop()).begin()
    progress(Progress(ENGINE, "building", 0.0, elapsed_s=watch.elapsed_s))
    model = assemble(park)
    progress(Progress(ENGINE, "solving", 0.1, elapsed_s=watch.elapsed_s))
    answer, bound = _solved(model, watch, rule_prices)
    if answer.status.has_solution and throws_away_mw(model, answer.x) > POWER_TOLERANCE_MW:
        model = assemble(park, curtails_own=True)
        answer, bound = _solved(model, watch, rule_prices)
    progress(Progress(ENGINE, "reporting", 0.95, elapsed_s=watch.elapsed_s))
    return _result(park, model, answer, bound, watch, seed)


def _solved(
    model: Model, watch: Watch, rule_prices: Mapping[str, float] | None
) -> tuple[LpAnswer, float | None]:
    """The optimum that a plant can follow, and the bound of the linear programme."""
    priced, first = solve(model, watch, rule_prices)
    bound = None if first.bound is None else first.bound - tie_cny(model, first.x)
    return (repair(priced, model, first) if first.status.has_solution else first), bound


def repair(priced: Priced, model: Model, answer: LpAnswer) -> LpAnswer:
    """Forbid opposed flows at the steps where the solution has both, and solve again.

    An LP may charge and discharge, or buy and sell, in one step where wasting energy pays
    (a negative price, or a ratio that counts losses as self-use). The direction with the
    larger flow is kept. What comes out can be done in reality; the first optimum is its bound.
    """
    for _ in range(REPAIR_ROUNDS):
        closed = opposed(model, answer)
        if not len(closed):
            return answer
        for column in closed:
            priced.highs.changeColBounds(int(column), 0.0, 0.0)
        better = priced.again()
        if not better.status.has_solution:
            return answer
        answer = better
    return answer


def _result(
    park: Park, model: Model, answer: LpAnswer, bound: float | None, watch: Watch, seed: int
) -> Dispatch:
    made = provenance(park, model, seed)
    nothing = Dispatch(
        park=park, status=answer.status, value=None, unit="CNY", bound=None,
        runtime_s=watch.elapsed_s, provenance=made, warnings=warnings(park),
    )  # fmt: skip
    if answer.status is Status.INFEASIBLE:
        return replace(nothing, bindings=tuple(conflicts(park, watch)), runtime_s=watch.elapsed_s)
    if not answer.status.has_solution or answer.value is None:
        return nothing
    flows = flows_of(model, answer.x, answer.row_dual)
    value = answer.value - tie_cny(model, answer.x) + constant_cny(park)
    bound = None if bound is None else bound + constant_cny(park)
    money = tuple(operation_lines(park, flows))
    ratios = tuple(ratio_lines(model, answer))
    checks = checks_of(park, flows)
    checks.append(money_check(value, sum(line.cny for line in money), "CNY"))
    burning = len(opposed(model, answer)) > 0
    checks += [
        Check.of(f"limit kept: {r.key}", 0.0 if r.kept else 1.0, 0.5)
        for r in ratios
        if r.limit is not None
    ]
    return replace(
        nothing,
        status=proven(answer.status, value, bound),
        value=value,
        bound=bound,
        flows=flows,
        money=money,
        ratios=ratios,
        checks=tuple(checks),
        worths=worths(model, answer),
        bindings=tuple(bindings(model, answer, list(ratios))) or (_nothing_binds(),),
        runtime_s=watch.elapsed_s,
        warnings=nothing.warnings + ((BURNING,) if burning else ()),
    )


def proven(status: Status, value: float, bound: float | None) -> Status:
    """OPTIMAL only where value and bound agree."""
    if status is Status.OPTIMAL and bound is not None:
        close = abs(value - bound) <= PROVEN * max(abs(value), 1.0)
        return Status.OPTIMAL if close else Status.FEASIBLE
    return status


def money_check(value: float, lines_cny: float, unit: str) -> Check:
    return Check.of("money = Σ lines", value - lines_cny, 1e-6 * max(abs(value), 1.0), unit)


def _nothing_binds() -> Binding:
    return Binding(
        name="none",
        words=Words("no limit that could be relieved binds", "没有可放宽且起作用的约束"),
    )


def provenance(park: Park, model: Model, seed: int) -> Provenance:
    return Provenance(
        engine=ENGINE,
        version=bihuan.__version__,
        problem_sha256=wire.digest(park),
        seed=seed,
        solver=SOLVER,
        rules=tuple(limit.row_id for limit, _, _ in model.rule_rows if limit.row_id),
    )


def warnings(park: Park) -> tuple[Words, ...]:
    """What a reader must know before using the figures."""
    said = []
    days = park.steps * park.hours / 24
    if days < 365:
        said.append(Words(
            f"{days:g} of 365 days: yearly figures are scaled, and the ratios of the rules are of a year",
            f"仅 {days:g} 天而非一年：年化数字为折算值，政策比例应按全年考核",
        ))  # fmt: skip
    if park.rules.regime != "none" and any(s.grid_charging for s in park.storages):
        said.append(Words(
            "a storage charges from the grid: what it sells counts as fed in, never as self-use",
            "储能可从电网充电：其售出电量一律计入上网，不计自用",
        ))  # fmt: skip
    used = {row.id: row for row in book().rows if row.id.startswith(f"{park.rules.regime}-")}
    if any(row.confidence.must_be_checked for row in used.values()):
        said.append(Words(
            f"the rules of {park.rules.regime} are not read from the original: check against the text",
            f"{park.rules.regime}号规则未据原文核实：需核对原文",
        ))  # fmt: skip
    return tuple(said)
