"""What the engines' pictures share. Import it only from a module named by Task.picture."""

import io
from functools import cache

import matplotlib
from matplotlib import font_manager
from matplotlib.figure import Figure

from bihuan.engines.shape import Words

CJK_FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Microsoft YaHei",
    "SimHei",
    "PingFang SC",
    "Noto Sans CJK JP",  # the face matplotlib sees first in Debian's collection
)


@cache
def chinese_font() -> str:
    """A font of this machine that can write Chinese, or "" where there is none."""
    known = {font.name for font in font_manager.fontManager.ttflist}
    return next((name for name in CJK_FONTS if name in known), "")


def figure(width_in: float = 11.0, height_in: float = 6.0) -> Figure:
    """An empty figure, drawn without a screen, that can write Chinese where possible."""
    if chinese_font():
        matplotlib.rcParams["font.family"] = [chinese_font(), "DejaVu Sans"]
    matplotlib.rcParams["axes.unicode_minus"] = False
    return Figure(figsize=(width_in, height_in), layout="constrained")


def label(words: Words, language: str) -> str:
    """The words in `language`; English where no font of this machine can write Chinese."""
    return words.text(language if chinese_font() else "en")


def png(picture: Figure, dpi: int = 120) -> bytes:
    out = io.BytesIO()
    picture.savefig(out, format="png", dpi=dpi)
    return out.getvalue()


def svg(picture: Figure) -> str:
    out = io.StringIO()
    picture.savefig(out, format="svg")
    text = out.getvalue()
    return text[text.index("<svg") :]
