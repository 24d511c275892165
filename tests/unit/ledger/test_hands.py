"""Claims on what the ledger keeps of people's verdicts, and what it answers about them."""

from __future__ import annotations

import json
from datetime import timedelta

from sqlalchemy import select

from bot.domain.action import AgreeReturn, Verb
from bot.domain.hand import Instead
from bot.domain.money import Money
from bot.ledger import audit
from bot.ledger.events import Kind
from bot.ledger.schema import events
from bot.ports.ledger import HandTold
from tests.unit.ledger.story import BUYER, RUN, SHOP, START, Story, decision, key, snapshot


def test_who_and_what_stand_in_the_chain_and_the_why_beside_it(story: Story) -> None:
    story.judge()
    story.decide(approved_by="Wang", why="the buyer called me")
    with story.ledger.engine.connect() as db:
        kept = db.execute(select(events.c.facts).where(events.c.kind == Kind.HAND)).scalar_one()
    facts = json.loads(kept)
    assert (facts["by"], facts["approved_by"], facts["asked"], facts["strategy"]) == (
        "Li",
        "Wang",
        Verb.AGREE_REFUND,
        "person:li",
    )
    assert "called" not in kept


def test_who_did_what_outlives_the_buyer_and_the_why_does_not(story: Story) -> None:
    story.by_hand()
    story.ledger.erase_buyer(SHOP, BUYER)
    (told,) = story.ledger.hands(key())
    assert (told.by, told.verb, told.told) == ("Li", Verb.AGREE_REFUND, None)
    assert story.ledger.seen_as(key(), snapshot().fingerprint) is None
    assert audit(story.ledger.engine, None).findings == ()
    (line,) = story.ledger.lines(RUN)
    assert line.decision is None


def test_a_deed_is_carried_out_for_one_verb_on_one_version_of_the_case(story: Story) -> None:
    story.judge()
    intent = story.send()
    asked = (key(), Verb.AGREE_REFUND, snapshot().fingerprint)
    assert not story.ledger.carried_out(*asked), "what is on its way is not done"
    story.settle(intent)
    assert story.ledger.carried_out(*asked)
    assert not story.ledger.carried_out(key(), Verb.REFUSE, snapshot().fingerprint)
    assert not story.ledger.carried_out(key(), Verb.AGREE_REFUND, "another version")
    assert not story.ledger.carried_out(key(2), Verb.AGREE_REFUND, snapshot().fingerprint)


def keeps(story: Story, hours: int) -> None:
    verdict = story.told(verb=Verb.HOLD, instead=Instead.WAIT)
    until = START + timedelta(hours=hours)
    told = HandTold(verdict=verdict, decision=decision(verb=Verb.HOLD), until=until)
    story.ledger.decided_by_hand(RUN, told)


def test_a_case_is_kept_by_the_newest_word_and_a_deed_ends_it(story: Story) -> None:
    story.judge()
    assert story.ledger.parked(key()) is None
    keeps(story, 1)
    keeps(story, 2)
    found = story.ledger.parked(key())
    assert found is not None
    assert (found.by, found.until) == ("Li", START + timedelta(hours=2))
    story.decide(verb=Verb.HOLD, instead=Instead.ELSEWHERE)
    assert story.ledger.parked(key()) == found, "a verdict that came to nothing changes nothing"
    story.decide()
    assert story.ledger.parked(key()) is None


def test_the_case_as_somebody_saw_it_is_found_by_its_fingerprint(story: Story) -> None:
    story.judge()
    assert story.ledger.seen_as(key(), snapshot().fingerprint) == snapshot()
    assert story.ledger.seen_as(key(), "another") is None
    assert story.ledger.seen_as(key(2), snapshot().fingerprint) is None


def test_an_action_in_doubt_is_known_until_it_has_an_outcome(story: Story) -> None:
    story.judge()
    intent = story.send(action=AgreeReturn(amount=Money(1_000)))
    assert story.ledger.unknowns(key()) == ()
    story.ledger.leave_unknown(intent.id, story.hold(), story.lease)
    assert story.ledger.unknowns(key()) == (intent.id,)
    story.settle(intent, 0)
    assert story.ledger.unknowns(key()) == ()
