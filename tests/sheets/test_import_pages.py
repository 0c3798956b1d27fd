"""Importing through the pages: sent, previewed, written in the background, mended, sent again."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from bihuan.dossiers.models import Dossier
from bihuan.jobs.worker import Worker
from bihuan.sheets import tasks
from bihuan.sheets.models import Batch
from tests.factories.zones import someone
from tests.sheets.conftest import xlsx

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = [
    ["单位名称", "主要负责人", "从业人员"],
    ["甲铸造厂", "张三", 120],
    ["乙机械厂", None, 30],
]


@pytest.fixture
def office(clerk, zone, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client = Client()
    client.force_login(clerk)
    client.zone = zone.slug
    return client


def at(office, name, *args):
    return reverse(f"sheets:{name}", args=(office.zone, *args))


def send(office, content, name="台账.xlsx"):
    sent = {"importer": "enterprises", "file": SimpleUploadedFile(name, content)}
    return office.post(at(office, "batches"), sent)


def worked():
    Worker([]).run(until_empty=True)


def test_from_a_messy_sheet_to_the_register_and_back(office):
    answer = send(office, xlsx(ROWS))
    batch = Batch.objects.get()
    assert answer.url == at(office, "batch", batch.pk)
    assert "hx-trigger" in office.get(answer.url).content.decode()
    worked()
    preview = office.get(answer.url).content.decode()
    assert "甲铸造厂" in preview
    assert "乙机械厂" in preview
    assert 'hx-get=""' not in preview
    assert not Dossier.objects.exists()

    for _twice in range(2):
        assert office.post(at(office, "confirm", batch.pk)).url == answer.url
        worked()
    assert list(Dossier.objects.values_list("name", flat=True)) == ["甲铸造厂"]

    refused = office.get(at(office, "refused", batch.pk)).getvalue()
    book = CalamineWorkbook.from_filelike(io.BytesIO(refused))
    heads, row = book.get_sheet_by_index(0).to_python()
    assert row[heads.index("单位名称")] == "乙机械厂"
    assert row[-1]
    row[heads.index("主要负责人")] = "李四"
    send(office, xlsx([heads, row]), "补正.xlsx")
    worked()
    again = Batch.objects.exclude(pk=batch.pk).get()
    assert (again.state, again.counts) == ("read", {"new": 1})
    office.post(at(office, "confirm", again.pk))
    worked()
    assert Dossier.objects.count() == 2


def test_a_discarded_preview_writes_nothing(office):
    send(office, xlsx(ROWS))
    worked()
    batch = Batch.objects.get()
    assert office.post(at(office, "discard", batch.pk)).status_code == 302
    late = office.post(at(office, "confirm", batch.pk))
    assert late.status_code in {409, 422}
    worked()
    assert not Dossier.objects.exists()


def test_a_sheet_of_which_no_row_fits_asks_what_it_was_read_as(office):
    send(office, xlsx([ROWS[0], ["", "张三", 1]]))
    worked()
    batch = Batch.objects.get()
    preview = office.get(at(office, "batch", batch.pk)).content.decode()
    assert "没有一行可以导入。本次按“企业”读取" in preview
    assert "<td>企业<td" in office.get(at(office, "batches")).content.decode()


def test_reading_asks_as_much_of_one_row_as_of_many(office):
    def asked(rows):
        send(office, xlsx([ROWS[0], *([f"第{rows}{n}厂", "张三", 9] for n in range(rows))]))
        worked()
        batch = Batch.objects.order_by("-sent_at").first()
        for url in (at(office, "batches"), at(office, "batch", batch.pk)):
            office.get(url)
            with CaptureQueriesContext(connection) as seen:
                assert office.get(url).status_code == 200
            yield len(seen)

    few = list(asked(1))
    assert list(asked(20)) == few
    assert max(few) <= 12


def test_an_operator_sees_the_job_that_failed_and_tries_it_again(office, zone, monkeypatch):
    def broken(**_given):
        raise OSError("the disk is away")

    monkeypatch.setattr(tasks.actions, "read", broken)
    monkeypatch.setattr("bihuan.jobs.actions.MOST_TRIES", 1)
    send(office, xlsx(ROWS))
    worked()
    monkeypatch.undo()
    own = reverse("sheets:batch", args=(zone.slug, Batch.objects.get().pk))
    assert office.get(own).context["given_up"]
    operator = Client()
    operator.force_login(someone(zone, "administrator"))
    jobs = operator.get(reverse("jobs:list", args=(zone.slug,)) + "?status=FAILED")
    (row,) = jobs.context["page"].rows
    page = operator.get(reverse("jobs:detail", args=(zone.slug, row[0])))
    assert "the disk is away" in page.content.decode()
    retried = operator.post(reverse("jobs:retry", args=(zone.slug, row[0])))
    assert retried.status_code == 302
    assert not office.get(own).context["given_up"]
    worked()
    assert Batch.objects.get().state == "read"


def test_what_was_just_imported_is_in_the_list_by_its_words(client, take, confirm, clerk, zone):
    """No job has indexed it yet; neither has one read the name it got since."""
    code = "91110000600037341L"
    rows = [["单位名称", "信用代码", "主要负责人"], ["屯留Ａ1_铸造（50%）厂", code, "张三"]]
    confirm(take("enterprises", "a.xlsx", xlsx(rows)))
    confirm(take("enterprises", "b.xlsx", xlsx([rows[0], ["上党煤机", code, "张三"], ["乙厂"]])))
    client.force_login(clerk)

    def found(words):
        page = client.get(reverse("enterprises:list", args=[zone.slug]), {"q": words})
        return "上党煤机" in page.content.decode()

    assert all(map(found, ("机", "煤机", "党煤机", "上党煤机")))
    assert not any(map(found, ("铸", "铸造", "50%", "_", "%", "Ａ1", "a1")))
