"""Claims on the sums: every case counts once, money is what receipts prove."""

from __future__ import annotations

import pytest

from bot.domain.action import Remark
from bot.domain.case import OfferState
from bot.domain.money import ZERO, Money
from bot.domain.outcome import CaseStatus
from bot.ports.ledger import CaseLine
from bot.report.ending import Ending, ending_of, sums
from tests.unit.engine.builders import PAID, shipped, unshipped
from tests.unit.report.runs import complaint, every_kind, intercept, line, offer, proof, refund, refusal


def test_every_case_counts_once() -> None:
    told = sums(every_kind(), acting=True)
    assert sum(one.count for one in told) == len(every_kind())
    assert [one.ending for one in told] == list(Ending)


@pytest.mark.parametrize(
    ("case", "ending"),
    [
        (refund(1), Ending.REFUNDED),
        (refusal(1), Ending.REFUSED),
        (intercept(1), Ending.INTERCEPTED),
        (offer(1), Ending.OFFERED),
        (offer(1, OfferState.ACCEPTED), Ending.REFUNDED),
        (complaint(1), Ending.COMPLAINED),
        (line(1, unshipped(), CaseStatus.ACTING), Ending.UNKNOWN),
        (line(1, unshipped(), CaseStatus.SEEN), Ending.WAITING),
        (line(1, unshipped(), CaseStatus.DECIDED), Ending.WAITING),
        (line(1, unshipped(), CaseStatus.DONE), Ending.FOREIGN),
        (line(1, unshipped(), CaseStatus.FAILED), Ending.FAILED),
        (line(1, unshipped(), receipts=(proof(1, Remark(text="x"), ZERO),)), Ending.HELD),
        (line(1, unshipped(), CaseStatus.DONE, receipts=(proof(1, Remark(text="x"), ZERO),)), Ending.NOTED),
    ],
)
def test_a_case_has_the_ending_that_is_proven(case: CaseLine, ending: Ending) -> None:
    assert ending_of(case) is ending


def test_money_that_moved_counts_as_paid_back_even_where_the_case_is_held() -> None:
    held = line(1, unshipped(), CaseStatus.HELD, receipts=refund(1).receipts)
    assert ending_of(held) is Ending.REFUNDED


def test_what_was_paid_back_is_the_servers_sum_not_the_claim() -> None:
    less = line(1, unshipped(), CaseStatus.DONE, receipts=(proof(1, refund(1).receipts[0][0].action, Money(5)),))
    assert {one.ending: one.amount for one in sums([less], acting=True)}[Ending.REFUNDED] == Money(5)


def test_an_accepted_offer_counts_by_its_sum_in_the_run_that_found_it_out() -> None:
    told = sums([offer(1, OfferState.ACCEPTED)], acting=True)
    assert {one.ending: one.amount for one in told}[Ending.REFUNDED] == Money(3_000)


def test_watching_tells_what_would_be_done() -> None:
    seen = [line(1, unshipped(), CaseStatus.DECIDED), line(2, shipped(), CaseStatus.DECIDED)]
    told = {one.ending: one.amount for one in sums(seen, acting=False) if one.count}
    assert told == {Ending.REFUNDED: PAID, Ending.INTERCEPTED: PAID}
