"""The browsers that commands work in: one that reaches the shops of a home, and one that reaches nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from playwright.async_api import Browser, Page

from bot.browser.gate import Heads
from bot.browser.launch import BrowserHost, LaunchOptions
from bot.browser.provision import Tell, provide
from bot.config import Home


@asynccontextmanager
async def browser_of(
    home: Home, urls: Iterable[str], tell: Tell, heads: Heads | None = None
) -> AsyncIterator[BrowserHost]:
    """The browser of the settings; it reaches the hosts of `urls` alone. Raises BrowserMissing.

    `heads`: of a tape that is recorded or played.
    """
    settings = home.settings.browser
    found = await asyncio.to_thread(provide, explicit=settings.path, headed=settings.headed, tell=tell)
    hosts = frozenset(urlsplit(url).hostname or "" for url in urls)
    async with _started(LaunchOptions(found.path, hosts, headed=settings.headed, heads=heads or Heads())) as host:
        yield host


@asynccontextmanager
async def offline_browser() -> AsyncIterator[Browser]:
    """Every name resolves to nothing and no guard lets anything out. Raises BrowserMissing."""
    found = await asyncio.to_thread(provide)
    async with _started(LaunchOptions(found.path, frozenset())) as host:
        yield host.browser


@asynccontextmanager
async def _started(options: LaunchOptions) -> AsyncIterator[BrowserHost]:
    host = await BrowserHost.start(options)
    try:
        yield host
    finally:
        await host.close()


async def show(browser: Browser, html: str) -> Page:
    """A saved page as it stood; its scripts do not run."""
    context = await browser.new_context(
        java_script_enabled=False, offline=True, locale="zh-CN", viewport={"width": 1440, "height": 900}
    )
    page = await context.new_page()
    await page.set_content(html, wait_until="domcontentloaded")
    return page
