"""How dates, money, areas and secrets are written."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.template import engines
from django.utils import translation

from bihuan.ui import cells, formats
from bihuan.ui.charts import Chart, Map, Outline, Series
from bihuan.ui.components import Fact

DAY = date(2026, 11, 23)


@pytest.fixture(params=["zh-hans", "en"])
def language(request):
    with translation.override(request.param):
        yield request.param


@pytest.mark.parametrize(
    ("yuan", "chinese", "english"),
    [
        (None, "", ""),
        (0, "0 元", "CNY 0"),
        (Decimal("9999.99"), "9,999.99 元", "CNY 9,999.99"),
        (10_000, "1 万元", "CNY 10,000"),
        (88_000, "8.8 万元", "CNY 88,000"),
        (-1_234_500, "-123.45 万元", "CNY -1.235 m"),
        (1_035_000_000 * 10, "103.5 亿元", "CNY 10.35 bn"),
    ],
)
def test_money_is_written_in_the_unit_it_is_spoken_in(yuan, chinese, english):
    with translation.override("zh-hans"):
        assert formats.money(yuan) == chinese
    with translation.override("en"):
        assert formats.money(yuan) == english


@pytest.mark.parametrize(
    ("area", "chinese"), [(None, ""), (850.25, "850.3 m²"), (788_000, "78.8 万 m²"), (0, "0 m²")]
)
def test_areas(area, chinese):
    with translation.override("zh-hans"):
        assert formats.area(area) == chinese


@pytest.mark.parametrize(
    ("due", "chinese", "english"),
    [
        (date(2026, 11, 20), "逾期 3 天", "3 days late"),
        (date(2026, 11, 22), "逾期 1 天", "1 day late"),
        (DAY, "今天到期", "due today"),
        (date(2026, 11, 28), "还有 5 天", "5 days left"),
        (None, "", ""),
    ],
)
def test_how_far_a_due_date_is(due, chinese, english):
    with translation.override("zh-hans"):
        assert formats.days_to(due, DAY) == chinese
    with translation.override("en"):
        assert formats.days_to(due, DAY) == english


def test_dates_in_both_languages():
    with translation.override("zh-hans"):
        assert formats.date_long(DAY) == "2026年11月23日"
    with translation.override("en"):
        assert formats.date_long(DAY) == "23 November 2026"
    assert formats.date_short(DAY) == "2026-11-23"


def test_a_moment_is_told_by_the_zones_clock():
    assert formats.moment(datetime(2026, 11, 23, 16, 30, tzinfo=UTC)) == "2026-11-24 00:30"
    assert cells.day(datetime(2026, 11, 23, 16, 30, tzinfo=UTC)) == "2026-11-24"


def test_unknown_is_nothing_and_zero_is_zero(language):
    assert formats.count(None) == ""
    assert formats.count(0) == "0"
    assert formats.percent(None) == ""
    assert formats.percent(0.7855) == "78.6%"
    assert cells.number(0) == "0"


def test_a_due_cell_warns_only_when_it_matters():
    draw = cells.due(DAY)
    with translation.override("zh-hans"):
        assert draw(date(2026, 12, 31)) == "2026-12-31"
        assert draw(date(2026, 11, 20)) == '2026-11-20 <span class="bh-late">逾期 3 天</span>'
        assert "bh-soon" in draw(date(2026, 11, 25))


def test_an_unknown_code_is_shown_not_hidden():
    draw = cells.badge({"open": cells.Badge("open", "blue")})
    assert draw("<new>") == "&lt;new&gt;"
    assert draw("") == ""


def drawn(source, **context):
    return engines["django"].from_string("{% load bihuan %}" + source).render(context)


def test_a_fact_says_as_much_of_its_origin_as_is_known():
    known = Fact(label="l", value=0, source="licence", at=DAY)
    assert known.origin == "licence · 2026-11-23"
    page = drawn("{% facts rows %}", rows=[known, Fact(label="m", value=None)])
    assert "<small>licence · 2026-11-23</small>" in page
    assert page.count("<small>") == 1
    assert page.count("bh-unknown") == 1


def test_a_chart_stands_beside_its_numbers():
    chart = Chart(
        name="x",
        title="<隐患>",
        labels=["a", "</script>"],
        series=[Series(name="n", values=[1200, None])],
        hrefs=["/rows/a", "/rows/b"],
    )
    page = drawn("{% chart it %}", it=chart)
    assert "&lt;隐患&gt;" in page
    assert '<a href="/rows/a">a</a>' in page
    assert ">1,200</td>" in page
    assert page.count("</script>") == 1


def test_a_chart_whose_numbers_do_not_fit_its_labels_is_an_error():
    with pytest.raises(ValueError, match="labels"):
        Chart(name="x", title="t", labels=["a"], series=[Series(name="n", values=[1, 2])])


def test_a_map_lists_what_it_cannot_draw():
    page = drawn(
        "{% outline_map it %}",
        it=Map(name="m", title="t", outlines=[Outline(name="无轮廓", geometry=None, value=0)]),
    )
    assert "无轮廓" in page
    assert '"outlines": []' in page


@pytest.mark.parametrize("value", [0.1 + 0.2, Decimal("1.50")])
def test_a_bare_fraction_on_a_page_is_a_fault_in_tests(value):
    with pytest.raises(TypeError, match="shown bare"):
        drawn("{{ value }}", value=value)
    assert drawn("{{ value|count }}", value=value) in ("0.3", "1.5")
