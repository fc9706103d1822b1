"""No false claim passes the checker, however the rest of the run is made to agree."""

from __future__ import annotations

import copy
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from odd_registers import Shape, reading, simple_rows

from gridopt.archive import read_previous, write_run
from gridopt.certificate import SCALE, Certificate, proven_bound
from gridopt.formulation import Past, make_problem
from gridopt.grids import compose_blocks
from gridopt.outcome import run_scenario
from gridopt.problem import NONE, GridRules
from gridopt.register import read_register
from gridopt.scenario import Scenario
from gridopt.verification import proof
from gridopt.verification.folder import read_folder
from gridopt.verification.plan import known_rows
from gridopt.verification.run import _read_previous, _verify

RULES = GridRules(
    least=2,
    most=4,
    target=3,
    number="free",
    size_price_m=30,
    linkage_price_m=40,
    mover_price_m=150,
)
SIZES = {("331083001", "3443"): 9, ("331083001", "5211"): 7, ("331083002", "3443"): 8}


class Case:
    """A small run with a past, in memory, and the best cost of each of its blocks."""

    def __init__(self, folder, rules=None):
        self.rules = later = rules or RULES
        is_shifted = rules is not None
        rules = reading(Shape(n=1, seed=1))
        register_file = folder / "register.csv"
        _rows().to_csv(register_file, index=False, encoding="utf-8-sig")
        self.register = read_register(register_file, rules)
        first = Scenario("前", "P5", register=rules, grids=replace_rules(target=2))
        earlier = run_scenario(self.register, first)
        plan = write_run(earlier, folder / "first", is_tables_only=True)
        plan = plan / "partition.csv"
        if is_shifted:
            shift_grids(plan)
        scenario = Scenario("后", "P5", register=rules, grids=later)
        outcome = run_scenario(self.register, scenario, read_previous(plan))
        run = write_run(outcome, folder / "run", is_tables_only=True)
        self.folder = read_folder(run)
        self.plan, self.sha256 = _read_previous(self.folder, plan)
        self.before = self.plan["grid_id"]
        past = Past.of(self.register, read_previous(plan))
        blocks, labels, _ = compose_blocks(self.register, later, past)
        self.problems = {
            block.block_id: make_problem(self.register, block, later, of_block, past)
            for block, of_block in zip(blocks, labels, strict=True)
        }
        self.best = {key: best_cost(one) for key, one in self.problems.items()}

    def verify(self, folder):
        """Check a folder in memory, as `verify_run` does with one on disk."""
        return _verify(folder, self.register, self.plan, self.sha256)

    def evidence(self, folder, certificate):
        """Read what the checker reads of a block."""
        rows = known_rows(folder, self.register)
        block = rows[rows["block_id"] == certificate.block_id]
        before = self.before
        return proof._evidence(self.register, block, certificate, before)

    def is_true(self, folder):
        """Say whether bounds and costs claimed are so, by brute force and `score`."""
        told = folder.blocks
        return all(
            int(told.at[key, "bound"]) <= self.best[key]
            and int(told.at[key, "cost"]) == self.cost(folder, key)
            for key in self.problems
        )

    def cost(self, folder, key):
        """Price the plan of a block as the solvers do, not as the checker does."""
        block = folder.partition[folder.partition["block_id"] == key].sort_index()
        ids = sorted(block["grid_id"].unique())
        labels = np.array([ids.index(grid_id) for grid_id in block["grid_id"]])
        at = block[block["is_medoid"] == "1"]
        medoids = np.array(
            [list(block.index).index(at.index[at["grid_id"] == g][0]) for g in ids]
        )
        known = self.folder.certificates[key].previous_ids
        carried = [known.index(g) if g in known else NONE for g in ids]
        return self.problems[key].score(labels, medoids, np.array(carried)).cost


def shift_grids(plan):
    """Let the plan in force be a poor one: each firm in the grid of the one before."""
    rows = pd.read_csv(plan, dtype=str, encoding="utf-8-sig", na_filter=False)
    by_block = rows.groupby("block_id")["grid_id"]
    rows["grid_id"] = by_block.transform(lambda ids: np.roll(ids, 1))
    rows.to_csv(plan, index=False, encoding="utf-8-sig")


def replace_rules(**changes):
    """Make the rules with some of them changed."""
    return RULES.model_copy(update=changes)


def _rows():
    parts = [
        simple_rows(n, unit=unit, industry=industry, village="")
        for (unit, industry), n in SIZES.items()
    ]
    rows = pd.concat(parts, ignore_index=True)
    groups = [f"g{i % 2}" if i % 3 else "" for i in range(len(rows))]
    weights = [str(1 + i % 3) for i in range(len(rows))]
    ids = [f"E{i:03d}" for i in range(len(rows))]
    return rows.assign(enterprise_id=ids, group_id=groups, weight=weights)


def best_cost(problem):
    """Find the least cost of a block over all cuts, medoids and uses of labels."""
    n, everyone = problem.n, np.arange(problem.n)
    costs = problem.member_costs(everyone, everyone)
    fewest, most = problem.n_grids

    @cache
    def price(group, label):
        own = problem.previous[list(group)]
        moved = int(((own != NONE) & (own != label)).sum()) * problem.mover_price
        travel = min(int(costs[list(group), j].sum()) for j in group)
        return travel + moved + int(problem.size_costs(np.array([len(group)]))[0])

    @cache
    def least(left, labels, k):
        if not left:
            return 0 if k == 0 else None
        if k == 0:
            return None
        found = []
        for group in groups(left, problem.least, problem.most):
            rest = tuple(i for i in left if i not in group)
            for label in (NONE, *labels):
                others = tuple(one for one in labels if one != label)
                below = least(rest, others, k - 1)
                if below is not None:
                    found.append(price(group, label) + below)
        return min(found, default=None)

    everybody, labels = tuple(range(n)), tuple(range(problem.n_labels))
    values = [least(everybody, labels, k) for k in range(fewest, most + 1)]
    return min(value for value in values if value is not None)


def groups(left, least, most):
    """Yield every group of least to most members that holds the first of them."""
    from itertools import combinations

    for size in range(least, most + 1):
        for others in combinations(left[1:], size - 1):
            yield (left[0], *others)


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    """The run that every test here spoils a copy of."""
    return Case(tmp_path_factory.mktemp("claims"))


def restate(folder, certificate: Certificate):
    """Claim what a certificate says in every file that repeats it."""
    blocks, summary = folder.blocks.copy(), copy.deepcopy(folder.summary)
    key, cost, bound = certificate.block_id, certificate.cost, certificate.bound
    told = {
        "cost": str(cost),
        "bound": str(bound),
        "gap_share": f"{(cost - bound) / cost if cost else 0:.6f}",
        "status": "optimal" if cost - bound < 1 else "bounded",
        "least": str(certificate.least),
        "most": str(certificate.most),
    }
    for column, value in told.items():
        blocks.at[key, column] = value
    total = {name: int(blocks[name].astype(int).sum()) for name in ("cost", "bound")}
    summary |= total
    gap = (total["cost"] - total["bound"]) / total["cost"] if total["cost"] else 0.0
    summary["gap_share"] = round(gap, 6)
    is_optimal = (blocks["status"] == "optimal").all()
    summary["status"] = "optimal" if is_optimal else "bounded"
    known = {**folder.certificates, key: certificate}
    return replace(folder, blocks=blocks, summary=summary, certificates=known)


def raise_bound(case, one, rng):
    """Claim a higher bound from the same duals."""
    return replace(one, bound=one.bound + int(rng.integers(1, 2000)))


def claim_optimal(case, one, rng):
    """Claim that the plan is optimal, with duals of one's own making."""
    pi = one.pi + rng.integers(-3000, 20_000, len(one.pi)) * SCALE
    return replace(one, pi=pi, bound=one.cost)


def scale_duals(case, one, rng):
    """Scale the duals and claim what the checker's own formula then gives, plus one."""
    pi = (one.pi * rng.uniform(0.5, 1.5)).astype(np.int64)
    changed = replace(one, pi=pi)
    bound = proven_bound(changed, case.evidence(case.folder, changed))
    return replace(changed, bound=bound + int(rng.integers(0, 2)))


def pay_for_labels(case, one, rng):
    """Give label prices below zero, which would raise the sum of the duals."""
    sigma = one.sigma - int(rng.integers(1, 3000)) * SCALE
    gain = int((one.sigma - sigma).sum() // SCALE)
    return replace(one, sigma=sigma, bound=min(one.bound + gain, one.cost))


def claim_from(changes):
    """Claim the bound that holds for a changed model, as if it were this one."""

    def attack(case, one, rng):
        changed = replace(one, **changes(one, rng))
        try:
            bound = proven_bound(changed, case.evidence(case.folder, changed))
        except ValueError:
            bound = one.cost
        return replace(changed, bound=min(max(bound, one.bound), one.cost))

    return attack


def fewer_counts(one, rng):
    """Narrow the range of numbers of grids, or widen it."""
    fewest, most = one.n_grids
    choices = [(most, most), (fewest, fewest), (fewest + 1, most), (fewest, most + 1)]
    choices = [each for each in choices if each != one.n_grids and each[0] <= each[1]]
    return {"n_grids": choices[rng.integers(len(choices))]}


def other_band(one, rng):
    """Narrow, widen or turn around the band."""
    bands = [(3, 4), (2, 3), (1, 4), (2, 5), (0, 4), (-3, 4), (4, 2)]
    least, most = bands[rng.integers(len(bands))]
    return {"least": least, "most": most}


def other_price(one, rng):
    """Change one of the prices or the target."""
    names = ("size_price", "area_price", "linkage_price", "mover_price", "target")
    name = names[rng.integers(len(names))]
    return {name: getattr(one, name) + int(rng.integers(1, 500))}


def no_past(one, rng):
    """Deny that there was a plan before, so that nobody counts as a mover."""
    return {"previous_ids": (), "sigma": np.zeros(0, dtype=np.int64)}


def bar(one, rng):
    """Invent wishes that drive the bound up."""
    ids, before = one.enterprise_ids, one.previous_ids
    pairs = tuple((i, before[rng.integers(len(before))]) for i in ids)
    return {"forbidden" if rng.random() < 0.5 else "fixed": pairs}


def lower_cost(case, one, rng):
    """Claim a lower cost than the plan has."""
    cost = one.cost - int(rng.integers(1, 500))
    return replace(one, cost=cost, bound=min(one.bound, cost))


def raise_cost(case, one, rng):
    """Claim a higher cost than the plan has."""
    return replace(one, cost=one.cost + int(rng.integers(1, 500)))


def shuffle_duals(case, one, rng):
    """Give the duals to the wrong enterprises and claim the plan is optimal."""
    return replace(one, pi=rng.permutation(one.pi), bound=one.cost)


ATTACKS = {
    "raise_bound": raise_bound,
    "claim_optimal": claim_optimal,
    "scale_duals": scale_duals,
    "pay_for_labels": pay_for_labels,
    "fewer_counts": claim_from(fewer_counts),
    "other_band": claim_from(other_band),
    "other_price": claim_from(other_price),
    "no_past": claim_from(no_past),
    "bar": claim_from(bar),
    "lower_cost": lower_cost,
    "raise_cost": raise_cost,
    "shuffle_duals": shuffle_duals,
}
ALWAYS_FALSE = (
    "fewer_counts", "other_band", "other_price", "no_past", "bar",
    "lower_cost", "raise_cost",
)  # fmt: skip


def test_the_true_run_passes(case):
    """Unspoilt, every claim holds, some block has a past and none beats brute force."""
    assert case.verify(case.folder).falsehoods == ()
    assert case.is_true(case.folder)
    assert all(one.previous_ids for one in case.folder.certificates.values())
    assert case.folder.summary["n_survivors"] > 0


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("name", ATTACKS)
def test_no_false_claim_passes(case, name, seed):
    """What passes is true by brute force, and what is false by its making is found."""
    rng = np.random.default_rng([seed, len(name)])
    keys = sorted(case.folder.certificates)
    one = case.folder.certificates[keys[rng.integers(len(keys))]]
    spoilt = restate(case.folder, ATTACKS[name](case, one, rng))
    verification = case.verify(spoilt)
    if name in ALWAYS_FALSE:
        assert not verification.is_true
    if verification.is_true:
        assert case.is_true(spoilt)


def test_a_bound_passes_up_to_what_its_duals_prove(case):
    """What the duals prove may be claimed to the decimetre, one more may not."""
    for one in case.folder.certificates.values():
        weak = replace(one, pi=(one.pi * 0.9).astype(np.int64))
        proven = proven_bound(weak, case.evidence(case.folder, weak))
        exact = restate(case.folder, replace(weak, bound=proven))
        assert case.verify(exact).is_true
        above = restate(case.folder, replace(weak, bound=proven + 1))
        assert not case.verify(above).is_true


def test_a_denied_past_is_named(case):
    """A certificate that leaves out the previous grids is found for just that."""
    one = next(iter(case.folder.certificates.values()))
    forged = restate(case.folder, replace(one, **no_past(one, None)))
    told = [fault.column for fault in case.verify(forged).falsehoods]
    assert "previous_ids" in told


def test_an_id_of_another_grid_is_named(case):
    """An id that the previous plan gave to a grid elsewhere is not given again."""
    rows = case.folder.partition.copy()
    first = rows["block_id"] == rows["block_id"].iloc[0]
    elsewhere = sorted(set(rows.loc[~first, "previous_grid_id"]))[0]
    own = rows["grid_id"] == rows.loc[first, "grid_id"].iloc[0]
    rows.loc[own, "grid_id"] = elsewhere
    told = case.verify(replace(case.folder, partition=rows)).falsehoods
    assert any("上期其他网格的编号" in fault.about for fault in told)


def test_a_weaker_claim_passes(case):
    """A bound one lower, said so everywhere, is true and passes."""
    one = next(iter(case.folder.certificates.values()))
    weaker = restate(case.folder, replace(one, bound=one.bound - 1))
    assert case.verify(weaker).falsehoods == ()


@pytest.mark.parametrize("seed", range(8))
def test_a_spoilt_plan_is_found(case, seed):
    """Another grid, another medoid, a new id or an old one of another grid is found."""
    rng = np.random.default_rng(seed)
    rows = case.folder.partition.copy()
    i = rows.index[rng.integers(len(rows))]
    block = rows[rows["block_id"] == rows.at[i, "block_id"]]
    match seed % 4:
        case 0:
            others = block[block["grid_id"] != rows.at[i, "grid_id"]]["grid_id"]
            rows.at[i, "grid_id"] = others.iloc[rng.integers(len(others))]
        case 1:
            rows.at[i, "is_medoid"] = "0" if rows.at[i, "is_medoid"] == "1" else "1"
        case 2:
            own = rows["grid_id"] == rows.at[i, "grid_id"]
            rows.loc[own, "grid_id"] = f"{rows.at[i, 'block_id']}-99"
        case 3:
            own = rows["grid_id"] == rows.at[i, "grid_id"]
            elsewhere = set(case.before) - set(block["previous_grid_id"])
            rows.loc[own, "grid_id"] = sorted(elsewhere)[0]
    assert not case.verify(replace(case.folder, partition=rows)).is_true


@pytest.mark.parametrize("name", ["status", "title", "is_synthetic", "choices"])
def test_a_spoilt_word_of_the_summary_is_found(case, name):
    """Status, title and choices of the summary are held against what is so."""
    spoilt = {**case.folder.summary, name: "别的"}
    found = case.verify(replace(case.folder, summary=spoilt)).falsehoods
    assert [(one.file, one.column) for one in found] == [("summary.json", name)]


def test_an_invented_exception_is_found(case):
    """A band that was not widened may not be listed as if it had been."""
    key = next(iter(case.problems))
    told = case.folder.exceptions
    cells = {"clause": "P5", "block_id": key, "kind": "undersized"}
    row = {**dict.fromkeys(told.columns, ""), **cells, "n_enterprises": "9"}
    more = pd.concat([told, pd.DataFrame([row])], ignore_index=True)
    summary = {**case.folder.summary, "n_exceptions": len(more)}
    spoilt = replace(case.folder, exceptions=more, summary=summary)
    assert not case.verify(spoilt).is_true


FROZEN = "331083001-industry-01"


@pytest.fixture(scope="module")
def capped(tmp_path_factory):
    """The same under a cap that binds, with a frozen grid."""
    rules = replace_rules(mover_cap=4, mover_price_m=1.0, frozen=(FROZEN,))
    return Case(tmp_path_factory.mktemp("capped"), rules)


def other_surcharge(folder, one):
    """Let one block alone prove its bound at another surcharge."""
    return {one.block_id: replace(one, mover_surcharge=one.mover_surcharge + 10)}


def all_surcharges(folder, one):
    """Take off less for the movers than the proof has put on."""
    return {
        key: replace(each, mover_surcharge=0)
        for key, each in folder.certificates.items()
    }


def more_allotted(folder, one):
    """Allot more movers than the cap, in one block."""
    return {one.block_id: replace(one, mover_allotment=one.mover_allotment + 99)}


def fewer_allotted(folder, one):
    """Allot nobody anything, so that every bound is higher."""
    return {
        key: replace(
            each,
            mover_allotment=0,
            bound=each.bound + each.mover_surcharge * each.mover_allotment,
        )
        for key, each in folder.certificates.items()
    }


def thaw(folder, one):
    """Leave out what is frozen."""
    return {key: replace(c, frozen=()) for key, c in folder.certificates.items()}


def freeze(folder, one):
    """Freeze every grid there was."""
    return {
        key: replace(c, frozen=c.previous_ids) for key, c in folder.certificates.items()
    }


def test_a_capped_run_passes(capped):
    """Cap, surcharge, allotments and the frozen grid hold together."""
    assert capped.verify(capped.folder).falsehoods == ()
    certificates = capped.folder.certificates.values()
    assert {one.mover_surcharge for one in certificates} != {0}
    assert sum(one.mover_allotment for one in certificates) == capped.rules.mover_cap
    assert any(one.frozen for one in certificates)


@pytest.mark.parametrize(
    "attack",
    [other_surcharge, all_surcharges, more_allotted, fewer_allotted, thaw, freeze],
)
def test_no_false_cap_passes(capped, attack):
    """Surcharge, allotments and frozen grids that are not so are each found."""
    busiest = max(
        capped.folder.certificates.values(), key=lambda one: one.mover_allotment
    )
    spoilt = capped.folder
    for one in attack(capped.folder, busiest).values():
        spoilt = restate(spoilt, one)
    assert not capped.verify(spoilt).is_true


def test_a_changed_frozen_grid_is_found(capped):
    """An enterprise taken out of a frozen grid is found, and named."""
    rows = capped.folder.partition.copy()
    one = rows.index[(rows["grid_id"] == FROZEN) & (rows["is_medoid"] == "0")][0]
    others = rows["block_id"] == rows.at[one, "block_id"]
    rows.at[one, "grid_id"] = sorted(set(rows["grid_id"][others]) - {FROZEN})[0]
    told = capped.verify(replace(capped.folder, partition=rows)).falsehoods
    assert any(f"冻结网格 {FROZEN}" in fault.about for fault in told)
