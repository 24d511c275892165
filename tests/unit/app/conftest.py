"""The office that most claims here are about; a file with another home of its own has its own fixture."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.app.offices import Told, told
from tests.unit.ledger.story import StandingClock


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Told]:
    with told(tmp_path) as made:
        yield made


@pytest.fixture
def then(tmp_path: Path) -> Iterator[Told]:
    """A home at the story's own time: what is rehearsed has a past."""
    with told(tmp_path, clock=StandingClock()) as made:
        yield made
