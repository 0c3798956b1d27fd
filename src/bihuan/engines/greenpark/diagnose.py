"""Why a park cannot be run, and the smallest relief that makes it possible.

The same programme with relief columns (Assembly._relief) and no other cost: first the
least more access to the grid; then, for each ratio alone, the least it would have to
give; and if no ratio alone suffices, all of them together.
"""

from dataclasses import replace

import numpy as np

from bihuan.engines import lp
from bihuan.engines.greenpark.layout import Model
from bihuan.engines.greenpark.limits import Limit
from bihuan.engines.greenpark.model import assemble
from bihuan.engines.greenpark.opposed import BURNING, opposed
from bihuan.engines.greenpark.priced import options_for
from bihuan.engines.greenpark.problem import Park
from bihuan.engines.shape import Binding, Watch, Words

TINY = 1e-6
ROUNDS = 4


def conflicts(park: Park, watch: Watch, *, sizing: bool = False) -> list[Binding]:
    """What stands in the way, as bindings; empty where the reason was not found."""
    model = assemble(park, sizing=sizing, relief=True)
    ratios = [limit for limit, _, _ in model.rule_rows]
    free = {limit.key for limit in ratios}
    access = _least(model, {"access"}, free | {"access"}, watch)
    if access is None:
        return [_other()]
    extra_mw = float(access[model.slacks["access"]])
    if extra_mw > TINY:
        return [_draw(park, extra_mw, watch, sizing=sizing)]
    alone = [(limit, _least(model, {limit.key}, {limit.key}, watch)) for limit in ratios]
    found = [_relaxed(model, limit, x) for limit, x in alone if x is not None]
    if found and all((binding.relief or 0.0) < TINY for binding in found):
        return [Binding(name="rules", words=BURNING)]
    if found:
        return found
    together = _least(model, free, free, watch)
    if together is None:
        return [_other()]
    return [_relaxed(model, limit, together, together=True) for limit in ratios]


def _least(model: Model, wanted: set[str], allowed: set[str], watch: Watch) -> np.ndarray | None:
    """The solution with the least relief `wanted`, others `allowed` or forbidden; None: none."""
    cost = np.zeros(model.lp.columns)
    upper = model.lp.upper.copy()
    for key, column in model.slacks.items():
        cost[column] = 1.0 if key in wanted else 0.0
        if key not in allowed:
            upper[column] = 0.0
    programme = replace(model.lp, cost=cost, upper=upper)
    answer = lp.solve(programme, watch=watch, options=options_for(model.park))
    for _ in range(ROUNDS):
        closed = opposed(model, answer) if answer.status.has_solution else np.zeros(0, dtype=int)
        if not len(closed):
            break
        upper[closed] = 0.0
        answer = lp.solve(programme, watch=watch, options=options_for(model.park))
    return answer.x if answer.status.has_solution else None


def _draw(park: Park, extra_mw: float, watch: Watch, *, sizing: bool) -> Binding:
    """The access or, where it suffices without them, the users' own limits."""
    if all(user.import_cap_mw is None for user in park.users):
        return _access(park, extra_mw)
    users = tuple(user.replace(import_cap_mw=None) for user in park.users)
    model = assemble(park.replace(users=users), sizing=sizing, relief=True)
    free = {limit.key for limit, _, _ in model.rule_rows}
    x = _least(model, {"access"}, free | {"access"}, watch)
    if x is None or float(x[model.slacks["access"]]) > TINY:
        return _access(park, extra_mw)
    limited = ", ".join(user.name for user in park.users if user.import_cap_mw is not None)
    return Binding(
        name="users.import_cap_mw",
        words=Words(
            f"the load cannot be met: the own limits of {limited} are {extra_mw:,.2f} MW too low",
            f"负荷无法满足：{limited} 的下网上限低了 {extra_mw:,.2f} MW",
        ),
        relief=extra_mw,
        unit="MW",
    )


def _access(park: Park, extra_mw: float) -> Binding:
    cap = park.grid.import_cap_mw
    return Binding(
        name="grid.import_cap_mw",
        words=Words(
            f"the load cannot be met: access of {cap:g} MW must be at least {cap + extra_mw:,.2f} MW, "
            "or the load or the storage change",
            f"负荷无法满足：下网容量 {cap:g} MW 至少应为 {cap + extra_mw:,.2f} MW，或调整负荷、储能",
        ),
        relief=extra_mw,
        unit="MW",
    )


def _relaxed(model: Model, limit: Limit, x: np.ndarray, *, together: bool = False) -> Binding:
    row = next(form for found, _, form in model.rule_rows if found.key == limit.key)
    denominator = max(row.at(x), TINY)
    points = float(x[model.slacks[limit.key]]) / denominator
    reached = max(0.0, limit.share - points) if limit.is_floor else limit.share + points
    only = (
        Words("together with the others", "与其他指标一起") if together else Words("alone", "单独")
    )
    return Binding(
        name=f"rules.{limit.key}",
        words=Words(
            f"the {limit.name.en} cannot be {limit.share:.2%}: relaxing it {only.en} to {reached:.2%} is enough",
            f"{limit.name.zh}无法达到 {limit.share:.2%}：{only.zh}放宽至 {reached:.2%} 即可行",
        ),
        relief=points * 100,
        unit="points",
    )


def _other() -> Binding:
    return Binding(
        name="storages",
        words=Words(
            "no relief of access or ratios helps: look at a storage's start, end and losses, or a user's limit",
            "放宽接入容量和比例均无济于事：请检查储能的起止电量与损耗，或用户下网上限",
        ),
    )
