"""The browsers that commands work in: one that reaches the shops of a home, and one that reaches nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from urllib.parse import urlsplit

from playwright.async_api import Browser, Page

from bot.browser.gate import Heads
from bot.browser.launch import BrowserHost, LaunchOptions
from bot.browser.provision import Tell, provide
from bot.browser.wear import Limits
from bot.config import Home
from bot.config.settings import Browser as BrowserSettings
from bot.desktop.front import to_front


@asynccontextmanager
async def browser_of(
    home: Home, urls: Iterable[str], tell: Tell, heads: Heads | None = None
) -> AsyncIterator[BrowserHost]:
    """The browser of the settings; it reaches the hosts of `urls` alone. Raises BrowserMissing.

    `heads`: of a tape that is recorded or played.
    """
    options = replace(await _wanted(home, urls, tell), heads=heads or Heads())
    async with _started(options) as host:
        host.limits = limits_of(home.settings.browser)
        yield host


async def _wanted(home: Home, urls: Iterable[str], tell: Tell) -> LaunchOptions:
    told = home.settings.browser
    found = await asyncio.to_thread(provide, explicit=told.path, headed=told.headed, tell=tell)
    return LaunchOptions(found.path, hosts_of(urls), headed=told.headed, proxy=told.proxy, front=to_front)


def hosts_of(urls: Iterable[str]) -> frozenset[str]:
    """The host names that a browser for these addresses may reach."""
    return frozenset(urlsplit(url).hostname or "" for url in urls)


def limits_of(settings: BrowserSettings) -> Limits:
    """When the settings want browser and driver made anew."""
    return Limits(settings.restart_after_cases, settings.restart_after_mb, settings.restart_after_s)


async def adapt(host: BrowserHost, home: Home, urls: Iterable[str], tell: Tell) -> None:
    """Go by changed settings: another browser, window, proxy or host names need a fresh start, which nothing in hand may see.

    Raises:
        BrowserMissing: it does not start.
    """
    host.limits = limits_of(home.settings.browser)
    wanted = replace(await _wanted(home, urls, tell), sandbox=host.options.sandbox, heads=host.options.heads)
    if wanted != host.options:
        host.options = wanted
        await host.restart(host.generation)


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
