"""One offline tab for all recordings of a worker, and each of them read once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest_asyncio

from bot.browser.launch import BrowserHost
from bot.browser.targets import load_targets
from bot.recordings import Offline, Outcome, Recording, load, outcome_of
from flows.registry import pages_of


@dataclass
class Readings:
    """What reading each recording came to."""

    offline: Offline
    known: dict[Path, Outcome] = field(default_factory=dict)

    async def of(self, folder: Path) -> Outcome:
        if folder not in self.known:
            self.known[folder] = await self.read(load(folder))
        return self.known[folder]

    async def read(self, recording: Recording, html: str = "") -> Outcome:
        """Afresh, with another page in its place if one is given."""
        platform = recording.meta.platform
        kind, targets = pages_of(platform).kind(recording.meta.page, recording.name), load_targets(platform)
        return await outcome_of(replace(recording, html=html or recording.html), kind, targets, self.offline)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def readings(host: BrowserHost) -> AsyncIterator[Readings]:
    async with Offline.start(host.browser) as offline:
        yield Readings(offline)
