"""`refundpilot selectors check`: every target of a platform on the pages of a shop, live, or on saved pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import aclosing
from pathlib import Path

from bot.app.browsers import browser_of, offline_browser, show
from bot.app.shelves import mended, shelf_of
from bot.browser.guard import Mode
from bot.browser.looks import look_over, worst_of
from bot.browser.mending import Shelf
from bot.clock import SystemClock
from bot.config import Home
from bot.errors import ConfigError
from bot.ports.exits import ExitCode
from bot.ports.mending import Look, SelectorsResult, TargetLook
from bot.ports.progress import StopSignal
from bot.tape import pack
from flows.registry import Login, Site, Workplace, platform_of


async def check_saved(platform: str, pages: Sequence[Path], home: Path | None) -> SelectorsResult:
    """On saved pages, or on those of a tape, in a browser that reaches nothing; by the selectors of `home` where it has some of its own.

    Raises:
        ConfigError: no selectors for that platform, or a page cannot be read. TapeError. BrowserMissing.
    """
    shelf = shelf_of(home or Path(), platform)
    looks: list[TargetLook] = []
    texts = [text for file in pages for text in _texts(file)]
    async with offline_browser() as browser:
        for name, html in texts:
            page = await show(browser, html)
            looks += await look_over(page, shelf, name)
            await page.context.close()
    return _result(shelf, [name for name, _ in texts], looks)


def _texts(file: Path) -> list[tuple[str, str]]:
    """Each page with its name: a file is one, a tape has one for every reading; those that read alike are taken once."""
    try:
        if pack.is_tape(file):
            pages = {html: f"{file.name}:{name}" for name, html in pack.read(file).pages.items()}
            return [(name, html) for html, name in pages.items()]
        return [(file.name, file.read_text(encoding="utf-8"))]
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: {error}", page=str(file), code="selectors.bad_page") from error


async def check_live(home: Home, platform: str, stop: StopSignal) -> SelectorsResult:
    """On the first shop of that platform, signed in as a sweep would be; the guard lets nothing out that writes.

    Raises:
        ConfigError: no shop of that platform in the settings. BrowserMissing, SessionError, PageError.
    """
    entry = next((shop for shop in home.settings.shop if shop.platform == platform), None)
    if entry is None:
        raise ConfigError(f"no shop of {platform} in the settings", code="selectors.no_shop", raw=platform)
    shelf, looks, seen = shelf_of(home.path, platform), list[TargetLook](), list[str]()
    async with browser_of(home, [entry.url], lambda _: None) as host:
        place = Workplace(host, SystemClock(), Mode.READ_ONLY, mended(home.path))
        login = home.shop_login(entry.key)
        site = Site(entry.url, entry.shop_id, entry.name)
        tour = platform_of(platform).tour(place, site, Login(login.account, login.password.get_secret_value()))
        async with aclosing(tour):
            async for halt in tour:
                looks += await look_over(halt.view, shelf, halt.name, halt.screens)
                seen.append(halt.name)
                if stop.is_set():
                    break
    return _result(shelf, list(dict.fromkeys(seen)), looks)


def _result(shelf: Shelf, pages: Sequence[str], looks: Iterable[TargetLook]) -> SelectorsResult:
    told = worst_of(looks)
    wrong = any(one.look in {Look.MISSING, Look.AMBIGUOUS, Look.DRIFTED} for one in told)
    return SelectorsResult(
        platform=shelf.targets.platform,
        selectors=str(shelf.folder),
        pages=tuple(pages),
        targets=told,
        exit_code=ExitCode.HELD if wrong else ExitCode.DONE,
    )
