"""Offers and complaints against the running simulator: id and sum read back, one request, and what the server shows of it."""

from __future__ import annotations

import pytest

from bot.browser import act
from bot.domain.action import AgreeRefund, Complain, ComplaintScene, Negotiate, Verb
from bot.domain.case import CaseState, ComplaintState, Control, OfferState, Snapshot, newest_offer
from bot.domain.facts import Known
from bot.domain.ids import CaseKey
from bot.domain.money import Money
from bot.domain.outcome import Outcome
from bot.errors import CaseMoved, EvidenceRefused, NotAllowed, NotSent, OutcomeUnknown, RefundPilotError
from bot.runner.verify import amount_moved, read_outcome
from flows.taobao import firing as clicking
from tests.flows.taobao.conftest import Ground, permit_for, proof
from tests.flows.taobao.test_perform import SENDING

pytestmark = pytest.mark.asyncio(loop_scope="session")

DIALOG = "document.getElementById('d-negotiate').content"
MESSAGE = "给您补偿一部分，商品留用可以吗"

SABOTAGE = {
    "the dialog names another case": f"for (const dd of {DIALOG}.querySelectorAll('dd')) if (/^[0-9]+$/.test(dd.textContent)) dd.textContent += '1'",
    "the dialog shows another sum": f"{DIALOG}.querySelector('[data-offer]').removeAttribute('data-offer'); {DIALOG}.querySelector('dl').insertAdjacentHTML('beforeend', '<dt>协商金额</dt><dd data-offer>—</dd>')",
    "the dialog adds a cent to the sum": "const old = window.Intl; Number.prototype.toLocaleString = function () { return (this.valueOf() + 0.01).toFixed(2); }",
    "the confirm button is renamed": f"for (const b of {DIALOG}.querySelectorAll('button')) if (b.textContent === '确认发起') b.textContent = '同意退款'",
    "the page would send another sum": SENDING % "body.offer += 1",
    "the page would send the whole claim": SENDING % "body.offer = body.amount",
    "the page would send another case": SENDING % "body.disputeId += '1'",
    "the page would agree instead": "const send = window.fetch; window.fetch = (to, init) => send('/h5api/dispute/agree', init)",
}


def open_to_offers(ground: Ground) -> CaseKey:
    """A fresh case of goods that went out: there the page has the tool."""
    return ground.fresh("hold", types=frozenset({"refund_shipped", "return_refund"}))


def part(snapshot: Snapshot, percent: int = 30) -> Negotiate:
    return Negotiate(amount=Money(snapshot.amount.fen * percent // 100), message=MESSAGE)


async def test_one_offer_is_one_request_and_waits_for_the_buyer(ground: Ground) -> None:
    case = ground.fresh("agree_return")
    async with ground.opened(case) as (page, snapshot):
        assert {Control.NEGOTIATE, Control.COMPLAIN} <= snapshot.controls
        assert snapshot.negotiable
        assert (snapshot.negotiable.offers, snapshot.negotiable.rounds_left) == ((), 3)
        action = part(snapshot)
        assert read_outcome(action, snapshot) is Outcome.NOT_APPLIED
        firing = permit_for(case, action)
        await page.perform(action, firing.permit)
        after = await page.reload()
    offer = newest_offer(after)
    assert offer
    assert (offer.amount, getattr(offer.state, "value", None)) == (action.amount, OfferState.OPEN)
    assert isinstance(after.state, Known)
    assert after.state.value is CaseState.WAIT_BUYER_ANSWER
    assert after.unknown_labels == ()
    assert (read_outcome(action, after), amount_moved(action, after)) == (Outcome.APPLIED, action.amount)
    assert read_outcome(action.model_copy(update={"amount": Money(1)}), after) is Outcome.FOREIGN
    assert any(MESSAGE in said.text for said in after.negotiation)
    assert firing.sent == [case.aftersale_id]
    assert ground.effects(case) == ["negotiate"]


@pytest.mark.parametrize("script", SABOTAGE.values(), ids=list(SABOTAGE))
async def test_a_dialog_that_is_not_as_it_should_be_makes_no_offer(
    ground: Ground, script: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clicking, "BLOCK_S", 1.5)
    monkeypatch.setattr(clicking, "DECIDED_S", 1.5)
    monkeypatch.setattr(clicking, "PRESS_MS", 1500)
    monkeypatch.setattr(act, "PRESS_MS", 1500)
    case = open_to_offers(ground)
    async with ground.opened(case) as (page, snapshot):
        before = ground.mutations()
        await page._page.evaluate(f"() => {{ {script} }}")
        action = part(snapshot)
        firing = permit_for(case, action)
        with pytest.raises(RefundPilotError) as caught:
            await page.perform(action, firing.permit)
        assert not isinstance(caught.value, OutcomeUnknown)
        assert firing.sent == []
        assert ground.mutations() == before
        assert ground.effects(case) == []


async def test_more_than_the_page_takes_is_not_typed_in(ground: Ground) -> None:
    case = open_to_offers(ground)
    async with ground.opened(case) as (page, snapshot):
        before = ground.mutations()
        action = part(snapshot, 95)
        with pytest.raises(NotAllowed) as caught:
            await page.perform(action, permit_for(case, action).permit)
        assert caught.value.reason_code == "negotiate.over_most"
        assert ground.mutations() == before


async def test_a_permit_over_another_sum_lets_no_offer_out(ground: Ground) -> None:
    case = open_to_offers(ground)
    async with ground.opened(case) as (page, snapshot):
        action = part(snapshot)
        dearer = action.model_copy(update={"amount": action.amount + Money(1)})
        with pytest.raises(NotSent):
            await page.perform(action, permit_for(case, dearer).permit)
        with pytest.raises(NotSent):
            await page.perform(AgreeRefund(amount=action.amount), permit_for(case, action).permit)
    assert ground.effects(case) == []


async def test_a_button_bound_twice_makes_one_offer(ground: Ground) -> None:
    case = open_to_offers(ground)
    ground.fault("double_bound_handler", at=case.aftersale_id)
    async with ground.opened(case) as (page, snapshot):
        action = part(snapshot)
        firing = permit_for(case, action)
        await page.perform(action, firing.permit)
        assert len(firing.sent) == 1
    assert ground.effects(case) == ["negotiate"]


@pytest.mark.parametrize("kind", ["dropped_after_apply", "apply_then_502"])
async def test_a_lost_answer_to_an_offer_is_read_back_and_never_repeated(ground: Ground, kind: str) -> None:
    case = open_to_offers(ground)
    async with ground.opened(case) as (page, snapshot):
        ground.fault(kind, at=case.aftersale_id)
        action = part(snapshot)
        with pytest.raises((OutcomeUnknown, CaseMoved)):
            await page.perform(action, permit_for(case, action).permit)
        assert read_outcome(action, await page.reload()) is Outcome.APPLIED
    assert ground.effects(case) == ["negotiate"]


async def test_a_toast_that_lies_about_an_offer_proves_nothing(ground: Ground) -> None:
    case = open_to_offers(ground)
    async with ground.opened(case) as (page, snapshot):
        ground.fault("lying_toast", at=case.aftersale_id)
        action = part(snapshot)
        await page.perform(action, permit_for(case, action).permit)
        assert read_outcome(action, await page.reload()) is Outcome.NOT_APPLIED
    assert ground.effects(case) == []


# ---- complaints ---------------------------------------------------------------------------------------------------


def complaint(snapshot: Snapshot, *proofs: str) -> Complain:
    return Complain(
        amount=snapshot.amount, scene=ComplaintScene.SHORT_RETURN, message="实收件数少于申请件数", proofs=proofs
    )


async def test_a_complaint_carries_its_scene_its_words_and_its_proofs(ground: Ground) -> None:
    case = open_to_offers(ground)
    async with ground.opened(case) as (page, snapshot):
        held = await page.attach([proof(41), proof(42)], Verb.COMPLAIN)
        action = complaint(snapshot, *held)
        assert read_outcome(action, snapshot) is Outcome.NOT_APPLIED
        firing = permit_for(case, action)
        await page.perform(action, firing.permit)
        after = await page.reload()
    assert after.complaint
    assert getattr(after.complaint.state, "value", None) is ComplaintState.FILED
    assert Control.COMPLAIN not in after.controls
    assert read_outcome(action, after) is Outcome.APPLIED
    other = action.model_copy(update={"scene": ComplaintScene.FALSE_PROOF})
    assert read_outcome(other, after) is Outcome.FOREIGN
    assert any("实收件数少于申请件数" in said.text for said in after.negotiation)
    effect = next(one for one in ground.simulator.get("effects") if one["aftersale_id"] == case.aftersale_id)
    assert (effect["verb"], sorted(effect["evidence"])) == ("complain", sorted(held))
    assert firing.sent == [case.aftersale_id]


async def test_a_second_complaint_finds_the_page_closed(ground: Ground) -> None:
    case = open_to_offers(ground)
    async with ground.opened(case) as (page, snapshot):
        held = await page.attach([proof(43)], Verb.COMPLAIN)
        action = complaint(snapshot, *held)
        await page.perform(action, permit_for(case, action).permit)
        await page.reload()
        with pytest.raises(NotAllowed) as caught:
            await page.attach([proof(43)], Verb.COMPLAIN)
        assert caught.value.reason_code == "complain.barred"
    assert ground.effects(case) == ["complain"]


async def test_another_amount_or_a_strangers_picture_stops_the_complaint(ground: Ground) -> None:
    case = open_to_offers(ground)
    async with ground.opened(case) as (page, snapshot):
        held = await page.attach([proof(44)], Verb.COMPLAIN)
        before = ground.mutations()
        action = complaint(snapshot, *held)
        wrong = action.model_copy(update={"amount": action.amount + Money(1)})
        with pytest.raises(NotSent):
            await page.perform(wrong, permit_for(case, wrong).permit)
        strange = complaint(snapshot, proof(45).sha256)
        with pytest.raises(EvidenceRefused):
            await page.perform(strange, permit_for(case, strange).permit)
        assert ground.mutations() == before


async def test_a_complaint_clicked_twice_or_without_an_answer_is_filed_once(ground: Ground) -> None:
    case = open_to_offers(ground)
    async with ground.opened(case) as (page, snapshot):
        ground.fault("double_bound_handler", at=case.aftersale_id)
        held = await page.attach([proof(46)], Verb.COMPLAIN)
        ground.fault("dropped_after_apply", at="/h5api/dispute/complain")
        action = complaint(snapshot, *held)
        with pytest.raises((OutcomeUnknown, CaseMoved)):
            await page.perform(action, permit_for(case, action).permit)
        assert read_outcome(action, await page.reload()) is Outcome.APPLIED
    assert ground.effects(case) == ["complain"]
