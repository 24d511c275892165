"""A page out of a file in a real browser that reaches nothing: no network, no scripts, no service worker, nothing kept."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Final, Self

from playwright.async_api import Browser, Page, Route

from bot.browser.artifacts import picture

_STRIP: Final = Path(__file__).with_name("strip_page.js")
_POLICY: Final = "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; style-src 'unsafe-inline'\">"
"""First in every page: what a kept page names is not even asked for. The context is offline as well, and aborts what is."""

_NOT_OURS: Final = re.compile(r"<!doctype[^>]*>|<meta\b[^>]*http-equiv[^>]*>", re.IGNORECASE)
"""A refresh would take the page away, and no policy forbids one."""


class Offline:
    """One tab in a context of its own, for one page after the other; use `start`."""

    def __init__(self, tab: Page) -> None:
        self._tab = tab
        self._turn = asyncio.Lock()

    @classmethod
    @asynccontextmanager
    async def start(cls, browser: Browser) -> AsyncIterator[Self]:
        """While the block runs."""
        context = await browser.new_context(
            java_script_enabled=False,
            offline=True,
            service_workers="block",
            accept_downloads=False,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            viewport={"width": 1440, "height": 900},
        )
        try:
            await context.route("**/*", _refuse)
            yield cls(await context.new_page())
        finally:
            await context.close()

    @asynccontextmanager
    async def opened(self, html: str) -> AsyncIterator[Page]:
        """The page while the block runs; its own scripts never ran and never will."""
        async with self._turn:
            plain = _NOT_OURS.sub("", html)
            await self._tab.set_content(f"<!doctype html>{_POLICY}{plain}", wait_until="domcontentloaded")
            yield self._tab

    async def stripped(self, html: str, private: tuple[str, ...] = ()) -> str:
        """Only what can be read: no styles, no scripts, no data for scripts, nobody.

        One name stands in place of each text of a `private` place (CSS as Playwright takes it), wherever else it stands.
        """
        async with self.opened(html) as page:
            texts = [text.strip() for css in private for text in await page.locator(css).all_text_contents()]
            return str(await page.evaluate(_script(), list(dict.fromkeys(texts))))

    async def picture(self, html: str) -> bytes:
        """PNG of the page as the re-read sees it, phone numbers covered. Raises PageError."""
        async with self.opened(html) as page:
            return await picture(page)


async def _refuse(route: Route) -> None:
    await route.abort()


@cache
def _script() -> str:
    text = _STRIP.read_text(encoding="utf-8")
    return text[text.index("(private_texts)") :]
