"""Labels that live: what was ever right for a case, what was right when, and what was right just before an act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from simulator.scenarios.labels import HOLD, NOBODY, right_verbs, sight_of
from simulator.world.model import Case, Effect, Verb
from simulator.world.store import Store


@dataclass(frozen=True, slots=True)
class Spell:
    """What was right for a case from a moment on, until the next spell."""

    since: datetime
    verbs: frozenset[Verb]


class Labels:
    """The label of every case: verbs that have become right are added, never taken away (docs/simulator.md).

    Beside it the story: what was right when. `at_act` holds, by the number of an effect, what was right just before it.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.initial: dict[str, frozenset[Verb]] = {}
        self.story: dict[str, list[Spell]] = {}
        self.at_act: dict[int, frozenset[Verb]] = {}
        self._verbs: dict[str, frozenset[Verb]] = {}
        for case in store.cases.values():
            self._notice(case)
        store.watchers.append(self._notice)
        store.effects.watchers.append(self._acted)

    def _notice(self, case: Case) -> None:
        key, right = case.aftersale_id, right_verbs(sight_of(self._store, case))
        self.initial.setdefault(key, right)
        self._verbs[key] = self._verbs.get(key, NOBODY) | right
        spells = self.story.setdefault(key, [])
        if not spells or spells[-1].verbs != right:
            spells.append(Spell(self._store.now(), right))

    def _acted(self, effect: Effect) -> None:
        spells = self.story.get(effect.aftersale_id)
        self.at_act[effect.seq] = spells[-1].verbs if spells else NOBODY

    def of(self, case: Case) -> list[str]:
        """The verbs, sorted; `["hold"]` when no verb was ever right."""
        return sorted(verb.value for verb in self._verbs.get(case.aftersale_id, NOBODY)) or [HOLD]
