"""Offers and complaints: what a shop can ask for beside yes and no, how buyers answer it, and how the platform rules.

A reconstruction: 售后协商工具 and 异常退款投诉 are known from two seeds alone (domain.md 4, 5, 27, 28); sums, rounds and times
are guesses. Answers follow from the truth of a case and its number, never from the order of requests.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from simulator.world import wording
from simulator.world.dice import dice
from simulator.world.errors import Code, WorldError
from simulator.world.machine import Machine
from simulator.world.model import (
    Actor,
    Case,
    CaseState,
    Complaint,
    ComplaintScene,
    ComplaintState,
    Offer,
    OfferState,
    Verb,
)
from simulator.world.rules import most_fen, plans
from simulator.world.seller import MAX_MESSAGE, SellerDesk
from simulator.world.store import Store

MIN_COMPLAINT: Final = 5
_HONEST_SHARE: Final = (30, 60)
"""Percent of what he is owed below which an honest buyer declines, drawn between the two."""
_ABUSER_SHARE: Final = (70, 100)
"""Percent of the claim below which a buyer declines who is owed nothing."""
_SILENT_OF: Final = 10
"""One buyer in so many answers nothing: the offer lapses."""


class Haggling:
    """Both sides of an offer, and both sides of a complaint."""

    def __init__(self, store: Store, machine: Machine, seller: SellerDesk) -> None:
        self._store = store
        self._machine = machine
        self._seller = seller
        machine.followers[CaseState.WAIT_BUYER_ANSWER] = self._offered

    # ---- the shop's side --------------------------------------------------------------------------------------

    def offer(self, actor: Actor, case: Case, claim_fen: int, version: int, plan: str, fen: int, message: str) -> Case:
        """Offer the buyer `fen` of the claim; one offer at a time, since an open one leaves the state for it."""
        self._seller.check(actor, case, Verb.NEGOTIATE, version, claim_fen)
        if not self._store.shops[case.shop_id].negotiates:
            raise WorldError(Code.NO_PERMISSION, wording.NO_TOOL_TEXT)
        words = dict(plans(case)).get(plan)
        if words is None:
            raise WorldError(Code.BAD_REQUEST, wording.BAD_PLAN_TEXT)
        if not 0 < fen <= most_fen(case):
            raise WorldError(Code.BAD_REQUEST, wording.BAD_OFFER_TEXT)
        if len(message) > MAX_MESSAGE:
            raise WorldError(Code.BAD_REQUEST, wording.BAD_OFFER_MESSAGE_TEXT)
        said = wording.SAID_OFFER.format(plan=words, amount=wording.yuan(fen), message=message)
        self._machine.offer(case, actor.label, Offer(self._store.now(), plan, fen, message), said)
        return case

    def complain(
        self, actor: Actor, case: Case, claim_fen: int, version: int, scene: str, message: str, proofs: tuple[str, ...]
    ) -> Case:
        """Complain about the refund, once a case, with pictures that were uploaded to this very complaint."""
        self._seller.check(actor, case, Verb.COMPLAIN, version, claim_fen)
        if scene not in set(ComplaintScene):
            raise WorldError(Code.BAD_REQUEST, wording.BAD_SCENE_TEXT)
        if not MIN_COMPLAINT <= len(message.strip()) <= MAX_MESSAGE:
            raise WorldError(Code.BAD_REQUEST, wording.BAD_COMPLAINT_TEXT)
        if not proofs:
            raise WorldError(Code.BAD_REQUEST, wording.NO_COMPLAINT_PROOF_TEXT)
        if not {proof.sha256 for proof in case.complaint_proofs}.issuperset(proofs):
            raise WorldError(Code.BAD_REQUEST, wording.BAD_PROOF_TEXT)
        filed = Complaint(self._store.now(), ComplaintScene(scene), message, proofs)
        said = wording.SAID_COMPLAINED.format(scene=wording.SCENE_NAMES[filed.scene], message=message)
        self._machine.complain(case, actor.label, filed, said)
        self._store.clock.after(timedelta(hours=24 + dice(case, "ruling", 48)), lambda: self._rule(case))
        return case

    # ---- the others' -------------------------------------------------------------------------------------------

    def _offered(self, case: Case) -> None:
        """Most buyers answer within half a day; who does not lets the offer lapse (the machine's deadline)."""
        offer, turn = case.offers[-1], f"offer {len(case.offers)}"
        if dice(case, f"{turn} silence", _SILENT_OF):
            self._store.clock.after(timedelta(hours=1 + dice(case, turn, 11)), lambda: self._answer(case, offer))

    def _answer(self, case: Case, offer: Offer) -> None:
        if offer.state is not OfferState.OPEN:
            return
        if offer.amount_fen >= least_fen(case):
            self._machine.accept(case)
        else:
            self._machine.decline(case)

    def _rule(self, case: Case) -> None:
        """The platform looks at who is owed what: a complaint about an honest buyer comes to nothing."""
        upheld = case.truth.owed_fen == 0
        self._machine.rule_complaint(case, ComplaintState.UPHELD if upheld else ComplaintState.REJECTED)


def least_fen(case: Case) -> int:
    """The smallest offer that this buyer takes: a fair part of what he is owed, or nearly all if he is owed nothing."""
    honest = case.truth.owed_fen > 0
    low, high = _HONEST_SHARE if honest else _ABUSER_SHARE
    share = low + dice(case, "share", high - low)
    wanted = min(case.truth.owed_fen, case.amount_fen) if honest else case.amount_fen
    return wanted * share // 100
