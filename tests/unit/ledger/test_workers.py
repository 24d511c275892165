"""Claims on two workers on one ledger: each case is armed once, no cap is passed, one lease holds (F33, S20)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Thread

import pytest

from bot.domain.ids import ShopKey
from bot.domain.money import Money
from bot.errors import CaseError, LeaseLost, LedgerError, NotAllowed
from bot.ledger import SqlLedger, audit
from bot.ports.ledger import Caps
from tests.unit.ledger.story import AMPLE, SHOP, CountingIds, StandingClock, Story, story_at

CASES = 25
LIVE = "error.case.live_intent"


def race(stories: list[Story], work: Callable[[Story, Barrier, list[str]], None]) -> list[list[str]]:
    """Every worker does `work` in a thread of its own; what each wrote down comes back."""
    barrier = Barrier(len(stories))
    notes: list[list[str]] = [[] for _ in stories]
    threads = [Thread(target=work, args=(story, barrier, note)) for story, note in zip(stories, notes, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return notes


@pytest.fixture
def two(tmp_path: Path) -> list[Story]:
    first = story_at(tmp_path / "l.db")
    clock = StandingClock()
    second = Story(SqlLedger(tmp_path / "l.db", clock, CountingIds("b"), busy_ms=60_000), clock, first.lease)
    return [first, second]


def close(stories: list[Story]) -> None:
    for story in stories:
        story.ledger.close()


def test_two_workers_under_one_lease_arm_each_case_once(two: list[Story]) -> None:
    def work(story: Story, barrier: Barrier, armed: list[str]) -> None:
        for number in range(1, CASES + 1):
            barrier.wait()
            try:
                story.ledger.arm(story.intent(number, id=f"{id(story)}-{number}"), AMPLE, story.lease)
                armed.append(str(number))
            except (LedgerError, NotAllowed) as refused:
                armed.append(refused.reason_code)

    one, other = race(two, work)
    assert all(
        {mine, theirs} == {str(number), LIVE} for number, (mine, theirs) in enumerate(zip(one, other, strict=True), 1)
    )
    assert two[0].spent() == (0, CASES * 1_000)
    close(two)


def test_two_workers_never_pass_a_cap_together(two: list[Story]) -> None:
    cap = Caps(Money(10_000_000), Money(10_500), Money(10_000_000))

    def work(story: Story, barrier: Barrier, armed: list[str]) -> None:
        half = 0 if story is two[0] else 1_000
        for number in range(1, CASES + 1):
            barrier.wait()
            try:
                story.ledger.arm(story.intent(half + number, id=f"{half}-{number}"), cap, story.lease)
                armed.append(str(number))
            except CaseError as refused:
                armed.append(refused.reason_code)

    one, other = race(two, work)
    assert (one + other).count("error.case.over_cap.shop") == 2 * CASES - 10
    assert two[1].spent() == (0, 10_000)
    assert "I5" not in {found.invariant for found in audit(two[0].ledger.engine, None).findings}
    close(two)


def test_of_two_workers_that_want_a_shop_one_gets_it(two: list[Story]) -> None:
    shops = [ShopKey(platform="jd", shop_id=f"s{number}") for number in range(CASES)]

    def work(story: Story, barrier: Barrier, won: list[str]) -> None:
        for shop in shops:
            barrier.wait()
            try:
                story.ledger.acquire(shop, f"pc-{id(story)}", 60)
                won.append(shop.shop_id)
            except LeaseLost:
                pass

    one, other = race(two, work)
    assert sorted(one + other) == sorted(shop.shop_id for shop in shops)
    close(two)


def test_the_chain_stays_whole_under_two_writers(two: list[Story]) -> None:
    def work(story: Story, barrier: Barrier, _: list[str]) -> None:
        for number in range(CASES):
            barrier.wait()
            story.ledger.set_breaker(SHOP, f"{number}")

    race(two, work)
    result = audit(two[0].ledger.engine, None)
    assert (result.findings, result.events) == ((), 2 + 2 * CASES)
    close(two)
