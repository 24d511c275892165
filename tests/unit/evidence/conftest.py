"""One darkroom for all these tests, since its child's start is what costs; and stores over temporary folders."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from bot.domain.base import SHANGHAI
from bot.evidence.darkroom import Darkroom, Limits
from bot.evidence.store import FileEvidence

NOW = datetime(2026, 3, 1, 9, 30, tzinfo=SHANGHAI)


class StillClock:
    """Always the same moment."""

    def now(self) -> datetime:
        return NOW

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(f"nobody waits here: {seconds}")


class NoDarkroom(Darkroom):
    """Fails whoever wants something decoded."""

    def _run(self, job: str, blobs: object, **options: object) -> bytes:
        raise AssertionError(f"a child would be started for {job}")


@pytest.fixture(scope="session")
def darkroom() -> Iterator[Darkroom]:
    with Darkroom(Limits(seconds=60.0)) as room:  # the tests' machine may be busy; the limits have tests of their own
        yield room


@pytest.fixture
def store(tmp_path: Path, darkroom: Darkroom) -> FileEvidence:
    return FileEvidence(tmp_path / "evidence", tmp_path / "inbox", StillClock(), darkroom)


@pytest.fixture
def own_store(tmp_path: Path) -> FileEvidence:
    """A store that can start no child."""
    return FileEvidence(tmp_path / "evidence", tmp_path / "inbox", StillClock(), NoDarkroom())
