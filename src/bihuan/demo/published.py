"""What the zones published of themselves, and the figure that must say the same.

Each line is a sentence of the zones' own account. figure names the figure, counted by the
same code as for any zone; where it is empty, the rows belong to a domain the platform does
not have yet, and waits_for names it.
"""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Published:
    """A number a zone published: in which zone, of what, how much."""

    zone: str
    words: str
    value: Decimal
    figure: str = ""
    year: int | None = None
    waits_for: str = ""


def _said(zone: str, words: str, value: str, **rest: object) -> Published:
    return Published(zone, words, Decimal(value), **rest)  # type: ignore[arg-type]


PUBLISHED: tuple[Published, ...] = (
    _said("tunliu", "园区规模以上工业企业（家）", "39", figure="above_size"),
    _said("tunliu", "2025年新规模以上工业企业（家）", "4", figure="new_above_size", year=2025),
    _said("tunliu", "高新技术企业（家）", "14", figure="high_tech"),
    _said("tunliu", "2025年新增高新技术企业（家）", "3", figure="new_high_tech", year=2025),
    _said("tunliu", "专精特新企业（家）", "12", figure="specialised"),
    _said("tunliu", "省级以上企业技术中心（家）", "5", figure="tech_centre"),
    _said("tunliu", "博士创新工作站（家）", "3", figure="doctoral_station"),
    _said("tunliu", "2025年工业产值（亿元）", "104", waits_for="services"),
    _said("tunliu", "2026年1至4月工业产值（亿元）", "30", waits_for="services"),
    _said("tunliu", "四大主导产业2025年产值（亿元）", "67.7", waits_for="services"),
    _said("tunliu", "现代煤化工产值（亿元）", "30", waits_for="services"),
    _said("tunliu", "废弃资源综合利用产值（亿元）", "28.1", waits_for="services"),
    _said("tunliu", "高新技术企业中规上工业营业收入（亿元）", "11.9", waits_for="services"),
    _said("tunliu", "2025年签约备案项目（个）", "34", waits_for="investment"),
    _said("tunliu", "签约备案项目总投资（亿元）", "103.5", waits_for="investment"),
    _said("tunliu", "太行药业改造申请超长期特别国债（万元）", "384", waits_for="services"),
    _said("gaoping", "开工建设厂房（万平方米）", "78.8", waits_for="space"),
    _said("gaoping", "建成厂房（万平方米）", "68.9", waits_for="space"),
    _said("gaoping", "在建厂房（万平方米）", "9.9", waits_for="space"),
    _said("gaoping", "已验收厂房（万平方米）", "36.9", waits_for="space"),
    _said("gaoping", "未验收厂房（万平方米）", "32", waits_for="space"),
    _said("gaoping", "空置厂房（万平方米）", "18.5", waits_for="space"),
    _said("gaoping", "阶梯式减租面积（万平方米）", "34.89", waits_for="space"),
    _said("gaoping", "享受优惠占比（%）", "47", waits_for="space"),
    _said("gaoping", "签约项目（个）", "7", waits_for="space"),
    _said("gaoping", "消化面积（万平方米）", "3.5", waits_for="space"),
    _said("gaoping", "2026年底入驻率目标（%）", "75", waits_for="space"),
    _said("gaoping", "2028年底入驻率目标（%）", "95", waits_for="space"),
    _said("gaoping", "启航产业引导基金（亿元）", "50", waits_for="investment"),
    _said("taigu", "独立混合储能项目（兆瓦）", "150", waits_for="energy"),
    _said("taigu", "储能项目总投资（亿元）", "10.98", waits_for="energy"),
    _said("taigu", "储能项目占地（亩）", "33.75", waits_for="energy"),
    _said("taigu", "升压站电压（千伏）", "220", waits_for="energy"),
)
