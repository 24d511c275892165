"""Offers and complaints under crashes and faults, by seed; the oracle is the model shop's own effect log, never the bot's word."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from bot.domain.action import Verb
from bot.domain.case import CaseState, OfferState
from bot.domain.money import ZERO, Money
from bot.domain.outcome import CaseStatus
from bot.engine.policy import parse_policy
from bot.ledger import audit
from tests.simulation.harness import World
from tests.simulation.model_shop import SHOP
from tests.simulation.model_world import FAULTS

STORM = dict.fromkeys(FAULTS, 0.05)
DAY = "2026-11-22"
PENDING = {"state": ["wait_seller"]}
POLICY = parse_policy(
    {
        "name": "offers first",
        "autonomy": {"default": "granted"},
        "parameters": {"threat_words": ["差评"]},
        "strategy": [
            {"id": "filed", "name": "投诉处理中", "verb": "hold", "waits": True, "when": {"complaint": ["filed"]}},
            {
                "id": "threat",
                "name": "要挟",
                "verb": "complain",
                "active": True,
                "scene": "refund_without_return",
                "message": "买家以差评要挟退款",
                "proofs": ["trail"],
                "when": PENDING | {"threat": True},
            },
            {
                "id": "worn",
                "name": "收到后要求退款",
                "verb": "negotiate",
                "active": True,
                "offers": ["20%", "40%", "60%"],
                "max_offer": "40.00",
                "when": PENDING | {"goods": ["received"], "type": ["refund_shipped"]},
            },
        ],
    }
)
MOST = Money(4_000)


def haggling(seed: int, **changes: Any) -> World:
    return World(seed=seed, kinds=("worn", "threat", "worn"), **changes)


async def days(world: World, count: int) -> None:
    """As often: a sweep through whatever happens, and then the buyers answer."""
    for _ in range(count):
        await world.sweep_through_crashes(policy=POLICY)
        world.shop.buyers_answer()
        world.ledger.set_breaker(SHOP, "")
        world.clock.pass_time(30)


def assert_books_match(world: World) -> None:
    """One effect a sum, a receipt for each; the budgets hold what was accepted or may still be, and nothing else."""
    told = f"seed {world.seed}"
    ours = Counter((e.case, e.verb, e.amount) for e in world.shop.effects if e.actor == "bot")
    receipts = {
        (line.case.aftersale_id, intent.action.verb, receipt.amount)
        for run in world.ledger.runs(100)
        for line in world.ledger.lines(run)
        for intent, receipt in line.receipts
    }
    assert max(ours.values(), default=0) <= 1, f"{told}: an effect happened twice"
    assert set(ours) == receipts, f"{told}: effects and receipts differ"
    assert not world.ledger.open_intents(SHOP), told
    assert audit(world.ledger.engine, None).findings == (), told
    standing = {OfferState.OPEN, OfferState.ACCEPTED}
    promised = [fen for case in world.shop.cases.values() for fen, how in case.offers if how in standing]
    spent = [line for line in world.ledger.budgets(DAY) if line.scope == "shop"]
    assert sum((line.posted for line in spent), ZERO) == sum(promised, ZERO), f"{told}: promises and budget differ"
    assert all(line.pending == ZERO for line in spent), f"{told}: money in the air"


def assert_offers_rise_within_bounds(world: World) -> None:
    for case in world.shop.cases.values():
        sums = [fen for fen, _ in case.offers]
        assert sums == sorted(set(sums)), f"seed {world.seed}: a sum was offered twice"
        assert all(fen <= MOST for fen in sums)


async def test_a_calm_week_offers_complains_waits_and_ends() -> None:
    world = haggling(1, cases=6)
    result = await world.sweep(policy=POLICY)
    assert result.acted == {Verb.NEGOTIATE: 4, Verb.COMPLAIN: 2}
    assert (result.waiting, result.held) == (6, 0)
    await days(world, 4)
    assert all(case.state is CaseState.SUCCESS for case in world.shop.cases.values() if case.kind == "worn")
    ends = Counter(line.status for line in world.ledger.lines(world.ledger.runs(1)[0]))
    assert set(ends) <= {CaseStatus.DONE, CaseStatus.WAITING}, (
        "nobody is called while the platform looks at a complaint"
    )
    assert_books_match(world)
    assert_offers_rise_within_bounds(world)


@pytest.mark.parametrize("seed", range(30))
async def test_no_crash_and_no_fault_promises_twice_or_forgets(seed: int) -> None:
    world = haggling(seed, cases=9, rates=STORM, crash_rate=0.04)
    await days(world, 2)
    world.chance.rates, world.crash_rate = {}, 0.0
    await days(world, 4)
    await world.sweep(policy=POLICY)
    assert_books_match(world)
    assert_offers_rise_within_bounds(world)


@pytest.mark.parametrize("mark", ["arm", "fire", "sent", "settle"])
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_an_offer_killed_at_each_mark_is_made_once(mark: str, moment: str) -> None:
    world = haggling(7, cases=1)
    world.crash_at = f"{moment} {mark}"
    await world.sweep_through_crashes(policy=POLICY)
    assert world.crashed_at == {world.crash_at: 1}
    assert [how for _, how in world.shop.cases["0000"].offers] == [OfferState.OPEN]
    assert_books_match(world)


async def test_the_shops_cap_holds_for_promises() -> None:
    world = haggling(1, cases=9)
    await world.sweep(policy=POLICY, shop_cap_day=Money(2_100))
    promised = sum((fen for case in world.shop.cases.values() for fen, _ in case.offers), ZERO)
    assert ZERO < promised <= Money(2_100)


async def test_the_same_seed_haggles_the_same() -> None:
    heads = []
    for _ in range(2):
        world = haggling(11, cases=9, rates=STORM, crash_rate=0.04)
        await days(world, 3)
        heads.append(world.ledger.head())
    assert heads[0] == heads[1]
