"""What safety takes from sheets: the history of inspections, and hazards alone."""

from bihuan.safety.importers.hazards import HAZARDS
from bihuan.safety.importers.inspections import INSPECTIONS

__all__ = ["HAZARDS", "INSPECTIONS"]
