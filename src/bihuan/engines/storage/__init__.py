"""Flywheel and lithium iron phosphate storage: operation, wear, settlement and money.

Power is in MW at the bus, discharge > 0, charge < 0, in every function and file here.
"""

from bihuan.engines.shape import Engine, Task, Words
from bihuan.engines.storage.account import Account, AccountResult, settle
from bihuan.engines.storage.battery import LfpBattery
from bihuan.engines.storage.finance import VentureResult, appraise
from bihuan.engines.storage.hybrid import HybridYear, HybridYearResult
from bihuan.engines.storage.hybrid import simulate as simulate_station
from bihuan.engines.storage.schedule import End, Headroom, Regulation, Schedule, Store
from bihuan.engines.storage.schedule_solve import ScheduleResult
from bihuan.engines.storage.schedule_solve import solve as solve_schedule
from bihuan.engines.storage.split import Costs, Split, SplitResult
from bihuan.engines.storage.split import size as size_split
from bihuan.engines.storage.station import Controller, Flywheel, Measure, Station, Transformer
from bihuan.engines.storage.venture import Capex, Revenue, Scenario, Venture
from bihuan.engines.storage.year import LfpYear, LfpYearResult
from bihuan.engines.storage.year import simulate as simulate_battery

PICTURE = "bihuan.engines.storage.picture:draw"

ENGINE = Engine(
    name="storage",
    title=Words("Storage station", "储能电站"),
    tasks={
        "account": Task(
            problem=Account,
            run=settle,
            title=Words("Station at the market", "电站市场结算"),
            picture=PICTURE,
        ),
        "station": Task(
            problem=HybridYear,
            run=simulate_station,
            title=Words("Station, second by second", "电站逐秒仿真"),
            picture=PICTURE,
        ),
        "schedule": Task(
            problem=Schedule,
            run=solve_schedule,
            title=Words("Schedule", "运行计划"),
            picture=PICTURE,
        ),
        "venture": Task(
            problem=Venture,
            run=appraise,
            title=Words("Investment", "投资测算"),
            picture=PICTURE,
        ),
        "split": Task(
            problem=Split,
            run=size_split,
            title=Words("Flywheel and battery: the split", "飞轮与电池配比"),
            picture=PICTURE,
        ),
        "battery": Task(
            problem=LfpYear,
            run=simulate_battery,
            title=Words("Battery, second by second", "电池逐秒仿真"),
            picture=PICTURE,
        ),
    },
)

__all__ = [
    "ENGINE",
    "Account",
    "AccountResult",
    "Capex",
    "Controller",
    "Costs",
    "End",
    "Flywheel",
    "Headroom",
    "HybridYear",
    "HybridYearResult",
    "LfpBattery",
    "LfpYear",
    "LfpYearResult",
    "Measure",
    "Regulation",
    "Revenue",
    "Scenario",
    "Schedule",
    "ScheduleResult",
    "Split",
    "SplitResult",
    "Station",
    "Store",
    "Transformer",
    "Venture",
    "VentureResult",
    "appraise",
    "settle",
    "simulate_battery",
    "simulate_station",
    "size_split",
    "solve_schedule",
]
