"""Drift freezes the writes of one screen for the rest of the sweep: reads and other screens go on, one person is called once."""

from __future__ import annotations

from collections import Counter

import pytest

from bot.domain.action import Action, Verb
from bot.domain.outcome import CaseStatus
from bot.errors import PageDrifted
from bot.ports.desks import Permit
from bot.ports.notifier import Urgency
from tests.simulation.harness import World
from tests.simulation.model_floor import ModelPage

GONE = ('- button "Agree" (dialog "Agree")', '+ checkbox "Read" (dialog "Agree")')


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[Verb]:
    """The dialog that agrees to refunds is not what it was; what was tried, in turn."""
    perform, verbs = ModelPage.perform, list[Verb]()

    async def changed(page: ModelPage, action: Action, permit: Permit) -> None:
        verbs.append(action.verb)
        if action.verb is Verb.AGREE_REFUND:
            raise PageDrifted(
                "agree_refund", GONE, case=permit.case.aftersale_id, target="agree_refund.confirm", page="http://shop/"
            )
        await perform(page, action, permit)

    monkeypatch.setattr(ModelPage, "perform", changed)
    return verbs


async def test_drift_freezes_its_screen_and_no_other(tried: list[Verb]) -> None:
    world = World(seed=1, cases=40)
    result = await world.sweep()
    assert tried.count(Verb.AGREE_REFUND) == 2, "once more on a fresh page, then no more"
    assert result.stopped is None
    assert sum(result.acted.values()) > 0
    assert Verb.AGREE_REFUND not in result.acted
    held = [line for line in world.ledger.lines(world.ledger.runs(1)[0]) if line.status is CaseStatus.HELD]
    codes = Counter(line.reasons[0].code for line in held)
    assert codes["error.action.drifted"] == 1
    assert codes["brake.drifted"] > 1
    assert {line.reasons[0].params["raw"] for line in held if "drifted" in line.reasons[0].code} == {"; ".join(GONE)}


async def test_drift_calls_a_person_once_and_leaves_one_bundle(tried: list[Verb]) -> None:
    world = World(seed=1, cases=40)
    await world.sweep()
    (alarm,) = [one for one in world.book.alarms if "drifted" in one.reason.code]
    assert (alarm.urgency, alarm.reason.params["screen"]) == (Urgency.CALL, "agree_refund")
    ((failure, _),) = world.failures.kept
    assert (failure.target, failure.screen, failure.differences) == ("agree_refund.confirm", "agree_refund", GONE)


async def test_next_sweep_tries_the_screen_again(tried: list[Verb]) -> None:
    world = World(seed=1, cases=40)
    await world.sweep()
    await world.sweep()
    assert tried.count(Verb.AGREE_REFUND) == 4


async def test_page_that_drifted_once_is_loaded_afresh_and_freezes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every third page loads badly: no two in a row, so each case gets its write and nobody is called."""
    perform, pages = ModelPage.perform, list[str]()

    async def blinks(page: ModelPage, action: Action, permit: Permit) -> None:
        pages.append(permit.case.aftersale_id)
        if len(pages) % 3 == 1:
            raise PageDrifted(action.verb, GONE, case=permit.case.aftersale_id, target="x.confirm")
        await perform(page, action, permit)

    monkeypatch.setattr(ModelPage, "perform", blinks)
    world = World(seed=1, cases=40)
    result = await world.sweep()
    assert sum(result.acted.values()) > 10
    assert "drifted" not in str([line.reasons for line in world.ledger.lines(world.ledger.runs(1)[0])])
    assert world.failures.kept == []
