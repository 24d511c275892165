"""Worlds that stand still until a test moves them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from simulator.scenarios.build import Built, build
from simulator.scenarios.shops import RIGHTS
from simulator.world.model import Actor, Case, CaseState
from simulator.world.service import World


@dataclass(frozen=True)
class Stage:
    """A built world with short names for what tests ask."""

    built: Built
    world: World
    clerk: Actor

    def cases(self, archetype: str = "") -> list[Case]:
        everything = self.world.store.cases.values()
        return [case for case in everything if not case.background and archetype in {"", case.truth.archetype}]

    def one(self, archetype: str, state: CaseState | None = None) -> Case:
        return next(case for case in self.cases(archetype) if state in {None, case.state})

    def label(self, case: Case) -> list[str]:
        return self.built.labels.of(case)

    def pass_hours(self, hours: float) -> None:
        self.world.store.clock.advance(timedelta(hours=hours).total_seconds())

    def pass_until(self, done: Callable[[], Any], step_hours: float = 2, most: int = 200) -> None:
        for _ in range(most):
            if done():
                return
            self.pass_hours(step_hours)
        pytest.fail("the world never got there")

    def effects(self, case: Case) -> list[tuple[str, str, int, int]]:
        return [
            (effect.actor, effect.verb.value, effect.amount_fen, effect.requests)
            for effect in self.world.store.effects.all
            if effect.aftersale_id == case.aftersale_id
        ]

    def patient(self, case: Case) -> Case:
        """Take the deadline away, so that a long story can be told."""
        case.deadline_at = None
        return case


Staging = Callable[..., Stage]
"""name (mixed), seed (1), cases (120) -> a stage whose clock stands still."""


@pytest.fixture
def stage() -> Staging:
    def make(name: str = "mixed", seed: int = 1, cases: int = 120) -> Stage:
        built = build(name, seed, cases, monotonic=lambda: 0.0)
        account = built.world.accounts.all[0]
        rights = account.rights if name == "limited" else RIGHTS
        return Stage(built, built.world, Actor(f"seller:{account.name}", account.shop_id, rights))

    return make
