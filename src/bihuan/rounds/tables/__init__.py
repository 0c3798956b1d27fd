"""How lists of rounds, their entries and visits look."""

from bihuan.rounds.tables.lists import (
    ANSWER_BADGES,
    CHECKLISTS,
    ENTRIES,
    ENTRIES_TO_GIVE,
    MINE,
    OPEN_CASES,
    ROUND_BADGES,
    ROUNDS,
    STATE_BADGES,
    TEMPLATE_BADGES,
    VISITS,
    VISITS_SHORT,
    to_go,
)

__all__ = [
    "ANSWER_BADGES",
    "CHECKLISTS",
    "ENTRIES",
    "ENTRIES_TO_GIVE",
    "MINE",
    "OPEN_CASES",
    "ROUNDS",
    "ROUND_BADGES",
    "STATE_BADGES",
    "TEMPLATE_BADGES",
    "VISITS",
    "VISITS_SHORT",
    "to_go",
]
