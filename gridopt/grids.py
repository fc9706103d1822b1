"""How a register becomes a partition: split, join, solve."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gridopt.assembly import Cut
from gridopt.blocks import join_blocks, merge_options, split_blocks
from gridopt.errors import InputError, refuse_kind
from gridopt.findings import some, some_ids
from gridopt.formulation import (
    Past,
    check_frozen,
    check_wishes,
    labels_of_blocks,
    make_problems,
)
from gridopt.moves import keep_moves
from gridopt.partition import Partition
from gridopt.problem import GridRules
from gridopt.solvers import Capped, choose_merges, solve_all, solve_capped
from gridopt.words import join_both

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from gridopt.blocks import Block
    from gridopt.change import ChangeRules
    from gridopt.problem import Problem
    from gridopt.register import Register
    from gridopt.solvers import Run, Watch


def make_grids(
    register: Register,
    rules: GridRules | None = None,
    previous: Partition | pd.DataFrame | None = None,
    *,
    changes: ChangeRules | None = None,
    seed: int = 0,
    workers: int = 1,
    scheduler: str | None = None,
    is_shown: bool = False,
    time_limit_s: float | None = None,
    watch: Watch | None = None,
) -> Partition:
    """Cut a register into enterprise grids (P1 to P5, P8, P11; S4).

    Parameters
    ----------
    register
        The register, as `read_register` gives it.
    rules
        Band, target, prices and wishes; the defaults where None.
    previous
        The plan in force: a partition, or its `partition.csv` as a frame with
        `enterprise_id` and `grid_id`. Its grids keep their ids; the number of a grid
        that was closed before is known from the partition, or from the run folder
        that `archive.read_previous` read it from. With the columns `category` and
        `industry` a revision of the classification since then moves nobody out of
        its grid (`keep_revised`). Who was placed by hand (`moved`) stays there as a
        fixed member.
    changes
        From where on changed codes are a revision; the defaults where None.
    seed
        Where the search starts; the same seed gives the same bytes.
    workers
        Number of processes; the answer does not depend on it.
    scheduler
        Address of a dask scheduler whose workers cut the blocks instead.
    is_shown
        Show progress on standard error.
    time_limit_s
        Seconds after which the cut ends with its best plan, marked `interrupted`.
    watch
        Who else is told how the cut stands, and may stop it: the desk.

    Raises
    ------
    InputError
        Where wishes contradict each other or the band, or name unknown ids, the
        previous plan is of another register, a frozen grid cannot stay as it is, the
        cap on movers cannot be kept, or an enterprise cannot be moved as `moved` says.

    Examples
    --------
    >>> import gridopt as go
    >>> register = go.read_sample()
    >>> partition = go.make_grids(register)
    >>> int(partition.grids["size"].max()) <= 25
    True
    """
    refuse_kind("名录", "Register", register, "sha256")
    rules = rules or GridRules()
    refuse_kind("划分口径", "GridRules", rules, "least")
    refuse_band(rules)
    plan = previous.as_plan() if isinstance(previous, Partition) else previous
    told = getattr(plan, "attrs", {})  # what is no plan is refused next
    past = Past.of(
        register,
        plan,
        bureau_owns=rules.bureau_owns,
        keep_revised=rules.keep_revised,
        changes=changes,
    )
    composed = compose_blocks(register, rules, past, workers=workers)
    blocks, labels, small_blocks = composed
    check_frozen(rules, blocks, labels, past)
    kept = keep_moves(register, rules, told.get("moved", ()), blocks, labels, past)
    rules = kept.searched
    check_wishes(register, rules, blocks, labels)
    problems = make_problems(register, blocks, rules, labels, past)
    capped = _solve(
        problems,
        rules.mover_cap if past.grid_ids else None,
        seed=seed,
        workers=workers,
        scheduler=scheduler,
        is_shown=is_shown,
        time_limit_s=time_limit_s,
        watch=watch,
    )
    runs = capped.runs
    _refuse_clashes(register, blocks, runs)
    results = [run.result for run in runs if run.result is not None]
    runtimes = [run.runtime_s for run in runs]
    _refuse_movers(rules, capped)
    cut = Cut(
        register,
        rules,
        past,
        blocks,
        labels,
        problems,
        results,
        runtimes,
        capped,
        told.get("band"),
    )
    partition = cut.partition(seed, small_blocks)
    remarks = (*partition.remarks, *kept.remarks)
    partition = replace(partition, rules=kept.rules, remarks=remarks)
    return partition.with_moves(kept.wishes) if kept.wishes else partition


def compose_blocks(
    register: Register, rules: GridRules, past: Past, *, workers: int = 1
) -> tuple[tuple[Block, ...], list[tuple[str, ...]], dict[str, object]]:
    """Split a register into blocks and join the awkward ones (P3, P5, P8).

    Parameters
    ----------
    workers
        Number of threads for the choice of joins; it does not depend on it.

    Returns
    -------
    blocks, labels, small_blocks
        The composed blocks; per block the ids of its previous grids; and the
        status, points and bound of the choice of joins.
    """
    base = split_blocks(register, rules, past.categories(register))
    kept = past.kept_of(register, bureau_owns=rules.bureau_owns)
    before = past.host_of if past.grid_ids else None
    options = merge_options(register, base, rules, before)
    choice = choose_merges(options, workers=workers)
    blocks = join_blocks(register, base, choice, rules, kept=kept)
    labels = labels_of_blocks(blocks, past)
    if past.grid_ids:
        n_previous = {
            block.block_id: len(of_block)
            for block, of_block in zip(blocks, labels, strict=True)
            if of_block
        }
        blocks = join_blocks(register, base, choice, rules, n_previous, kept=kept)
    state: dict[str, object] = {
        "status": choice.status,
        "points": choice.points,
        "bound": choice.bound,
    }
    return blocks, labels, state


def refuse_band(rules: GridRules) -> None:
    """Refuse a band that no grid can keep: least <= target <= most (P5)."""
    if rules.least <= rules.target <= rules.most:
        return
    band = f"{rules.least}、{rules.target}、{rules.most}"
    raise InputError(
        f"应有 最少 <= 目标 <= 最多，现为 {band}（least、target、most）。",
        "least <= target <= most must hold; they are "
        f"{rules.least}, {rules.target}, {rules.most}.",
    )


def _refuse_clashes(
    register: Register, blocks: Sequence[Block], runs: Sequence[Run]
) -> None:
    """Name every contradiction among the wishes, of all blocks at once."""
    ids = register.enterprises.index
    found = []
    for block, run in zip(blocks, runs, strict=True):
        for clash in run.clashes:
            named = ids[block.members[list(clash.enterprises)]]
            who_zh = f"涉及 {len(named)} 家：{some(named)}"
            who_en = f"{len(named)} enterprises: {some_ids(named)}"
            found.append(
                (
                    f"划分单元 {block.block_id}：{clash.message_zh}（{who_zh}）",
                    f"block {block.block_id}: {clash.message_en} ({who_en})",
                )
            )
    if found:
        zh, en = join_both(found)
        raise InputError(
            f"有 {len(found)} 处指定要求互相矛盾：{zh}。请在情景文件 grids 一节放宽其中"
            "一项。",
            f"{len(found)} wishes contradict each other: {en}. Relax one of them under "
            "grids in the scenario.",
        )


def _solve(problems: Sequence[Problem], cap: int | None, **how: Any) -> Capped:
    """Solve all blocks, under the cap on movers where there is one."""
    if cap is not None:
        return solve_capped(problems, cap, **how)
    nobody = np.zeros(len(problems), dtype=np.int64)
    return Capped(solve_all(problems, **how), 0, nobody)


def _refuse_movers(rules: GridRules, capped: Capped) -> None:
    """Refuse a cap on movers that the band leaves no room for (P13)."""
    if rules.mover_cap is None or capped.n_movers <= rules.mover_cap:
        return
    n_movers = capped.n_movers
    if any(run.result and run.result.status == "interrupted" for run in capped.runs):
        raise InputError(
            f"中途停止，尚未求得不超过调整上限（mover_cap = {rules.mover_cap} 家）的"
            "方案，没有采用。请重新运行，或放宽上限。",
            f"Stopped before a plan within mover_cap = {rules.mover_cap} was found; "
            "none is kept. Run again, or raise the cap.",
        )
    raise InputError(
        f"调整上限 mover_cap = {rules.mover_cap} 家无法做到：求得的方案至少调整 "
        f"{n_movers} 家，各网格家数才能在区间之内。请放宽上限，或放宽家数区间"
        "（least、most）。",
        f"mover_cap = {rules.mover_cap} cannot be kept: the fewest movers found that "
        f"keep the band are {n_movers}. Raise the cap, or widen the band (least, "
        "most).",
    )
