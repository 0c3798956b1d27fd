"""Open a workbook in a process of its own: python trying.py FILE ROWS COLUMNS

A file of a kilobyte can make its reader ask for half a terabyte, and die of it; there are more
spellings of such a file than can be looked for. So a process that may die tries first. It ends with 0
where the file can be opened, or is refused in words by the reader; anything else is a file to keep away from.

It runs by its path and imports nothing of ours.
"""

import resource
import sys

import python_calamine

MEMORY = 2 << 30  # bytes; the largest table we take needs about a third of it
SECONDS = 120  # of processor time
TOO_LARGE = 3


def main(path: str, rows: str, columns: str) -> int:
    """Return 0 where every table can be read, TOO_LARGE where one is beyond the bounds."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        book = python_calamine.CalamineWorkbook.from_path(path)
        for it in book.sheets_metadata:
            if it.typ == python_calamine.SheetTypeEnum.WorkSheet:
                sheet = book.get_sheet_by_name(it.name)
                if sheet.height > int(rows) or sheet.width > int(columns):
                    return TOO_LARGE
    except (python_calamine.CalamineError, OSError, ValueError):
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
