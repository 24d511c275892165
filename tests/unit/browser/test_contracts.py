"""Page contracts: what is drift and what is not, and that every write target that is shipped stands in one."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.browser.contracts import Contract, Contracts, compare, load_contracts, stands_for
from bot.browser.targets import WriteTarget, load_targets
from bot.browser.tree import WEIGHTY, parse
from bot.errors import ConfigError
from bot.resources import shipped

PLATFORMS = ("taobao", "courier")

DIALOG = """
- dialog "Agree to refund":
  - heading "Agree to refund" [level=3]
  - button "Close": ×
  - term: Case
  - definition: "880001"
  - paragraph: Mind the amount.
  - textbox "Code" [optional]
  - button "Cancel"
  - button "Agree"
"""
CONTRACT = parse(
    DIALOG.replace('- definition: "880001"', "- definition").replace("  - paragraph: Mind the amount.\n", "")
)
CONFIRM = WriteTarget(
    key="agree.confirm", use="write", role="button", name="Agree", within="dialog", title="Agree to refund"
)


def drift(live: str, target: WriteTarget = CONFIRM) -> list[str]:
    return [str(one) for one in compare(CONTRACT, parse(live), target)]


def test_page_that_is_as_it_was_is_no_drift_whatever_id_amount_and_words_it_shows() -> None:
    assert drift(DIALOG) == []
    assert drift(DIALOG.replace("880001", "990002").replace("Mind the amount.", "Mind everything.")) == []
    assert drift(DIALOG.replace('  - textbox "Code" [optional]\n', "")) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('button "Agree"', 'button "Confirm"', ['- button "Agree"', '+ button "Confirm"']),
        ('  - button "Agree"', '  - checkbox "I have read it"\n  - button "Agree"', ['+ checkbox "I have read it"']),
        ('  - button "Agree"', '  - button "Agree"\n  - button "Agree"', ['+ button "Agree"']),
        ('  - button "Agree"', '  - button "Agree to all"\n  - button "Agree"', ['+ button "Agree to all"']),
        ('  - button "Agree"', '  - group:\n    - button "Agree"', ['- button "Agree"', '+ button "Agree"']),
        ("  - term: Case", "  - term: Order", ['- term "Case"']),
        ('dialog "Agree to refund"', 'dialog "Agree to all"', ['- dialog "Agree to refund"']),
        ('  - button "Cancel"\n', "", ['- button "Cancel"']),
    ],
    ids=["renamed", "a new checkbox", "twice", "one more", "elsewhere", "another fact", "another dialog", "gone"],
)  # fmt: skip
def test_whatever_a_hand_could_meet_otherwise_is_drift(old: str, new: str, told: list[str]) -> None:
    assert old in DIALOG
    assert [one.partition(" (")[0] for one in drift(DIALOG.replace(old, new))] == told


def test_difference_says_where_it_stands() -> None:
    changed = DIALOG.replace('  - button "Agree"', '  - group "Terms":\n    - checkbox "Read"\n  - button "Agree"')
    assert drift(changed) == ['+ checkbox "Read" (dialog "Agree to refund" > group "Terms")']


def test_links_pictures_and_paragraphs_are_no_drift() -> None:
    more = '  - link "Help":\n    - /url: /help\n  - img "Proof"\n  - paragraph: News!\n  - button "Agree"'
    assert drift(DIALOG.replace('  - button "Agree"', more)) == []


def test_target_has_to_be_there_also_where_its_screen_may_be_without_it() -> None:
    part = parse('- heading "Do"\n- button "Agree" [optional]\n- button "Note" [optional]')
    live = parse('- heading "Do"\n- button "Note"')
    assert [str(one) for one in compare(part, live)] == []
    assert [str(one) for one in compare(part, live, CONFIRM)] == ['- button "Agree"']


def test_pattern_with_many_covers_any_number() -> None:
    part = parse('- navigation "Pages":\n  - button /\\d+/ [many]')
    pages = "\n".join(f'  - button "{number}"' for number in range(1, 4))
    assert list(compare(part, parse(f'- main:\n  - navigation "Pages":\n{pages.replace("  -", "    -")}'))) == []
    assert [str(one) for one in compare(part, parse('- navigation "Pages":\n  - button "All"'))] == [
        '+ button "All" (navigation "Pages")'
    ]


def test_names_are_read_as_playwright_writes_them() -> None:
    (node,) = parse("""- 'button "a: \\"b\\" it''s" [disabled]': "x: y\"""")
    assert (node.role, node.name, node.text, node.marks) == ("button", 'a: "b" it\'s', "x: y", {"disabled"})
    (box,) = parse('- textbox "Message":\n  - /placeholder: say: "why"\n  - text: typed')
    assert [(one.role, one.text) for one in box.children] == [("text", "typed")]


@pytest.mark.parametrize("text", ["button", "- Button", "   - button", '- button "a" b', "- list:\n      - button"])
def test_line_that_is_no_node_is_refused_with_its_number(text: str) -> None:
    with pytest.raises(ValueError, match=r"line \d"):
        parse(text)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_each_shipped_write_target_stands_in_a_contract_under_its_own_title(platform: str) -> None:
    targets = load_targets(platform)
    contracts = load_contracts(targets)
    for target in targets.writes.values():
        part = contracts.screens[target.screen].part_of(target)
        assert part is not None, target.key
        nodes = [node for root in part for node in root.all()]
        assert sum(stands_for(target, node) for node in nodes) == 1, target.key
        frame = {"dialog": part[0].name, "section": part[0].name, "page": ""}[target.within]
        assert frame == target.title
    assert contracts.screens.keys() == {target.screen for target in targets.writes.values()}


@pytest.mark.parametrize("platform", PLATFORMS)
def test_everything_weighty_in_a_shipped_contract_has_its_name(platform: str) -> None:
    for contract in load_contracts(load_targets(platform)).screens.values():
        for part in contract.parts:
            nodes = [node for root in part for node in root.all()]
            assert [node for node in nodes if node.role in WEIGHTY and not (node.name or node.pattern)] == []


def test_target_without_a_contract_is_told_before_a_browser_opens(tmp_path: Path) -> None:
    for file in shipped("selectors").glob("taobao/*.toml"):
        (tmp_path / "taobao").mkdir(exist_ok=True)
        (tmp_path / "taobao" / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"complain\.yaml: complain\.scene stands in no contract"):
        load_contracts(load_targets("taobao", tmp_path), tmp_path)


def test_contract_that_is_no_tree_is_told_with_file_and_line(tmp_path: Path) -> None:
    folder = tmp_path / "taobao" / "contracts"
    folder.mkdir(parents=True)
    (folder / "agree_refund.yaml").write_text("# fine\n- dialog\n---\n- dialog: yes\n   - Button\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"agree_refund\.yaml: line 5"):
        load_contracts(load_targets("taobao"), tmp_path)


def test_each_part_of_a_screen_is_held_on_its_own() -> None:
    contract = Contract(Path("x"), (parse('- button "Got it"'), parse('- dialog "Note":\n  - button "Agree"')))
    note = CONFIRM.model_copy(update={"title": "Note"})
    assert Contracts({"agree": contract}).drift(note, parse('- dialog "Note":\n  - button "Agree"')) == ()
