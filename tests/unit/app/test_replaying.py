"""Claims on the home that a replay makes of a tape: a stranger's settings start, show, read and write nothing on this PC."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.app import replaying
from bot.config import Home
from bot.ports.exits import ExitCode
from bot.ports.progress import NullProgress
from bot.ports.replays import ReplayOptions
from bot.ports.results import SweepResult
from bot.ports.wanted import Wanted
from bot.tape.tape import Take, Tape
from tests.e2e.in_process import Never
from tests.tapes.values import label
from tests.unit.config.homes import trial_home
from tests.unit.engine.builders import NOW


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
