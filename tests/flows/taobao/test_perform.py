"""The money click against the running simulator: what must not leave does not, counted where it would have arrived."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image

from bot.browser import act
from bot.domain.action import AgreeRefund, AgreeReturn, Intercept, Remark
from bot.domain.case import CaseState, InterceptState
from bot.domain.facts import Known
from bot.domain.ids import CaseKey
from bot.domain.money import Money
from bot.errors import (
    BrokenPage,
    CaseMoved,
    NotSent,
    OutcomeUnknown,
    PersonDemanded,
    RefundPilotError,
    SessionExpired,
    Stopped,
    TooLate,
    WrongPage,
)
from flows.taobao import firing as clicking
from tests.flows.taobao.conftest import Ground, permit_for

pytestmark = pytest.mark.asyncio(loop_scope="session")

SECTION = "[...document.querySelectorAll('section')].find((s) => s.querySelector('h2').textContent === '操作')"
BUTTON = f"[...{SECTION}.querySelectorAll('button')].find((b) => b.textContent === '%s')"
DIALOG = "document.getElementById('d-agree').content"

SENDING = (
    "const send = window.fetch; window.fetch = (to, init) => {"
    " const body = JSON.parse(init.body); %s; return send(to, {...init, body: JSON.stringify(body)}); }"
)

SABOTAGE = {
    "the dialog names another case": f"for (const dd of {DIALOG}.querySelectorAll('dd')) if (/^[0-9]+$/.test(dd.textContent)) dd.textContent += '1'",
    "the dialog shows another amount": f"for (const dd of {DIALOG}.querySelectorAll('dd')) if (dd.textContent.startsWith('¥')) dd.textContent = '¥9.99'",
    "the dialog shows no amount": f"for (const dd of {DIALOG}.querySelectorAll('dd')) if (dd.textContent.startsWith('¥')) dd.remove()",
    "the confirm button is renamed": f"for (const b of {DIALOG}.querySelectorAll('button')) if (b.textContent === '同意退款') b.textContent = '确认同意'",
    "the confirm button stands there twice": f"for (const b of {DIALOG}.querySelectorAll('button')) if (b.textContent === '同意退款') b.after(b.cloneNode(true))",
    "the page's button is renamed": f"{BUTTON % '同意退款'}.textContent = '同意'",
    "only the bulk button is left": f"{BUTTON % '同意退款'}.remove()",
    "the button stands there twice": f"{BUTTON % '同意退款'}.after({BUTTON % '同意退款'}.cloneNode(true))",
    "agree and refuse are swapped": f"{{ const a = {BUTTON % '同意退款'}, r = {BUTTON % '拒绝退款申请'}; a.textContent = '拒绝退款申请'; r.textContent = '同意退款'; }}",
    "another case stands beneath the dialog": "for (const dd of document.querySelectorAll('section dd')) if (/^[0-9]{15,}$/.test(dd.textContent)) dd.textContent = '1' + dd.textContent",
    "an unknown mask covers everything": "{ const m = document.createElement('div'); m.style = 'position:fixed;inset:0;z-index:99999;background:#0003'; document.documentElement.append(m); }",
    "the page would send another amount": SENDING % "body.amount += 1",
    "the page would send another case": SENDING % "body.disputeId += '1'",
    "the page would send the amount as text": SENDING % "body.amount = '¥' + body.amount",
    "the page would send the amount as a fraction": SENDING % "body.amount += 0.5",
    "the page would send no case": SENDING % "delete body.disputeId",
    "the page would send it elsewhere": "const send = window.fetch; window.fetch = (to, init) => send('/h5api/dispute/batchAgree', init)",
    "the header names another shop": "for (const s of document.querySelectorAll('header span')) if (s.textContent.startsWith('店铺：') && !s.children.length) s.textContent = '店铺：别家'",
}


@pytest.mark.parametrize("script", SABOTAGE.values(), ids=list(SABOTAGE))
async def test_a_page_that_is_not_as_it_should_be_gets_no_request(
    ground: Ground, script: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # waiting longer for what never comes changes nothing here
    monkeypatch.setattr(clicking, "BLOCK_S", 1.5)
    monkeypatch.setattr(clicking, "DECIDED_S", 1.5)
    monkeypatch.setattr(clicking, "PRESS_MS", 1500)
    monkeypatch.setattr(act, "PRESS_MS", 1500)
    case = ground.fresh("agree_refund")
    async with ground.opened(case) as (page, snapshot):
        before = ground.mutations()
        await page._page.evaluate(f"() => {{ {script} }}")
        action = AgreeRefund(amount=snapshot.amount)
        firing = permit_for(case, action)
        with pytest.raises(RefundPilotError) as caught:
            await page.perform(action, firing.permit)
        assert not isinstance(caught.value, OutcomeUnknown)
        assert firing.sent == []
        assert ground.mutations() == before
        assert ground.effects(case) == []


async def test_a_button_whose_script_was_lost_on_the_way_is_worth_a_fresh_page(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F11: the connection gave up behind the buttons; the page reads well, and a press brings nothing."""
    monkeypatch.setattr(clicking, "BLOCK_S", 1.5)
    case = ground.fresh("agree_refund")
    async with ground.opened(case) as (page, snapshot):
        before = ground.mutations()
        action = AgreeRefund(amount=snapshot.amount)
        firing = permit_for(case, action)
        await page._page.evaluate(f"() => {{ const b = {BUTTON % '同意退款'}; b.replaceWith(b.cloneNode(true)); }}")
        with pytest.raises(BrokenPage):
            await page.perform(action, firing.permit)
        assert firing.sent == []
        assert ground.mutations() == before


async def test_another_amount_than_the_pages_is_never_sent(ground: Ground) -> None:
    case = ground.fresh("agree_refund")
    async with ground.opened(case) as (page, snapshot):
        before = ground.mutations()
        action = AgreeRefund(amount=snapshot.amount - Money(1))
        with pytest.raises(NotSent):
            await page.perform(action, permit_for(case, action).permit)
        assert ground.mutations() == before


async def test_a_detail_page_of_another_case_is_neither_read_nor_clicked(ground: Ground) -> None:
    case = ground.fresh("agree_refund")
    ground.fault("stale_detail", at=case.aftersale_id)
    before = ground.mutations()
    page = await ground.floor.refunds.open(case)
    try:
        with pytest.raises(WrongPage):
            await page.read()
        action = AgreeRefund(amount=Money(100))
        with pytest.raises(NotSent):
            await page.perform(action, permit_for(case, action).permit)
    finally:
        await page.close()
    assert ground.mutations() == before


async def test_a_dialog_that_asks_for_a_code_leaves_the_case_to_a_person(ground: Ground) -> None:
    """From 3,000 元 on the platform wants an SMS code: for this one refund, not for the session."""
    large = next(one for one in ground.simulator.get("cases") if one["amount_fen"] >= 300_000)
    case = CaseKey(platform="taobao", shop_id=large["shop_id"], aftersale_id=large["aftersale_id"])
    async with ground.opened(case) as (page, snapshot):
        action = AgreeRefund(amount=snapshot.amount)
        firing = permit_for(case, action)
        with pytest.raises(PersonDemanded):
            await page.perform(action, firing.permit)
        assert len(firing.sent) == 1
        assert (await page.reload()).fingerprint == snapshot.fingerprint, (
            "the same version: it would be asked for again"
        )
    assert ground.effects(case) == []


async def test_an_expired_permit_sends_nothing(ground: Ground) -> None:
    case = ground.fresh("agree_refund")
    async with ground.opened(case) as (page, snapshot):
        before = ground.mutations()
        action = AgreeRefund(amount=snapshot.amount)
        with pytest.raises(TooLate, match="expired"):
            await page.perform(action, permit_for(case, action, life_s=-1).permit)
        assert ground.mutations() == before


async def test_a_permit_for_another_verb_sends_nothing(ground: Ground) -> None:
    case = ground.fresh("agree_refund")
    async with ground.opened(case) as (page, snapshot):
        before = ground.mutations()
        permit = permit_for(case, Remark(text="x")).permit
        with pytest.raises(NotSent):
            await page.perform(AgreeRefund(amount=snapshot.amount), permit)
        assert ground.mutations() == before


async def test_the_kill_switch_at_the_last_moment_sends_nothing_and_is_told(ground: Ground) -> None:
    case = ground.fresh("agree_refund")

    def stop() -> None:
        raise Stopped("kill switch")

    async with ground.opened(case) as (page, snapshot):
        before = ground.mutations()
        action = AgreeRefund(amount=snapshot.amount)
        permit = permit_for(case, action).permit
        with pytest.raises(Stopped):
            await page.perform(
                action, type(permit)(permit.intent, permit.verb, permit.case, permit.amount, permit.expires_at, stop)
            )
        assert ground.mutations() == before


async def test_one_agreement_is_one_request_and_one_effect(ground: Ground) -> None:
    case = ground.fresh("agree_refund")
    async with ground.opened(case) as (page, snapshot):
        action = AgreeRefund(amount=snapshot.amount)
        firing = permit_for(case, action)
        await page.perform(action, firing.permit)
        after = await page.reload()
        assert isinstance(after.state, Known)
        assert after.state.value is CaseState.SUCCESS
        assert after.controls & {*snapshot.controls} <= {"remark"}
    assert ground.effects(case) == ["agree_refund"]
    assert firing.sent == [case.aftersale_id]


async def test_a_button_bound_twice_moves_money_once(ground: Ground) -> None:
    case = ground.fresh("agree_refund")
    ground.fault("double_bound_handler", at=case.aftersale_id)
    async with ground.opened(case) as (page, snapshot):
        action = AgreeRefund(amount=snapshot.amount)
        firing = permit_for(case, action)
        await page.perform(action, firing.permit)
        assert ground.effects(case) == ["agree_refund"]
        assert len(firing.sent) == 1


@pytest.mark.parametrize("kind", ["dropped_after_apply", "apply_then_502"])
async def test_an_answer_that_got_lost_is_never_taken_for_success_and_nothing_is_clicked_again(
    ground: Ground, kind: str
) -> None:
    case = ground.fresh("agree_refund")
    async with ground.opened(case) as (page, snapshot):
        ground.fault(kind, at=case.aftersale_id)
        action = AgreeRefund(amount=snapshot.amount)
        # Chromium may send a dropped POST again by itself (reliability.md M2): then its twin is told that the case moved
        with pytest.raises((OutcomeUnknown, CaseMoved)):
            await page.perform(action, permit_for(case, action).permit)
    assert ground.effects(case) == ["agree_refund"]


async def test_a_502_that_applied_nothing_is_unknown_too(ground: Ground) -> None:
    case = ground.fresh("agree_refund")
    async with ground.opened(case) as (page, snapshot):
        ground.fault("http_5xx", at=case.aftersale_id)
        action = AgreeRefund(amount=snapshot.amount)
        with pytest.raises(OutcomeUnknown):
            await page.perform(action, permit_for(case, action).permit)
    assert ground.effects(case) == []


async def test_a_case_that_moved_since_it_was_read_is_certainly_not_acted_on(ground: Ground) -> None:
    case = ground.fresh("agree_refund")
    async with ground.opened(case) as (page, snapshot):
        ground.fault("buyer_edits", at=case.aftersale_id)
        action = AgreeRefund(amount=snapshot.amount)
        with pytest.raises(CaseMoved):
            await page.perform(action, permit_for(case, action).permit)
    assert "agree_refund" not in ground.effects(case)


async def test_a_session_lost_on_the_click_is_never_taken_for_success(ground: Ground) -> None:
    case = ground.fresh("agree_refund")
    try:
        async with ground.opened(case) as (page, snapshot):
            ground.fault("session_loss", at=case.aftersale_id)
            action = AgreeRefund(amount=snapshot.amount)
            # the page takes itself to the sign-in, now and then before its answer could be read
            with pytest.raises((SessionExpired, OutcomeUnknown)):
                await page.perform(action, permit_for(case, action).permit)
    finally:
        await ground.floor.session.ensure()
    assert ground.effects(case) == []


async def test_returned_goods_are_confirmed_in_their_own_dialog(ground: Ground) -> None:
    case = ground.fresh("agree_refund", state="wait_seller_receive")
    async with ground.opened(case) as (page, snapshot):
        action = AgreeRefund(amount=snapshot.amount, confirms_receipt=True)
        await page.perform(action, permit_for(case, action).permit)
        after = await page.reload()
        assert isinstance(after.state, Known)
        assert after.state.value is CaseState.SUCCESS


async def test_agreeing_to_a_return_takes_the_default_address_and_says_the_message(ground: Ground) -> None:
    for _ in range(4):
        case = ground.fresh("agree_return")
        async with ground.opened(case) as (page, snapshot):
            action = AgreeReturn(amount=snapshot.amount, message="请在七天内寄回")
            await page.perform(action, permit_for(case, action).permit)
            after = await page.reload()
            assert isinstance(after.state, Known)
            assert after.state.value is CaseState.WAIT_BUYER_RETURN
            assert any("请在七天内寄回" in said.text for said in after.negotiation)


async def test_a_remark_is_saved_word_for_word(ground: Ground) -> None:
    case = ground.fresh("hold")
    text = "已核对：<b>=1+1</b> 😀 第二行"
    async with ground.opened(case) as (page, _):
        action = Remark(text=text)
        await page.perform(action, permit_for(case, action).permit)
        assert text in (await page.reload()).seller_remark


async def test_an_intercept_is_quoted_without_commitment_and_committed_at_that_fee(ground: Ground) -> None:
    case = ground.fresh("intercept")
    async with ground.opened(case) as (page, snapshot):
        quote = await page.quote_intercept()
        assert quote.feasible
        assert snapshot.forward is not None
        assert quote.waybill == snapshot.forward.waybill
        assert ground.effects(case) == []
        assert await page._page.get_by_role("dialog").count() == 0

        dearer = Intercept(waybill=quote.waybill, fee=quote.fee + Money(1))
        before = ground.mutations()
        with pytest.raises(CaseMoved):
            await page.perform(dearer, permit_for(case, dearer).permit)
        assert ground.mutations() == before

        await page.reload()
        action = Intercept(waybill=quote.waybill, fee=quote.fee)
        await page.perform(action, permit_for(case, action).permit)
        after = await page.reload()
        assert after.forward is not None
        assert isinstance(after.forward.intercept, Known)
        assert after.forward.intercept.value is not InterceptState.NONE
    assert ground.effects(case) == ["intercept"]


async def test_the_buyers_name_is_covered_in_every_picture(ground: Ground) -> None:
    case = ground.fresh("hold")
    async with ground.opened(case) as (page, _):
        picture = Image.open(io.BytesIO(await page.picture())).convert("L")
        box = await page._page.locator("dt:text-is('买家') + dd").bounding_box()
        assert box is not None
        middle = int(box["y"] + box["height"] / 2)
        assert middle < picture.height, "the name stands outside of the picture: choose another case"
        left, right = int(box["x"]) + 2, int(box["x"] + box["width"]) - 2
        darkest, brightest = picture.crop((left, middle, right, middle + 1)).getextrema()
    assert brightest - darkest <= 6, "one grey, as far as a JPEG keeps it"
    assert (await _warehouse(ground, case)).startswith(b"\x89PNG")


async def test_a_proof_of_the_warehouse_is_not_dimmed_by_a_guide_over_the_page(ground: Ground) -> None:
    case = ground.fresh("hold")
    async with ground.opened(case) as (page, _):
        await page._page.context.clear_cookies(name=re.compile("^qn_guide_"))
        await page.reload()
        picture = Image.open(io.BytesIO(await page.warehouse_picture())).convert("L")
    assert picture.getextrema()[1] == 255, "nothing in it is as white as the page"


async def _warehouse(ground: Ground, case: CaseKey) -> bytes:
    async with ground.opened(case) as (page, _):
        return await page.warehouse_picture()
