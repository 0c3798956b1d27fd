"""Why a device or the station delivered less than it was asked for."""

from enum import IntFlag

from bihuan.engines.shape import Words


class Limit(IntFlag):
    """Causes of a difference between requested and delivered power; they can add up."""

    NONE = 0
    CELL_RATE = 1  # the cell's largest charge or discharge current
    CELL_VOLTAGE = 2  # the cell's voltage window
    CELL_CHARGE = 4  # the state-of-charge window
    CONVERTER = 8  # the rated power of the battery's converter
    CHARGE_GUARD = 16  # the controller protects the battery near the ends of its window
    FLYWHEEL_POWER = 32  # the rated power of the flywheels
    FLYWHEEL_ENERGY = 64  # the flywheels are empty or full
    RAMP = 128  # the market's ceiling on the rate of change
    GRID = 256  # the power agreed at the grid connection


LIMIT_WORDS = {
    Limit.CELL_RATE: Words("battery current limit", "电芯电流上限"),
    Limit.CELL_VOLTAGE: Words("battery voltage window", "电芯电压窗口"),
    Limit.CELL_CHARGE: Words("battery state-of-charge window", "电池荷电状态上下限"),
    Limit.CONVERTER: Words("battery converter rating", "储能变流器额定功率"),
    Limit.CHARGE_GUARD: Words("battery charge guard", "电池荷电保护带"),
    Limit.FLYWHEEL_POWER: Words("flywheel power rating", "飞轮额定功率"),
    Limit.FLYWHEEL_ENERGY: Words("flywheel empty or full", "飞轮能量用尽或充满"),
    Limit.RAMP: Words("market ramp ceiling", "市场爬坡速率上限"),
    Limit.GRID: Words("power agreed at the grid connection", "并网点功率上限"),
}
