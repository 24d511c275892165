"""A console that an approver has entered; `test_doors.py` stands before it with one of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.unit.console.client import Desk, desk


@pytest_asyncio.fixture
async def console() -> AsyncIterator[Desk]:
    async with desk() as made:
        yield await made.enter()
