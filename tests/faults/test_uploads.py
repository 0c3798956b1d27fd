"""Fault 13: what is sent is broken or meant to harm. A sentence is the answer, never a crash."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from bihuan.core.ids import new_id
from bihuan.jobs.worker import Worker
from bihuan.sheets.models import Batch
from tests.permissions.test_matrix import east
from tests.permissions.world import NEAR, body, signed_in
from tests.sheets.conftest import xlsx

__all__ = ["east"]
pytestmark = pytest.mark.fault
MANY = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def picture(kind):
    out = io.BytesIO()
    Image.new("RGB", (24, 16), "red").save(out, kind)
    return out.getvalue()


def archive(parts, compression=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as book:
        for name, content in parts.items():
            book.writestr(name, content)
    return out.getvalue()


def flood():
    """A picture of a few bytes that says it is 60,000 by 60,000."""
    content = bytearray(picture("PNG"))
    content[16:24] = (60_000).to_bytes(4, "big") * 2
    return bytes(content)


def wide():
    """A sheet that says it has a million columns."""
    return xlsx([["企业名称"] + [f"列{n}" for n in range(16_000)], ["某厂"]])


CORNER = '<c {} t="inlineStr"><is><t>x</t></is></c>'


def far(spelling, *, part="xl/worksheets/sheet1.xml", row='<row r="1">'):
    """A workbook of a kilobyte whose one cell stands at the last corner there is, so spelt."""
    first = CORNER.format('r="A1"').replace(">x<", ">企业名称<")
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packed = "http://schemas.openxmlformats.org/package/2006"
    target = part.removeprefix("xl/")
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{packed}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{packed}/relationships"><Relationship Id="r1" '
        f'Type="{links}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{links}"><sheets>'
        '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{packed}/relationships">'
        f'<Relationship Id="r1" Type="{links}/worksheet" Target="{target}"/></Relationships>',
        part: f'<worksheet xmlns="{main}"><sheetData>{row}{first}{CORNER.format(spelling)}</row>'
        "</sheetData></worksheet>",
    }
    return archive({name: text.encode() for name, text in parts.items()})


LAST = "XFD1048576"
FAR = {
    "plain": far(f'r="{LAST}"'),
    "single quotes": far(f"r='{LAST}'"),
    "small letters": far(f'r="{LAST.lower()}"'),
    "tabulator": far(f'\tr="{LAST}"'),
    "spaces": far(f'r = "{LAST}"'),
    "padded": far(f's="{"0" * 400}" r="{LAST}"'),
    "a bracket": far(f's=">" r="{LAST}"'),
    "another folder": far(f'r="{LAST}"', part="xl/other/sheet1.xml"),
    "another ending": far(f'r="{LAST}"', part="xl/worksheets/sheet1.dat"),
}
SHEET = xlsx([["企业名称", "主要负责人"], ["某某铸造厂", "张三"]])
HOSTILE = {
    "empty": b"",
    "zeros": bytes(4096),
    "text": "不是表格".encode("gbk"),
    "html": b"<html><script>alert(1)</script></html>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "bomb": archive({"xl/worksheets/sheet1.xml": b"0" * 60_000_000}),
    "many parts": archive({f"xl/{n}.xml": b"x" for n in range(3000)}),
    "slip": archive({"../../etc/passwd": b"root", "xl/workbook.xml": b"<workbook/>"}),
    "no workbook": archive({"word/document.xml": b"<w/>"}),
    "entities": archive(
        {
            "xl/workbook.xml": b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><a>&c;</a>',
            "[Content_Types].xml": b"<Types/>",
        }
    ),
    "flood": flood(),
    "polyglot": picture("JPEG") + b"<?php system($_GET[0]); ?>",
    "cut jpeg": picture("JPEG")[:200],
    "formulas": xlsx([["企业名称", "主要负责人"], ["=cmd|' /C calc'!A0", "=1+1"]]),
    "wide": wide(),
    "pdf": b"%PDF-1.7\n%%EOF",
}
NAMES = ["a.jpg", "a.xlsx", "a.xls", "a.csv", "..\\..\\a.xlsx", "名" * 300 + ".png", "a\0b.jpg"]


def mutated(content):
    """Return content with some bytes changed, cut or repeated."""
    places = st.lists(
        st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255)), min_size=1, max_size=12
    )

    def change(given):
        changes, cut = given
        out = bytearray(content)
        for place, value in changes:
            out[place] = value
        return bytes(out[: max(1, len(out) * cut // 100)])

    return st.tuples(places, st.sampled_from([100, 100, 100, 90, 50, 3])).map(change)


def report(zone, name, content):
    client = signed_in(zone.people["safety_office"])
    url = reverse("cases:report", args=("east", zone.rows[NEAR]["dossier"]))
    sent = {"form_key": str(new_id()), "title": f"堵塞{new_id()}", "grade": "general", "anew": "1"}
    return client.post(url, {**sent, "proof_before": SimpleUploadedFile(name, content)})


def bring(zone, name, content):
    """Send a sheet, let it be read, and return the answer and the batch, if there is one."""
    client = signed_in(zone.people["safety_office"])
    before = set(Batch.objects.values_list("pk", flat=True))
    answer = client.post(
        reverse("sheets:batches", args=("east",)),
        {"importer": "enterprises", "file": SimpleUploadedFile(name, content)},
    )
    if answer.status_code != 302:
        return answer, None
    Worker([]).run(until_empty=True)
    batch = Batch.objects.exclude(pk__in=before).get()
    assert client.get(answer.url).status_code == 200
    return answer, batch


def answers_in_words(answer):
    assert answer.status_code in {302, 422, 400, 413}, body(answer).decode()[-2000:]
    if answer.status_code != 302:
        assert b"Traceback" not in body(answer)
        assert 'class="bh-error"' in body(answer).decode() or "bh-summary" in body(answer).decode()


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_evidence(kind, east):
    answers_in_words(report(east, "a.jpg", HOSTILE[kind]))


@pytest.mark.parametrize("name", NAMES)
def test_hostile_names(name, east):
    answers_in_words(report(east, name, picture("PNG")))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_sheets(kind, east):
    for name in ("a.xlsx", "a.csv", "a.xls"):
        answer, batch = bring(east, name, HOSTILE[kind])
        answers_in_words(answer)
        if batch is not None:
            assert batch.state in {"read", "refused"}, (name, batch.state)
            assert batch.reason or batch.total


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("spelling", FAR)
def test_a_cell_far_away_however_it_is_spelt_stops_no_worker(spelling, east):
    _answer, batch = bring(east, "a.xlsx", FAR[spelling])
    assert batch.state == "refused"
    assert batch.reason


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_mutated_pictures(kind, east):
    @MANY
    @given(mutated(picture(kind)))
    def send(content):
        answers_in_words(report(east, f"a.{kind.lower()}", content))

    send()


@pytest.mark.django_db(transaction=True)
def test_mutated_sheets(east):
    @MANY
    @given(mutated(SHEET))
    def send(content):
        answer, batch = bring(east, "a.xlsx", content)
        answers_in_words(answer)
        assert batch is None or batch.state in {"read", "refused"}

    send()
