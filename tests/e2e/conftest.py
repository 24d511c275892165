"""A console with its office behind it, and people with browsers before it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from playwright.async_api import Browser

from tests.e2e.at_the_console import Desk, served
from tests.unit.console.fakes import FakeOffice


@pytest_asyncio.fixture(loop_scope="session")
async def desk(tmp_path: Path, bare_browser: Browser) -> AsyncIterator[Desk]:
    async with served(FakeOffice(), tmp_path, bare_browser) as made:
        yield made
