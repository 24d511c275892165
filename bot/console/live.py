"""Live updates: one watcher for all pages tells which topics changed; a page asks anew for the parts that show them."""

from __future__ import annotations

import asyncio
import hashlib
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


def since_of(marks: Mapping[str, str]) -> str:
    """Marks as a page carries them from when it is made to when it begins to listen: `topic-hash`, apart by dots."""
    return ".".join(f"{topic}-{hashlib.sha256(mark.encode()).hexdigest()[:8]}" for topic, mark in sorted(marks.items()))


def _changed(since: str, marks: Mapping[str, str]) -> tuple[str, ...]:
    """Topics that are no longer as they were, by name."""
    before = frozenset(since.split("."))
    return tuple(one.partition("-")[0] for one in since_of(marks).split(".") if one and one not in before)


class Watcher:
    """Looks only while somebody listens; each page is told what changed since it was last told, whatever others knew."""

    def __init__(self, office: Office, look_s: float = LOOK_S) -> None:
        self._office = office
        self._look_s = look_s
        self._marks: Mapping[str, str] = {}
        self._listening = 0
        self._looked = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    @property
    def full(self) -> bool:
        return self._listening >= MOST

    async def since(self) -> str:
        """How everything stands, for a page that is about to be made; as far as is known, where the books cannot be read."""
        await self._look()
        return since_of(self._marks)

    async def listen(self, since: str = "") -> AsyncIterator[bytes]:
        """Server-sent events until the page goes or the console ends; `since`: what the page was made of (`since_of`)."""
        self._listening += 1
        try:
            yield b"retry: 3000\n\n"
            await self._look()
            if self._task is None or self._task.done():
                self._task = asyncio.get_running_loop().create_task(self._watch())
            now = asyncio.get_running_loop().time
            known, spoke_at = since or since_of(self._marks), now()
            while not self._closing.is_set():
                if changed := _changed(known, self._marks):
                    known, spoke_at = since_of(self._marks), now()
                    yield _event(changed)
                elif now() - spoke_at >= BEAT_S:
                    spoke_at = now()
                    yield b": here\n\n"
                async with self._looked:
                    await self._looked.wait()
        finally:
            self._listening -= 1

    async def _watch(self) -> None:
        while self._listening and not self._closing.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), self._look_s)
            await self._look()
            async with self._looked:
                self._looked.notify_all()

    async def _look(self) -> None:
        """Where the books cannot be read just now, everything stands as before."""
        try:
            self._marks = await asyncio.to_thread(self._office.marks)
        except RefundPilotError as error:
            logger.warning("console: no look: {}", error)

    def close(self) -> None:
        """Lets every page go, so that the server can end."""
        self._closing.set()


def _event(topics: tuple[str, ...]) -> bytes:
    return f"event: changed\ndata: {json.dumps(topics)}\n\n".encode()
