"""The first Ctrl-C finishes the case in hand, the second leaves at once, the third even a clean-up that hangs."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from bot.cli import interrupt
from bot.cli.interrupt import Interrupted, run
from bot.ports.exits import ExitCode
from bot.ports.progress import StopSignal


def press() -> None:
    signal.raise_signal(signal.SIGINT)


async def until(stop: StopSignal) -> None:
    while not stop.is_set():  # noqa: ASYNC110  # the port offers no more than a question
        await asyncio.sleep(0)


def test_first_press_lets_the_work_finish() -> None:
    heard: list[str] = []

    async def work(stop: StopSignal) -> str:
        press()
        await until(stop)
        return "settled"

    assert run(work, lambda: heard.append("heard")) == "settled"
    assert heard == ["heard"]


def test_second_press_leaves_at_once_and_cleans_up() -> None:
    cleaned: list[str] = []

    async def work(stop: StopSignal) -> None:
        try:
            press()
            await until(stop)
            press()
            await asyncio.Event().wait()
        finally:
            cleaned.append("closed")

    with pytest.raises(Interrupted):
        run(work, lambda: None)
    assert cleaned == ["closed"]


def test_third_press_ends_a_clean_up_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    left: list[int] = []
    monkeypatch.setattr(interrupt.os, "_exit", left.append)

    async def work(stop: StopSignal) -> None:
        for _ in range(3):
            press()
        await asyncio.sleep(0)

    with pytest.raises(Interrupted):
        run(work, lambda: None)
    assert left == [ExitCode.INTERRUPTED]


def test_work_that_cancels_itself_is_no_interrupt() -> None:
    async def work(_: StopSignal) -> None:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        run(work, lambda: None)


def test_handlers_are_given_back() -> None:
    before = signal.getsignal(signal.SIGTERM)

    async def work(_: StopSignal) -> None:
        assert signal.getsignal(signal.SIGTERM) is not before

    run(work, lambda: None)
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.skipif(not hasattr(signal, "SIGTERM") or os.name == "nt", reason="Windows delivers no SIGTERM")
def test_service_manager_is_heard_like_ctrl_c() -> None:
    async def work(stop: StopSignal) -> str:
        signal.raise_signal(signal.SIGTERM)
        await until(stop)
        return "settled"

    assert run(work, lambda: None) == "settled"
