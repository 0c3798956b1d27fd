"""The battery of rows/storage_battery in SimSES: the same powers, a day of them."""

import sys

import numpy as np
from clock import Clock
from simses.battery.battery import Battery
from simses.converter.converter import Converter
from simses.model.cell.sony_lfp import SonyLFP
from simses.model.converter.sinamics import SinamicsS120Fit

data = np.load(sys.argv[1])
serial = 250
parallel = float(data["energy_mwh"]) * 1e6 / 9.6 / serial
window = (float(data["soc_min"]), float(data["soc_max"]))
start = {"start_soc": float(data["soc_start"]), "start_T": 25.0}
battery = Battery(SonyLFP(), (serial, parallel), start, soc_limits=window, degradation=True)
converter = Converter(SinamicsS120Fit(), float(data["power_mw"]) * 1e6, battery)
watts = [-1e6 * power for power in data["duty_mw"]]  # charging is positive there
clock = Clock()
for power in watts:
    converter.step(power, 1.0)
clock.lap("steps")
state = battery.state
clock.report(soc=state.soc, capacity=state.soh_Q, resistance=state.soh_R, steps=len(watts))
