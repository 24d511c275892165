"""Claims on what the ledger knows of a shop's list, and of how each case of it was last read (ADR 0022)."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from bot.domain.action import AgreeRefund, Intercept, Negotiate, Refuse, Verb
from bot.domain.case import CaseState
from bot.domain.decision import Reason
from bot.domain.facts import Known, Source
from bot.domain.hand import Instead
from bot.domain.history import UNASKED
from bot.domain.ids import RunId
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus
from bot.ledger import SqlReader
from bot.ports.ledger import Look
from tests.unit.ledger.story import RUN, SHOP, START, Story, decision, key, row, snapshot, story_at, trails
from tests.unit.ledger.test_figures import story_at_again

WHY = Reason(code="hold.strategy", params={"strategy": "s"})


def listed(story: Story) -> set[str]:
    return {case.aftersale_id for case in story.ledger.on_list(SHOP)}


def look(story: Story, number: int = 1) -> Look | None:
    return story.ledger.on_list(SHOP)[key(number)].look


def held(story: Story, *before: Reason) -> None:
    """Listed, read, and held as its decision says."""
    story.ledger.saw(RUN, [row()])
    told = decision(verb=Verb.HOLD).model_copy(update={"plan": None, "reasons": (WHY,)})
    story.ledger.decided(RUN, snapshot(), trails(), UNASKED, told)
    story.ledger.hold(RUN, story.hold().model_copy(update={"reasons": (*before, WHY)}))


def test_a_hold_of_its_own_decision_is_told_with_what_it_was_decided_under(story: Story) -> None:
    held(story)
    told, run = look(story), story.ledger.run(RUN)
    assert told is not None
    assert (told.read_at, told.why) == (decision().decided_at, "hold.strategy")
    assert (told.policy_hash, told.config_hash, told.posture) == (decision().policy_hash, run.config_hash, run.posture)
    known_ = story.ledger.on_list(SHOP)[key()]
    assert (known_.row, known_.amount, known_.verb) == (row(), snapshot().amount, Verb.HOLD)


def test_what_was_decided_last_is_told_and_of_an_unread_case_nothing(story: Story) -> None:
    story.ledger.saw(RUN, [row(), row(2)])
    story.ledger.decided(RUN, snapshot(), trails(), UNASKED, decision(verb=Verb.INTERCEPT))
    assert [one.verb for one in story.ledger.on_list(SHOP).values()] == [Verb.INTERCEPT, None]


def test_a_proposal_is_such_a_hold_with_its_posture_before_it(story: Story) -> None:
    held(story, Reason(code="would.propose"))
    told = look(story)
    assert told is not None
    assert told.why == "would.propose"


def _fails(story: Story) -> None:
    story.ledger.hold(RUN, story.hold().model_copy(update={"reasons": (Reason(code="error.page"),)}))


def _breaks_off(story: Story) -> None:
    story.ledger.conclude(RUN, key(), CaseStatus.WAITING, (Reason(code="run.enough"),))


def _acts(story: Story) -> None:
    story.settle(story.send(action=Intercept(fee=Money(800), waybill="W")), 800, CaseStatus.WAITING)


def _nobody_knows(story: Story) -> None:
    story.ledger.leave_unknown(story.send().id, story.hold().model_copy(update={"reasons": (WHY,)}), story.lease)


def _person(story: Story) -> None:
    story.decide(verb=Verb.HOLD, instead=Instead.ELSEWHERE)


@pytest.mark.parametrize("after", [_fails, _breaks_off, _acts, _nobody_knows, _person])
def test_whatever_else_a_look_ended_in_has_to_be_read_again(story: Story, after: Callable[[Story], None]) -> None:
    held(story)
    after(story)
    assert key() in story.ledger.on_list(SHOP), "it is still there"
    assert look(story) is None


def test_what_was_only_listed_has_no_look(story: Story) -> None:
    story.ledger.saw(RUN, [row()])
    assert look(story) is None


def test_a_whole_list_says_what_has_gone_and_a_part_of_it_does_not(story: Story) -> None:
    story.ledger.saw(RUN, [row(1), row(2)])
    story.ledger.saw(RUN, [row(3)], START, [], whole=False)
    assert listed(story) == {"a1", "a2", "a3"}
    story.ledger.saw(RUN, [row(3)], START, [])
    assert listed(story) == {"a3"}
    story.ledger.saw(RUN, [], START, [])
    assert listed(story) == set()


def test_the_row_is_as_it_was_when_the_case_was_last_worked_on(story: Story) -> None:
    other = row(amount=Money(77))
    story.ledger.saw(RUN, [row()])
    story.ledger.saw(RUN, [other], START, [])
    assert story.ledger.on_list(SHOP)[key()].row == row()
    story.ledger.saw(RUN, [other], START, [key()])
    assert story.ledger.on_list(SHOP)[key()].row == other


@pytest.mark.parametrize(
    ("action", "stays"),
    [
        (AgreeRefund(amount=Money(1_000)), False),
        (Negotiate(amount=Money(300)), False),
        (Intercept(fee=Money(800), waybill="W"), True),
    ],
)
def test_what_we_ended_leaves_the_list_and_what_waits_for_a_courier_stays(
    story: Story, action: AgreeRefund | Negotiate | Intercept | Refuse, *, stays: bool
) -> None:
    story.ledger.saw(RUN, [row()])
    story.judge()
    story.settle(story.send(action=action), 800 if isinstance(action, Intercept) else None)
    assert (listed(story) == {"a1"}) is stays


def test_a_page_that_shows_somebody_elses_turn_takes_the_case_off_the_list(story: Story) -> None:
    story.ledger.saw(RUN, [row(), row(2)])
    closed = snapshot(state=Known[CaseState](value=CaseState.CLOSED, source=Source.SHOP, seen_at=START))
    story.ledger.decided(RUN, closed, {}, UNASKED, decision())
    assert listed(story) == {"a2"}


def test_the_newest_sweep_in_which_cases_may_rest_says_how_many_did(story: Story) -> None:
    assert story.ledger.resting(SHOP) == 0
    for number, summary in enumerate(({"resting": 7}, {"held": 2, "resting": 5}, {"held": 1})):
        run = RunId(f"later-{number}")
        story.ledger.open_run(run, SHOP, "act", "c", "p")
        story.ledger.close_run(run, summary)
    assert story.ledger.resting(SHOP) == 5


def test_a_ledger_of_before_knows_of_no_list_and_is_filled_by_the_next_sweep(tmp_path: Path) -> None:
    old = story_at(tmp_path / "ledger.db")
    held(old)
    old.ledger.close()
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as raw:
        raw.execute("DROP INDEX cases_listed")
        for column in ("listed", "row", "read_at"):
            raw.execute(f"ALTER TABLE cases DROP COLUMN {column}")
        raw.execute("DELETE FROM schema_version WHERE version > 6")
        raw.commit()
    reader: SqlReader = story_at_again(tmp_path)
    assert reader.on_list(SHOP) == {}
    assert reader.counts() == {SHOP: {CaseStatus.HELD: 1}}
    reader.close()
