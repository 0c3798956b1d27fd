"""What the comparison found for each need, kept small: enough for the plan and the reasons."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bihuan.engines.matching.fit import CRITERION_WORDS, Fitter
from bihuan.engines.matching.problem import Need
from bihuan.engines.matching.vocabulary import Verdict
from bihuan.engines.shape import Binding, Words

AREA = "area_m2"


@dataclass(frozen=True, eq=False)
class NeedFit:
    """One need against all blocks.

    `only` maps a criterion to a block on which nothing else fails: relax that criterion and
    the need has a place. `ask` is a block that fails nowhere, and what to survey there.
    """

    overall: np.ndarray
    fits: int
    unknown: int
    only: dict[str, int]
    ask: tuple[int, tuple[str, ...]] | None

    @property
    def has_place(self) -> bool:
        return self.fits > 0


def compare(fitter: Fitter, need: Need) -> NeedFit:
    """Compare a need with every block."""
    verdicts = fitter.verdicts(need)
    names = list(verdicts)
    table = np.vstack([verdicts[name] for name in names])
    overall = table.min(axis=0)
    fails = (table == Verdict.FAILS).sum(axis=0)
    alone = np.flatnonzero((fails == 1) & ~(table == Verdict.UNKNOWN).any(axis=0))
    only: dict[str, int] = {}
    if not (overall == Verdict.FITS).any():
        for block in alone:
            only.setdefault(names[int(np.argmin(table[:, block]))], int(block))
    return NeedFit(
        overall=overall,
        fits=int((overall == Verdict.FITS).sum()),
        unknown=int((overall == Verdict.UNKNOWN).sum()),
        only=only,
        ask=_question(names, table, overall),
    )


def _question(
    names: list[str], table: np.ndarray, overall: np.ndarray
) -> tuple[int, tuple[str, ...]] | None:
    """The block with the fewest unsurveyed figures among those that fail nowhere."""
    blocks = np.flatnonzero(overall == Verdict.UNKNOWN)
    if not len(blocks):
        return None
    open_questions = (table[:, blocks] == Verdict.UNKNOWN).sum(axis=0)
    block = int(blocks[int(np.argmin(open_questions))])
    asked = tuple(n for n, v in zip(names, table[:, block], strict=True) if v == Verdict.UNKNOWN)
    return block, asked


def gaps(fits: Sequence[NeedFit]) -> list[Binding]:
    """ "12 needs fail only on clear height", most needs first; one need may count twice."""
    count = Counter(name for fit in fits if not fit.has_place for name in fit.only)
    found = [
        Binding(
            name=f"only:{name}",
            words=Words(
                f"{_needs(number, 'fail')} only on {CRITERION_WORDS[name].en}",
                f"{number} 个需求仅因“{CRITERION_WORDS[name].zh}”不满足",
            ),
            relief=float(number),
            unit="needs",
            per="criterion",
        )
        for name, number in count.most_common()
    ]
    asking = sum(1 for fit in fits if not fit.has_place and fit.ask is not None)
    if asking:
        words = Words(
            f"{_needs(asking, 'lack')} a sure place but might fit where something is not surveyed: ask",
            f"{asking} 个需求暂无确定场所，但核实未知数据后可能满足",
        )
        found.append(
            Binding(name="unknown", words=words, relief=float(asking), unit="needs", per="survey")
        )
    return found


def _needs(number: int, verb: str) -> str:
    return f"1 need {verb}s" if number == 1 else f"{number} needs {verb}"


def reason(fitter: Fitter, fit: NeedFit) -> Words:
    """Why a need was not served, in one sentence."""
    if fit.has_place:
        some = "1 block fits, but it" if fit.fits == 1 else f"{fit.fits} blocks fit, but each"
        return Words(
            f"{some} is worth more to others or a shared limit is used up",
            f"有 {fit.fits} 处满足，但让给他人价值更高，或共用限额已用尽",
        )
    if fit.ask is not None:
        block, names = fit.ask
        where = " + ".join(fitter.space.codes(block))
        en = ", ".join(CRITERION_WORDS[name].en for name in names)
        zh = "、".join(CRITERION_WORDS[name].zh for name in names)
        return Words(f"might fit {where}: ask for {en}", f"{where} 可能满足：需核实{zh}")
    if fit.only:
        places = [
            (CRITERION_WORDS[n], " + ".join(fitter.space.codes(b))) for n, b in fit.only.items()
        ]
        return Words(
            "fails only on " + " or on ".join(f"{words.en} ({where})" for words, where in places),
            "仅因"
            + "，或仅因".join(f"{words.zh}（{where}）" for words, where in places)
            + "不满足",
        )
    return Words("every block fails on two criteria or more", "所有场所均有两项以上条件不满足")
