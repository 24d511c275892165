"""One virtual screen for all windows of a test process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.simulator.desktop.screen import virtual_screen


@pytest.fixture(scope="session")
def display() -> Iterator[str]:
    """Tk keeps its connection to a screen for good and ends the process when the screen goes: it lives as long as the session."""
    with virtual_screen() as name:
        yield name
