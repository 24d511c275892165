"""Claims on replaying: what the ledger kept beside each decision makes the very same decision again (I12)."""

from __future__ import annotations

import pytest

from bot.engine.decide import judge
from bot.ports.ledger import Judged
from tests.simulation.harness import POLICY, World
from tests.simulation.model_world import FAULTS

STORM = dict.fromkeys(FAULTS, 0.05)


def judgements(world: World) -> list[Judged]:
    return [judged for run in world.ledger.runs(100) for judged in world.ledger.decisions(run)]


@pytest.mark.parametrize("seed", [3, 11, 29])
async def test_every_decision_is_made_again_from_what_was_kept_with_it(seed: int) -> None:
    world = World(seed=seed, cases=15, rates=STORM, crash_rate=0.04)
    await world.sweep_through_crashes()
    kept = judgements(world)
    assert kept
    for judged in kept:
        moment = judged.decision.decided_at
        again = judge(judged.snapshot, judged.trails, POLICY, moment, judged.history)
        assert again == judged.decision


async def test_what_was_spent_before_stands_in_the_history_of_what_is_judged_after() -> None:
    world = World(seed=1)
    await world.sweep()
    world.clock.pass_time(60)
    await world.sweep()
    histories = [judged.history for judged in judgements(world)]
    assert all(history.asked for history in histories)
    assert any(history.spent for history in histories)
