"""Numbers with a definition, a period and a way back to their rows."""
