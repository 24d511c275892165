"""Claims on the home that a replay makes of a tape: a stranger's settings start, show, read and write nothing on this PC."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.app import replaying
from bot.app.autonomy import trusted
from bot.app.recording import Recording
from bot.app.replaying import ReplayedLedger
from bot.app.wiring import House, open_house
from bot.config import Home, load_home
from bot.domain.ids import CaseKey, RunId
from bot.domain.money import Money
from bot.engine.autonomy import Word
from bot.engine.policy import parse_policy
from bot.ports.clock import Clock, Ids
from bot.ports.exits import ExitCode
from bot.ports.progress import NullProgress
from bot.ports.replays import ReplayOptions
from bot.ports.results import SweepResult
from bot.ports.wanted import Wanted
from bot.runner.orders import Orders, Posture
from bot.tape.clock import TapeClock
from bot.tape.play import TapePlayer
from bot.tape.rules import TapeRules
from bot.tape.tape import Take, Tape
from tests.e2e.in_process import Never
from tests.tapes.values import label
from tests.unit.config.homes import trial_home
from tests.unit.engine.builders import NOW
from tests.unit.engine.policies import HOLD, REFUND, strategy


@pytest.fixture
def asked(tmp_path: Path) -> dict[str, str]:
    """Settings and policy as a home has them."""
    home = trial_home(tmp_path / "home")
    return {name: (home / name).read_text(encoding="utf-8") for name in ("refundpilot.toml", "policy.toml")}


async def home_of(files: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> tuple[Home, set[str]]:
    """The home in which a tape with these files is swept, and the files that stand in it."""
    seen: list[tuple[Home, set[str]]] = []

    async def swept(home: Home, wanted: Wanted, *_: object) -> SweepResult:
        del wanted
        seen.append((home, {file.name for file in home.path.iterdir()}))
        return SweepResult(run_id="", shops=(), report="", exit_code=ExitCode.DONE)

    monkeypatch.setattr(replaying, "run_sweep", swept)
    take = Take(shop="taobao/1001", posture="observe", began=NOW)
    tape = Tape(label(files).model_copy(update={"takes": (take,)}), ())
    await replaying.play(tape, ReplayOptions(tape=Path("tape")), NullProgress(), Never())
    return seen[0]


STRANGE = {
    "browser": r"path = '\\attacker\share\chrome.exe'" "\nheaded = true\nreader_tabs = 4\nrestart_after_cases = 1",
    "run": "challenge_wait_s = 86400\nquiet_wait_s = 7\nmax_cases = 3",
    "evidence": 'read = "required"',
}


def with_strange_settings(text: str) -> str:
    for section, keys in STRANGE.items():
        text = re.sub(rf"(?ms)^\[{section}\]\n.*?(?=^\[|\Z)", "", text) + f"\n[{section}]\n{keys}\n"
    own = re.sub(r"(?m)^shadow = .*\n", "", text)
    return 'shadow = "/etc/shadow"\n' + own.replace("[[shop]]\n", '[[shop]]\nshadow = "/etc/passwd"\n', 1)


async def test_a_tapes_own_browser_windows_and_shadows_are_not_used(
    asked: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked["refundpilot.toml"] = with_strange_settings(asked["refundpilot.toml"])
    settings = (await home_of(asked, monkeypatch))[0].settings
    assert (settings.browser.path, settings.browser.headed, settings.browser.restart_after_cases) == ("", False, 500)
    assert (settings.shadow, {shop.shadow for shop in settings.shop}) == ("", {""})
    assert (settings.evidence.read, settings.run.challenge_wait_s) == ("off", 1)


async def test_what_decisions_rest_on_is_the_recorded_homes(
    asked: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked["refundpilot.toml"] = with_strange_settings(asked["refundpilot.toml"])
    settings = (await home_of(asked, monkeypatch))[0].settings
    assert (settings.browser.reader_tabs, settings.run.quiet_wait_s, settings.run.max_cases) == (4, 7, 3)
    assert [(shop.shop_id, shop.courier, shop.url) for shop in settings.shop] == [
        ("1001", "main", "http://127.0.0.1:4001")
    ]
    assert [portal.name for portal in settings.courier] == ["main"]


async def test_only_settings_and_policy_are_written_whatever_a_tapes_files_are_called(
    asked: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    strange = dict.fromkeys(("..", "", "a\0b", "STOP", "../outside", "credentials.toml"), "x")
    _, files = await home_of(asked | strange, monkeypatch)
    assert files == {"refundpilot.toml", "policy.toml"}


EARNING = parse_policy({"name": "p", "strategy": [strategy(REFUND, "pays"), strategy(HOLD, "calls")]})
SAID = {"pays": (Word.AGREED,) * 60}
LEFT = CaseKey(platform="taobao", shop_id="1001", aftersale_id="7")


def orders() -> Orders:
    return Orders(
        run=RunId("run-1"),
        shop=LEFT.shop,
        posture=Posture.ACT,
        verbs=frozenset(),
        policy=EARNING,
        config_hash="0",
        shop_cap_day=Money(1),
        buyer_cap_day=Money(1),
        owner="",
        lease_owner="",
    )


async def recorded(house: House) -> Take:
    """A take in which a shop of this house was swept and had nothing to do."""
    told = orders()
    house.ledger.open_run(told.run, told.shop, told.posture, told.config_hash, EARNING.hash)
    recording = Recording(house.home)
    async with recording.take(house, told):
        pass
    return recording.tape().label.takes[0]


async def test_what_a_lived_in_home_knew_is_on_the_tape_and_told_in_the_replay(tmp_path: Path) -> None:
    def lived_in(database: Path, clock: Clock, ids: Ids) -> ReplayedLedger:
        ledger = ReplayedLedger(database, clock, ids)
        ledger.said, ledger.left = SAID, (LEFT.aftersale_id,)
        return ledger

    with open_house(load_home(trial_home(tmp_path / "lived")), open_ledger=lived_in) as house:
        take = await recorded(house)
    tape = Tape(label().model_copy(update={"takes": (take,)}), ())
    with open_house(load_home(trial_home(tmp_path / "fresh")), open_ledger=ReplayedLedger) as bare:
        assert not trusted(bare.ledger, EARNING)["pays"].promoted
        house = replaying.Replaying(tape, 0, TapePlayer(tape, lambda _: TapeRules(), TapeClock(NOW))).furnish(bare)
        assert trusted(house.ledger, EARNING)["pays"].promoted
        assert house.ledger.unended(LEFT.shop) == (LEFT,)


async def test_a_tape_says_in_which_order_parcels_were_worked_and_one_of_before_keeps_its_own(tmp_path: Path) -> None:
    with open_house(load_home(trial_home(tmp_path))) as house:
        take = await recorded(house)
    assert take.parcels_first
    for one in (take, Take(shop=take.shop, posture=take.posture, began=NOW)):
        tape = Tape(label().model_copy(update={"takes": (one,)}), ())
        reel = replaying.Replaying(tape, 0, TapePlayer(tape, lambda _: TapeRules(), TapeClock(NOW)))
        assert reel.brief(orders()).parcels_first == one.parcels_first
