"""The recordings that ship are what the simulator shows today, byte for byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.recordings.make import ROOT, make

SAMPLE = ("taobao/list.in_frame", "taobao/detail.return_back", "courier/track.returned")


@pytest.mark.parametrize("name", SAMPLE)
@pytest.mark.asyncio(loop_scope="session")
async def test_the_same_simulator_makes_the_same_recording(bare_browser: Browser, tmp_path: Path, name: str) -> None:
    await make([name], bare_browser, tmp_path)
    made = {file.name: file.read_text(encoding="utf-8") for file in (tmp_path / name).iterdir()}
    kept = {file.name: file.read_text(encoding="utf-8") for file in (ROOT / name).iterdir()}
    assert made == kept
