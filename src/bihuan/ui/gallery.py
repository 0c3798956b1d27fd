"""Every part of the kit on one page, for those who write pages. Served while developing."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from bihuan.core.refusals import Refused
from bihuan.ui.charts import Chart, Map, Outline, Series
from bihuan.ui.components import Fact, Moment, Step, Tile
from bihuan.ui.forms import ManyFiles, form_data, refuse
from bihuan.ui.pages import open_to_strangers
from bihuan.ui.tables import Badge, Column, Kind, Table

STATES = {
    "open": Badge("待交办", "grey"),
    "assigned": Badge("整改中", "blue"),
    "submitted": Badge("待复查", "orange"),
    "closed": Badge("已销号", "green"),
}
ROWS = Table(
    name="gallery",
    caption="隐患",
    order="code",
    columns=(
        Column(key="code", label="编号"),
        Column(key="what", label="问题描述", wide=True),
        Column(key="state", label="状态", kind=Kind.BADGE, badges=STATES),
        Column(key="due", label="整改期限", kind=Kind.DUE),
        Column(key="cost", label="投入", kind=Kind.MONEY),
        Column(key="people", label="在场", kind=Kind.NUMBER),
        Column(key="major", label="重大", kind=Kind.YES),
    ),
)


class Example(forms.Form):
    """One field of each sort."""

    name = forms.CharField(label="企业名称", help_text="与营业执照一致。")
    kind = forms.ChoiceField(label="行业", choices=[("a", "工贸"), ("b", "危化")])
    on = forms.DateField(label="检查日期")
    state = forms.ChoiceField(
        label="结果", choices=[("ok", "符合"), ("no", "不符合")], widget=forms.RadioSelect
    )
    note = forms.CharField(label="说明", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    photos = ManyFiles(label="照片", required=False)
    agreed = forms.BooleanField(label="已当面告知企业负责人", required=False)


def _rows(today: date) -> list[tuple[Any, ...]]:
    whats = ("消防通道堆放杂物", "配电箱未接地", "有限空间作业未审批", "灭火器过期 <b>三</b> 个月")
    states = list(STATES)
    return [
        (
            UUID(int=place),
            f"YH-2026-{place:04}",
            whats[place % 4],
            states[place % 4],
            today + timedelta(days=place * 2 - 6),
            place * 8_800,
            place,
            place % 3 == 0,
        )
        for place in range(8)
    ]


def _square(x: float, y: float) -> dict[str, Any]:
    ring = [[x, y], [x + 0.02, y], [x + 0.02, y + 0.02], [x, y + 0.02], [x, y]]
    return {"type": "Polygon", "coordinates": [ring]}


@open_to_strangers
def gallery(request: HttpRequest) -> HttpResponse:
    """Show the kit."""
    form = Example(*form_data(request))
    if request.method == "POST" and form.is_valid():
        refuse(form, Refused("这是一次示范：内容没有保存。", field="name"))
    now = timezone.now()
    months = [f"{month} 月" for month in range(1, 13)]
    context = {
        "form": form,
        "rows": ROWS.plain(request, _rows(timezone.localdate())),
        "tiles": [
            Tile(label="排查覆盖率", value="96.4", unit="%", note="目标 100%", href="#"),
            Tile(label="逾期未改", value=3, href="#", tone="red"),
            Tile(label="在办重大隐患", value=0, tone="green"),
            Tile(label="未报送数据", value=None),
        ],
        "facts": [
            Fact(
                label="企业名称",
                value="示例机械有限公司",
                source="营业执照",
                by="网格员",
                at=now.date(),
            ),
            Fact(label="从业人数", value=128, source="2026 年名录"),
            Fact(label="安全管理人员", value=None),
            Fact(label="依据", value="《安全生产法》第四十一条", checked=False),
        ],
        "moments": [
            Moment(at=now, title="提交复查", who="示例机械", tone="orange"),
            Moment(
                at=now - timedelta(days=2),
                title="交办整改",
                who="安监站",
                tone="blue",
                text="三日内完成。",
            ),
            Moment(at=now - timedelta(days=3), title="发现", who="网格员"),
        ],
        "steps": [
            Step(label="发现", state="done", note="11-20"),
            Step(label="交办", state="done", note="11-21"),
            Step(label="整改", state="now", note="剩 3 天"),
            Step(label="复查", state="todo"),
            Step(label="销号", state="todo"),
        ],
        "chart": Chart(
            name="months",
            title="隐患数量",
            unit="条",
            labels=months,
            series=[
                Series(name="发现", values=[12, 9, 20, 18, 16, 22, 25, 19, 14, 17, 13, 11]),
                Series(
                    name="销号",
                    values=[10, 9, 17, 18, 15, 20, 24, 20, 14, 15, 12, None],
                    kind="line",
                ),
            ],
        ),
        "map": Map(
            name="cells",
            title="各网格逾期",
            unit="条",
            bad_high=True,
            outlines=[
                Outline(name="一网格", geometry=_square(112.9, 36.1), value=1),
                Outline(name="二网格", geometry=_square(112.92, 36.1), value=6),
                Outline(name="三网格", geometry=_square(112.92, 36.12), value=None),
            ],
        ),
    }
    return render(request, "ui/gallery.html", context, status=422 if form.errors else 200)
