"""Every kind of wrong scenario is refused with file, line, key, value and a way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gridopt.errors import InputError
from gridopt.scenario import read_scenario

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "title: 甲\nbasis: P5\n"

# what is wrong, the lines from the third on, what the message must hold
BAD = [
    (
        "unknown key, nearest one named",
        "grids:\n  targt: 12\n",
        [":4  grids.targt = 12", "最接近的键是 target", "nearest known key is target"],
    ),
    (
        "key of another section",
        "target: 12\n",
        [":3  target = 12", "它应写作 grids.target"],
    ),
    (
        "unknown key, nothing near: the known ones listed",
        "roles:\n  qqqq: 1\n",
        [":4  roles.qqqq = 1", "可用的键：staff"],
    ),
    (
        "group of the register spelt inside it",
        "register:\n  units: {islands: true}\n",
        [":4  register.units", "它应写作 units"],
    ),
    (
        "text for a whole number",
        "grids:\n  target: 二十\n",
        [":4  grids.target = 二十：应为整数（不小于2）", "a whole number (at least 2)"],
    ),
    (
        "fraction for a whole number",
        "grids:\n  most: 25.5\n",
        [":4  grids.most = 25.5：应为整数"],
    ),
    (
        "quoted number",
        'grids:\n  target: "20"\n',
        [":4  grids.target = 20：应为整数"],
    ),
    (
        "octal-looking number",
        "grids:\n  target: 0311\n",
        [":4  grids.target = 0311：应为整数"],
    ),
    (
        "too small a number",
        "grids:\n  least: 0\n",
        [":4  grids.least = 0：应为整数（不小于1）"],
    ),
    (
        "number that is not finite",
        "grids:\n  size_price_m: .nan\n",
        [":4  grids.size_price_m = .nan：应为有限的数"],
    ),
    (
        "yes for true",
        "grids:\n  bureau_owns: no\n",
        [":4  grids.bureau_owns = no：应为 true 或 false", "true or false is accepted"],
    ),
    (
        "0 for false",
        "register:\n  quarantine: 0\n",
        [":4  register.quarantine = 0：应为 true 或 false"],
    ),
    (
        "word that is none of the choices",
        "register:\n  coordinates: gcj-02\n",
        [":4  register.coordinates = gcj-02", "gcj02、bd09、wgs84、cgcs2000 之一"],
    ),
    (
        "word that is none of the money's choices",
        "money:\n  rounding: floor\n",
        [":4  money.rounding = floor", "floor_low"],
    ),
    (
        "award shares that do not sum to 100",
        "money:\n  star_percents: [60, 30, 20]\n",
        [":4  money.star_percents = [60, 30, 20]", "100"],
    ),
    (
        "list of one where pairs belong",
        "grids:\n  must_link: [[a, b], [c]]\n",
        [":4  grids.must_link[1]", "成对编号的列表"],
    ),
    (
        "section that is no mapping",
        "grids: 20\n",
        [":3  grids = 20：应为一组设置"],
    ),
    (
        "duplicate key",
        "seed: 1\nseed: 2\n",
        [":4  seed：键重复：第3行已有", "it stands in line 3 already"],
    ),
    (
        "duplicate key inside a section",
        "grids:\n  least: 11\n  target: 15\n  least: 12\n",
        [":6  grids.least：键重复：第4行已有"],
    ),
    (
        "date that is not ISO",
        "date: 2025/12/31\n",
        [":3  date = 2025/12/31", "如 2025-12-31"],
    ),
    (
        "date that does not exist",
        "date: 2025-02-30\n",
        [":3  date = 2025-02-30", "an existing date"],
    ),
    (
        "date that is a number",
        "date: 20251231\n",
        [":3  date = 20251231", "如 2025-12-31"],
    ),
    (
        "negative seed",
        "seed: -1\n",
        [":3  seed = -1：应为整数（不小于0"],
    ),
    (
        "target outside its band, defaults included",
        "grids:\n  target: 30\n",
        [":4  grids.target = 30", "15、30、25", "least <= target <= most"],
    ),
    (
        "YAML that does not parse",
        "grids:\n\ttarget: 20\n",
        [":4  YAML 写法有误", "not valid YAML"],
    ),
    (
        "unclosed bracket",
        "grids: {target: 20\n",
        ["YAML 写法有误"],
    ),
    (
        "two documents in one file",
        "---\ntitle: 乙\n",
        [":3  YAML 写法有误"],
    ),
    (
        "YAML alias",
        "author: &a gridopt\nregister: {file: *a}\n",
        [":4  情景文件不用 YAML 引用（*a）"],
    ),
    (
        "YAML tag",
        "author: !!binary aGVsbG8=\n",
        [":3  author = aGVsbG8=：不支持标签 binary"],
    ),
    (
        "table file that is not there",
        "classification: {table: tables/none.csv}\n",
        [":3  classification.table = tables/none.csv：文件不存在"],
    ),
    (
        "shipped table of another name",
        "classification: {table: gbt4745}\n",
        [":3  classification.table = gbt4745", "最接近的是 gbt4754", "naics-subsector"],
    ),
    (
        "staff table that is not there",
        "roles: {staff: staff.xlsx}\n",
        [":3  roles.staff = staff.xlsx：文件不存在"],
    ),
    (
        "extends a file that is not there",
        "extends: base.yaml\n",
        [":3  extends = base.yaml：文件不存在", "the file does not exist"],
    ),
    (
        "extends itself",
        "extends: case.yaml\n",
        [":3  extends = case.yaml", "case.yaml → case.yaml"],
    ),
    (
        "extends a list",
        "extends: [a.yaml, b.yaml]\n",
        [":3  extends", "一个文件名，不是列表"],
    ),
]


def refused(folder: Path, text: str) -> str:
    """Write a scenario, read it and return what the refusal says."""
    path = folder / "case.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_scenario(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("lines", "parts"), [c[1:] for c in BAD], ids=[c[0] for c in BAD]
)
def test_says_where_and_what(tmp_path: Path, lines: str, parts: list[str]) -> None:
    """A wrong scenario is refused with its file and line and what would do."""
    said = refused(tmp_path, HEAD + lines)
    assert f"{tmp_path / 'case.yaml'}" in said
    for part in parts:
        assert part in said


def test_one_fault_is_one_error(tmp_path: Path) -> None:
    """Each of the wrong values above is reported once, not once per reason."""
    said = refused(tmp_path, HEAD + "grids:\n  number: many\n")
    assert "有1处错误" in said
    assert said.count("grids.number = many") == 2  # once in each language


def test_all_errors_at_once(tmp_path: Path) -> None:
    """A file with errors in five places names all five, by line."""
    said = refused(
        tmp_path,
        "title: 甲\nseed: x\ndate: soon\ngrids:\n  least: a\nmoney:\n  pol: unit\n",
    )
    assert "有5处错误" in said
    assert "has 5 errors" in said
    found = [said.index(f"case.yaml:{line}  ") for line in (1, 2, 3, 5, 7)]
    assert found == sorted(found)


@pytest.mark.parametrize("key", ["title", "basis"])
def test_title_and_basis_are_owed(tmp_path: Path, key: str) -> None:
    """A scenario without title or basis is refused by that name."""
    lines = [line for line in HEAD.splitlines() if not line.startswith(key)]
    said = refused(tmp_path, "\n".join(lines) + "\n")
    assert f"{key}：缺少这一项" in said
    assert f"{key}: missing" in said


@pytest.mark.parametrize("key", ["title", "basis"])
def test_title_and_basis_are_not_inherited(tmp_path: Path, key: str) -> None:
    """A child must state its own title and basis: its parent's speak of another."""
    (tmp_path / "base.yaml").write_text(HEAD, encoding="utf-8")
    lines = [line for line in HEAD.splitlines() if not line.startswith(key)]
    said = refused(tmp_path, "\n".join([*lines, "extends: base.yaml\n"]))
    assert f"{key}：缺少这一项" in said


def test_cycle_names_every_file(tmp_path: Path) -> None:
    """Three files that extend each other in a ring are named in order."""
    for here, there in (("case", "b"), ("b", "c"), ("c", "case")):
        text = f"{HEAD}extends: {there}.yaml\n"
        (tmp_path / f"{here}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_scenario(tmp_path / "case.yaml")
    assert "case.yaml → b.yaml → c.yaml → case.yaml" in str(caught.value)
    assert f"{tmp_path / 'c.yaml'}:3" in str(caught.value)


def test_error_of_a_parent_names_the_parent(tmp_path: Path) -> None:
    """A wrong value that is inherited is blamed on the file that says it."""
    base = tmp_path / "base.yaml"
    base.write_text(f"{HEAD}grids:\n  target: x\n", encoding="utf-8")
    said = refused(tmp_path, f"{HEAD}extends: base.yaml\ngrids: {{least: 10}}\n")
    assert f"{base}:4  grids.target = x" in said
    assert "有1处错误" in said


def test_missing_file(tmp_path: Path) -> None:
    """A scenario that does not exist is refused by its path."""
    with pytest.raises(InputError, match=r"none\.yaml  文件不存在"):
        read_scenario(tmp_path / "none.yaml")


def test_folder_is_no_scenario(tmp_path: Path) -> None:
    """A folder given in place of a file is called a folder."""
    with pytest.raises(InputError, match="这是文件夹"):
        read_scenario(tmp_path)


def test_empty_file(tmp_path: Path) -> None:
    """An empty file lacks title and basis and is no crash."""
    assert "有2处错误" in refused(tmp_path, "")


def test_list_is_no_scenario(tmp_path: Path) -> None:
    """A file that is a list is told what a scenario is made of."""
    assert "情景文件应由“键: 值”组成" in refused(tmp_path, "- a\n- b\n")
    assert ":1  hello：情景文件应由" in refused(tmp_path, "hello\n")


def test_full_width_colon(tmp_path: Path) -> None:
    """A full-width colon, the usual slip of a Chinese keyboard, is named as such."""
    assert "冒号用半角" in refused(tmp_path, "title：甲\n")


def test_gbk_file_names_its_line(tmp_path: Path) -> None:
    """A file that is not UTF-8 is refused with the first line that is not."""
    path = tmp_path / "gbk.yaml"
    path.write_bytes("seed: 1\ntitle: 玉环\n".encode("gb18030"))
    with pytest.raises(InputError, match=r"gbk\.yaml:2  文件不是 UTF-8 编码"):
        read_scenario(path)


def test_deep_nesting_is_no_crash(tmp_path: Path) -> None:
    """Brackets nested beyond reason are a syntax error, not a recursion error."""
    assert "YAML 写法有误" in refused(tmp_path, "grids: " + "[" * 500)


def test_findings_have_the_contract_columns(tmp_path: Path) -> None:
    """The errors are also a table with the columns of findings.csv."""
    path = tmp_path / "case.yaml"
    path.write_text(f"{HEAD}seed: x\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_scenario(path)
    findings = caught.value.findings
    assert list(findings.columns) == [
        *("row", "column", "rule", "value", "severity"),
        *("message_zh", "message_en", "file", "enterprise_id"),
    ]
    assert findings.loc[0, ["row", "column", "value", "file"]].tolist() == [
        *(3, "seed", "x", "case.yaml")
    ]
