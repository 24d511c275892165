"""The world as the skins see it: one facade whose methods are the questions and requests that a page can send.

Every method first lets the clock catch up, so that nobody sees a state that should already be over. Reads return the
living objects of `model`: skins render them and never change them. Writes raise `WorldError` and change nothing then.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from simulator.world.accounts import Accounts, Realm, Session
from simulator.world.arrivals import Arrivals
from simulator.world.buyers import Buyers
from simulator.world.counter import CourierCounter
from simulator.world.courier import CourierNetwork, InterceptQuote
from simulator.world.errors import Code, WorldError
from simulator.world.evidence import EvidenceStore, picture_png
from simulator.world.haggling import Haggling
from simulator.world.listing import Counters, Listing, ListPage, ListQuery
from simulator.world.machine import Machine
from simulator.world.model import Actor, Button, Case, Parcel, Proof, ReturnAddress, Shop, TrailNode, Verb
from simulator.world.rules import RefusalForm, buttons, refusal_form
from simulator.world.seller import SellerDesk
from simulator.world.store import Store
from simulator.world.wording import NOT_FOUND_TEXT


class World:
    """Everything behind the pages of one simulator process."""

    def __init__(self, store: Store, accounts: Accounts) -> None:
        self.store = store
        self.accounts = accounts
        self.evidence = EvidenceStore(store)
        self.machine = Machine(store)
        self.courier = CourierNetwork(store, self.machine)
        self.buyers = Buyers(store, self.courier, self.machine)
        self.seller = SellerDesk(store, self.courier, self.machine)
        self.counter = CourierCounter(store, self.courier, self.seller)
        """What the courier's own client asks and orders; each of its methods lets the clock catch up, as these do."""
        self.haggling = Haggling(store, self.machine, self.seller)
        self.arrivals = Arrivals(store, self.machine, self.courier, self.buyers)
        self.listing = Listing(store)
        for case in store.cases.values():
            self.machine.watch_deadline(case)
        self.courier.start()

    # ---- time and sign-in -------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """The world's time (Asia/Shanghai) after everything due has happened."""
        return self.store.clock.catch_up()

    def sign_in(self, account: str, password: str, realm: Realm = Realm.SHOP) -> Session:
        """Open a session; if its `challenge` is set it is not usable until the challenge is passed.

        Raises:
            WorldError: WRONG_PASSWORD.
        """
        return self.accounts.sign_in(realm, account, password, self.now())

    def session(self, token: str | None, realm: Realm = Realm.SHOP) -> Session:
        """The live session of a cookie.

        Raises:
            WorldError: SESSION_EXPIRED (unknown, lost or too old), NEED_CHALLENGE (a person must pass something first).
        """
        return self.accounts.session(realm, token, self.now())

    def pending_session(self, token: str | None, realm: Realm = Realm.SHOP) -> Session:
        """As `session`, but a session with an open challenge is returned too (for the challenge pages)."""
        return self.accounts.pending(realm, token, self.now())

    def pass_slider(self, token: str | None) -> Session:
        """A person moved the slider; raises SESSION_EXPIRED or BAD_REQUEST (no slider was asked)."""
        return self.accounts.pass_slider(token, self.now())

    def send_sms(self, token: str | None) -> None:
        """Send a code to the shop's phone; tests read it at the probe, the pages never show it."""
        self.accounts.send_sms(token, self.now())

    def pass_sms(self, token: str | None, code: str) -> Session:
        """A person typed the code; raises BAD_REQUEST when it is wrong."""
        return self.accounts.pass_sms(token, code, self.now())

    def switch_shop(self, token: str | None, shop_id: str) -> Session:
        """Let a session work for another shop of its account; raises as `session`, and NO_PERMISSION."""
        return self.accounts.switch(token, shop_id, self.now())

    def other_shops(self, session: Session) -> tuple[Shop, ...]:
        """The shops that a session could switch to."""
        mine = (session.account.shop_id, *session.account.also)
        return tuple(self.store.shops[shop_id] for shop_id in mine if shop_id != session.actor.shop_id)

    def sign_out(self, token: str | None) -> None:
        """Forget a session; unknown tokens are ignored."""
        self.accounts.sign_out(token)

    # ---- reading ----------------------------------------------------------------------------------------------

    def shop(self, actor: Actor) -> Shop:
        """The shop an actor works for."""
        return self.store.shops[actor.shop_id]

    def list_cases(self, actor: Actor, query: ListQuery) -> ListPage:
        """One page (20 rows) of the shop's after-sales."""
        self.now()
        return self.listing.page(actor.shop_id, query)

    def counters(self, actor: Actor) -> Counters:
        """The numbers on the counter cards of the list page."""
        return self.listing.counters(actor.shop_id, self.now())

    def case(self, actor: Actor, aftersale_id: str) -> Case:
        """One case of the actor's own shop.

        Raises:
            WorldError: NOT_FOUND (unknown, or another shop's).
        """
        self.now()
        case = self.store.cases.get(aftersale_id)
        if case is None or case.shop_id != actor.shop_id:
            raise WorldError(Code.NOT_FOUND, NOT_FOUND_TEXT)
        return case

    def others(self, case: Case) -> tuple[Case, ...]:
        """The other after-sales of the same order."""
        return tuple(one for one in self.store.of_order(case.order.order_id) if one is not case)

    def buttons(self, case: Case) -> tuple[Button, ...]:
        """The buttons that this state, type and courier allow, in the order of the page."""
        return buttons(case, self.parcel(case.order.forward), self.store.shops[case.shop_id])

    def refusal_form(self, actor: Actor, aftersale_id: str) -> RefusalForm:
        """What the refusal page shows: barred or not, reasons by state, whether proof is demanded, its key facts."""
        case = self.case(actor, aftersale_id)
        return refusal_form(case, self.parcel(case.order.forward))

    def return_addresses(self, actor: Actor) -> tuple[ReturnAddress, ...]:
        """The addresses of the agree-return dialog."""
        return self.shop(actor).return_addresses

    def parcel(self, waybill: str | None) -> Parcel | None:
        """What the courier knows now about a waybill."""
        self.now()
        return self.store.parcels.get(waybill) if waybill else None

    def track(self, waybills: Iterable[str]) -> list[tuple[str, Parcel | None]]:
        """The courier portal's answer for up to 50 numbers, in the order asked; None = 「查无此单」."""
        self.now()
        return [(number, self.store.parcels.get(number)) for number in list(waybills)[:50]]

    def shop_trace(self, waybill: str | None) -> TrailNode | None:
        """The newest node that the shop's own page knows; it may lag behind the courier's."""
        return self.courier.shop_trace(self.parcel(waybill))

    def picture(self, sha: str) -> bytes | None:
        """The PNG of a buyer's picture or of an uploaded proof; None = no such picture."""
        return self.evidence.content(sha) or picture_png(self.store.pictures.get(sha))

    # ---- writing ----------------------------------------------------------------------------------------------

    def agree_refund(
        self, actor: Actor, aftersale_id: str, amount_fen: int, version: int, sms_code: str | None = None
    ) -> Case:
        """Agree to a refund without return; the money moves at once.

        Raises:
            WorldError: NOT_FOUND, NO_PERMISSION, STATE_CHANGED, VERSION_CHANGED, AMOUNT_MISMATCH, NEED_SMS.
        """
        return self.seller.agree_refund(actor, self.case(actor, aftersale_id), amount_fen, version, sms_code)

    def agree_return(
        self, actor: Actor, aftersale_id: str, amount_fen: int, version: int, address_id: str, message: str = ""
    ) -> Case:
        """Agree that the buyer sends the goods back; raises as `agree_refund`, BAD_REQUEST for an unknown address."""
        return self.seller.agree_return(actor, self.case(actor, aftersale_id), amount_fen, version, address_id, message)

    def confirm_receipt(self, actor: Actor, aftersale_id: str, amount_fen: int, version: int) -> Case:
        """Confirm a returned parcel and refund (effect verb agree_refund); raises as `agree_refund`."""
        return self.seller.confirm_receipt(actor, self.case(actor, aftersale_id), amount_fen, version)

    def agree_service(self, actor: Actor, aftersale_id: str, amount_fen: int, version: int) -> Case:
        """Agree to an exchange, resend or repair; raises as `agree_refund`."""
        return self.seller.agree_service(actor, self.case(actor, aftersale_id), amount_fen, version)

    def refuse(
        self,
        actor: Actor,
        aftersale_id: str,
        amount_fen: int,
        version: int,
        reason_id: str,
        message: str,
        proofs: Iterable[str] = (),
        *,
        force: bool = False,
    ) -> Case:
        """Refuse; `proofs` are sha256 of files uploaded to this case before.

        Raises:
            WorldError: as `agree_refund`, and REFUSE_BARRED, NEED_PROOF (the second prompt, item 34), BAD_REQUEST.
        """
        case = self.case(actor, aftersale_id)
        return self.seller.refuse(actor, case, amount_fen, version, reason_id, message, tuple(proofs), force=force)

    def upload_proof(self, actor: Actor, aftersale_id: str, content: bytes) -> Proof:
        """Store a proof picture of a case (JPG, PNG or GIF, at most 130,000 bytes, at most 3 a case).

        Raises:
            WorldError: BAD_REQUEST with the platform's words, NOT_FOUND, NO_PERMISSION.
        """
        case = self.case(actor, aftersale_id)
        self.seller.check_right(actor, Verb.REFUSE)
        return self.evidence.upload(case, content)

    def intercept_quote(self, actor: Actor, aftersale_id: str, version: int) -> InterceptQuote:
        """Ask whether and for how much the parcel can be brought back; changes nothing."""
        return self.seller.intercept_quote(actor, self.case(actor, aftersale_id), version)

    def intercept_commit(self, actor: Actor, aftersale_id: str, version: int, waybill: str, fee_fen: int) -> Case:
        """Order the intercept at the quoted fee; the courier answers later.

        Raises:
            WorldError: as `agree_refund`, and NOT_INTERCEPTABLE.
        """
        return self.seller.intercept(actor, self.case(actor, aftersale_id), version, waybill, fee_fen)

    def remark(self, actor: Actor, aftersale_id: str, text: str, flag: str = "") -> Case:
        """Add the seller's own note; raises NO_PERMISSION or BAD_REQUEST (empty, or over 300 characters)."""
        return self.seller.remark(actor, self.case(actor, aftersale_id), text, flag)

    def negotiate(
        self,
        actor: Actor,
        aftersale_id: str,
        amount_fen: int,
        version: int,
        plan: str,
        offer_fen: int,
        message: str = "",
    ) -> Case:
        """Offer a part of the claim (`amount_fen`) by one of the tool's plans; the buyer answers later.

        Raises:
            WorldError: as `agree_refund`, and BAD_REQUEST (no such plan, a sum that the tool does not take).
        """
        case = self.case(actor, aftersale_id)
        return self.haggling.offer(actor, case, amount_fen, version, plan, offer_fen, message)

    def complain(
        self,
        actor: Actor,
        aftersale_id: str,
        amount_fen: int,
        version: int,
        scene: str,
        message: str,
        proofs: Iterable[str],
    ) -> Case:
        """Complain about the refund, once a case; the platform rules days later.

        Raises:
            WorldError: as `agree_refund`, and BAD_REQUEST (scene, text, no proof or one that was not uploaded here).
        """
        case = self.case(actor, aftersale_id)
        return self.haggling.complain(actor, case, amount_fen, version, scene, message, tuple(proofs))

    def upload_complaint(self, actor: Actor, aftersale_id: str, content: bytes) -> Proof:
        """Store a picture of a complaint; limits and refusals as `upload_proof`."""
        case = self.case(actor, aftersale_id)
        self.seller.check_right(actor, Verb.COMPLAIN)
        return self.evidence.upload_to_complaint(case, content)
