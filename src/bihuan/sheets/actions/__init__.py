"""Spreadsheets in and out."""

from bihuan.sheets.actions._reading import read
from bihuan.sheets.actions._writing import write
from bihuan.sheets.actions.exporting import export, save_tables
from bihuan.sheets.actions.importing import confirm, discard, send

__all__ = ["confirm", "discard", "export", "read", "save_tables", "send", "write"]
