"""What pages ask about cases."""

from bihuan.cases.queries.around import (
    THE_ENTERPRISE,
    cases_resting,
    known_history,
    organisations,
    people_to_ask,
    resting_on,
    shows_file,
    similar,
)
from bihuan.cases.queries.case import (
    Choice,
    Hands,
    Line,
    asked_due,
    attempt_of,
    choices,
    hands,
    moves_of,
    recurrences_of,
    situation_of,
    story,
    the_case,
    told,
)
from bihuan.cases.queries.kinds import found_kind, kind_of, said_dues, usual_dues
from bihuan.cases.queries.witness import contradictions

__all__ = [
    "THE_ENTERPRISE",
    "Choice",
    "Hands",
    "Line",
    "asked_due",
    "attempt_of",
    "cases_resting",
    "choices",
    "contradictions",
    "found_kind",
    "hands",
    "kind_of",
    "known_history",
    "moves_of",
    "organisations",
    "people_to_ask",
    "recurrences_of",
    "resting_on",
    "said_dues",
    "shows_file",
    "similar",
    "situation_of",
    "story",
    "the_case",
    "told",
    "usual_dues",
]
