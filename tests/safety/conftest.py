from tests.rounds.conftest import composition, world

__all__ = ["composition", "world"]
