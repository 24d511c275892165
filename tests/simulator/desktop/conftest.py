"""One virtual screen for all windows of a test process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.screens import lacking, virtual_screen


@pytest.fixture(scope="session")
def display(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Tk keeps its connection to a screen for good and ends the process when the screen goes: it lives as long as the session."""
    if "Xvfb" in lacking():
        pytest.skip("Xvfb is missing: apt-get install xvfb")
    with virtual_screen(tmp_path_factory.mktemp("screen") / "x.log") as name:
        yield name
