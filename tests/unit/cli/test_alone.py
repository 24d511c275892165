"""Claims on one robot a home: whoever comes second is refused before anything is touched, with what to do about it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.app.wiring import House, open_house
from bot.catalogue import Catalogue
from bot.cli.commands import cli
from bot.config import load_home
from bot.domain.decision import Reason
from bot.ports.exits import ExitCode
from tests.unit.config.homes import trial_home

SECOND = pytest.mark.parametrize("command", ["run", "sweep"])


@pytest.fixture
def first(tmp_path: Path) -> Iterator[House]:
    """A robot that works in a home."""
    with open_house(load_home(trial_home(tmp_path / "home"))) as house:
        yield house


def call(command: str, house: House, *flags: str) -> Result:
    return CliRunner().invoke(cli, [command, "--home", str(house.home.path), *flags], env={"COLUMNS": "200"})


@SECOND
def test_a_second_robot_in_a_home_is_refused_with_the_code_and_a_cure(first: House, command: str) -> None:
    told = call(command, first, "--json")
    body = json.loads(told.stdout)
    assert (body["error"], told.exit_code, body["exit_code"]) == ("error.instance", ExitCode.LEDGER, ExitCode.LEDGER)
    assert "refundpilot status" in body["cure"]
    assert first.ledger.runs(9) == (), "it wrote nothing"


@SECOND
@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_is_told_in_words_what_to_do(
    first: House, command: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", {"zh": "zh_CN.UTF-8", "en": "en_US.UTF-8"}[language])
    told = call(command, first)
    assert (told.exit_code, told.stdout) == (ExitCode.LEDGER, "")
    cure = Catalogue(language).cure(Reason(code="error.instance"))
    assert cure, "of its own: nothing is in doubt, and an audit mends nothing"
    assert f"→ {cure}" in told.stderr


def test_the_next_one_may_begin_once_the_first_has_ended(tmp_path: Path) -> None:
    home = load_home(trial_home(tmp_path / "home"))
    for _ in range(2):
        with open_house(home) as house:
            assert house.ledger.runs(1) == ()
