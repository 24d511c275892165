"""How long every case waited for its shop, in seconds of the world: the truth for percentiles, reckoned from effects and labels.

A case is *ready* from the moment on at which a flawless clerk had something to do for it: most with their application, a
return once it is unpacked. Whoever was ready and never acted on counts with the time it has waited so far, or until somebody
else ended it, or until nothing was right any more: leaving cases alone makes no figure better.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from simulator.scenarios.build import Built
from simulator.scenarios.labels import NOBODY
from simulator.scenarios.loss import timed_out
from simulator.scenarios.playing import cases_of
from simulator.scenarios.story import Spell
from simulator.world.model import FINISHED, Case, Effect, Verb

SELLER = "seller:"
_ONLY_INTERCEPT = frozenset({Verb.INTERCEPT})
_NO_ACTION = frozenset({Verb.REMARK})
"""A note is no answer to a buyer."""


@dataclass(frozen=True, slots=True)
class Act:
    """A seller's act; `late_s`: how long ago the verb had last been right (0 = at the act itself, None = it never was)."""

    verb: Verb
    at: datetime
    late_s: float | None


@dataclass(frozen=True, slots=True)
class Delay:
    """One case. `arrived`: applied for while the world ran; `intercept_until`: when it could no longer be asked for."""

    shop_id: str
    aftersale_id: str
    archetype: str
    arrived: bool
    applied_at: datetime
    ready_at: datetime | None
    acted: Act | None
    waited_s: float | None
    """From ready to the first act of the seller; None where nothing was ever ready."""
    intercept_ready_at: datetime | None
    intercepted_at: datetime | None
    intercept_until: datetime | None
    intercept_waited_s: float | None
    deadline_lost_at: datetime | None

    @property
    def at_once(self) -> bool:
        """Ready with its application, which came while the world ran."""
        return self.arrived and self.ready_at == self.applied_at


class DelayBook:
    """Reckons from a world as it is now."""

    def __init__(self, built: Built) -> None:
        self._built = built
        self._start = built.world.store.clock.now()

    def delays(self, shop_id: str = "") -> list[Delay]:
        """Every case that has come, of one shop or of all."""
        by_case: dict[str, list[Effect]] = defaultdict(list)
        for effect in self._built.world.store.effects.all:
            by_case[effect.aftersale_id].append(effect)
        cases = (case for case in cases_of(self._built) if shop_id in {"", case.shop_id})
        return [self._delay(case, by_case[case.aftersale_id]) for case in cases]

    def waiting(self) -> list[Delay]:
        """Whoever waits at this moment: something would be right for the case, and the seller has not acted on it yet."""
        story = self._built.labels.story
        acted = {one.aftersale_id for one in self._built.world.store.effects.all if _acts(one)}
        return [
            self._delay(case, ())
            for case in cases_of(self._built)
            if case.state not in FINISHED and case.aftersale_id not in acted and story[case.aftersale_id][-1].verbs
        ]

    def _delay(self, case: Case, effects: Sequence[Effect]) -> Delay:
        spells = self._built.labels.story[case.aftersale_id]
        ours = [one for one in effects if _acts(one)]
        lost = next((one.at for one in effects if timed_out(one) and not _ruled(effects)), None)
        end = self._end(case, effects)
        ready = _first(spells, bool)
        turned = _first(spells, lambda verbs: verbs == _ONLY_INTERCEPT)
        asked = next((one.at for one in ours if one.verb is Verb.INTERCEPT), None)
        until = None if asked else _last(spells, lambda verbs: Verb.INTERCEPT in verbs)
        return Delay(
            shop_id=case.shop_id,
            aftersale_id=case.aftersale_id,
            archetype=case.truth.archetype,
            arrived=case.applied_at > self._start,
            applied_at=case.applied_at,
            ready_at=ready,
            acted=self._act(ours[0]) if ours else None,
            waited_s=_between(ready, ours[0].at if ours else _last(spells, bool) or end),
            intercept_ready_at=turned,
            intercepted_at=asked,
            intercept_until=until,
            intercept_waited_s=_between(turned, asked or until or end),
            deadline_lost_at=lost,
        )

    def _act(self, effect: Effect) -> Act:
        verbs, spells = self._built.labels.at_act.get(effect.seq, NOBODY), self._built.labels.story[effect.aftersale_id]
        if effect.verb in verbs:
            return Act(effect.verb, effect.at, 0.0)
        before = [spell for spell in spells if spell.since <= effect.at]
        until = _last(before, lambda right: effect.verb in right)
        return Act(effect.verb, effect.at, _between(until, effect.at))

    def _end(self, case: Case, effects: Sequence[Effect]) -> datetime:
        """Until when it has waited: now, or until it was over."""
        return effects[-1].at if case.state in FINISHED and effects else self._built.world.store.now()

    # ---- figures ------------------------------------------------------------------------------------------------

    def sheet(self) -> dict[str, Any]:
        """`all` and every shop: how long actions and intercepts took, what was missed and lost."""
        told = self.delays()
        shops = self._built.world.store.shops
        return {"all": figures(told), **{shop: figures([d for d in told if d.shop_id == shop]) for shop in shops}}


def figures(delays: Sequence[Delay]) -> dict[str, Any]:
    """Of some cases, in seconds of the world."""
    intercepts = [one for one in delays if one.intercept_ready_at]
    return {
        "cases": len(delays),
        "action": _spread(one for one in delays if one.at_once),
        "later": _spread(one for one in delays if one.ready_at and not one.at_once),
        "intercept": {
            **_times([one.intercept_waited_s for one in intercepts if one.at_once]),
            "open": sum(not (one.intercepted_at or one.intercept_until) for one in intercepts),
            "missed": sum(one.intercept_until is not None for one in intercepts),
        },
        "stale": sum(one.acted is not None and bool(one.acted.late_s) for one in delays),
        "never_right": sum(one.acted is not None and one.acted.late_s is None for one in delays),
        "deadlines_lost": sorted(one.aftersale_id for one in delays if one.deadline_lost_at),
    }


def _spread(delays: Iterable[Delay]) -> dict[str, Any]:
    told = list(delays)
    return {**_times([one.waited_s for one in told]), "open": sum(one.acted is None for one in told)}


def _times(seconds: Iterable[float | None]) -> dict[str, Any]:
    found = sorted(one for one in seconds if one is not None)
    told = {"p50_s": percentile(found, 50), "p95_s": percentile(found, 95), "max_s": percentile(found, 100)}
    return {"n": len(found), **told}


def percentile(ordered: Sequence[float], percent: float) -> float | None:
    """By nearest rank; None of nothing."""
    return round(ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)], 1) if ordered else None


def row(delay: Delay) -> dict[str, Any]:
    """As the probe prints it."""
    told = {key: _plain(value) for key, value in asdict(delay).items() if key != "acted"}
    acted = delay.acted
    return {**told, "acted": acted and {"verb": acted.verb, "at": acted.at.isoformat(), "late_s": acted.late_s}}


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _acts(effect: Effect) -> bool:
    return effect.actor.startswith(SELLER) and effect.verb not in _NO_ACTION


def _ruled(effects: Iterable[Effect]) -> bool:
    return any(effect.verb is Verb.INTERVENE for effect in effects)


def _first(spells: Iterable[Spell], test: Callable[[frozenset[Verb]], bool]) -> datetime | None:
    return next((spell.since for spell in spells if test(spell.verbs)), None)


def _last(spells: Sequence[Spell], test: Callable[[frozenset[Verb]], bool]) -> datetime | None:
    """When it ceased to be so; None: it never was, or it still is."""
    for spell, after in zip(reversed(spells[:-1]), reversed(spells[1:]), strict=True):
        if test(spell.verbs) and not test(after.verbs):
            return None if test(spells[-1].verbs) else after.since
    return None


def _between(since: datetime | None, until: datetime) -> float | None:
    return None if since is None else max(0.0, (until - since).total_seconds())
