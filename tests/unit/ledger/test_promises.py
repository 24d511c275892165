"""Claims on offers in the books: a promise counts until the buyer says no, and no version of a case gets two."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from bot.domain.action import Complain, ComplaintScene, Negotiate, Verb
from bot.domain.case import CaseState, Negotiable, Offer, OfferState, Snapshot
from bot.domain.facts import Known, Source
from bot.domain.history import UNASKED
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus
from bot.errors import NotAllowed, OverCap
from bot.ledger import audit
from bot.ports.ledger import Caps
from tests.unit.ledger.story import AMPLE, RUN, START, Story, decision, evidence, snapshot

WIDE = Money(10_000_000)
TIGHT = Caps(WIDE, Money(700), WIDE)


def shown(*offers: tuple[int, OfferState], state: CaseState = CaseState.WAIT_SELLER) -> Snapshot:
    """The case's page with these offers on it."""
    seen = {"source": Source.SHOP, "seen_at": START}
    made = tuple(Offer(at=START, amount=Money(fen), state=Known[OfferState](value=how, **seen)) for fen, how in offers)
    tool = Negotiable(offers=made, most=Money(800), rounds_left=3 - len(made))
    return snapshot(negotiable=tool, version=f"v{len(made)}", state=Known[CaseState](value=state, **seen))


def judged(story: Story, page: Snapshot, fen: int = 300) -> str:
    """The case judged as it stands: an offer is decided on. The fingerprint comes back."""
    made = decision(verb=Verb.NEGOTIATE, amount=Money(fen)).model_copy(update={"fingerprint": page.fingerprint})
    story.ledger.decided(RUN, page, {}, UNASKED, made)
    return page.fingerprint


def offered(story: Story, page: Snapshot, fen: int, caps: Caps = AMPLE) -> None:
    fingerprint = judged(story, page, fen)
    intent = story.send(fen=fen, caps=caps, action=Negotiate(amount=Money(fen)), fingerprint=fingerprint)
    story.settle(intent, fen, CaseStatus.WAITING)


def findings(story: Story) -> list[str]:
    return [str(one) for one in audit(story.ledger.engine, None).findings]


def test_a_promise_counts_as_spent_while_the_buyer_may_take_it(story: Story) -> None:
    offered(story, shown(), 300)
    assert story.spent() == (300, 0)
    judged(story, shown((300, OfferState.OPEN), state=CaseState.WAIT_BUYER_ANSWER))
    judged(story, shown((300, OfferState.ACCEPTED), state=CaseState.SUCCESS))
    assert story.spent() == (300, 0)
    assert findings(story) == []


@pytest.mark.parametrize("how", [OfferState.DECLINED, OfferState.LAPSED])
def test_what_nobody_holds_to_any_more_comes_back_once(story: Story, how: OfferState) -> None:
    offered(story, shown(), 300)
    for _ in range(2):
        judged(story, shown((300, how)))
        assert story.spent() == (0, 0)
    assert findings(story) == []


def test_only_the_offer_that_ended_comes_back(story: Story) -> None:
    offered(story, shown(), 300)
    offered(story, shown((300, OfferState.DECLINED)), 500)
    assert story.spent() == (500, 0)
    judged(story, shown((300, OfferState.DECLINED), (500, OfferState.OPEN), state=CaseState.WAIT_BUYER_ANSWER))
    assert story.spent() == (500, 0)
    assert findings(story) == []


def test_a_colleagues_declined_offer_frees_nothing_of_ours(story: Story) -> None:
    offered(story, shown(), 300)
    judged(story, shown((200, OfferState.DECLINED), (300, OfferState.OPEN), state=CaseState.WAIT_BUYER_ANSWER))
    assert story.spent() == (300, 0)


def test_promises_never_pass_a_cap_and_a_no_makes_room(story: Story) -> None:
    offered(story, shown(), 500, TIGHT)
    with pytest.raises(OverCap):
        story.arm(2, 300, TIGHT)
    judged(story, shown((500, OfferState.DECLINED)))
    story.arm(2, 300, TIGHT)
    assert story.spent() == (0, 300)


def test_offers_and_refunds_of_an_order_stay_within_what_was_paid(story: Story) -> None:
    offered(story, shown(), 800)
    with pytest.raises(OverCap) as refused:
        story.arm(2, 4_201, order_id="o1")
    assert refused.value.reason_code == "error.case.over_cap.order"
    story.arm(2, 4_200, order_id="o1")


def test_no_version_of_a_case_gets_two_offers(story: Story) -> None:
    offered(story, shown(), 300)
    again = Negotiate(amount=Money(400))
    with pytest.raises(NotAllowed) as refused:
        story.arm(action=again, fingerprint=shown().fingerprint)
    assert refused.value.reason_code == "error.case.offered_before"
    story.arm(action=again, fingerprint=shown((300, OfferState.DECLINED)).fingerprint)


def test_an_offer_in_doubt_bars_the_next(story: Story) -> None:
    intent = story.send(action=Negotiate(amount=Money(300)), fingerprint=judged(story, shown()))
    story.ledger.leave_unknown(intent.id, story.hold(), story.lease)
    judged(story, shown((300, OfferState.DECLINED)))
    assert story.spent() == (0, 300), "an unknown outcome keeps its money"
    with pytest.raises(NotAllowed) as refused:
        story.arm(action=Negotiate(amount=Money(400)), fingerprint=shown((300, OfferState.DECLINED)).fingerprint)
    assert refused.value.reason_code == "error.case.live_intent"


def test_nobody_complains_twice_about_a_case(story: Story) -> None:
    kept = evidence()
    story.ledger.keep(RUN, snapshot().key, kept)
    action = Complain(
        amount=Money(1_000), scene=ComplaintScene.FALSE_RETURN, message="退回空包裹", proofs=(kept.sha256,)
    )
    story.judge(verb=Verb.COMPLAIN)
    story.settle(story.send(action=action), 0, CaseStatus.WAITING)
    assert findings(story) == []
    with pytest.raises(NotAllowed) as refused:
        story.arm(action=action, fingerprint="other" * 12)
    assert refused.value.reason_code == "error.case.complained_before"


def test_a_declined_offer_that_was_not_given_back_is_found(story: Story) -> None:
    offered(story, shown(), 300)
    judged(story, shown((300, OfferState.DECLINED)))
    with story.ledger.engine.begin() as db:
        db.execute(text("UPDATE reservations SET state = 'posted', amount = 300"))
    assert any("I17" in one for one in findings(story))
