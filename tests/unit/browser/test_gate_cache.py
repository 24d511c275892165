"""Behind the gate scripts stay in the HTTP cache, and documents and data are asked of the server each time."""

from __future__ import annotations

import pytest

from bot.browser.gate import Heads
from bot.tape.clock import TapeClock
from bot.tape.record import TapeRecorder
from tests.unit.browser.conftest import Bench
from tests.unit.browser.test_gate_record import LOADS
from tests.unit.engine.builders import NOW

OPENED = "opened"
ASKED = {
    "opened in another tab": OPENED,
    "shown in a frame": """() => new Promise(done => { const frame = document.createElement('iframe'); frame.src = '/case';
        frame.onload = () => done(frame.contentDocument.body.innerHTML); document.body.append(frame) })""",
    "fetched by a script": "() => fetch('/case').then(r => r.text())",
    "fetched by a script that would take any copy": "() => fetch('/case', {cache: 'force-cache'}).then(r => r.text())",
    "asked for by an old script": """() => new Promise(done => { const x = new XMLHttpRequest(); x.open('GET', '/case');
        x.onload = () => done(x.responseText); x.send() })""",
}


@pytest.mark.parametrize("way", ASKED.values(), ids=ASKED.keys())
async def test_a_case_is_asked_of_the_server_each_time_whatever_it_says_of_keeping_it(bench: Bench, way: str) -> None:
    """Two reads a quiet wait apart prove that a click came to nothing: two copies of one answer would not."""
    shown = [await _look(bench, way) for _ in range(2)]
    assert ["answer 1" in shown[0], "answer 2" in shown[1]] == [True, True]
    assert bench.shop.reached["GET /case"] == 2


async def test_a_case_is_asked_and_recorded_each_time_while_a_sweep_is_recorded(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = TapeRecorder(TapeClock(NOW))
    monkeypatch.setattr(bench.session.host.gate, "heads", Heads(recorder=recorder))
    shown = [await _look(bench, OPENED) for _ in range(2)]
    told = [one.said.body.decode() for one in recorder.entries() if one.said and one.asked.url.endswith("/case")]
    for answers in (shown, told):
        assert ["answer 1" in answers[0], "answer 2" in answers[1]] == [True, True]


async def _look(bench: Bench, way: str) -> str:
    page = await bench.session.new_tab()
    await page.goto(f"{bench.shop.url}/{'case' if way == OPENED else 'home'}")
    return await page.content() if way == OPENED else str(await page.evaluate(way))


async def test_the_same_tab_loaded_again_asks_again(bench: Bench) -> None:
    for _ in range(2):
        await bench.page.goto(f"{bench.shop.url}/case")
    assert bench.shop.reached["GET /case"] == 2


async def test_scripts_stay_in_the_http_cache(bench: Bench) -> None:
    for _ in range(2):
        page = await bench.session.new_tab()
        await page.goto(f"{bench.shop.url}/home")
        await page.evaluate(LOADS, ["/lasting.js"])
    assert bench.shop.reached["GET /lasting.js"] == 1
