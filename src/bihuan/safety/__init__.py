"""Work safety: hazards, checklists by sector, major hazards."""
