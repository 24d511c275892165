"""What the shop lost, from the truth: as it really went, and as a flawless clerk, doing nothing or agreeing to all would fare.

All four are reckoned by the same rule from the effects of a world: the one that is running, and three made anew from its seed
and played to their end (`people.py`). So the sums can be compared: a formula for what might have been would leave out failed
intercepts, appeals and returns that never came, and be beaten, or missed, for no merit or fault of anybody's judgement.

All sums are fen. `wrong_refusal_penalty` and `lost_deadline_penalty` are stated constants a case, for what a wrong
refusal or a missed deadline costs a shop in its experience score: judgements, not measurements.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from operator import attrgetter

from simulator.scenarios.build import Built
from simulator.scenarios.people import Clerk, Nobody, YesMan, goods_back
from simulator.scenarios.playing import Hand, cases_of, play
from simulator.world.machine import PLATFORM
from simulator.world.model import Case, Effect, Verb
from simulator.world.store import Store

WRONG_REFUSAL_FEN = 5_000
LOST_DEADLINE_FEN = 1_000
TIMED_OUT = frozenset({Verb.AGREE_REFUND, Verb.AGREE_RETURN, Verb.AGREE_SERVICE})


@dataclass(frozen=True, slots=True)
class Loss:
    """Where money went that a shop need not have lost, in fen."""

    paid_not_owed: int = 0
    goods_given_up: int = 0
    fees: int = 0
    wrong_refusal_penalty: int = 0
    lost_deadline_penalty: int = 0

    def __add__(self, other: Loss) -> Loss:
        """Two losses."""
        pairs = zip(self._parts(), other._parts(), strict=True)
        return Loss(*(mine + theirs for mine, theirs in pairs))

    def _parts(self) -> tuple[int, ...]:
        return _PARTS(self)

    def sheet(self) -> dict[str, int]:
        """The breakdown with its total, as the probe shows it."""
        return {**asdict(self), "total": sum(self._parts())}


_PARTS = attrgetter(*(field.name for field in fields(Loss)))
NOTHING = Loss()
DEADLINE = Loss(lost_deadline_penalty=LOST_DEADLINE_FEN)


TWINS: dict[str, Callable[[Built], Hand]] = {"flawless_clerk": Clerk, "do_nothing": Nobody, "agree_to_all": YesMan}
"""Who plays what might have been."""


_ACCUSES = frozenset({Verb.REFUSE, Verb.COMPLAIN})
"""Wrong against a buyer who is owed something."""


class LossBook:
    """Reckons from the truth: what is, at any moment; what might have been, once, when it is first asked for."""

    def __init__(self, built: Built) -> None:
        self._built = built

    def sheet(self, shop_id: str = "") -> dict[str, dict[str, int]]:
        """All four reckonings, of one shop or of all."""
        told = {"actual": reckon_by_shop(self._built), **self.might_be}
        return {name: _total(by_shop[one] for one in self._shops(shop_id)).sheet() for name, by_shop in told.items()}

    def _shops(self, shop_id: str) -> tuple[str, ...]:
        return (shop_id,) if shop_id else tuple(self._built.world.store.shops)

    @cached_property
    def might_be(self) -> dict[str, dict[str, Loss]]:
        """The three that did not happen, by shop; plays three worlds (0.2 s for 100 cases together)."""
        return {name: self._played(hand) for name, hand in TWINS.items()}

    def _played(self, hand: Callable[[Built], Hand]) -> dict[str, Loss]:
        twin = self._built.again()
        play(twin, hand(twin))
        return reckon_by_shop(twin)


def reckon(built: Built) -> Loss:
    """What the effects of a world cost so far."""
    return _total(reckon_by_shop(built).values())


def reckon_by_shop(built: Built) -> dict[str, Loss]:
    """The same, shop by shop."""
    by_case, losses = _by_case(built), dict.fromkeys(built.world.store.shops, NOTHING)
    for case in cases_of(built):
        losses[case.shop_id] += _went(built.world.store, case, by_case[case.aftersale_id])
    return losses


def reckon_case(built: Built, case: Case) -> Loss:
    """The same of one case."""
    return _went(built.world.store, case, _by_case(built)[case.aftersale_id])


def _by_case(built: Built) -> dict[str, list[Effect]]:
    by_case: dict[str, list[Effect]] = defaultdict(list)
    for effect in built.world.store.effects.all:
        by_case[effect.aftersale_id].append(effect)
    return by_case


def _went(store: Store, case: Case, effects: list[Effect]) -> Loss:
    ruled = any(effect.verb is Verb.INTERVENE for effect in effects)
    return _total(_of_effect(store, case, effect, ruled=ruled) for effect in effects)


def _of_effect(store: Store, case: Case, effect: Effect, *, ruled: bool) -> Loss:
    late = timed_out(effect) and not ruled
    return (DEADLINE if late else NOTHING) + _of_verb(store, case, effect)


def timed_out(effect: Effect) -> bool:
    """The platform said yes in the shop's place; it also does so where it rules on a refusal, which is another matter."""
    return effect.actor == PLATFORM and effect.verb in TIMED_OUT


def _of_verb(store: Store, case: Case, effect: Effect) -> Loss:
    if effect.verb is Verb.AGREE_REFUND:
        return _paid(case, effect.amount_fen, goods_back=goods_back(store, case))
    if effect.verb is Verb.INTERCEPT:
        return Loss(fees=effect.amount_fen)
    if effect.verb is Verb.ACCEPT_OFFER:
        # the buyer keeps what he has and forgoes the rest: nothing else is given up
        return Loss(paid_not_owed=max(0, effect.amount_fen - case.truth.owed_fen))
    return _refused(case) if effect.verb in _ACCUSES else NOTHING


def _paid(case: Case, amount_fen: int, *, goods_back: bool) -> Loss:
    """Money beyond what is owed; and where money is owed against goods, the goods if they never come back."""
    given_up = case.truth.goods_fen if case.truth.owed_fen > 0 and not goods_back else 0
    return Loss(paid_not_owed=max(0, amount_fen - case.truth.owed_fen), goods_given_up=given_up)


def _refused(case: Case) -> Loss:
    return Loss(wrong_refusal_penalty=WRONG_REFUSAL_FEN if case.truth.owed_fen > 0 else 0)


def _total(losses: Iterable[Loss]) -> Loss:
    return sum(losses, NOTHING)
