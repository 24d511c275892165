"""Claims on deciding at the console: what a person saw, chose and said is handed on exactly, and what cannot be done is said before."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

import pytest

from bot.domain.action import Verb
from bot.domain.decision import Reason
from bot.domain.hand import Instead
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus
from bot.ports.office_views import UnderWay
from bot.ports.wanted import HandVerdict
from tests.unit.console.client import Desk, desk
from tests.unit.console.fakes import LIMIT, FakeOffice
from tests.unit.console.test_doors import CASE
from tests.unit.engine.builders import NOW


async def test_a_decision_is_handed_on_with_what_the_person_saw_and_why(console: Desk) -> None:
    page = (await console.get(f"{CASE}/decide?verb=refuse")).text
    fingerprint = re.search(r'name="fingerprint" value="([0-9a-f]{64})"', page)
    assert fingerprint
    form = {"verb": "refuse", "why": "signed for at the door", "fingerprint": fingerprint[1]}
    answer = await console.post(f"{CASE}/decide", form)
    assert answer.headers["location"] == "/queue"
    (act,) = console.office.acts
    verdict = act[1]
    assert isinstance(verdict, HandVerdict)
    assert (verdict.verb, verdict.by, verdict.why) == (Verb.REFUSE, "approver", "signed for at the door")
    assert (verdict.fingerprint, str(verdict.case)) == (fingerprint[1], CASE[6:])


async def test_after_a_decision_the_queue_comes_back_as_it_was_filtered_at_the_next_case(console: Desk) -> None:
    page = (await console.get("/queue?kind=hold&least=10&within=24")).text
    verbs = re.search(r'href="(/case/[^"]+/decide\?verb=refuse[^"]*)"', page)
    assert verbs
    form = (await console.get(verbs[1].replace("&amp;", "&"))).text
    queue = re.search(r'name="queue" value="([^"]*)"', form)
    assert queue
    told = {"verb": "refuse", "why": "signed for", "fingerprint": "f", "queue": queue[1].replace("&amp;", "&")}
    place = (await console.post(f"{CASE}/decide", told)).headers["location"]
    asked = dict(parse_qsl(urlsplit(place).query))
    assert asked == {"kind": "hold", "least": "10", "within": "24", "behind": CASE[6:]}
    assert chosen((await console.get(place)).text) != CASE[6:], "the next one"
    elsewhere = {**told, "queue": "kind=hold&next=https://evil.test/&see=x"}
    assert (await console.post(f"{CASE}/decide", elsewhere)).headers["location"] == "/queue?kind=hold"


def chosen(page: str) -> str:
    """The case that the queue shows beside its list."""
    shown = re.search(r'href="/queue\?([^"#]+)#preview" data-row aria-current="true"', page)
    assert shown
    return dict(parse_qsl(shown[1].replace("&amp;", "&")))["see"]


@pytest.mark.parametrize(
    ("waits_for", "told"),
    [("robot", "Handed to the robot by Wang at"), ("second", "Waits for a second person: Wang asked at")],
)
async def test_what_somebody_decided_is_marked_and_offers_nothing_more_to_decide(
    console: Desk, waits_for: Literal["robot", "second"], told: str
) -> None:
    assert chosen((await console.get("/queue")).text) == CASE[6:]
    signoff = "so-1" if waits_for == "second" else ""
    console.office.under_way = UnderWay(waits_for=waits_for, verb=Verb.INTERCEPT, by="Wang", since=NOW, signoff=signoff)
    queue = (await console.get("/queue")).text
    assert told in queue
    assert chosen(queue) != CASE[6:], "the first that nobody decided on"
    for path in (CASE, f"/queue?see={CASE[6:]}"):
        page = (await console.get(path)).text
        assert told in page
        assert "/decide?verb=" not in page
        assert ('· <a href="/signoffs">' in page) is (waits_for == "second")
    console.office.refused = console.office.under_way.refusal
    asked = await console.get(f"{CASE}/decide?verb=refuse")
    assert "Wang" in asked.text
    assert re.search(r"<button class=\"main v-refuse\" disabled>", asked.text)
    assert (
        await console.post(f"{CASE}/decide", {"verb": "refuse", "why": "why", "fingerprint": "f"})
    ).status_code == 409
    assert console.office.acts == []


@pytest.mark.parametrize(
    ("verb", "why"), [("refuse", ""), ("refuse", "x"), ("remark", "a reason"), ("nonsense", "a reason")]
)
async def test_no_decision_without_a_reason_or_of_another_kind(console: Desk, verb: str, why: str) -> None:
    answer = await console.post(f"{CASE}/decide", {"verb": verb, "why": why, "fingerprint": "f"})
    assert answer.status_code in {404, 422}
    assert console.office.acts == []


async def test_what_a_decision_says_beyond_its_verb_goes_with_it(console: Desk) -> None:
    form = {"verb": "negotiate", "why": "meet halfway", "fingerprint": "f", "amount": "12.50", "message": "可以吗"}
    shown = await console.post(f"{CASE}/decide", form)
    assert (shown.status_code, console.office.acts) == (200, []), "first it is shown what that comes to"
    for told in ("Press once more", "¥12.50", 'value="meet halfway"', 'value="12.50"'):
        assert told in shown.text
    mark = re.search(r'name="shown" value="([0-9a-f]{16})"', shown.text)
    assert mark
    await console.post(f"{CASE}/decide", {**form, "shown": mark[1]})
    verdict = console.office.acts[0][1]
    assert isinstance(verdict, HandVerdict)
    assert (verdict.amount, verdict.message) == (Money(1_250), "可以吗")
    assert (await console.post(f"{CASE}/decide", {**form, "amount": "a few"})).status_code == 422
    refusal = {"verb": "refuse", "why": "signed for", "fingerprint": "f"}
    assert (await console.post(f"{CASE}/decide", {**refusal, "refusal": "nonsense"})).status_code == 422
    assert len(console.office.acts) == 1


async def test_of_an_unknown_outcome_nothing_can_be_asked_but_to_read_it_back() -> None:
    async with desk(FakeOffice(unproven=True)) as made:
        await made.enter()
        page = (await made.get(CASE)).text
        assert re.findall(r"/decide\?verb=([a-z_]+)", page) == ["hold"]
        assert "outcome is unknown" in (await made.get(f"{CASE}/decide?verb=hold")).text
        await made.post(f"{CASE}/decide", {"verb": "hold", "why": "look again", "fingerprint": "f"})
        verdict = made.office.acts[0][1]
        assert isinstance(verdict, HandVerdict)
        assert (verdict.verb, verdict.instead) == (Verb.HOLD, Instead.RELEASE)


@pytest.mark.parametrize("verb", ["agree_refund", "agree_return", "refuse", "intercept", "negotiate"])
async def test_before_it_is_done_it_is_said_what_exactly_will_be(console: Desk, verb: str) -> None:
    page = (await console.get(f"{CASE}/decide?verb={verb}")).text
    assert "¥129.00" in page
    assert "cannot be taken back" in page
    assert "Left in the shop" in page


async def test_before_a_person_confirms_they_see_amount_reason_proofs_budgets_and_who_else_is_needed(
    console: Desk,
) -> None:
    page = (await console.get(f"{CASE}/decide?verb=refuse")).text
    for told in (
        "What will be done", "picture of the courier", "without them nothing is done", "not needed",
        "¥500.00 of ¥900.00 today, ¥371.00 afterwards", "not enough, so nothing would be done",
    ):  # fmt: skip
        assert told in page, told
    assert "for at most ¥20.00" in (await console.get(f"{CASE}/decide?verb=intercept")).text
    console.office.limit = Money(100)
    assert "nothing is done before they agree" in (await console.get(f"{CASE}/decide?verb=refuse")).text


async def test_what_can_not_be_done_is_said_before_and_never_handed_on(console: Desk) -> None:
    form = {"verb": "refuse", "why": "signed for", "fingerprint": "f"}
    for code, told, dead in (
        ("brake.verb", "This cannot be done: This shop does not allow", True),
        ("hand.no_refusal", "Still lacking: A refusal needs a reason", False),
    ):
        console.office.refused = Reason(code=code)
        page = (await console.get(f"{CASE}/decide?verb=refuse")).text
        assert told in page
        assert bool(re.search(r"<button class=\"main v-refuse\" disabled>", page)) is dead
        assert (await console.post(f"{CASE}/decide", form)).status_code == 409
    assert console.office.acts == []


async def test_above_the_limit_the_page_says_that_it_takes_two() -> None:
    office = FakeOffice(limit=Money(100))
    async with desk(office) as made:
        await made.enter()
        assert "second person" in (await made.get(f"{CASE}/decide?verb=agree_refund")).text
        office.limit = Money(2_000)
        assert "Second person</dt><dd>not needed" in (await made.get(f"{CASE}/decide?verb=intercept")).text, (
            "for the fee"
        )
        office.limit = LIMIT
        assert "A second person has to agree" not in (await made.get(f"{CASE}/decide?verb=agree_refund")).text


async def test_where_nobody_carries_it_out_the_button_is_dead_and_says_why() -> None:
    async with desk(FakeOffice(serves=False)) as made:
        await made.enter()
        page = (await made.get(f"{CASE}/decide?verb=refuse")).text
        assert "service is not running" in page
        assert re.search(r"<button class=\"main v-refuse\" disabled>", page)


async def test_a_case_that_is_over_offers_nothing_to_decide() -> None:
    async with desk(FakeOffice(status=CaseStatus.DONE)) as made:
        await made.enter()
        assert "/decide?verb=" not in (await made.get(CASE)).text
