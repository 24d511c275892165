"""What a seller (or a colleague) can do to a case, and every check a back end makes before it does it."""

from __future__ import annotations

from simulator.world import wording
from simulator.world.courier import CourierNetwork, InterceptQuote
from simulator.world.errors import Code, WorldError
from simulator.world.machine import Machine
from simulator.world.model import Actor, Case, CaseState, Remark, ReturnAddress, Role, Verb
from simulator.world.rules import allowed, refusal_form
from simulator.world.store import Store

MIN_MESSAGE, MAX_MESSAGE, MAX_REMARK = 2, 200, 300
REMARK_ECHO_SECONDS = 60
"""The same remark by the same person within this time is a resend, not a second remark."""


class SellerDesk:
    """Order of the checks: right, state, version, amount, then what the verb itself needs."""

    def __init__(self, store: Store, courier: CourierNetwork, machine: Machine) -> None:
        self._store = store
        self._courier = courier
        self._machine = machine

    def agree_refund(self, actor: Actor, case: Case, amount_fen: int, version: int, sms_code: str | None) -> Case:
        """Agree to a refund-only or difference claim."""
        self.check(actor, case, Verb.AGREE_REFUND, version, amount_fen, CaseState.WAIT_SELLER)
        self._check_sms(case, sms_code)
        self._machine.refund(case, actor.label, wording.SAID_AGREED)
        return case

    def confirm_receipt(self, actor: Actor, case: Case, amount_fen: int, version: int) -> Case:
        """Confirm that the goods are back, and pay."""
        self.check(actor, case, Verb.AGREE_REFUND, version, amount_fen, CaseState.WAIT_SELLER_RECEIVE)
        self._machine.refund(case, actor.label, wording.SAID_RECEIVED)
        return case

    def agree_return(
        self, actor: Actor, case: Case, amount_fen: int, version: int, address_id: str, message: str
    ) -> Case:
        """Let the buyer send the goods to one of the shop's addresses."""
        self.check(actor, case, Verb.AGREE_RETURN, version, amount_fen)
        address = self._address(case, address_id)
        case.return_city = address.city
        said = wording.SAID_RETURN.format(address=address.text, message=message)
        self._machine.await_return(case, actor.label, said)
        return case

    def agree_service(self, actor: Actor, case: Case, amount_fen: int, version: int) -> Case:
        """Agree to an exchange, resend or repair."""
        self.check(actor, case, Verb.AGREE_SERVICE, version, amount_fen)
        self._machine.agree_service(case, actor.label, wording.SAID_SERVICE)
        return case

    def refuse(
        self,
        actor: Actor,
        case: Case,
        amount_fen: int,
        version: int,
        reason_id: str,
        message: str,
        proofs: tuple[str, ...],
        *,
        force: bool,
    ) -> Case:
        """Refuse, with proofs that were uploaded to this very case."""
        self.check(actor, case, Verb.REFUSE, version, amount_fen)
        reason = self._check_refusal(case, reason_id, message, proofs)
        if case.proof_demanded and not proofs and not force:
            raise WorldError(Code.NEED_PROOF, wording.NEED_PROOF_TEXT)
        said = wording.SAID_REFUSED.format(reason=reason, message=message)
        self._machine.refuse(case, actor.label, said, proofs)
        return case

    def intercept_quote(self, actor: Actor, case: Case, version: int) -> InterceptQuote:
        """Ask the courier; needs the right and the version, changes nothing."""
        self.check_right(actor, Verb.INTERCEPT)
        self._check_version(case, version)
        return self._courier.quote(case, self._store.shops[case.shop_id])

    def intercept(self, actor: Actor, case: Case, version: int, waybill: str, fee_fen: int) -> Case:
        """Order the intercept at the quoted fee; a waybill can be intercepted once (domain.md 4.2)."""
        self.check_right(actor, Verb.INTERCEPT)
        quote = self._feasible(actor, case)
        self.check(actor, case, Verb.INTERCEPT, version)
        return self._order_intercept(actor, case, quote, waybill, fee_fen)

    def intercept_at_courier(self, actor: Actor, case: Case, waybill: str, fee_fen: int) -> Case:
        """The same, ordered at the courier's own counter, which knows neither the shop's rights nor the state of its after-sale."""
        return self._order_intercept(actor, case, self._feasible(actor, case), waybill, fee_fen)

    def _feasible(self, actor: Actor, case: Case) -> InterceptQuote:
        quote = self._courier.quote(case, self._store.shops[case.shop_id])
        if not quote.feasible:
            self._store.effects.resent(actor.label, case.aftersale_id, Verb.INTERCEPT)
            raise WorldError(Code.NOT_INTERCEPTABLE, quote.reason)
        return quote

    def _order_intercept(self, actor: Actor, case: Case, quote: InterceptQuote, waybill: str, fee_fen: int) -> Case:
        if quote.waybill != waybill or quote.fee_fen != fee_fen:
            differs = wording.WAYBILL_TEXT if quote.waybill != waybill else wording.FEE_TEXT
            raise WorldError(Code.NOT_INTERCEPTABLE, differs)
        self._courier.intercept(case)
        self._store.effects.add(self._store.now(), actor.label, Verb.INTERCEPT, case.aftersale_id, quote.fee_fen)
        said = wording.SAID_INTERCEPT.format(waybill=quote.waybill, fee=wording.yuan(quote.fee_fen))
        self._store.say(case, Role.SELLER, said)
        self._store.changed(case)
        return case

    def remark(self, actor: Actor, case: Case, text: str, flag: str) -> Case:
        """Write the shop's own note."""
        self.check_right(actor, Verb.REMARK)
        if not 1 <= len(text.strip()) <= MAX_REMARK:
            raise WorldError(Code.BAD_REQUEST, wording.BAD_REMARK_TEXT)
        note = Remark(self._store.now(), actor.label, text, flag)
        if self._is_echo(case, note):
            self._store.effects.resent(actor.label, case.aftersale_id, Verb.REMARK)
            return case
        case.remarks.append(note)
        self._store.effects.add(note.at, actor.label, Verb.REMARK, case.aftersale_id)
        self._store.changed(case)
        return case

    @staticmethod
    def _is_echo(case: Case, note: Remark) -> bool:
        last = case.remarks[-1] if case.remarks else None
        same = last is not None and (last.author, last.text, last.flag) == (note.author, note.text, note.flag)
        return last is not None and same and (note.at - last.at).total_seconds() < REMARK_ECHO_SECONDS

    # ---- checks -----------------------------------------------------------------------------------------------

    @staticmethod
    def check_right(actor: Actor, verb: Verb) -> None:
        """Sub-accounts need a grant for each verb (item 23)."""
        if verb not in actor.rights:
            raise WorldError(Code.NO_PERMISSION, wording.NO_RIGHT_TEXT)

    def check(
        self,
        actor: Actor,
        case: Case,
        verb: Verb,
        version: int,
        amount_fen: int | None = None,
        state: CaseState | None = None,
    ) -> None:
        """Right, state, version and claimed amount; a request that comes too late is counted with the one it repeats."""
        self.check_right(actor, verb)
        if verb not in allowed(case) or (state is not None and case.state is not state):
            self._store.effects.resent(actor.label, case.aftersale_id, verb)
            raise WorldError(Code.STATE_CHANGED, wording.STATE_TEXT)
        self._check_version(case, version)
        if amount_fen is not None and amount_fen != case.amount_fen:
            raise WorldError(Code.AMOUNT_MISMATCH, wording.AMOUNT_TEXT)

    @staticmethod
    def _check_version(case: Case, version: int) -> None:
        if version != case.version:
            raise WorldError(Code.VERSION_CHANGED, wording.VERSION_TEXT)

    def _check_sms(self, case: Case, code: str | None) -> None:
        """Large sums need a code that was sent to the shop's phone; the probe shows it to scripted people."""
        if case.amount_fen < self._store.shops[case.shop_id].sms_from_fen:
            return
        sent = self._store.sms_codes.get(case.aftersale_id)
        if sent is None or code != sent:
            self._store.sms_codes[case.aftersale_id] = sent or f"{self._store.rng.randrange(10**6):06d}"
            raise WorldError(Code.NEED_SMS, wording.NEED_SMS_TEXT)

    def _check_refusal(self, case: Case, reason_id: str, message: str, proofs: tuple[str, ...]) -> str:
        form = refusal_form(case, self._store.parcels.get(case.order.forward or ""))
        if form.barred:
            raise WorldError(Code.REFUSE_BARRED, wording.BARRED_TEXT)
        reason = dict(form.reasons).get(reason_id)
        if reason is None:
            raise WorldError(Code.BAD_REQUEST, wording.BAD_REASON_TEXT)
        if not MIN_MESSAGE <= len(message.strip()) <= MAX_MESSAGE:
            raise WorldError(Code.BAD_REQUEST, wording.BAD_MESSAGE_TEXT)
        if not {proof.sha256 for proof in case.proofs}.issuperset(proofs):
            raise WorldError(Code.BAD_REQUEST, wording.BAD_PROOF_TEXT)
        return reason

    def _address(self, case: Case, address_id: str) -> ReturnAddress:
        for address in self._store.shops[case.shop_id].return_addresses:
            if address.address_id == address_id:
                return address
        raise WorldError(Code.BAD_REQUEST, wording.BAD_ADDRESS_TEXT)
