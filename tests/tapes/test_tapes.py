"""Claims on the shipped tapes: each replays without a network to the same decisions and the same calls."""

from __future__ import annotations

import pytest

from bot.ports.exits import ExitCode
from bot.tape import pack
from tests.tapes.conftest import Play
from tests.tapes.make import FOLDER, SHOWS

MOST_BYTES = 300 * 1024


@pytest.mark.parametrize("name", SHOWS)
async def test_a_shipped_tape_replays_to_the_same_decisions_and_calls(name: str, replayed: Play) -> None:
    tape = pack.read(FOLDER / f"{name}.tar.xz")
    result = await replayed(tape)
    assert result.differences == ()
    assert result.exit_code is ExitCode.DONE
    assert result.calls == sum(entry.asked.kind in {"write", "upload"} and not entry.refused for entry in tape.entries)
    assert result.decisions >= result.cases > 0


def test_every_shipped_tape_is_small_and_of_a_show() -> None:
    files = {file.name: file.stat().st_size for file in FOLDER.iterdir()}
    assert set(files) == {f"{name}.tar.xz" for name in SHOWS}
    assert max(files.values()) <= MOST_BYTES
