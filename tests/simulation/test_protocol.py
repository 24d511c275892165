"""The click protocol under crashes and faults, by seed; the oracle is the model shop's own effect log, never the bot's word."""

from __future__ import annotations

import tomllib

import pytest

from bot.domain.action import Verb
from bot.domain.ids import CaseKey
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus
from bot.engine.policy import parse_policy
from bot.ledger import audit
from bot.runner.orders import Posture
from tests.simulation.harness import ROOT, World
from tests.simulation.model_floor import ModelFloor, ModelPage
from tests.simulation.model_shop import SHOP
from tests.simulation.model_world import FAULTS

STORM = dict.fromkeys(FAULTS, 0.05)
SEEDS = range(60)


def assert_books_match(world: World) -> None:
    """I1, I2, I7, I8: one effect a key, a receipt for each, no reservation in the air.

    A receipt may also stand for a colleague's refund that met our own click on its way: then it says so (F24: counted, presumed).
    """
    told = f"seed {world.seed}"
    receipts = {
        (line.case.aftersale_id, intent.action.verb): receipt
        for run in world.ledger.runs(100)
        for line in world.ledger.lines(run)
        for intent, receipt in line.receipts
    }
    colleagues = {(effect.case, effect.verb) for effect in world.shop.effects if effect.actor == "colleague"}
    assert max(world.ours.values(), default=0) <= 1, f"{told}: an effect happened twice"
    assert set(world.ours) <= set(receipts), f"{told}: an effect without a receipt"
    beyond = set(receipts) - set(world.ours)
    assert beyond <= colleagues, f"{told}: a receipt for nothing"
    assert all(receipts[key].presumed for key in beyond), f"{told}: a colleague's refund booked as surely ours"
    assert not world.ledger.open_intents(SHOP), f"{told}: an intent without an outcome"
    assert audit(world.ledger.engine, None).findings == (), told
    assert all(line.pending == Money(0) for line in world.ledger.budgets("2026-11-22")), f"{told}: money in the air"


async def test_a_hold_is_given_to_the_owner_that_its_strategy_names() -> None:
    world, data = World(seed=1), tomllib.loads((ROOT / "policy.example.toml").read_text(encoding="utf-8"))
    owned = [one | ({"owner": "lead"} if one["verb"] == Verb.HOLD else {}) for one in data["strategy"]]
    await world.sweep(policy=parse_policy(data | {"strategy": owned}))
    held = [line for line in world.ledger.lines(world.ledger.runs(1)[0]) if line.status is CaseStatus.HELD]
    assert {line.owner for line in held} == {"lead"}


async def test_calm_sweep_settles_every_clear_case_and_holds_the_rest() -> None:
    world = World(seed=1)
    result = await world.sweep()
    assert result.acted == {Verb.AGREE_REFUND: 3, Verb.INTERCEPT: 3, Verb.AGREE_RETURN: 3}
    assert result.held == 3
    assert_books_match(world)


@pytest.mark.parametrize("seed", SEEDS)
async def test_no_crash_and_no_fault_pays_twice_or_forgets(seed: int) -> None:
    world = World(seed=seed, rates=STORM, crash_rate=0.04)
    await world.sweep_through_crashes()
    world.chance.rates = {}
    world.crash_rate = 0.0
    world.ledger.set_breaker(SHOP, "")
    world.clock.pass_time(30)
    await world.sweep()
    assert_books_match(world)


@pytest.mark.parametrize("mark", ["arm", "fire", "sent", "settle"])
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_killed_at_each_mark_and_restarted_ends_the_same(mark: str, moment: str) -> None:
    world = World(seed=7, cases=4)
    world.crash_at = f"{moment} {mark}"
    result = await world.sweep_through_crashes()
    assert world.crashed_at == {world.crash_at: 1}
    assert result.held == 1
    assert sorted(world.ours.values()) == [1, 1, 1]
    assert_books_match(world)


async def test_timed_out_click_that_landed_is_never_repeated() -> None:
    world = World(seed=3, cases=1, rates={"drop_after": 1.0})
    result = await world.sweep()
    assert result.acted == {Verb.AGREE_REFUND: 1}
    assert world.shop.requests == {"0000": 1}
    assert_books_match(world)


async def test_click_that_landed_late_is_waited_for() -> None:
    world = World(seed=3, cases=1, rates={"late_apply": 1.0})
    result = await world.sweep()
    assert result.acted == {Verb.AGREE_REFUND: 1}
    assert world.shop.requests == {"0000": 1}


async def test_request_proven_lost_is_sent_once_more_and_then_held() -> None:
    world = World(seed=3, cases=1, rates={"drop_before": 1.0})
    result = await world.sweep()
    assert result.held == 1
    assert not world.ours
    assert_books_match(world)


async def test_kill_switch_stops_before_any_click() -> None:
    world = World(seed=1)
    world.kill.on = True
    result = await world.sweep()
    assert result.stopped is not None
    assert result.stopped.code == "brake.kill"
    assert not world.shop.requests


async def test_observe_clicks_nothing_and_says_what_it_would_do() -> None:
    world = World(seed=1)
    result = await world.sweep(posture="observe")
    assert not world.shop.requests
    assert sum(result.proposed.values()) == 9


async def test_verb_off_the_list_is_held() -> None:
    world = World(seed=1)
    result = await world.sweep(verbs=frozenset({Verb.INTERCEPT}))
    assert result.acted == {Verb.INTERCEPT: 3}
    assert result.held == 9


async def test_shop_cap_is_never_passed() -> None:
    world = World(seed=1)
    cap = Money(13_000)
    result = await world.sweep(shop_cap_day=cap)
    spent = sum((effect.amount for effect in world.shop.effects), start=Money(0))
    assert spent <= cap
    assert result.held > 3


async def test_same_seed_gives_the_same_event_log() -> None:
    heads = []
    for _ in range(2):
        world = World(seed=11, rates=STORM)
        await world.sweep_through_crashes()
        heads.append(world.ledger.head())
    assert heads[0] == heads[1]


async def test_every_case_of_a_run_has_an_end_with_a_reason() -> None:
    world = World(seed=5, rates=STORM)
    await world.sweep()
    for line in world.ledger.lines(world.ledger.runs(1)[0]):
        assert line.status in {CaseStatus.DONE, CaseStatus.WAITING, CaseStatus.HELD, CaseStatus.FOREIGN}
        assert line.status is CaseStatus.DONE or line.reasons or line.receipts


async def test_browser_context_is_made_anew_by_age_as_well_as_by_count() -> None:
    world = World(seed=1)

    class Slow(ModelFloor):
        async def open(self, case: CaseKey) -> ModelPage:
            world.clock.pass_time(5)
            return await super().open(case)

    renewals = []
    for limits in ({"recycle_after_s": 15.0}, {"recycle_after": 5}, {}):
        world.floor = floor = Slow(world.shop)
        await world.sweep(posture=Posture.OBSERVE, **limits)
        renewals.append(floor.renewals)
    assert renewals == [3, 2, 0]
