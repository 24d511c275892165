"""What buyers do by themselves: withdraw, edit, send goods back, call the platform; and how the platform then rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from simulator.world import wording
from simulator.world.courier import CourierNetwork
from simulator.world.dice import dice
from simulator.world.machine import BUYER, PLATFORM, Machine
from simulator.world.model import (
    FINISHED,
    Case,
    CaseState,
    CaseType,
    ComplaintState,
    GoodsStatus,
    Parcel,
    ParcelState,
    PlannedScan,
    Role,
    ShipStatus,
    Verb,
)
from simulator.world.store import Store

INTERVENE_AFTER = timedelta(hours=24)
RULE_AFTER = timedelta(hours=72)
AGAIN_OF, MOST_APPLICATIONS = 4, 3
"""One in so many of those who could only let a refusal stand applies again, so many times in all: guesses."""
EMPTY_BAG_G = 12
"""What an empty bag weighs."""
PACKAGING_G = 100
"""What packaging weighs when nobody says otherwise (docs/simulator.md, row 17)."""

# A return's way home: (hours after the buyer hands it in, state, is it near the shop).
_RETURN_LEGS = (
    (4, ParcelState.PICKED_UP, False),
    (16, ParcelState.IN_TRANSIT, False),
    (40, ParcelState.DELIVERING, True),
    (44, ParcelState.SIGNED, True),
)


@dataclass(frozen=True, slots=True)
class PlannedAct:
    """A buyer's act that a scenario has written down beforehand; `verb` is WITHDRAW, SHIP_RETURN or EDIT (`amount_fen` then)."""

    at: datetime
    aftersale_id: str
    verb: Verb
    amount_fen: int = 0


def expected_weight_g(case: Case) -> int | None:
    """Grams that a complete return should weigh; None where the goods were never weighed."""
    line = case.order.goods[0]
    return None if line.weight_g is None else line.weight_g * case.quantity + PACKAGING_G


class Buyers:
    """The buyers' side of the state machine, by script and in answer to the seller."""

    def __init__(self, store: Store, courier: CourierNetwork, machine: Machine) -> None:
        self._store = store
        self._courier = courier
        self._machine = machine
        machine.followers[CaseState.WAIT_BUYER_RETURN] = self._return_agreed
        machine.followers[CaseState.SELLER_REFUSED] = self._refused

    def plan(self, act: PlannedAct) -> None:
        """Put a scripted act on the agenda."""
        case = self._store.cases[act.aftersale_id]
        acts: dict[Verb, Callable[[], object]] = {
            Verb.WITHDRAW: lambda: self.withdraw(case),
            Verb.SHIP_RETURN: lambda: self._send_back(case),
            Verb.EDIT: lambda: self.edit(case, act.amount_fen, case.reason),
        }
        self._store.clock.at(act.at, acts[act.verb])

    def withdraw(self, case: Case) -> bool:
        """The buyer takes the claim back; False = it was over already."""
        if case.state in FINISHED:
            return False
        self._machine.close(case, BUYER, Verb.WITHDRAW, wording.SAID_WITHDRAWN)
        return True

    def edit(self, case: Case, amount_fen: int, reason: str) -> bool:
        """The buyer changes amount (fen, up or down) or reason while the seller looks; False = too late."""
        if case.state is not CaseState.WAIT_SELLER:
            return False
        case.truth = replace(case.truth, owed_fen=min(case.truth.owed_fen, amount_fen))
        self._machine.edit(case, amount_fen, reason)
        return True

    def would_rather_return(self, case: Case) -> bool:
        """The buyer turns a refund only into a return and refund; False = too late, or nothing is there to send back.

        Who is owed nothing sends a bag with nothing in it.
        """
        here = case.order.ship_status is ShipStatus.SIGNED and case.truth.goods_at != "lost"
        if case.state is not CaseState.WAIT_SELLER or case.type is not CaseType.REFUND_SHIPPED or not here:
            return False
        reason = case.reason if case.goods_status is GoodsStatus.RECEIVED else wording.NO_REASON_REASON
        honest = case.truth.owed_fen > 0
        bag = ("all", None) if honest else ("nothing", EMPTY_BAG_G)
        case.truth = replace(case.truth, sends_back=True, sent_back=bag[0], sent_back_g=bag[1])
        case.goods_status = GoodsStatus.RECEIVED
        self._machine.edit(case, case.amount_fen, reason, CaseType.RETURN_REFUND)
        return True

    def _return_agreed(self, case: Case) -> None:
        """The seller agreed to a return: buyers who mean it hand the parcel in within a day and a half."""
        if case.truth.sends_back and case.type is CaseType.RETURN_REFUND:
            delay = timedelta(hours=self._store.rng.uniform(12, 36))
            self._store.clock.after(delay, lambda: self._send_back(case))

    def _refused(self, case: Case) -> None:
        """Who is owed money, or sees a refusal without the demanded proof, calls the platform (items 34, 35).

        Of the others, who could only let it stand, some edit the claim and apply again (domain.md 2.2).
        """
        proofs = case.negotiation[-1].pictures
        if case.truth.owed_fen > 0 or (case.proof_demanded and not proofs):
            self._store.clock.after(INTERVENE_AFTER, lambda: self._intervene(case))
        elif _tries_again(case):
            delay = timedelta(hours=12 + dice(case, f"again after {case.applications}", 48))
            self._store.clock.after(delay, lambda: self._apply_again(case))

    def _apply_again(self, case: Case) -> None:
        if case.state is not CaseState.SELLER_REFUSED:
            return
        turn = f"again {case.applications}"
        share = 100 - dice(case, f"{turn} less", 21) if dice(case, turn, 2) else 100
        words = wording.WORDS_AGAIN[dice(case, f"{turn} words", len(wording.WORDS_AGAIN))]
        self._machine.apply_again(case, max(1, case.amount_fen * share // 100), words)
        parcel = self._store.parcels.get(case.backward or "")
        if parcel is not None and parcel.state is ParcelState.SIGNED:
            self._machine.return_signed(case)

    def _intervene(self, case: Case) -> None:
        if case.state is CaseState.SELLER_REFUSED:
            self._machine.intervene(case)
            self._store.clock.after(RULE_AFTER - INTERVENE_AFTER, lambda: self._rule(case))

    def _rule(self, case: Case) -> None:
        if case.state is not CaseState.PLATFORM:
            return
        if case.complaint is not None and case.complaint.state is ComplaintState.UPHELD:
            # the platform's after-sale handling reads the complaint as well (item 5)
            self._machine.close(case, PLATFORM, Verb.CLOSE, wording.SAID_RULED_CLOSE)
        else:
            self._machine.refund(case, PLATFORM, wording.SAID_RULED_REFUND, Role.PLATFORM)

    def _send_back(self, case: Case) -> None:
        if case.state is not CaseState.WAIT_BUYER_RETURN:
            return
        parcel = self._store.parcels.get(case.truth.names) or self._return_parcel(case)
        self._store.add_parcel(parcel, case)
        self._courier.schedule(parcel)
        self._machine.receive(case, parcel.courier, parcel.waybill)

    def _return_parcel(self, case: Case) -> Parcel:
        now, shop = self._store.now(), self._store.shops[case.shop_id]
        courier = min(shop.contract_couriers)
        weight = case.truth.sent_back_g or expected_weight_g(case)
        parcel = Parcel(self._waybill(), courier, case.order.receiver_city, case.return_city, now)
        parcel.pickup_weight_g = parcel.arrival_weight_g = weight
        parcel.plan = [_return_scan(parcel, leg) for leg in _RETURN_LEGS]
        return parcel

    def _waybill(self) -> str:
        return f"TH{self._store.rng.randrange(10**12, 10**13)}"


def _tries_again(case: Case) -> bool:
    """By the case alone, so that nobody's turn moves anybody else's."""
    return case.applications < MOST_APPLICATIONS and dice(case, f"tries {case.applications}", AGAIN_OF) == 0


def _return_scan(parcel: Parcel, leg: tuple[int, ParcelState, bool]) -> PlannedScan:
    hours, state, near = leg
    city = parcel.to_city if near else parcel.from_city
    signer = wording.WAREHOUSE_SIGNER if state is ParcelState.SIGNED else ""
    return PlannedScan(parcel.created_at + timedelta(hours=hours), city, state, signer)
