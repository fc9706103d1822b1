"""Which unit and which village an enterprise lies in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

    from gridopt.geography import Units, WorkAreas
    from gridopt.register.headers import Rows

BoolArray = npt.NDArray[np.bool_]
TextArray = npt.NDArray[np.object_]

_OLD, _TODAY = "331021", "331083"


def check_units(
    rows: Rows, live: BoolArray, units: Units
) -> tuple[TextArray, list[pd.DataFrame]]:
    """Find the code of each row's unit, "" where it is not clear."""
    texts = rows.text("unit")
    if not rows.has("unit"):
        return texts, []
    matches = {text: units.recognise(text) for text in dict.fromkeys(texts) if text}
    clear = ("", "unit_spelling")
    codes = {t: m.codes[0] for t, m in matches.items() if m.rule in clear}
    found = [rows.find(live & (texts == ""), "unit_missing", "unit")]
    for rule in sorted({match.rule for match in matches.values()} - {""}):
        mask = live & np.array(
            [text in matches and matches[text].rule == rule for text in texts],
            dtype=bool,
        )
        words = [_unit_words(rule, matches[text].codes, units) for text in texts[mask]]
        spread = {
            key: [one[key] for one in words] for key in (words[0] if words else ())
        }
        found.append(rows.find(mask, rule, "unit", **spread))
    return np.array([codes.get(text, "") for text in texts], dtype=object), found


def _unit_words(rule: str, codes: tuple[str, ...], units: Units) -> dict[str, str]:
    named = [units.get(code) for code in codes]
    names = [unit.name for unit in named if unit]
    if rule == "unit_spelling":
        return {"name": names[0], "code": codes[0]}
    if rule == "unit_ambiguous":
        return {"candidates_zh": "或".join(names), "candidates_en": " or ".join(names)}
    if rule == "unit_old_code":
        return {"candidate": f"{codes[0]} {names[0]}" if codes else f"{_TODAY}…"}
    listed = "、".join(unit.name for unit in units.places[:20])
    return {"hint_zh": f"请改为：{listed}。", "hint_en": f"Write one of: {listed}."}


def check_villages(
    rows: Rows, live: BoolArray, codes: TextArray, units: Units, areas: WorkAreas
) -> tuple[TextArray, list[pd.DataFrame]]:
    """Find the code of each row's village, "" where it is unknown.

    Names are taken where they are in the row's unit; without a table of villages
    the text stays as it is.
    """
    texts = rows.text("village")
    known = areas.villages
    if known.empty or not rows.has("village"):
        return texts, []
    home = known["unit"].to_dict()
    named = {
        (unit, name): code
        for code, unit, name in zip(
            known.index, known["unit"], known["name"], strict=True
        )
    }
    found_codes = [
        text if text in home else named.get((unit, text), "")
        for text, unit in zip(texts, codes, strict=True)
    ]
    villages = np.array(found_codes, dtype=object)
    lies = np.array([home.get(code, "") for code in villages], dtype=object)
    is_old = np.array([text.startswith(_OLD) for text in texts], dtype=bool)
    unknown = live & (texts != "") & (villages == "")
    elsewhere = live & (villages != "") & (codes != "") & (lies != codes)
    return villages, [
        rows.find(unknown & ~is_old, "village_unknown", "village"),
        rows.find(unknown & is_old, "village_old_code", "village"),
        rows.find(
            elsewhere,
            "village_elsewhere",
            "village",
            home=name_units(lies, units),
            unit=name_units(codes, units),
        ),
    ]


def name_units(codes: TextArray, units: Units) -> TextArray:
    """Name the unit of each code; an unknown code names itself."""
    names = {unit.code: unit.name for unit in units.members}
    return np.array([names.get(code, code) for code in codes], dtype=object)
