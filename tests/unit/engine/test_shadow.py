"""Claims on the shadow's own caps of the day: what it would have spent counts, what the live policy spent does not."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.case import Snapshot
from bot.domain.decision import Shadow
from bot.domain.history import History
from bot.domain.ids import CaseKey
from bot.domain.money import Money
from bot.engine.policy import Policy
from bot.engine.shadow import ShadowBook, shadow_of
from tests.unit.engine.builders import NOW, Situation, unshipped
from tests.unit.engine.policies import HOLD, REFUND, policy_of, strategy

DAY, TOMORROW = NOW.date().isoformat(), (NOW + timedelta(days=1)).date().isoformat()
LIVE = policy_of(strategy(HOLD, "person"))
CLAIM = unshipped().page.amount


def capped(claims: int) -> Policy:
    """A candidate that pays so many such claims a day."""
    return policy_of(strategy(REFUND, "pays", cap_day=f"{CLAIM.fen * claims // 100}.00"))


def numbered(number: int) -> Situation:
    return unshipped().shows(key=CaseKey(platform="taobao", shop_id="s1", aftersale_id=f"26{number}"))


def word(book: ShadowBook, number: int, policy: Policy, day: str = DAY, spent: Money | None = None) -> Shadow:
    history = History(since=NOW, day=day, spent={"pays": spent} if spent else {})
    situation = numbered(number)
    live = situation.judged(LIVE, history=history)
    return shadow_of(situation.page, situation.trails, policy, NOW, history, live, book)


def key(snapshot: Snapshot) -> str:
    return snapshot.key.aftersale_id


def test_a_candidate_stops_at_its_own_cap_although_the_live_policy_spent_nothing() -> None:
    book, policy = ShadowBook(), capped(2)
    told = [word(book, number, policy) for number in range(4)]
    assert [one.verb for one in told] == ["agree_refund", "agree_refund", "hold", "hold"]
    assert book.spent("", DAY) == {"pays": Money(2 * CLAIM.fen)}


def test_what_the_live_policy_spent_does_not_count_against_the_candidate() -> None:
    assert word(ShadowBook(), 1, capped(1), spent=Money(CLAIM.fen * 9)).verb == "agree_refund"


def test_a_case_counts_once_however_often_it_is_looked_at() -> None:
    book, policy = ShadowBook(), capped(2)
    assert {word(book, 1, policy).verb for _ in range(5)} == {"agree_refund"}
    assert book.spent("", DAY) == {"pays": CLAIM}
    assert book.spent(key(numbered(1).page), DAY) == {"pays": Money(0)}


def test_a_new_day_begins_with_nothing_spent_and_yesterdays_cases_stay_yesterdays() -> None:
    book, policy = ShadowBook(), capped(1)
    assert word(book, 1, policy).verb == "agree_refund"
    assert word(book, 1, policy, TOMORROW).verb == "agree_refund"
    assert book.spent("", TOMORROW) == {}
    assert word(book, 2, policy, TOMORROW).verb == "agree_refund"
    assert word(book, 3, policy, TOMORROW).verb == "hold"


def test_the_next_sweep_goes_on_where_the_last_one_ended() -> None:
    policy, book = capped(1), ShadowBook()
    first = word(book, 1, policy)
    again = ShadowBook([(key(numbered(1).page), first)])
    assert again.spent("", DAY) == book.spent("", DAY)
    assert word(again, 2, policy).verb == "hold"
