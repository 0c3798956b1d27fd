"""Solve the parks of tests/engines/greenpark/parks.outside_cases in PyPSA and print the optima.

Run by hand in PyPSA's environment, from the repository's root:

    PYTHONPATH=src:. var/peers/pypsa-1.4/bin/python benchmarks/engines/peers/pypsa_golden.py \
        | sed -n "/^{/,$ p" > tests/engines/greenpark/pypsa_1_4_0.json
"""

import json
import logging
import sys

import numpy as np
import pandas as pd
import pypsa
from tests.engines.greenpark.parks import outside_cases

logging.disable(logging.WARNING)


def network_of(park):
    """The park in PyPSA's components: a generator for each source and each who buys or sells."""
    n, h, cap = park.steps, park.hours, park.grid.import_cap_mw
    net = pypsa.Network()
    net.set_snapshots(pd.RangeIndex(n))
    net.snapshot_weightings = net.snapshot_weightings.astype(float) * 0 + h
    net.add("Bus", "park")
    net.add("Load", "users", bus="park", p_set=park.load_mw)
    for s in park.sources:
        net.add(
            "Generator", s.name, bus="park", p_nom=s.capacity_mw, p_max_pu=s.available.values,
            marginal_cost=s.variable_cost_cny_per_mwh,
        )  # fmt: skip
    for user in park.users:
        most = min(cap, user.import_cap_mw or np.inf)
        net.add(
            "Generator", f"buy {user.name}", bus="park", p_nom=most,
            p_max_pu=np.minimum(user.load_mw.values / most, 1.0),
            marginal_cost=park.import_price - park.self_use_price + user.premium_cny_per_mwh,
        )  # fmt: skip
    if any(s.grid_charging for s in park.storages):
        net.add("Generator", "buy to store", bus="park", p_nom=cap, marginal_cost=park.import_price)
    net.add(
        "Generator", "sell", bus="park", p_nom=park.grid.export_cap_mw,
        marginal_cost=park.export_price, p_min_pu=-1.0, p_max_pu=0.0,
    )  # fmt: skip
    for s in park.storages:
        net.add(
            "StorageUnit", s.name, bus="park", p_nom=s.power_mw, max_hours=s.energy_mwh / s.power_mw,
            efficiency_store=s.charge_efficiency, efficiency_dispatch=s.discharge_efficiency,
            standing_loss=s.loss_per_hour, marginal_cost=s.wear_cny_per_mwh,
            cyclic_state_of_charge=s.soc_start is None,
            state_of_charge_initial=(s.soc_start or 0.0) * s.energy_mwh,
        )  # fmt: skip
    return net


def optimum(park):
    net = network_of(park)
    model = net.optimize.create_model()
    bought = _buying(park, model)
    _storing(park, model)
    _demand(park, model, bought)
    _ratios(park, model, bought)
    net.optimize.solve_model(solver_name="highs", io_api="direct", log_to_console=False)
    assert model.termination_condition == "optimal"
    return float(model.objective.value) + park.hours * float(park.load_mw @ park.self_use_price)


def _power(model, name):
    return 1 * model.variables["Generator-p"].sel(name=name)


def _buying(park, model):
    """Σ bought ≤ access; what is bought to store is charged by storages that may."""
    stored = [s.name for s in park.storages if s.grid_charging]
    bought = sum(_power(model, f"buy {user.name}") for user in park.users)
    if stored:
        to_store = _power(model, "buy to store")
        charged = sum(1 * model.variables["StorageUnit-p_store"].sel(name=s) for s in stored)
        model.add_constraints(to_store - charged <= 0, name="to store")
        bought = bought + to_store
    model.add_constraints(bought <= park.grid.import_cap_mw, name="access")
    return bought


def _storing(park, model):
    level = model.variables["StorageUnit-state_of_charge"]
    for s in park.storages:
        own = level.sel(name=s.name)
        model.add_constraints(own >= s.soc_min * s.energy_mwh, name=f"{s.name} least")
        if s.soc_start is not None and not s.end_free:
            last = own.isel(snapshot=-1)
            model.add_constraints(last == s.soc_start * s.energy_mwh, name=f"{s.name} end")


def _demand(park, model, bought):
    price, months = park.tariff.demand_cny_per_mw_month, park.months()
    for month in np.unique(months) if price else ():
        peak = model.add_variables(lower=0, name=f"peak {month}")
        inside = bought.isel(snapshot=np.flatnonzero(months == month))
        model.add_constraints(inside - peak <= 0, name=f"demand {month}")
        model.objective = model.objective + price * peak


def _ratios(park, model, bought):
    """Each as numerator − share · denominator, a sum of energies and a constant."""
    rules, h = park.rules, park.hours
    used = h * sum(_power(model, s.name) for s in park.sources).sum()
    sold = -h * _power(model, "sell").sum()
    available = h * sum(s.capacity_mw * float(s.available.values.sum()) for s in park.sources)
    own = used - sold
    if rules.reading_losses == "excluded":
        for s in park.storages:
            charged, given = (
                model.variables[f"StorageUnit-p_{way}"].sel(name=s.name)
                for way in ("store", "dispatch")
            )
            own = own - h * (1 * charged).sum() + h * (1 * given).sum()
    made = (0 * used, available) if rules.reading_generation == "available" else (used, 0.0)
    consumed = (0 * used, h * float(park.load_mw.sum()))
    if rules.reading_consumption == "supply":
        consumed = (used + h * bought.sum(), 0.0)
    for share, sign, top, (below, constant) in (
        (rules.self_of_generation_min, 1, own, made),
        (rules.self_of_consumption_min, 1, own, consumed),
        (rules.feed_in_max, -1, sold, made),
        (
            None if rules.curtailment_max is None else 1 - rules.curtailment_max,
            1,
            used,
            (0 * used, available),
        ),
    ):
        if share is not None:
            row = sign * top - sign * share * below
            model.add_constraints(
                row >= sign * share * constant, name=f"ratio {len(model.constraints)}"
            )


sys.stdout.write(
    json.dumps({name: optimum(park) for name, park in outside_cases()}, indent=1) + "\n"
)
