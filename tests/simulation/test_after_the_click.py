"""Claims about what breaks around a click: what may have left is always read back, and what certainly did not is never called unknown."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from bot.domain.action import Action, Mark
from bot.domain.case import Snapshot
from bot.domain.courier import Trail
from bot.domain.facts import Fact
from bot.domain.outcome import CaseStatus
from bot.errors import OutcomeUnknown, PageError
from bot.ledger import audit
from bot.ports.desks import Permit
from bot.ports.ledger import CaseLine
from bot.ports.results import ShopSweep
from tests.simulation.harness import World
from tests.simulation.model_floor import ModelFloor, ModelPage
from tests.simulation.model_shop import SHOP
from tests.simulation.model_stores import ModelCourier

FIRST = "0000"
"""The case that is acted on first: a refund of what was never shipped."""


def line_of(world: World, case: str = FIRST) -> CaseLine:
    return next(line for line in world.ledger.lines(world.ledger.runs(1)[0]) if line.case.aftersale_id == case)


def assert_all_is_done_once_and_booked(world: World, result: ShopSweep) -> None:
    assert (sum(result.acted.values()), result.unknown, result.stopped) == (9, 0, None)
    assert set(world.ours.values()) == {1}
    assert not world.ledger.open_intents(SHOP)
    assert audit(world.ledger.engine, None).findings == ()


class AfterTheClick:
    """Breaks one method of the first case's pages, from the moment on at which something was sent for it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str, trouble: Exception, times: int = 1) -> None:
        self._trouble, self._left, self._sent = trouble, times, False
        perform, method = ModelPage.perform, getattr(ModelPage, name)

        async def performed(page: ModelPage, action: Action, permit: Permit) -> None:
            try:
                await perform(page, action, permit)
            finally:
                self._sent |= page.case_id == FIRST

        async def broken(page: ModelPage) -> object:
            if self._sent and self._left and page.case_id == FIRST:
                self._left -= 1
                raise self._trouble
            return await method(page)

        monkeypatch.setattr(ModelPage, "perform", performed)
        monkeypatch.setattr(ModelPage, name, broken)


@pytest.mark.parametrize("trouble", [PageError("no picture"), RuntimeError("a bug of the camera")])
async def test_a_picture_that_fails_after_the_money_moved_costs_the_picture_alone(
    monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    world = World(seed=1)
    AfterTheClick(monkeypatch, "picture", trouble)
    assert_all_is_done_once_and_booked(world, await world.sweep(pictures=True))
    ((_, receipt),) = line_of(world).receipts
    assert (receipt.after, receipt.presumed) == (None, False)


async def test_a_bug_in_reading_back_is_read_back_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(seed=1)
    AfterTheClick(monkeypatch, "reload", ValueError("a page that nobody foresaw"))
    assert_all_is_done_once_and_booked(world, await world.sweep())
    assert len(line_of(world).receipts) == 1


async def test_a_page_that_cannot_even_be_closed_after_the_click_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(seed=1, rates={"drop_after": 1.0})
    AfterTheClick(monkeypatch, "close", RuntimeError("the tab is gone"), times=2)
    assert_all_is_done_once_and_booked(world, await world.sweep())


async def test_without_a_fresh_context_the_sweep_ends_and_the_next_one_reads_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(seed=3, cases=2, rates={"drop_before": 1.0})

    async def dead(_: ModelFloor) -> None:
        raise RuntimeError("no context to be had")

    with monkeypatch.context() as broken:
        broken.setattr(ModelFloor, "renew", dead)
        result = await world.sweep()
    assert result.stopped is not None
    assert result.stopped.code == "error.session"
    assert [found.mark for found in world.ledger.open_intents(SHOP)] == [Mark.SENT]
    world.chance.rates = {}
    await world.sweep()
    assert set(world.ours.values()) == {1}
    assert not world.ledger.open_intents(SHOP)
    assert audit(world.ledger.engine, None).findings == ()


async def test_a_bug_before_anything_was_sent_leaves_nothing_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    world, perform = World(seed=1), ModelPage.perform

    async def buggy(page: ModelPage, action: Action, permit: Permit) -> None:
        if page.case_id == FIRST:
            raise RuntimeError("the overlay went while it was looked at")
        await perform(page, action, permit)

    monkeypatch.setattr(ModelPage, "perform", buggy)
    result = await world.sweep()
    assert (result.unknown, sum(result.acted.values()), FIRST in world.shop.requests) == (0, 8, False)
    assert (line_of(world).status, line_of(world).reasons[0].code) == (CaseStatus.HELD, "error.action.not_sent")
    assert audit(world.ledger.engine, None).findings == ()


async def test_a_bug_in_the_courier_desk_ends_no_sweep_and_hangs_none(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(seed=1)

    async def buggy(_: ModelCourier, waybills: Sequence[str]) -> Mapping[str, Fact[Trail]]:
        await asyncio.sleep(0)
        raise ValueError(f"{len(waybills)} parcels too many")

    monkeypatch.setattr(ModelCourier, "trails", buggy)
    async with asyncio.timeout(60):
        result = await world.sweep(reader_tabs=3)
    assert result.stopped is None
    assert sum(result.acted.values()) > 0


# ---- what nobody knows stays the first thing that is said -----------------------------------------------------------


async def unknown_world(monkeypatch: pytest.MonkeyPatch) -> World:
    """The first case's request may have left, and its page cannot be read afterwards."""
    world, perform, read = World(seed=1), ModelPage.perform, ModelPage.read
    lost: set[str] = set()

    async def vanishes(page: ModelPage, action: Action, permit: Permit) -> None:
        if page.case_id != FIRST:
            return await perform(page, action, permit)
        permit.on_send()
        lost.add(FIRST)
        raise OutcomeUnknown("the line is dead", case=FIRST)

    async def unreadable(page: ModelPage) -> Snapshot:
        if page.case_id in lost:
            raise PageError("half a page")
        return await read(page)

    with monkeypatch.context() as broken:
        broken.setattr(ModelPage, "perform", vanishes)
        broken.setattr(ModelPage, "read", unreadable)
        broken.setattr(ModelPage, "reload", unreadable)
        assert (await world.sweep()).unknown == 1
    return world


async def test_an_unknown_outcome_is_still_one_in_every_sweep_that_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    world = await unknown_world(monkeypatch)
    for _ in range(2):
        world.clock.pass_time(3_600)
        result = await world.sweep()
        assert result.unknown == 1
        assert (line_of(world).status, line_of(world).reasons[0].code) == (CaseStatus.HELD, "settle.unknown")
        assert FIRST not in world.shop.requests
        assert world.ledger.unknowns(line_of(world).case)
