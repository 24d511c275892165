"""The CourierDesk: trails in batches of one page each, and the picture of one trail (domain.md 4.1)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias
from urllib.parse import quote

from bot.browser.artifacts import picture_of
from bot.browser.read import read_page
from bot.domain.courier import Trail
from bot.domain.facts import Fact, Source, Unknown
from bot.errors import PageError, RateLimited, RefundPilotError
from flows.courier.endpoints import BATCH, TRACK
from flows.courier.parse import parse_trails
from flows.courier.session import Portal

OnAnswer: TypeAlias = Callable[[RefundPilotError | None], None]

TRIES: Final = 3
"""Loads of one page before the courier counts as out of reach (F10, F12)."""
_PAUSE_S: Final = 0.3
_LONGEST_WAIT_S: Final = 30


class Trails:
    """One account's view of its parcels; questions are asked one after the other in one tab."""

    def __init__(self, portal: Portal, on_answer: OnAnswer | None = None) -> None:
        """`on_answer` is told of what went wrong with a question, None where it was answered; it must not raise."""
        self._portal = portal
        self._on_answer = on_answer
        self._turn = asyncio.Lock()

    async def trails(self, waybills: Sequence[str]) -> Mapping[str, Fact[Trail]]:
        """One entry per waybill asked for; never raises for a portal in trouble: it is Unknown then."""
        asked = list(dict.fromkeys(waybills))
        found: dict[str, Fact[Trail]] = {}
        async with self._turn:
            for start in range(0, len(asked), BATCH):
                found.update(await self._batch(asked[start : start + BATCH]))
        return found

    async def picture(self, waybill: str) -> bytes:
        """PNG of the article of that waybill, phone numbers covered. Raises PageError, SessionError."""
        async with self._turn:
            page, _ = await self._portal.go(_track([waybill]))
            article = page.locator("article").filter(has=page.get_by_role("heading", name=waybill, exact=True))
            return await picture_of(article)

    async def _batch(self, waybills: list[str]) -> Mapping[str, Fact[Trail]]:
        try:
            found = await self._patiently(waybills)
        except RefundPilotError as error:
            self._came_out(error)
            silent = Unknown(why="unknown.courier_unreachable", source=Source.COURIER, raw=str(error))
            return dict.fromkeys(waybills, silent)
        self._came_out(None)
        return found

    def _came_out(self, trouble: RefundPilotError | None) -> None:
        if self._on_answer is not None:
            self._on_answer(trouble)

    async def _patiently(self, waybills: list[str]) -> Mapping[str, Fact[Trail]]:
        for left in reversed(range(TRIES)):
            try:
                page, visited = await self._portal.go(_track(waybills))
                return parse_trails(waybills, await read_page(page), visited.at)
            except PageError as error:
                if not left:
                    raise
                asked = min(error.wait_s, _LONGEST_WAIT_S) if isinstance(error, RateLimited) else _PAUSE_S
                await self._portal.clock.sleep(asked)
        raise AssertionError("the last try returns or raises")


def _track(waybills: Sequence[str]) -> str:
    return f"{TRACK}?nos={','.join(quote(one, safe='') for one in waybills)}"
