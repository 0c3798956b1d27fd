"""The year of rows/greenpark_dispatch in oemof-solph (Pyomo), with HiGHS."""

import logging
import sys

import numpy as np
import pandas as pd
import pyomo.environ as po
from clock import Clock
from oemof import solph

logging.disable(logging.WARNING)
data = np.load(sys.argv[1])
clock = Clock()
n = len(data["load"])
index = pd.date_range("2025-01-01", periods=n + 1, freq="15min")
system = solph.EnergySystem(timeindex=index, infer_last_interval=False)
bus = solph.buses.Bus(label="park")
cap_in, cap_out = (float(value) for value in data["caps"])
charge, discharge = (float(value) for value in data["efficiency"])
power = float(data["power_mw"])


def source(name, most, share, cost=0.0):
    flow = solph.flows.Flow(nominal_capacity=most, maximum=share, variable_costs=cost)
    return solph.components.Source(label=name, outputs={bus: flow})


def sink(name, flow):
    return solph.components.Sink(label=name, inputs={bus: flow})


system.add(
    bus,
    sink("works", solph.flows.Flow(nominal_capacity=1.0, fix=data["load"])),
    sink("spare", solph.flows.Flow()),
    sink("sell", solph.flows.Flow(nominal_capacity=cap_out, variable_costs=-data["sell"])),
    source("wind", float(data["wind_mw"]), data["wind"]),
    source("pv", float(data["pv_mw"]), data["pv"]),
    source("buy", cap_in, np.minimum(data["load"] / cap_in, 1.0), data["buy"]),
    solph.components.GenericStorage(
        label="lfp",
        nominal_capacity=float(data["energy_mwh"]),
        inputs={bus: solph.flows.Flow(nominal_capacity=power)},
        outputs={bus: solph.flows.Flow(nominal_capacity=power)},
        inflow_conversion_factor=charge,
        outflow_conversion_factor=discharge,
        balanced=True,
    ),
)
model = solph.Model(system)
clock.lap("build")
model.receive_duals()  # the solver interface asks for the suffix
solver = po.SolverFactory("appsi_highs")
result = solver.solve(model)
clock.lap("solve")
clock.report(objective=float(po.value(model.objective)) + float(data["fixed"]))
