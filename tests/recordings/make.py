"""Makes the shipped recordings anew from the simulator: `uv run python -m tests.recordings.make [NAME …]`.

The same simulator makes the same bytes. Pages are written, expectations are not, except where there is none yet: what a changed skin
changes is shown by `refundpilot page check` and taken by `refundpilot page accept`.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Page, async_playwright

from bot.browser.artifacts import html_of
from bot.browser.provision import provide
from bot.browser.read import read_page
from bot.browser.targets import load_targets
from bot.recordings import Meta, Offline, Recording, outcome_of, save
from bot.recordings.folder import ERROR, EXPECTED
from flows.registry import pages_of
from simulator.courier import build as build_courier
from simulator.skins import taobao
from simulator.world.accounts import Realm, Session
from simulator.world.service import World
from tests.recordings.shots import SHOTS, Shot
from tests.simulator.skins.conftest import served
from tests.simulator.skins.small_world import NoFaults, make_world

ROOT = Path(__file__).resolve().parents[2] / "recordings"
ORIGIN = "https://simulator.example"
"""Stands for the free port that the simulator was served at."""


async def make(names: Sequence[str], browser: Browser, root: Path = ROOT) -> None:
    """Write these recordings below `root`."""
    async with Offline.start(browser) as offline:
        for name in names:
            await _make(SHOTS[name], browser, offline, root / name)


async def _make(shot: Shot, browser: Browser, offline: Offline, folder: Path) -> None:
    made = make_world(**shot.world)
    shot.before(made)
    async with _opened(shot, made, browser) as page:
        if shot.act:
            await shot.act(page)
        if shot.planted:
            await page.evaluate(f"() => {{ {shot.planted} }}")
        html = await offline.stripped(await html_of(page))
        await _expect_alike(shot, page, html, offline)
    recording = Recording(folder, _meta(shot, made), html, None)
    if not any((folder / file).exists() for file in (EXPECTED, ERROR)):
        kind, targets = pages_of(shot.platform).kinds[shot.page], load_targets(shot.platform)
        recording = replace(recording, expected=await outcome_of(recording, kind, targets, offline))
    save(recording)
    print(f"{shot.name}: {len(html.encode())} bytes", file=sys.stderr)


async def _expect_alike(shot: Shot, page: Page, html: str, offline: Offline) -> None:
    """What was kept reads as the living page does, to the letter; a page in two frames is kept as one, so it cannot."""
    if len(page.frames) > 1:
        return
    async with offline.opened(html) as kept:
        living, read = [(await read_page(one)).model_copy(update={"url": ""}) for one in (page, kept)]
    assert read == living, f"{shot.name}: the kept page reads otherwise"


@asynccontextmanager
async def _opened(shot: Shot, world: World, browser: Browser) -> AsyncIterator[Page]:
    """The shot's page, signed in, as it stands once it has loaded."""
    theirs = shot.platform == "courier"
    app = build_courier(world, None) if theirs else taobao.build(world, NoFaults(set(shot.faults)), shot.seed)
    async with served(app) as url:
        context = await browser.new_context(
            locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1440, "height": 900}
        )
        try:
            await context.add_cookies(_cookies(shot, _sign_in(world, theirs=theirs), url))
            page = await context.new_page()
            answer = await page.goto(f"{url}{shot.path}", wait_until="load")
            assert answer is not None
            assert answer.ok, f"{shot.name}: {answer.status}"
            yield page
        finally:
            await context.close()


def _sign_in(world: World, *, theirs: bool) -> Session:
    if theirs:
        return world.sign_in("courier-ops", "secret-2", Realm.COURIER)
    return world.sign_in("shanye:ops", "secret-1")


def _cookies(shot: Shot, session: Session, url: str) -> list[Any]:
    name = "tx_sid" if session.realm is Realm.COURIER else "cookie2"
    seen = ("qn_guide_list", "qn_guide_detail") if shot.guided else ()
    return [
        {"name": key, "value": value, "url": url}
        for key, value in ((name, session.token), *((one, "1") for one in seen))
    ]


def _meta(shot: Shot, world: World) -> Meta:
    (shop,) = world.store.shops.values()
    whose = {} if shot.platform == "courier" else {"shop_id": shop.shop_id, "shop_name": shot.shop_name or shop.name}
    return Meta(
        platform=shot.platform,
        page=shot.page,
        url=f"{ORIGIN}{shot.path}",
        at=world.now().replace(microsecond=0),
        asked=shot.asked,
        note=shot.note,
        **whose,
    )


async def _main(names: Sequence[str]) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=str(provide().path))
        await make(names, browser)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1:] or list(SHOTS)))
