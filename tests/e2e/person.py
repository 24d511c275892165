"""A scripted person in front of the PC: is called, and passes sliders and SMS codes on the page that the robot left open (F21)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from playwright.async_api import Error as BrowserError
from playwright.async_api import Page

from bot.browser.launch import BrowserHost
from tests.conftest import Simulator
from tests.e2e.in_process import alarms

CHALLENGE: Final = "error.session.challenge"
PERSON_COMES_S: Final = 120.0


def called(home: Path) -> list[str]:
    """Cases (empty: the whole shop) for which a person was called because of a challenge."""
    return [one["case_id"] for one in alarms(home) if (one["urgency"], one["reason"]["code"]) == ("call", CHALLENGE)]


def called_at(home: Path) -> datetime:
    return datetime.fromisoformat(alarms(home)[0]["at"])


@dataclass
class Person:
    """Somebody in front of the PC: is called, sees the page that the robot left open, and nothing else of the robot."""

    host: BrowserHost
    shop: Simulator
    home: Path
    closed_at: list[datetime] = field(default_factory=list)

    async def sees_challenge(self) -> Page:
        """Once called: the page with the slider or the SMS form; when it is closed is noted."""
        async with asyncio.timeout(PERSON_COMES_S):
            while not (called(self.home) and len(self.windows()) == 1):  # noqa: ASYNC110 - eyes on a screen get no event
                await asyncio.sleep(0.05)
        (page,) = self.windows()
        page.once("close", lambda _: self.closed_at.append(datetime.now(UTC)))
        return page

    def was_waited_for(self, seconds: float) -> bool:
        """Whether the page stood open for that long after the call."""
        return (self.closed_at[0] - called_at(self.home)).total_seconds() >= seconds

    def windows(self) -> list[Page]:
        pages = (page for context in self.host.browser.contexts for page in context.pages)
        return [page for page in pages if "/login/verify" in page.url]

    async def passes(self, page: Page) -> None:
        """Drag the slider, or type the code that the shop's phone shows."""
        slider, code = page.get_by_role("slider"), page.get_by_label("短信验证码")
        await slider.or_(code).first.wait_for()
        if await slider.count():
            await self._drags(page)
        else:
            await page.get_by_role("button", name="发送验证码").click()
            await page.get_by_text("验证码已发送").wait_for()
            await code.fill(self.shop.get("phone")["sign_in"][-1]["code"])
            await page.get_by_role("button", name="确定").click()

    async def _drags(self, page: Page) -> None:
        box = await page.get_by_role("slider").bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        await page.mouse.move(x, y)
        await page.mouse.down()
        for way in (40, 110, 190, 280, 400):
            await page.mouse.move(x + way, y + 1)
        await page.mouse.up()


@asynccontextmanager
async def somebody_around(person: Person) -> AsyncIterator[None]:
    """While the block runs, whatever challenge is left open is passed."""

    async def watches() -> None:
        while True:
            for page in person.windows():
                # the robot may have closed it meanwhile, or no slider or no code is there yet: looked at again
                with suppress(BrowserError, IndexError, AssertionError):
                    await person.passes(page)
            await asyncio.sleep(0.2)

    watching = asyncio.create_task(watches())
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
