"""Nothing gets round the gate: every way a page knows to send, tried without a permit, counted at the server."""

from __future__ import annotations

import asyncio

import pytest

from bot.browser.guard import Kind, Why
from tests.unit.browser.conftest import AMOUNT, CASE, Bench, OpenBench

POST = "{method: 'POST', body: '{}', keepalive: true}"
FRAME = "const i = document.createElement('iframe'); document.body.append(i); const w = i.contentWindow;"

STAYING = {
    "fetch": f"() => {{ fetch('/agree', {POST}).catch(() => 0) }}",
    "put": "() => { fetch('/agree', {method: 'PUT', body: '{}'}).catch(() => 0) }",
    "xhr": "() => { const x = new XMLHttpRequest(); x.open('POST', '/agree'); x.send('{}') }",
    "synchronous xhr": "() => { const x = new XMLHttpRequest(); x.open('POST', '/agree', false); try { x.send('{}') } catch {} }",
    "beacon": "() => { navigator.sendBeacon('/agree', '{}') }",
    "blob body": "() => { fetch('/agree', {method: 'POST', body: new Blob(['{}'])}).catch(() => 0) }",
    "stream body": "() => { fetch('/agree', {method: 'POST', duplex: 'half', body: new Blob(['{}']).stream()}).catch(() => 0) }",
    "file body": "() => { const f = new FormData(); f.append('file', new File(['{}'], 'a.json')); fetch('/agree', {method: 'POST', body: f}).catch(() => 0) }",
    "fresh frame": f"() => {{ {FRAME} w.fetch('/agree', {POST}).catch(() => 0) }}",
    "removed frame": f"() => {{ {FRAME} w.fetch('/agree', {POST}).catch(() => 0); w.navigator.sendBeacon('/agree', '{{}}'); i.remove() }}",
    "frame from text": f"() => {{ const i = document.createElement('iframe'); i.srcdoc = `<script>fetch('/agree', {POST})</script>`; document.body.append(i) }}",
    "worker": "() => { new Worker('/worker.js') }",
    "worker from text": "() => { new Worker(URL.createObjectURL(new Blob([`fetch('${location.origin}/agree', {method: 'POST'})`]))) }",
    "shared worker": "() => { new SharedWorker('/shared.js').port.start() }",
    "closed popup": "() => { const w = open('about:blank'); w.navigator.sendBeacon('/agree', '{}'); w.close() }",
    "form in a popup": "() => { document.body.innerHTML = '<form method=post target=_blank rel=noopener action=/agree></form>'; document.forms[0].submit() }",
    "redirected": "() => { fetch('/hop', {method: 'POST', body: '{}'}).catch(() => 0) }",
    "redirected form": "() => { document.body.innerHTML = '<form method=post action=/hop></form>'; document.forms[0].submit() }",
    "link ping": "() => { document.body.innerHTML = '<a href=/elsewhere ping=/agree>x</a>'; document.querySelector('a').click() }",
    "unlisted": "() => { fetch('/nobody-knows', {method: 'POST', body: '{}'}).catch(() => 0) }",
    "lookalike path": "() => { fetch('/x/..//agree', {method: 'POST', body: '{}'}).catch(() => 0) }",
    "encoded path": "() => { fetch('/%61gree', {method: 'POST', body: '{}'}).catch(() => 0) }",
    "asset path": "() => { fetch('/agree.js', {method: 'POST', body: '{}'}).catch(() => 0) }",
}
LEAVING = {
    "beacon on page hide": "() => { addEventListener('pagehide', () => navigator.sendBeacon('/agree', '{}')) }",
    "keepalive on page hide": f"() => {{ addEventListener('pagehide', () => fetch('/agree', {POST})) }}",
    "later": "() => { fetchLater('/agree', {method: 'POST', body: '{}'}) }",
    "frame on page hide": f"() => {{ {FRAME} w.addEventListener('pagehide', () => w.navigator.sendBeacon('/agree', '{{}}')) }}",
}


@pytest.mark.parametrize("script", STAYING.values(), ids=STAYING.keys())
async def test_no_way_of_sending_gets_past_the_gate(bench: Bench, script: str) -> None:
    before = len(bench.guard.refusals)
    await bench.page.evaluate(script)
    await _refused(bench, before)
    assert set(bench.shop.mutations) <= {"POST /hop"}


@pytest.mark.parametrize("script", LEAVING.values(), ids=LEAVING.keys())
@pytest.mark.parametrize("way", ["navigate", "close", "renew"])
async def test_what_a_page_sends_as_it_goes_is_stopped(bench: Bench, script: str, way: str) -> None:
    await bench.page.evaluate(script)
    if way == "navigate":
        await bench.page.goto(f"{bench.shop.url}/next")
    elif way == "close":
        await bench.page.close()
    else:
        await bench.session.renew()
    await bench.settle()
    assert bench.shop.mutations == {}


async def test_a_service_worker_cannot_even_be_registered(bench: Bench) -> None:
    await bench.page.evaluate("() => navigator.serviceWorker?.register('/service.js').catch(() => 0)")
    await bench.settle()
    assert bench.shop.mutations == {}
    assert bench.shop.reached["GET /service.js"] == 0


async def test_foreign_hosts_are_refused_and_counted(bench: Bench) -> None:
    await bench.page.evaluate(
        """async () => { for (let i = 0; i < 20; i++) {
             await fetch(`https://foreign-${i}.example/x`, {mode: 'no-cors'}).catch(() => 0)
             document.body.append(Object.assign(new Image(), {src: `http://image-${i}.example/x.png`})) } }"""
    )
    await bench.settle()
    assert bench.guard.counts["refused.foreign"] == 40
    assert not bench.guard.alarms


async def test_a_redirect_to_a_foreign_host_is_refused(bench: Bench) -> None:
    with pytest.raises(Exception, match="BLOCKED_BY_CLIENT"):
        await bench.page.goto(f"{bench.shop.url}/away")
    assert [refusal.origin for refusal in bench.guard.refusals] == ["http://evil.example"]


async def test_another_port_of_an_allowed_host_is_foreign(bench: Bench) -> None:
    assert (
        await bench.page.evaluate("() => fetch('http://127.0.0.1:9/x', {mode: 'no-cors'}).catch(e => e.name)")
        == "TypeError"
    )
    assert [refusal.why for refusal in bench.guard.refusals] == [Why.FOREIGN]


async def test_listed_reads_and_noise_pass(bench: Bench) -> None:
    assert [await bench.post("/list"), await bench.post("/telemetry")] == ["200", "200"]
    assert bench.guard.counts["passed.read"] == 1
    assert bench.shop.mutations == {"POST /list": 1, "POST /telemetry": 1}


async def test_uploads_pass_only_for_their_case_and_their_count(bench: Bench) -> None:
    path = f"/upload?id={CASE.aftersale_id}"
    assert await bench.post(path) == "TypeError"
    with bench.guard.admit_uploads(CASE, 2) as window:
        answers = [await bench.post("/upload?id=70002"), *[await bench.post(path) for _ in range(3)]]
    assert answers == ["TypeError", "200", "200", "TypeError"]
    assert window.passed == 2
    assert [refusal.why for refusal in window.refusals] == [Why.WRONG_CASE, Why.SPENT]
    assert await bench.post(path) == "TypeError"
    assert {alarm.kind for alarm in bench.guard.alarms} == {Kind.UPLOAD}
    assert bench.shop.mutations == {"POST /upload": 2}


async def test_sockets_are_closed_unless_listed(open_bench: OpenBench) -> None:
    """The server speaks no WebSocket: a handshake that reaches it counts as a GET."""
    script = "url => new Promise(done => { const s = new WebSocket(url); s.onclose = () => done('closed') })"
    shut = await open_bench()
    address = shut.shop.url.replace("http", "ws") + "/ws"
    for url in (address, "wss://foreign.example/ws"):
        assert await shut.page.evaluate(script, url) == "closed"
    assert shut.shop.reached["GET /ws"] == 0
    assert [refusal.why for refusal in shut.guard.refusals] == [Why.UNLISTED, Why.UNLISTED]
    listed = await open_bench(sockets=(address,))
    await listed.page.evaluate(script, address)
    assert listed.shop.reached["GET /ws"] == 1


async def test_a_context_without_a_guard_reaches_nothing(bench: Bench) -> None:
    context = await bench.session.host.browser.new_context()
    page = await context.new_page()
    await page.set_content("<h1>nobody</h1>")
    with bench.guard.admit(bench.permit()) as admission:
        sent = await page.evaluate(
            "([url, body]) => fetch(url, {method: 'POST', mode: 'no-cors', body}).then(() => 'sent', e => e.name)",
            [f"{bench.shop.url}/agree", f'{{"id": "{CASE.aftersale_id}", "amount": {AMOUNT.fen}}}'],
        )
    await context.close()
    assert sent == "TypeError"
    assert not admission.sent
    assert bench.shop.mutations == {}


async def _refused(bench: Bench, before: int) -> None:
    """Wait until the guard refused something, then until the browser is at rest."""
    async with asyncio.timeout(30):
        while len(bench.guard.refusals) <= before:
            await bench.page.wait_for_timeout(10)
    await bench.settle()
