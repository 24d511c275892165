"""Claims on returns that are agreed: no money moves, and what a strategy promises on a day is bounded (domain.md 42, 45, 52)."""

from __future__ import annotations

import pytest

from bot.domain.action import AgreeReturn, Verb
from bot.domain.decision import Reason
from bot.domain.money import Money
from bot.errors import OverCap
from bot.ledger import audit
from bot.ports.ledger import Caps
from tests.unit.ledger.story import START, Story, snapshot

CAPS = Caps(strategy_day=Money(2_500), shop_day=Money(1), buyer_day=Money(1))
"""The shop's and the buyer's bounds are about money that goes: a promise is not under them."""


def agree(story: Story, number: int, fen: int = 1_000) -> None:
    story.judge(number, Verb.AGREE_RETURN)
    intent = story.send(number, caps=CAPS, action=AgreeReturn(amount=Money(fen)))
    story.settle(intent, 0)


def test_an_agreed_return_counts_what_it_promises_and_moves_nothing(story: Story) -> None:
    agree(story, 1)
    assert story.spent("agreed:s-unshipped") == (1_000, 0)
    assert story.spent("shop") == (0, 0)
    assert story.spent("strategy:s-unshipped") == (0, 0)
    assert story.ledger.history(snapshot(2), START).spent["s-unshipped"] == Money(1_000)


def test_promises_stop_at_the_cap_of_the_day_and_equal_is_allowed(story: Story) -> None:
    agree(story, 1)
    agree(story, 2)
    story.judge(3, Verb.AGREE_RETURN)
    with pytest.raises(OverCap):
        story.arm(3, caps=CAPS, action=AgreeReturn(amount=Money(501)))
    agree(story, 4, 500)
    assert story.spent("agreed:s-unshipped") == (2_500, 0)


def test_a_promise_that_was_not_made_is_given_back(story: Story) -> None:
    story.judge(1, Verb.AGREE_RETURN)
    intent = story.send(1, caps=CAPS, action=AgreeReturn(amount=Money(2_000)))
    assert story.spent("agreed:s-unshipped") == (0, 2_000)
    story.ledger.void(intent.id, Reason(code="test.void"), story.lease)
    assert story.spent("agreed:s-unshipped") == (0, 0)


def test_the_audit_reckons_promises_from_the_events_alone(story: Story) -> None:
    agree(story, 1)
    story.judge(2, Verb.AGREE_RETURN)
    story.ledger.void(
        story.send(2, caps=CAPS, action=AgreeReturn(amount=Money(1_000))).id, Reason(code="test.void"), story.lease
    )
    agree(story, 3)
    assert audit(story.ledger.engine, None).findings == ()
