"""Makes the exact action from a decision: amounts, the courier's quote, proofs gathered and fitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, assert_never

from bot.domain.action import (
    Action,
    AgreeRefund,
    AgreeReturn,
    Complain,
    Intercept,
    Negotiate,
    Refuse,
    Remark,
    Verb,
    proofs_sent,
)
from bot.domain.case import CaseState, Snapshot
from bot.domain.courier import Trail
from bot.domain.decision import Decision, Plan, ProofKind
from bot.domain.evidence import Evidence, EvidenceKind
from bot.domain.facts import Fact, Known
from bot.domain.ids import CaseKey, RunId
from bot.domain.proofs import OF_COMPLAINT, OF_REFUSAL, Demand
from bot.engine.grounds import PROOF_OF
from bot.errors import EvidenceRefused, NotAllowed
from bot.ports.desks import CasePage, Proof
from bot.runner.orders import Kit
from bot.runner.proofs import Asked, ProofDesk, unread

Trails = Mapping[str, Fact[Trail]]


class Composer:
    """Turns decisions into actions for one shop; reads quotes and takes pictures, commits nothing on the shop."""

    def __init__(self, kit: Kit, run: RunId) -> None:
        self._kit = kit
        self._run = run
        self._proof_demanded: set[CaseKey] = set()
        self._proof_desk = ProofDesk(kit, run, kit.reader) if kit.reader else None

    def demand_proof(self, case: CaseKey) -> bool:
        """The platform asked for proof at the second prompt: gather it on the next try. False when that was tried already."""
        if case in self._proof_demanded:
            return False
        self._proof_demanded.add(case)
        return True

    async def compose(self, page: CasePage, snapshot: Snapshot, decision: Decision, trails: Trails) -> Action:
        """`trails`: what the decision knew of the parcels. Raises CaseError (NotAllowed, EvidenceRefused) where the action cannot be made: the case is held."""
        if decision.plan is None:
            raise NotAllowed("a decision without a plan", case=snapshot.key.aftersale_id)
        plan = decision.plan
        match decision.verb:
            case Verb.REFUSE:
                return await self._refusal(page, snapshot, plan, trails)
            case Verb.INTERCEPT:
                return await self._intercept(page, snapshot, plan)
            case Verb.COMPLAIN:
                return await self._complaint(page, snapshot, plan, trails)
            case verb:
                return _as_planned(verb, snapshot, plan)

    async def _intercept(self, page: CasePage, snapshot: Snapshot, plan: Plan) -> Intercept:
        desk = self._kit.desk_serving(snapshot.forward.courier) if snapshot.forward else None
        if desk is not None and snapshot.forward is not None:
            quote = await desk.quote(snapshot.key, snapshot.forward.waybill)
        else:
            quote = await page.quote_intercept()
        if snapshot.forward is None or quote.waybill != snapshot.forward.waybill:
            raise NotAllowed("the quote names another parcel", code="intercept.other_parcel", raw=quote.waybill)
        if not quote.feasible:
            raise NotAllowed("the courier cannot intercept", code="intercept.infeasible", raw=quote.why_not)
        # the courier does not know what is in a parcel, the shop's page does
        if others := quote.other_goods or (snapshot.other_goods if desk else ()):
            raise NotAllowed("other goods in the parcel", code="intercept.other_goods", raw=", ".join(others))
        if plan.max_fee is None or quote.fee > plan.max_fee:
            raise NotAllowed("the fee is above the strategy's limit", code="intercept.fee", raw=str(quote.fee))
        return Intercept(waybill=quote.waybill, fee=quote.fee, desk=desk.name if desk else "")

    async def _refusal(self, page: CasePage, snapshot: Snapshot, plan: Plan, trails: Trails) -> Refuse:
        if plan.refusal is None:
            raise NotAllowed("a refusal without a reason", case=snapshot.key.aftersale_id)
        demanded = (PROOF_OF[plan.refusal],) if snapshot.key in self._proof_demanded else ()
        kinds = tuple(dict.fromkeys(plan.proofs + demanded))
        proofs = await self._proofs(page, snapshot, kinds, trails, OF_REFUSAL[plan.refusal])
        return Refuse(
            amount=snapshot.amount,
            reason=plan.refusal,
            message=plan.message,
            proofs=tuple(proof.sha256 for proof in proofs),
            of_receipt=_goods_are_back(snapshot),
            without_proof_allowed=plan.without_proof_allowed,
        )

    async def _complaint(self, page: CasePage, snapshot: Snapshot, plan: Plan, trails: Trails) -> Complain:
        if plan.scene is None:
            raise NotAllowed("a complaint without a scene", case=snapshot.key.aftersale_id)
        proofs = await self._proofs(page, snapshot, plan.proofs, trails, OF_COMPLAINT[plan.scene])
        return Complain(
            amount=snapshot.amount,
            scene=plan.scene,
            message=plan.message,
            proofs=tuple(proof.sha256 for proof in proofs),
        )

    async def _proofs(
        self,
        page: CasePage,
        snapshot: Snapshot,
        kinds: tuple[ProofKind, ...],
        trails: Trails,
        demands: tuple[Demand, ...],
    ) -> tuple[Evidence, ...]:
        required = [await self._proof(page, snapshot, kind) for kind in kinds if kind is not ProofKind.INBOX]
        from_people = list(await self._kit.evidence.inbox(snapshot.order_id))
        if ProofKind.INBOX in kinds and not from_people:
            raise EvidenceRefused("the inbox holds no picture for this order", code="evidence.inbox_empty")
        if self._kit.must_read and self._proof_desk is None and (required or from_people):
            raise unread(snapshot, "nothing here reads pictures")
        asked = Asked(snapshot, trails, demands, ProofKind.INBOX in kinds, self._kit.floor.refunds.limits.max_count)
        fitted = await self._chosen(asked, required, from_people)
        for picture in fitted:
            self._kit.ledger.keep(self._run, snapshot.key, picture)
        return fitted

    async def _chosen(
        self, asked: Asked, required: Sequence[Evidence], from_people: Sequence[Evidence]
    ) -> tuple[Evidence, ...]:
        """Made fit for the platform, then read as they will be seen there; unread, as many as it takes."""
        if self._proof_desk is None or not (required or from_people):
            return await self._fitted([*required, *from_people][: asked.most])
        own = await self._fitted(required)
        return await self._proof_desk.chosen(asked, own, await self._fitted(from_people))

    async def _fitted(self, pictures: Sequence[Evidence]) -> tuple[Evidence, ...]:
        limits = self._kit.floor.refunds.limits
        return tuple([await self._kit.evidence.fit(picture, limits) for picture in pictures])

    async def _proof(self, page: CasePage, snapshot: Snapshot, kind: ProofKind) -> Evidence:
        match kind:
            case ProofKind.TRAIL:
                return await self._trail_picture(_waybill(snapshot, returned=False), EvidenceKind.TRAIL)
            case ProofKind.WEIGHTS:
                trail = await self._trail_picture(_waybill(snapshot, returned=True), EvidenceKind.WEIGHTS)
                counted = self._kit.evidence.put(
                    await page.warehouse_picture(), EvidenceKind.WEIGHTS, f"warehouse:{snapshot.order_id}"
                )
                origin = f"weights:{snapshot.order_id}"
                return await self._kit.evidence.stack((trail, counted), EvidenceKind.WEIGHTS, origin)
            case ProofKind.INBOX:
                raise AssertionError("inbox pictures are taken as they are")
            case _:
                assert_never(kind)

    async def _trail_picture(self, waybill: str, kind: EvidenceKind) -> Evidence:
        picture = await self._kit.courier.picture(waybill)
        return self._kit.evidence.put(picture, kind, f"courier:{waybill}")

    def load(self, action: Action) -> tuple[Proof, ...]:
        """The bytes of the action's proofs, as they go to the platform."""
        kept = ((sha, self._kit.evidence.get(sha)) for sha in proofs_sent(action))
        return tuple(Proof(sha256=sha, media_type=media_type(data), data=data) for sha, data in kept)


def media_type(data: bytes) -> str:
    """By magic bytes; the store keeps nothing else than these."""
    return "image/png" if data.startswith(b"\x89PNG") else "image/gif" if data.startswith(b"GIF8") else "image/jpeg"


_Plain = Literal[Verb.AGREE_REFUND, Verb.AGREE_RETURN, Verb.NEGOTIATE, Verb.REMARK, Verb.HOLD]


def _as_planned(verb: _Plain, snapshot: Snapshot, plan: Plan) -> Action:
    """Actions that need nothing but what the plan and the page say."""
    amount = plan.amount or snapshot.amount
    match verb:
        case Verb.AGREE_REFUND:
            return AgreeRefund(amount=amount, confirms_receipt=_goods_are_back(snapshot))
        case Verb.AGREE_RETURN:
            return AgreeReturn(amount=amount, message=plan.message)
        case Verb.NEGOTIATE:
            return _offer(snapshot, plan)
        case Verb.REMARK:
            return Remark(text=plan.remark)
        case Verb.HOLD:
            raise NotAllowed("a hold is no action", case=snapshot.key.aftersale_id)
        case _:
            assert_never(verb)


def _offer(snapshot: Snapshot, plan: Plan) -> Negotiate:
    """The plan's sum and no other; what the page would not take is not tried."""
    if plan.amount is None or snapshot.negotiable is None:
        raise NotAllowed("an offer without a sum, or without a tool to make it", case=snapshot.key.aftersale_id)
    if plan.amount > snapshot.negotiable.most:
        raise NotAllowed("the offer is above the page's limit", code="negotiate.over_most", raw=str(plan.amount))
    return Negotiate(amount=plan.amount, message=plan.message)


def _goods_are_back(snapshot: Snapshot) -> bool:
    return isinstance(snapshot.state, Known) and snapshot.state.value is CaseState.WAIT_SELLER_RECEIVE


def _waybill(snapshot: Snapshot, *, returned: bool) -> str:
    parcel = snapshot.returned if returned else snapshot.forward
    if parcel is None:
        raise EvidenceRefused("the case names no parcel to prove anything with", code="evidence.no_parcel")
    return parcel.waybill
