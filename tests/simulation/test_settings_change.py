"""Settings that become stricter under a sweep: nothing is clicked that they forbid by then; what they widen counts from the next sweep on."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from bot.domain.action import Verb
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus
from bot.ports.brakes import Bounds
from bot.ports.ledger import CaseLine
from bot.runner.orders import Posture
from bot.runner.sweep import Sweep
from tests.simulation.harness import VERBS, World
from tests.simulation.test_by_hand import codes, verdict, watched
from tests.simulation.test_protocol import assert_books_match

AMPLE = Bounds(acts=True, verbs=VERBS, shop_day=Money(10**9), buyer_day=Money(10**9))


@dataclass
class Saved:
    """Settings that are saved anew just before the `at`-th look at them."""

    then: Bounds
    at: int = 0
    looks: int = 0

    def in_force(self) -> Bounds:
        self.looks += 1
        return AMPLE if self.looks <= self.at else self.then


async def swept(settings: Saved, **orders: object) -> World:
    world = World(seed=1)
    await Sweep(replace(world.kit(), settings=settings), world.orders(**orders), "model").run()
    return world


def lines(world: World) -> tuple[CaseLine, ...]:
    return tuple(line for run in world.ledger.runs(10) for line in world.ledger.lines(run))


@pytest.mark.parametrize(
    ("then", "code"),
    [
        (replace(AMPLE, acts=False), "brake.posture"),
        (replace(AMPLE, verbs=frozenset()), "brake.verb"),
        (replace(AMPLE, shop_day=Money(0)), "error.case.over_cap.shop"),
        (replace(AMPLE, buyer_day=Money(0)), "error.case.over_cap.buyer"),
    ],
)
async def test_what_the_settings_forbid_by_now_is_held_and_not_clicked(then: Bounds, code: str) -> None:
    world = await swept(Saved(then))
    moved = [effect for effect in world.shop.effects if effect.actor == "bot" and effect.amount.fen]
    assert moved == []
    held = {line.reasons[0].code for line in lines(world) if line.status is CaseStatus.HELD}
    assert code in held
    assert_books_match(world)


async def test_no_click_follows_the_moment_at_which_the_posture_was_taken_back() -> None:
    asked = Saved(AMPLE)
    whole = await swept(asked)
    for at in range(0, asked.looks, 3):
        world = await swept(Saved(replace(AMPLE, acts=False), at))
        assert len(world.ours) <= at // 3, (
            "each click had its look when it was composed, before arming and before the click"
        )
        assert set(world.ours) <= set(whole.ours)
        assert_books_match(world)


async def test_wider_settings_widen_no_sweep_that_goes_on() -> None:
    world = await swept(Saved(AMPLE), posture=Posture.OBSERVE)
    assert not world.ours
    world = await swept(Saved(AMPLE), verbs=frozenset({Verb.REFUSE}))
    assert {verb for _, verb in world.ours} <= {Verb.REFUSE}


@pytest.mark.parametrize("verbs", [VERBS, frozenset[Verb]()])
async def test_a_persons_deed_heeds_the_list_of_now_and_no_posture(verbs: frozenset[Verb]) -> None:
    world = await watched()
    told, settings = verdict(world), Saved(replace(AMPLE, acts=False, verbs=verbs))
    orders = world.orders(posture=Posture.OBSERVE, verdicts={told.case: told})
    await Sweep(replace(world.kit(), settings=settings), orders, "model").run()
    assert bool(world.ours) is bool(verbs)
    if not verbs:
        assert codes(world)[0] == "brake.verb"
