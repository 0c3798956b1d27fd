"""What pages and actions ask about rounds and visits."""

from bihuan.rounds.queries.coverage import (
    Part,
    by_cell,
    by_person,
    by_sector,
    missing_by_person,
    tally,
    tally_of,
)
from bihuan.rounds.queries.lists import (
    ToVisit,
    entries_resting,
    entries_to_go,
    matching,
    newcomers,
    to_visit,
    waiting_excuses,
)
from bihuan.rounds.queries.people import goer_called, goer_label, goers, name_of, the_goer
from bihuan.rounds.queries.visits import (
    Answered,
    Record,
    checklist_for,
    current_checklists,
    known_visits,
    last_visits,
    open_cases,
    record_of,
    shows_file,
    visit_key,
)
from bihuan.rounds.queries.witness import contradictions, digests_of

__all__ = [
    "Answered",
    "Part",
    "Record",
    "ToVisit",
    "by_cell",
    "by_person",
    "by_sector",
    "checklist_for",
    "contradictions",
    "current_checklists",
    "digests_of",
    "entries_resting",
    "entries_to_go",
    "goer_called",
    "goer_label",
    "goers",
    "known_visits",
    "last_visits",
    "matching",
    "missing_by_person",
    "name_of",
    "newcomers",
    "open_cases",
    "record_of",
    "shows_file",
    "tally",
    "tally_of",
    "the_goer",
    "to_visit",
    "visit_key",
    "waiting_excuses",
]
