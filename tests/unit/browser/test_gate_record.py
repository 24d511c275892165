"""A recorder beside the gate is told everything, whole, and what never changes is not drawn from the browser again and again."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import CDPSession

from bot.browser import gate as gates
from bot.browser.gate import Heads
from bot.tape.clock import TapeClock
from bot.tape.record import TapeRecorder
from tests.unit.browser.conftest import SCRIPTS, Bench
from tests.unit.engine.builders import NOW

LOADS = """async names => { for (const name of names) await new Promise((done, failed) => document.head.append(
    Object.assign(document.createElement('script'), {src: name, onload: done, onerror: failed}))) }"""


async def test_a_script_that_never_changes_is_recorded_whole_at_each_load_and_fetched_once(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, recorder, fetched = bench.session.host.gate, TapeRecorder(TapeClock(NOW)), []
    monkeypatch.setattr(gate, "heads", Heads(recorder=recorder))
    send = CDPSession.send

    async def counted(session: CDPSession, method: str, params: dict[str, object] | None = None) -> object:
        fetched.append(method)
        return await send(session, method, params)

    monkeypatch.setattr(CDPSession, "send", counted)
    for name in ("/lasting.js", "/lasting.js", "/worker.js"):
        page = await bench.session.new_tab()
        await page.goto(f"{bench.shop.url}/home")
        await page.evaluate(LOADS, [name])
    await gate.quiet()
    told = [
        (entry.asked.url.removeprefix(bench.shop.url), entry.said.body.decode())
        for entry in recorder.entries()
        if entry.said
    ]
    scripts = [one for one in told if one[0].endswith(".js")]
    assert scripts == [(name, SCRIPTS[name]) for name in ("/lasting.js", "/lasting.js", "/worker.js")]
    assert len(told) - fetched.count("Fetch.getResponseBody") == 1


async def test_the_answer_to_a_write_is_read_each_time_whatever_its_headers_say(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, send = [], CDPSession.send

    async def counted(session: CDPSession, method: str, params: dict[str, object] | None = None) -> object:
        read.append(method)
        return await send(session, method, params)

    monkeypatch.setattr(CDPSession, "send", counted)
    for _ in range(2):
        with bench.guard.admit(bench.permit()) as admission:
            assert await bench.post() == "200"
            answer = await admission.answer(5)
        assert answer is not None
        assert answer.body == {"ok": True}
    assert read.count("Fetch.getResponseBody") == 2


async def test_what_nobody_waited_for_is_recorded_as_broken_off_where_it_was_asked(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tab is closed while pictures of its page are still on their way: a replay, which is quicker, asks for them as well."""
    recorder = TapeRecorder(TapeClock(NOW))
    monkeypatch.setattr(bench.session.host.gate, "heads", Heads(recorder=recorder))
    await bench.page.evaluate("fetch('/first')")
    late = await bench.session.new_tab()
    await late.goto(f"{bench.shop.url}/home")
    bench.shop.late.clear()
    try:
        async with late.expect_request("**/late"):
            await late.evaluate("() => { fetch('/late').catch(() => 0) }")
        await bench.page.evaluate("fetch('/second')")
        await late.close()
        await bench.session.renew()
    finally:
        bench.shop.late.set()
    told = [(entry.asked.url.rpartition("/")[2], entry.said is not None) for entry in recorder.entries()]
    assert told == [("first", True), ("home", True), ("late", False), ("second", True)]


@pytest.mark.parametrize("never", ["Fetch.getResponseBody", "Fetch.continueRequest"])
async def test_what_the_browser_never_answers_holds_no_sweep_for_ever(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, never: str
) -> None:
    recorder, send, asked = TapeRecorder(TapeClock(NOW)), CDPSession.send, asyncio.Event()
    monkeypatch.setattr(bench.session.host.gate, "heads", Heads(recorder=recorder))
    monkeypatch.setattr(gates, "_BODY_S", 0.2)
    monkeypatch.setattr(gates, "_QUIET_S", 0.5)

    async def forgetful(session: CDPSession, method: str, params: dict[str, object] | None = None) -> object:
        if method != never:
            return await send(session, method, params)
        asked.set()
        return await asyncio.Future()

    monkeypatch.setattr(CDPSession, "send", forgetful)
    page = await bench.session.new_tab()
    opening = asyncio.ensure_future(page.goto(f"{bench.shop.url}/home"))
    await asyncio.wait_for(asked.wait(), 20)
    await asyncio.wait_for(bench.session.renew(), 20)
    await asyncio.gather(opening, return_exceptions=True)
    assert [entry.said for entry in recorder.entries()] == [None]
