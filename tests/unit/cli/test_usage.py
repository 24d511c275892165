"""Claims on commands that are written wrongly: told in the operator's language, in two lines or one object, never by Typer."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli.commands import cli
from bot.ports.exits import ExitCode
from tests.conftest import ROOT

FILE = Path(__file__)
WRONG = {
    "usage.no_option_or_variable": ("sweep",),
    "usage.no_option": ("policy", "backtest", "--home", "{folder}"),
    "usage.no_argument": ("init",),
    "usage.unknown_option": ("demo", "--zzz"),
    "usage.unknown_option_near": ("demo", "--caes", "3"),
    "usage.unknown_command": ("zzz",),
    "usage.unknown_command_near": ("stap",),
    "usage.no_value": ("demo", "--cases"),
    "usage.takes_no_value": ("demo", "--headed=1"),
    "usage.too_much": ("stop", "x", "--home", "{folder}"),
    "usage.choice": ("sweep", "--posture", "brave", "--home", "{folder}"),
    "usage.at_least": ("demo", "--cases", "3"),
    "usage.at_most": ("demo", "--cases", "10001"),
    "usage.whole_number": ("demo", "--cases", "x"),
    "usage.not_there": ("policy", "backtest", "--home", "{folder}", "--candidate", "{folder}/gone"),
    "usage.is_file": ("status", "--home", str(FILE)),
    "usage.is_folder": ("policy", "check", "{folder}"),
}


def call(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, [word.format(folder=folder) for word in words], env={"COLUMNS": "200"})


@pytest.fixture(params=["zh_CN.UTF-8", "en_US.UTF-8"])
def language(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("LC_ALL", request.param)
    monkeypatch.delenv("REFUNDPILOT_HOME", raising=False)
    return str(request.param)[:2]


@pytest.mark.parametrize("words", WRONG.values(), ids=WRONG)
def test_each_mistake_is_told_in_two_lines_of_one_language(
    tmp_path: Path, language: str, words: tuple[str, ...]
) -> None:
    told = call(tmp_path, *words)
    assert told.exit_code == ExitCode.CONFIG
    assert told.stdout == ""
    what, cure = told.stderr.splitlines()
    assert cure.startswith("→ ")
    assert cure.endswith("--help")
    for line in (what, cure):
        assert bool(re.search(r"[\u4e00-\u9fff]", line)) is (language == "zh")
    assert not re.search(r"Missing|Invalid|Error|No such|env var", told.stderr)


@pytest.mark.parametrize(("code", "words"), WRONG.items(), ids=WRONG)
def test_a_mistake_under_json_is_one_object_with_its_code(
    tmp_path: Path, language: str, code: str, words: tuple[str, ...]
) -> None:
    told = call(tmp_path, *words, "--json")
    if code == "usage.no_value":
        code = "usage.whole_number"  # --json stands where the value should
    body = json.loads(told.stdout)
    assert (body["error"], body["exit_code"], told.exit_code) == (code, 2, 2)
    assert told.stderr == ""


def test_headings_of_help_follow_the_language_of_the_pc() -> None:
    command = [sys.executable, "-c", "from bot.cli import main; main()", "demo", "--help"]
    environ = {**os.environ, "LC_ALL": "zh_CN.UTF-8", "PYTHONUTF8": "1", "COLUMNS": "100"}
    shown = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, encoding="utf-8", check=True).stdout
    assert "选项" in shown
    assert "[默认: 60]" in shown
    assert "Options" not in shown


def test_no_word_at_all_shows_the_help_and_ends_with_2(tmp_path: Path) -> None:
    told = call(tmp_path)
    assert told.exit_code == ExitCode.CONFIG
    assert "sweep" in told.stdout
    assert told.stderr == ""


def test_version_and_help_end_with_0(tmp_path: Path) -> None:
    assert [call(tmp_path, flag).exit_code for flag in ("--version", "--help")] == [0, 0]
