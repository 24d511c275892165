"""A policy that changes under a sweep: nothing is clicked by a policy that is no longer in force (F51, F52)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, replace

import pytest

from bot.domain.action import Verb
from bot.engine.policy import Policy, parse_policy
from bot.ports.ledger import CaseLine
from bot.runner.sweep import Sweep
from tests.simulation.harness import POLICY, ROOT, World
from tests.simulation.test_protocol import assert_books_match

NOTHING = parse_policy(
    {"name": "nothing", "strategy": [{"id": "all", "name": "all", "verb": "hold", "when": {"state": ["wait_seller"]}}]}
)
"""Everything is for a person."""


@dataclass
class Edited:
    """A policy file that is saved anew just before the `at`-th look at it; every look is remembered."""

    at: int
    then: Policy = NOTHING
    looks: list[str] = field(default_factory=list)

    def in_force(self) -> Policy:
        policy = POLICY if len(self.looks) < self.at else self.then
        self.looks.append(policy.hash)
        return policy


async def swept(policies: Edited, seed: int = 1) -> World:
    world = World(seed=seed)
    await Sweep(replace(world.kit(), policies=policies), world.orders(), "model").run()
    return world


def lines(world: World) -> tuple[CaseLine, ...]:
    return tuple(line for run in world.ledger.runs(10) for line in world.ledger.lines(run))


@pytest.mark.parametrize("at", [0, 3, 8, 15, 22])
async def test_no_click_follows_the_moment_at_which_the_rules_became_stricter(at: int) -> None:
    policies = Edited(at)
    world = await swept(policies)
    fired = [effect for effect in world.shop.effects if effect.actor == "bot"]
    allowed = policies.looks[: policies.at]
    assert len(fired) <= len(allowed) // 2, "each click had two looks: when it was decided and right before it"
    assert all(line.receipts == () or line.decision for line in lines(world))
    assert_books_match(world)


async def test_what_was_decided_and_not_yet_clicked_is_decided_again() -> None:
    # readers are ahead of the writer by a few cases: the first look before a click already finds the new policy
    first = 2
    while not (await swept(Edited(first))).ours:
        first += 1
    world = await swept(Edited(first - 1))
    assert not world.ours
    assert {line.status for line in lines(world)} == {"held"}
    made = [judged.decision for run in world.ledger.runs(5) for judged in world.ledger.decisions(run)]
    acts = {decision.case for decision in made if decision.verb is not Verb.HOLD}
    again = {decision.case for decision in made if decision.policy_hash == NOTHING.hash}
    assert acts, "something was decided under the old policy"
    assert acts <= again


async def test_every_decision_names_a_policy_that_was_in_force_when_it_was_made() -> None:
    for at in (3, 7):
        policies = Edited(at)
        world = await swept(policies)
        hashes = {judged.decision.policy_hash for run in world.ledger.runs(5) for judged in world.ledger.decisions(run)}
        assert hashes == {POLICY.hash, NOTHING.hash}


async def test_a_policy_that_is_only_renamed_is_another_one_and_costs_no_click() -> None:
    data = tomllib.loads((ROOT / "policy.example.toml").read_text(encoding="utf-8"))
    renamed = parse_policy(data | {"name": "renamed"})
    assert renamed.hash != POLICY.hash
    calm, edited = await swept(Edited(10_000)), await swept(Edited(6, then=renamed))
    assert edited.ours == calm.ours
    assert sum(edited.ours.values()) == 9
    assert Verb.AGREE_REFUND in {verb for _, verb in edited.ours}
