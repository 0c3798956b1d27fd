import hashlib
import io
import zipfile
from datetime import UTC, datetime

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import translation

from bihuan.core.actors import System
from bihuan.files.rules import path_of
from bihuan.ledger.actions import LedgerDamaged, checkpoint, record
from bihuan.ledger.models import Checkpoint, Event
from bihuan.ledger.queries import history, state, verify
from bihuan.ledger.tasks import checkpoint_every_ledger, verify_every_ledger
from tests.factories.dossiers import DossierFactory
from tests.factories.zones import PersonFactory, PostFactory, ZoneFactory
from tests.ledger.books import sql

pytestmark = pytest.mark.django_db
AT = datetime(2026, 9, 15, 1, 30, tzinfo=UTC)
CASE = "0199f000-0000-7000-8000-0000000000aa"


@pytest.fixture(autouse=True)
def _own_keys(settings, tmp_path):
    settings.LEDGER_KEYS = tmp_path / "keys"


@pytest.fixture
def zone():
    return ZoneFactory(slug="tunliu")


@pytest.fixture
def auditor(zone):
    return PostFactory(zone=zone, role="auditor", person=PersonFactory(name="审计王")).person


@pytest.fixture
def pages(client, auditor):
    client.force_login(auditor)
    with translation.override("zh-hans"):
        yield client


def tell(zone, by, kind="case.closed", about=("case", CASE), **more):
    return record(zone_id=zone.pk, kind=kind, about=about, by=by, at=AT, **more)


def test_the_ledger_tells_who_did_what_to_what_when(pages, zone, auditor):
    tell(zone, auditor, data={"number": "YH2026-00007"})
    tell(zone, System("deadline sweep"), kind="visit.imported", origin="import")
    text = pages.get("/z/tunliu/ledger/").content.decode()
    assert "审计王" in text
    assert "检查由历史记录导入" in text
    assert f'<a href="/z/tunliu/cases/{CASE}/">' in text
    assert "YH2026-00007" in text
    assert "2026-09-15 09:30" in text
    assert "到期检查" in text
    assert "导入" in text


def test_a_person_told_of_goes_by_the_name_of_today(pages, zone, auditor):
    other = PersonFactory(name="李检查")
    tell(zone, auditor, kind="person.enrolled", about=("person", str(other.pk)))
    assert "人员 李检查" in pages.get("/z/tunliu/ledger/").content.decode()
    assert "人员 李检查" in pages.get("/z/tunliu/ledger/1/").content.decode()


def test_what_an_event_does_not_name_goes_by_the_name_of_today(pages, zone, auditor):
    dossier = DossierFactory(zone=zone, name="高平铸造厂")
    tell(zone, auditor, kind="dossier.contact_changed", about=("dossier", str(dossier.pk)))
    tell(zone, auditor, kind="dossier.contact_changed", about=("dossier", "no-id"))
    other = DossierFactory(name="别区的厂")
    tell(zone, auditor, kind="dossier.contact_changed", about=("dossier", str(other.pk)))
    text = pages.get("/z/tunliu/ledger/").content.decode()
    assert "档案 高平铸造厂" in text
    assert "别区的厂" not in text
    assert "档案 高平铸造厂" in pages.get("/z/tunliu/ledger/1/").content.decode()


def numbers(response):
    return response.context["page"].numbers


def test_pages_are_turned_by_number(pages, zone, auditor):
    for _ in range(120):
        tell(zone, auditor)
    first = pages.get("/z/tunliu/ledger/")
    assert numbers(first) == list(range(120, 70, -1))
    assert "序号 120–71，共 120 条" in first.content.decode()
    second = pages.get("/z/tunliu/ledger/" + first.context["page"].next)
    assert numbers(second) == list(range(70, 20, -1))
    assert numbers(pages.get("/z/tunliu/ledger/" + second.context["page"].previous)) == numbers(
        first
    )
    last = pages.get("/z/tunliu/ledger/" + first.context["page"].last_page)
    assert numbers(last) == list(range(50, 0, -1))
    assert last.context["page"].next == ""


def test_one_jumps_to_a_number(pages, zone, auditor):
    other = PersonFactory(name="李检查")
    for place in range(120):
        tell(zone, auditor if place % 2 else other)
    found = pages.get("/z/tunliu/ledger/?no=60")
    assert numbers(found) == list(range(60, 10, -1))
    later = pages.get("/z/tunliu/ledger/" + found.context["page"].previous)
    assert numbers(later) == list(range(110, 60, -1))
    beyond = pages.get("/z/tunliu/ledger/?no=999")
    assert numbers(beyond)[0] == 120
    assert not beyond.context["page"].previous
    theirs = pages.get("/z/tunliu/ledger/?who=李&no=60")
    assert numbers(theirs)[0] == 59
    assert "共 60 条" in theirs.content.decode()
    assert 'name="who" value="李"' in theirs.content.decode()
    assert numbers(pages.get("/z/tunliu/ledger/?who=审计&no=1"))[-1] == 2


@pytest.mark.parametrize("count", [2, 40])
def test_a_page_costs_the_same_however_much_is_on_it(
    pages, zone, django_assert_max_num_queries, count
):
    for _ in range(count):
        tell(zone, PersonFactory())
    pages.get("/z/tunliu/ledger/")
    with django_assert_max_num_queries(10):
        pages.get("/z/tunliu/ledger/")


def test_the_ledger_is_searched_by_kind_person_and_thing(pages, zone, auditor):
    other = PersonFactory(name="李检查")
    tell(zone, auditor)
    tell(zone, other, kind="case.assigned")
    tell(zone, other, kind="case.assigned", about=("case", CASE.replace("aa", "bb")))
    found = lambda query: numbers(pages.get(f"/z/tunliu/ledger/?{query}"))  # noqa: E731
    assert found("kind=case.assigned") == [3, 2]
    assert found("who=李") == [3, 2]
    assert found(f"about=case:{CASE}") == [2, 1]
    assert found("at_from=2026-09-16") == []
    assert found("at_from=2026-09-15&at_to=2026-09-15") == [3, 2, 1]
    assert found("kind=no.such&after=x&before=-1") == [3, 2, 1]


def test_an_event_is_shown_as_it_is_stored(pages, zone, auditor):
    tell(zone, auditor, data={"opinion": "<b>整改到位</b>"})
    text = pages.get("/z/tunliu/ledger/1/").content.decode()
    assert bytes(Event.objects.get(zone_id=zone.pk, seq=1).leaf).hex() in text
    assert "&lt;b&gt;整改到位" in text
    assert "<b>整改到位" not in text
    assert pages.get("/z/tunliu/ledger/2/").status_code == 404


def test_hostile_names_are_escaped(pages, zone, auditor):
    tell(zone, auditor, about=("case", "<script>x</script>"), data={"number": "<img src=x>"})
    text = pages.get("/z/tunliu/ledger/").content.decode()
    assert "<img src=x>" not in text
    assert "<script>x" not in text


def test_verifying_says_whole_and_is_recorded(pages, zone, auditor):
    tell(zone, auditor)
    text = pages.post("/z/tunliu/ledger/verify/", follow=True).content.decode()
    assert "留痕完整" in text
    assert state(zone.pk).is_whole is True
    assert Event.objects.get(zone_id=zone.pk, seq=2).kind == "ledger.verified"


def test_verifying_names_the_damage(pages, zone, auditor):
    tell(zone, auditor, data={"title": "二号"})
    sql("UPDATE ledger_event SET body = replace(body, '二号', '三号') WHERE zone_id = %s", zone.pk)
    text = pages.post("/z/tunliu/ledger/verify/", follow=True).content.decode()
    assert "记录正文被改动" in text
    assert state(zone.pk).is_whole is False
    assert "有损坏" in pages.get("/z/tunliu/ledger/").content.decode()


def test_a_bundle_is_handed_out_and_that_is_recorded(pages, zone, auditor):
    tell(zone, auditor)
    response = pages.post("/z/tunliu/ledger/bundle/", {})
    with zipfile.ZipFile(io.BytesIO(b"".join(response))) as bundle:
        assert "events.jsonl" in bundle.namelist()
    assert "ledger-tunliu-1.zip" in response["Content-Disposition"]
    assert Event.objects.get(zone_id=zone.pk, seq=2).kind == "ledger.exported"


def test_the_proof_of_one_thing_with_a_note_that_was_held(pages, zone, auditor):
    tell(zone, auditor)
    checkpoint(zone_id=zone.pk, by=System("test"), at=AT)
    held = pages.get("/z/tunliu/ledger/checkpoints/1/").content.decode()
    tell(zone, auditor)
    data = {"about": f"case:{CASE}", "held": held}
    response = pages.post("/z/tunliu/ledger/bundle/", data)
    with zipfile.ZipFile(io.BytesIO(b"".join(response))) as bundle:
        assert b'"1": [' in bundle.read("proofs.json")
    again = pages.post("/z/tunliu/ledger/bundle/", data | {"held": held.replace("\n1\n", "\n2\n")})
    assert again.status_code == 422
    assert "存证点" in again.content.decode()


def test_there_is_nothing_to_hand_out_yet(pages):
    assert pages.post("/z/tunliu/ledger/bundle/", {}).status_code == 422
    assert pages.get("/z/tunliu/ledger/bundle/").status_code == 200
    assert pages.get("/z/tunliu/ledger/").status_code == 200


@pytest.mark.parametrize("path", ["", "1/", "bundle/", "checkpoints/1/"])
def test_others_do_not_get_in(client, zone, auditor, path):
    tell(zone, auditor)
    checkpoint(zone_id=zone.pk, by=System("test"), at=AT)
    contact = PostFactory(zone=zone, role="contact").person
    stranger = PostFactory(zone=ZoneFactory(), role="auditor").person
    for person, status in ((contact, 403), (stranger, 404), (auditor, 200)):
        client.force_login(person)
        assert client.get(f"/z/tunliu/ledger/{path}").status_code == status


def test_a_foreign_zones_checkpoint_is_not_found(pages, zone):
    other = ZoneFactory()
    tell(other, System("test"))
    checkpoint(zone_id=other.pk, by=System("test"), at=AT)
    assert pages.get("/z/tunliu/ledger/checkpoints/1/").status_code == 404


def test_what_the_ledger_does_by_itself(zone, auditor):
    other = ZoneFactory()
    tell(zone, auditor)
    tell(other, auditor)
    checkpoint_every_ledger.call()
    assert set(Checkpoint.objects.values_list("zone_id", flat=True)) == {zone.pk, other.pk}
    verify_every_ledger.call()
    assert state(zone.pk).is_whole
    assert verify(other.pk).confirmed == 1


def test_a_ledger_whose_head_is_gone_refuses_in_words(pages, zone, auditor, caplog):
    tell(zone, auditor)
    sql("DELETE FROM ledger_head WHERE zone_id = %s", zone.pk)
    assert "有损坏" in pages.get("/z/tunliu/ledger/").content.decode()
    with pytest.raises(LedgerDamaged), transaction.atomic():
        tell(zone, auditor)
    text = pages.post("/z/tunliu/ledger/verify/", follow=True).content.decode()
    assert "无法再写入记录" in text
    assert "留痕末端与记录不符" in text
    verify_every_ledger.call()
    assert f"{zone.pk} 0 head" in caplog.text
    assert Event.objects.filter(zone_id=zone.pk).count() == 1


@pytest.mark.parametrize("body", ["gone", "{}", '{"data":7,"files":[5]}', "[]"])
def test_pages_show_a_ledger_whose_text_was_tampered_with(pages, zone, auditor, body):
    seq = tell(zone, auditor)
    sql("UPDATE ledger_event SET body = %s WHERE zone_id = %s AND seq = %s", body, zone.pk, seq)
    for page in ("", f"{seq}/", f"?about=case:{CASE}"):
        assert pages.get(f"/z/tunliu/ledger/{page}").status_code == 200
    assert history(zone.pk, ("case", CASE))[0].data == {}
    answer = pages.post("/z/tunliu/ledger/verify/", follow=True)
    assert "记录正文被改动" in answer.content.decode()
    assert pages.post("/z/tunliu/ledger/bundle/", {"about": ""}).status_code == 422


def test_an_event_is_told_in_the_readers_words(pages, zone, auditor):
    data = {
        "from": "assigned",
        "to": "submitted",
        "measures": "加装了护栏",
        "move": "0199f000-0000-7000-8000-0000000000bb",
        "number": "YH2026-00007",
        "note": "",
    }
    tell(zone, auditor, kind="case.submitted", data=data)
    tell(zone, auditor, kind="dossier.graded", data={"from": {"risk": ""}, "to": {"risk": "red"}})
    facts = {str(it.label): it.value for it in pages.get("/z/tunliu/ledger/1/").context["facts"]}
    assert facts == {
        "变更": "整改中 → 待复查",
        "措施": "加装了护栏",
        "编号": "YH2026-00007",
    }
    assert pages.get("/z/tunliu/ledger/2/").status_code == 200


def test_a_bundle_takes_the_photos_along(pages, zone, auditor, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    content = b"a photo"
    digest = hashlib.sha256(content).hexdigest()
    default_storage.save(path_of(zone.pk, digest), ContentFile(content))
    tell(zone, auditor, files=(digest,))

    def names(data):
        response = pages.post("/z/tunliu/ledger/bundle/", data)
        with zipfile.ZipFile(io.BytesIO(b"".join(response))) as bundle:
            return [name for name in bundle.namelist() if digest in name]

    assert names({}) == []
    assert len(names({"evidence": "on"})) == 1
