"""How a departure from the rules is put to those who must agree to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gridopt.blocks.options import NEIGHBOUR, RELATED

if TYPE_CHECKING:
    from collections.abc import Sequence

OWN = {
    "street": "本街道",
    "town": "本镇",
    "township": "本乡",
    "zone": "本开发区",
    "department": "本局",
}
"""How a sentence about a unit refers back to it, by the unit's kind."""


@dataclass(frozen=True)
class Departure:
    """One line of `exceptions.csv`: which clause is departed from, where and why.

    Attributes
    ----------
    clause
        Key of the clause (``"P3"``, ``"P5"``, ``"P8"``).
    kind
        `undersized`, `merged_category`, `merged_unit`, `widened_band`, `leftover`,
        `role_vacant`, `staff_minimum` or `moved_by_hand`.
    block_id
        The block after joining.
    n_enterprises
        Number of enterprises that it touches.
    explanation_zh, explanation_en
        The reason, and what each other way out would have cost.
    grid_id
        Empty where it touches a whole block, or where the grid is not yet known.
    """

    clause: str
    kind: str
    block_id: str
    n_enterprises: int
    explanation_zh: str
    explanation_en: str
    grid_id: str = ""


@dataclass(frozen=True)
class Subject:
    """Whom a sentence is about: a base block, in both languages, and its band."""

    unit: str
    own_unit: str
    category_zh: str
    category_en: str
    n: int
    least: int
    most: int


@dataclass(frozen=True)
class Way:
    """One way out for a small or awkward block, with its price in points."""

    points: int
    text_zh: str
    text_en: str
    note_zh: str = ""
    note_en: str = ""


def with_effect(way: Way, effect: int) -> Way:
    """Add what another block would then pay for its size, and say so."""
    if effect == 0:
        return way
    mark = "，" if way.note_zh else ""
    return replace(
        way,
        points=way.points + effect,
        note_zh=f"{way.note_zh}{mark}含对相关网格的影响",
        note_en=f"{way.note_en}{', ' if mark else ''}effect on other blocks included",
    )


def way_to_join(
    kind: int, subject: Subject, host: Subject, km: int, points: int
) -> Way:
    """Describe joining another block.

    Parameters
    ----------
    kind
        `RELATED` or `OTHER` category of the same unit, or `NEIGHBOUR` unit.
    km
        Whole kilometres between the two blocks.
    """
    if kind == NEIGHBOUR:
        text_zh = f"并入{host.unit}{host.category_zh}网格"
        text_en = f"joining {host.category_en} of {host.unit}"
        return Way(points, text_zh, text_en, f"相距约{km}公里", f"about {km} km away")
    note_zh, note_en = (
        ("行业相近", "a related category")
        if kind == RELATED
        else ("行业不同", "another category")
    )
    text_zh = f"并入{subject.own_unit}{host.category_zh}网格"
    text_en = f"joining {host.category_en} of the same unit"
    return Way(points, text_zh, text_en, note_zh, note_en)


def way_alone(kind: str, band: tuple[int, int, int], points: int) -> Way:
    """Describe staying alone.

    Parameters
    ----------
    kind
        `undersized`, `leftover` or `widened_band`.
    band
        Least and most enterprises per grid then in force, and the number of grids.
    """
    least, most, n_grids = band
    if kind == "leftover":
        return Way(points, "单独设置零星网格", "a leftover grid of its own")
    if kind == "undersized":
        return Way(points, "单独设置1个小网格", "one small grid of its own")
    grids = "one grid" if n_grids == 1 else f"{n_grids} grids"
    return Way(
        points,
        f"将每网格家数放宽为{least}至{most}家、设置{n_grids}个网格",
        f"{grids} with the band widened to {least} to {most}",
    )


def explain(
    subject: Subject, chosen: Way, others: Sequence[Way], n_joined: int = 0
) -> tuple[str, str]:
    """Write the sentence a planner can put before the bureau.

    Parameters
    ----------
    others
        The ways out not taken, each with what it would have cost instead.
    n_joined
        Number of enterprises of other blocks that have joined this one.

    Returns
    -------
    explanation_zh, explanation_en

    Examples
    --------
    >>> six = Subject("玉城街道", "本街道", "房地产", "real estate", 6, 15, 25)
    >>> ways = [way_alone("leftover", (6, 25, 1), 600)]
    >>> explain(six, Way(60, "并入本街道建筑业网格", "joining construction"), ways)[0]
    '玉城街道房地产企业仅6家，无法按每网格15至25家划分，拟并入本街道建筑业网格（代价60分）；若单独设置零星网格，代价600分。'
    """
    return (
        _explain_zh(subject, chosen, others, n_joined),
        _explain_en(subject, chosen, others, n_joined),
    )


def _explain_zh(s: Subject, chosen: Way, others: Sequence[Way], n_joined: int) -> str:
    n = s.n + n_joined
    few = "仅" if n < s.least else "共"
    joined = f"（含并入的{n_joined}家）" if n_joined else ""
    note = f"{chosen.note_zh}，代价" if chosen.note_zh else "代价"
    rest = ""
    for way in others:
        of_way = f"（{way.note_zh}）" if way.note_zh else ""
        rest += f"；若{way.text_zh}{of_way}，代价{way.points}分"
    return (
        f"{s.unit}{s.category_zh}企业{few}{n}家{joined}，无法按每网格{s.least}至"
        f"{s.most}家划分，拟{chosen.text_zh}（{note}{chosen.points}分）{rest}。"
    )


def _explain_en(s: Subject, chosen: Way, others: Sequence[Way], n_joined: int) -> str:
    n = s.n + n_joined
    counted = "1 enterprise" if n == 1 else f"{n} enterprises"
    joined = f" ({n_joined} of them joined)" if n_joined else ""
    rest = "; ".join(_priced(way) for way in others)
    return (
        f"{s.category_en[:1].upper()}{s.category_en[1:]} of {s.unit} has "
        f"{'only ' if n < s.least else ''}{counted}{joined} and cannot form grids of "
        f"{s.least} to {s.most}; chosen: {_priced(chosen)}."
        + (f" Instead: {rest}." if rest else "")
    )


def _priced(way: Way) -> str:
    points = "1 point" if way.points == 1 else f"{way.points} points"
    note = f", {way.note_en}" if way.note_en else ""
    return f"{way.text_en}{note} ({points})"
