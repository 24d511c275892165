"""Claims on editing policy.toml: single keys change, every comment stays, nothing half-made is ever there to be read."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from bot.config import BadConfig, HomeFiles, read_policy
from bot.config.editing import put, walk, with_keys
from bot.config.scaffold import write_home
from bot.config.swapping import swap_in
from bot.engine.policy import Policy
from bot.engine.reorder import Move, Step, steps
from bot.errors import ConfigError
from bot.resources import shipped

SCENES = """
# 场景 / scenes
[[scene]]
scene = "unshipped_refund"   # 发货前
id = "little"
name = "小额"
active = true                # 启用
max_amount = "50.00"

# 第二条 / the second
[[scene]]
id = "big"  # 大额
scene = "unshipped_refund"
name = "大额"
active = true
max_amount = "500.00"
"""


def comments(text: str) -> list[str]:
    return re.findall(r"#.*", text)


@pytest.fixture
def policy_file(tmp_path: Path) -> Path:
    files = HomeFiles(tmp_path / "home")
    write_home(files.root)
    files.policy.write_text(files.policy.read_text(encoding="utf-8") + SCENES, encoding="utf-8")
    return files.policy


def walked(path: Path, wanted: list[str]) -> list[tuple[Step, Policy, str]]:
    trace: list[tuple[Step, Policy, str]] = []
    planned = steps(read_policy(path.parent), wanted)
    walk(path, planned, lambda step, policy: trace.append((step, policy, path.read_text(encoding="utf-8"))))
    return trace


def test_the_trace_of_a_reordering_shows_no_active_strategy_during_the_change(policy_file: Path) -> None:
    before = policy_file.read_text(encoding="utf-8")
    trace = walked(policy_file, ["big", "little"])
    assert [step.move for step, _, _ in trace] == [Move.OFF, Move.ORDER, Move.ON, Move.ON]
    for step, policy, text in trace:
        on = [form.id for form in policy.scene if form.active]
        assert sorted(on) == sorted(step.active)
        assert comments(text) == comments(before)
        assert read_policy(policy_file.parent).scene[0].name == "小额"
    after = read_policy(policy_file.parent)
    assert [one.strategy.id for one in after.ranked if one.strategy.id in after.scene_of] == ["big", "little"]
    assert [form.active for form in after.scene] == [True, True]


def test_only_the_asked_lines_change(policy_file: Path) -> None:
    before = policy_file.read_text(encoding="utf-8").splitlines()
    walked(policy_file, ["big", "little"])
    after = policy_file.read_text(encoding="utf-8").splitlines()
    assert [line for line in after if line not in before] == ["priority = 20", "priority = 10"]
    assert [line for line in before if line not in after] == []


def test_strategies_of_the_shipped_policy_can_be_reordered(policy_file: Path) -> None:
    trace = walked(policy_file, ["return_no_reason", "return_quality"])
    held = {one.id for one in read_policy(policy_file.parent).strategy if one.verb == "hold"}
    for step, policy, _ in trace:
        assert held <= {one.strategy.id for one in policy.ranked}, "who calls a person stays on"
        if step.move is Move.ORDER:
            assert {one.strategy.id for one in policy.ranked} & {one.id for one in policy.strategy} == held


def test_a_key_that_is_there_keeps_its_comment_and_a_new_one_stands_behind_the_id() -> None:
    text = with_keys(SCENES, {"little": {"active": False, "priority": 7}, "big": {"priority": 3}})
    assert "active = false                # 启用" in text
    assert 'id = "little"\npriority = 7\n' in text
    assert 'id = "big"  # 大额\npriority = 3\n' in text


def test_a_file_that_somebody_else_changes_meanwhile_is_left_with_its_strategies_off(policy_file: Path) -> None:
    planned = steps(read_policy(policy_file.parent), ["big", "little"])

    def meddle(step: Step, _: Policy) -> None:
        if step.move is Move.OFF:
            policy_file.write_text(policy_file.read_text(encoding="utf-8") + "# hello\n", encoding="utf-8")

    with pytest.raises(ConfigError, match="changed meanwhile"):
        walk(policy_file, planned, meddle)
    assert not any(form.active for form in read_policy(policy_file.parent).scene)


def test_what_would_not_be_a_policy_is_never_written(policy_file: Path) -> None:
    before = policy_file.read_text(encoding="utf-8")
    with pytest.raises(BadConfig):
        walk(policy_file, (Step(Move.ORDER, {"little": {"priority": 0}}),), lambda *_: None)
    assert policy_file.read_text(encoding="utf-8") == before
    assert not list(policy_file.parent.glob("*.new"))


def test_a_file_that_is_open_for_a_moment_is_swapped_a_moment_later(
    policy_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, tries = Path.replace, []

    def held(self: Path, target: Path) -> Path:
        tries.append(target)
        if len(tries) < 3:
            raise PermissionError(13, "open in another process", str(target))
        return whole(self, target)

    monkeypatch.setattr(Path, "replace", held)
    swap_in(policy_file, "name = 1\n")
    assert (policy_file.read_text(encoding="utf-8"), len(tries)) == ("name = 1\n", 3)


def test_a_file_that_stays_open_is_said_and_leaves_nothing_beside(
    policy_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def held(_: Path, target: Path) -> Path:
        raise PermissionError(13, "open in another process", str(target))

    before = policy_file.read_text(encoding="utf-8")
    monkeypatch.setattr(Path, "replace", held)
    with pytest.raises(ConfigError) as told:
        put(policy_file, before, "name = 1\n")
    assert told.value.reason_code == "config.unwritable"
    assert policy_file.read_text(encoding="utf-8") == before
    assert not list(policy_file.parent.glob("*.new"))


def test_what_was_made_from_an_older_text_is_not_written(policy_file: Path) -> None:
    before = policy_file.read_text(encoding="utf-8")
    with pytest.raises(ConfigError, match="changed meanwhile"):
        put(policy_file, before + "# hello\n", "name = 1\n")
    assert policy_file.read_text(encoding="utf-8") == before


def test_a_strategy_in_another_way_of_writing_is_left_to_a_person() -> None:
    with pytest.raises(ConfigError, match="no table of its own"):
        with_keys('scene = [{ id = "a" }]', {"a": {"active": False}})


@pytest.mark.skipif(os.name == "nt", reason="modes are POSIX")
def test_the_mode_of_the_file_stays(policy_file: Path) -> None:
    policy_file.chmod(0o600)
    walked(policy_file, ["big", "little"])
    assert policy_file.stat().st_mode & 0o777 == 0o600


def test_the_shipped_policy_survives_untouched() -> None:
    text = shipped("policy.example.toml").read_text(encoding="utf-8")
    assert with_keys(text, {}) == text
