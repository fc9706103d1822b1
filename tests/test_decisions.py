"""Decisions on a register's changes are checked, applied, and carried into the plan."""

from __future__ import annotations

import pandas as pd
import pytest
from test_change import compare, firms, with_cells

from gridopt.archive import write_table
from gridopt.errors import InputError

OLD = firms(4)
NEW = with_cells(OLD, 0, enterprise_id="X1")

# a revision: thirty codes change, five of them to another category
CODES = ["3443"] * 100 + [f"{3500 + i}" for i in range(11, 41)]
CODED = firms(130, industry=CODES)
RECODED = firms(130, industry=["5211", *CODES[1:100], *["3670"] * 25, *["5211"] * 5])


def decide(change, **words):
    """Make a table of decisions: a word for each enterprise named."""
    table = change.changes.copy()
    table["decision"] = table["enterprise_id"].map(words).fillna("")
    return table


def decide_proposal(word):
    """Decide on the one proposal of OLD and NEW."""
    table = compare(OLD, NEW).changes.assign(decision="")
    table.loc[table["needs_decision"], "decision"] = word
    return table


def plan_of(rows, categories="industry"):
    """Make a plan in force of these firms."""
    return pd.DataFrame(
        {
            "unit": "331083001",
            "category": categories,
            "block_id": "331083001-industry",
            "grid_id": "331083001-industry-01",
            "industry": rows["industry"].to_numpy(),
            "kept_category": "",
        },
        index=pd.Index(rows["enterprise_id"], name="enterprise_id"),
    )


@pytest.mark.parametrize("word", ["accept", "接受", " ACCEPT "])
def test_an_accepted_id_makes_old_and_new_one_survivor(word):
    """Left and entered are gone, the pair survives, its other changes are told."""
    moved = with_cells(NEW, 0, latitude="28.151000", status="groomed")
    table = compare(OLD, moved).changes
    table = table.assign(decision=table["needs_decision"].map({True: word, False: ""}))
    change = compare(OLD, moved, decisions=table)
    assert change.changes["kind"].tolist() == ["id_changed", "status_changed"]
    assert change.n_survivors == 4
    assert not len(change.proposals)
    assert change.renumbered == {"E0000": "X1"}
    assert "编号变更：1 家" in str(change)


def test_a_rejected_id_leaves_two_enterprises():
    """Rejected: one left, one entered, and nothing is proposed any more."""
    change = compare(OLD, NEW, decisions=decide_proposal("reject"))
    assert change.changes["kind"].tolist() == ["left", "entered"]
    assert not len(change.proposals)


def test_no_decision_leaves_the_proposal():
    """An empty cell decides nothing."""
    undecided = compare(OLD, NEW)
    change = compare(OLD, NEW, decisions=decide_proposal(""))
    pd.testing.assert_frame_equal(change.changes, undecided.changes)


def test_a_file_of_decisions_is_the_table_that_was_written(tmp_path):
    """`changes.csv` with one more column is a decision file, CSV or xlsx."""
    table = decide_proposal("accept")
    write_table(table, tmp_path / "decided.csv")
    change = compare(OLD, NEW, decisions=tmp_path / "decided.csv")
    assert change.renumbered == {"E0000": "X1"}
    table.astype(str).to_excel(tmp_path / "decided.xlsx", index=False)
    assert compare(OLD, NEW, decisions=tmp_path / "decided.xlsx").n_survivors == 4


def test_wrong_decisions_are_refused_all_at_once(tmp_path):
    """Unknown, needless, stale and wordless decisions: each named with its row."""
    table = decide_proposal("maybe")
    table.loc[table["kind"] == "left", "decision"] = "accept"
    stale = table[table["needs_decision"]].assign(decision="accept", old_value="E7")
    strange = stale.assign(enterprise_id="E0001")
    unkind = stale.assign(kind="id_chnged")
    table = pd.concat([table, stale, strange, unkind], ignore_index=True)
    write_table(table, tmp_path / "decided.csv")
    with pytest.raises(InputError) as caught:
        compare(OLD, NEW, decisions=tmp_path / "decided.csv")
    found = caught.value.findings.set_index("row")["rule"].to_dict()
    assert found == {
        2: "decision_needless",
        4: "decision_unknown",
        5: "decision_stale",
        6: "change_unknown",
        7: "kind_unknown",
    }
    assert "id_changed" in caught.value.findings["message_zh"].iloc[-1]
    assert "有5处错误" in caught.value.message_zh
    assert "5 errors" in caught.value.message_en


def test_a_contradiction_is_refused():
    """The same proposal accepted and rejected: both rows are named."""
    table = decide_proposal("accept")
    twice = pd.concat([table, table[table["needs_decision"]].assign(decision="reject")])
    with pytest.raises(InputError, match="第4行为 accept，本行为 reject"):
        compare(OLD, NEW, decisions=twice)
    same = pd.concat([table, table])
    assert compare(OLD, NEW, decisions=same).n_survivors == 4


def test_decisions_about_other_registers_are_refused():
    """A table whose enterprises did not change here belongs to another pair."""
    table = decide_proposal("accept").assign(enterprise_id=["Y1", "Y2", "Y3"])
    with pytest.raises(InputError, match="可能是为另两期名录所作的决定"):
        compare(OLD, NEW, decisions=table)


def test_a_table_without_its_columns_is_refused(tmp_path):
    """No column `decision`: said, with the columns that are there."""
    write_table(compare(OLD, NEW).changes, tmp_path / "changes.csv")
    with pytest.raises(InputError, match="缺少列“决定”"):
        compare(OLD, NEW, decisions=tmp_path / "changes.csv")
    with pytest.raises(InputError, match="缺少列 decision"):
        compare(OLD, NEW, decisions=compare(OLD, NEW).changes)
    with pytest.raises(InputError, match="变动决定表无法读取"):
        compare(OLD, NEW, decisions=tmp_path / "none.csv")


@pytest.mark.parametrize("is_indexed", [True, False])
def test_a_plan_is_carried_to_the_new_id(is_indexed):
    """The plan knows the enterprise by its new id; the plan given stays as it was."""
    plan = plan_of(OLD)
    given = plan if is_indexed else plan.reset_index()
    kept = given.copy()
    carried = compare(OLD, NEW, decisions=decide_proposal("accept")).carry(given)
    ids = carried.index if is_indexed else carried["enterprise_id"]
    assert list(ids) == ["X1", "E0001", "E0002", "E0003"]
    pd.testing.assert_frame_equal(given, kept)
    pd.testing.assert_frame_equal(compare(OLD, NEW).carry(given), given)


def test_decisions_turn_a_change_of_code_either_way():
    """A revised code may be called a true change of industry, and the reverse."""
    undecided = compare(CODED, RECODED)
    assert (undecided.counts["revised"], undecided.counts["industry_changed"]) == (
        30,
        1,
    )
    assert len(undecided.proposals) == 6  # only those in another category are asked of
    table = decide(undecided, E0000="reject", E0125="reject", E0126="accept")
    change = compare(CODED, RECODED, decisions=table)
    kinds = change.changes.set_index("enterprise_id")["kind"]
    assert kinds[["E0000", "E0125", "E0126"]].tolist() == [
        *("revised", "industry_changed", "revised"),
    ]
    assert len(change.proposals) == 3
    carried = change.carry(plan_of(CODED))
    assert carried.loc["E0000", ["industry", "kept_category"]].tolist() == [
        *("5211", "industry"),
    ]
    assert carried.loc["E0125", ["industry", "kept_category"]].tolist() == ["5211", ""]
    # confirmed: it stays, whether or not the rule would see a revision again
    assert carried.loc["E0126", "kept_category"] == "industry"
    assert carried.loc["E0127", ["industry", "kept_category"]].tolist() == [
        *(CODES[127], ""),
    ]
