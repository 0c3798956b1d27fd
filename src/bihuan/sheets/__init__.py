"""Spreadsheets as people have them: read, previewed, confirmed; written in ledger form."""
