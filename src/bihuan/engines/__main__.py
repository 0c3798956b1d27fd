"""`python -m bihuan.engines NAME FILE`: the same as `bihuan engine`, without the platform."""

from bihuan.engines.cli import engine

engine(prog_name="python -m bihuan.engines")
