"""Calling a person where the robot cannot: a ledger that cannot be used keeps nobody from being told, and only a channel's yes counts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

from bot.cli.callers import Caller
from bot.clock import SystemClock, SystemIds
from bot.config import HomeFiles
from bot.config.settings import Run
from bot.domain.decision import Reason
from bot.domain.ids import ShopKey
from bot.errors import LedgerError
from bot.ledger import SqlLedger
from bot.ports.notifier import Alarm, Urgency
from bot.service.deadman import look_at
from bot.service.heartbeat import heartbeat_file
from tests.unit.alerts.places import Platform, Request, platform_at
from tests.unit.app.test_calling import called_home
from tests.unit.config.homes import spoil, trial_home

GONE = Alarm(
    urgency=Urgency.CALL,
    shop=ShopKey(platform="*", shop_id="*"),
    reason=Reason(code="watch.gone", params={"home": "h", "minutes": "6", "phase": "sweeping", "shop": "", "pid": "1"}),
)


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    async with platform_at(SystemClock().now) as made:
        yield made


def logged(home: Path) -> list[str]:
    lines = (HomeFiles(home).logs / "alarms.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["reason"]["code"] for line in lines]


async def call(home: Path, alarm: Alarm = GONE, **more: bool) -> bool:
    """In a thread: a command has no loop, the platform's is here."""
    return await asyncio.to_thread(Caller(home, None).call, alarm, **more)


async def test_a_damaged_ledger_keeps_nobody_from_being_called_on_every_rung(
    tmp_path: Path, platform: Platform
) -> None:
    home = called_home(tmp_path, platform.url)
    HomeFiles(home).ledger.write_bytes(b"no database" * 500)
    assert await call(home)
    assert [request.path.split("/")[1] for request in platform.requests] == ["dingtalk", "feishu"]
    text = platform.requests[0].json["text"]["content"]
    assert "#" not in text
    assert "alarms ack" not in text
    assert logged(home) == ["watch.gone"]


async def test_what_is_no_call_goes_to_the_first_rung_alone(tmp_path: Path, platform: Platform) -> None:
    home = called_home(tmp_path, platform.url)
    HomeFiles(home).ledger.write_bytes(b"no database" * 500)
    over = Reason(code="watch.over", params={"home": "h", "minutes": "6"})
    assert await call(home, GONE.model_copy(update={"urgency": Urgency.WARN, "reason": over}))
    assert len(platform.requests) == 1


async def test_a_ledger_that_takes_no_alarm_as_on_a_full_disk_does_not_count_as_told(
    tmp_path: Path, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> bool:
        raise LedgerError("full", code="error.ledger.full")

    def refusing(_: Request) -> tuple[int, dict[str, str], bytes]:
        return 503, {}, b""

    monkeypatch.setattr(SqlLedger, "raise_alarm", full)
    platform.answer = refusing
    home = called_home(tmp_path, platform.url)
    assert not await call(home)
    assert not await call(home, again=True)
    platform.answer = lambda _: None
    assert await call(home, again=True)
    assert logged(home) == ["watch.gone"], "the log has it once, however often it is tried"


async def test_a_ledger_that_works_takes_the_call_and_climbs_with_it(tmp_path: Path, platform: Platform) -> None:
    home = called_home(tmp_path, platform.url)
    assert await call(home)
    assert platform.requests == []
    await asyncio.to_thread(Caller(home, None).send)
    assert len(platform.requests) == 1


async def test_a_call_that_is_over_rings_nobody_any_more(tmp_path: Path, platform: Platform) -> None:
    home = called_home(tmp_path, platform.url)
    assert await call(home)
    await asyncio.to_thread(Caller(home, None).passed, "watch.stuck", GONE.shop)
    await asyncio.to_thread(Caller(home, None).send)
    assert len(platform.requests) == 1, "another trouble is not over by that"
    await asyncio.to_thread(Caller(home, None).passed, "watch.gone", GONE.shop)
    with closing(SqlLedger(HomeFiles(home).ledger, SystemClock(), SystemIds())) as ledger:
        assert ledger.open_alarms() == ()
    assert await call(home)
    await asyncio.to_thread(Caller(home, None).send)
    with closing(SqlLedger(HomeFiles(home).ledger, SystemClock(), SystemIds())) as ledger:
        assert [one.number for one in ledger.open_alarms()] == [2], "when it comes back it is news"


async def test_the_end_of_each_silence_is_told_though_nobody_answered_the_last_one(
    tmp_path: Path, platform: Platform
) -> None:
    home, own = called_home(tmp_path, platform.url), psutil.Process()
    caller = Caller(home, None)

    def beat(at: datetime) -> None:
        told = {"at": at, "phase_since": at, "pid": own.pid, "phase": "sleeping"}
        heartbeat_file(home).write_text(json.dumps(told, default=datetime.isoformat), encoding="utf-8")

    def told() -> list[str]:
        with closing(SqlLedger(HomeFiles(home).ledger, SystemClock(), SystemIds())) as ledger:
            return [one.alarm.reason.code for one in ledger.open_alarms()]

    now, found = SystemClock().now(), []
    for minutes in (10, 0, 20, 0):
        beat(now - timedelta(minutes=minutes))
        await asyncio.to_thread(look_at, home, now, caller, Run())
        found.append(told())
    assert found == [["watch.silent"], ["watch.over"], ["watch.silent"], ["watch.over"]]


async def test_a_home_without_channels_has_the_log_and_that_counts(tmp_path: Path) -> None:
    home = trial_home(tmp_path)
    assert await call(home)
    assert logged(home) == ["watch.gone"]


async def test_settings_that_cannot_be_read_may_have_channels_so_the_call_is_still_to_be_made(tmp_path: Path) -> None:
    home = trial_home(tmp_path)
    spoil(home / "refundpilot.toml", "[browser]", "[browser")
    assert not await call(home)
    assert not await call(home, again=True)
    assert logged(home) == ["watch.gone"]
