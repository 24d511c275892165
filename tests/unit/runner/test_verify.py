"""Claims on what a freshly loaded page proves of an offer or a complaint, and where a case then stands."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.action import Complain, ComplaintScene, Negotiate
from bot.domain.base import Sha256
from bot.domain.case import CaseState, Complaint, ComplaintState, Control, Negotiable, Offer, OfferState, Snapshot
from bot.domain.facts import Source, Unknown
from bot.domain.money import ZERO, Money
from bot.domain.outcome import CaseStatus, Outcome
from bot.runner.follow import follow_of, left_of
from bot.runner.verify import amount_moved, read_outcome
from tests.unit.engine.builders import NOW, odd, received, shop

OFFER = Negotiate(amount=Money(3_000))
COMPLAINT = Complain(
    amount=Money(12_900), scene=ComplaintScene.FALSE_RETURN, message="退回空包裹", proofs=(Sha256("a" * 64),)
)
S, T, C = CaseState, OfferState, ComplaintState


def offered(stands: CaseState, *made: tuple[int, OfferState], **changes: Any) -> Snapshot:
    offers = tuple(Offer(at=NOW, amount=Money(fen), state=shop(how)) for fen, how in made)
    tool = Negotiable(offers=offers, most=Money(9_000), rounds_left=2)
    closed = frozenset({Control.REMARK})
    return received().shows(**({"state": shop(stands), "negotiable": tool, "controls": closed} | changes)).page


@pytest.mark.parametrize(
    ("after", "outcome"),
    [
        (offered(S.WAIT_BUYER_ANSWER, (3_000, T.OPEN)), Outcome.APPLIED),
        (offered(S.WAIT_SELLER, (3_000, T.DECLINED)), Outcome.APPLIED),
        (offered(S.SUCCESS, (3_000, T.ACCEPTED)), Outcome.APPLIED),
        (offered(S.CLOSED, (3_000, T.LAPSED)), Outcome.APPLIED),
        (offered(S.WAIT_SELLER), Outcome.NOT_APPLIED),
        (offered(S.WAIT_SELLER, (2_000, T.DECLINED)), Outcome.NOT_APPLIED),
        (offered(S.WAIT_BUYER_ANSWER, (2_000, T.OPEN)), Outcome.FOREIGN),
        (offered(S.CLOSED), Outcome.FOREIGN),
        (offered(S.SUCCESS), Outcome.FOREIGN),
        (offered(S.WAIT_SELLER, negotiable=None), Outcome.UNREADABLE),
        (offered(S.WAIT_SELLER, state=odd("协商升级中")), Outcome.UNREADABLE),
        (
            offered(S.WAIT_BUYER_ANSWER, (3_000, T.OPEN), controls=frozenset({Control.NEGOTIATE})),
            Outcome.UNREADABLE,
        ),
    ],
)
def test_an_offer_is_read_back_by_its_sum(after: Snapshot, outcome: Outcome) -> None:
    assert read_outcome(OFFER, after) is outcome


def complained(state: CaseState, filed: ComplaintState, **changes: Any) -> Snapshot:
    scene = None if filed is C.NONE else shop(ComplaintScene.FALSE_RETURN)
    shown = {"state": shop(state), "complaint": Complaint(state=shop(filed), scene=scene)}
    return received().shows(**(shown | changes)).page


UNCLEAR = Unknown(why="unknown.label", source=Source.SHOP, raw="转人工复核")


@pytest.mark.parametrize(
    ("after", "outcome"),
    [
        (complained(S.WAIT_SELLER, C.FILED), Outcome.APPLIED),
        (complained(S.SUCCESS, C.UPHELD), Outcome.APPLIED),
        (complained(S.WAIT_SELLER_RECEIVE, C.REJECTED), Outcome.APPLIED),
        (complained(S.WAIT_SELLER, C.NONE), Outcome.NOT_APPLIED),
        (complained(S.CLOSED, C.NONE), Outcome.FOREIGN),
        (
            complained(
                S.WAIT_SELLER,
                C.FILED,
                complaint=Complaint(state=shop(C.FILED), scene=shop(ComplaintScene.FALSE_PROOF)),
            ),
            Outcome.FOREIGN,
        ),
        (complained(S.WAIT_SELLER, C.FILED, complaint=None), Outcome.UNREADABLE),
        (complained(S.WAIT_SELLER, C.FILED, complaint=Complaint(state=UNCLEAR)), Outcome.UNREADABLE),
        (
            complained(S.WAIT_SELLER, C.FILED, complaint=Complaint(state=shop(C.FILED), scene=UNCLEAR)),
            Outcome.UNREADABLE,
        ),
    ],
)
def test_a_complaint_is_read_back_by_its_scene(after: Snapshot, outcome: Outcome) -> None:
    assert read_outcome(COMPLAINT, after) is outcome


def test_an_offer_moves_its_sum_in_the_books_and_a_complaint_nothing() -> None:
    assert amount_moved(OFFER, offered(S.WAIT_BUYER_ANSWER, (3_000, T.OPEN))) == Money(3_000)
    assert amount_moved(COMPLAINT, complained(S.WAIT_SELLER, C.FILED)) == ZERO


@pytest.mark.parametrize("action", [OFFER, COMPLAINT])
def test_both_wait_for_somebody_elses_answer(action: Negotiate | Complain) -> None:
    assert follow_of(action) is CaseStatus.WAITING


@pytest.mark.parametrize(
    ("after", "status", "code", "refunded"),
    [
        (offered(S.WAIT_BUYER_ANSWER, (3_000, T.OPEN)), CaseStatus.WAITING, "case.offer_open", 0),
        (offered(S.SUCCESS, (3_000, T.ACCEPTED)), CaseStatus.DONE, "case.offer_accepted", 3_000),
        (offered(S.REFUNDING, (3_000, T.ACCEPTED)), CaseStatus.DONE, "case.offer_accepted", 3_000),
        (offered(S.SUCCESS, (3_000, T.DECLINED)), CaseStatus.FOREIGN, "case.moved_on", 0),
        (offered(S.CLOSED, (3_000, T.LAPSED)), CaseStatus.FOREIGN, "case.moved_on", 0),
        (offered(S.SUCCESS), CaseStatus.FOREIGN, "case.moved_on", 0),
    ],
)
def test_what_an_offer_led_to_is_told(after: Snapshot, status: CaseStatus, code: str, refunded: int) -> None:
    left = left_of(after)
    assert (left.status, left.reason.code, left.refunded) == (status, code, Money(refunded))
