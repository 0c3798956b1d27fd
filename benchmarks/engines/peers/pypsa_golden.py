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
    n, h = park.steps, park.hours
    net = pypsa.Network()
    net.set_snapshots(pd.date_range("2026-07-01", periods=n, freq=f"{park.load.step_s}s"))
    net.snapshot_weightings = net.snapshot_weightings.astype(float) * 0 + h
    net.add("Bus", "park")
    net.add("Load", "works", bus="park", p_set=park.load_mw)
    for s in park.sources:
        net.add(
            "Generator", s.name, bus="park", p_nom=s.capacity_mw, p_max_pu=s.available.values,
            marginal_cost=s.variable_cost_cny_per_mwh,
        )  # fmt: skip
    cap, out = park.grid.import_cap_mw, park.grid.export_cap_mw
    stores = any(s.grid_charging for s in park.storages)
    net.add(
        "Generator", "buy", bus="park", p_nom=cap, marginal_cost=park.import_price - park.self_use_price,
        p_max_pu=np.ones(n) if stores else np.minimum(park.load_mw / cap, 1.0),
    )  # fmt: skip
    net.add(
        "Generator", "sell", bus="park", p_nom=out, marginal_cost=park.export_price,
        p_min_pu=-1.0, p_max_pu=0.0,
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
    net.optimize.create_model()
    stored = net.model.variables["StorageUnit-state_of_charge"]
    for s in park.storages:
        own = stored.sel(name=s.name)
        net.model.add_constraints(own >= s.soc_min * s.energy_mwh, name=f"{s.name} least")
        if s.soc_start is not None and not s.end_free:
            last = own.isel(snapshot=-1)
            net.model.add_constraints(last == s.soc_start * s.energy_mwh, name=f"{s.name} end")
    net.optimize.solve_model(solver_name="highs", io_api="direct", log_to_console=False)
    return float(net.objective) + park.hours * float(park.load_mw @ park.self_use_price)


sys.stdout.write(
    json.dumps({name: optimum(park) for name, park in outside_cases()}, indent=1) + "\n"
)
