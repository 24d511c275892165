"""Fixtures: one story in memory, one on the disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.ledger.story import Story, story_at


@pytest.fixture
def story() -> Iterator[Story]:
    made = story_at(":memory:")
    yield made
    made.ledger.close()


@pytest.fixture
def on_disk(tmp_path: Path) -> Iterator[Story]:
    made = story_at(tmp_path / "ledger.db")
    yield made
    made.ledger.close()
