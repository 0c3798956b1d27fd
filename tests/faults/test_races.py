"""Two people at one moment: one of them is told in words, and nothing is done twice or halfway."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Barrier, BrokenBarrierError, local

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, OperationalError, connection
from django.urls import reverse
from django.utils import timezone

from bihuan.accounts.models import Person
from bihuan.cases import actions as cases
from bihuan.cases.models import Case, Move
from bihuan.cases.rules.declaration import Proof
from bihuan.core.ids import new_id
from bihuan.dossiers.models import Contact, Dossier
from bihuan.enterprises.models import Enterprise
from bihuan.files.actions import keep
from bihuan.files.models import StoredFile
from bihuan.ledger.models import Event
from bihuan.ledger.queries import verify
from bihuan.rounds import actions
from bihuan.rounds.models import Round
from bihuan.rounds.queries import tally
from bihuan.zones.models import Cell, Unit
from tests.factories.zones import someone
from tests.permissions.test_matrix import east
from tests.permissions.world import NEAR, body, photo, signed_in
from tests.rounds.conftest import world
from tests.rounds.test_at_once import at_once as refusals_at_once

__all__ = ["east", "world"]
pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True)]
PATIENCE = 1.5


def at_once(*sendings):
    """POST each (client, address, fields) at one moment; return the answers in that order."""
    barrier = Barrier(len(sendings))

    def send(sending):
        client, url, fields = sending
        try:
            barrier.wait()
            return client.post(url, {"form_key": str(new_id()), **fields})
        finally:
            connection.close()

    with ThreadPoolExecutor(len(sendings)) as pool:
        return list(pool.map(send, sendings))


@pytest.fixture
def together(monkeypatch):
    """Let two who call a function wait for each other at its end, the first time they do."""

    def meet(name):
        module, _dot, function = name.rpartition(".")
        barrier, met = Barrier(2), local()
        inner = __import__(module, fromlist=["_"]).__dict__[function]

        def outer(*args, **kwargs):
            found = inner(*args, **kwargs)
            if not getattr(met, "before", False):
                met.before = True
                with suppress(BrokenBarrierError):  # SQLite lets one in at a time
                    barrier.wait(PATIENCE)
            return found

        monkeypatch.setattr(name, outer)

    return meet


def codes(answers):
    return sorted(answer.status_code for answer in answers)


def page(name, *args):
    return reverse(name, args=("east", *args))


def is_sound(east):
    verdict = verify(east.zone.pk)
    assert verdict.is_whole, verdict.findings
    return True


def submitted(east) -> Case:
    """Return the near case with its rectification handed in, waiting to be verified."""
    case, at = east.rows[NEAR]["case"], timezone.now()
    office, firm = east.people["safety_office"], east.people["enterprise"]
    after = keep(zone=east.zone, name="后.jpg", content=photo("green"), by=firm, at=at)
    unit = east.units["enterprise"].pk
    for wanted, by in (
        (cases.Wanted("assign", {"unit": unit}), office),
        (cases.Wanted("submit", {"measures": "已清理"}, [(after, Proof.AFTER)]), firm),
    ):
        made = cases.make_move(case=case, wanted=wanted, by=by, at=at)
    return made


def verified(east) -> Case:
    case = submitted(east)
    wanted = cases.Wanted("verify", {"opinion": "已整改到位"})
    office = east.people["safety_office"]
    return cases.make_move(case=case.pk, wanted=wanted, by=office, at=timezone.now())


def test_two_people_close_one_case_at_once(east):
    case = verified(east)
    first, second = east.people["safety_office"], someone(east.zone, "safety_office")
    url = page("cases:move", case.pk, "close")
    answers = at_once(*((signed_in(who), url, {"seen": case.version}) for who in (first, second)))
    assert answers[0].status_code != answers[1].status_code, codes(answers)
    assert codes(answers)[0] == 302
    assert codes(answers)[1] in {404, 409, 422}
    assert Move.objects.filter(case=case, name="close").count() == 1
    assert Event.objects.filter(about_id=str(case.pk), kind="case.closed").count() == 1
    assert is_sound(east)


def test_one_verifies_while_another_sends_back(east):
    case = submitted(east)
    first, second = east.people["safety_office"], someone(east.zone, "safety_office")
    seen = {"seen": case.version}
    answers = at_once(
        (signed_in(first), page("cases:move", case.pk, "verify"), {**seen, "opinion": "到位"}),
        (signed_in(second), page("cases:move", case.pk, "reject"), {**seen, "reason": "没有到位"}),
    )
    assert codes(answers)[0] == 302
    assert codes(answers)[1] in {404, 409, 422}, [body(it).decode()[-500:] for it in answers]
    assert Move.objects.filter(case=case, name__in=("verify", "reject")).count() == 1
    assert is_sound(east)


def test_a_dossier_changes_hands_while_its_contact_reports(east):
    """Both may succeed, in either order; what was found is never lost, nor who answers."""
    dossier = east.rows[NEAR]["dossier"]
    to = someone(east.zone, "contact")
    answers = at_once(
        (
            signed_in(east.people["safety_office"]),
            page("dossiers:hand_over"),
            {"pk": str(dossier), "to": str(to.pk), "reason": "轮岗"},
        ),
        (
            signed_in(east.people["contact"]),
            page("cases:report", dossier),
            {"title": "交接当口发现", "grade": "general", "anew": "1"},
        ),
    )
    assert answers[0].status_code == 302
    assert answers[1].status_code in {302, 403, 404, 422}
    reported = Case.objects.filter(title="交接当口发现").count()
    assert reported == (answers[1].status_code == 302)
    assert Dossier.objects.get(pk=dossier).contact == to
    assert Contact.objects.filter(dossier=dossier, ends_on=None).get().person == to
    assert is_sound(east)


def test_two_people_edit_one_enterprise(east):
    enterprise = Enterprise.objects.get(pk=east.rows[NEAR]["enterprise"])
    url = page("enterprises:edit", enterprise.pk)
    who = [east.people["safety_office"], someone(east.zone, "safety_office")]
    form = signed_in(who[0]).get(url).context["form"]
    known = {
        name: form[name].value() for name in form.fields if form[name].value() not in (None, "")
    }
    answers = at_once(
        *(
            (signed_in(person), url, {**known, "legal_representative": name})
            for person, name in zip(who, ("赵一", "钱二"), strict=True)
        )
    )
    assert codes(answers)[0] == 302, [body(it).decode()[-1500:] for it in answers]
    assert codes(answers)[1] in {409, 422}
    won = "赵一" if answers[0].status_code == 302 else "钱二"
    enterprise.refresh_from_db()
    assert enterprise.legal_representative == won
    assert is_sound(east)


def test_a_newcomer_joins_while_the_round_is_closed(world, fault_rounds):
    """The list that was closed is the list that was counted."""
    for _again in range(fault_rounds):
        world.dossier()
        row = world.open()
        for entry in row.entries.select_related("dossier"):
            world.visit(entry.dossier, entry=entry)
        late = world.dossier()
        _closed, _joined = refusals_at_once(
            lambda r=row: world.close(r),
            lambda r=row, d=late: actions.join(
                round_id=r.pk, dossier=d, why="新来", by=world.people.office,
                at=world.now + timedelta(days=1),
            ),
        )  # fmt: skip
        row = Round.objects.get(pk=row.pk)
        assert row.counts == tally(row)
        assert (row.state == "open") == row.entries.filter(dossier=late).exists()
        damage = verify(world.zone.pk).findings
        made_as_rows = ("file ", "QY-")
        assert not [it for it in damage if not it.about.startswith(made_as_rows)]


NAMES = {
    "a unit": (
        "bihuan.zones.actions.setup._unit_name",
        "zones:units",
        {"kind": "department", "name": "同名科"},
        lambda: Unit.objects.filter(name="同名科"),
    ),
    "a sign-in name": (
        "bihuan.zones.actions.people.rules.check_username",
        "zones:appoint",
        {"username": "same.name", "name": "同名", "role": "auditor"},
        lambda: Person.objects.filter(username="same.name"),
    ),
}


@pytest.mark.parametrize("what", NAMES)
def test_one_name_taken_twice_at_once(what, east, together, settings):
    """The later is told so at the field, as if it had come a second later."""
    where, name, fields, made = NAMES[what]
    settings.LANGUAGE_CODE = "en"
    if what == "a unit":
        together(where)
    who = [east.people["administrator"], someone(east.zone, "administrator")]
    answers = at_once(*((signed_in(person), page(name), fields) for person in who))
    assert codes(answers) == [302, 422], [body(it).decode()[-2000:] for it in answers]
    assert made().count() == 1
    assert is_sound(east)


def test_one_cell_code_taken_twice_at_once(east):
    who = [east.people["administrator"], someone(east.zone, "administrator")]
    fields = {"name": "新格", "code": "new-1", "leader": str(east.people["contact"].pk)}
    answers = at_once(*((signed_in(person), page("zones:add_cell"), fields) for person in who))
    assert codes(answers) == [302, 422]
    assert Cell.objects.filter(code="new-1").count() == 1


class Deadlock(Exception):
    sqlstate = "40P01"


class Taken(Exception):
    sqlstate = "23505"


def broken(kind, cause):
    error = kind("UNIQUE constraint failed" if kind is IntegrityError else "deadlock detected")
    error.__cause__ = cause()
    return error


@pytest.mark.parametrize(("kind", "cause"), [(OperationalError, Deadlock), (IntegrityError, Taken)])
@pytest.mark.parametrize("times", [1, 2])
def test_what_the_database_took_back_is_tried_once_more(east, monkeypatch, kind, cause, times):
    """With its photo, though the first try read that already; at the second time it is said."""
    left = [broken(kind, cause) for _each in range(times)]
    carry_out = cases.report

    def sometimes(**given):
        if left:
            raise left.pop()
        return carry_out(**given)

    monkeypatch.setattr("bihuan.cases.views.actions.report", sometimes)
    sent = {
        "form_key": str(new_id()), "title": "再试一次", "grade": "general", "anew": "1",
        "proof_before": SimpleUploadedFile("新.jpg", photo("pink")),
    }  # fmt: skip
    answer = signed_in(east.people["contact"]).post(
        page("cases:report", east.rows[NEAR]["dossier"]), sent
    )
    found = Case.objects.filter(title="再试一次")
    if times == 1:
        assert answer.status_code == 302
        assert found.get().evidence.get().file.size == len(photo("pink"))
    else:
        assert (answer.status_code, found.count()) == (409, 0)
        assert StoredFile.objects.filter(name="新.jpg").exists()  # kept, for the next try
