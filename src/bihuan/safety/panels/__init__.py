"""Papers of the zone's own family, on screen and as Word documents."""

from bihuan.safety.panels.papers import (
    Paper,
    inspection_record,
    rectification_notice,
    reinspection_opinion,
    transfer_letter,
)
from bihuan.safety.panels.word import docx_of

__all__ = [
    "Paper",
    "docx_of",
    "inspection_record",
    "rectification_notice",
    "reinspection_opinion",
    "transfer_letter",
]
