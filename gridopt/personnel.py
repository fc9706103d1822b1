"""What one line of the staff table says of a person, and what is wrong with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gridopt.listing import name_nearest, read_id

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from gridopt.classification import Classification
    from gridopt.geography import Units
    from gridopt.listing import Remarks

BUREAU = "tjj"
"""Unit of the instructors whom the city's statistics bureau (市统计局) sends (S4)."""

BUREAU_NAMES = ("市统计局", "县统计局", "区统计局")

COLUMNS = {
    "unit": ("单位", "所在单位", "乡镇街道", "二级统计网格"),
    "person_id": ("人员编号", "工号"),
    "name": ("姓名",),
    "role": ("职务", "网格职务"),
    "specialities": ("专业", "负责专业"),
    "max_grids": ("负责网格上限", "最多负责网格数"),
}
"""Every column of the table with the Chinese headers that stand for it."""

ROLES = {
    "head": ("网格长", "企业网格长"),
    "instructor": ("网格指导员", "指导员"),
    "staff": ("统计人员", "统计工作人员", "工作人员"),
}
"""Every role with its Chinese words; `staff` counts for M6 and holds no post."""

_SEPARATORS = re.compile(r"[;；、,，]")


def names_of_categories(classification: Classification) -> dict[str, str]:
    """List the words for each category: key, Chinese name, with and without 业."""
    names: dict[str, str] = {}
    for category in classification.categories:
        short = category.name_zh.removesuffix("业")
        for word in (category.key, category.name_zh, short, f"{short}业"):
            names.setdefault(word, category.key)
    return names


def read_person(
    row: Mapping[Hashable, object],
    units: Units,
    categories: Mapping[str, str],
    remarks: Remarks,
) -> dict[str, object]:
    """Read one line; what cannot be read is a finding and stays empty."""
    number = int(str(row["row"]))
    text = {name: str(row[name]) for name in COLUMNS}
    for name in ("unit", "person_id", "name", "role"):
        if not text[name]:
            remarks.add(
                (number, name, ""),
                "missing_value",
                f"未填{COLUMNS[name][0]}（{name}）。",
                f"There is no {name}.",
            )
    role = _read_role(number, text["role"], remarks)
    person: dict[str, object] = {
        "unit": _read_unit(number, text["unit"], units, remarks),
        "person_id": read_id(number, text["person_id"], row["is_number"], remarks),
        "name": text["name"],
        "role": role,
        "specialities": _read_specialities(
            number, text["specialities"], categories, remarks
        ),
        "max_grids": _read_limit(number, text["max_grids"], remarks),
        "row": number,
    }
    _check_role(person, text, remarks)
    return person


def _read_unit(number: int, text: str, units: Units, remarks: Remarks) -> str:
    code = units.resolve(text) if text else ""
    if code:
        return str(code)
    is_bureau = text in (BUREAU, "统计局") or text.endswith(BUREAU_NAMES)
    if is_bureau or not text:
        return BUREAU if is_bureau else ""
    names = [unit.name for unit in units.members]
    zh, en = name_nearest(text, [*names, *BUREAU_NAMES[:1]])
    remarks.add(
        (number, "unit", text),
        "unknown_unit",
        f"单位“{text}”不在单位表中{zh}。",
        f"Unit {text!r} is not in the table of units{en}.",
    )
    return ""


def _read_role(number: int, text: str, remarks: Remarks) -> str:
    for role, words in ROLES.items():
        if text == role or text in words:
            return role
    if text:
        known = "、".join(words[0] for words in ROLES.values())
        remarks.add(
            (number, "role", text),
            "unknown_role",
            f"职务“{text}”无法识别，应为{known}之一"
            "（副网格长由“四上”企业优秀统计员担任，不在本表）。",
            f"Role {text!r} is not one of {', '.join(ROLES)} (deputies come from the "
            "register).",
        )
    return ""


def _read_specialities(
    number: int, text: str, categories: Mapping[str, str], remarks: Remarks
) -> tuple[str, ...]:
    words = [word.strip() for word in _SEPARATORS.split(text) if word.strip()]
    for word in words:
        if word not in categories:
            zh, en = name_nearest(word, categories)
            remarks.add(
                (number, "specialities", word),
                "unknown_speciality",
                f"专业“{word}”不在行业类别表中{zh}。",
                f"Speciality {word!r} is not a category{en}.",
            )
    known = (categories[word] for word in words if word in categories)
    return tuple(dict.fromkeys(known))


def _read_limit(number: int, text: str, remarks: Remarks) -> int | None:
    if not text:
        return None
    # 3.0 is how a spreadsheet writes a whole number it was not told is one
    whole = re.fullmatch(r"(\d{1,6})(\.0+)?", text, re.ASCII)
    if whole:
        return int(whole[1])
    remarks.add(
        (number, "max_grids", text),
        "not_a_limit",
        f"负责网格上限“{text}”不是0至999999的整数，不设上限请空着。",
        f"The max_grids {text!r} is not a whole number from 0 to 999999; leave it "
        "empty for no limit.",
    )
    return None


def _check_role(
    person: Mapping[str, object], text: Mapping[str, str], remarks: Remarks
) -> None:
    number = int(str(person["row"]))
    if person["role"] == "head" and person["unit"] == BUREAU:
        remarks.add(
            (number, "unit", text["unit"]),
            "head_of_bureau",
            f"网格长{text['name']}的单位为“{text['unit']}”；企业网格长由乡镇（街道）"
            "或部门人员担任，市统计局人员只任网格指导员。",
            f"The head {text['name']} belongs to {text['unit']!r}; heads are staff of "
            "a unit, the statistics bureau only instructs.",
        )
    if person["role"] == "instructor" and not text["specialities"]:
        remarks.add(
            (number, "specialities", ""),
            "no_speciality",
            f"网格指导员{text['name']}未填专业。",
            f"The instructor {text['name']} has no speciality.",
        )


def check_people(records: list[dict[str, object]], remarks: Remarks) -> None:
    """One id is one person: one name, one unit, one line per role."""
    first: dict[str, dict[str, object]] = {}
    seen: dict[tuple[str, str], dict[str, object]] = {}
    for person in records:
        key, role = str(person["person_id"]), str(person["role"])
        if not key:
            continue
        known = first.setdefault(key, person)
        _check_same(known, person, remarks, ("name", "unit"))
        if role:
            _check_line(seen.setdefault((key, role), person), person, remarks)


def _check_same(
    known: Mapping[str, object],
    person: Mapping[str, object],
    remarks: Remarks,
    columns: tuple[str, ...],
) -> None:
    key, number = person["person_id"], int(str(person["row"]))
    for column in columns:
        one, two = known[column], person[column]
        if one == two or "" in (one, two):
            continue
        remarks.add(
            (number, column, str(two)),
            "doubled_person",
            f"人员编号“{key}”的{COLUMNS[column][0]}为“{_spell(two)}”，"
            f"第{known['row']}行为“{_spell(one)}”；同一编号须为同一人、同一单位。",
            f"The person_id {key!r} has {column} {_spell(two)!r}, row {known['row']} "
            f"has {_spell(one)!r}; one id is one person of one unit.",
        )


def _spell(value: object) -> str:
    if isinstance(value, tuple):
        return "、".join(value)
    return "" if value is None else str(value)


def _check_line(
    known: Mapping[str, object], person: Mapping[str, object], remarks: Remarks
) -> None:
    if known is person:
        return
    _check_same(known, person, remarks, ("specialities", "max_grids"))
    number = int(str(person["row"]))
    if all(known[name] == person[name] for name in COLUMNS):
        remarks.add(
            (number, "person_id", str(person["person_id"])),
            "repeated_row",
            f"与第{known['row']}行相同，只计一次。",
            f"This row repeats row {known['row']} and is counted once.",
            severity="warning",
        )
