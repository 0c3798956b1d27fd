"""Flywheel and lithium iron phosphate storage: operation, wear, settlement and money.

Power is in MW at the bus, discharge > 0, charge < 0, in every function and file here.
"""

from bihuan.engines.shape import Engine, Task, Words
from bihuan.engines.storage.battery import LfpBattery
from bihuan.engines.storage.year import LfpYear, LfpYearResult
from bihuan.engines.storage.year import simulate as simulate_battery

ENGINE = Engine(
    name="storage",
    title=Words("Storage station", "储能电站"),
    tasks={
        "battery": Task(
            problem=LfpYear,
            run=simulate_battery,
            title=Words("Battery, second by second", "电池逐秒仿真"),
        ),
    },
)

__all__ = ["ENGINE", "LfpBattery", "LfpYear", "LfpYearResult", "simulate_battery"]
