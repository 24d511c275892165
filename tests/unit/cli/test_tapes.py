"""Claims on `record` and `replay` as commands."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Literal

import pytest
from rich.console import Console

from bot.catalogue import Catalogue
from bot.cli import commands, tapes, tapes_drawn
from bot.domain.action import Verb
from bot.errors import TapeError
from bot.ports.exits import ExitCode
from bot.ports.replays import CaseFlip
from bot.ports.wanted import Wanted
from tests.unit.cli.fakes import REPLAYED, FakeApp
from tests.unit.cli.test_commands import call
from tests.unit.config.homes import trial_home


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> FakeApp:
    fake = FakeApp()
    for module in (commands, tapes):
        monkeypatch.setattr(module, "use_cases", lambda: fake)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    return fake


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return trial_home(tmp_path / "home")


def test_record_observes_unless_told_and_says_where_the_tape_is(app: FakeApp, home: Path, tmp_path: Path) -> None:
    tape = tmp_path / "monday.tar.xz"
    told = call("record", str(tape), "--home", home)
    assert told.exit_code == app.swept.exit_code
    assert (app.asked["wanted"], app.asked["tape"]) == (Wanted(posture="observe"), tape)
    assert "monday.tar.xz" in told.stderr
    assert "4 KB" in told.stderr


def test_sweep_records_beside_and_keeps_its_posture(app: FakeApp, home: Path, tmp_path: Path) -> None:
    tape = tmp_path / "act.tar.xz"
    call("sweep", "--home", home, "--tape", tape)
    assert (app.asked["wanted"], app.asked["tape"]) == (Wanted(), tape)


def test_a_tape_that_is_there_is_told_with_the_cure(app: FakeApp, home: Path, tmp_path: Path) -> None:
    app.error = TapeError("there", page="monday.tar.xz", code="error.tape.exists")
    told = call("record", str(tmp_path / "monday.tar.xz"), "--home", home, "--json")
    body = json.loads(told.stdout)
    assert (told.exit_code, body["error"]) == (ExitCode.CONFIG, "error.tape.exists")
    assert body["cure"]


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    file = tmp_path / "mixed.tar.xz"
    file.write_bytes(b"tape")
    return file


def test_replay_tells_each_difference_in_words(app: FakeApp, tape: Path) -> None:
    told = call("replay", str(tape))
    assert told.exit_code == ExitCode.HELD
    plain = " ".join(told.stdout.split())
    assert "amount: 100 → 9999" in plain
    assert "POST http://shop/agree" in plain


def test_replay_as_json_is_one_object_with_everything(app: FakeApp, tape: Path) -> None:
    assert json.loads(call("replay", str(tape), "--json").stdout) == REPLAYED.model_dump(mode="json")


FLIP = CaseFlip(case="7", was=Verb.AGREE_REFUND, now=Verb.HOLD)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ["tape.same"]),
        ({"other_policy": True}, ["tape.no_flips"]),
        ({"other_policy": True, "flips": (FLIP,)}, ["tape.flips_policy"]),
        ({"flips": (FLIP,)}, ["tape.same", "tape.flips_person"]),
    ],
)
def test_each_kind_of_replay_has_its_own_last_word(
    changes: dict[str, object], said: list[str], language: Literal["zh", "en"]
) -> None:
    say = Catalogue(language)
    output = io.StringIO()
    result = REPLAYED.model_copy(update={"differences": (), **changes})
    Console(file=output, width=200).print(tapes_drawn.replayed(result, say))
    told = [code for code in LAST_WORDS if say.text_of(code, count=1) in output.getvalue()]
    assert told == said


LAST_WORDS = ("tape.same", "tape.no_flips", "tape.flips_policy", "tape.flips_person")


def test_replay_passes_on_what_it_was_asked(app: FakeApp, tape: Path, tmp_path: Path) -> None:
    policy = tmp_path / "new.toml"
    policy.write_text("", encoding="utf-8")
    call("replay", str(tape), "--policy", policy, "--altered")
    assert app.asked == {"tape": tape, "policy": policy, "selectors": None, "altered": True}


def test_a_tape_that_is_not_there_is_a_wrong_use(app: FakeApp, tmp_path: Path) -> None:
    assert call("replay", str(tmp_path / "nowhere")).exit_code == ExitCode.CONFIG
