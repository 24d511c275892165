"""One permit lets exactly one write out, and only the one it was made for; counted at the server."""

from __future__ import annotations

import pytest

from bot.browser.guard import Guard, GuardedRequest, Mode, Refusal, Why
from bot.clock import SystemClock
from bot.domain.action import Verb
from bot.domain.money import Money
from bot.errors import GuardRefused, Stopped
from tests.unit.browser.conftest import AMOUNT, BODY, CASE, Bench, OpenBench


async def test_a_fitting_write_leaves_once_and_after_sent_was_committed(bench: Bench) -> None:
    with bench.guard.admit(bench.permit()) as admission:
        assert await bench.post() == "200"
        assert await admission.decided(1)
    assert admission.sent
    assert bench.ledger.sent == 1
    assert bench.shop.mutations == {"POST /agree": 1}
    assert not bench.guard.refusals


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ({"id": "70002", "amount": AMOUNT.fen}, Why.WRONG_CASE),
        ({"id": CASE.aftersale_id, "amount": AMOUNT.fen + 1}, Why.WRONG_AMOUNT),
        ({"id": CASE.aftersale_id}, Why.WRONG_AMOUNT),
        ({"id": CASE.aftersale_id, "amount": 12900.0}, Why.UNREADABLE),
        ({"id": CASE.aftersale_id, "amount": "129.00"}, Why.UNREADABLE),
        ({"amount": AMOUNT.fen}, Why.UNREADABLE),
        ([BODY], Why.UNREADABLE),
    ],
)
async def test_a_write_that_states_anything_else_never_reaches_the_server(bench: Bench, body: object, why: Why) -> None:
    with bench.guard.admit(bench.permit()) as admission:
        assert await bench.post(body=body) == "TypeError"
    assert not admission.sent
    assert [refusal.why for refusal in admission.refusals] == [why]
    assert bench.ledger.sent == 0
    assert bench.shop.mutations == {}


async def test_a_body_with_the_amount_twice_is_unreadable(bench: Bench) -> None:
    text = f'{{"id": "{CASE.aftersale_id}", "amount": 1, "amount": {AMOUNT.fen}}}'
    with bench.guard.admit(bench.permit()) as admission:
        await bench.page.evaluate("body => fetch('/agree', {method: 'POST', body}).catch(() => 0)", text)
    assert [refusal.why for refusal in admission.refusals] == [Why.UNREADABLE]
    assert bench.shop.mutations == {}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("mode", [Mode.ACT, Mode.READ_ONLY])
def test_what_is_changed_by_one_method_is_asked_for_by_no_other(bench: Bench, method: str, mode: Mode) -> None:
    """A server may take a GET for it as well: a picture in a hostile page would be enough."""
    guard = Guard(bench.guard.rules, SystemClock(), mode)
    told = guard.judge(GuardedRequest(method, f"{bench.shop.url}/agree?id={CASE.aftersale_id}&amount={AMOUNT.fen}"))
    assert isinstance(told, Refusal)
    assert told.alarming


async def test_a_picture_that_would_agree_never_reaches_the_server(bench: Bench) -> None:
    with bench.guard.admit(bench.permit()):
        await bench.page.evaluate("""() => new Promise(done => {
          const picture = new Image();
          picture.onload = picture.onerror = done;
          picture.src = '/agree?id=1&amount=1';
        })""")
    assert not [asked for asked in bench.shop.reached if asked.endswith(" /agree")]


async def test_a_wrong_verb_is_refused(bench: Bench) -> None:
    with bench.guard.admit(bench.permit(verb=Verb.REFUSE)) as admission:
        await bench.post()
    assert [refusal.why for refusal in admission.refusals] == [Why.WRONG_VERB]
    assert bench.shop.mutations == {}


async def test_an_expired_permit_lets_nothing_out(bench: Bench) -> None:
    with bench.guard.admit(bench.permit(lasts_s=5)) as admission:
        bench.clock.at += 5
        await bench.post()
    assert [refusal.why for refusal in admission.refusals] == [Why.EXPIRED]
    assert bench.shop.mutations == {}


async def test_the_second_send_on_one_permit_is_refused(bench: Bench) -> None:
    with bench.guard.admit(bench.permit()) as admission:
        assert [await bench.post(), await bench.post()] == ["200", "TypeError"]
    assert [refusal.why for refusal in admission.refusals] == [Why.SPENT]
    assert bench.ledger.sent == 1
    assert bench.shop.mutations == {"POST /agree": 1}


async def test_a_double_click_on_a_button_with_two_handlers_reaches_the_server_once(bench: Bench) -> None:
    await bench.page.set_content("<button>同意退款</button>")
    await bench.page.evaluate(
        """body => { for (let i = 0; i < 2; i++) document.querySelector('button').addEventListener('click',
             () => fetch('/agree', {method: 'POST', body: JSON.stringify(body)}).catch(() => 0)) }""",
        BODY,
    )
    with bench.guard.admit(bench.permit()) as admission:
        await bench.page.get_by_role("button", name="同意退款", exact=True).dblclick()
        await bench.settle()
    assert bench.shop.mutations == {"POST /agree": 1}
    assert len(admission.refusals) == 3  # four tried, one reached (F18)


async def test_without_a_permit_a_write_is_refused_and_raises_an_alarm(bench: Bench) -> None:
    assert await bench.post() == "TypeError"
    assert [alarm.why for alarm in bench.guard.alarms] == [Why.NO_PERMIT]
    assert bench.shop.mutations == {}


async def test_a_permit_is_dead_once_its_block_ended(bench: Bench) -> None:
    with bench.guard.admit(bench.permit()):
        pass
    assert await bench.post() == "TypeError"
    assert bench.shop.mutations == {}


@pytest.mark.parametrize("error", [Stopped("kill switch"), OSError("disk full"), KeyError("bug")])
async def test_when_sent_cannot_be_committed_nothing_leaves(bench: Bench, error: Exception) -> None:
    bench.ledger.failure = error
    with bench.guard.admit(bench.permit()) as admission:
        assert await bench.post() == "TypeError"
        bench.ledger.failure = None
        assert await bench.post() == "TypeError"
    assert admission.stopped_by is error
    assert not admission.sent
    assert [refusal.why for refusal in admission.refusals] == [Why.STOPPED, Why.SPENT]
    assert bench.shop.mutations == {}


async def test_only_one_permit_is_open_at_a_time(bench: Bench) -> None:
    with bench.guard.admit(bench.permit()), pytest.raises(GuardRefused), bench.guard.admit(bench.permit()):
        pass
    with bench.guard.admit(bench.permit()):
        assert await bench.post() == "200"


async def test_a_read_only_guard_admits_no_permit_and_no_upload(open_bench: OpenBench) -> None:
    bench = await open_bench(mode=Mode.READ_ONLY)
    with pytest.raises(GuardRefused), bench.guard.admit(bench.permit()):
        pass
    with pytest.raises(GuardRefused), bench.guard.admit_uploads(CASE, 1):
        pass
    assert await bench.post() == "TypeError"
    assert await bench.post("/list") == "200"
    assert [alarm.why for alarm in bench.guard.alarms] == [Why.READ_ONLY]
    assert bench.shop.mutations == {"POST /list": 1}


async def test_a_write_without_money_needs_a_permit_without_money(bench: Bench) -> None:
    body = {"id": CASE.aftersale_id}
    with bench.guard.admit(bench.permit(verb=Verb.REMARK, amount=Money(1))):
        assert await bench.post("/remark", body) == "TypeError"
    with bench.guard.admit(bench.permit(verb=Verb.REMARK, amount=None)):
        assert await bench.post("/remark", body) == "200"
    assert bench.shop.mutations == {"POST /remark": 1}


async def test_a_form_that_navigates_is_judged_like_any_write(bench: Bench) -> None:
    form = """([id, amount]) => { document.body.innerHTML = `<form method=post action=/agree-form>
        <input name=id value=${id}><input name=amount value=${amount}></form>`; document.forms[0].submit() }"""
    with bench.guard.admit(bench.permit()) as admission:
        await bench.page.evaluate(form, [CASE.aftersale_id, AMOUNT.fen + 1])
        assert await admission.decided(5)
        assert bench.shop.mutations == {}
        second = await bench.session.new_tab()
        await second.goto(f"{bench.shop.url}/home")
        async with second.expect_navigation(url="**/agree-form"):
            await second.evaluate(form, [CASE.aftersale_id, AMOUNT.fen])
    assert [refusal.why for refusal in admission.refusals] == [Why.WRONG_AMOUNT]
    assert bench.shop.mutations == {"POST /agree-form": 1}


async def test_a_get_that_writes_is_a_write(bench: Bench) -> None:
    assert (
        await bench.page.evaluate("() => fetch('/old-agree?id=70001').then(r => r.status, e => e.name)") == "TypeError"
    )
    await bench.page.evaluate(
        "() => { const s = document.createElement('script'); s.src = '/old-agree?id=70001'; document.body.append(s) }"
    )
    await bench.settle()
    assert bench.shop.reached["GET /old-agree"] == 0
    assert len(bench.guard.alarms) == 2


async def test_a_frame_inside_the_page_may_use_the_permit(bench: Bench) -> None:
    await bench.page.set_content(f"<iframe src='{bench.shop.url}/frame'></iframe>")
    frame = bench.page.frames[1]
    await frame.wait_for_url("**/frame")
    with bench.guard.admit(bench.permit()) as admission:
        await frame.evaluate(
            "body => fetch('/agree', {method: 'POST', body: JSON.stringify(body)}).then(r => r.status)", BODY
        )
    assert admission.sent
    assert bench.shop.mutations == {"POST /agree": 1}


async def test_another_session_cannot_use_the_permit(open_bench: OpenBench) -> None:
    ours, other = await open_bench(), await open_bench()
    with ours.guard.admit(ours.permit()) as admission:
        assert await other.post() == "TypeError"
    assert not admission.sent
    assert [alarm.why for alarm in other.guard.alarms] == [Why.NO_PERMIT]
    assert ours.shop.mutations == {}


async def test_a_write_sent_from_the_guard_reaches_the_server_once_and_the_page_gets_the_answer(
    open_bench: OpenBench,
) -> None:
    bench = await open_bench(sends_itself=True)
    with bench.guard.admit(bench.permit()) as admission:
        assert [await bench.post(), await bench.post()] == ["200", "TypeError"]
    assert admission.sent
    assert bench.shop.mutations == {"POST /agree": 1}


LEAVES_AT_ONCE = """body => { fetch('/agree', {method: 'POST', body: JSON.stringify(body)}).then(
    () => location.replace('/elsewhere'), () => location.replace('/elsewhere')) }"""


@pytest.mark.parametrize("sends_itself", [False, True])
async def test_the_answer_to_a_write_is_heard_though_its_page_leaves_at_once(
    open_bench: OpenBench, sends_itself: bool
) -> None:
    """A page that navigates when it is answered takes the body with it; the gate reads it before the page does."""
    bench = await open_bench(sends_itself=sends_itself)
    with bench.guard.admit(bench.permit()) as admission:
        await bench.page.evaluate(LEAVES_AT_ONCE, BODY)
        await bench.page.wait_for_url("**/elsewhere")
        answer = await admission.answer(5)
    assert answer is not None
    assert (answer.status, answer.body) == (200, {"ok": True})
    assert bench.shop.mutations == {"POST /agree": 1}
