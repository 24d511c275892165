"""Claims that a tape which cannot be made costs nothing else: what was swept is told."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from bot.app import by_hand, recording
from bot.app.recording import LOST, Recording, need_room, sweep
from bot.config import Home, load_home
from bot.domain.decision import Reason
from bot.errors import LedgerError, TapeError
from bot.ports.exits import ExitCode
from bot.ports.progress import NullProgress
from bot.ports.results import ShopSweep, SweepResult
from bot.ports.wanted import Wanted
from bot.tape import pack
from tests.unit.config.homes import spoil, trial_home

SWEPT = SweepResult(
    run_id="1", shops=(ShopSweep(shop="taobao/1001", acted={"agree_refund": 3}),), report="", exit_code=ExitCode.DONE
)


class Ended:
    """Somebody pressed Ctrl-C."""

    def is_set(self) -> bool:
        return True


class Heard(NullProgress):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, reason: Reason) -> None:
        self.notes.append(reason.code)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    async def swept(*_: object) -> SweepResult:
        return SWEPT

    for module in (recording, by_hand):
        monkeypatch.setattr(module, "run_sweep", swept)
    return load_home(trial_home(tmp_path / "home"))


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    def tape(_: Recording) -> None:
        raise RecursionError("too deep")

    monkeypatch.setattr(Recording, "tape", tape)


@pytest.mark.usefixtures("broken")
async def test_a_sweep_whose_tape_is_lost_still_tells_what_it_did(home: Home, tmp_path: Path) -> None:
    heard = Heard()
    result = await sweep(home, Wanted(), heard, Ended(), tmp_path / "t.tar.xz")
    assert result.shops[0].acted == {"agree_refund": 3}
    assert [note.code for note in result.shops[0].notes] == heard.notes == [LOST]
    assert result.exit_code is ExitCode.HELD


@pytest.mark.usefixtures("broken")
async def test_what_ended_the_sweep_is_told_and_not_that_its_tape_is_lost(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def failing(*_: object) -> SweepResult:
        raise LedgerError("torn")

    monkeypatch.setattr(recording, "run_sweep", failing)
    with pytest.raises(LedgerError, match="torn"):
        await sweep(home, Wanted(), NullProgress(), Ended(), tmp_path / "t.tar.xz")


@pytest.mark.usefixtures("broken")
async def test_work_by_hand_whose_tape_is_lost_is_told_as_that(home: Home, tmp_path: Path) -> None:
    with pytest.raises(TapeError, match="too deep") as told:
        await by_hand.record_by_hand(home, None, NullProgress(), Ended(), tmp_path / "t.tar.xz")
    assert told.value.reason_code == LOST


async def test_a_policy_that_is_gone_in_the_end_takes_no_tape_along(home: Home, tmp_path: Path) -> None:
    reel, tape = Recording(home), tmp_path / "t.tar.xz"
    text = home.files.policy.read_text(encoding="utf-8")
    home.files.policy.unlink()
    assert await recording.keep(reel, tape, NullProgress()) is None
    assert pack.read(tape).label.files["policy.toml"] == text


def test_a_place_where_no_tape_can_be_written_is_told_before_anything_is_swept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TapeError) as told:
        need_room(tmp_path / "file" / "t.tar.xz")
    assert told.value.reason_code == "error.tape.no_room"


async def test_whom_to_call_is_on_no_tape(home: Home, tmp_path: Path) -> None:
    people = """
[[console.person]]
name = "Canary Li"
role = "approver"
[[channel]]
name = "office"
kind = "webhook"
url = "https://hook.example/canary-path"  # canary comment
"""
    settings = home.files.settings
    spoil(settings, "report_by = []", 'report_by = ["office"]')
    settings.write_text(settings.read_text(encoding="utf-8") + people, encoding="utf-8")
    text = Recording(home).tape().label.files[settings.name]
    assert "anary" not in text
    told = tomllib.loads(text)
    before = tomllib.loads(settings.read_text(encoding="utf-8"))
    assert not {"console", "channel", "alarms"} & set(told)
    assert "report_by" not in told["schedule"]
    assert told["limits"] == before["limits"]
    assert [shop["url"] for shop in told["shop"]] == [shop["url"] for shop in before["shop"]]
