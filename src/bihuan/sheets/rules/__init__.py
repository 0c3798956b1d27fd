"""Spreadsheets as people have them: guarded, read, understood. Pure but for the file itself."""
