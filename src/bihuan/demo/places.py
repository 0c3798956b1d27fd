"""The seven zones of the province, as their own account describes them; all else is made up."""

from dataclasses import dataclass, field

from bihuan.enterprises.models import DocumentKind, Sector


@dataclass(frozen=True)
class Place:
    """A zone of the demo: its name, where it lies, its cells, and how many enterprises.

    honours says how many enterprises hold a paper of a kind, new_in_2025 how many of those
    papers (or entries in the directory) date from that year; both are published figures.
    """

    slug: str
    name: str
    short: str
    division: str
    centre: tuple[str, str]
    cells: tuple[str, ...]
    enterprises: int
    above_size: int
    trades: tuple[str, ...]
    platform: str
    honours: dict[str, int] = field(default_factory=dict)
    new_in_2025: dict[str, int] = field(default_factory=dict)


PLACES = (
    Place(
        "gaoping", "高平经济技术开发区", "高平", "140581", ("35.7983", "112.9239"),
        ("城北工业园", "海峡两岸（高平）产业园", "食品加工产业园", "米山园区", "马村园区"),
        58, 26, ("食品", "机械", "医药", "建材", "化工"), "恒通集团（平台公司）",
    ),
    Place(
        "tunliu", "屯留经济技术开发区", "屯留", "140405", ("36.3156", "112.8918"),
        ("康庄园区", "余吾园区", "路村园区", "李高园区", "渔泽园区"),
        66, 39, ("煤化工", "固废", "装备", "医药", "铸造"), "屯留经开区建设投资公司",
        {
            DocumentKind.HIGH_TECH: 14,
            DocumentKind.SPECIALISED: 12,
            DocumentKind.TECH_CENTRE: 5,
            DocumentKind.DOCTORAL_STATION: 3,
        },
        {"above_size": 4, DocumentKind.HIGH_TECH: 3},
    ),
    Place(
        "taigu", "太谷经济技术开发区", "太谷", "140703", ("37.4213", "112.5514"),
        ("胡村园区", "水秀园区", "北洸园区", "孵化基地"),
        44, 21, ("玛钢", "管业", "新能源", "食品"), "太谷经开区发展公司",
    ),
    Place(
        "changzhi-jk", "长治经济技术开发区", "长治经开", "140403", ("36.2271", "113.0953"),
        ("东和片区", "漳泽片区", "捉马片区", "郭堡片区", "老顶山片区"),
        62, 30, ("化工", "机械", "光伏", "建筑", "医药"), "长治经开区发展集团",
    ),
    Place(
        "changzhi-gx", "长治高新技术产业开发区", "长治高新", "140403", ("36.1953", "113.1163"),
        ("科创园", "光电园", "装备园", "城南园"),
        52, 25, ("光电", "装备", "医药", "软件"), "长治高新区建设公司",
    ),
    Place(
        "linfen", "临汾经济开发区", "临汾", "141002", ("36.0880", "111.5190"),
        ("河西园区", "甘亭园区", "尧都社区", "鼓楼社区"),
        48, 20, ("建材", "机械", "食品", "物流"), "临汾经开区投资公司",
    ),
    Place(
        "zonggai", "山西转型综合改革示范区", "综改", "140105", ("37.7376", "112.5656"),
        ("唐槐园区", "学府园区", "潇河园区", "阳曲园区", "科创城园区"),
        70, 41, ("装备", "软件", "文创", "合成生物", "光电"), "山西综改区平台公司",
    ),
)  # fmt: skip

INDUSTRY = {  # class of GB/T 4754-2017, words for the name, key sectors
    "食品": ("C1411", "食品", (Sector.INDUSTRY_TRADE,)),
    "机械": ("C3484", "机械制造", (Sector.INDUSTRY_TRADE, Sector.EQUIPMENT)),
    "医药": ("C2720", "药业", (Sector.INDUSTRY_TRADE, Sector.CHEMICALS)),
    "建材": ("C3021", "建材", (Sector.INDUSTRY_TRADE,)),
    "化工": ("C2614", "化工", (Sector.CHEMICALS, Sector.FIRE)),
    "煤化工": ("C2511", "煤化工", (Sector.CHEMICALS, Sector.FIRE, Sector.EQUIPMENT)),
    "固废": ("C4220", "资源再生", (Sector.INDUSTRY_TRADE,)),
    "装备": ("C3599", "装备", (Sector.INDUSTRY_TRADE, Sector.EQUIPMENT)),
    "铸造": ("C3391", "铸业", (Sector.INDUSTRY_TRADE,)),
    "玛钢": ("C3391", "玛钢铸造", (Sector.INDUSTRY_TRADE,)),
    "管业": ("C3311", "管业", (Sector.INDUSTRY_TRADE, Sector.EQUIPMENT)),
    "新能源": ("C3825", "新能源科技", (Sector.INDUSTRY_TRADE,)),
    "光伏": ("C3825", "光伏科技", (Sector.INDUSTRY_TRADE,)),
    "光电": ("C3974", "光电科技", (Sector.INDUSTRY_TRADE,)),
    "软件": ("I6513", "软件", ()),
    "文创": ("R8890", "文化创意", (Sector.FIRE,)),
    "合成生物": ("C2760", "生物科技", (Sector.CHEMICALS,)),
    "建筑": ("E4710", "建筑工程", (Sector.CONSTRUCTION,)),
    "物流": ("G5990", "仓储物流", (Sector.FIRE,)),
    "加油站": ("F5265", "加油站", (Sector.PETROL, Sector.CHEMICALS, Sector.FIRE)),
}
