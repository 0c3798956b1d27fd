"""Spreadsheets in and out."""

from bihuan.sheets.actions.exporting import export, save_rows
from bihuan.sheets.actions.importing import confirm, discard, read, send, write

__all__ = ["confirm", "discard", "export", "read", "save_rows", "send", "write"]
