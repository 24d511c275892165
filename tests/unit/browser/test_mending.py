"""Candidates with their scores, and the change of selectors and contract that a person may accept."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot.browser.candidates import candidates, scope_of
from bot.browser.contracts import load_contracts
from bot.browser.mending import Proposal, Shelf, propose
from bot.browser.targets import WriteTarget, load_targets
from bot.browser.tree import dump, parse
from bot.errors import ConfigError
from bot.resources import shipped

DIALOG = """
  - dialog "同意退款":
    - heading "同意退款" [level=3]
    - button "关闭": ×
    - term: 售后编号
    - definition: "880001"
    - term: 退款金额
    - definition: ¥12.00
    - button "取消"
    - button "同意退款"
"""
PAGE = f"""
- document:
  - button "切换店铺"
  - main:
    - heading "操作" [level=2]
    - button "同意退款"
    - button "备注"
    - heading "售后信息" [level=2]
    - button "复制"
{DIALOG}
"""


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """A copy of what is shipped, so that an edit can be written and read again."""
    shutil.copytree(shipped("selectors"), tmp_path / "selectors")
    return read(tmp_path / "selectors")


def read(folder: Path) -> Shelf:
    targets = load_targets("taobao", folder)
    return Shelf(folder, targets, load_contracts(targets, folder))


def mended(shelf: Shelf, key: str, page: str) -> tuple[Proposal, str]:
    """The proposal, its changed lines, and proof that with it nothing is left to be told."""
    proposal = propose(shelf, key, parse(page))
    for edit in proposal.edits:
        edit.file.write_text(edit.new, encoding="utf-8")
    again = propose(read(shelf.folder), key, parse(page))
    assert (again.differences, again.edits) == ((), ())
    lines = "".join(edit.diff(shelf.folder) for edit in proposal.edits).splitlines()
    return proposal, "\n".join(line for line in lines if line[0] in "+-")


def changed(old: str, new: str) -> str:
    assert PAGE.count(old) == 1
    return PAGE.replace(old, new)


def test_page_as_it_should_be_needs_no_mending(shelf: Shelf) -> None:
    proposal = propose(shelf, "agree_refund.confirm", parse(PAGE))
    assert (proposal.edits, proposal.differences, proposal.chosen) == ((), (), None)


def test_renamed_button_changes_one_line_of_selectors_and_one_of_the_contract(shelf: Shelf) -> None:
    page = changed('"取消"\n    - button "同意退款"', '"取消"\n    - button "确认同意"')
    proposal, diff = mended(shelf, "agree_refund.confirm", page)
    assert proposal.name == "确认同意"
    assert diff.splitlines() == [
        "--- taobao/refunds.toml",
        "+++ taobao/refunds.toml",
        '-name = "同意退款"',
        '+name = "确认同意"',
        "--- taobao/contracts/agree_refund.yaml",
        "+++ taobao/contracts/agree_refund.yaml",
        '-  - button "同意退款"',
        '+  - button "确认同意"',
    ]


def test_renamed_dialog_is_renamed_for_all_that_stands_in_it(shelf: Shelf) -> None:
    page = PAGE.replace('dialog "同意退款"', 'dialog "确认退款"').replace('heading "同意退款"', 'heading "确认退款"')
    proposal, diff = mended(shelf, "agree_refund.confirm", page)
    assert proposal.chosen is not None
    assert proposal.chosen.at.title == "确认退款"
    assert '+title = "确认退款"' in diff
    assert '+- dialog "确认退款":' in diff
    assert 'name = "' not in diff


def test_new_checkbox_is_a_line_of_the_contract_and_touches_no_selector(shelf: Shelf) -> None:
    page = changed('    - button "取消"', '    - group:\n      - checkbox "我已核对"\n    - button "取消"')
    proposal, diff = mended(shelf, "agree_refund.confirm", page)
    assert proposal.name == "我已核对"
    assert [edit.file.suffix for edit in proposal.edits] == [".yaml"]
    assert diff.splitlines()[2:] == ["+  - group [optional]:", '+    - checkbox "我已核对" [optional]']


def test_what_is_gone_becomes_optional(shelf: Shelf) -> None:
    proposal, diff = mended(shelf, "agree_refund.confirm", changed('    - button "关闭": ×\n', ""))
    assert proposal.name == "同意退款"
    assert diff.splitlines()[2:] == ['-  - button "关闭"', '+  - button "关闭" [optional]']


def test_field_is_renamed_by_its_label_without_its_star(shelf: Shelf) -> None:
    form = (
        (shelf.folder / "taobao/contracts/refuse.yaml")
        .read_text(encoding="utf-8")
        .replace("*拒绝说明", "*拒绝理由说明")
    )
    _, diff = mended(shelf, "refuse.message", form)
    assert '-label = "拒绝说明"\n+label = "拒绝理由说明"' in diff
    assert '+  - textbox "*拒绝理由说明"' in diff


def test_unknown_button_of_the_section_is_told_and_no_button_elsewhere(shelf: Shelf) -> None:
    page = changed('    - button "备注"', '    - button "备注"\n    - button "小额打款"')
    proposal, diff = mended(shelf, "detail.agree_refund", page)
    assert [str(one) for one in proposal.differences] == ['+ button "小额打款"']
    assert diff.splitlines()[2:] == ['+- button "小额打款" [optional]']


def test_page_without_anything_alike_gets_no_proposal(shelf: Shelf) -> None:
    proposal = propose(shelf, "agree_refund.confirm", parse('- document:\n  - heading "502"'))
    assert (proposal.edits, proposal.chosen, proposal.ranked) == ((), None, ())
    assert proposal.differences


def test_read_target_gets_one_more_candidate(shelf: Shelf) -> None:
    proposal = propose(shelf, "list.next", parse('- navigation "分页":\n  - button "上一页"\n  - button "下页"'))
    (edit,) = proposal.edits
    assert edit.diff(shelf.folder).count('+candidates = [{ role = "button", name = "下一页" }, { role = "link"') == 1
    assert '{role = "button", name = "下页"}]' in edit.new


def test_candidate_is_chosen_by_its_number_and_no_other_number_is_taken(shelf: Shelf) -> None:
    page = changed('"取消"\n    - button "同意退款"', '"取消"\n    - button "确认同意"\n    - button "同意并评价"')
    second = propose(shelf, "agree_refund.confirm", parse(page), 2)
    assert second.chosen is not None
    assert second.chosen.at.node.name == second.ranked[1].at.node.name
    with pytest.raises(ConfigError) as caught:
        propose(shelf, "agree_refund.confirm", parse(page), 9)
    assert caught.value.reason_code == "mend.no_candidate"


def test_score_says_what_it_is_made_of_and_prefers_the_same_dialog() -> None:
    target = WriteTarget(key="a.b", use="write", role="button", name="Agree", within="dialog", title="Agree to refund")
    page = parse(
        '- button "Agree to all"\n- dialog "Agree to refund":\n  - button "Cancel"\n  - button "Agreed"\n- link "Agree"'
    )
    part = parse('- dialog "Agree to refund":\n  - button "Cancel"\n  - button "Agree"')
    (best,) = candidates(target, page, part)
    assert (best.at.node.name, best.at.title, best.parts) == (
        "Agreed",
        "Agree to refund",
        {"role": 30, "name": 32, "scope": 25, "place": 10},
    )
    other, *_ = candidates(target, parse('- dialog "Agree to refunds":\n  - button "Agree"'), part)
    assert (other.at.title, other.parts["scope"]) == ("Agree to refunds", 19), "a dialog may be renamed"
    assert best.score == sum(best.parts.values())


def test_section_ends_where_the_next_one_begins() -> None:
    target = WriteTarget(key="a.b", use="write", role="button", name="同意退款", within="section", title="操作")
    assert [node.name for node in scope_of(target, parse(PAGE))] == ["操作", "同意退款", "备注"]


def test_tree_that_is_kept_has_no_word_that_was_typed() -> None:
    tree = parse(
        '- textbox "Password": hunter2\n- textbox "Note":\n  - /placeholder: say\n  - text: hunter3\n- paragraph: "a: b"'
    )
    assert dump(tree) == '- textbox "Password"\n- textbox "Note"\n- paragraph: "a: b"\n'
    assert dump(parse(dump(tree))) == dump(tree)
