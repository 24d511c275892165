"""Claims on rehearsals over whole sweeps: the policy that was in force comes out as it did, case by case, to the fen."""

from __future__ import annotations

import copy
import tomllib
from collections import defaultdict
from datetime import datetime
from typing import Any

import pytest

from bot.backtest import Rehearsal
from bot.domain.money import ZERO, Money
from bot.engine.policy import Policy, parse_policy
from bot.runner.orders import Posture
from tests.simulation.harness import POLICY, ROOT, World
from tests.simulation.model_shop import SHOP
from tests.simulation.model_world import VirtualClock

SINCE = VirtualClock().now().replace(year=2020)


def rehearsed(world: World, candidate: Policy) -> Rehearsal:
    rehearsal = Rehearsal(candidate, world.ledger.spending)
    for past in world.ledger.past(SINCE):
        rehearsal.take(past)
    return rehearsal


def policy_but(change: Any) -> Policy:
    data = copy.deepcopy(tomllib.loads((ROOT / "policy.example.toml").read_text(encoding="utf-8")))
    change(data)
    return parse_policy(data)


def capped(fen: int) -> Policy:
    """The shipped policy with another cap of the day on every strategy that pays."""

    def change(data: dict[str, Any]) -> None:
        for one in data["strategy"]:
            if one["verb"] == "agree_refund":
                one["cap_day"] = f"{fen // 100}.{fen % 100:02d}"

    return policy_but(change)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("posture", [Posture.ACT, Posture.OBSERVE])
async def test_the_policy_in_force_yields_no_flip(seed: int, posture: Posture) -> None:
    world = World(seed, cases=14, rates={"error": 0.05}, crash_rate=0.02)
    policy = capped(40_000)
    for _ in range(3):
        await world.sweep_through_crashes(posture=posture, policy=policy)
        world.clock.pass_time(3600)
    found = rehearsed(world, policy)
    assert found.decisions >= 14
    assert found.flips() == []
    assert not found.uncovered
    assert found.totals.was == found.totals.now
    assert found.totals.was_fen == found.totals.now_fen


async def test_a_candidate_that_pays_nothing_keeps_exactly_what_was_paid() -> None:
    world = World(3, cases=20)
    sweep = await world.sweep()

    def nothing(data: dict[str, Any]) -> None:
        data["strategy"] = [one for one in data["strategy"] if one["verb"] != "agree_refund"]

    found = rehearsed(world, policy_but(nothing))
    kept = sum((ZERO - flip.moved for flip in found.flips()), ZERO)
    assert sweep.refunded_fen > 0
    assert kept == Money(sweep.refunded_fen)
    assert all(flip.why for flip in found.flips())


async def test_a_lower_cap_of_the_day_is_spent_in_the_order_of_the_day_and_never_passed_by_what_was_armed() -> None:
    """The candidate pays while its own cap lasts: what the live policy paid beyond it does not count against it.

    Readers are ahead of the writer: what was decided and not armed yet counts for nobody, and the ledger has the last word at the click.
    """
    world = World(5, cases=30)
    await world.sweep()
    cap = Money(30_000)
    found = rehearsed(world, capped(cap.fen))
    parted = {flip.case for flip in found.flips()}
    armed: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for past in world.ledger.past(SINCE):
        decision = past.kept.decision
        if decision.verb == "agree_refund" and decision.plan and decision.plan.amount:
            took, by_then = decision.plan.amount.fen, decision.decided_at
            known = sum(fen for since, fen in armed[decision.plan.strategy] if since <= by_then)
            assert (decision.case in parted) is (known + took > cap.fen)
            spending = world.ledger.spending(decision.case, past.seq)
            if decision.case not in parted and spending is not None:
                armed[decision.plan.strategy].append((spending.since, took))
    assert parted


async def test_a_shadow_is_kept_and_counted_and_changes_nothing_that_is_done() -> None:
    alone, shadowed = World(7, cases=16), World(7, cases=16)
    candidate = capped(20_000)
    assert await alone.sweep() == await shadowed.sweep(shadow=candidate)
    assert shadowed.ours == alone.ours
    run = shadowed.ledger.runs(1)[0]
    told = shadowed.ledger.shadow(run)
    assert told is not None
    assert told.policy_hash == candidate.hash
    judged = [one for one in shadowed.ledger.decisions(run) if one.shadow]
    assert len({one.decision.case for one in judged}) == told.judged == 16
    assert told.differ == len({one.decision.case for one in judged if one.shadow and not one.shadow.agrees})
    assert alone.ledger.shadow(alone.ledger.runs(1)[0]) is None


async def test_a_shadows_own_caps_of_the_day_are_rebuilt_from_the_ledger() -> None:
    """A second sweep of the day, as after a restart: the candidate has not got its cap back."""
    world, candidate = World(7, cases=16), capped(20_000)
    await world.sweep(shadow=candidate)
    told = {one.decision.case: one.shadow for one in world.ledger.decisions(world.ledger.runs(1)[0]) if one.shadow}
    takes = [(one.strategy, one.takes.fen) for one in told.values() if one.takes]
    book = world.ledger.shadow_book(SHOP, candidate.hash)
    day = next(one.day for one in told.values())
    spent = {name: sum_.fen for name, sum_ in book.spent("", day).items()}
    assert spent == {name: sum(fen for other, fen in takes if other == name) for name, _ in takes}
    assert 0 < spent["unshipped_full"] <= 20_000
    assert world.ledger.shadow_book(SHOP, "another").spent("", day) == {}


async def test_the_live_policy_in_its_own_shadow_agrees_with_itself() -> None:
    world = World(8, cases=16)
    await world.sweep(shadow=POLICY)
    told = world.ledger.shadow(world.ledger.runs(1)[0])
    assert told is not None
    assert (told.judged, told.differ) == (16, 0)


async def test_a_shadow_whose_rules_raise_harms_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def bug(*_: object) -> None:
        raise ZeroDivisionError

    world = World(9, cases=8)
    monkeypatch.setattr("bot.engine.shadow.stand_all", bug)
    sweep = await world.sweep(shadow=capped(20_000))
    assert sweep.seen == 8
    assert sweep.stopped is None
