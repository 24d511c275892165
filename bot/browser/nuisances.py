"""What a page does that nobody asked for: a popup is closed, a native dialog answered, a crash noted, and whoever listens is told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from playwright.async_api import BrowserContext, Dialog, Page
from playwright.async_api import Error as PlaywrightError

_SHORT = 200
_LEAVING = "beforeunload"


class Nuisance(StrEnum):
    """What a page did that nobody asked for."""

    POPUP = "popup"
    DIALOG = "dialog"
    CRASH = "crash"


@dataclass(frozen=True, slots=True)
class Incident:
    """One nuisance: its text (a dialog's words, cut short), and the page's address without query."""

    kind: Nuisance
    page: str
    text: str = ""


class Nuisances:
    """Those of one session's contexts.

    Args:
        tell: hears of each.
        is_ours: whether we opened a page ourselves; waits for a tab that is just being opened.
        by_hand: whether a person works in the window now, and answers dialogs and wants popups themselves.
    """

    def __init__(
        self,
        tell: Callable[[Incident], None],
        is_ours: Callable[[Page], Awaitable[bool]],
        by_hand: Callable[[], bool],
    ) -> None:
        self._tell = tell
        self._is_ours = is_ours
        self._by_hand = by_hand
        self.chores: set[asyncio.Task[None]] = set()

    def watch(self, context: BrowserContext) -> None:
        """From now on."""
        context.on("page", self._appeared)
        context.on("dialog", self._dialog)

    def later(self, chore: Awaitable[None]) -> None:
        """Done beside whatever goes on."""
        task = asyncio.ensure_future(chore)
        self.chores.add(task)
        task.add_done_callback(self.chores.discard)

    def _appeared(self, page: Page) -> None:
        page.on("crash", lambda _: self._note(Nuisance.CRASH, page))
        self.later(self._close_popup(page))

    async def _close_popup(self, page: Page) -> None:
        if not await self._is_ours(page) and not page.is_closed() and not self._by_hand():
            self._note(Nuisance.POPUP, page)
            with suppress(PlaywrightError):
                await page.close()

    def _dialog(self, dialog: Dialog) -> None:
        if self._by_hand():
            return  # the person who works in the window answers it
        if dialog.type != _LEAVING:
            self._note(Nuisance.DIALOG, dialog.page, f"{dialog.type}: {dialog.message}")
        self.later(_answer(dialog))

    def _note(self, kind: Nuisance, page: Page | None, text: str = "") -> None:
        self._tell(Incident(kind, page.url.partition("?")[0] if page else "", text[:_SHORT]))


async def _answer(dialog: Dialog) -> None:
    """Dismiss, except the question whether to leave a page: we go where we decided to go."""
    with suppress(PlaywrightError):
        await (dialog.accept() if dialog.type == _LEAVING else dialog.dismiss())
