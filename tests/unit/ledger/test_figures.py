"""Claims on the figures of a day: every sum is the books' to the fen, and what is called saved was really kept (domain.md 1, 6)."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.domain.action import AgreeRefund, AgreeReturn, Intercept, Mark, Negotiate, Refuse, Remark, Verb
from bot.domain.base import SHANGHAI
from bot.domain.case import CaseState, InterceptState, Negotiable, Offer, OfferState, ShopParcel
from bot.domain.decision import Reason
from bot.domain.facts import Known, Source
from bot.domain.history import UNASKED
from bot.domain.ids import RunId
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus
from bot.ledger import SqlReader, audit, delays, schema
from bot.ports.figures import EDGES_S, SEED_CASE_MIN, DayFigures, Span, Tally
from tests.unit.ledger.story import (
    BUYER,
    RUN,
    SHOP,
    START,
    WHY,
    Story,
    decision,
    key,
    refuse,
    row,
    snapshot,
    story_at,
    trails,
)

DAY = START.date()
TODAY = Span.of(DAY)
LONG = 10**8
"""Seconds that a lease of these stories lasts."""


def asked(story: Story, span: Span = TODAY, days: int = 3) -> DayFigures:
    return story.ledger.figures(span, story.clock.now(), days)


def looked(story: Story, number: int = 1, verb: Verb = Verb.AGREE_REFUND, **changes: object) -> None:
    """The case is read as it is now, and judged."""
    now = story.clock.now()
    read = snapshot(number, **({"applied_at": START} | changes))
    judged = decision(number, verb, amount=read.amount).model_copy(
        update={"decided_at": now, "fingerprint": read.fingerprint}
    )
    story.ledger.saw(RUN, [row(number)])
    story.ledger.decided(RUN, read, trails(), UNASKED, judged)


def state(now: CaseState) -> Known[CaseState]:
    return Known[CaseState](value=now, source=Source.SHOP, seen_at=START)


def parcel(now: InterceptState) -> ShopParcel:
    known = Known[InterceptState](value=now, source=Source.SHOP, seen_at=START)
    return ShopParcel(courier="顺丰", waybill="YT9", latest="", intercept=known)


def refused(story: Story, number: int = 1) -> None:
    looked(story, number, Verb.REFUSE)
    story.settle(story.send(number, action=refuse(())), 0)


def test_an_empty_ledger_has_figures_of_nothing(story: Story) -> None:
    whole = asked(story).whole
    assert (whole.moved.agreed, whole.saved.whole, whole.risk, whole.minutes_saved) == (Tally(), Tally(), Tally(), 0)


def test_a_refund_is_agreed_by_what_the_receipt_shows(story: Story) -> None:
    looked(story)
    story.settle(story.send(1), 990)
    whole = asked(story).whole
    assert (whole.moved.refunds, whole.moved.agreed) == (Tally(cases=1, fen=990), Tally(cases=1, fen=990))
    assert asked(story).days[0].by == {Verb.AGREE_REFUND: Tally(cases=1, fen=990)}


def test_a_click_of_unknown_outcome_is_pending_and_not_agreed(story: Story) -> None:
    looked(story)
    story.ledger.leave_unknown(story.send(1).id, story.hold(), story.lease)
    moved = asked(story).whole.moved
    assert (moved.agreed, moved.pending) == (Tally(), Tally(cases=1, fen=1_000))


def test_a_refusal_that_stands_is_saved(story: Story) -> None:
    refused(story)
    whole = asked(story).whole
    assert (whole.moved.refused, whole.saved.refused) == (Tally(cases=1, fen=1_000), Tally(cases=1, fen=1_000))


def test_a_refusal_after_which_the_case_is_pending_again_saved_nothing_yet(story: Story) -> None:
    refused(story)
    story.ledger.open_run(RunId("run-2"), SHOP, "act", "c", "p")
    story.ledger.saw(RunId("run-2"), [row(1)])
    whole = asked(story).whole
    assert (whole.moved.refused.cases, whole.saved.refused) == (1, Tally())


def test_a_refusal_that_a_refund_followed_saved_nothing(story: Story) -> None:
    refused(story)
    story.settle(story.send(1), 1_000)
    assert asked(story).whole.saved.whole == Tally()


def test_a_refusal_that_the_page_still_shows_as_refused_stands(story: Story) -> None:
    refused(story)
    looked(story, state=state(CaseState.SELLER_REFUSED), verb=Verb.HOLD)
    assert asked(story).whole.saved.refused.cases == 1


def test_goods_that_an_intercept_brought_back_are_saved_once_refunded(story: Story) -> None:
    looked(story, verb=Verb.INTERCEPT, forward=parcel(InterceptState.NONE))
    story.settle(story.send(1, action=Intercept(waybill="YT9", fee=Money(800))), 800, CaseStatus.WAITING)
    assert asked(story).whole.saved.returned == Tally()
    looked(story, forward=parcel(InterceptState.RETURNED_SIGNED))
    story.settle(story.send(1), 1_000)
    whole = asked(story).whole
    assert whole.saved.returned == Tally(cases=1, fen=1_000)
    assert (whole.moved.fees_fen, whole.moved.intercepts) == (800, Tally(cases=1, fen=1_000))


def test_an_intercept_that_failed_saved_nothing(story: Story) -> None:
    looked(story, verb=Verb.INTERCEPT, forward=parcel(InterceptState.NONE))
    story.settle(story.send(1, action=Intercept(waybill="YT9", fee=Money(800))), 800, CaseStatus.WAITING)
    looked(story, forward=parcel(InterceptState.FAILED))
    story.settle(story.send(1), 1_000)
    assert asked(story).whole.saved.whole == Tally()


def test_what_a_claim_came_down_by_after_our_refusal_is_saved(story: Story) -> None:
    refused(story)
    looked(story, amount=Money(400), version="v2")
    story.settle(story.send(1, 400), 400)
    assert asked(story).whole.saved.differences == Tally(cases=1, fen=600)


def test_a_claim_that_came_down_by_itself_saved_nothing(story: Story) -> None:
    looked(story)
    looked(story, amount=Money(400), version="v2")
    story.settle(story.send(1, 400), 400)
    assert asked(story).whole.saved.whole == Tally()


def test_an_offer_saves_the_rest_once_the_buyer_took_it(story: Story) -> None:
    looked(story, verb=Verb.NEGOTIATE)
    story.settle(story.send(1, action=Negotiate(amount=Money(300))), 300, CaseStatus.WAITING)
    assert asked(story).whole.saved.whole == Tally()
    story.ledger.conclude(
        RUN, key(1), CaseStatus.DONE, [Reason(code="case.offer_accepted", params={"amount": "¥3.00"})]
    )
    whole = asked(story).whole
    assert (whole.saved.differences, whole.moved.offers) == (Tally(cases=1, fen=700), Tally(cases=1, fen=300))


def test_an_offer_that_came_to_nothing_is_no_money(story: Story) -> None:
    looked(story, verb=Verb.NEGOTIATE)
    story.settle(story.send(1, action=Negotiate(amount=Money(300))), 300, CaseStatus.WAITING)
    declined = Known[OfferState](value=OfferState.DECLINED, source=Source.SHOP, seen_at=START)
    tried = Negotiable(offers=(Offer(at=START, amount=Money(300), state=declined),), most=Money(900), rounds_left=1)
    looked(story, negotiable=tried)
    assert asked(story).whole.moved.agreed == Tally()
    assert asked(story).days == ()


def test_time_to_act_is_counted_to_the_first_act_on_a_case(story: Story) -> None:
    story.lease = story.ledger.renew(story.lease, LONG)
    story.clock.pass_s(95)
    looked(story, verb=Verb.INTERCEPT)
    story.settle(story.send(1, action=Intercept(waybill="YT9", fee=Money(800))), 800, CaseStatus.WAITING)
    story.clock.pass_s(7_200)
    story.settle(story.send(1), 1_000)
    story.settle(story.send(1, action=Remark(text="看过")), 0)
    whole = asked(story).whole
    assert (whole.to_act.count, whole.to_act.p95_s, whole.to_intercept.p50_s) == (1, 95, 95)
    assert whole.to_act.bins[1] == 1
    assert whole.minutes_saved == SEED_CASE_MIN


def test_what_a_person_decided_saves_nobodys_time(story: Story) -> None:
    story.lease = story.ledger.renew(story.lease, LONG)
    looked(story)
    story.settle(story.send(1), 1_000)
    story.by_hand(2)
    whole = asked(story).whole
    assert (whole.to_act.count, whole.by_person, whole.minutes_saved) == (2, 1, SEED_CASE_MIN)
    assert asked(story).shops[0].minutes_saved == SEED_CASE_MIN


def test_open_claims_are_told_by_what_is_left_of_their_countdown(story: Story) -> None:
    for number, hours in enumerate((-1, 0.5, 5, 20, 60, 100), 1):
        story.ledger.saw(RUN, [row(number, deadline_at=START + timedelta(hours=hours), amount=Money(number))])
    story.ledger.saw(RUN, [row(9, deadline_at=None, amount=Money(70))])
    story.ledger.saw(RUN, [row(8)])
    story.ledger.conclude(RUN, key(8), CaseStatus.FOREIGN, [WHY])
    whole = asked(story).whole
    assert whole.at_risk == tuple(Tally(cases=1, fen=fen) for fen in range(1, 7))
    assert (whole.undated, whole.risk) == (Tally(cases=1, fen=70), Tally(cases=7, fen=91))
    assert [(hour.at.hour, hour.load.fen) for hour in whole.load if hour.load.cases] == [(10, 2), (15, 3), (6, 4)]
    assert whole.states == {CaseStatus.SEEN: 7, CaseStatus.FOREIGN: 1}


def test_countdowns_that_ended_are_met_missed_or_unclear(story: Story) -> None:
    soon = START + timedelta(hours=1)
    for number in (1, 2, 3, 4):
        story.ledger.saw(RUN, [row(number, deadline_at=soon)])
    story.ledger.conclude(RUN, key(1), CaseStatus.FOREIGN, [WHY])
    assert asked(story).whole.due.missed == Tally(), "a countdown that still runs is not missed"
    story.clock.pass_s(7_200)
    story.ledger.conclude(RUN, key(2), CaseStatus.FOREIGN, [WHY])
    due = asked(story).whole.due
    assert (due.met.cases, due.unclear.cases, due.missed) == (1, 1, Tally(cases=2, fen=2_000))


def test_holds_are_told_by_their_first_reason_and_who_needs_a_person_by_urgency(story: Story) -> None:
    def held(number: int, code: str, hours: int | None, **params: str) -> None:
        story.ledger.saw(RUN, [row(number, deadline_at=None)])
        until = START + timedelta(hours=hours) if hours else None
        hold = story.hold(number).model_copy(
            update={"deadline": until, "reasons": (Reason(code=code, params=params), WHY)}
        )
        story.ledger.hold(RUN, hold)

    held(1, "missing.trail", 9, raw="一")
    held(2, "hold.strategy", 2, strategy="甲")
    held(3, "missing.trail", 4, raw="二")
    held(4, "hold.strategy", None, strategy="乙")
    grounds = asked(story).whole.holds
    assert [(one.reason and one.reason.params, one.holds.cases) for one in grounds] == [
        ({"strategy": "甲"}, 1),
        ({}, 2),
        ({"strategy": "乙"}, 1),
    ]
    assert [case.aftersale_id for case in story.ledger.needs_person(START)] == ["a2", "a3", "a1", "a4"]
    later = START + timedelta(hours=3)
    assert [case.aftersale_id for case in story.ledger.needs_person(later)] == ["a3", "a1", "a4", "a2"]


def test_figures_stay_when_the_buyer_is_erased(story: Story) -> None:
    refused(story)
    looked(story, 2)
    story.settle(story.send(2), 1_000)
    before = asked(story)
    story.ledger.erase_buyer(SHOP, BUYER)
    assert asked(story) == before


def test_a_ledger_of_before_has_its_figures_after_the_migration(tmp_path: Path) -> None:
    old = story_at(tmp_path / "ledger.db")
    refused(old)
    looked(old, 2, verb=Verb.NEGOTIATE)
    old.settle(old.send(2, action=Negotiate(amount=Money(300))), 300, CaseStatus.WAITING)
    before = asked(old)
    old.ledger.close()
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as raw:
        for index in ("intents_by_day", "intents_by_case", "cases_by_status", "cases_by_deadline"):
            raw.execute(f"DROP INDEX {index}")
        for table, column in (("intents", "day"), ("intents", "claim"), ("intents", "moved"), ("intents", "applied_at"),
                              ("intents", "waited_s"), ("cases", "claim"), ("sightings", "intercept")):  # fmt: skip
            raw.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        raw.execute("DELETE FROM schema_version WHERE version > 2")
        raw.commit()
    new = story_at_again(tmp_path)
    assert new.figures(TODAY, START, 3) == before
    assert [found.reason.code for found in audit(new.engine, None).findings] == ["audit.amount"], (
        "an offer below what was decided"
    )
    new.close()


def story_at_again(folder: Path) -> SqlReader:
    from bot.ledger import SqlLedger  # noqa: PLC0415
    from tests.unit.ledger.story import CountingIds, StandingClock  # noqa: PLC0415

    SqlLedger(folder / "ledger.db", StandingClock(), CountingIds("x")).close()
    return SqlReader(folder / "ledger.db")


fates = st.sampled_from(["settled", "void", "unknown"])
acts = st.tuples(
    st.sampled_from([AgreeRefund, AgreeReturn, Refuse, Intercept, Negotiate, Remark]),
    st.integers(1, 4),
    st.integers(1, 900),
    fates,
    st.integers(0, 9 * 3_600),
)


@settings(max_examples=8)
@given(st.lists(acts, min_size=1, max_size=12))
def test_figures_over_a_random_history_are_a_plain_recount(drawn: list[tuple[type, int, int, str, int]]) -> None:
    """Money against budgets and receipts, times and savings against the tables walked one by one."""
    story = story_at(":memory:")
    story.lease = story.ledger.renew(story.lease, LONG)
    for kind, number, fen, fate, later in drawn:
        _happen(story, kind, number, fen, fate)
        story.clock.pass_s(later)
    days = [DAY + timedelta(days=n) for n in range(6)]
    told = {day: asked(story, Span.of(day), 1) for day in days}
    for day, one in told.items():
        books = {line.scope: line for line in story.ledger.budgets(day.isoformat())}
        shop, moved = books.get("shop"), one.whole.moved
        assert moved.agreed.fen + moved.fees_fen == (shop.posted.fen if shop else 0)
        assert moved.pending.fen == (shop.pending.fen if shop else 0)
        assert moved.returns.fen == sum(line.posted.fen for scope, line in books.items() if scope.startswith("agreed:"))
    span = Span(first=days[0], last=days[-1])
    whole = asked(story, span, len(days))
    _recounted(story, whole)
    by_verb: dict[Verb, Tally] = defaultdict(Tally)
    for part in whole.days:
        for verb, tally in part.by.items():
            by_verb[verb] += tally
    moved = whole.whole.moved
    assert (by_verb[Verb.AGREE_REFUND], by_verb[Verb.REFUSE], by_verb[Verb.NEGOTIATE]) == (
        moved.refunds,
        moved.refused,
        moved.offers,
    )
    assert sum((part.whole.moved.agreed for part in told.values()), Tally()) == moved.agreed
    story.ledger.close()


def _happen(story: Story, kind: type, number: int, fen: int, fate: str) -> None:
    make = {
        AgreeRefund: lambda: AgreeRefund(amount=Money(fen)),
        AgreeReturn: lambda: AgreeReturn(amount=Money(fen)),
        Refuse: lambda: refuse(()).model_copy(update={"amount": Money(fen)}),
        Intercept: lambda: Intercept(waybill="YT9", fee=Money(fen)),
        Negotiate: lambda: Negotiate(amount=Money(fen)),
        Remark: lambda: Remark(text="看过"),
    }
    action = make[kind]()
    version = f"v{story.armed}"
    looked(story, number, action.verb, amount=Money(fen), version=version, forward=parcel(InterceptState.RETURNING))
    fingerprint = snapshot(
        number, amount=Money(fen), version=version, forward=parcel(InterceptState.RETURNING)
    ).fingerprint
    with story.ledger._store.reading() as db:
        mine = select(schema.intents.c.mark).where(
            schema.intents.c.aftersale_id == f"a{number}", schema.intents.c.verb == action.verb
        )
        marks = set(db.execute(mine).scalars()) - {Mark.VOID}
    if Mark.UNKNOWN in marks or (action.verb is Verb.AGREE_REFUND and Mark.SETTLED in marks):
        return
    intent = story.send(number, action=action, fingerprint=fingerprint, paid=Money(10**6))
    spends = fen if kind in {AgreeRefund, Intercept, Negotiate} else 0
    match fate:
        case "settled":
            story.settle(intent, spends)
        case "void":
            story.ledger.void(intent.id, WHY, story.lease)
        case _:
            story.ledger.leave_unknown(intent.id, story.hold(number), story.lease)


def _recounted(story: Story, told: DayFigures) -> None:
    """Once more from rows, in Python."""
    with story.ledger._store.reading() as db:
        done = db.execute(
            select(schema.intents, schema.receipts.c.amount, schema.receipts.c.proven_at)
            .join(schema.receipts, schema.receipts.c.intent == schema.intents.c.id)
            .order_by(schema.intents.c.armed_seq)
        ).all()
        seen = db.execute(select(schema.sightings).order_by(schema.sightings.c.seq)).all()
        status = {case.aftersale_id: case.status for case in db.execute(select(schema.cases))}
        armed = [
            row
            for row in db.execute(select(schema.intents).order_by(schema.intents.c.armed_seq))
            if row.mark != Mark.VOID
        ]
    whole = told.whole
    claims = {
        row.id: next(
            s.amount.fen for s in reversed(seen) if s.aftersale_id == row.aftersale_id and s.seq < row.armed_seq
        )
        for row in done
    }
    sums: Counter[str] = Counter()
    waits: list[int] = []
    met: set[str] = set()
    for act in done:
        mine = [s for s in seen if s.aftersale_id == act.aftersale_id]
        others = [one for one in done if one.aftersale_id == act.aftersale_id and one.armed_seq < act.armed_seq]
        after = [s.state for s in mine if s.seq > act.armed_seq]
        later = [one for one in armed if one.aftersale_id == act.aftersale_id and one.armed_seq > act.armed_seq]
        turned = any(one.verb not in {"remark", "complain", "intercept"} for one in later)
        stands = status[act.aftersale_id] == CaseStatus.DONE or (after and after[-1] in {"seller_refused", "closed"})
        if act.verb == "refuse" and stands and not turned:
            sums["refused"] += claims[act.id]
        if act.verb == "agree_refund":
            sums["refunds"] += act.amount.fen
            sums["returned"] += act.amount.fen if any(one.verb == "intercept" for one in others) else 0
            if any(one.verb in {"refuse", "negotiate"} for one in others):
                sums["differences"] += max(0, max(s.amount.fen for s in mine if s.seq < act.armed_seq) - act.amount.fen)
        if act.verb != "remark" and act.aftersale_id not in met:
            met.add(act.aftersale_id)
            waits.append(max(0, round((act.proven_at - act.applied_at).total_seconds())))
    assert whole.moved.refunds.fen == sums["refunds"]
    assert (whole.saved.refused.fen, whole.saved.returned.fen, whole.saved.differences.fen) == (
        sums["refused"],
        sums["returned"],
        sums["differences"],
    )
    assert whole.to_act == delays.told(waits)


@given(st.lists(st.integers(0, 200_000), min_size=1, max_size=60))
def test_percentiles_are_of_the_nearest_rank_and_bins_hold_everything(seconds: list[int]) -> None:
    told, ordered = delays.told(seconds), sorted(seconds)
    assert sum(told.bins) == told.count == len(seconds)
    assert told.p50_s == ordered[(len(ordered) + 1) // 2 - 1]
    assert told.bins[-1] == sum(one > EDGES_S[-1] for one in seconds)
    assert told.p95_s is not None
    assert sum(one <= told.p95_s for one in seconds) * 100 >= 95 * len(seconds)


def test_days_are_told_one_by_one_up_to_the_last(story: Story) -> None:
    assert [day.isoformat() for day in Span.of(date(2026, 3, 2), 3).days()] == [
        "2026-02-28",
        "2026-03-01",
        "2026-03-02",
    ]


def test_a_day_ends_at_midnight_in_shanghai_for_acts_and_countdowns_and_nothing_counts_twice(story: Story) -> None:
    story.lease = story.ledger.renew(story.lease, LONG)
    midnight = datetime(2026, 3, 10, tzinfo=SHANGHAI)
    for number, at in ((1, midnight - timedelta(seconds=1)), (2, midnight)):
        story.clock.at = at
        looked(story, number)
        story.settle(story.send(number), number)
        story.ledger.saw(RUN, [row(10 + number, deadline_at=at)])
    story.clock.at = midnight + timedelta(hours=1)
    yesterday, today = (asked(story, Span.of(day)).whole for day in (DAY, midnight.date()))
    assert [one.moved.agreed for one in (yesterday, today)] == [Tally(cases=1, fen=1), Tally(cases=1, fen=2)]
    assert [one.to_act.count for one in (yesterday, today)] == [1, 1]
    assert [one.due.missed.cases for one in (yesterday, today)] == [1, 1]
    assert [one.day.isoformat() for one in asked(story, Span.of(midnight.date())).days] == ["2026-03-09", "2026-03-10"]
