"""Live updates: one watcher for all pages tells which topics changed; a page asks anew for the parts that show them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress

from loguru import logger

from bot.errors import RefundPilotError
from bot.ports.office import Office

LOOK_S = 1.0
"""Between two looks: the kill switch shows within this."""

BEAT_S = 20.0
"""A word now and then, or a proxy and a sleeping PC would hold a dead line."""

MOST = 24
"""Pages that listen at once; more are told to come back later."""


class Watcher:
    """Looks only while somebody listens."""

    def __init__(self, office: Office, look_s: float = LOOK_S) -> None:
        self._office = office
        self._look_s = look_s
        self._marks: Mapping[str, str] = {}
        self._listeners: set[asyncio.Queue[tuple[str, ...]]] = set()
        self._task: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    @property
    def full(self) -> bool:
        return len(self._listeners) >= MOST

    async def listen(self) -> AsyncIterator[bytes]:
        """Server-sent events until the page goes or the console ends."""
        mine: asyncio.Queue[tuple[str, ...]] = asyncio.Queue(maxsize=16)
        self._listeners.add(mine)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._watch())
        try:
            yield b"retry: 3000\n\n"
            while not self._closing.is_set():
                try:
                    topics = await asyncio.wait_for(mine.get(), BEAT_S)
                except TimeoutError:
                    yield b": here\n\n"
                    continue
                if topics:
                    yield f"event: changed\ndata: {json.dumps(topics)}\n\n".encode()
        finally:
            self._listeners.discard(mine)

    async def _watch(self) -> None:
        self._marks = await self._look()
        while self._listeners and not self._closing.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), self._look_s)
            marks = await self._look()
            if changed := tuple(sorted(topic for topic, mark in marks.items() if self._marks.get(topic) != mark)):
                self._marks = marks
                self._tell(changed)

    async def _look(self) -> Mapping[str, str]:
        """As before where the books cannot be read just now."""
        try:
            return await asyncio.to_thread(self._office.marks)
        except RefundPilotError as error:
            logger.warning("console: no look: {}", error)
            return self._marks

    def _tell(self, topics: tuple[str, ...]) -> None:
        for listener in self._listeners:
            if listener.full():
                listener.get_nowait()  # a page that is slow asks anew for everything anyway
            listener.put_nowait(topics)

    def close(self) -> None:
        """Lets every page go, so that the server can end."""
        self._closing.set()
        self._tell(())
