"""Claims on memory that was freed: the system has it back."""

from __future__ import annotations

import sys

import psutil
import pytest

from bot.memory import give_back

BLOCK, BLOCKS = 3_000, 30_000


def resident() -> int:
    return int(psutil.Process().memory_info().rss)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems take it back by themselves")
def test_what_was_freed_below_something_that_lives_is_given_back() -> None:
    blocks = [bytes(BLOCK) for _ in range(BLOCKS)]
    last = blocks[-1]
    full = resident()
    del blocks
    give_back()
    assert full - resident() > BLOCK * BLOCKS / 2
    assert len(last) == BLOCK
