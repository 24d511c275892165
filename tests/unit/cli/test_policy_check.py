"""`policy check` as a shop owner meets it: what it prints, in which language, and the code it ends with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from bot.cli.commands import cli
from bot.cli.steps import PATIENCE_S, Steps
from bot.config import HomeFiles
from tests.unit.config.homes import spoil, trial_home

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "policy.example.toml"

PARTIAL = 'id = "unshipped_partial"'
"""A hold of the shipped policy without which partial claims have no strategy."""


@pytest.fixture(autouse=True)
def _english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    monkeypatch.delenv("REFUNDPILOT_HOME", raising=False)


def call(*words: object) -> Result:
    return CliRunner().invoke(cli, ["policy", "check", *map(str, words)], env={"COLUMNS": "160"})


def body(*words: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(call(*words, "--json").stdout)
    return found


@pytest.fixture
def holed(tmp_path: Path) -> Path:
    """The shipped policy, one hold switched off and one strategy turned on its head."""
    text = SHIPPED.read_text(encoding="utf-8")
    text = text.replace(PARTIAL, f"{PARTIAL}\nactive = false")
    text = text.replace('when.amount_over = "10.00"', 'when.amount_over = "3000.00"', 1)
    file = tmp_path / "policy.toml"
    file.write_text(text, encoding="utf-8")
    return file


@pytest.mark.parametrize("name", ["policy.example.toml", "policy.cautious.toml", "policy.fast.toml"])
def test_shipped_policies_pass(name: str) -> None:
    told = call(ROOT / name)
    assert told.exit_code == 0, told.output
    assert name in told.stdout
    assert "✗" not in told.stdout


def test_a_home_is_checked_by_its_policy(tmp_path: Path) -> None:
    home = trial_home(tmp_path / "home")
    told = body("--home", home)
    assert (told["exit_code"], told["errors"], told["file"]) == (0, 0, HomeFiles(home).policy.name)
    assert len(told["hash"]) == 64


def test_errors_are_told_with_line_strategy_and_example_and_end_with_two(holed: Path) -> None:
    told = call(holed)
    lines = holed.read_text(encoding="utf-8").splitlines()
    start = next(number for number, text in enumerate(lines) if "3000.00" in text)
    line = next(
        number for number, text in enumerate(lines, start=1) if number > start and text.startswith("max_amount")
    )
    assert told.exit_code == 2
    out = " ".join(told.stdout.split())
    assert f"line {line} " in out
    assert "(in_transit) can never apply" in out
    assert "when.amount_over, max_amount" in out
    assert "e.g. Refund only, not shipped" in out
    assert "(unshipped_partial) is not switched on" in out


def test_the_same_as_json_with_the_case_as_facts(holed: Path) -> None:
    told = body(holed)
    assert told["exit_code"] == 2
    assert told["errors"] == sum(one["severity"] == "error" for one in told["findings"])
    holes = [one for one in told["findings"] if one["kind"] == "hole"]
    facts = [case["facts"] for one in holes for case in one["cases"]]
    partial = next(one for one in facts if one["type"] == "refund_unshipped")
    assert (partial["full"], partial["state"], partial["return_status"]) == (False, "wait_seller", None)
    assert partial["amount"].startswith("¥")
    (dead,) = [one for one in told["findings"] if one["kind"] == "contradiction"]
    assert dead["strategies"] == [{"id": "in_transit", "line": dead["strategies"][0]["line"]}]
    assert dead["proven"] is True


@pytest.mark.parametrize(("language", "word"), [("zh", "没有策略管的售后单"), ("en", "Cases that no strategy takes")])
def test_it_speaks_the_homes_language(tmp_path: Path, holed: Path, language: str, word: str) -> None:
    home = trial_home(tmp_path / "home")
    spoil(HomeFiles(home).settings, 'language = "auto"', f'language = "{language}"')
    HomeFiles(home).policy.write_bytes(holed.read_bytes())
    assert word in " ".join(call("--home", home).stdout.split())


def test_a_malformed_policy_is_told_whole_with_line_and_nearest_key(tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    text = SHIPPED.read_text(encoding="utf-8").replace("when.threat = true", "when.thraet = true")
    file.write_text(text.replace('max_amount = "10.00"', "max_amount = 10.5", 1), encoding="utf-8")
    told = call(file)
    assert told.exit_code == 2
    assert len([line for line in told.stderr.splitlines() if line.startswith("p.toml:")]) == 2
    assert "threat" in told.stderr
    found = body(file)
    assert (found["exit_code"], found["errors"], found["error"]) == (2, 2, "error.config")
    assert {one["kind"] for one in found["findings"]} == {"malformed"}
    assert all(one["line"] > 1 for one in found["findings"])


def test_neither_home_nor_file_is_a_mistake_of_use() -> None:
    told = call()
    assert told.exit_code == 2
    assert "--home" in told.stderr


def test_a_scene_is_told_by_the_line_of_its_own_block(tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    scene = '\n[[scene]]\nscene = "shipped_return"\nid = "over"\nname = "over"\nactive = true\nmax_amount = "10.00"\ndelay_s = 60\nvalid_to = 2025-01-01\n'
    file.write_text(SHIPPED.read_text(encoding="utf-8") + scene, encoding="utf-8")
    (found,) = [one for one in body(file)["findings"] if one["kind"] == "contradiction"]
    line = file.read_text(encoding="utf-8").splitlines().index('id = "over"') + 1
    assert found["strategies"] == [{"id": "over", "line": line}], "once, though it is spelled out as an act and a wait"
    assert found["because"] == ["its last day is over"]


class _Clock:
    def __init__(self) -> None:
        self.at = 0.0

    def monotonic(self) -> float:
        return self.at


@pytest.mark.parametrize(("seconds", "shown"), [(PATIENCE_S / 2, False), (PATIENCE_S * 2, True)])
def test_a_bar_appears_only_when_it_takes_long(seconds: float, shown: bool) -> None:
    console, clock = Console(force_terminal=True, record=True, width=80), _Clock()
    with Steps(console, "checking", clock) as steps:
        steps(0, 4)
        clock.at = seconds
        steps(2, 4)
    assert ("checking" in console.export_text()) is shown
