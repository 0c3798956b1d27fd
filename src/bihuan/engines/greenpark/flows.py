"""What flows when: the solution of a park as series, and what must be true of it."""

from dataclasses import dataclass

import numpy as np

from bihuan.engines.greenpark.layout import Model, spare_mw
from bihuan.engines.greenpark.problem import Park
from bihuan.engines.shape import Check

POWER_TOLERANCE_MW = 1e-4


@dataclass(frozen=True, eq=False)
class StorageFlow:
    """One storage: power at AC, energy at DC."""

    charged_mw: np.ndarray
    discharged_mw: np.ndarray
    stored_mwh: np.ndarray  # at the end of each step


@dataclass(frozen=True, eq=False)
class Flows:
    """Every flow of the horizon; all ≥ 0."""

    load_mw: np.ndarray
    available_mw: dict[str, np.ndarray]
    used_mw: dict[str, np.ndarray]
    curtailed_mw: np.ndarray
    bought_mw: np.ndarray  # by all, grid charging included
    bought_by_user_mw: dict[str, np.ndarray]
    sold_mw: np.ndarray
    storages: dict[str, StorageFlow]
    marginal_cny_per_mwh: np.ndarray  # the cost of one more MWh consumed

    @property
    def charged_mw(self) -> np.ndarray:
        return _sum([flow.charged_mw for flow in self.storages.values()], len(self.load_mw))

    @property
    def discharged_mw(self) -> np.ndarray:
        return _sum([flow.discharged_mw for flow in self.storages.values()], len(self.load_mw))


def _sum(parts: list[np.ndarray], count: int) -> np.ndarray:
    total: np.ndarray = np.sum(parts, axis=0) if parts else np.zeros(count)
    return total


def flows_of(model: Model, x: np.ndarray, row_dual: np.ndarray) -> Flows:
    """The flows at a solution of a dispatch model. Rounding below the tolerance becomes 0."""
    park = model.park
    x = np.where(np.abs(x) < 1e-9, 0.0, x)
    storages = {
        storage.name: StorageFlow(x[at.charge], x[at.discharge], x[at.stored])
        for storage, at in zip(park.storages, model.storages, strict=True)
    }
    available = {s.name: s.capacity_mw * s.available.values for s in park.sources}
    bought = _sum([x[group.columns] for group in model.users], park.steps)
    spare = _curtailed(model, x)
    used: dict[str, np.ndarray] = {}
    for group, curtailed in zip(model.groups, spare, strict=True):
        total = _sum([available[park.sources[i].name] for i in group.members], park.steps)
        share = np.divide(total - curtailed, total, out=np.zeros_like(total), where=total > 0)
        for i in group.members:
            used[park.sources[i].name] = available[park.sources[i].name] * share
    price = row_dual[model.balance] if len(row_dual) else np.full(park.steps, np.nan)
    return Flows(
        load_mw=park.load_mw,
        available_mw=available,
        used_mw=used,
        curtailed_mw=_sum(spare, park.steps),
        bought_mw=bought,
        bought_by_user_mw=_by_user(model, x),
        sold_mw=x[model.sold],
        storages=storages,
        marginal_cny_per_mwh=price / park.hours,
    )


def _curtailed(model: Model, x: np.ndarray) -> list[np.ndarray]:
    """Curtailed power of each group of sources."""
    if not model.slack:
        return [x[group.curtailed] for group in model.groups]
    spare = spare_mw(model, x)
    return [np.where(np.abs(spare) < 1e-9, 0.0, spare)] if model.groups else []


def _by_user(model: Model, x: np.ndarray) -> dict[str, np.ndarray]:
    """What each user buys: within a group, each the same share of its load."""
    park = model.park
    found: dict[str, np.ndarray] = {}
    for group in model.users:
        if group.stores:
            continue
        total = np.maximum(group.load_mw, 1e-12)
        for i in group.members:
            share = park.users[i].load_mw.values / total
            found[park.users[i].name] = x[group.columns] * share
    return found


def checks_of(park: Park, flows: Flows) -> list[Check]:
    """Balance, storage equation, bounds and directions, computed from the flows alone."""
    h = park.hours
    used = _sum(list(flows.used_mw.values()), park.steps)
    into = used + flows.bought_mw + flows.discharged_mw
    out = flows.load_mw + flows.sold_mw + flows.charged_mw
    least = [flows.curtailed_mw, flows.bought_mw, flows.sold_mw, *flows.used_mw.values()]
    over = [
        flows.bought_mw - park.grid.import_cap_mw,
        flows.sold_mw - park.grid.export_cap_mw,
        flows.curtailed_mw - _sum(list(flows.available_mw.values()), park.steps),
    ]
    both = float(np.minimum(flows.bought_mw, flows.sold_mw).sum() * h)
    checks = [
        Check.of("energy balance", float(np.abs(into - out).max()), POWER_TOLERANCE_MW, "MW"),
        Check.of(
            "no flow below 0",
            max(0.0, -min(float(a.min()) for a in least)),
            POWER_TOLERANCE_MW,
            "MW",
        ),
        Check.of(
            "no flow above its limit",
            max(0.0, *(float(a.max()) for a in over)),
            POWER_TOLERANCE_MW,
            "MW",
        ),
        Check.of("no buying while selling", both, 1e-3, "MWh"),
    ]
    return checks + _storage_checks(park, flows)


def _storage_checks(park: Park, flows: Flows) -> list[Check]:
    checks = []
    h = park.hours
    for storage in park.storages:
        flow = flows.storages[storage.name]
        keep = (1 - storage.loss_per_hour) ** h
        before = np.roll(flow.stored_mwh, 1)
        if storage.soc_start is not None:
            before[0] = storage.soc_start * storage.energy_mwh
        change = (
            storage.charge_efficiency * flow.charged_mw
            - flow.discharged_mw / storage.discharge_efficiency
        )
        miss = flow.stored_mwh - keep * before - h * change
        low = storage.soc_min * storage.energy_mwh - flow.stored_mwh
        high = flow.stored_mwh - storage.soc_max * storage.energy_mwh
        power = np.maximum(flow.charged_mw, flow.discharged_mw) - storage.power_mw
        worst = max(0.0, float(low.max()), float(high.max()))
        both = float(np.minimum(flow.charged_mw, flow.discharged_mw).sum() * h)
        name = storage.name
        checks += [
            Check.of(f"{name}: stored energy adds up", float(np.abs(miss).max()), 1e-4, "MWh"),
            Check.of(f"{name}: stored within its limits", worst, 1e-4, "MWh"),
            Check.of(
                f"{name}: power within its limit",
                max(0.0, float(power.max())),
                POWER_TOLERANCE_MW,
                "MW",
            ),
            Check.of(f"{name}: never charges while discharging", both, 1e-3, "MWh"),
        ]
    return checks
