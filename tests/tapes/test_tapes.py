"""Claims on the shipped tapes: each replays without a network to the same decisions and the same calls."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.outcome import CaseStatus
from bot.ports.exits import ExitCode
from bot.tape import pack
from bot.tape.tape import Tape
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


def last_take(tape: Tape, **changes: object) -> Tape:
    """As if the sweeps before it had not been recorded."""
    label, last = tape.label, len(tape.label.takes) - 1
    told = {
        "takes": (label.takes[last].model_copy(update=changes),),
        "readings": tuple(one.model_copy(update={"take": 0}) for one in label.readings if one.take == last),
        "proofs": tuple(one.model_copy(update={"take": 0}) for one in label.proofs if one.take == last),
    }
    entries = tuple(replace(one, take=0) for one in tape.entries if one.take == last)
    return replace(tape, label=label.model_copy(update=told), entries=entries)


async def test_a_sweep_goes_on_with_what_earlier_ones_left_though_they_are_not_on_the_tape(replayed: Play) -> None:
    tape = pack.read(FOLDER / "intercepted.tar.xz")
    ended = tape.label.takes[-1].ended
    left = tuple(case for case, status in ended.items() if status != CaseStatus.DONE)
    assert (await replayed(last_take(tape, unended=left))).differences == ()


def test_every_shipped_tape_is_small_and_of_a_show() -> None:
    files = {file.name: file.stat().st_size for file in FOLDER.iterdir()}
    assert set(files) == {f"{name}.tar.xz" for name in SHOWS}
    assert max(files.values()) <= MOST_BYTES
