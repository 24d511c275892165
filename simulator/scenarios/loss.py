"""What the shop lost, from the truth: as it really went, and as a flawless clerk, doing nothing or agreeing to all would fare.

All sums are fen. `wrong_refusal_penalty` and `lost_deadline_penalty` are stated constants a case, for what a wrong
refusal or a missed deadline costs a shop in its experience score: judgements, not measurements.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from simulator.scenarios.labels import Labels
from simulator.world.machine import PLATFORM
from simulator.world.model import SERVICES, Case, CaseState, CaseType, Effect, ParcelState, Verb
from simulator.world.service import World

WRONG_REFUSAL_FEN = 5_000
LOST_DEADLINE_FEN = 1_000
_COMING_HOME = frozenset({ParcelState.RETURNING, ParcelState.RETURN_SIGNED})
_TIMED_OUT = frozenset({Verb.AGREE_REFUND, Verb.AGREE_RETURN, Verb.AGREE_SERVICE})


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
        return tuple(asdict(self).values())

    def sheet(self) -> dict[str, int]:
        """The breakdown with its total, as the probe shows it."""
        return {**asdict(self), "total": sum(self._parts())}


NOTHING = Loss()
DEADLINE = Loss(lost_deadline_penalty=LOST_DEADLINE_FEN)


class LossBook:
    """Reckons from the truth; what might have been is fixed at the start, what is grows with the effects."""

    def __init__(self, world: World, labels: Labels) -> None:
        self._world = world
        cases = [case for case in world.store.cases.values() if not case.background]
        self._might_be = {
            "flawless_clerk": _total(self._by_clerk(case, labels.initial[case.aftersale_id]) for case in cases),
            "do_nothing": _total(map(_left_alone, cases)),
            "agree_to_all": _total(map(_agreed, cases)),
        }

    def sheet(self) -> dict[str, dict[str, int]]:
        """All four reckonings."""
        by_case: dict[str, list[Effect]] = defaultdict(list)
        for effect in self._world.store.effects.all:
            by_case[effect.aftersale_id].append(effect)
        actual = _total(self._went(self._world.store.cases[key], effects) for key, effects in by_case.items())
        return {"actual": actual.sheet(), **{name: loss.sheet() for name, loss in self._might_be.items()}}

    # ---- as it went -------------------------------------------------------------------------------------------

    def _went(self, case: Case, effects: list[Effect]) -> Loss:
        ruled = any(effect.verb is Verb.INTERVENE for effect in effects)
        return _total(self._of_effect(case, effect, ruled=ruled) for effect in effects)

    def _of_effect(self, case: Case, effect: Effect, *, ruled: bool) -> Loss:
        late = effect.actor == PLATFORM and effect.verb in _TIMED_OUT and not ruled
        return (DEADLINE if late else NOTHING) + self._of_verb(case, effect)

    def _of_verb(self, case: Case, effect: Effect) -> Loss:
        if effect.verb is Verb.AGREE_REFUND:
            return _paid(case, effect.amount_fen, goods_back=self._goods_back(case))
        if effect.verb is Verb.INTERCEPT:
            return Loss(fees=effect.amount_fen)
        return _refused(case) if effect.verb is Verb.REFUSE else NOTHING

    def _goods_back(self, case: Case) -> bool:
        """Did the goods come home, or are they on the way home?"""
        parcel = self._world.store.parcels.get(case.order.forward or "")
        brought = parcel is not None and parcel.state in _COMING_HOME
        returned = case.backward is not None and case.truth.sent_back == "all"
        return brought or returned or not _goods_out(case)

    # ---- as it might be ---------------------------------------------------------------------------------------

    def _by_clerk(self, case: Case, verbs: frozenset[Verb]) -> Loss:
        """The clerk takes the verb of the label; a held case goes to a person who finds out what is owed."""
        if Verb.AGREE_REFUND in verbs:
            return _paid(case, case.amount_fen, goods_back=not _goods_out(case))
        if Verb.REFUSE in verbs:
            return _refused(case)
        if Verb.INTERCEPT in verbs:
            return Loss(fees=self._world.store.parcels[case.order.forward or ""].fee_fen)
        unseen = case.truth.sends_back and case.truth.invisible
        return _paid(case, case.amount_fen, goods_back=True) if Verb.AGREE_RETURN in verbs and unseen else NOTHING


def _goods_out(case: Case) -> bool:
    return case.truth.goods_at in {"on_the_way", "buyer"}


def _paid(case: Case, amount_fen: int, *, goods_back: bool) -> Loss:
    """Money beyond what is owed; and where money is owed against goods, the goods if they never come back."""
    given_up = case.truth.goods_fen if case.truth.owed_fen > 0 and not goods_back else 0
    return Loss(paid_not_owed=max(0, amount_fen - case.truth.owed_fen), goods_given_up=given_up)


def _refused(case: Case) -> Loss:
    return Loss(wrong_refusal_penalty=WRONG_REFUSAL_FEN if case.truth.owed_fen > 0 else 0)


def _agreed(case: Case) -> Loss:
    """Say yes to whatever is asked; a return is paid when anything arrives."""
    if case.state is CaseState.WAIT_SELLER_RECEIVE:
        return _paid(case, case.amount_fen, goods_back=case.truth.sent_back == "all")
    if case.type in SERVICES:
        return NOTHING
    if case.type is CaseType.RETURN_REFUND:
        back = case.truth.sent_back == "all"
        return _paid(case, case.amount_fen, goods_back=back) if case.truth.sends_back else NOTHING
    return _paid(case, case.amount_fen, goods_back=not _goods_out(case))


def _left_alone(case: Case) -> Loss:
    """Every deadline passes: the platform agrees to everything, and the score pays for it."""
    return _agreed(case) + DEADLINE


def _total(losses: Iterable[Loss]) -> Loss:
    return sum(losses, NOTHING)
