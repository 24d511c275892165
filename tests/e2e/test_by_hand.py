"""Claims on a tape of a person's work: all of it is on it and no secret, and a replay tells where the robot would differ."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Page

from bot.app import by_hand
from bot.app.replayed import deeds
from bot.app.replaying import replay
from bot.browser.gate import Heads
from bot.browser.launch import BrowserHost
from bot.config import Home, load_home
from bot.domain.action import Verb
from bot.ports.progress import NullProgress
from bot.ports.replays import ReplayOptions
from bot.tape import pack
from tests.conftest import Simulator, StartSimulator
from tests.e2e.acceptance import make_home
from tests.e2e.in_process import Never, ours
from tests.tapes.test_canaries import found


async def window_of(host: BrowserHost, shop: Simulator) -> Page:
    """The one that opens for the person, once the robot has looked."""
    async with asyncio.timeout(120):
        while True:
            pages = [page for context in host.browser.contexts for page in context.pages]
            for page in pages:
                if (
                    "/login" in page.url
                    and await page.get_by_label("密码").input_value() == ""
                    and host.gate.heads.recorder
                ):
                    return page
            await asyncio.sleep(0.2)


async def works(page: Page, shop: Simulator, case: str) -> None:
    """A person signs in and agrees to one refund, guides in the way and all."""
    (said,) = (one for one in shop.said["shops"])
    await page.get_by_label("账号").fill(said["account"])
    await page.get_by_label("密码").fill(said["password"])
    await page.get_by_role("button", name="登录").click()
    await page.get_by_text("店铺：").first.wait_for()
    await page.goto(f"{shop.url}/trade-platform/refund-list/detail?disputeId={case}")
    guide = page.get_by_role("button", name="我知道了")
    if await guide.count():
        await guide.first.click()
    await (
        page.locator("section")
        .filter(has=page.get_by_role("heading", name="操作"))
        .get_by_role("button", name="同意退款", exact=True)
        .click()
    )
    notice = page.get_by_role("dialog").filter(has_not_text=case).get_by_role("button")
    if await notice.count():  # the other dialog with the same words
        await notice.last.click()
    dialog = page.get_by_role("dialog", name="同意退款").filter(has_text=case)
    async with page.expect_response("**/h5api/dispute/agree"):
        await dialog.get_by_role("button", name="同意退款", exact=True).click()


async def test_what_a_person_does_is_taped_and_held_against_the_robot(
    simulator: StartSimulator, tmp_path: Path, host: BrowserHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = simulator(scenario="mixed", seed=211, cases=10)
    home = make_home(shop, tmp_path / "home", quiet_wait_s=1, pictures=False)
    held = next(
        case["aftersale_id"] for case in shop.get("cases") if case["label"] == ["hold"] and "unshipped" in case["type"]
    )
    opened = asyncio.Event()

    @asynccontextmanager
    async def lent(home: Home, urls: Iterable[str], tell: object, heads: Heads) -> AsyncIterator[BrowserHost]:
        opened.set()
        host.gate.heads = heads
        try:
            yield host
        finally:
            host.gate.heads = Heads()

    monkeypatch.setattr(by_hand, "browser_of", lent)
    tape = tmp_path / "hand.tar.xz"
    recording = asyncio.create_task(by_hand.record_by_hand(load_home(home), None, NullProgress(), Never(), tape))
    await opened.wait()
    page = await window_of(host, shop)
    await works(page, shop, held)
    await page.close()
    result = await recording
    assert [effect["aftersale_id"] for effect in ours(shop)] == [held]
    assert result.requests > 0
    assert deeds(pack.read(tape), 1) == {held: Verb.AGREE_REFUND}
    assert found(tape, [shop.said["shops"][0]["password"]]) == []
    again = await replay(ReplayOptions(tape=tape), NullProgress(), Never())
    assert again.differences == ()
    assert [(flip.case, flip.was, flip.now) for flip in again.flips] == [(held, Verb.AGREE_REFUND, Verb.HOLD)]
