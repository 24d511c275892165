"""A person's verdict as a plan: what its verb needs, from the verdict, the robot's own proposal and the facts; or why not.

The checks are those that no policy can switch off either (`ruling.py`): what the page does not offer, the platform bars or the
engine finds impossible is refused with its reason before anything is armed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.domain.action import RefusalReason, Verb
from bot.domain.case import AftersaleType, CaseState, ComplaintState, GoodsStatus
from bot.domain.courier import ParcelStatus
from bot.domain.decision import Decision, Plan, ProofKind, Reason, Verdict
from bot.domain.facts import Fact, Known, Unknown, value_or_none
from bot.domain.hand import HandVerdict
from bot.domain.money import ZERO, Money
from bot.engine.asking import all_of
from bot.engine.conditions import When, conditions_of
from bot.engine.facts import Facts
from bot.engine.grounds import PROOF_OF
from bot.engine.messages import LONGEST_REFUSAL, SHORTEST_COMPLAINT, SHORTEST_REFUSAL
from bot.engine.policy import Policy
from bot.engine.ruling import OFFERED, PROMISES_MONEY
from bot.engine.strategies import InterceptStrategy

_P = ParcelStatus
_NOT_RECEIVED = (GoodsStatus.NOT_RECEIVED,)

SPEAKS_FOR: Mapping[RefusalReason, tuple[When, ...]] = {
    RefusalReason.SIGNED_FOR: (When(parcel=(_P.SIGNED,), goods=_NOT_RECEIVED),),
    RefusalReason.IN_TRANSIT: (When(parcel=(_P.PICKED_UP, _P.IN_TRANSIT, _P.OUT_FOR_DELIVERY), goods=_NOT_RECEIVED),),
    RefusalReason.EMPTY_RETURN: (
        When(return_empty=True),
        When(counted_fits=False),
        When(return_weight_fits=False),
    ),
    RefusalReason.RETURN_NOT_RECEIVED: (
        When(return_parcel=(_P.NO_SCAN,)),
        When(return_waybill_new=False),
        When(return_city_matches=False),
        When(counted_fits=False),
    ),
}
"""What has to have happened for a reason to be given, one of several; known to be otherwise in all of them, it is a false one.

Damage is not here: only the picture that a person took of it tells.
"""


class Barred(Exception):
    """The verdict cannot be carried out; `reason` says why."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code)
        self.reason = Reason(code=code, params=params)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A verdict with all that its plan is made from. `own`: the robot's plan, where it proposed the same verb."""

    verdict: HandVerdict
    own: Plan
    facts: Facts
    claim: Money
    policy: Policy

    def text(self, shortest: int) -> str:
        """The person's words, else the proposal's. Raises Barred: too short or too long for the platform."""
        said = self.verdict.message.strip() or self.own.message
        if not shortest <= len(said) <= LONGEST_REFUSAL:
            raise Barred("hand.text", shortest=str(shortest), longest=str(LONGEST_REFUSAL), length=str(len(said)))
        return said


def plan_by_hand(verdict: HandVerdict, own: Decision, facts: Facts, policy: Policy) -> Plan | Reason:
    """The plan that carries the verdict out on a case that is pending, or why it cannot be.

    `own`: the robot's decision on the same page. The plan's strategy is the person's; caps of the policy's strategies do not
    bind a person, the day's caps of the books do.
    """
    try:
        return _planned(verdict, own, facts, policy)
    except Barred as barred:
        return barred.reason


def _planned(verdict: HandVerdict, own: Decision, facts: Facts, policy: Policy) -> Plan:
    make = _PLANS.get(verdict.verb)
    if make is None:
        raise Barred("hand.no_deed", verb=verdict.verb)
    if not _true(getattr(facts, OFFERED[verdict.verb])):
        raise Barred("hand.not_offered", verb=verdict.verb)
    if isinstance(facts.amount, Unknown):
        raise Barred("hand.no_claim")
    claim = facts.amount.value
    if verdict.verb is not Verb.NEGOTIATE and verdict.amount not in {None, claim}:
        raise Barred("hand.other_amount", amount=str(verdict.amount), claim=str(claim))
    if verdict.verb in PROMISES_MONEY and not _true(facts.within_refundable):
        raise Barred("hand.over_refundable", claim=str(claim))
    proposed = own.plan if own.plan is not None and own.verb is verdict.verb else Plan(strategy="")
    made = make(_Asked(verdict, proposed, facts, claim, policy))
    return made.model_copy(update={"strategy": verdict.strategy, "strategy_cap_day": None, "earned": ""})


def _true(fact: Fact[bool]) -> bool:
    return isinstance(fact, Known) and fact.value is True


def _refund(asked: _Asked) -> Plan:
    return Plan(strategy="", amount=asked.claim, remark=asked.own.remark)


def _return(asked: _Asked) -> Plan:
    return Plan(strategy="", amount=asked.claim, message=asked.text(0), remark=asked.own.remark)


def _refusal(asked: _Asked) -> Plan:
    verdict, own = asked.verdict, asked.own
    if _true(asked.facts.refusal_barred):
        raise Barred("hand.refusal_barred")
    why = verdict.refusal or own.refusal
    if why is None:
        raise Barred("hand.no_refusal")
    if spoken_against(why, asked.facts):
        raise Barred("hand.no_ground", refusal=why)
    needed = () if verdict.without_proof_allowed else (PROOF_OF[why],)
    proposed = own.proofs if own.refusal is why else ()
    return Plan(
        strategy="",
        amount=asked.claim,
        refusal=why,
        message=asked.text(SHORTEST_REFUSAL),
        proofs=_once(*proposed, *verdict.proofs, *needed),
        without_proof_allowed=verdict.without_proof_allowed,
    )


def _once(*kinds: ProofKind) -> tuple[ProofKind, ...]:
    return tuple(dict.fromkeys(kinds))


def spoken_against(why: RefusalReason, facts: Facts) -> bool:
    """Whether what is known makes the reason a false one; what nobody knows is the person's to judge, with proof."""
    ways = SPEAKS_FOR.get(why, ())
    said = [all_of(tuple(one.answer(facts) for one in conditions_of(way))) for way in ways]
    return bool(said) and all(verdict is Verdict.LOST for verdict in said)


def _intercept(asked: _Asked) -> Plan:
    fees = [one.takes(asked.claim) for one in _intercepts(asked.policy)]
    most = asked.verdict.max_fee or asked.own.max_fee or max(fees, default=None)
    if most is None:
        raise Barred("hand.no_fee")
    return Plan(strategy="", max_fee=most)


def _intercepts(policy: Policy) -> list[InterceptStrategy]:
    return [one.strategy for one in policy.ranked if isinstance(one.strategy, InterceptStrategy)]


def _offer(asked: _Asked) -> Plan:
    offer = asked.verdict.amount or asked.own.amount
    if offer is None:
        raise Barred("hand.no_offer")
    best, most = value_or_none(asked.facts.best_offer), value_or_none(asked.facts.most_offered)
    if best is None or most is None or not best < offer < asked.claim or offer > most:
        bounds = {"best": str(best or ZERO), "most": str(most), "claim": str(asked.claim)}
        raise Barred("hand.bad_offer", amount=str(offer), **bounds)
    return Plan(strategy="", amount=offer, message=asked.text(0))


def _complaint(asked: _Asked) -> Plan:
    if value_or_none(asked.facts.complaint) is not ComplaintState.NONE:
        raise Barred("hand.complained")
    scene = asked.verdict.scene or asked.own.scene
    proofs = _once(*asked.own.proofs, *asked.verdict.proofs)
    if scene is None or not proofs:
        raise Barred("hand.no_scene")
    return Plan(strategy="", amount=asked.claim, scene=scene, message=asked.text(SHORTEST_COMPLAINT), proofs=proofs)


_PLANS: Mapping[Verb, Callable[[_Asked], Plan]] = {
    Verb.AGREE_REFUND: _refund,
    Verb.AGREE_RETURN: _return,
    Verb.REFUSE: _refusal,
    Verb.INTERCEPT: _intercept,
    Verb.NEGOTIATE: _offer,
    Verb.COMPLAIN: _complaint,
}
"""What a person can have done. A note ends nothing, so none is left by hand."""


def agreeing_verb(own: Decision, facts: Facts) -> Verb:
    """What 同意 means on a case: what was proposed, else what the buyer asks for now: to send goods back, or money."""
    if own.verb in {Verb.AGREE_REFUND, Verb.AGREE_RETURN}:
        return own.verb
    asks_return = (AftersaleType.RETURN_REFUND, CaseState.WAIT_SELLER)
    return (
        Verb.AGREE_RETURN
        if (value_or_none(facts.type), value_or_none(facts.state)) == asks_return
        else Verb.AGREE_REFUND
    )
