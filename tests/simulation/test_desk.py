"""Interceptions at a courier's window within whole sweeps: same intents, receipts and read-back, crashes and a screen that goes away included."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.desktop.lock import ScreenLock
from bot.domain.action import Intercept, Mark, Verb
from bot.domain.ids import CaseKey
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus
from bot.ledger import audit
from bot.ports.desktop import Point, Ready
from tests.desk.courier import Place, place
from tests.simulation.harness import World
from tests.simulation.model_shop import SHOP


def at_window(tmp_path: Path, cases: int = 2) -> tuple[World, Place]:
    """A shop whose parcels are all on the road, called back at the courier's window."""
    world = World(seed=5, cases=cases, kinds=("in_transit",))
    fees = {case.waybill: 700 + number for number, case in enumerate(world.shop.cases.values())}
    here = place(world.clock, ScreenLock(tmp_path / "screen.lock"), fees)
    world.desks = (here.desk,)
    return world, here


def settled(world: World) -> list[Intercept]:
    """One a receipt; a case that later runs looked at again tells of it in each."""
    found = {
        intent.id: intent.action
        for run in world.ledger.runs(50)
        for line in world.ledger.lines(run)
        for intent, _ in line.receipts
    }
    return [action for action in found.values() if isinstance(action, Intercept)]


def assert_each_once(world: World, here: Place) -> None:
    """The courier's own log against the ledger: each parcel once, at the fee that was decided, and nothing on the shop's page."""
    assert sorted(here.courier.orders) == sorted(here.courier.fees.items())
    assert sorted((one.waybill, one.fee.fen) for one in settled(world)) == sorted(here.courier.fees.items())
    assert {one.desk for one in settled(world)} == {"played"}
    assert world.shop.effects == []
    assert not world.ledger.open_intents(SHOP)
    assert audit(world.ledger.engine, None).findings == ()


async def test_parcels_of_a_served_courier_are_called_back_at_the_window_and_not_on_the_page(tmp_path: Path) -> None:
    world, here = at_window(tmp_path)
    result = await world.sweep()
    assert result.acted == {Verb.INTERCEPT: 2}
    assert_each_once(world, here)


async def test_parcels_of_another_courier_stay_with_the_shops_page(tmp_path: Path) -> None:
    world, _ = at_window(tmp_path)
    other = place(world.clock, ScreenLock(tmp_path / "other.lock"), {}, couriers=("中通",))
    world.desks = (other.desk,)
    await world.sweep()
    assert [effect.verb for effect in world.shop.effects] == [Verb.INTERCEPT] * 2
    assert other.driver.log == []


@pytest.mark.parametrize("mark", ["arm", "fire", "sent", "settle"])
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_killed_at_each_mark_the_desk_is_asked_and_no_parcel_is_called_back_twice(
    tmp_path: Path, mark: str, moment: str
) -> None:
    world, here = at_window(tmp_path)
    world.crash_at = f"{moment} {mark}"
    await world.sweep_through_crashes()
    assert world.crashed_at == {world.crash_at: 1}
    assert_each_once(world, here)


async def test_a_lost_answer_is_read_back_at_the_desk_and_booked(tmp_path: Path) -> None:
    world, here = at_window(tmp_path, cases=1)
    here.courier.answers = False
    result = await world.sweep()
    assert result.acted == {Verb.INTERCEPT: 1}
    assert_each_once(world, here)


async def test_an_order_that_never_came_is_proven_so_and_its_money_set_free(tmp_path: Path) -> None:
    world, here = at_window(tmp_path, cases=1)
    here.courier.applies = here.courier.answers = False
    result = await world.sweep()
    assert (here.courier.orders, result.acted) == ([], {})
    assert here.client.presses.count("是") <= 2, "a second press only with proof that the first came to nothing"
    assert all(line.pending == Money(0) for line in world.ledger.budgets("2026-11-22"))
    assert not world.ledger.open_intents(SHOP)


async def test_a_screen_that_locks_after_yes_leaves_the_case_with_a_person_and_the_money_reserved(
    tmp_path: Path,
) -> None:
    world, here = at_window(tmp_path, cases=1)
    order = here.courier.order

    def order_and_lock(waybill: str, fee: int) -> None:
        order(waybill, fee)
        here.driver.state = Ready.LOCKED
        here.client.window.process = "gone.exe"

    here.courier.order = order_and_lock  # type: ignore[method-assign] # the PC locks itself at that very moment
    result = await world.sweep()
    assert (result.acted, result.unknown, result.held) == ({}, 1, 1)
    line = world.ledger.lines(world.ledger.runs(1)[0])[0]
    assert line.status is CaseStatus.HELD
    assert line.reasons[0].code == "settle.unknown"
    assert any(one.pending > Money(0) for one in world.ledger.budgets("2026-11-22"))
    assert len(here.courier.orders) == 1


async def test_a_desk_that_the_settings_name_no_more_is_no_reason_to_believe_anything(tmp_path: Path) -> None:
    world, here = at_window(tmp_path, cases=1)
    world.crash_at = "after sent"
    with pytest.raises(BaseException, match="sent"):
        await world.sweep()
    world.desks = ()
    await world.sweep()
    assert world.shop.effects == []
    key = CaseKey(platform=SHOP.platform, shop_id=SHOP.shop_id, aftersale_id=next(iter(world.shop.cases)))
    found = world.ledger.unknowns(key)
    assert [world.ledger.intent(one).action.verb for one in found] == [Verb.INTERCEPT]
    assert [one.mark for one in world.ledger.open_intents(SHOP) if one.mark is Mark.SENT] == []
    assert here.courier.orders == []


async def test_without_a_desktop_every_interception_is_held_and_somebody_is_told(tmp_path: Path) -> None:
    world, here = at_window(tmp_path)
    here.driver.state = Ready.LOCKED
    result = await world.sweep()
    assert (result.acted, result.held) == ({}, 2)
    assert {alarm.reason.code for alarm in world.troubles} == {"desktop.locked"}
    assert (here.courier.orders, world.shop.effects) == ([], [])


async def test_a_pointer_in_the_corner_ends_the_sweep(tmp_path: Path) -> None:
    world, here = at_window(tmp_path)

    def in_corner(_: str) -> None:
        here.driver.at = Point(0, 0)

    here.driver.before_act = in_corner
    result = await world.sweep()
    assert result.stopped is not None
    assert result.stopped.code == "brake.corner"
    assert here.corners
    assert (here.courier.orders, world.shop.effects) == ([], [])
