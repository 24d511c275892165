"""Alarms that the work itself gives rise to: with what is at stake, and each where it arises."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.domain.case import CaseState
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus
from bot.errors import ChallengeRequired, Sight
from bot.ports.failures import Failure
from bot.ports.notifier import Alarm, Urgency
from bot.ports.wanted import Pick
from bot.runner.orders import Posture
from tests.simulation.harness import World
from tests.simulation.model_shop import SHOP
from tests.simulation.model_world import START
from tests.simulation.test_trouble import ChallengedFloor, reading_of

DAY_S = 24 * 3600


def calls(world: World, code: str) -> list[Alarm]:
    return [alarm for alarm in world.book.alarms if alarm.reason.code == code]


async def test_signs_of_abuse_are_told_once_a_case_with_sum_and_deadline() -> None:
    world = World(seed=1, cases=8)
    await world.sweep(posture=Posture.OBSERVE)
    told = calls(world, "risk.found")
    assert [alarm.case_id for alarm in told] == ["0007", "0003"], "in the order of work"
    assert {alarm.urgency for alarm in told} == {Urgency.WARN}
    case = world.shop.cases["0007"]
    assert (told[0].amount, told[0].reason.params["first"]) == (case.amount, "extortion")
    assert told[0].deadline is not None
    assert (told[0].deadline - START).total_seconds() == DAY_S


async def test_a_case_that_somebody_else_has_ended_is_no_risk_any_more() -> None:
    world = World(seed=1, cases=1, kinds=("threat",))
    await world.sweep()
    case = world.shop.cases["0000"]
    case.state, case.version = CaseState.SUCCESS, 2
    await world.sweep()
    (line,) = world.ledger.lines(world.ledger.runs(1)[0])
    assert line.status is CaseStatus.FOREIGN
    assert len(calls(world, "risk.found")) == 1


@pytest.mark.parametrize(("cap", "told"), [(40_000, 1), (60_000, 0)])
async def test_a_budget_that_is_four_fifths_used_up_is_told_once_a_sweep(cap: int, told: int) -> None:
    """Eight refunds of about ¥50 each; ¥320 of ¥400 is where it begins."""
    world = World(seed=1, cases=8, kinds=("unshipped",))
    await world.sweep(shop_cap_day=Money(cap))
    near = [alarm for alarm in calls(world, "budget.near") if alarm.reason.params["scope"] == "shop"]
    assert len(near) == told
    assert all(alarm.urgency is Urgency.WARN for alarm in near)
    if near:
        params = near[0].reason.params
        used = sum(case.amount.fen for case in list(world.shop.cases.values())[1:])
        assert (params["used"], params["cap"]) == (str(Money(used)), str(Money(cap)))


async def test_what_earlier_sweeps_spent_counts_too() -> None:
    world = World(seed=1, cases=4, kinds=("unshipped",))
    await world.sweep(max_cases=3, shop_cap_day=Money(25_000))
    assert not calls(world, "budget.near")
    await world.sweep(shop_cap_day=Money(25_000))
    assert [alarm.reason.params["kind"] for alarm in calls(world, "budget.near")] == ["shop"]


@pytest.mark.parametrize("posture", [Posture.PROPOSE, Posture.ACT])
async def test_a_hold_or_a_proposal_close_to_its_deadline_calls_somebody(posture: Posture) -> None:
    world = World(seed=1, cases=1, kinds=("threat" if posture is Posture.ACT else "unshipped",))
    await world.sweep(posture=posture)
    assert not calls(world, "hold.near")
    (line,) = world.ledger.lines(world.ledger.runs(1)[0])
    assert line.deadline is not None
    assert (line.deadline - START).total_seconds() == DAY_S
    world.clock.pass_time(DAY_S - 5400)
    await world.sweep(posture=posture)
    (alarm,) = calls(world, "hold.near")
    assert (alarm.urgency, alarm.amount, alarm.deadline) == (Urgency.CALL, Money(5000), line.deadline)


@pytest.mark.parametrize("posture", Posture)
async def test_what_the_robot_would_do_and_does_not_is_near_its_deadline_as_a_hold_is(posture: Posture) -> None:
    world = World(seed=1, cases=1, kinds=("unshipped",))
    await world.sweep(posture=posture)
    now = world.clock.now()
    near = world.ledger.near_holds(now, now + timedelta(days=2))
    assert [(one.amount, one.observed) for one in near] == (
        [] if posture is Posture.ACT else [(Money(5000), posture is Posture.OBSERVE)]
    )
    world.shop.cases["0000"].state = CaseState.SUCCESS
    await world.sweep(posture=posture)
    assert world.ledger.near_holds(now, now + timedelta(days=2)) == ()


async def test_what_will_not_be_reached_is_told_with_its_sum_and_its_first_deadline() -> None:
    world = World(seed=1, cases=6)
    await world.sweep(seconds_per_case=6 * 3600, posture=Posture.OBSERVE)
    (alarm,) = calls(world, "plan.late")
    late = [case.amount.fen for case in world.shop.cases.values()]
    assert alarm.amount is not None
    assert 0 < alarm.amount.fen < sum(late)
    assert alarm.deadline is not None
    assert (alarm.deadline - START).total_seconds() == DAY_S


@pytest.mark.parametrize(("only", "over"), [({}, True), ({"max_cases": 5}, False), ({"posture": Posture.ACT}, True)])
async def test_what_was_told_as_late_is_over_once_every_case_was_worked_on(only: dict[str, Any], *, over: bool) -> None:
    world = World(seed=1, cases=6)
    await world.sweep(**{"seconds_per_case": 6 * 3600, "posture": Posture.OBSERVE, **only})
    assert calls(world, "plan.late")
    assert (("plan.late", SHOP) in world.book.over) is over


@pytest.mark.parametrize("verdict", ["stopped", "picked"])
async def test_a_sweep_that_left_cases_out_says_nothing_about_what_is_late(verdict: str) -> None:
    world = World(seed=1, cases=6)
    if verdict == "stopped":
        world.stop.set()
        await world.sweep()
    else:
        await world.sweep(pick=Pick(ids=frozenset({"0001"})))
    assert ("plan.late", SHOP) not in world.book.over


async def test_a_person_who_passed_the_check_answers_what_they_were_called_for() -> None:
    world = World(seed=1)
    floor = ChallengedFloor(world, comes=True)
    floor.arrival.set()
    await reading_of(world, floor).sign_in()
    assert [alarm.reason.code for alarm in world.book.alarms] == ["error.session.challenge"]
    assert ("error.session.challenge", SHOP) in world.book.over


async def test_a_check_that_nobody_passed_goes_on_calling() -> None:
    world = World(seed=1)
    floor = ChallengedFloor(world, comes=False)
    floor.arrival.set()
    with pytest.raises(ChallengeRequired):
        await reading_of(world, floor).sign_in()
    assert world.book.over == []


async def test_a_shop_that_a_person_stopped_calls_nobody_to_the_phone() -> None:
    world = World(seed=1, cases=2)
    world.kill.on = True
    await world.sweep()
    assert [(one.reason.code, one.urgency) for one in world.book.alarms] == [("brake.kill", Urgency.WARN)]


class Bundles:
    """A FailureBook that has a place for each."""

    def keep(self, failure: Failure, sight: Sight) -> str:
        return f"/home/failures/{failure.code}"


@pytest.mark.parametrize(
    ("sight", "picture"),
    [(Sight(b"PNG"), "/home/failures/error.session.challenge/page.png"), (Sight(), ""), (None, "")],
)
async def test_a_challenge_calls_with_the_picture_of_the_page_that_waits(sight: Sight | None, picture: str) -> None:
    world = World(seed=1)
    world.failures = Bundles()  # type: ignore[assignment]  # another FailureBook

    class Seen(ChallengedFloor):
        async def ensure(self) -> None:
            error = ChallengeRequired("a slider")
            error.sight = sight
            raise error

    floor = Seen(world, comes=True)
    floor.arrival.set()
    await reading_of(world, floor).sign_in()
    (alarm,) = world.book.alarms
    assert (alarm.urgency, alarm.picture) == (Urgency.CALL, picture)
