"""Claims on verdicts at the console: what one person may not do alone, and what is handed to the robot once."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.event import listen

from bot.app import office
from bot.app.calling import MOOT
from bot.domain.action import Verb
from bot.domain.case import Negotiable
from bot.domain.decision import Reason
from bot.domain.ids import CaseKey
from bot.domain.money import Money
from bot.errors import CaseError
from bot.ledger.office import OfficeLedger
from bot.ports.alarms import BY_ITSELF
from bot.ports.notifier import Urgency
from bot.ports.office_views import CaseFilter, Unavailable
from bot.ports.wanted import HandVerdict, Wanted
from tests.unit.app.offices import CHEN, LI, OFF, SAY, TWO, WANG, Told, base, put, text_of, told
from tests.unit.config.homes import spoil
from tests.unit.ledger.story import (
    RUN,
    SHOP,
    START,
    UNASKED,
    CountingIds,
    StandingClock,
    decision,
    row,
    snapshot,
    trails,
)


async def test_what_a_look_showed_goes_to_the_robot_once_and_is_written_down(home: Told) -> None:
    before = home.office.marks()["looks"]
    look = await home.office.look(Wanted(), WANG)
    await asyncio.sleep(0)
    seen = home.office.looked(look)
    assert seen is not None
    assert (seen.state, home.office.marks()["looks"] != before) == ("seen", True)
    assert (await home.office.confirm(look, seen.once, LI)).told.code == "office.look_again"
    assert home.service.asked == []
    for code in ("office.sweep_asked", "office.look_again"):
        assert (await home.office.confirm(look, seen.once, WANG)).told.code == code
        await asyncio.sleep(0)
    assert home.service.asked == [seen.dry and seen.dry.then]
    (did,) = home.office.doings(5)
    assert (did.by, did.facts["did"], did.facts["cases"]) == ("Wang", "asked_sweep", 1)


def lacking(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Whatever is previewed is refused for this reason."""
    whole = office.preview_of

    def refused(*asked: Any) -> Any:
        found = whole(*asked)
        return found and found.model_copy(update={"refused": Reason(code=code)})

    monkeypatch.setattr(office, "preview_of", refused)


def test_a_second_person_who_is_not_there_is_said_before_the_button_is_pressed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with told(tmp_path, "") as home:
        home.held()
        lacking(monkeypatch, "hand.two_above")
        shown = home.office.preview(home.verdict(by="operator"))
        assert shown is not None
        assert (shown.refused and shown.refused.code) == "office.no_second"


@pytest.mark.parametrize(
    ("code", "stays"), [("hand.two_above", False), ("hand.two_to_release", False), ("brake.verb", True)]
)
def test_a_preview_that_only_lacks_the_second_person_is_not_refused(
    home: Told, monkeypatch: pytest.MonkeyPatch, code: str, *, stays: bool
) -> None:
    home.held()
    lacking(monkeypatch, code)
    told = home.office.preview(home.verdict())
    assert told is not None
    assert (told.refused is not None) is stays
    assert home.office.preview(home.verdict(case=CaseKey(platform="taobao", shop_id="s1", aftersale_id="x"))) is None


async def test_a_small_decision_goes_to_the_robot_with_its_case_alone(home: Told) -> None:
    home.held()
    assert await home.decide() == "office.handed_over"
    (wanted,) = home.service.asked
    (verdict,) = wanted.verdicts
    assert verdict.model_copy(update={"decided_at": START}) == home.verdict()
    assert verdict.decided_at > START, "an old one would be refused"
    assert home.story.ledger.handed() == ((home.service.handed[0], verdict),), "whole, before the robot hears of it"


async def test_an_accepted_verdict_is_open_in_the_ledger_until_it_is_answered(home: Told) -> None:
    home.held()
    await home.decide()
    ledger, number = home.story.ledger, home.service.handed[0]
    ledger.answered_hand(number, home.verdict().case)
    assert ledger.handed() == ()
    assert [one.facts["did"] for one in home.office.doings(5)] == ["decided"], "what people did"


async def test_a_case_takes_one_verdict_at_a_time_whatever_the_next_one_says(home: Told) -> None:
    home.held()
    assert await home.decide() == "office.handed_over"
    for verb, person in ((Verb.REFUSE, LI), (Verb.AGREE_REFUND, WANG)):
        refused = await home.office.decide(home.verdict(verb=verb, by=person.name), person)
        assert (refused.kind, refused.told.code) == ("refused", "office.decided_already")
        assert "Wang decided this case already (Agree refund)" in SAY.text(refused.told)
    assert len(home.story.ledger.handed()) == len(home.service.asked) == 1, (
        "nobody is called about a verdict that was not taken"
    )
    home.story.ledger.answered_hand(home.service.handed[0], home.verdict().case)
    assert await home.decide() == "office.handed_over"


async def test_of_two_who_press_at_once_the_ledger_takes_one(home: Told) -> None:
    home.held()
    codes = await asyncio.gather(home.decide(), home.decide(LI, by="Li", verb=Verb.REFUSE))
    assert sorted(codes) == ["office.decided_already", "office.handed_over"]
    assert len(home.story.ledger.handed()) == 1


async def test_a_second_person_is_asked_once_for_a_case_until_they_answered(home: Told) -> None:
    home.held(code="settle.unknown")
    home.held(2, code="settle.unknown")
    assert [await home.decide(number=number) for number in (1, 1, 2)] == [
        "office.asked_second",
        "office.asked_already",
        "office.asked_second",
    ]
    first, _ = home.office.signoffs()
    assert (await home.office.sign(first.id, LI, agrees=True)).told.code == "office.handed_over"
    assert await home.decide() == "office.decided_already"
    (second,) = [one for one in home.office.signoffs() if one.state == "open"]
    await home.office.sign(second.id, LI, agrees=False)
    assert await home.decide(number=2) == "office.asked_second"


def test_what_is_under_way_is_looked_up_by_its_cases_however_much_people_did(home: Told) -> None:
    """A page has a handful of cases; the events that people made only grow."""
    asked: list[str] = []

    def heard(_: Any, __: Any, statement: str, values: tuple[object, ...], *___: Any) -> None:
        if "events.kind = 'office.did'" in statement:
            asked.extend(row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {statement}", values))

    for number in (1, 2):
        home.held(number)
    listen(home.office._reader.engine, "before_cursor_execute", heard)
    with closing(sqlite3.connect(home.home / "ledger.db")) as raw:
        home.office.cases(CaseFilter(), "", 9)
    assert "INDEX events_by_case" in " ".join(asked)
    assert "SCAN" not in " ".join(asked)


async def test_what_is_under_way_stands_on_its_case_and_in_the_lists_until_it_is_answered(home: Told) -> None:
    for number in (1, 2, 3):
        home.held(number, code="settle.unknown" if number == 2 else "test.why")
    for number in (1, 2):
        await home.decide(number=number)

    def shown() -> list[tuple[str, str, str]]:
        rows = home.office.cases(CaseFilter(), "", 9).rows
        files = [home.office.case(row.case) for row in rows]
        assert [file and file.under_way for file in files] == [row.under_way for row in rows]
        ways = [(row.case.aftersale_id, row.under_way) for row in rows]
        return [(case, way.waits_for, way.by) for case, way in ways if way]

    assert shown() == [("a1", "robot", "Wang"), ("a2", "second", "Wang")]
    previews = [home.office.preview(home.verdict(number)) for number in (1, 2, 3)]
    assert [one and one.refused and one.refused.code for one in previews][:2] == [
        "office.decided_already",
        "office.asked_already",
    ]
    home.story.ledger.answered_hand(home.service.handed[0], home.verdict().case)
    await home.office.sign(home.office.signoffs()[0].id, LI, agrees=False)
    assert shown() == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"fingerprint": "another"}, "office.moved"),
        ({"case": CaseKey(**SHOP.model_dump(), aftersale_id="x")}, "office.no_case"),
    ],
)
async def test_what_is_not_what_the_person_saw_is_not_done(home: Told, changes: dict[str, Any], code: str) -> None:
    home.held()
    assert await home.decide(**changes) == code
    assert home.service.asked == []


async def test_a_case_that_is_over_is_not_decided(home: Told) -> None:
    home.story.whole()
    assert await home.decide() == "office.not_open"


async def test_without_a_service_nothing_is_done_and_nothing_written(tmp_path: Path) -> None:
    with told(tmp_path, serves=False) as home:
        home.held()
        head = home.office.head()
        assert await home.decide() == "office.nobody.service"
        assert home.office.head() == head
        assert home.office.next_runs() == Unavailable(part="service")


async def test_above_the_limit_a_second_person_has_to_agree_and_never_the_first(home: Told) -> None:
    big = snapshot(1, amount=Money(2_001))
    home.story.ledger.saw(RUN, [row(1)])
    home.story.ledger.decided(
        RUN, big, trails(), UNASKED, decision(1).model_copy(update={"fingerprint": big.fingerprint})
    )
    home.story.ledger.hold(RUN, home.story.hold(1))
    assert await home.decide(LI, by="Li", fingerprint=big.fingerprint) == "office.asked_second"
    assert home.service.asked == []
    (signoff,) = home.office.signoffs()
    own = await home.office.sign(signoff.id, LI, agrees=True)
    assert (own.kind, own.told.code) == ("refused", "office.own_signoff")
    agreed = await home.office.sign(signoff.id, CHEN, agrees=True)
    await asyncio.sleep(0)
    assert agreed.told.code == "office.handed_over"
    verdict = home.service.asked[0].verdicts[0]
    assert (verdict.by, verdict.approved_by) == ("Li", "Chen")
    again = await home.office.sign(signoff.id, CHEN, agrees=True)
    assert again.told.code == "office.no_signoff"
    assert len(home.service.asked) == 1


def held_large(home: Told) -> str:
    """A case is held whose claim is above the limit of one person; its fingerprint."""
    spoil(home.home / "refundpilot.toml", 'shop_id = "1001"', 'shop_id = "s1"')
    big = snapshot(1, amount=Money(5_000), negotiable=Negotiable(most=Money(4_000), rounds_left=3))
    own = decision(1).model_copy(update={"fingerprint": big.fingerprint})
    home.story.ledger.decided(RUN, big, trails(), UNASKED, own)
    home.story.ledger.hold(RUN, home.story.hold(1))
    return big.fingerprint


@pytest.mark.parametrize(
    ("verb", "told", "code"),
    [
        (Verb.INTERCEPT, {"max_fee": Money(2_000)}, "office.handed_over"),
        (Verb.INTERCEPT, {"max_fee": Money(2_001)}, "office.asked_second"),
        (Verb.NEGOTIATE, {"amount": Money(1_500)}, "office.handed_over"),
        (Verb.NEGOTIATE, {"amount": Money(2_500)}, "office.asked_second"),
        (Verb.AGREE_REFUND, {}, "office.asked_second"),
    ],
)
async def test_what_takes_two_is_what_the_act_costs_and_not_the_claim(
    home: Told, verb: Verb, told: dict[str, Any], code: str
) -> None:
    verdict = home.verdict(verb=verb, fingerprint=held_large(home), **told)
    shown = home.office.preview(verdict)
    assert shown is not None
    assert (shown.refused, shown.needs_two) == (None, code == "office.asked_second")
    assert (await home.office.decide(verdict, WANG)).told.code == code


async def test_a_second_person_agrees_to_what_was_shown_whatever_the_policy_says_by_then(home: Told) -> None:
    """Nobody named a sum: what the page showed is kept with the request, and is what is done."""
    verdict = home.verdict(verb=Verb.AGREE_REFUND, fingerprint=held_large(home))
    shown = home.office.preview(verdict)
    assert (await home.office.decide(verdict, WANG)).told.code == "office.asked_second"
    kept = HandVerdict.model_validate_json(home.office.signoffs()[0].body)
    assert shown is not None
    assert shown.plan is not None
    assert (verdict.amount, kept) == (None, verdict.model_copy(update={"amount": shown.plan.amount}))
    assert kept.amount is not None


async def test_a_second_person_is_not_told_that_what_they_sign_waits_for_itself(home: Told) -> None:
    verdict = home.verdict(verb=Verb.AGREE_REFUND, fingerprint=held_large(home))
    await home.office.decide(verdict, WANG)
    (signoff,) = home.office.signoffs()
    signs, other = home.office.preview(verdict, signoff.id), home.office.preview(verdict)
    assert signs is not None
    assert signs.refused is None
    assert other is not None
    assert other.refused is not None
    assert other.refused.code == "office.asked_already"


async def test_a_hold_of_unknown_outcome_is_released_by_two_whatever_the_sum(home: Told) -> None:
    home.held(code="settle.unknown")
    assert await home.decide(verb=Verb.REFUSE) == "office.asked_second"
    assert home.service.asked == []


async def test_what_needs_two_is_refused_where_there_is_one(tmp_path: Path) -> None:
    alone = '\n[[console.person]]\nname = "Li"\nrole = "approver"\n'
    with told(tmp_path, alone, limit="0.00") as home:
        home.held()
        assert await home.decide(LI, by="Li") == "office.no_second"
        assert home.office.signoffs() == ()


async def test_where_nobody_is_named_all_but_what_takes_two_is_ones_own_and_the_refusal_has_the_cure(
    tmp_path: Path,
) -> None:
    with told(tmp_path, "", limit="9.99") as home:
        (alone,) = home.office.people
        home.office.stop(alone)
        assert home.office.resume(alone).kind == "done"
        assert home.office.save_policy(OFF, base(home), alone, "less", Money(999)).kind == "done"
        assert home.office.switch("two", alone, on=True).kind == "done"
        assert home.office.reorder(("two", "one"), alone).kind == "done"
        home.held()
        answer = await home.office.decide(home.verdict(by=alone.name), alone)
        assert (answer.kind, answer.told.code) == ("refused", "office.no_second")
        words = SAY.text(answer.told)
        assert all(line in words for line in ('role = "approver"', 'second_person_above = "', "¥9.99"))
        assert home.service.asked == []


@pytest.mark.parametrize("why", ["no service", "moved", "over"])
async def test_a_yes_to_what_nobody_can_carry_out_now_is_not_taken_and_can_be_said_later(home: Told, why: str) -> None:
    home.held(code="settle.unknown")
    await home.decide(verb=Verb.REFUSE)
    (signoff,) = home.office.signoffs()
    home.serves = why != "no service"
    if why == "moved":
        fresh = snapshot(1, version="v2", amount=Money(1_001))
        home.story.ledger.decided(
            RUN, fresh, trails(), UNASKED, decision(1).model_copy(update={"fingerprint": fresh.fingerprint})
        )
    elif why == "over":
        home.story.settle(home.story.send(1))
    kinds = {"no service": "office.nobody.service", "moved": "office.moved", "over": "office.not_open"}
    assert (await home.office.sign(signoff.id, LI, agrees=True)).told.code == kinds[why]
    assert home.office.signoffs() == (signoff,)
    assert home.service.asked == []
    home.serves = True
    answer = await home.office.sign(signoff.id, LI, agrees=why == "no service")
    assert answer.told.code == ("office.handed_over" if why == "no service" else "office.declined")


async def test_a_yes_to_a_policy_whose_base_is_gone_is_not_taken(home: Told) -> None:
    home.office.save_policy(TWO, base(home), WANG, "less", Money(0))
    (signoff,) = home.office.signoffs()
    before = text_of(home)
    put(home, OFF)
    assert (await home.office.sign(signoff.id, LI, agrees=True)).told.code == "policy.overtaken"
    assert (home.office.signoffs(), text_of(home)) == ((signoff,), OFF)
    put(home, before)
    assert (await home.office.sign(signoff.id, LI, agrees=True)).kind == "done"
    assert text_of(home) == TWO


async def test_declining_does_nothing(home: Told) -> None:
    home.held(code="settle.unknown")
    await home.decide()
    answer = await home.office.sign(home.office.signoffs()[0].id, LI, agrees=False)
    assert answer.told.code == "office.declined"
    assert home.service.asked == []
    assert home.office.signoffs()[0].state == "declined"


async def test_a_request_is_withdrawn_by_who_made_it_and_nobody_is_called_for_it_any_more(home: Told) -> None:
    home.held(code="settle.unknown")
    assert await home.decide() == "office.asked_second"
    (asked,) = home.office.signoffs()
    assert home.office.withdraw(asked.id, LI).told.code == "office.others_signoff"
    assert home.office.withdraw(asked.id, WANG).told.code == "office.withdrawn"
    assert [one.state for one in home.office.signoffs()] == ["withdrawn"]
    assert [one.acknowledged_by for one in home.office.alarms(9)] == [BY_ITSELF]
    assert (await home.office.sign(asked.id, LI, agrees=True)).told.code == "office.no_signoff"
    assert home.office.withdraw(asked.id, WANG).told.code == "office.no_signoff"
    assert home.service.asked == []
    assert await home.decide() == "office.asked_second", "another decision may be asked for at once"
    assert home.office.audit(None).ok


async def test_a_second_person_is_called_once_a_request_and_the_call_ends_with_their_word(home: Told) -> None:
    for number in (1, 2):
        home.held(number, code="settle.unknown")
        seen = snapshot(number)
        await home.decide(case=seen.key, fingerprint=seen.fingerprint)
    waiting = {one.case_id: one for one in home.office.alarms(9)}
    assert {(one.reason.code, one.urgency, one.amount) for one in waiting.values()} == {
        ("signoff.verdict", Urgency.WARN, Money(1_000))
    }
    assert set(waiting) == {"a1", "a2"}
    assert "Wang decided something" in SAY.text(waiting["a1"].reason)
    deadline = snapshot(1).deadline
    assert waiting["a1"].deadline == (deadline and deadline.at)
    assert home.office.day().asked == ("Wang", "Wang")
    first = next(one for one in home.office.signoffs() if one.about.endswith("a1"))
    await home.office.sign(first.id, LI, agrees=False)
    assert {one.case_id: one.acknowledged_by for one in home.office.alarms(9)} == {"a1": BY_ITSELF, "a2": ""}
    assert home.office.day().asked == ("Wang",)


async def test_a_yes_ends_the_call_too(home: Told) -> None:
    home.held(code="settle.unknown")
    await home.decide()
    await home.office.sign(home.office.signoffs()[0].id, LI, agrees=True)
    assert [one.acknowledged_by for one in home.office.alarms(9)] == [BY_ITSELF]


async def test_a_call_for_a_second_person_ends_with_its_case(home: Told) -> None:
    home.held(code="settle.unknown")
    await home.decide()
    standings, after = MOOT["signoff.verdict"]
    ledger, now = home.story.ledger, home.office.now()
    assert ledger.close_moot("signoff.verdict", standings, now - after) == ()
    home.story.settle(home.story.send(1))
    assert len(ledger.close_moot("signoff.verdict", standings, now - after)) == 1


async def test_the_cases_own_story_has_who_was_asked_and_what_they_said(home: Told) -> None:
    home.held(code="settle.unknown")
    await home.decide()
    await home.office.sign(home.office.signoffs()[0].id, LI, agrees=False)
    file = home.office.case(home.verdict().case)
    assert file is not None
    assert [(one.facts["did"], one.by) for one in file.events if one.kind == "office.did"] == [
        ("asked", "Wang"), ("declined", "Li"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["Li", "li", " L i", "ＬＩ"])
def test_the_ledger_itself_refuses_ones_own_word_in_any_spelling(tmp_path: Path, name: str) -> None:
    ledger = OfficeLedger(tmp_path / "l.db", StandingClock(), CountingIds())
    id_ = ledger.ask("verdict", "x", "{}", "Li", "why")
    with pytest.raises(CaseError):
        ledger.answer(id_, name, agrees=True)
    ledger.close()
