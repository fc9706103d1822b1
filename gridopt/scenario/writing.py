"""How a scenario becomes a file again: only what differs from the file it extends."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gridopt.errors import InputError, tell_reason
from gridopt.findings import some, some_ids
from gridopt.scenario.reading import read_scenario
from gridopt.scenario.value import (
    FILES,
    REGISTER_GROUPS,
    SECTIONS,
    Scenario,
    is_shipped_name,
    yaml_text,
)
from gridopt.words import join_both

if TYPE_CHECKING:
    from gridopt.rules import Rules

_FORBIDDEN = re.compile(r'[\\/:*?"<>|\x00-\x1f]')
_LONGEST, _LONGEST_BYTES = 80, 240
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³])(\.|$)")


def write_scenario(
    scenario: Scenario, base: str | Path, folder: str | Path | None = None
) -> Path:
    r"""Write a scenario as a file that extends another: only the differences.

    The file is read again before it takes its name: what stands on disk is what was
    asked for, or there is no file.

    Parameters
    ----------
    scenario
        What was chosen; its title and basis are its own, `name` is the new file's.
    base
        The scenario file that it extends.
    folder
        Where to write; beside the base where None.

    Returns
    -------
    Path
        The new file.

    Raises
    ------
    InputError
        Where the file exists or has a name that some system refuses, title or basis
        is empty, the base cannot be read, or a difference cannot be written: an entry
        of a mapping that the base has and this scenario has not, or a table on
        another drive.

    Examples
    --------
    >>> import tempfile
    >>> from gridopt.problem import GridRules
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "a.yaml").write_text("title: 甲\nbasis: P5", encoding="utf-8")
    >>> fifteen = Scenario("乙", "P5", grids=GridRules(target=15), name="b")
    >>> file = write_scenario(fifteen, folder / "a.yaml")
    >>> print(file.read_text(encoding="utf-8").strip())
    title: 乙
    basis: P5
    extends: a.yaml
    grids:
      target: 15
    """
    below = Path(base)
    home = below.parent if folder is None else Path(folder)
    _refuse_words(scenario, home)
    target = home / f"{scenario.name}.yaml"
    lower = read_scenario(below)
    _refuse_lost(_taken_away(scenario, lower))
    text = yaml_text(_differences(scenario, lower, target.parent, below))
    draft = target.with_name(f".{target.stem}-draft.yaml")
    try:
        draft.write_bytes(text)
        _refuse_lost(_unlike(scenario, read_scenario(draft)))
        os.replace(draft, target)
    except OSError as error:
        reason_zh, reason_en = tell_reason(error)
        raise InputError(
            f"不能在“{target.parent}”中写入情景文件：{reason_zh}。",
            f"The scenario cannot be written in “{target.parent}”: {reason_en}.",
        ) from None
    finally:
        with contextlib.suppress(OSError):
            draft.unlink()
    return target


def _refuse_words(scenario: Scenario, folder: Path) -> None:
    """Refuse a heading that says nothing and a name no file may have, all at once."""
    told = {"title（标题）": scenario.title, "basis（依据）": scenario.basis}
    faults = [
        (f"情景须写明{name}", f"a scenario needs its {name[:5]}")
        for name, text in told.items()
        if not text.strip()
    ]
    faults += _name_faults(scenario.name, folder)
    if faults:
        zh, en = join_both(faults)
        raise InputError(f"{zh}。", f"{en}.")


def _name_faults(name: str, folder: Path) -> list[tuple[str, str]]:
    # a lone half of a pair of UTF-16 is no letter, and too long is counted in bytes
    n_bytes = len(name.encode("utf-8", errors="replace"))
    is_odd = not name or name != name.strip(" .") or len(name) > _LONGEST
    is_odd |= n_bytes > _LONGEST_BYTES or any(
        "\ud800" <= one <= "\udfff" for one in name
    )
    if is_odd or _FORBIDDEN.search(name) or _RESERVED.match(name):
        zh = f'“{name}”不能作文件名：不超过{_LONGEST}个字，不含 \\ / : * ? " < > |，'
        zh += "不以空格和点开头、结尾，不用 con、nul 等系统名称"
        en = f"“{name}” cannot be the name of a file: at most {_LONGEST} characters, "
        en += 'none of \\ / : * ? " < > |, no space or dot at either end, no con, nul'
        return [(zh, en)]
    if (folder / f"{name}.yaml").exists():
        zh = f"已有情景文件“{name}.yaml”，没有改动；请换一个文件名"
        en = f"there is a scenario “{name}.yaml” already, left as it is; choose "
        return [(zh, en + "another name")]
    return []


def _differences(
    scenario: Scenario, lower: Scenario, folder: Path, below: Path
) -> dict[str, Any]:
    told: dict[str, Any] = {"title": scenario.title.strip()}
    if scenario.author != lower.author:
        told["author"] = scenario.author
    if scenario.date != lower.date:
        told["date"] = scenario.date.isoformat() if scenario.date else None
    basis = scenario.basis.strip()
    told["basis"] = f"{basis}\n" if "\n" in basis else basis
    told["extends"] = _relative(below, folder)
    if scenario.seed != lower.seed:
        told["seed"] = scenario.seed
    for key in SECTIONS:
        changed = differing(getattr(scenario, key), getattr(lower, key))
        _name_files(key, changed, folder)
        groups = REGISTER_GROUPS if key == "register" else ()
        told |= {name: changed.pop(name) for name in groups if name in changed}
        if changed:
            told[key] = changed
    return told


def differing(rules: Rules, lower: Rules) -> dict[str, Any]:
    """List the settings whose values differ, as a file spells them.

    Examples
    --------
    >>> from gridopt.problem import GridRules
    >>> differing(GridRules(target=15, least=10), GridRules(least=10))
    {'target': 15}
    """
    ours, theirs = rules.model_dump(mode="json"), lower.model_dump(mode="json")
    return _differing(ours, theirs)


def _differing(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in ours.items():
        below = theirs.get(key)
        if isinstance(value, dict) and isinstance(below, dict):
            if inner := _differing(value, below):
                found[key] = inner
        elif value != below or key not in theirs:
            found[key] = value
    return found


def _name_files(section: str, changed: dict[str, Any], folder: Path) -> None:
    """Turn the whole paths among the differences into relative ones."""
    for where, key in FILES:
        is_group = section == "register" and where in REGISTER_GROUPS
        holder = changed.get(where, {}) if is_group else changed
        value = holder.get(key) if is_group or where == section else None
        if isinstance(value, str) and not is_shipped_name((where, key), value):
            holder[key] = _relative(Path(value), folder)


def _relative(path: Path, folder: Path) -> str:
    try:
        return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
    except ValueError:  # Windows: another drive
        raise InputError(
            f"“{path}”与情景文件不在同一磁盘，写不成相对路径；请把文件放到一处。",
            f"“{path}” lies on another drive than the scenario: no relative path "
            "leads there; put the files together.",
        ) from None


def _taken_away(scenario: Scenario, lower: Scenario) -> list[str]:
    """List the mappings that lack an entry of the base: `extends` only adds."""
    found = []
    for key in SECTIONS:
        ours = getattr(scenario, key).model_dump(mode="json")
        theirs = getattr(lower, key).model_dump(mode="json")
        found += [
            f"{key}.{name}"
            for name, below in theirs.items()
            if isinstance(below, dict) and not _holds(ours[name], below)
        ]
    return found


def _holds(value: Any, below: dict[str, Any]) -> bool:
    """Tell whether a mapping has every entry of another; what is none, replaces it."""
    return not isinstance(value, dict) or below.keys() <= value.keys()


def _unlike(asked: Scenario, read: Scenario) -> list[str]:
    return [
        f"{key}.{name}"
        for key in SECTIONS
        for name in differing(getattr(asked, key), getattr(read, key))
    ]


def _refuse_lost(lost: list[str]) -> None:
    """Refuse a file that would not be the scenario: say which settings are lost."""
    if lost:
        raise InputError(
            f"有{len(lost)}项设置写不成与所引用情景的差别：{some(lost)}；"
            "引用的情景里有的条目，差别文件去不掉。请另写一个不引用的情景文件。",
            f"{len(lost)} settings cannot be written as differences: "
            f"{some_ids(lost)}; entries that the base has cannot be taken away. "
            "Write a scenario of its own.",
        )
