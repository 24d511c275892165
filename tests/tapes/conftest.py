"""A browser that no network reaches, for all replays of the session."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from bot.app import sweeping
from bot.app.replaying import play
from bot.browser.find import FoundBrowser
from bot.browser.gate import Heads
from bot.browser.launch import BrowserHost, LaunchOptions
from bot.config import Home, Shop
from bot.ports.progress import NullProgress, Progress
from bot.ports.replays import ReplayOptions, ReplayResult
from bot.tape.clock import TapeClock
from bot.tape.play import TapePlayer
from bot.tape.rules import TapeRules
from bot.tape.tape import Tape
from tests.e2e.in_process import Never
from tests.tapes.values import label

Play = Callable[..., Awaitable[ReplayResult]]
"""Takes a tape, and options of `ReplayOptions` as keywords."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def sealed(browser_binary: FoundBrowser) -> AsyncIterator[BrowserHost]:
    """Started for an empty tape; each replay puts its own beside the gate."""
    nothing = Tape(label(), ())
    player = TapePlayer(nothing, lambda _: TapeRules(), TapeClock(nothing.label.made_at))
    host = await BrowserHost.start(LaunchOptions(browser_binary.path, frozenset(), heads=Heads(player=player)))
    yield host
    await host.close()


@pytest.fixture
def replayed(sealed: BrowserHost, monkeypatch: pytest.MonkeyPatch) -> Play:
    """Replays a tape in that browser instead of starting one for each take."""

    @asynccontextmanager
    async def lent(home: Home, shops: Sequence[Shop], progress: Progress, heads: Heads) -> AsyncIterator[BrowserHost]:
        sealed.gate.heads = heads
        yield sealed

    monkeypatch.setattr(sweeping, "browser_for", lent)
    return lambda tape, **told: play(tape, ReplayOptions(tape=Path("tape"), **told), NullProgress(), Never())
