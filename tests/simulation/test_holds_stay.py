"""Claims that what waits for a person goes on waiting for them, whatever a sweep that looks, stops or cannot read does meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.alerts.subjects import subject_of
from bot.app.calling import MOOT
from bot.domain.ids import CaseKey
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus
from bot.engine.scenes import Scene
from bot.ledger import audit
from bot.ports.desks import Listing, UnreadRow
from bot.ports.ledger import CaseLine
from bot.ports.wanted import Pick
from bot.runner.calls import NEAR_HOLD, near_hold
from bot.runner.orders import Posture
from tests.simulation.harness import World
from tests.simulation.model_floor import ModelFloor
from tests.simulation.model_shop import SHOP


def held(world: World) -> set[str]:
    """Ids of the cases that wait for a person."""
    cases = (f"{place:04d}" for place in range(12))
    keys = [CaseKey(platform=SHOP.platform, shop_id=SHOP.shop_id, aftersale_id=case) for case in cases]
    return {key.aftersale_id for key in keys if world.ledger.stands(key) is CaseStatus.HELD}


def newest(world: World) -> dict[str, CaseLine]:
    return {line.case.aftersale_id: line for line in world.ledger.lines(world.ledger.runs(1)[0])}


async def proposing() -> tuple[World, set[str]]:
    """A shop whose twelve cases all wait for a person: nine proposals, three holds."""
    world = World(seed=1)
    await world.sweep(posture=Posture.PROPOSE)
    waiting = held(world)
    assert len(waiting) == 12
    return world, waiting


async def test_a_dry_run_leaves_the_queue_as_it_was() -> None:
    world, waiting = await proposing()
    result = await world.sweep(posture=Posture.OBSERVE)
    assert held(world) == waiting
    assert sum(result.proposed.values()) == 9
    assert {line.status for line in newest(world).values()} == {CaseStatus.DECIDED, CaseStatus.HELD}
    assert audit(world.ledger.engine, None).findings == ()


async def test_a_sweep_that_takes_only_some_cases_leaves_the_queue_as_it_was() -> None:
    world, waiting = await proposing()
    await world.sweep(posture=Posture.PROPOSE, max_cases=3)
    assert held(world) == waiting
    await world.sweep(posture=Posture.ACT, pick=Pick(scenes=frozenset({Scene.TAGGED_KEEP_GOODS})))
    assert held(world) == waiting
    assert audit(world.ledger.engine, None).findings == ()


async def test_a_stopped_sweep_leaves_the_queue_as_it_was() -> None:
    world, waiting = await proposing()
    world.stop.set()
    await world.sweep(posture=Posture.PROPOSE)
    assert held(world) == waiting


async def test_a_hold_that_the_robot_may_act_on_by_now_is_acted_on() -> None:
    world, _ = await proposing()
    result = await world.sweep(posture=Posture.ACT)
    assert sum(result.acted.values()) == 9
    assert len(held(world)) == 3


async def test_a_call_that_its_case_made_needless_comes_again_when_the_case_is_held_again() -> None:
    world, waiting = await proposing()
    case = CaseKey(platform=SHOP.platform, shop_id=SHOP.shop_id, aftersale_id=min(waiting))
    call = near_hold(case, Money(100), world.clock.now() + timedelta(hours=1))
    assert world.ledger.raise_alarm(call, subject_of(call))
    run = world.ledger.runs(1)[0]
    world.ledger.conclude(run, case, CaseStatus.WAITING, ())
    standings, _ = MOOT[NEAR_HOLD]
    assert world.ledger.close_moot(NEAR_HOLD, standings, world.clock.now())
    assert not world.ledger.open_alarms()
    assert world.ledger.raise_alarm(call, subject_of(call)), "the robot's own answer is nobody's"


@pytest.mark.parametrize("status", [CaseStatus.SEEN, CaseStatus.DECIDED, CaseStatus.ACTING, CaseStatus.HELD])
def test_a_case_in_work_makes_no_call_needless(status: CaseStatus) -> None:
    assert status not in MOOT[NEAR_HOLD][0]


# ---- rows that nobody can read --------------------------------------------------------------------------------------


class Unread(ModelFloor):
    """The list shows rows that cannot be read beside the others."""

    def __init__(self, world: World, rows: Callable[[int], tuple[UnreadRow, ...]]) -> None:
        super().__init__(world.shop)
        self._rows = rows
        self._looks = 0

    async def list_pending(self, progress: Callable[[int, int], None], known: frozenset[str] | None = None) -> Listing:
        listing = await super().list_pending(progress, known)
        self._looks += 1
        return Listing(listing.rows, listing.printed_total, listing.passes, self._rows(self._looks), whole=True)


def unread_of(world: World) -> list[CaseKey]:
    return [case for case in world.ledger.unended(SHOP) if case.aftersale_id.startswith("unreadable-")]


async def test_a_row_without_an_id_is_one_hold_however_its_countdown_ticks_and_never_opened() -> None:
    world = World(seed=1)
    world.floor = Unread(world, lambda look: (UnreadRow("", f"¥1e3 | 剩余 1 时 {59 - look} 分"),))
    for _ in range(5):
        await world.sweep()
        assert len(unread_of(world)) == 1
    assert not [case for case in world.shop.opened if case.startswith("unreadable")]
    assert world.ledger.breaker(SHOP) == ""
    assert {alarm.reason.code for alarm in world.troubles} == {"list.unreadable"}
    world.floor = None
    await world.sweep()
    assert unread_of(world) == []
    assert audit(world.ledger.engine, None).findings == ()


async def test_two_rows_alike_are_two_holds() -> None:
    world = World(seed=1)
    world.floor = Unread(world, lambda _: (UnreadRow("", "¥1e3 | 剩余 5 分"), UnreadRow("", "¥2e3 | 剩余 6 分")))
    await world.sweep()
    assert len(unread_of(world)) == 2


async def test_an_unreadable_row_with_an_id_is_that_cases_hold_and_ends_with_a_row_that_can_be_read() -> None:
    world = World(seed=1)
    hidden = "0000"

    class Hides(Unread):
        async def list_pending(
            self, progress: Callable[[int, int], None], known: frozenset[str] | None = None
        ) -> Listing:
            listing = await super().list_pending(progress, known)
            rows = tuple(row for row in listing.rows if row.key.aftersale_id != hidden)
            return Listing(rows, listing.printed_total, listing.passes, listing.unreadable, whole=True)

    world.floor = Hides(world, lambda _: (UnreadRow(hidden, "0000 | ¥1e3"),))
    result = await world.sweep()
    assert (result.unreadable, hidden in world.shop.opened) == (1, False)
    assert hidden in held(world)
    world.floor = None
    await world.sweep()
    assert hidden not in held(world)
    assert sum(world.ours.values()) == 9
