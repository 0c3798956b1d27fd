"""Everything that changes a dossier's header, who answers for it, and its documents."""

from bihuan.dossiers.actions.contacts import hand_over, hand_over_all
from bihuan.dossiers.actions.documents import NewDocument, add_document, withdraw_document
from bihuan.dossiers.actions.headers import (
    give_account,
    grade,
    move_to_cell,
    note_facts,
    note_source,
    note_visit,
    open_dossiers,
    open_organisation,
    organisation_of,
    set_state,
)

__all__ = (
    "NewDocument",
    "add_document",
    "give_account",
    "grade",
    "hand_over",
    "hand_over_all",
    "move_to_cell",
    "note_facts",
    "note_source",
    "note_visit",
    "open_dossiers",
    "open_organisation",
    "organisation_of",
    "set_state",
    "withdraw_document",
)
