"""Claims on intents: one live one per case and verb, marks only forward, every step fenced by the lease."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.action import Intercept, Mark, Remark
from bot.domain.decision import Reason
from bot.domain.ids import IntentId, RunId, ShopKey
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus
from bot.errors import LeaseLost, LedgerError, NotAllowed, PersonDemanded
from tests.unit.ledger.story import AMPLE, BUYER, RUN, SHOP, WHY, Story, key

Act = Callable[[Story, IntentId], None]

ACTS: dict[Mark, Act] = {
    Mark.FIRED: lambda story, intent: story.ledger.fire(intent, story.lease),
    Mark.SENT: lambda story, intent: story.ledger.sent(intent, story.lease),
    Mark.SETTLED: lambda story, intent: (story.settle(story.ledger.intent(intent)), None)[1],
    Mark.VOID: lambda story, intent: story.ledger.void(intent, WHY, story.lease),
    Mark.UNKNOWN: lambda story, intent: story.ledger.leave_unknown(intent, story.hold(), story.lease),
}
WAY_TO: dict[Mark, tuple[Mark, ...]] = {
    Mark.ARMED: (),
    Mark.FIRED: (Mark.FIRED,),
    Mark.SENT: (Mark.FIRED, Mark.SENT),
    Mark.SETTLED: (Mark.FIRED, Mark.SENT, Mark.SETTLED),
    Mark.VOID: (Mark.VOID,),
    Mark.UNKNOWN: (Mark.FIRED, Mark.SENT, Mark.UNKNOWN),
}
ALLOWED = {
    (Mark.ARMED, Mark.FIRED),
    (Mark.ARMED, Mark.VOID),
    (Mark.FIRED, Mark.SENT),
    (Mark.FIRED, Mark.VOID),
    (Mark.FIRED, Mark.UNKNOWN),
    (Mark.SENT, Mark.SETTLED),
    (Mark.SENT, Mark.VOID),
    (Mark.SENT, Mark.UNKNOWN),
    (Mark.UNKNOWN, Mark.SETTLED),
    (Mark.UNKNOWN, Mark.VOID),
}


def at(story: Story, mark: Mark) -> IntentId:
    intent = story.arm()
    for step in WAY_TO[mark]:
        ACTS[step](story, intent.id)
    return intent.id


@pytest.mark.parametrize("here", WAY_TO)
@pytest.mark.parametrize("there", ACTS)
def test_marks_move_only_along_the_state_diagram(story: Story, here: Mark, there: Mark) -> None:
    intent = at(story, here)
    before = story.ledger.head()
    if (here, there) in ALLOWED:
        ACTS[there](story, intent)
        assert story.ledger.head().seq > before.seq
    else:
        with pytest.raises(LedgerError) as refused:
            ACTS[there](story, intent)
        assert refused.value.reason_code == "error.ledger.mark"
        assert f"{here} cannot become {there}" in str(refused.value)
        assert story.ledger.head() == before


@pytest.mark.parametrize("mark", [Mark.ARMED, Mark.FIRED, Mark.SENT, Mark.UNKNOWN])
def test_a_second_intent_on_the_same_case_and_verb_is_refused_while_one_lives(story: Story, mark: Mark) -> None:
    at(story, mark)
    with pytest.raises(NotAllowed) as refused:
        story.arm()
    assert refused.value.reason_code == "error.case.live_intent"


def test_after_a_void_the_case_can_be_armed_again(story: Story) -> None:
    at(story, Mark.VOID)
    assert story.arm().case == key()


def test_a_case_that_was_refunded_is_never_refunded_again(story: Story) -> None:
    story.whole()
    with pytest.raises(NotAllowed) as refused:
        story.arm()
    assert refused.value.reason_code == "error.case.refunded_before"
    assert story.spent() == (1_000, 0)


def test_another_verb_on_the_same_case_is_not_barred(story: Story) -> None:
    story.whole()
    remark = story.send(action=Remark(text="已退款"))
    story.settle(remark, 0)
    assert story.status() is CaseStatus.DONE


def test_a_settled_remark_does_not_bar_the_next_one(story: Story) -> None:
    for _ in range(2):
        story.settle(story.send(action=Remark(text="备注")), 0)


def test_only_one_intent_of_a_shop_is_in_flight(story: Story) -> None:
    story.send(1)
    second = story.arm(2)
    with pytest.raises(LedgerError) as refused:
        story.ledger.fire(second.id, story.lease)
    assert refused.value.reason_code == "error.ledger.conflict"


def test_an_unknown_outcome_frees_the_shop_for_its_next_case(story: Story) -> None:
    at(story, Mark.UNKNOWN)
    assert story.send(2).case == key(2)


def test_two_shops_are_in_flight_side_by_side(story: Story) -> None:
    story.send(1)
    other = ShopKey(platform="taobao", shop_id="s2")
    story.under(story.ledger.acquire(other, "pc-1", 60)).send(1)


def test_the_same_case_number_in_another_shop_is_another_case(story: Story) -> None:
    story.arm(1)
    story.under(story.ledger.acquire(ShopKey(platform="jd", shop_id="s1"), "pc-1", 60)).arm(1)


@pytest.mark.parametrize("there", [Mark.FIRED, Mark.SENT])
def test_a_step_towards_the_click_needs_a_lease_that_has_not_run_out(story: Story, there: Mark) -> None:
    intent = at(story, WAY_TO[there][-2] if len(WAY_TO[there]) > 1 else Mark.ARMED)
    story.clock.pass_s(60)
    with pytest.raises(LeaseLost):
        ACTS[there](story, intent)


def test_an_outcome_is_written_under_a_lease_that_ran_out_but_was_not_taken(story: Story) -> None:
    intent = story.send()
    story.clock.pass_s(3_600)
    story.settle(intent)
    assert story.spent() == (1_000, 0)


@pytest.mark.parametrize("there", ACTS)
def test_no_step_is_taken_after_another_took_the_shop(story: Story, there: Mark) -> None:
    before = {to: at_ for at_, to in sorted(ALLOWED)}[there]
    intent = at(story, before)
    story.clock.pass_s(61)
    story.ledger.acquire(SHOP, "pc-2", 60)
    head = story.ledger.head()
    with pytest.raises(LeaseLost):
        ACTS[there](story, intent)
    assert story.ledger.head() == head


def test_an_intent_armed_under_a_former_epoch_is_never_fired_only_voided(story: Story) -> None:
    intent = story.arm()
    taken = story.under(story.ledger.acquire(SHOP, "pc-1", 60))
    with pytest.raises(LedgerError) as refused:
        taken.ledger.fire(intent.id, taken.lease)
    assert "armed under epoch 1" in str(refused.value)
    assert not isinstance(refused.value, LeaseLost)
    taken.ledger.void(intent.id, WHY, taken.lease)
    assert taken.spent() == (0, 0)


def test_arming_needs_the_lease_of_the_intents_own_shop_and_epoch(story: Story) -> None:
    other = story.ledger.acquire(ShopKey(platform="taobao", shop_id="s2"), "pc-1", 60)
    for intent, lease in ((story.intent(), other), (story.intent(epoch=7), story.lease)):
        with pytest.raises(LedgerError) as refused:
            story.ledger.arm(intent, AMPLE, lease)
        assert refused.value.reason_code == "error.ledger.conflict"


def test_arming_under_a_lease_that_ran_out_is_refused(story: Story) -> None:
    story.clock.pass_s(60)
    with pytest.raises(LeaseLost):
        story.arm()


def test_arming_under_a_lease_that_nobody_gave_is_refused(story: Story) -> None:
    stray = replace(story.lease, shop=ShopKey(platform="taobao", shop_id="s9"))
    with pytest.raises(LeaseLost):
        story.under(stray).arm()


def test_an_intent_id_is_used_once(story: Story) -> None:
    first = story.arm(1)
    with pytest.raises(LedgerError):
        story.arm(2, id=first.id)


def test_an_unknown_id_is_said_so(story: Story) -> None:
    for ask in (
        lambda: story.ledger.intent(IntentId("none")),
        lambda: story.ledger.fire(IntentId("none"), story.lease),
    ):
        with pytest.raises(LedgerError, match="no such intent"):
            ask()


def test_the_lease_of_another_shop_moves_nothing(story: Story) -> None:
    intent = story.arm()
    other = story.ledger.acquire(ShopKey(platform="taobao", shop_id="s2"), "pc-1", 60)
    with pytest.raises(LedgerError, match="no such intent"):
        story.ledger.fire(intent.id, other)


def test_a_receipt_or_hold_for_another_case_is_refused(story: Story) -> None:
    intent = story.send()
    stray = story.receipt(intent).model_copy(update={"case": key(9)})
    with pytest.raises(LedgerError, match="the receipt is for"):
        story.ledger.settle(intent.id, stray, CaseStatus.DONE, story.lease)
    with pytest.raises(LedgerError, match="the hold is for"):
        story.ledger.leave_unknown(intent.id, story.hold(9), story.lease)
    assert [found.mark for found in story.ledger.open_intents(SHOP)] == [Mark.SENT]


def test_recovery_finds_what_has_no_outcome_oldest_first(story: Story) -> None:
    at(story, Mark.UNKNOWN)
    sent = story.send(2)
    armed = story.arm(3)
    done = story.arm(4)
    story.ledger.void(done.id, WHY, story.lease)
    found = story.ledger.open_intents(SHOP)
    assert [(intent.id, intent.mark) for intent in found] == [(sent.id, Mark.SENT), (armed.id, Mark.ARMED)]
    assert story.ledger.open_intents(ShopKey(platform="taobao", shop_id="s2")) == ()


def test_an_intent_is_read_back_as_it_was_armed(story: Story) -> None:
    intent = story.arm(action=Intercept(waybill="SF1", fee=Money(800)))
    assert story.ledger.intent(intent.id) == intent
    assert story.ledger.intent(intent.id).buyer == BUYER


def test_a_void_leaves_the_case_to_be_looked_at_anew(story: Story) -> None:
    story.judge()
    at(story, Mark.VOID)
    assert story.status() is CaseStatus.SEEN


def test_a_void_remark_leaves_a_done_case_done(story: Story) -> None:
    story.whole()
    remark = story.arm(action=Remark(text="备注"))
    assert story.status() is CaseStatus.ACTING
    story.ledger.void(remark.id, WHY, story.lease)
    assert story.status() is CaseStatus.DONE


def test_an_unknown_outcome_holds_the_case_with_owner_and_reason(story: Story) -> None:
    story.judge()
    at(story, Mark.UNKNOWN)
    line = story.ledger.lines(RUN)[0]
    assert (line.status, line.owner, line.reasons) == (CaseStatus.HELD, "ops", (WHY,))
    assert line.deadline == story.hold().deadline


def test_what_a_later_run_proves_is_told_by_both_runs(story: Story) -> None:
    story.judge()
    intent = story.send()
    story.clock.pass_s(timedelta(hours=1).total_seconds())
    taken = story.under(story.ledger.acquire(SHOP, "pc-2", 60))
    later = RunId("run-2")
    story.ledger.open_run(later, SHOP, "act", "c" * 64, "p" * 64)
    receipt = taken.settle(intent)
    for run in (RUN, later):
        (line,) = story.ledger.lines(run)
        assert line.status is CaseStatus.DONE
        assert line.receipts == ((intent, receipt),)


@pytest.mark.parametrize("closed", [True, False])
def test_a_void_by_a_later_run_opens_no_closed_run_again(story: Story, *, closed: bool) -> None:
    story.judge()
    intent = story.send()
    if closed:
        story.ledger.conclude(RUN, key(), CaseStatus.WAITING, [WHY])
        story.ledger.close_run(RUN, {})
    later = RunId("run-2")
    story.ledger.open_run(later, SHOP, "act", "c" * 64, "p" * 64)
    story.ledger.void(intent.id, WHY, story.lease)
    assert story.status() is (CaseStatus.WAITING if closed else CaseStatus.SEEN)
    assert story.ledger.lines(later)[0].status is CaseStatus.SEEN
    assert story.ledger.counts() == {SHOP: {CaseStatus.SEEN: 1}}


def test_what_a_person_was_asked_for_is_tried_again_only_on_another_version(story: Story) -> None:
    asked = story.send(fingerprint="as it was")
    story.ledger.void(asked.id, Reason(code=PersonDemanded.code), story.lease)
    with pytest.raises(NotAllowed) as refused:
        story.arm(fingerprint="as it was")
    assert refused.value.reason_code == PersonDemanded.code
    story.arm(action=Remark(text="noted"), fingerprint="as it was")
    story.arm(fingerprint="the buyer asks for less")


def test_what_came_to_nothing_for_another_reason_may_be_tried_again(story: Story) -> None:
    story.ledger.void(story.send(fingerprint="as it was").id, WHY, story.lease)
    story.arm(fingerprint="as it was")
