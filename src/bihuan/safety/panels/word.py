"""Papers as .docx, made in code so that they need no template on disk."""

import io

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from bihuan.files.models import StoredFile
from bihuan.files.rules import path_of
from bihuan.safety.panels.papers import Paper, Signing

SERIF, TITLE_SIZE, TEXT_SIZE = "仿宋", 20, 12


def docx_of(paper: Paper) -> bytes:
    """Return a paper as a Word document: A4, the office's fonts, signatures as pictures."""
    page = Document()
    _set_up(page)
    _line(page, paper.zone, size=TEXT_SIZE, centred=True)
    _line(page, paper.title, size=TITLE_SIZE, centred=True, bold=True)
    _line(page, _("Paper no.") + paper.number, right=True)
    _table(page, (), paper.facts)
    if paper.lead:
        _line(page, paper.lead)
    if paper.rows:
        _table(page, paper.heads, paper.rows)
    for head, text in paper.parts:
        if head:
            _line(page, head, bold=True)
        for line in text.splitlines():
            _line(page, line)
    for signing in paper.signings:
        _sign(page, signing)
    if paper.foot:
        _line(page, paper.foot, size=9)
    out = io.BytesIO()
    page.save(out)
    return out.getvalue()


def _set_up(page: "Document") -> None:  # type: ignore[valid-type]
    section = page.sections[0]  # type: ignore[attr-defined]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.6)
    style = page.styles["Normal"]  # type: ignore[attr-defined]
    style.font.name, style.font.size = SERIF, Pt(TEXT_SIZE)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), SERIF)


def _line(
    page: "Document",  # type: ignore[valid-type]
    text: str,
    *,
    size: int = TEXT_SIZE,
    bold: bool = False,
    centred: bool = False,
    right: bool = False,
) -> None:
    paragraph = page.add_paragraph()  # type: ignore[attr-defined]
    paragraph.paragraph_format.space_after = Pt(4)
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if right:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    run = paragraph.add_run(text)
    run.bold, run.font.size = bold, Pt(size)


def _table(page, heads, rows) -> None:  # type: ignore[no-untyped-def]
    rows = list(rows)
    if not rows:
        return
    table = page.add_table(rows=0, cols=len(rows[0]))
    table.style = "Table Grid"
    for row in ([heads] if heads else []) + rows:
        for cell, value in zip(table.add_row().cells, row, strict=True):
            cell.text = str(value)
    page.add_paragraph()


def _sign(page: "Document", signing: Signing) -> None:  # type: ignore[valid-type]
    paragraph = page.add_paragraph()  # type: ignore[attr-defined]
    paragraph.add_run(f"{signing.label}：{signing.names}　")
    for image in signing.images:
        picture = _picture(image)
        if picture is not None:
            paragraph.add_run().add_picture(picture, height=Cm(1.4))
    if signing.note:
        paragraph.add_run(signing.note)
    else:
        paragraph.add_run(_("　　　　Day　　Month　　Year"))


def _picture(kept: StoredFile) -> io.BytesIO | None:
    if not kept.shown_sha256:
        return None
    with default_storage.open(path_of(kept.zone_id, kept.shown_sha256)) as file:
        return io.BytesIO(file.read())
