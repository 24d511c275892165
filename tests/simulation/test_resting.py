"""Sweeps of the schedule: what waits for somebody rests, what is new is met at once, and nothing is lost by either (ADR 0022)."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.action import Verb
from bot.domain.case import CaseState
from bot.domain.hand import Instead
from bot.domain.ids import CaseKey
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus
from bot.engine.policy import parse_policy
from bot.engine.resting import LAST_CALL, SHORTER
from bot.ledger import audit
from bot.ports.wanted import Pick, Sparing
from bot.runner.orders import Posture
from tests.simulation.harness import ROOT, World
from tests.simulation.model_floor import PAGE
from tests.simulation.model_shop import SHOP, ModelShop, ServerCase
from tests.simulation.model_world import START
from tests.simulation.test_by_hand import carry_out, verdict

HALF_HOUR = 1800
RESTS = Sparing(recheck_s=HALF_HOUR)
QUICK = Sparing(recheck_s=HALF_HOUR, quick=True)
TEXT = tomllib.loads((ROOT / "policy.example.toml").read_text(encoding="utf-8"))
ALL = {"0000", "0001", "0002", "0003"}


def threats(cases: int = 4, **told: Any) -> World:
    """Cases that only a person decides."""
    return World(seed=1, cases=cases, kinds=("threat",), **told)


async def opened(world: World, **orders: Any) -> set[str]:
    """The cases whose pages a sweep opens."""
    world.shop.opened.clear()
    await world.sweep(**({"sparing": RESTS} | orders))
    return set(world.shop.opened)


def sound(world: World) -> bool:
    return audit(world.ledger.engine, None).findings == ()


def applies(shop: ModelShop, kind: str = "unshipped", **told: Any) -> ServerCase:
    """A buyer applies now."""
    number = f"{len(shop.cases):04d}"
    fields = {"applied_at": shop.clock.now(), "deadline": shop.clock.now() + timedelta(days=2)} | told
    shop.cases[number] = ServerCase(number, kind, Money(5_000), Money(5_000), **fields)
    return shop.cases[number]


async def test_a_case_that_a_person_holds_rests_until_it_is_time_again() -> None:
    world = threats()
    first = await world.sweep(sparing=RESTS)
    assert (first.held, first.resting, first.whole_list) == (4, 0, True)
    world.shop.opened.clear()
    again = await world.sweep(sparing=RESTS)
    assert (again.seen, again.held, again.resting, world.shop.opened) == (0, 0, 4, [])
    assert world.ledger.resting(SHOP) == 4, "and it is said, so that nothing looks lost"
    assert world.ledger.counts()[SHOP] == {CaseStatus.HELD: 4}
    world.clock.pass_time(HALF_HOUR)
    assert await opened(world) == ALL
    assert sound(world)


async def test_a_case_that_waits_for_a_courier_rests_once_its_page_was_read_after_our_act() -> None:
    world = World(seed=1, cases=2, kinds=("in_transit",))
    first = await world.sweep(sparing=RESTS)
    assert first.acted[Verb.INTERCEPT] == 2
    assert await opened(world) == {"0000", "0001"}, "what we did changed them, whatever the row says"
    assert await opened(world) == set()
    ids = world.ledger.on_the_way(SHOP)
    assert await opened(world, pick=Pick(ids=ids), sparing=Sparing()) == set(ids) == {"0000", "0001"}, "followed up"
    assert await opened(world) == set()
    assert sound(world)


async def test_a_parcel_called_back_is_followed_up_by_the_sweep_that_stands_in_for_the_follow_up() -> None:
    world = World(seed=1, cases=2, kinds=("in_transit", "threat"))
    sparing = Sparing(recheck_s=HALF_HOUR, follow_s=120)
    await world.sweep(sparing=sparing)
    assert await opened(world, sparing=sparing) == {"0000"}, "after our act"
    world.clock.pass_time(60)
    assert await opened(world, sparing=sparing) == set()
    world.clock.pass_time(60)
    assert await opened(world, sparing=sparing) == {"0000"}, "and the one that a person holds rests on"


def _amount(world: World) -> dict[str, Any]:
    world.shop.cases["0001"].amount -= Money(1)
    return {}


def _deadline(world: World) -> dict[str, Any]:
    world.shop.cases["0001"].deadline -= timedelta(minutes=5)
    return {}


ENDS: dict[str, tuple[Callable[[World], dict[str, Any]], set[str]]] = {
    "nothing": (lambda _: {}, set()),
    "amount": (_amount, {"0001"}),
    "deadline": (_deadline, {"0001"}),
    "policy": (lambda _: {"policy": parse_policy(TEXT | {"name": "another"})}, ALL),
    "settings": (lambda _: {"config_hash": "d"}, ALL),
    "posture": (lambda _: {"posture": Posture.PROPOSE}, ALL),
    "a clock set back": (lambda world: world.clock.pass_time(-600) or {}, ALL),
    "by hand": (lambda _: {"sparing": Sparing()}, ALL),
    "by id": (lambda _: {"sparing": Sparing(), "pick": Pick(ids=frozenset({"0002"}))}, {"0002"}),
}


@pytest.mark.parametrize(("change", "read"), ENDS.values(), ids=ENDS.keys())
async def test_whatever_changes_ends_the_rest_at_once(
    change: Callable[[World], dict[str, Any]], read: set[str]
) -> None:
    world = threats()
    await world.sweep(sparing=RESTS)
    world.clock.pass_time(120)
    assert await opened(world, **change(world)) == read
    assert sound(world)


async def test_a_persons_word_ends_the_rest_and_so_does_the_end_of_their_time() -> None:
    world = threats()
    await world.sweep(sparing=RESTS)
    until = world.clock.now() + timedelta(minutes=10)
    await carry_out(world, verdict(world, "0002", Verb.HOLD, instead=Instead.WAIT, again_at=until))
    assert await opened(world) == {"0002"}
    assert await opened(world) == set()
    world.clock.pass_time(600)
    assert await opened(world) == {"0002"}
    assert sound(world)


async def test_what_could_not_be_read_or_was_left_over_is_read_again() -> None:
    world = threats(rates={"read_error": 1.0})
    await world.sweep(sparing=RESTS)
    world.chance.rates = {}
    world.ledger.set_breaker(SHOP, "")
    assert await opened(world) == ALL
    left_over = threats()
    first = await left_over.sweep(sparing=RESTS, max_cases=3)
    assert (first.held, first.waiting) == (3, 1)
    assert len(await opened(left_over)) == 1, "what the sweep did not come to does not rest"
    assert sound(world)
    assert sound(left_over)


def key(id_: str) -> CaseKey:
    return CaseKey(platform=SHOP.platform, shop_id=SHOP.shop_id, aftersale_id=id_)


@pytest.mark.parametrize(("left", "interval", "recheck"), [(205, 5, 45), (130, 7, 30), (100, 3, 60)])
async def test_a_resting_case_is_read_again_before_its_last_two_hours_and_often_within_them(
    left: int, interval: int, recheck: int
) -> None:
    """All in minutes: to the deadline, between two sweeps, of rest."""
    world = threats(cases=1)
    world.shop.cases["0000"].deadline = deadline = START + timedelta(minutes=left)
    read: list[Any] = []
    while world.clock.now() < deadline:
        if await opened(world, sparing=Sparing(recheck_s=60 * recheck)):
            read.append(world.clock.now())
        world.clock.pass_time(60 * interval)
    turn, border = timedelta(minutes=interval, seconds=10), deadline - LAST_CALL
    for before, after in pairwise(read):
        assert after - before <= timedelta(minutes=recheck) + turn
        if before < border:
            assert after <= border + turn, "the first sweep at the border reads it"
        else:
            assert after - before <= timedelta(minutes=recheck) / SHORTER + turn
    assert deadline - read[-1] <= timedelta(minutes=recheck) / SHORTER + turn or read[-1] >= border - turn


# ---- quick looks ----


def many(pending: int = 25) -> World:
    """A shop whose pending cases all wait for a person."""
    return threats(cases=pending)


async def test_a_new_case_is_met_by_a_quick_look_and_the_others_rest() -> None:
    world = many()
    await world.sweep(sparing=RESTS)
    applies(world.shop)
    world.shop.pages = 0
    swept = await world.sweep(sparing=QUICK)
    assert (swept.whole_list, swept.resting, swept.seen, dict(swept.acted)) == (False, 25, 1, {Verb.AGREE_REFUND: 1})
    assert world.shop.pages == 2, "the page with the new one, and one without"
    world.shop.pages = 0
    swept = await world.sweep(sparing=QUICK)
    assert (swept.whole_list, swept.resting, world.shop.pages) == (False, 25, 1), "what we ended is no more expected"
    assert sound(world)


async def test_what_does_not_rest_is_read_though_no_page_showed_it() -> None:
    world = many()
    await world.sweep(sparing=RESTS)
    world.clock.pass_time(HALF_HOUR)
    world.shop.pages = 0
    swept = await world.sweep(sparing=QUICK)
    assert (swept.seen, swept.held, swept.resting, world.shop.pages) == (25, 25, 0, 1)
    assert await opened(world, sparing=QUICK) == set(), "and rests again"
    assert sound(world)


def _withdrawn(shop: ModelShop) -> None:
    shop.cases["0007"].state = CaseState.CLOSED


def _back_again(shop: ModelShop) -> None:
    """An old application comes onto the list, such as after an offer that was declined."""
    applies(shop, applied_at=START - timedelta(days=3))


@pytest.mark.parametrize("change", [_withdrawn, _back_again], ids=["one left", "an old one came"])
async def test_a_count_that_does_not_fit_brings_the_whole_list(change: Callable[[ModelShop], None]) -> None:
    world = many()
    await world.sweep(sparing=RESTS)
    change(world.shop)
    swept = await world.sweep(sparing=QUICK)
    assert swept.whole_list
    assert world.ledger.counts()[SHOP].get(CaseStatus.SEEN) is None, "whatever changed has its end"
    assert (await world.sweep(sparing=QUICK)).whole_list is False
    assert sound(world)


async def test_an_old_one_in_the_place_of_one_that_left_is_met_by_the_next_whole_list() -> None:
    """What a quick look cannot see: the count is the same, and the newest page too."""
    world = many()
    await world.sweep(sparing=RESTS)
    _withdrawn(world.shop)
    _back_again(world.shop)
    assert (await world.sweep(sparing=QUICK)).whole_list is False
    swept = await world.sweep(sparing=RESTS)
    assert {str(key("0007")), str(key("0025"))} <= {str(line.case) for line in world.ledger.lines(swept.run)}  # type: ignore[arg-type] # a RunId
    assert (swept.acted, swept.foreign) == ({Verb.AGREE_REFUND: 1}, 1)
    assert sound(world)


class Moving:
    """What happens between two pages: buyers apply, and cases leave, by a script; each step is `+` or an index that leaves."""

    def __init__(self, shop: ModelShop, script: list[int | None]) -> None:
        self._shop = shop
        self._script = iter(script)

    def __call__(self) -> None:
        match next(self._script, "still"):
            case None:
                self._shop.clock.pass_time(1)
                applies(self._shop)
            case int(index):
                pending = [one for one in self._shop.cases.values() if one.state is CaseState.WAIT_SELLER]
                if pending:
                    pending[index % len(pending)].state = CaseState.CLOSED
            case _:
                pass


STEPS = st.lists(st.none() | st.integers(0, 500), max_size=14)


@settings(max_examples=4, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(old=st.integers(0, 25), new=st.integers(0, 25), before=STEPS, meanwhile=STEPS)
async def test_no_new_case_is_ever_left_out_by_a_quick_look_while_rows_shift(
    old: int, new: int, before: list[int | None], meanwhile: list[int | None]
) -> None:
    """Whoever applied before the sweep began and is still there when it has listed is known, whatever left or came meanwhile."""
    world = threats(cases=old)
    await world.sweep(sparing=RESTS, posture=Posture.OBSERVE)
    world.clock.pass_time(60)
    for _ in range(new):
        world.clock.pass_time(1)
        applies(world.shop)
    move = Moving(world.shop, before)
    for _ in before:
        move()
    there = {one.id for one in world.shop.cases.values() if one.state is CaseState.WAIT_SELLER}
    world.shop.between_pages = Moving(world.shop, meanwhile)
    await world.sweep(sparing=QUICK, posture=Posture.OBSERVE)
    still = {one.id for one in world.shop.cases.values() if one.state is CaseState.WAIT_SELLER}
    assert there & still <= {case.aftersale_id for case in world.ledger.on_list(SHOP)}
    assert sound(world)


async def test_a_shop_whose_cases_all_wait_costs_one_page_of_the_list_and_none_of_a_case() -> None:
    world = many(3 * PAGE)
    await world.sweep(sparing=RESTS)

    async def cost(sparing: Sparing) -> tuple[int, int, int]:
        world.shop.pages = 0
        world.shop.opened.clear()
        swept = await world.sweep(sparing=sparing)
        return world.shop.pages, len(world.shop.opened), swept.resting

    assert await cost(Sparing()) == (3, 3 * PAGE, 0)
    assert await cost(QUICK) == (1, 0, 3 * PAGE)


async def test_a_sweep_that_goes_on_behind_one_that_gave_way_reads_nothing_twice() -> None:
    """What it would have acted on in `observe` is nobody's, so it does not rest: a backlog would begin at its head for ever."""
    world = World(seed=1, cases=12, kinds=("unshipped",))
    first = await world.sweep(sparing=RESTS, posture=Posture.OBSERVE, max_cases=5)
    done = set(world.shop.opened)
    assert len(done) == 5
    going_on = Sparing(recheck_s=HALF_HOUR, goes_on=frozenset({first.run}))
    everything = set(world.shop.cases)
    assert await opened(world, sparing=going_on, posture=Posture.OBSERVE) == everything - done
    assert await opened(world, posture=Posture.OBSERVE) == everything, "the next round reads them all"
    assert sound(world)


async def test_what_changed_since_a_sweep_gave_way_is_read_by_the_one_that_goes_on() -> None:
    world = World(seed=1, cases=3, kinds=("unshipped",))
    first = await world.sweep(sparing=RESTS, posture=Posture.OBSERVE)
    world.shop.cases["0001"].amount = Money(4_000)
    going_on = Sparing(recheck_s=HALF_HOUR, goes_on=frozenset({first.run}))
    assert await opened(world, sparing=going_on, posture=Posture.OBSERVE) == {"0001"}
