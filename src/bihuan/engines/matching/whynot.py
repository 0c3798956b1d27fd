"""Why the plan is not better: the limits that bind, what relief is worth, and conflicts."""

from dataclasses import replace

import numpy as np

from bihuan.engines import lp
from bihuan.engines.matching.candidates import POINTS_PER_M2
from bihuan.engines.matching.fit import Fitter
from bihuan.engines.matching.model import SCALE, Model, Row
from bihuan.engines.matching.relaxation import Relaxed, programme
from bihuan.engines.shape import Binding, Stop, Watch, Words

MOST = 8  # bindings of one sort that are told
LEAST_S = 10.0  # for the reason why there is no plan, even where time is up
STAY = 1e6  # price of not housing a sitting tenant, in shares of a limit


def binding_limits(fitter: Fitter, model: Model, relaxed: Relaxed) -> list[Binding]:
    """Shared limits with a price, dearest first. Prices are those of the relaxation: what the
    next small relief is worth, not a promise for a large one.
    """
    worth: dict[tuple[str, str], float] = {}
    for row, price in zip(model.rows, relaxed.price, strict=False):
        if row.kind in ("utility", "crane", "moves") and price > 1e-9:
            scale = SCALE if row.kind != "moves" else 1
            key = (row.kind, row.key)
            worth[key] = worth.get(key, 0.0) + float(price) * scale / POINTS_PER_M2
    told = sorted(worth.items(), key=lambda item: -item[1])[:MOST]
    found = []
    for (kind, code), m2 in told:
        label, per = _sort(fitter, kind, code)
        words = Words(
            f"{code}: {label.en} binds; one more {per} is worth about {m2:,.2f} m² of needs",
            f"{code}：{label.zh}已到上限；每增加 1 {per} 约可多满足 {m2:,.2f} m² 需求",
        )
        found.append(Binding(name=f"{kind}:{code}", words=words, relief=m2, unit="m²", per=per))
    space = [
        float(p)
        for r, p in zip(model.rows, relaxed.price, strict=False)
        if r.kind == "unit" and p > 1e-9
    ]
    if space:
        words = Words(
            f"space itself binds: {len(space)} unit-periods are wanted by more than one need",
            f"空间本身紧张：{len(space)} 个单元时段有多家争用",
        )
        found.append(Binding(name="units", words=words))
    return found


def conflict(fitter: Fitter, model: Model, watch: Watch) -> list[Binding]:
    """Why the sitting tenants cannot all be housed, and the smallest relief that houses them.

    Every shared limit may be exceeded at a price of its relative excess, and a tenant may be
    left out at a very high one; the cheapest way out is the answer.
    """
    whole = programme(model)
    soft = [i for i, row in enumerate(model.rows) if row.kind in ("utility", "crane")]
    must = [i for i, row in enumerate(model.rows) if row.is_equal]
    extra = np.array(soft + must, dtype=np.int32)
    price = [1.0 / max(model.rows[i].limit, 1) for i in soft] + [STAY] * len(must)
    sign = np.array([-1.0] * len(soft) + [1.0] * len(must))
    elastic = replace(
        whole,
        cost=np.concatenate([np.zeros(whole.columns), price]),
        lower=np.concatenate([whole.lower, np.zeros(len(extra))]),
        upper=np.concatenate([whole.upper, np.full(len(extra), np.inf)]),
        start=np.concatenate([whole.start, whole.start[-1] + 1 + np.arange(len(extra))]).astype(
            np.int32
        ),
        index=np.concatenate([whole.index, extra]),
        value=np.concatenate([whole.value, sign]),
        integer=np.concatenate(
            [
                whole.integer if whole.integer is not None else np.zeros(whole.columns, np.int32),
                np.zeros(len(extra), np.int32),
            ]
        ),
    )
    time = Stop(max_runtime_s=max(watch.remaining_s, LEAST_S), cancelled=watch.stop.cancelled)
    answer = lp.solve(elastic, watch=time.begin())
    if not answer.status.has_solution:
        return []
    slack = answer.x[whole.columns :]
    short = [(model.rows[int(i)], float(s)) for i, s in zip(extra, slack, strict=True) if s > 1e-6]
    return [_relief(fitter, row, amount) for row, amount in short]


def _relief(fitter: Fitter, row: Row, slack: float) -> Binding:
    if row.is_equal:
        words = Words(
            f"sitting tenant {row.key} cannot be housed with the others",
            f"在驻企业 {row.key} 无法与其他企业同时安置",
        )
        return Binding(name=f"need:{row.key}", words=words)
    amount, (label, unit) = slack / SCALE, _sort(fitter, row.kind, row.key)
    words = Words(
        f"{row.key}: {label.en} is {amount:,.2f} {unit} short for who sits there today: raise it by "
        "that, or let a tenant move",
        f"{row.key}：{label.zh}对现有在驻企业缺少 {amount:,.2f} {unit}：请增容，或允许企业搬迁",
    )
    return Binding(name=f"{row.kind}:{row.key}", words=words, relief=amount, unit=unit)


def _sort(fitter: Fitter, kind: str, code: str) -> tuple[Words, str]:
    """What is shared under this code, and the unit it is counted in."""
    if kind == "crane":
        return Words("crane hours", "行车时间"), "h/d"
    if kind == "moves":
        return Words("the limit on moves", "搬迁次数上限"), "move"
    resource = next(u.resource for u in fitter.space.problem.utilities if u.code == code)
    return resource.words, resource.unit
