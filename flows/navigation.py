"""One navigation: a page is asked for, and what came back is judged before anything on it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from playwright.async_api import Error as BrowserError
from playwright.async_api import Page

from bot.browser.rules import origin_of
from bot.errors import PageError, RateLimited, WrongPage
from bot.ports.clock import Clock
from flows.grammar import server_moment

_LONGEST_WAIT_S: Final = 3_600
_DEFAULT_WAIT_S: Final = 5
"""Pause after a 429 that names none (F14)."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A page that was loaded: the server's moment, and ours (monotonic seconds) from before the request left."""

    at: datetime
    asked_at: float


async def visit(page: Page, url: str, clock: Clock) -> Visit:
    """Load `url`; the gate has the server asked for it each time, whatever the browser keeps (reliability.md 3.1 rule 7).

    Raises:
        RateLimited: 429, with the seconds to wait.
        PageError: no answer, a server error, or the connection broke.
        WrongPage: the page is not there, or the browser ended on another origin (S6).
    """
    asked_at = clock.monotonic()
    try:
        response = await page.goto(url, wait_until="domcontentloaded")
    except BrowserError as error:
        raise PageError(f"no page: {error.message.splitlines()[0]}", page=url) from error
    if response is None:
        raise PageError("the navigation brought no response", page=url)
    check_status(response.status, response.headers, url)
    if origin_of(page.url) != origin_of(url):
        raise WrongPage(f"ended on {origin_of(page.url)}", page=url, raw=origin_of(page.url))
    return Visit(at=served_at(response.headers, clock), asked_at=asked_at)


def check_status(status: int, headers: Mapping[str, str], url: str) -> None:
    """Raises RateLimited for 429, PageError for 5xx, WrongPage for other refusals."""
    if status == 429:
        raise RateLimited("429: asked to wait", wait_s=wait_asked(headers), page=url)
    if status >= 500:
        raise PageError(f"the server answers {status}", page=url)
    if status >= 400:
        raise WrongPage(f"the server answers {status}", page=url)


def wait_asked(headers: Mapping[str, str]) -> int:
    """Seconds of the Retry-After header; a default where it is missing or is a date."""
    text = headers.get("retry-after", "")
    return min(int(text), _LONGEST_WAIT_S) if text.isascii() and text.isdigit() else _DEFAULT_WAIT_S


def served_at(headers: Mapping[str, str], clock: Clock) -> datetime:
    """The server's own moment, by which its countdowns run; ours where it names none."""
    try:
        return server_moment(headers.get("date", ""))
    except ValueError:
        return clock.now()
