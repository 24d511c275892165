"""Claims on a policy file that changes or breaks: refused whole, the last whole one stays in force, everything is told once."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.catalogue import Catalogue, Language
from bot.config import BadConfig, HomeFiles, PolicyFile, load_home, read_policy
from bot.config.lastgood import keep_last_good, last_good
from bot.domain.decision import Reason
from tests.unit.config.homes import spoil, trial_home

BROKEN = "[[strategy]]\nid ="


class Watch:
    """A home's policy under watch, and all that it told."""

    def __init__(self, root: Path) -> None:
        self.files = HomeFiles(trial_home(root))
        self.told: list[Reason] = []
        self.file = PolicyFile(self.files, read_policy(root), self.told.append, Catalogue(Language.ZH))
        self.hash = self.file.in_force().hash

    def write(self, text: str) -> None:
        self.files.policy.write_text(text, encoding="utf-8")

    @property
    def codes(self) -> list[str]:
        return [reason.code for reason in self.told]


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    return Watch(tmp_path / "home")


def test_an_unchanged_file_is_never_told(watch: Watch) -> None:
    assert watch.file.in_force() is watch.file.in_force()
    assert watch.codes == []


def test_a_change_counts_from_the_next_case_on(watch: Watch) -> None:
    spoil(watch.files.policy, 'max_amount = "2000.00"', 'max_amount = "1999.00"')
    assert watch.file.in_force().hash != watch.hash
    assert watch.codes == ["policy.changed"]


def test_another_comment_is_no_change(watch: Watch) -> None:
    watch.write(watch.files.policy.read_text(encoding="utf-8") + "\n# noted\n")
    assert watch.file.in_force().hash == watch.hash
    assert watch.codes == []


UNREADABLE = {"brackets": "x = " + "[" * 5000, "digits": "x = " + "9" * 5000}


@pytest.mark.parametrize(
    "bad",
    [
        BROKEN,
        "",
        "name = 1",
        'name = "x"\nstrategy = []',
        *(pytest.param(text, id=name) for name, text in UNREADABLE.items()),
    ],
)
def test_a_broken_file_changes_nothing_and_is_told_once(watch: Watch, bad: str) -> None:
    watch.write(bad)
    assert [watch.file.in_force().hash for _ in range(3)] == [watch.hash] * 3
    assert watch.codes == ["policy.broken"]
    assert "policy.toml" in watch.told[0].params["detail"]


def test_a_broken_file_is_told_in_the_operators_language(watch: Watch) -> None:
    watch.write('nmae = "x"\n')
    watch.file.in_force()
    assert "未知的键；是不是想写 name？" in watch.told[0].params["detail"]


def test_a_file_that_is_gone_for_a_moment_changes_nothing(watch: Watch) -> None:
    watch.files.policy.unlink()
    assert [watch.file.in_force().hash for _ in range(2)] == [watch.hash] * 2
    assert watch.codes == ["policy.broken"]


def test_a_file_that_cannot_be_opened_right_now_is_looked_at_again(watch: Watch) -> None:
    text = watch.files.policy.read_text(encoding="utf-8")
    watch.files.policy.unlink()
    watch.files.policy.mkdir()
    assert watch.file.in_force().hash == watch.hash
    watch.files.policy.rmdir()
    watch.write(text.replace('max_amount = "2000.00"', 'max_amount = "1999.00"', 1))
    assert watch.file.in_force().hash != watch.hash
    assert watch.codes == ["policy.broken", "policy.changed"]


def test_a_mended_file_is_in_force_again_and_a_new_fault_is_told_again(watch: Watch) -> None:
    whole = watch.files.policy.read_text(encoding="utf-8")
    for text in (BROKEN, whole, BROKEN):
        watch.write(text)
        watch.file.in_force()
    assert watch.codes == ["policy.broken", "policy.broken"]


def test_the_last_whole_policy_is_kept_with_its_hash(watch: Watch) -> None:
    kept = last_good(watch.files.last_good)
    assert kept is not None
    assert kept.text == watch.files.policy.read_text(encoding="utf-8")
    watch.write(BROKEN)
    watch.file.in_force()
    assert last_good(watch.files.last_good) == kept


def test_a_home_with_a_broken_policy_loads_by_the_last_whole_one_only_where_asked(watch: Watch) -> None:
    watch.write(BROKEN)
    home = load_home(watch.files.root, last_good_policy=True)
    assert home.policy.hash == watch.hash
    assert [problem.file for problem in home.broken_policy] == ["policy.toml"]
    with pytest.raises(BadConfig):
        load_home(watch.files.root)


@pytest.mark.parametrize("change", ["edited", "missing", "too old"])
def test_a_copy_that_is_not_what_was_kept_is_never_used(watch: Watch, change: str) -> None:
    watch.write(BROKEN)
    match change:
        case "edited":
            spoil(watch.files.last_good, 'max_amount = "2000.00"', 'max_amount = "9000.00"')
        case "missing":
            watch.files.last_good.unlink()
        case _:
            keep_last_good(watch.files.last_good, 'name = "x"\n[[strategy]]\nverb = "pay"\n')
    with pytest.raises(BadConfig) as caught:
        load_home(watch.files.root, last_good_policy=True)
    assert {problem.file for problem in caught.value.problems} == {"policy.toml"}


def test_broken_settings_are_never_rescued(watch: Watch) -> None:
    watch.write(BROKEN)
    spoil(watch.files.settings, "reader_tabs = 2", "reader_tabs = 9")
    with pytest.raises(BadConfig) as caught:
        load_home(watch.files.root, last_good_policy=True)
    assert {problem.file for problem in caught.value.problems} == {"refundpilot.toml"}


def test_a_copy_that_cannot_be_kept_is_told_and_the_policy_is_in_force(tmp_path: Path) -> None:
    files = HomeFiles(trial_home(tmp_path / "home"))
    files.last_good.mkdir()
    told: list[Reason] = []
    policy = PolicyFile(files, read_policy(files.root), told.append, Catalogue(Language.EN)).in_force()
    assert policy.hash == read_policy(files.root).hash
    assert [reason.code for reason in told] == ["policy.not_kept"]
