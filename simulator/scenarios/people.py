"""Hands on a world: the flawless clerk, the person who gets what is held, and one who agrees to whatever is asked.

A loss means something only beside another one that was reckoned alike; so what might have been is not guessed from a formula but
played, in a world made anew from the same seed (`playing.py`).
"""

from __future__ import annotations

from datetime import datetime, timedelta

from simulator.scenarios.build import Built
from simulator.scenarios.labels import NOBODY, right_verbs, sight_of
from simulator.scenarios.shops import RIGHTS
from simulator.world.errors import Code, WorldError
from simulator.world.machine import COLLEAGUE, PLATFORM
from simulator.world.model import (
    DIFFERENCES,
    REFUND_ONLY,
    SERVICES,
    Actor,
    Case,
    CaseState,
    CaseType,
    InterceptState,
    ParcelState,
    Verb,
)
from simulator.world.service import World
from simulator.world.store import Store
from simulator.world.wording import SAID_RULED_CLOSE

PATIENCE = timedelta(hours=4)
"""How long a held case lies on the person's desk, unless its deadline comes first."""

EYE = timedelta(hours=2)
"""A deadline nearer than this is seen to at once."""

COMING_HOME = frozenset({ParcelState.RETURNING, ParcelState.RETURN_SIGNED})
_UNDER_WAY = frozenset(InterceptState) - {InterceptState.FAILED}
_PREFERRED = (Verb.AGREE_REFUND, Verb.REFUSE, Verb.INTERCEPT, Verb.AGREE_RETURN)
_PNG = b"\x89PNG\r\n\x1a\n"


def goods_out(case: Case) -> bool:
    """Did the goods leave the shop's hands?"""
    return case.truth.goods_at in {"on_the_way", "buyer"}


def goods_back(store: Store, case: Case) -> bool:
    """Did the goods come home, are they on the way home, or did they never leave?"""
    parcel = store.parcels.get(case.order.forward or "")
    brought = parcel is not None and parcel.state in COMING_HOME
    returned = case.backward is not None and case.truth.sent_back == "all"
    return brought or returned or not goods_out(case)


class Hands:
    """The shop's verbs, done in the name of one actor label by somebody who has every right."""

    def __init__(self, built: Built, label: str) -> None:
        self.world: World = built.world
        self._label = label

    def actor(self, case: Case) -> Actor:
        """Who does it, in the case's own shop."""
        return Actor(self._label, case.shop_id, RIGHTS)

    def agree(self, case: Case) -> None:
        """Say yes in the way that the case's type and state ask for."""
        actor, key, told = self.actor(case), case.aftersale_id, (case.amount_fen, case.version)
        if case.state is CaseState.WAIT_SELLER_RECEIVE:
            self.world.confirm_receipt(actor, key, *told)
        elif case.type in REFUND_ONLY | DIFFERENCES:
            self._agree_refund(case)
        elif case.type in SERVICES:
            self.world.agree_service(actor, key, *told)
        else:
            address = self.world.return_addresses(actor)[0].address_id
            self.world.agree_return(actor, key, *told, address)

    def _agree_refund(self, case: Case) -> None:
        """Large sums: the code comes to the shop's phone, and whoever holds the phone types it."""
        told = self.actor(case), case.aftersale_id, case.amount_fen, case.version
        try:
            self.world.agree_refund(*told)
        except WorldError as error:
            if error.code is not Code.NEED_SMS:
                raise
            self.world.agree_refund(*told, self.world.store.sms_codes[case.aftersale_id])

    def refuse(self, case: Case) -> None:
        """Say no, with a proof."""
        actor, form = self.actor(case), self.world.refusal_form(self.actor(case), case.aftersale_id)
        proof = self.world.upload_proof(actor, case.aftersale_id, _PNG + case.aftersale_id.encode())
        reason, words = form.reasons[0]
        told = actor, case.aftersale_id, case.amount_fen, case.version, reason, words
        self.world.refuse(*told, (proof.sha256,), force=True)

    def intercept(self, case: Case) -> None:
        """Ask the courier at the quoted fee."""
        actor, key = self.actor(case), case.aftersale_id
        quote = self.world.intercept_quote(actor, key, case.version)
        self.world.intercept_commit(actor, key, case.version, quote.waybill, quote.fee_fen)


class Person:
    """Whoever gets what is held: asks, calls, opens parcels, and finds out what is owed; pays exactly that, and no goods are lost.

    Stands for the best that a shop's people could do, so that a loss shows what automation alone did.
    """

    def __init__(self, built: Built) -> None:
        self._world = built.world
        self._hands = Hands(built, COLLEAGUE)
        self._since: dict[tuple[str, CaseState], datetime] = {}

    def look(self, case: Case) -> None:
        """A held case is settled when it has lain for a while, or before its deadline passes."""
        now = self._world.now()
        since = self._since.setdefault((case.aftersale_id, case.state), now)
        if now - since >= PATIENCE or hurried(case, now):
            self.settle(case)

    def settle(self, case: Case) -> None:
        """Whatever costs the shop nothing that it does not owe."""
        owed = _really_owed(case)
        if case.state is CaseState.WAIT_SELLER and (case.type in SERVICES or _worth_a_return(case, owed)):
            self._hands.agree(case)
        elif owed <= 0:
            self._decline(case)
        elif self._safe(case):
            self._pay(case, owed)
        else:
            # the parcel is on its way or with the buyer: told so, the buyer keeps it, or asks anew for a return
            self._world.buyers.withdraw(case)

    def _safe(self, case: Case) -> bool:
        parcel = self._world.store.parcels.get(case.order.forward or "")
        asked = parcel is not None and parcel.intercept is not None and parcel.intercept.state in _UNDER_WAY
        return goods_back(self._world.store, case) or (asked and case.truth.intercept_works)

    def _pay(self, case: Case, owed: int) -> None:
        """What is owed and no more: the buyer is talked to, and corrects the claim."""
        if owed < case.amount_fen:
            self._world.machine.edit(case, owed, case.reason)
        self._hands.agree(case)

    def _decline(self, case: Case) -> None:
        """A refusal with proof; where the platform bars one, or would side with the buyer, its staff close the case."""
        form = self._world.refusal_form(self._hands.actor(case), case.aftersale_id)
        if form.barred or case.truth.owed_fen > 0:
            self._world.machine.close(case, PLATFORM, Verb.CLOSE, SAID_RULED_CLOSE)
        else:
            self._hands.refuse(case)


def _really_owed(case: Case) -> int:
    """Fen; a return that holds nothing, or something else, earns nothing."""
    hollow = case.type is CaseType.RETURN_REFUND and case.truth.sent_back in {"nothing", "other"}
    return 0 if hollow else min(case.truth.owed_fen, case.amount_fen)


def _worth_a_return(case: Case, owed: int) -> bool:
    return case.type is CaseType.RETURN_REFUND and owed > 0


def hurried(case: Case, now: datetime) -> bool:
    """The deadline is too near to wait for anything."""
    return case.deadline_at is not None and case.deadline_at - now < EYE


class Clerk:
    """The flawless clerk: takes the right verb wherever there is one, waits for what is coming home, gives the rest to a person."""

    def __init__(self, built: Built) -> None:
        self._store = built.world.store
        self._initial = built.labels.initial
        self._hands = Hands(built, "seller:clerk")
        self._person = Person(built)

    def look(self, case: Case) -> None:
        """One look at a case that waits for the seller."""
        verbs = self._verbs(case)
        verb = next((one for one in _PREFERRED if one in verbs), None)
        if verb is Verb.REFUSE:
            self._hands.refuse(case)
        elif verb is Verb.INTERCEPT:
            self._hands.intercept(case)
        elif verb is not None:
            self._hands.agree(case)
        elif not self._waits(case):
            self._person.look(case)

    def _verbs(self, case: Case) -> frozenset[Verb]:
        """What is right now, except to refuse for a signature that came only after the claim had been looked at."""
        verbs = right_verbs(sight_of(self._store, case))
        late = case.state is CaseState.WAIT_SELLER and Verb.REFUSE not in self._initial.get(case.aftersale_id, NOBODY)
        return verbs - {Verb.REFUSE} if late else verbs

    def _waits(self, case: Case) -> bool:
        """Something is on its way home, or not unpacked yet, and there is time."""
        coming = self._parcel_turns(case) if case.state is CaseState.WAIT_SELLER else case.inbound.at is None
        return coming and not hurried(case, self._store.now())

    def _parcel_turns(self, case: Case) -> bool:
        parcel = self._store.parcels.get(case.order.forward or "")
        if parcel is None or case.type not in REFUND_ONLY:
            return False
        asked = parcel.intercept is not None and parcel.intercept.state in _UNDER_WAY
        return asked or parcel.state in COMING_HOME


class YesMan:
    """Agrees to whatever is asked, at once; a return is paid as soon as a number says that it was sent."""

    def __init__(self, built: Built) -> None:
        self._hands = Hands(built, "seller:yes")

    def look(self, case: Case) -> None:
        """Yes."""
        self._hands.agree(case)


class Nobody:
    """Every deadline passes."""

    def __init__(self, built: Built) -> None:
        del built

    def look(self, case: Case) -> None:
        """Nothing."""
