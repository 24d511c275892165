"""The sign of life of a service that gets on, whatever happens to the PC's clock meanwhile."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.app.pulse import Pulse
from bot.config import HomeFiles
from bot.config.settings import Run
from bot.scheduler.heartbeat import Phase
from bot.service.heartbeat import read_heartbeat
from bot.service.phases import limit_of
from bot.service.watch import Look, Memory, Trouble, judge
from tests.unit.ledger.story import StandingClock


@pytest.mark.parametrize("gets_on", [True, False])
def test_a_sweep_that_gets_on_is_not_stuck_after_the_clock_was_set_back(tmp_path: Path, *, gets_on: bool) -> None:
    clock, memory = StandingClock(), None
    pulse = Pulse(HomeFiles(tmp_path), clock)
    pulse.turn(Phase.SWEEPING, "taobao/1001")
    clock.pass_s(-8 * 3600)
    found: set[Trouble | None] = set()
    for _ in range(90):
        clock.pass_s(60)
        pulse.tick(clock.now())
        if gets_on:
            pulse.stir()
        trouble, memory = looked(tmp_path, clock, memory)
        found.add(trouble)
    assert found == ({None} if gets_on else {None, Trouble.STUCK})


def looked(home: Path, clock: StandingClock, memory: Memory | None) -> tuple[Trouble | None, Memory]:
    """What the watch makes of it, with the service's process there."""
    seen = Look(now=clock.now() + timedelta(seconds=1), beat=read_heartbeat(home), alive=True)
    verdict = judge(seen, memory, lambda phase: limit_of(phase, Run()))
    return verdict.trouble, verdict.memory
