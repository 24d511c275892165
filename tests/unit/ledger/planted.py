"""Bugs planted into an honest history, each with the invariant that it breaks: what the audit is held against."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.domain.action import Intent, Intercept, Remark, Verb
from bot.domain.base import Sha256
from bot.domain.decision import ProofKind
from bot.domain.hand import Instead
from bot.domain.ids import CaseKey, RunId
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus
from bot.ledger.events import About, Kind, append
from bot.ports.ledger import Caps
from tests.unit.ledger.story import (
    RUN,
    SHOP,
    WHY,
    Story,
    evidence,
    key,
    refuse,
    row,
    snapshot,
)

Plant = Callable[[Story, pytest.MonkeyPatch], None]


def nothing(*_: object, **__: object) -> None:
    """A part of the ledger that somebody has left out."""


def sql(story: Story, statement: str) -> None:
    with story.ledger._write() as tx:
        tx.db.exec_driver_sql(statement)


def add(story: Story, kind: Kind, intent: str, case: CaseKey, **facts: Any) -> None:
    with story.ledger._write() as tx:
        append(tx, kind, About.case(case, RUN, intent), facts)


def paid_twice(story: Story, patch: pytest.MonkeyPatch) -> None:
    sql(story, "DROP INDEX one_live_intent")
    patch.setattr("bot.ledger.intents._demand_free", nothing)
    story.whole()
    story.settle(story.send())


def refused_twice_on_one_state(story: Story, patch: pytest.MonkeyPatch) -> None:
    story.judge(1, Verb.REFUSE)
    for _ in range(2):
        story.settle(story.send(action=refuse(())), 0)


def sent_without_fired(story: Story, patch: pytest.MonkeyPatch) -> None:
    story.judge()
    intent = story.arm()
    add(story, Kind.SENT, intent.id, intent.case, epoch=1)
    sql(story, "UPDATE intents SET mark = 'sent'")


def sent_twice(story: Story, patch: pytest.MonkeyPatch) -> None:
    story.judge()
    intent = story.send()
    add(story, Kind.SENT, intent.id, intent.case, epoch=1)


def settled_without_arming(story: Story, patch: pytest.MonkeyPatch) -> None:
    add(story, Kind.SETTLED, "stray", key(), epoch=1, amount=1)


def clicked_again_after_the_end(story: Story, patch: pytest.MonkeyPatch) -> None:
    intent = story.whole()
    add(story, Kind.FIRED, intent.id, intent.case, epoch=1)
    sql(story, "UPDATE intents SET mark = 'fired'")


def no_decision(story: Story, patch: pytest.MonkeyPatch) -> None:
    story.settle(story.send())


def decided_on_another_state(story: Story, patch: pytest.MonkeyPatch) -> None:
    story.judge()
    story.settle(story.send(fingerprint=snapshot(1, version="v7").fingerprint))


def decided_too_late(story: Story, patch: pytest.MonkeyPatch) -> None:
    intent = story.send()
    story.judge()
    story.settle(intent)


def another_amount_than_decided(story: Story, patch: pytest.MonkeyPatch) -> None:
    story.judge(1, amount=Money(900))
    story.settle(story.send())


def another_verb_than_decided(story: Story, patch: pytest.MonkeyPatch) -> None:
    story.judge(1, Verb.HOLD)
    story.settle(story.send())


def a_fee_above_the_plans(story: Story, patch: pytest.MonkeyPatch) -> None:
    story.judge(1, Verb.INTERCEPT, max_fee=Money(500))
    story.settle(story.send(action=Intercept(waybill="SF1", fee=Money(501))), 501, CaseStatus.WAITING)


def another_amount_moved_in_silence(story: Story, patch: pytest.MonkeyPatch) -> None:
    patch.setattr("bot.ledger.intents._alarm", nothing)
    story.judge()
    story.settle(story.send(), 1_100)


def a_cap_passed(story: Story, patch: pytest.MonkeyPatch) -> None:
    patch.setattr("bot.ledger.budgets._demand_room", nothing)
    story.judge()
    story.settle(story.send(caps=Caps(Money(10_000), Money(999), Money(10_000))))


def an_order_refunded_beyond_what_was_paid(story: Story, patch: pytest.MonkeyPatch) -> None:
    patch.setattr("bot.ledger.budgets._demand_room", nothing)
    for number in (1, 2):
        story.judge(number, amount=None)
        story.settle(story.send(number, 3_000, order_id="same"), 3_000)


def posting_forgotten(story: Story, patch: pytest.MonkeyPatch) -> None:
    patch.setattr("bot.ledger.budgets.post", nothing)
    story.whole()


def reservation_forgotten(story: Story, patch: pytest.MonkeyPatch) -> None:
    patch.setattr("bot.ledger.budgets.reserve", nothing)
    story.whole()


def reservation_from_nowhere(story: Story, patch: pytest.MonkeyPatch) -> None:
    story.judge(1, Verb.REMARK, amount=None)
    story.settle(story.send(action=Remark(text="备注")), 0)
    sql(
        story,
        "INSERT INTO reservations VALUES ('i1', 'taobao', 's1', 'shop', '2026-03-09', 'posted', 1, 1, '2026-03-09T10:00:00.000000+08:00', NULL)",
    )


def void_keeps_the_money(story: Story, patch: pytest.MonkeyPatch) -> None:
    patch.setattr("bot.ledger.budgets.give_back", nothing)
    story.judge()
    story.ledger.void(story.arm().id, WHY, story.lease)


def a_run_closed_over_an_open_intent(story: Story, patch: pytest.MonkeyPatch) -> None:
    story.judge()
    story.send()
    story.ledger.hold(RUN, story.hold())
    story.ledger.close_run(RUN, {})


def a_run_closed_over_an_untouched_case(story: Story, patch: pytest.MonkeyPatch) -> None:
    story.ledger.saw(RUN, [row()])
    story.ledger.close_run(RUN, {})


def a_run_closed_over_a_decision_to_act(story: Story, patch: pytest.MonkeyPatch) -> None:
    story.judge()
    story.ledger.close_run(RUN, {})


def a_hold_without_owner(story: Story, patch: pytest.MonkeyPatch) -> None:
    story.ledger.hold(RUN, story.hold().model_copy(update={"owner": ""}))


def a_hold_without_reason(story: Story, patch: pytest.MonkeyPatch) -> None:
    story.judge()
    intent = story.send()
    story.ledger.leave_unknown(intent.id, story.hold().model_copy(update={"reasons": ()}), story.lease)


def a_failure_without_reason(story: Story, patch: pytest.MonkeyPatch) -> None:
    story.ledger.conclude(RUN, key(), CaseStatus.FAILED, [])


def a_mark_of_a_former_epoch(story: Story, patch: pytest.MonkeyPatch) -> None:
    story.judge()
    intent = story.arm()
    story.ledger.acquire(SHOP, "pc-1", 60)
    sql(story, "UPDATE intents SET mark = 'fired'")
    add(story, Kind.FIRED, intent.id, intent.case, epoch=1)


def an_epoch_given_twice(story: Story, patch: pytest.MonkeyPatch) -> None:
    with story.ledger._write() as tx:
        append(tx, Kind.LEASED, About.shop(SHOP), {"epoch": 1, "owner": "pc-2"})


def another_policy_than_decided_under(story: Story, patch: pytest.MonkeyPatch) -> None:
    story.judge()
    story.settle(story.send(policy_hash="q" * 64))


def no_configuration(story: Story, patch: pytest.MonkeyPatch) -> None:
    story.ledger.open_run(RunId("bare"), SHOP, "act", "", "")
    patch.setattr("tests.unit.ledger.story.RUN", RunId("bare"))
    story.whole()


def a_mark_moved_by_hand(story: Story, patch: pytest.MonkeyPatch) -> None:
    story.judge()
    story.send()
    sql(story, "UPDATE intents SET mark = 'void'")


def a_receipt_changed_by_hand(story: Story, patch: pytest.MonkeyPatch) -> None:
    story.whole()
    sql(story, "UPDATE receipts SET amount = 1")


def an_intent_deleted_by_hand(story: Story, patch: pytest.MonkeyPatch) -> None:
    story.judge(1, Verb.REMARK, amount=None)
    story.settle(story.send(action=Remark(text="备注")), 0)
    sql(story, "DELETE FROM receipts")
    sql(story, "DELETE FROM intents")


def proof_never_kept(story: Story, patch: pytest.MonkeyPatch) -> None:
    story.judge(1, Verb.REFUSE, proofs=(ProofKind.TRAIL,))
    story.settle(story.send(action=refuse((evidence().sha256,))), 0)


def proof_kept_after_it_was_used(story: Story, patch: pytest.MonkeyPatch) -> None:
    story.judge(1, Verb.REFUSE, proofs=(ProofKind.TRAIL,))
    intent = story.send(action=refuse((evidence().sha256,)))
    story.ledger.keep(RUN, key(), evidence())
    story.settle(intent, 0)


def picture_of_a_receipt_never_kept(story: Story, patch: pytest.MonkeyPatch) -> None:
    story.judge()
    intent = story.send()
    receipt = story.receipt(intent).model_copy(update={"after": Sha256("a" * 64)})
    story.ledger.settle(intent.id, receipt, CaseStatus.DONE, story.lease)


def refused_without_the_proof_it_needs(story: Story, patch: pytest.MonkeyPatch) -> None:
    story.judge(1, Verb.REFUSE, proofs=(ProofKind.TRAIL,))
    story.settle(story.send(action=refuse(())), 0)


def done_in_a_persons_name_without_a_verdict(story: Story, patch: pytest.MonkeyPatch) -> None:
    story.judge()
    story.settle(story.send(strategy="person:li"))


def done_before_the_person_decided(story: Story, patch: pytest.MonkeyPatch) -> None:
    story.judge()
    intent = story.send(strategy="person:li", hand=story.ledger.head().seq + 4)
    story.decide()
    story.settle(intent)


def a_verdict_that_the_robot_carried_out_as_its_own(story: Story, patch: pytest.MonkeyPatch) -> None:
    story.judge()
    story.settle(story.send(hand=story.decide()))


def a_verdict_on_another_page(story: Story, patch: pytest.MonkeyPatch) -> None:
    story.by_hand(fingerprint="seen before")


def one_person_where_two_are_needed(story: Story, patch: pytest.MonkeyPatch) -> None:
    story.by_hand(second_above=999)


def a_person_who_approved_themselves(story: Story, patch: pytest.MonkeyPatch) -> None:
    story.by_hand(second_above=999, approved_by="ＬＩ")


def in_doubt(story: Story) -> Intent:
    story.judge()
    intent = story.send()
    story.ledger.leave_unknown(intent.id, story.hold(), story.lease)
    return intent


def let_go_by_nobody(story: Story, patch: pytest.MonkeyPatch) -> None:
    story.ledger.void(in_doubt(story).id, WHY, story.lease)


def let_go_by_one_person(story: Story, patch: pytest.MonkeyPatch) -> None:
    intent = in_doubt(story)
    story.decide(verb=Verb.HOLD, instead=Instead.RELEASE)
    story.ledger.void(intent.id, WHY, story.lease)


def facts_that_are_none(story: Story, patch: pytest.MonkeyPatch) -> None:
    add(story, Kind.ARMED, "stray", key())


PLANTED: dict[Plant, str] = {
    paid_twice: "I2",
    refused_twice_on_one_state: "I2",
    sent_without_fired: "I21",
    sent_twice: "I21",
    settled_without_arming: "I3",
    clicked_again_after_the_end: "I3",
    no_decision: "I3",
    decided_on_another_state: "I3",
    decided_too_late: "I3",
    another_amount_than_decided: "I4",
    another_verb_than_decided: "I4",
    a_fee_above_the_plans: "I4",
    another_amount_moved_in_silence: "I4",
    a_cap_passed: "I5",
    an_order_refunded_beyond_what_was_paid: "I6",
    posting_forgotten: "I7",
    reservation_forgotten: "I7",
    reservation_from_nowhere: "I7",
    void_keeps_the_money: "I17",
    a_run_closed_over_an_open_intent: "I7",
    a_run_closed_over_an_untouched_case: "I8",
    a_run_closed_over_a_decision_to_act: "I8",
    a_hold_without_owner: "I8",
    a_hold_without_reason: "I8",
    a_failure_without_reason: "I8",
    a_mark_of_a_former_epoch: "I10",
    an_epoch_given_twice: "I10",
    another_policy_than_decided_under: "I11",
    no_configuration: "I11",
    a_mark_moved_by_hand: "I13",
    a_receipt_changed_by_hand: "I13",
    an_intent_deleted_by_hand: "I13",
    facts_that_are_none: "I13",
    done_in_a_persons_name_without_a_verdict: "I23",
    done_before_the_person_decided: "I3",
    a_verdict_that_the_robot_carried_out_as_its_own: "I23",
    a_verdict_on_another_page: "I23",
    one_person_where_two_are_needed: "I23",
    a_person_who_approved_themselves: "I23",
    let_go_by_nobody: "I23",
    let_go_by_one_person: "I23",
    proof_never_kept: "I14",
    proof_kept_after_it_was_used: "I14",
    picture_of_a_receipt_never_kept: "I14",
    refused_without_the_proof_it_needs: "I18",
}
