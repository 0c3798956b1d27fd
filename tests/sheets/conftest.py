"""A zone with a root cell, and ways to make the sheets people have."""

import io

import pytest
import xlsxwriter

from bihuan.sheets import actions
from tests.factories.zones import CellFactory, PostFactory, ZoneFactory


@pytest.fixture
def zone(db):
    zone = ZoneFactory()
    CellFactory(zone=zone, code="first", name="一网格")
    return zone


@pytest.fixture
def clerk(zone):
    return PostFactory(zone=zone, role="safety_office", person__name="台账员").person


@pytest.fixture
def take(zone, clerk, now):
    """Send a file, read it, and return the batch."""

    def take(importer, name, content, *, by=None):
        batch = actions.send(
            zone=zone, importer=importer, name=name, content=content, by=by or clerk, at=now
        )
        return actions.read(batch=batch, by=by or clerk, at=now)

    return take


@pytest.fixture
def confirm(clerk, now):
    """Confirm a batch and write it."""

    def confirm(batch):
        batch = actions.confirm(batch=batch, by=clerk, at=now)
        return actions.write(batch=batch, by=clerk, at=now)

    return confirm


def xlsx(rows, merge=None) -> bytes:
    """Return a workbook with these rows; merge is a (row, last column, text) title."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"strings_to_formulas": True}) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for number, row in enumerate(rows):
            for place, value in enumerate(row):
                if hasattr(value, "year"):
                    sheet.write_datetime(number, place, value, day)
                else:
                    sheet.write(number, place, value)
        if merge:
            sheet.merge_range(merge[0], 0, merge[0], merge[1], merge[2])
    return file.getvalue()
