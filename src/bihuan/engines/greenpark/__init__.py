"""How large should a green-power park be, and how is it run? (绿电直连园区)

    from bihuan.engines.greenpark import Park, dispatch, size

`dispatch(park)` runs a park of given sizes at least cost; `size(park)` chooses the sizes
of everything that has an `invest`. The ratios of 650号 and 688号 are dated data.
"""

from bihuan.engines.greenpark.operate import dispatch
from bihuan.engines.greenpark.problem import (
    Finance,
    Grid,
    Invest,
    Park,
    PricePart,
    Rules,
    SizingParams,
    Source,
    Storage,
    Tariff,
    User,
)
from bihuan.engines.greenpark.result import Dispatch, Sizing
from bihuan.engines.greenpark.sizing import size
from bihuan.engines.shape import Engine, Task, Words

PICTURE = "bihuan.engines.greenpark.picture:draw"

ENGINE = Engine(
    name="greenpark",
    title=Words("Green-power park", "绿电园区"),
    tasks={
        "size": Task(
            problem=Park, run=size, title=Words("sizes and their year", "容量配置"), picture=PICTURE
        ),
        "dispatch": Task(
            problem=Park, run=dispatch, title=Words("operation", "运行方案"), picture=PICTURE
        ),
    },
)

__all__ = [
    "ENGINE",
    "Dispatch",
    "Finance",
    "Grid",
    "Invest",
    "Park",
    "PricePart",
    "Rules",
    "Sizing",
    "SizingParams",
    "Source",
    "Storage",
    "Tariff",
    "User",
    "dispatch",
    "size",
]
