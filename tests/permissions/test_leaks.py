"""Lists, spreadsheets, search, counts and previews tell nothing of what is out of reach."""

import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django_tasks_db.models import DBTaskResult

from bihuan.cases.models import Evidence
from bihuan.core.permissions import ROLES
from bihuan.jobs.worker import Worker
from bihuan.sheets.models import Batch, SheetRow
from tests.permissions.test_matrix import FORM, PAGES, READ, address, east, near_for, west
from tests.permissions.world import FAR, REACHES_ALL, ROLES_HERE, body, signed_in

__all__ = ["east", "west"]
LISTS = [name for name, page in PAGES.items() if not page.row and page.how in (READ, FORM)]
PER_ROUND = ["rounds:detail", "rounds:coverage", "rounds:export_list"]
# "who answers for what in the whole zone, and where nobody does" is for all who may read it.
SECRETS = ("far有限公司", "far通道堵塞", "far执照", "far.jpg", "far路1号", "13812345678")


def text_of(answer) -> str:
    """Return what an answer says; of a spreadsheet, its cells."""
    content = body(answer)
    if content[:2] != b"PK":
        return content.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return "".join(book.read(name).decode() for name in book.namelist())


@pytest.mark.parametrize("role", ROLES_HERE)
def test_lists_and_their_spreadsheets_stay_within_reach(role, east, west):
    client = signed_in(east.people[role])
    limited = role not in REACHES_ALL
    hidden = [f"西川{word}" for word in ("near", "far", "platform")]
    hidden += [f"东山{secret}" for secret in SECRETS[:-1]] if limited else []
    told, seen = [], ""
    for name in (*LISTS, *PER_ROUND):
        if PAGES[name].permission not in ROLES[role].permissions:
            continue
        for query in ("", "?as=xlsx", "?q=有限", "?q=far", "?sort=name&cell=/z/far/"):
            if (answer := client.get(address(name, east, east) + query)).status_code != 200:
                continue
            said = text_of(answer)
            seen += said
            told += [(name, query, word) for word in (*hidden, SECRETS[-1]) if word in said]
    assert not told
    assert f"东山{near_for(role)}有限公司" in seen


@pytest.mark.parametrize("role", ROLES_HERE)
def test_search_finds_what_is_within_reach(role, east, west):
    client = signed_in(east.people[role])

    def found(words):
        return body(client.get(f"/z/east/search/?q={words}")).decode()

    near = near_for(role)
    assert f"东山{near}有限公司" in found(f"东山{near}")
    shown = role in REACHES_ALL
    for words in ("东山far", "far通道"):
        assert ("东山far有限公司" in found(words)) is shown, words
    for words in ("西川", "通道堵塞"):
        assert "西川near" not in found(words)


def test_counts_of_a_list_are_counts_of_what_is_shown(east):
    for role in ("contact", "department", "cell_leader", "enterprise"):
        client = signed_in(east.people[role])
        answer = client.get(address("cases:list", east, east))
        page = answer.context["page"]
        assert page.total == len(page.rows)
        # the platform's is in the same cell and in the same hands
        assert page.total == (2 if role in {"contact", "cell_leader"} else 1), role


def preview(client, east, importer, rows) -> Batch:
    content = "\n".join(",".join(row) for row in rows).encode()
    sent = client.post(
        address("sheets:batches", east, east),
        {"importer": importer, "file": SimpleUploadedFile("表.csv", content)},
    )
    assert sent.status_code == 302, body(sent).decode()
    Worker([]).run(until_empty=True)
    return Batch.objects.order_by("-sent_at").first()


@pytest.mark.django_db(transaction=True)
def test_a_preview_is_no_window_into_the_register(east):
    client = signed_in(east.people["platform"])
    rows = [
        ["企业名称", "主要负责人", "安全管理人员", "安全管理人员电话"],
        ["东山far有限公司", "别人", "别人", "13900001111"],
        ["东山platform有限公司", "别人", "别人", "13900001111"],
    ]
    batch = preview(client, east, "enterprises", rows)
    first, second = SheetRow.objects.filter(batch=batch).order_by("number")
    assert (first.verdict, second.verdict) == ("refused", "changed")
    assert not {"李四", "王五", "13812345678"} & set(first.reason.split())
    assert "王五" not in first.reason
    assert "138****5678" in second.reason
    page = text_of(client.get(f"/z/east/imports/{batch.pk}/"))
    assert "13812345678" not in page
    assert client.post(f"/z/east/imports/{batch.pk}/confirm/").status_code == 302
    Worker([]).run(until_empty=True)
    batch.refresh_from_db()
    assert (batch.state, batch.counts["written"]) == ("done", 1)


HISTORY = {
    "visits": (("企业名称", "检查日期", "检查人员"), ("2025-03-04", "张三")),
    "hazards": (("企业名称", "隐患内容", "检查日期"), ("通道堵塞", "2025-03-04")),
}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("importer", HISTORY)
def test_history_is_imported_for_what_is_in_reach(importer, east):
    heads, rest = HISTORY[importer]
    rows = [heads, ("东山far有限公司", *rest), ("东山platform有限公司", *rest)]
    for role, verdicts in (("platform", ["refused", "new"]), ("safety_office", ["new", "new"])):
        batch = preview(signed_in(east.people[role]), east, importer, rows)
        found = SheetRow.objects.filter(batch=batch).order_by("number")
        assert [row.verdict for row in found] == verdicts, [row.reason for row in found]


def test_a_file_of_others_cannot_be_made_evidence_of_mine(east):
    """An upload is bound to who sent it: another's id in a form is passed over."""
    client = signed_in(east.people["contact"])
    stolen = east.rows[FAR]["file"]
    url = address("cases:report", east, east)
    sent = {"title": "另一处隐患", "grade": "general", "kept_before": str(stolen)}
    answer = client.post(url, sent)
    assert str(stolen) not in body(answer).decode()
    assert not Evidence.objects.filter(file=stolen).exclude(case=east.rows[FAR]["case"]).exists()


def test_a_job_of_all_zones_tells_nothing_of_another_when_it_fails(east, west):
    client, secret = signed_in(east.people["administrator"]), "Key (name)=(西川near有限公司)"
    for zone, told in ((east, True), (None, False)):
        job = DBTaskResult.objects.get(pk=east.of_zone["job"])
        job.args_kwargs = {"args": [], "kwargs": {"zone": str(zone.zone.pk)} if zone else {}}
        job.traceback, job.exception_class_path = secret, "builtins.ValueError"
        job.save()
        page = text_of(client.get(address("jobs:detail", east, east)))
        assert (secret in page) is told
        assert told or "builtins.ValueError" in page
