"""What the roster lacks: open posts with their reason, and people needed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pandas as pd

from gridopt.blocks import Departure
from gridopt.officials import list_units, unit_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gridopt.partition import Partition
    from gridopt.staff import Staff

NEEDED_COLUMNS = (
    "unit_name",
    "n_grids",
    "grids_per_head",
    "heads_needed",
    "heads_named",
    "heads_missing",
    "staff_least",
    "staff_named",
    "staff_missing",
    "n_vacant_heads",
    "n_vacant_deputies",
    "n_vacant_instructors",
)
_NO_HEADS = {
    "no_table": (
        "未提供人员表，{unit}{n}个企业网格的网格长、网格指导员空缺",
        "No staff table: {unit} ({n} grids) has neither heads nor instructors",
    ),
    "no_head": (
        "人员表中没有{unit}的网格长，该单位{n}个企业网格的网格长空缺",
        "The staff table names no head of {unit} ({n} grids)",
    ),
}


def count_needed(
    partition: Partition,
    staff: Staff | None,
    chosen: Mapping[str, pd.DataFrame],
    grids_per_head: int,
    staff_least: Mapping[str, int],
) -> pd.DataFrame:
    """Count, per second-level unit, the people that posts and M6 ask for.

    Parameters
    ----------
    chosen
        Who was chosen, by role (`head`, `deputy`, `instructor`).
    grids_per_head
        Grids that one head is planned to lead.
    staff_least
        Least number of statistics staff by the unit's kind (M6).

    Returns
    -------
    DataFrame
        Index `unit`, columns `NEEDED_COLUMNS`. `heads_needed` is the number for all
        grids at `grids_per_head`; `heads_missing` the number for those still
        without a head. `staff_named` and `staff_missing` are unknown without a
        staff table, `heads_named` is then 0.
    """
    register, counts = partition.register, _counts(partition, chosen)
    rows = {}
    for unit in list_units(partition):
        known = unit_of(register, unit)
        n_open = counts.get(unit, Counter())
        least = staff_least.get(known.kind, 0)
        named = pd.NA if staff is None else staff.n_people(unit)
        rows[unit] = (
            known.name,
            n_open["grid"],
            grids_per_head,
            -(-n_open["grid"] // grids_per_head),
            0 if staff is None else len(staff.of(unit, "head")),
            -(-n_open["head"] // grids_per_head),
            least,
            named,
            pd.NA if staff is None else max(0, least - named),
            n_open["head"],
            n_open["deputy"],
            n_open["instructor"],
        )
    table = pd.DataFrame.from_dict(rows, orient="index", columns=list(NEEDED_COLUMNS))
    kinds = {"staff_named": "Int64", "staff_missing": "Int64"}
    return table.rename_axis("unit").astype(kinds)


def _counts(
    partition: Partition, chosen: Mapping[str, pd.DataFrame]
) -> dict[str, Counter[str]]:
    """Count the grids of each unit, and its open posts by role."""
    is_open = {role: frame["reason"] != "" for role, frame in chosen.items()}
    table = pd.DataFrame({"grid": True, **is_open}, index=partition.grids.index)
    sums = table.groupby(partition.grids["unit"]).sum().astype(int)
    return {str(unit): Counter(row) for unit, row in sums.to_dict("index").items()}


def explain_vacancies(
    partition: Partition, chosen: Mapping[str, pd.DataFrame], needed: pd.DataFrame
) -> list[Departure]:
    """Say which posts stay open and why, as few lines as a planner can act on.

    What is lacking as a whole is one line: without a staff table (or without heads
    of its own) one per unit, without an instructor of a speciality one per category.
    What concerns a single grid is a line with its id.
    """
    return [
        *_without_heads(partition, chosen, needed),
        *_heads_full(partition, chosen, needed),
        *_deputies(partition, chosen),
        *_instructors(partition, chosen),
    ]


def explain_minima(
    partition: Partition, needed: pd.DataFrame, load: pd.DataFrame
) -> list[Departure]:
    """Say where a unit has fewer staff than M6 asks, or a head too many grids.

    We read M6 as a limit on grids per head too: were the unit's grids shared by the
    least number of staff, nobody would lead more than that share, rounded up.
    """
    found = []
    is_asked = (needed["staff_least"] != 0) & needed["staff_named"].notna()
    for unit, row in needed[is_asked].iterrows():
        of_unit = load[(load["unit"] == unit) & (load["role"] == "head")]
        said = [*_too_few(row), *_too_loaded(row, of_unit)]
        if said:
            n_firms = _n_firms(partition, partition.grids["unit"] == unit)
            zh = "".join(sentence for sentence, _ in said)
            en = " ".join(sentence for _, sentence in said)
            found.append(Departure("M6", "staff_minimum", "", n_firms, zh, en))
    return found


def share_of(n_grids: int, n_staff: int) -> int:
    """Grids per head, rounded up, where n_staff people share them (M6, our reading).

    Examples
    --------
    >>> share_of(11, 5)
    3
    """
    return -(-n_grids // n_staff)


def _too_few(row: pd.Series) -> Iterator[tuple[str, str]]:
    named, least, missing = row["staff_named"], row["staff_least"], row["staff_missing"]
    if missing > 0:
        yield (
            f"{row['unit_name']}人员表列有统计人员{named}人，按规定不少于{least}人，"
            f"尚缺{missing}人。",
            f"{row['unit_name']} lists {named} statistics staff of at least {least} "
            f"that the document asks for; missing: {missing}.",
        )


def _too_loaded(row: pd.Series, heads: pd.DataFrame) -> Iterator[tuple[str, str]]:
    n_grids, least = int(row["n_grids"]), int(row["staff_least"])
    share = share_of(n_grids, least)
    over = heads[heads["n_grids"] > share]
    if len(over):
        most = int(over["n_grids"].max())
        yield (
            f"{row['unit_name']}有{len(over)}名网格长负责的网格偏多，最多的负责{most}个。"
            f"本项目理解：该单位{n_grids}个企业网格由规定的{least}人分担，"
            f"每人不超过{share}个（文件未规定每人负责的网格数）。",
            f"Heads of {row['unit_name']} with many grids: {len(over)}, up to {most}. "
            f"We read M6 so: its {n_grids} grids shared by the {least} people asked "
            f"for make at most {share} each (the document names no such number).",
        )


def _without_heads(
    partition: Partition, chosen: Mapping[str, pd.DataFrame], needed: pd.DataFrame
) -> Iterator[Departure]:
    """Tell which units have no head at all: without a staff table, or by it."""
    for reason, (zh, en) in _NO_HEADS.items():
        is_open = chosen["head"]["reason"] == reason
        for unit, n_grids, n_firms in _per_unit(partition, is_open):
            row = needed.loc[unit]
            told = {"unit": row["unit_name"], "n": n_grids}
            per_head, n_heads = row["grids_per_head"], row["heads_needed"]
            yield Departure(
                "S4",
                "role_vacant",
                "",
                n_firms,
                f"{zh.format(**told)}；按每名网格长负责{per_head}个网格测算，需网格长"
                f"{n_heads}人。",
                f"{en.format(**told)}; heads needed at {per_head} grids each: "
                f"{n_heads}.",
            )


def _heads_full(
    partition: Partition, chosen: Mapping[str, pd.DataFrame], needed: pd.DataFrame
) -> Iterator[Departure]:
    for grid_id, grid in _open_grids(partition, chosen["head"], "heads_full"):
        row = needed.loc[grid["unit"]]
        yield _of_grid(
            grid_id,
            grid,
            f"{grid['grid_name']}网格长空缺：{row['unit_name']}{row['heads_named']}名网格长"
            "负责的网格数均已达上限。",
            f"{grid['grid_name']} has no head: all {row['heads_named']} heads of "
            f"{row['unit_name']} lead as many grids as they may.",
        )


def _deputies(
    partition: Partition, chosen: Mapping[str, pd.DataFrame]
) -> Iterator[Departure]:
    for grid_id, grid in _open_grids(partition, chosen["deputy"], "no_above_scale"):
        yield _of_grid(
            grid_id,
            grid,
            f"{grid['grid_name']}没有“四上”企业，副网格长空缺："
            "副网格长由“四上”企业优秀统计员担任。",
            f"{grid['grid_name']} has no above-scale enterprise (四上企业), whose "
            "statistician would be deputy head.",
        )
    for grid_id, grid in _open_grids(partition, chosen["deputy"], "taken"):
        yield _of_grid(
            grid_id,
            grid,
            f"{grid['grid_name']}副网格长空缺：本网格“四上”企业统计员均已任其他网格副网格长。",
            f"{grid['grid_name']} has no deputy head: all its above-scale enterprises' "
            "statisticians are deputies of other grids.",
        )


def _instructors(
    partition: Partition, chosen: Mapping[str, pd.DataFrame]
) -> Iterator[Departure]:
    reasons = chosen["instructor"]["reason"]
    if (reasons == "no_instructor").any():
        everywhere = reasons == "no_instructor"
        n = int(everywhere.sum())
        yield Departure(
            "S4",
            "role_vacant",
            "",
            _n_firms(partition, everywhere),
            f"人员表中没有网格指导员，全部{n}个企业网格的网格指导员空缺。",
            f"The staff table names no instructor: all {n} grids are without one.",
        )
    yield from _without_speciality(partition, reasons == "no_speciality")
    for grid_id, grid in _open_grids(
        partition, chosen["instructor"], "instructors_full"
    ):
        yield _of_grid(
            grid_id,
            grid,
            f"{grid['grid_name']}网格指导员空缺：相应专业的网格指导员负责的网格数均已达上限。",
            f"{grid['grid_name']} has no instructor: those of its speciality have as "
            "many grids as they may.",
        )


def _without_speciality(
    partition: Partition, is_open: pd.Series
) -> Iterator[Departure]:
    register = partition.register
    for category, grids in partition.grids[is_open].groupby("category", sort=True):
        word = register.classification.name_zh(str(category))
        units = [unit_of(register, unit).name for unit in sorted(set(grids["unit"]))]
        yield Departure(
            "S4",
            "role_vacant",
            "",
            int(grids["size"].sum()),
            f"人员表中没有{word}专业的网格指导员（本单位或市统计局人员），"
            f"{'、'.join(units)}共{len(grids)}个{word}网格的网格指导员空缺。",
            f"No instructor of the speciality {category} in the unit or the statistics "
            f"bureau; grids without one: {len(grids)}, of {', '.join(units)}.",
        )


def _per_unit(
    partition: Partition, is_open: pd.Series
) -> Iterator[tuple[str, int, int]]:
    for unit, grids in partition.grids[is_open].groupby("unit", sort=True):
        yield str(unit), len(grids), int(grids["size"].sum())


def _open_grids(
    partition: Partition, chosen: pd.DataFrame, reason: str
) -> Iterator[tuple[str, pd.Series]]:
    for grid_id, grid in partition.grids[chosen["reason"] == reason].iterrows():
        yield str(grid_id), grid


def _of_grid(grid_id: str, grid: pd.Series, zh: str, en: str) -> Departure:
    return Departure(
        "S4", "role_vacant", grid["block_id"], int(grid["size"]), zh, en, grid_id
    )


def _n_firms(partition: Partition, is_here: pd.Series) -> int:
    return int(partition.grids.loc[is_here, "size"].sum())
