"""Refusing against the running simulator: with its proofs and only them, and without one only where the policy says so."""

from __future__ import annotations

import pytest

from bot.browser.guard import Why
from bot.domain.action import RefusalReason, Refuse
from bot.domain.case import CaseState, Snapshot
from bot.domain.facts import Known
from bot.domain.ids import CaseKey
from bot.errors import (
    EvidenceDemanded,
    EvidenceRefused,
    NotAllowed,
    NotSent,
    PromptOpen,
)
from flows.taobao.evidence import RefusalForm
from flows.taobao.wording import PROOF_DEMANDED
from tests.flows.taobao.conftest import Ground, permit_for, proof

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_refusal_carries_its_proofs_and_only_them(ground: Ground) -> None:
    case = ground.fresh("refuse")
    proofs = [proof(1), proof(2)]
    async with ground.opened(case) as (page, snapshot):
        held = await page.attach(proofs)
        assert list(held) == [one.sha256 for one in proofs]
        action = Refuse(amount=snapshot.amount, reason=RefusalReason.SIGNED_FOR, message="物流显示已签收", proofs=held)
        await page.perform(action, permit_for(case, action).permit)
        after = await page.reload()
        assert isinstance(after.state, Known)
        assert after.state.value is CaseState.SELLER_REFUSED
    effect = next(one for one in ground.simulator.get("effects") if one["aftersale_id"] == case.aftersale_id)
    assert sorted(effect["evidence"]) == sorted(held)


async def test_proofs_that_are_there_already_are_not_uploaded_again(ground: Ground) -> None:
    case = ground.fresh("refuse")
    async with ground.opened(case) as (page, _):
        await page.attach([proof(3)])
        uploads = ground.mutations()["POST /h5api/dispute/uploadProof"]
        await page.attach([proof(3)])
        assert ground.mutations()["POST /h5api/dispute/uploadProof"] == uploads


async def test_refusal_is_not_tried_where_the_platform_bars_it(ground: Ground) -> None:
    case = ground.fresh("agree_return")
    async with ground.opened(case) as (page, _):
        with pytest.raises(NotAllowed) as caught:
            await page.attach([proof(4)])
        assert caught.value.reason_code == "refuse.barred"


async def demanding_proof(ground: Ground) -> CaseKey:
    """A case whose refusal page demands a proof: only there a refusal without one meets the second prompt."""
    while True:
        case = ground.fresh("refuse")
        form = await RefusalForm.open(ground.floor._office, case)
        words = [note.text for note in (await form._block()).notes]
        await form.close()
        if PROOF_DEMANDED in words:
            return case


def without_proof(snapshot: Snapshot, *, allowed: bool = False) -> Refuse:
    return Refuse(
        amount=snapshot.amount,
        reason=RefusalReason.SIGNED_FOR,
        message="物流显示已签收",
        proofs=(),
        without_proof_allowed=allowed,
    )


async def test_the_second_prompt_sends_us_back_for_proof_and_refuses_nothing(ground: Ground) -> None:
    case = await demanding_proof(ground)
    async with ground.opened(case) as (page, snapshot):
        action = without_proof(snapshot)
        with pytest.raises(EvidenceDemanded) as caught:
            await page.perform(action, permit_for(case, action).permit)
        assert caught.value.reason_code == "error.case.evidence_demanded"
        assert page._form is not None
        assert await page._form._page.get_by_role("dialog").count() == 0
    assert ground.effects(case) == []


async def test_refusing_without_proof_takes_the_policys_word_and_a_permit_of_its_own(ground: Ground) -> None:
    case = await demanding_proof(ground)
    async with ground.opened(case) as (page, snapshot):
        action = without_proof(snapshot, allowed=True)
        with pytest.raises(PromptOpen):
            await page.perform(action, permit_for(case, action).permit)
        assert ground.effects(case) == []
        await page.perform(action, permit_for(case, action, insists=True).permit)
    assert ground.effects(case) == ["refuse"]


async def test_no_press_refuses_without_proof_on_a_permit_that_does_not_say_so(ground: Ground) -> None:
    """The guard reads the request itself, whatever was pressed to send it."""
    case = await demanding_proof(ground)
    async with ground.opened(case) as (page, snapshot):
        action = without_proof(snapshot, allowed=True)
        with pytest.raises(PromptOpen):
            await page.perform(action, permit_for(case, action).permit)
        firing = permit_for(case, action)
        with pytest.raises(NotSent, match=Why.INSISTS):
            await page.perform(action, firing.permit)
    assert (firing.sent, ground.effects(case)) == ([], [])


async def test_a_strangers_picture_on_the_form_stops_the_refusal(ground: Ground) -> None:
    case = ground.fresh("refuse")
    async with ground.opened(case) as (page, snapshot):
        await page.attach([proof(7)])
        before = ground.mutations()
        action = Refuse(
            amount=snapshot.amount, reason=RefusalReason.SIGNED_FOR, message="物流显示已签收", proofs=(proof(8).sha256,)
        )
        with pytest.raises(EvidenceRefused):
            await page.perform(action, permit_for(case, action).permit)
        assert ground.mutations() == before
