"""Claims on the shipped balanced policy: every situation of docs/simulator.md gets what a flawless clerk would do."""

from __future__ import annotations

import pytest

from bot.domain.action import Verb
from tests.unit.engine.situations import ROWS, decided


@pytest.mark.parametrize("name", ROWS)
def test_the_clerk_would_do_the_same(name: str) -> None:
    decision = decided(name)
    assert decision.reasons[0].code.startswith(ROWS[name][1]), (decision.verb, decision.reasons)


def test_an_act_has_a_plan_and_a_hold_has_none() -> None:
    for decision in map(decided, ROWS):
        acts = decision.reasons[0].code.startswith("decided.")
        assert acts == (decision.verb is not Verb.HOLD) == (decision.plan is not None)
