"""A rectification handed in from a phone: without a line, and with an answer that is lost."""

import pytest
from playwright.sync_api import expect

from bihuan.cases.models import Case, Evidence, Move
from tests.browser.conftest import PHONE
from tests.browser.test_loop import become
from tests.browser.test_phone import kept
from tests.browser.test_rounds import photo
from tests.permissions.test_matrix import east
from tests.permissions.world import NEAR

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["become", "east"]


@pytest.fixture
def form(page, east, become):
    """The form of handing in, opened by the enterprise, filled in with a photo."""
    case = Case.objects.get(pk=east.rows[NEAR]["case"])
    go = become(east.people["safety_office"])
    go(f"cases/{case.pk}/move/assign/")
    page.get_by_label("整改单位").select_option("own")
    page.get_by_role("button", name="交办", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(case.title)
    go = become(east.people["enterprise"], PHONE)
    go(f"cases/{case.pk}/move/submit/")
    page.wait_for_selector("form[data-ready]")
    page.get_by_label("整改措施").fill("已清理通道")
    page.locator("input[name=proof_after]").set_input_files(photo())
    expect(page.get_by_text("exit.jpg")).to_be_visible()
    return case


def is_handed_in_once(page, case):
    expect(page.get_by_role("heading", level=1)).to_contain_text(case.title)
    assert Move.objects.filter(case=case, name="submit").count() == 1
    assert Evidence.objects.filter(case=case, proof="after").count() == 1
    assert kept(page) == [0, 0]


def test_handed_in_without_a_line(page, form):
    page.context.set_offline(True)
    page.get_by_role("button", name="提交整改结果").click()
    expect(page.locator(".bh-kept")).to_contain_text("恢复信号后自动发送")
    page.context.set_offline(False)
    is_handed_in_once(page, form)


def test_handed_in_though_the_answer_was_lost(page, form):
    lost = []

    def lose(route):
        if route.request.method != "POST" or lost:
            return route.continue_()
        lost.append(route.fetch(max_redirects=0).status)
        return route.abort()

    page.route("**/move/submit/", lose)
    page.get_by_role("button", name="提交整改结果").click()
    expect(page.get_by_role("button", name="立即发送")).to_be_visible()
    assert lost == [302]
    page.get_by_role("button", name="立即发送").click()
    is_handed_in_once(page, form)
