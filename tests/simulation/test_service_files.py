"""Claims on the home's files under a running service: what changed is taken when it may be, what is broken is told once and changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot.app.service import reload
from bot.config import BadConfig, load_home
from bot.config.rhythm import Every
from bot.errors import SignInRefused
from bot.ports.wanted import Wanted
from tests.simulation.left_running import (
    FakeSweeps,
    SteppedClock,
    alarms,
    change_schedule,
    every,
    hands,
    left_running,
    make_home,
    spin,
    without_browser,
)
from tests.simulation.model_world import START
from tests.unit.config.homes import spoil


async def test_a_refused_account_may_be_tried_again_once_somebody_changed_settings_or_passwords(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", schedule=every("15m")), SteppedClock()
    sweeps = FakeSweeps(clock)
    with left_running(home, clock, hands(sweeps)) as left:
        without_browser(left.service)
        left.host.refused["portal"] = SignInRefused("no")
        async with left.running():
            await spin(lambda: len(sweeps.swept) == 2)
            assert left.host.refused
            spoil(home / "credentials.toml", "canary-courier", "another")
            await spin(lambda: not left.host.refused)


async def inline(call: Callable[..., object], *args: object, **options: object) -> object:
    """In the place of a thread, which would take turns of the loop, and with them the clock's time."""
    return call(*args, **options)


async def test_changed_settings_are_taken_and_broken_ones_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reload, "asyncio", SimpleNamespace(to_thread=inline, Lock=asyncio.Lock))
    home, clock = make_home(tmp_path / "home", schedule=every("15m")), SteppedClock()
    sweeps = FakeSweeps(clock)
    with left_running(home, clock, hands(sweeps)) as left:
        without_browser(left.service)
        async with left.running():
            await spin(lambda: len(sweeps.swept) == 1)
            change_schedule(home, "sweep = 5\n")
            await spin(lambda: "settings.broken" in alarms(home))
            await spin(lambda: len(sweeps.swept) == 2)
            assert sweeps.times[1] % 900 < 2, "the last good ones hold"
            change_schedule(home, every("3m"))
            await spin(lambda: "settings.changed" in alarms(home))
            changed = clock.monotonic()
            await spin(lambda: len(sweeps.swept) == 3)
    assert sweeps.times[2] - changed <= 181
    assert alarms(home) == ["settings.broken", "settings.changed"]


@pytest.mark.parametrize("whole", [True, False])
async def test_calls_and_times_count_while_a_sweep_goes_on_and_the_rest_when_it_is_over(
    tmp_path: Path, *, whole: bool
) -> None:
    home, clock, over = make_home(tmp_path / "home", schedule=every("15m")), SteppedClock(), asyncio.Event()

    async def long(_: Wanted) -> None:
        await over.wait()

    sweeps = FakeSweeps(clock, before=long)
    with left_running(home, clock, hands(sweeps)) as left:
        without_browser(left.service)
        async with left.running():
            await spin(lambda: sweeps.at_once == 1)
            told = '[[channel]]\nname = "desk"\nkind = "dingtalk"\n\n# ---- shops ----'
            change_schedule(home, every("7m") + ("" if whole else "recheck_minutes = 0.5\n"))
            spoil(home / "refundpilot.toml", "max_cases = 0", "max_cases = 9")
            spoil(home / "refundpilot.toml", "# ---- shops ----", told)
            secrets = home / "credentials.toml"
            token = '\n[channel."desk"]\ntoken = "canary-token"\nsecret = "SECcanary"\n'
            secrets.write_text(secrets.read_text(encoding="utf-8") + token, encoding="utf-8")
            await spin(lambda: ("settings.changed" if whole else "settings.broken") in alarms(home))
            before = clock.monotonic()
            await spin(lambda: clock.monotonic() > before + 5)
            during = left.service.house
            assert sweeps.at_once == 1
            assert (during.notifier.speaks, during.home.settings.run.max_cases) == (whole, 0)
            assert during.home.settings.schedule.sweep == Every(420 if whole else 900)
            assert (left.service.next_runs[0].at - START <= timedelta(minutes=14)) is whole
            over.set()
            await spin(lambda: not sweeps.at_once)
            ended = clock.monotonic()
            await spin(lambda: clock.monotonic() > ended + 5)
            assert left.service.house.home.settings.run.max_cases == (9 if whole else 0)


async def test_service_starts_by_the_last_good_settings_and_says_so(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", schedule=every("5m")), SteppedClock()
    with left_running(home, clock, hands(FakeSweeps(clock))) as left:
        await left.run(until_idle=True)
    change_schedule(home, "sweep = 5\n")
    with left_running(home, clock, hands(FakeSweeps(clock))) as left:
        assert left.house.home.settings.schedule.sweep == Every(300)
        await left.run(until_idle=True)
    assert alarms(home) == ["settings.broken"]
    spoil(home / "refundpilot.last-good.toml", 'sweep = "5m"', 'sweep = "1m"')
    with pytest.raises(BadConfig):
        load_home(home, last_good_policy=True, last_good_settings=True)


async def test_settings_that_could_not_be_opened_are_looked_at_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Windows an editor may hold the file; its date does not change when it lets go."""
    home, clock = make_home(tmp_path / "home", schedule=every("5m")), SteppedClock()
    held: list[bool] = []
    real = Path.read_text

    def read(path: Path, *args: str, **more: str) -> str:
        if path.name == "refundpilot.toml" and not held:
            held.append(True)
            raise PermissionError(13, "in use")
        return real(path, *args, **more)

    with left_running(home, clock, hands(FakeSweeps(clock))) as left:
        without_browser(left.service)
        monkeypatch.setattr(Path, "read_text", read)
        change_schedule_quietly(home, every("2m"))
        async with left.running():
            await spin(lambda: "settings.changed" in alarms(home))
    assert alarms(home) == ["settings.broken", "settings.changed"]


def change_schedule_quietly(home: Path, schedule: str) -> None:
    """By bytes: `read_text` is what the test watches."""
    file = home / "refundpilot.toml"
    text = file.read_bytes().decode().replace(every("5m"), schedule)
    file.write_bytes(text.encode())
