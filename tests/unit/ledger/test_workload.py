"""What is left to do and how long it takes, by the ledger: the plan of work over all shops rests on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from bot.app.planning import SECONDS_PER_CASE, late_behind, work_plan
from bot.config import Shop
from bot.domain.action import Verb
from bot.domain.case import Deadline, Row
from bot.domain.facts import Source, Unknown
from bot.domain.history import UNASKED
from bot.domain.ids import RunId, ShopKey
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus
from bot.engine.workplan import Forecast
from tests.unit.ledger.story import RUN, SHOP, START, WHY, Story, decision, key, row, snapshot

OTHER = ShopKey(platform="taobao", shop_id="s2")
UNKNOWN = Unknown(why="page.empty", source=Source.SHOP)


def swept(story: Story, name: str, cases: int, seconds: float, posture: str = "act") -> None:
    """A run that judged so many cases in so many seconds each."""
    run = RunId(name)
    story.ledger.open_run(run, SHOP, posture, "c", "p")
    story.ledger.saw(run, [row(number) for number in range(cases)], START)
    for number in range(cases):
        story.clock.pass_s(seconds)
        story.ledger.decided(run, snapshot(number), {}, UNASKED, decision(number))
    story.ledger.close_run(run, {})


def entry(shop: ShopKey, between: int = 0) -> Shop:
    told = {"platform": shop.platform, "shop_id": shop.shop_id, "name": shop.shop_id, "account": "a:b"}
    return Shop.model_validate(
        told | {"url": "http://127.0.0.1:1", "posture": "act", "seconds_between_actions": between}
    )


def test_pending_is_what_no_person_holds_and_what_has_no_end_with_the_newest_words_about_it(story: Story) -> None:
    story.ledger.saw(RUN, [row(number, amount=Money(1_000 + number)) for number in range(1, 6)])
    story.judge(2, Verb.REFUSE)
    story.ledger.conclude(RUN, key(3), CaseStatus.FOREIGN, (WHY,))
    story.ledger.hold(RUN, story.hold(4))
    story.ledger.conclude(RUN, key(5), CaseStatus.WAITING, (WHY,))
    found = {one.case: (one.amount, one.verb, one.deadline) for one in story.ledger.pending(SHOP)}
    assert found == {
        key(1): (Money(1_001), None, START + timedelta(days=2)),
        key(2): (Money(1_000), Verb.REFUSE, START + timedelta(days=1)),
        key(5): (Money(1_005), None, START + timedelta(days=2)),
    }
    assert story.ledger.pending(OTHER) == ()


def test_pace_is_the_median_of_the_last_runs_in_that_posture(story: Story) -> None:
    for number, seconds in enumerate((90, 3, 4, 600, 5, 4)):
        swept(story, f"r{number}", 6, seconds)
    swept(story, "looked", 6, 1, "observe")
    swept(story, "few", 2, 50)
    assert story.ledger.seconds_per_case(SHOP, "act") == 4, "of 3, 4, 600, 5, 4"
    assert story.ledger.seconds_per_case(SHOP, "observe") == 1
    assert story.ledger.seconds_per_case(SHOP, "propose") is None
    assert story.ledger.seconds_per_case(OTHER, "act") is None


def test_plan_over_all_shops_says_where_to_go_first_and_what_will_not_be_reached(story: Story) -> None:
    far = [row(number, deadline_at=START + timedelta(hours=30)) for number in range(3)]
    story.ledger.saw(RUN, far)
    soon = [
        row(number, key=key(number, OTHER), amount=Money(number * 100), deadline_at=START + timedelta(seconds=15))
        for number in range(1, 5)
    ]
    story.ledger.open_run(RunId("run-2"), OTHER, "act", "c", "p")
    story.ledger.saw(RunId("run-2"), soon)
    plan = work_plan(story.ledger, [entry(SHOP), entry(OTHER)], START)
    assert plan.next_shop == OTHER
    kept = int((15 - 10) // SECONDS_PER_CASE)
    told = plan.by_shop()[OTHER]
    assert (told.count, told.lost, told.first) == (4 - kept, Money(300), START + timedelta(seconds=15))
    assert SHOP not in plan.by_shop()


def test_plan_keeps_to_the_limit_of_a_shop(story: Story) -> None:
    story.ledger.saw(RUN, [row(number, deadline_at=START + timedelta(seconds=30)) for number in range(1, 9)])
    assert work_plan(story.ledger, [entry(SHOP)], START).by_shop() == {}
    hurried = work_plan(story.ledger, [entry(SHOP, between=7)], START).by_shop()[SHOP]
    assert hurried.count == 8 - 3, "begun after 10, 17 and 24 s"


SECOND = RunId("run-2")


@pytest.fixture
def two(story: Story) -> Story:
    """Ten cases of the first shop, and a run in the other."""
    story.ledger.saw(RUN, [row(number) for number in range(10)])
    story.ledger.open_run(SECOND, OTHER, "act", "c", "p")
    return story


def behind(story: Story, *rows: Row) -> Mapping[ShopKey, Forecast]:
    """What is late in the other shop, whose list has these rows, behind the first one."""
    story.ledger.saw(SECOND, rows)
    rests = dict.fromkeys((SHOP, OTHER), timedelta(minutes=30))
    return late_behind(story.ledger, entry(SHOP), {OTHER: entry(OTHER)}, story.clock.now(), rests)


def other(number: int, seconds: float) -> Row:
    return row(number, key=key(number, OTHER), deadline_at=START + timedelta(seconds=seconds))


def test_what_waits_behind_another_shop_is_foretold_by_the_pace_that_was_measured(two: Story) -> None:
    """Ten cases and the way into both shops take 40 s where nothing was measured, 70 s at 5 s a case; each of the others takes 2 s."""
    waits = (other(1, 42), other(2, 60), other(3, 3600))
    assert behind(two, *waits) == {}
    swept(two, "measured", 10, 5)
    two.clock.at = START
    (told,) = behind(two, *waits).values()
    assert (told.count, told.lost, told.first) == (2, Money(2_000), START + timedelta(seconds=42))


def test_what_nobody_can_work_on_any_more_or_rests_is_no_forecast(two: Story) -> None:
    late = tuple(other(number, 15) for number in range(1, 5))
    assert behind(two, other(9, -5), *late)[OTHER].count == 4
    for number in range(1, 4):
        read = snapshot(number, key=key(number, OTHER), deadline=Deadline(at=late[0].deadline_at, action=UNKNOWN))
        told = decision(number).model_copy(update={"case": key(number, OTHER)})
        two.ledger.decided(SECOND, read, {}, UNASKED, told)
        two.ledger.conclude(SECOND, key(number, OTHER), CaseStatus.WAITING, (WHY,))
    assert behind(two, *late)[OTHER].count == 1
    two.clock.pass_s(1)
    assert behind(two) == {}, "the list shows none of them any more"


def test_plan_of_a_home_that_never_swept_is_empty(story: Story) -> None:
    assert work_plan(story.ledger, [entry(SHOP)], START).next_shop is None


def test_rows_that_a_run_does_not_work_on_are_known_and_no_part_of_it(story: Story) -> None:
    story.ledger.saw(RUN, [row(1), row(2)], START, [key(1)])
    assert [line.case for line in story.ledger.lines(RUN)] == [key(1)]
    assert story.ledger.counts()[SHOP] == {CaseStatus.SEEN: 2}


@pytest.mark.parametrize("picked", [(), None])
def test_what_ended_and_is_pending_again_begins_anew_also_where_it_is_not_worked_on(
    story: Story, picked: tuple[()] | None
) -> None:
    story.whole(1)
    story.ledger.close_run(RUN, {})
    story.ledger.open_run(RunId("run-2"), SHOP, "act", "c", "p")
    story.ledger.saw(RunId("run-2"), [row(1)], START, picked)
    assert story.ledger.counts()[SHOP] == {CaseStatus.SEEN: 1}
