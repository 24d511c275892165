"""A sweep of some cases: they are worked by the whole protocol, the others are seen and left alone; and what it forecasts."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.case import CaseState
from bot.domain.ids import CaseKey
from bot.domain.money import ZERO, Money
from bot.domain.outcome import CaseStatus
from bot.engine.moments import Window
from bot.engine.policy import Policy, parse_policy
from bot.ledger import audit
from bot.ports.wanted import Pick, Sparing
from bot.runner.orders import Posture
from tests.simulation.harness import ROOT, World
from tests.simulation.model_floor import ModelFloor, ModelPage
from tests.simulation.model_shop import SHOP, ServerCase
from tests.simulation.model_world import START
from tests.unit.alerts.climbing import LADDER, always, raised
from tests.unit.alerts.climbing import World as Steps

SCENE = """
[[scene]]
scene = "unshipped_refund"
id = "atom_before"
name = "before shipping"
active = true
max_amount = "500.00"
autonomy = "granted"
"""


def with_scene() -> Policy:
    """The shipped policy, in which the scene's strategy goes before all others."""
    text = (ROOT / "policy.example.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text) | {"scene_priority": 1} | tomllib.loads(SCENE)
    return parse_policy(data)


def touched(world: World) -> set[str]:
    return {case for case, _ in world.ours}


def statuses(world: World, run: int = 1) -> dict[str, CaseStatus]:
    lines = world.ledger.lines(world.ledger.runs(run)[run - 1])
    return {line.case.aftersale_id: line.status for line in lines}


def key(id_: str) -> CaseKey:
    return CaseKey(platform=SHOP.platform, shop_id=SHOP.shop_id, aftersale_id=id_)


PICKS = {
    "ids": (Pick(ids=frozenset({"0001", "0004"})), {"0001", "0004"}),
    "whole keys": (Pick(ids=frozenset({str(key("0004")), "other/s1/0001"})), {"0004"}),
    "at least": (Pick(at_least=Money(5000 + 9 * 37)), {"0009", "0010", "0011"}),
    "at most": (Pick(at_most=Money(5037)), {"0000", "0001"}),
    "deadline": (Pick(deadline_before=START + timedelta(days=1)), set[str]()),
    "ids and sum": (Pick(ids=frozenset({"0001", "0009"}), at_least=Money(5100)), {"0009"}),
}


@pytest.mark.parametrize(("pick", "meant"), PICKS.values(), ids=PICKS.keys())
async def test_only_what_was_picked_is_worked_and_all_that_is_listed_is_known(pick: Pick, meant: set[str]) -> None:
    world = World(seed=1)
    result = await world.sweep(pick=pick)
    assert result.stopped is None
    assert set(statuses(world)) == meant
    assert result.seen == len(meant)
    assert touched(world) <= meant
    assert sum(world.ledger.counts()[SHOP].values()) == 12, "the list was recorded whole (I16)"
    assert audit(world.ledger.engine, None).findings == (), "what was not picked is nothing left over (I8)"


async def test_what_was_left_alone_is_done_by_the_next_whole_sweep_once() -> None:
    world = World(seed=1)
    first = await world.sweep(pick=Pick(ids=frozenset({"0001", "0004"})))
    second = await world.sweep()
    assert sum(first.acted.values()) + sum(second.acted.values()) == 9
    assert set(world.ours.values()) == {1}
    assert audit(world.ledger.engine, None).findings == ()


async def test_number_of_cases_is_counted_among_the_picked_ones() -> None:
    world = World(seed=1)
    result = await world.sweep(pick=Pick(at_least=Money(5000 + 9 * 37)), max_cases=1)
    assert len([status for status in statuses(world).values() if status is not CaseStatus.WAITING]) == 1
    assert result.seen == 3


async def test_case_that_waits_and_left_the_list_is_looked_at_when_it_is_named_and_not_otherwise() -> None:
    world = World(seed=1)
    await world.sweep(pick=Pick(ids=frozenset({"0001"})))
    assert statuses(world)["0001"] is CaseStatus.WAITING, "the courier was asked to stop it"
    world.shop.cases["0001"].state = CaseState.SUCCESS
    await world.sweep(pick=Pick(at_least=Money(1)))
    assert "0001" not in statuses(world)
    await world.sweep(pick=Pick(ids=frozenset({"0001"})))
    assert statuses(world)["0001"] is CaseStatus.FOREIGN


async def test_ids_that_nobody_has_are_told() -> None:
    world = World(seed=1)
    result = await world.sweep(pick=Pick(ids=frozenset({"0001", "9999", "other/s1/0001"})))
    assert result.missing == ("9999", "other/s1/0001")


async def test_scene_works_its_own_cases_and_opens_no_page_whose_type_it_cannot_have() -> None:
    world = World(seed=1)
    result = await world.sweep(policy=with_scene(), pick=Pick(scenes=frozenset({"unshipped_refund"})))
    assert set(statuses(world)) == {"0000", "0004", "0008"}, "the list tells the types of all others"
    assert result.acted == {"agree_refund": 3}
    assert audit(world.ledger.engine, None).findings == ()


async def test_case_that_another_strategy_decides_is_judged_and_left_alone_by_a_sweep_of_the_scene() -> None:
    world = World(seed=1)
    result = await world.sweep(pick=Pick(scenes=frozenset({"unshipped_refund"})))
    lines = {line.case.aftersale_id: line for line in world.ledger.lines(world.ledger.runs(1)[0])}
    assert {line.status for line in lines.values()} == {CaseStatus.DECIDED}
    assert {line.reasons[0].code for line in lines.values()} == {"pick.other_scene"}
    assert (result.acted, world.shop.effects) == ({}, [])
    assert audit(world.ledger.engine, None).findings == ()
    assert sum((await world.sweep()).acted.values()) == 9, "the next whole sweep does them"


async def test_amount_that_grew_since_the_list_was_read_is_not_acted_on(monkeypatch: pytest.MonkeyPatch) -> None:
    world, open_ = World(seed=1, cases=1), ModelFloor.open

    async def dearer(floor: ModelFloor, case: CaseKey) -> ModelPage:
        world.shop.cases["0000"].amount = world.shop.cases["0000"].paid = Money(9_000)
        return await open_(floor, case)

    monkeypatch.setattr(ModelFloor, "open", dearer)
    await world.sweep(pick=Pick(at_most=Money(5_000)))
    (line,) = world.ledger.lines(world.ledger.runs(1)[0])
    assert (line.status, line.reasons[0].code) == (CaseStatus.DECIDED, "pick.other_now")
    assert world.shop.effects == []


async def test_sweep_of_a_few_keeps_what_was_judged_of_the_others() -> None:
    """The dry run judged all; the confirmed sweep works some, and the others still say what would be done to them."""
    world = World(seed=1)
    await world.sweep(posture=Posture.OBSERVE)
    before = world.ledger.counts()[SHOP]
    await world.sweep(pick=Pick(ids=frozenset({"0000"})))
    after = world.ledger.counts()[SHOP]
    assert after[CaseStatus.DECIDED] == before[CaseStatus.DECIDED] - 1
    assert CaseStatus.SEEN not in after


async def test_forecast_names_cases_money_and_first_deadline_of_what_is_really_late() -> None:
    """Twelve cases of two hours each before the deadlines of tomorrow: all but the last one are reached."""
    world = World(seed=1)
    result = await world.sweep(posture=Posture.OBSERVE, seconds_per_case=2 * 3600 + 60)
    (alarm,) = [one for one in world.book.alarms if one.reason.code == "plan.late"]
    assert result.late == 1
    assert alarm.reason.params == {"count": "1", "amount": str(Money(5_000)), "first": "11-23 10:00"}


async def test_no_alarm_where_the_plan_keeps_every_deadline() -> None:
    world = World(seed=1)
    result = await world.sweep(posture=Posture.OBSERVE, seconds_per_case=2 * 3600 - 60)
    assert (result.late, world.troubles) == (0, [])


def at_night(world: World) -> None:
    """It is two o'clock; one case is due this minute (its page prints 0 分), all others in half an hour."""
    world.clock.pass_time(16 * 3600)
    for case in world.shop.cases.values():
        case.deadline = world.clock.now() + timedelta(minutes=30)
    world.shop.cases["0000"].deadline = world.clock.now()


async def test_a_case_at_its_deadline_silences_no_alarm_for_those_that_can_still_be_saved() -> None:
    """Of eleven others not one is reached: the night is broken for them, and the phone rings before they are lost."""
    world = World(seed=1)
    at_night(world)
    now, due = world.clock.now(), world.clock.now() + timedelta(minutes=30)
    result = await world.sweep(posture=Posture.OBSERVE, seconds_per_case=3600)
    (alarm,) = [one for one in world.book.alarms if one.reason.code == "plan.late"]
    asked = sum((case.amount for id_, case in world.shop.cases.items() if id_ != "0000"), start=ZERO)
    assert (result.late, alarm.amount, alarm.deadline) == (11, asked, due)
    assert alarm.reason.params == {"count": "11", "amount": str(asked), "first": "11-23 02:30"}
    nights = Steps(replace(LADDER, quiet=Window.parse("22:00-08:00")), [raised(alarm, now)], always)
    nights.run(now, due)
    told = [(at < due, channel) for at, channel in nights.told(1)]
    assert told == [(True, "desk"), (True, "group"), (True, "phone")]


async def test_a_case_at_its_deadline_is_worked_and_no_forecast() -> None:
    world = World(seed=1)
    at_night(world)
    result = await world.sweep(posture=Posture.OBSERVE)
    assert (result.late, [one.reason.code for one in world.troubles if one.reason.code == "plan.late"]) == (0, [])
    assert "0000" in statuses(world)
    assert world.shop.opened[-1] == "0000", "behind all that can still be saved"


async def test_a_parcel_to_be_stopped_is_worked_before_others_that_are_due_no_later() -> None:
    """It rolls on while we wait; it stands last in the list, asks for the least, and nobody's deadline is lost by it."""
    world = World(seed=1, cases=8, kinds=("unshipped",))
    world.shop.cases["0003"].kind, world.shop.cases["0003"].amount = "in_transit", Money(100)
    result = await world.sweep(posture=Posture.OBSERVE, reader_tabs=1)
    assert (world.shop.opened[0], result.late) == ("0003", 0)


async def test_a_parcel_to_be_stopped_waits_where_a_deadline_would_be_lost_by_it() -> None:
    """At two hours a case one that is due in 130 minutes has to be the first."""
    world = World(seed=1, cases=8, kinds=("unshipped",))
    world.shop.cases["0003"].kind = "in_transit"
    world.shop.cases["0005"].deadline = START + timedelta(hours=2, minutes=10)
    result = await world.sweep(posture=Posture.OBSERVE, reader_tabs=1, seconds_per_case=2 * 3600)
    assert (world.shop.opened[0], result.late) == ("0005", 0)


async def test_a_parcel_that_was_called_back_or_judged_otherwise_is_no_parcel_to_be_stopped_any_more() -> None:
    """The last look decides where there was one: the new parcel goes first, the others keep their order by money."""
    world = World(seed=1, cases=4, kinds=("in_transit", "threat"))
    await world.sweep(sparing=Sparing(recheck_s=1800))
    for case in world.shop.cases.values():
        case.state = CaseState.WAIT_SELLER
    world.shop.cases["0004"] = ServerCase("0004", "in_transit", Money(100), Money(100))
    world.shop.opened.clear()
    world.clock.pass_time(1800)
    await world.sweep(posture=Posture.OBSERVE, reader_tabs=1, sparing=Sparing(recheck_s=1800))
    assert world.shop.opened == ["0004", "0003", "0002", "0001", "0000"]
