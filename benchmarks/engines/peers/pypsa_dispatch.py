"""The year of rows/greenpark_dispatch in PyPSA, handed to HiGHS directly."""

import logging
import sys

import numpy as np
import pandas as pd
import pypsa
from clock import Clock

logging.disable(logging.WARNING)
data = np.load(sys.argv[1])
clock = Clock()
n = len(data["load"])
net = pypsa.Network()
net.set_snapshots(pd.date_range("2025-01-01", periods=n, freq="15min"))
net.snapshot_weightings = net.snapshot_weightings.astype(float) * 0 + 0.25
net.add("Bus", "park")
net.add("Load", "works", bus="park", p_set=data["load"])
for name in ("wind", "pv"):
    net.add("Generator", name, bus="park", p_nom=float(data[f"{name}_mw"]), p_max_pu=data[name])
cap_in, cap_out = (float(value) for value in data["caps"])
net.add(
    "Generator", "buy", bus="park", p_nom=cap_in, marginal_cost=data["buy"],
    p_max_pu=np.minimum(data["load"] / cap_in, 1.0),
)  # fmt: skip
net.add(
    "Generator", "sell", bus="park", p_nom=cap_out, marginal_cost=data["sell"],
    p_min_pu=-1.0, p_max_pu=0.0,
)  # fmt: skip
charge, discharge = (float(value) for value in data["efficiency"])
power = float(data["power_mw"])
net.add(
    "StorageUnit", "lfp", bus="park", p_nom=power, max_hours=float(data["energy_mwh"]) / power,
    efficiency_store=charge, efficiency_dispatch=discharge, cyclic_state_of_charge=True,
)  # fmt: skip
clock.lap("build")
net.optimize(solver_name="highs", io_api="direct", log_to_console=False)
clock.lap("optimise")
clock.report(objective=float(net.objective) + float(data["fixed"]))
