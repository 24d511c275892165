"""A session is isolated, keeps its sign-in when renewed, and puts up with nothing that nobody asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext
from playwright.async_api import Error as PlaywrightError

from bot.browser.find import FoundBrowser
from bot.browser.guard import Guard, Mode
from bot.browser.launch import BrowserHost, LaunchOptions
from bot.browser.nuisances import Incident, Nuisance
from bot.browser.session import BrowserSession
from bot.clock import SystemClock
from bot.errors import PageError
from tests.unit.browser.conftest import Bench, CountingShop, HandClock, OpenBench, rules_for


async def test_renewing_keeps_the_sign_in_and_the_guard(bench: Bench) -> None:
    await bench.page.evaluate("() => { document.cookie = 'sid=42; path=/'; localStorage.shop = 'a' }")
    await bench.session.renew()
    assert bench.page.is_closed()
    page = await bench.session.new_tab()
    await page.goto(f"{bench.shop.url}/home")
    assert await page.evaluate("() => document.cookie + ' ' + localStorage.shop") == "sid=42 a"
    assert await bench.post(page=page) == "TypeError"
    assert len(bench.guard.alarms) == 1


BROKEN = {
    "it gives none": (Browser, "new_context"),
    "it gives half of one": (BrowserContext, "route_web_socket"),
}


@pytest.mark.parametrize(("kind", "call"), BROKEN.values(), ids=BROKEN.keys())
async def test_a_context_that_could_not_begin_is_page_trouble_and_the_next_tab_begins_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, kind: type[object], call: str
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise PlaywrightError("Target page, context or browser has been closed")

    await bench.page.evaluate("() => { document.cookie = 'sid=42; path=/' }")
    before = len(bench.session.host.browser.contexts)
    with monkeypatch.context() as patch:
        patch.setattr(kind, call, broken)
        await bench.session.renew()
        assert bench.page.is_closed(), "whatever the old context still meant to do died with it"
        with pytest.raises(PageError):
            await bench.session.new_tab()
        with pytest.raises(PageError):
            await BrowserSession.open(bench.session.host, bench.guard)
        await bench.session.remember()
    page = await bench.session.new_tab()
    await page.goto(f"{bench.shop.url}/home")
    assert await page.evaluate("() => document.cookie") == "sid=42"
    assert await bench.post(page=page) == "TypeError", "guarded as ever"
    assert len(bench.session.host.browser.contexts) == before, "half a context is not left behind"


async def test_a_closed_session_opens_no_tab_any_more(open_bench: OpenBench) -> None:
    bench = await open_bench()
    await bench.session.close()
    with pytest.raises(RuntimeError, match="closed"):
        await bench.session.new_tab()


async def test_sessions_do_not_share_a_sign_in(open_bench: OpenBench) -> None:
    one, other = await open_bench(), await open_bench()
    await one.page.evaluate("() => { document.cookie = 'sid=42; path=/' }")
    assert await other.page.evaluate("() => document.cookie") == ""


async def test_the_page_lives_in_shanghai_and_speaks_chinese(bench: Bench) -> None:
    said = await bench.page.evaluate("() => [new Date(0).getHours(), navigator.language, 'serviceWorker' in navigator]")
    assert said[:2] == [8, "zh-CN"]


async def test_popups_are_closed_and_recorded(bench: Bench) -> None:
    await bench.page.evaluate("() => { open('/survey?token=secret') }")
    incident = await bench.incidents.get()
    assert incident.kind is Nuisance.POPUP
    assert "secret" not in incident.page
    await asyncio.gather(*bench.session._nuisances.chores)
    assert bench.session.page_count == 1
    assert not bench.page.is_closed()


async def test_our_own_tabs_are_no_popups(bench: Bench) -> None:
    await asyncio.gather(*(bench.session.new_tab() for _ in range(4)))
    await bench.settle()
    assert bench.session.page_count == 5
    assert bench.incidents.empty()


async def test_tab_that_nobody_waits_for_any_more_is_closed_and_is_no_popup(bench: Bench) -> None:
    """A sweep that ends cancels its readers, some of them in the middle of opening a tab."""
    for pauses in range(6):
        opening = asyncio.create_task(bench.session.new_tab())
        for _ in range(pauses):
            await asyncio.sleep(0)
        opening.cancel()
        await asyncio.wait([opening])
    await bench.settle()
    await asyncio.gather(*bench.session._nuisances.chores)
    assert bench.incidents.empty()
    assert bench.session.page_count == 1


async def test_native_dialogs_are_dismissed_and_recorded(bench: Bench) -> None:
    assert await bench.page.evaluate("() => confirm('确认退款 ¥129.00？')") is False
    assert await bench.incidents.get() == Incident(
        Nuisance.DIALOG, f"{bench.shop.url}/home", "confirm: 确认退款 ¥129.00？"
    )


async def test_a_page_that_asks_whether_to_leave_does_not_hold_us(bench: Bench) -> None:
    await bench.page.set_content("<button>x</button>")
    await bench.page.evaluate(
        "() => { addEventListener('beforeunload', e => { e.preventDefault(); e.returnValue = 'x' }) }"
    )
    await bench.page.get_by_role("button").click()
    await bench.page.goto(f"{bench.shop.url}/next")
    assert bench.page.url.endswith("/next")
    assert bench.incidents.empty(), "we go where we decided to go"


async def test_a_crashed_page_is_noted_and_a_renewed_session_works(bench: Bench) -> None:
    cdp = await bench.session.context.new_cdp_session(bench.page)
    crash = asyncio.ensure_future(cdp.send("Page.crash"))
    assert (await bench.incidents.get()).kind is Nuisance.CRASH
    crash.cancel()
    await bench.session.renew()
    page = await bench.session.new_tab()
    assert (await page.goto(f"{bench.shop.url}/home")) is not None


async def test_a_listener_hears_of_incidents(host: BrowserHost, bench: Bench) -> None:
    heard: list[Incident] = []
    guard = Guard(rules_for(bench.shop.url), HandClock(), Mode.ACT)
    async with await BrowserSession.open(host, guard, on_incident=heard.append) as session:
        page = await session.new_tab()
        await page.evaluate("() => alert('您好')")
    assert [incident.text for incident in heard] == ["alert: 您好"]


@pytest_asyncio.fixture(loop_scope="session")
async def own_bench(
    browser_binary: FoundBrowser, shop: CountingShop
) -> AsyncIterator[tuple[BrowserSession, BrowserHost]]:
    """A session in a browser of its own, signed in, which the test may kill."""
    host = await BrowserHost.start(LaunchOptions(browser_binary.path, frozenset({"127.0.0.1"})))
    session = await BrowserSession.open(host, Guard(rules_for(shop.url), HandClock(), Mode.ACT))
    page = await session.new_tab()
    await page.goto(f"{shop.url}/home")
    await page.evaluate("() => { document.cookie = 'sid=42; path=/'; localStorage.shop = 'a' }")
    await session.remember()
    yield session, host
    await session.close()
    await host.close()


SIGN_IN = "() => document.cookie + ' ' + localStorage.shop"


async def test_a_session_outlives_its_browser(
    own_bench: tuple[BrowserSession, BrowserHost], shop: CountingShop
) -> None:
    """F7, F9: browser and driver are killed; the next tab stands in a fresh one, signed in and guarded."""
    session, host = own_bench
    host.kill()
    page = await session.new_tab()
    await page.goto(f"{shop.url}/home")
    assert await page.evaluate(SIGN_IN) == "sid=42 a"
    assert await page.evaluate("() => fetch('/agree', {method: 'POST', body: '{}'}).catch(e => e.name)") == "TypeError"
    assert shop.mutations == {}
    assert host.generation == 2


async def test_a_worn_browser_is_started_afresh_when_a_session_is_renewed(
    own_bench: tuple[BrowserSession, BrowserHost], shop: CountingShop
) -> None:
    session, host = own_bench
    other = await BrowserSession.open(host, Guard(rules_for(shop.url), HandClock(), Mode.READ_ONLY))
    neighbour = await other.new_tab()
    await neighbour.goto(f"{shop.url}/home")
    await neighbour.evaluate("() => { document.cookie = 'sid=77; path=/' }")
    host.cases = host.limits.cases
    await session.renew()
    assert not host.worn
    for living, cookie in ((session, "sid=42"), (other, "sid=77")):
        page = await living.new_tab()
        await page.goto(f"{shop.url}/home")
        assert await page.evaluate("() => document.cookie") == cookie
    await other.close()
    assert host.generation == 2
    assert not host.gate.strangers


async def test_no_browser_is_started_afresh_while_a_page_in_it_waits_for_a_person(
    own_bench: tuple[BrowserSession, BrowserHost],
) -> None:
    session, host = own_bench
    other = await BrowserSession.open(host, Guard(rules_for("http://127.0.0.1:1"), HandClock(), Mode.READ_ONLY))
    waits = await other.new_tab()
    host.cases, host.attended = host.limits.cases, True
    await session.renew()
    assert (host.generation, waits.is_closed()) == (1, False)
    host.attended = False
    assert host.worn
    await other.close()


async def test_sign_in_is_kept_by_name_only_where_the_host_wants_it(
    own_bench: tuple[BrowserSession, BrowserHost], shop: CountingShop
) -> None:
    """A service does not sign in anew for every sweep, and no account gets another's sign-in."""
    _, host = own_bench

    async def cookie(name: str, sign_in: str = "") -> str:
        guard = Guard(rules_for(shop.url), HandClock(), Mode.READ_ONLY)
        async with await BrowserSession.open(host, guard, name=name) as session:
            page = await session.new_tab()
            await page.goto(f"{shop.url}/home")
            if sign_in:
                await page.evaluate("one => { document.cookie = one }", f"{sign_in}; path=/")
            return str(await page.evaluate("() => document.cookie"))

    assert await cookie("a", "sid=7") == "sid=7"
    assert await cookie("a") == "", "nothing is kept unless somebody wants it"
    host.kept = {}
    await cookie("a", "sid=8")
    await cookie("", "sid=9")
    assert [await cookie(name) for name in ("a", "b", "")] == ["sid=8", "", ""]
    host.signed_in["a"] = SystemClock().now()
    host.forget("a")
    assert (await cookie("a"), host.signed_in) == ("", {}), "what is forgotten is of no use to anybody"
