"""The append-only log of effects: written exactly where the world changes, read by the probe."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from simulator.world.model import Effect, Verb


class EffectsLog:
    """Effects in order of happening; `seq` starts at 1. Watchers hear of each before anybody sees what it changed."""

    def __init__(self) -> None:
        self.all: list[Effect] = []
        self.watchers: list[Callable[[Effect], None]] = []
        self._last: dict[tuple[str, str, Verb], Effect] = {}

    def add(
        self,
        at: datetime,
        actor: str,
        verb: Verb,
        aftersale_id: str,
        amount_fen: int = 0,
        evidence: tuple[str, ...] = (),
    ) -> Effect:
        """Write one effect; `amount_fen` is the money it moves (refund, intercept fee), what an offer promises, else 0."""
        effect = Effect(len(self.all) + 1, at, actor, verb, aftersale_id, amount_fen, evidence)
        self.all.append(effect)
        self._last[actor, aftersale_id, verb] = effect
        for watcher in self.watchers:
            watcher(effect)
        return effect

    def resent(self, actor: str, aftersale_id: str, verb: Verb) -> bool:
        """Count a POST that asked again for an effect this actor already had (F17); False = there is none."""
        effect = self._last.get((actor, aftersale_id, verb))
        if effect is not None:
            effect.requests += 1
        return effect is not None
