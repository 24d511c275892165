"""Claims on the office over a home: what one person may not do alone, what is handed to the robot, what is written down, lists by keyset."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.app import office
from bot.app.office import HomeOffice, open_office
from bot.app.office_acts import Acts
from bot.catalogue import Catalogue, Language
from bot.config import load_home
from bot.config.lastgood import keep_last_good
from bot.console.tray import face_of
from bot.domain.action import Verb
from bot.domain.decision import Reason
from bot.domain.ids import CaseKey, ShopKey
from bot.domain.money import Money
from bot.domain.outcome import CaseStatus, Hold
from bot.engine.policy import Policy
from bot.errors import CaseError, PageError, Stopped
from bot.ledger import SqlLedger
from bot.ledger.chain import Anchor
from bot.ledger.office import OfficeLedger, OfficeReader
from bot.ports.alarms import Subject
from bot.ports.clock import Clock
from bot.ports.exits import ExitCode
from bot.ports.notifier import Alarm, Urgency
from bot.ports.office_views import Answer, CaseFilter, Person, Role, Unavailable
from bot.ports.results import DryRun, SweepResult
from bot.ports.tray import Tone
from bot.ports.wanted import HandVerdict, Pick, Wanted
from tests.unit.config.homes import spoil, trial_home
from tests.unit.ledger.story import (
    RUN,
    SHOP,
    START,
    UNASKED,
    CountingIds,
    StandingClock,
    Story,
    decision,
    row,
    snapshot,
    story_at,
    trails,
)

SAY = Catalogue("en")
LI, WANG = Person(name="Li", role=Role.APPROVER), Person(name="Wang", role=Role.OPERATOR)
CHEN = Person(name="Chen", role=Role.APPROVER)
PEOPLE = """
[[console.person]]
name = "Li"
role = "approver"
[[console.person]]
name = "Chen"
role = "approver"
[[console.person]]
name = "Wang"
"""
TWO = """
name = "two"
[[strategy]]
id = "one"
name = "一 / one"
verb = "hold"
[strategy.when]
amount_over = "500.00"
[[strategy]]
id = "two"
name = "二 / two"
verb = "agree_refund"
active = true
autonomy = "granted"
max_amount = "10.00"
[strategy.when]
type = ["refund_unshipped"]
"""
"""Two strategies, one of which acts."""


@dataclass
class Service:
    """Takes errands."""

    asked: list[Wanted] = field(default_factory=list)
    handed: list[int] = field(default_factory=list)
    alarms: list[Reason] = field(default_factory=list)
    fails: Exception | None = None
    ended: list[ShopKey] = field(default_factory=list)

    async def ask(self, wanted: Wanted) -> SweepResult:
        self.asked.append(wanted)
        if self.fails:
            raise self.fails
        return SweepResult(run_id="r", shops=(), report="", exit_code=ExitCode.DONE)

    def hand_over(self, number: int, verdict: HandVerdict) -> None:
        self.handed.append(number)
        self.asked.append(Wanted(verdicts=(verdict,)))

    def tell(self, reason: Reason) -> None:
        self.alarms.append(reason)

    def end_sign_in(self, shop: ShopKey) -> None:
        self.ended.append(shop)

    async def look(self, wanted: Wanted) -> DryRun:
        swept = SweepResult(run_id="r", shops=(), report="", exit_code=ExitCode.DONE)
        then = Wanted(pick=Pick(ids=frozenset({"taobao/s1/1"})))
        return DryRun(sweep=swept, would=(), then=then, exit_code=ExitCode.DONE)

    def next_runs(self) -> tuple[Any, ...]:
        return ()

    def service(self) -> Any:
        raise NotImplementedError

    def sessions(self) -> tuple[Any, ...]:
        return ()


@dataclass
class Told:
    """An office, its service, and the story that its ledger tells."""

    office: HomeOffice
    service: Service
    story: Story
    home: Path

    @property
    def serves(self) -> bool:
        return self.office._acts._errands is not None

    @serves.setter
    def serves(self, there: bool) -> None:
        self.office._acts._errands = self.service if there else None

    def verdict(self, number: int = 1, **changes: Any) -> HandVerdict:
        seen = snapshot(number)
        base: dict[str, Any] = {
            "case": seen.key,
            "verb": Verb.AGREE_REFUND,
            "fingerprint": seen.fingerprint,
            "by": "Wang",
            "why": "the buyer is right",
            "decided_at": START,
        }
        return HandVerdict(**(base | changes))

    async def decide(self, person: Person = WANG, **changes: Any) -> str:
        answer = await self.office.decide(self.verdict(**changes), person)
        await asyncio.sleep(0)
        return answer.told.code

    def held(self, number: int = 1, code: str = "test.why", **changes: Any) -> None:
        self.story.judge(number)
        hold = Hold(case=snapshot(number).key, reasons=(Reason(code=code),), owner="ops", deadline=START, **changes)
        self.story.ledger.hold(RUN, hold)


@contextmanager
def told(
    tmp_path: Path, people: str = PEOPLE, *, limit: str = "20.00", serves: bool = True, clock: Clock | None = None
) -> Iterator[Told]:
    home = trial_home(tmp_path / "home")
    spoil(home / "refundpilot.toml", "[console]\n", "")
    spoil(home / "refundpilot.toml", "\nport = 0\n", "\n")
    spoil(home / "refundpilot.toml", 'second_person_above = "1000.00"', f'second_person_above = "{limit}"')
    spoil(home / "refundpilot.toml", "[browser]", f"{people}\n[browser]")
    story, service = story_at(home / "ledger.db"), Service()
    with open_office(load_home(home, with_logins=False), service if serves else None, clock) as office:
        yield Told(office, service, story, home)
    story.ledger.close()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Told]:
    with told(tmp_path) as made:
        yield made


@pytest.mark.parametrize(
    ("error", "told"), [(PageError("the list is gone"), ["office.errand_failed"]), (Stopped("the kill switch"), [])]
)
async def test_an_errand_that_fails_is_an_alarm_unless_somebody_stopped_it(
    home: Told, error: Exception, told: list[str]
) -> None:
    home.service.fails = error
    assert (await home.office.sweep(Wanted(), WANG)).told.code == "office.sweep_asked"
    await asyncio.sleep(0)
    assert [one.code for one in home.service.alarms] == told
    assert all("Wang" in SAY.text(one) for one in home.service.alarms)


def test_who_ended_a_sign_in_is_written_down_and_only_a_running_service_can(tmp_path: Path, home: Told) -> None:
    shop = snapshot(1).key.shop
    assert home.office.end_sign_in(shop, WANG).told.code == "office.sign_in_ended"
    assert home.service.ended == [shop]
    assert [(one.by, one.facts["did"]) for one in home.office.doings(5)] == [("Wang", "ended_sign_in")]
    with told(tmp_path / "alone", serves=False) as alone:
        assert alone.office.end_sign_in(shop, WANG).kind == "unavailable"
        assert alone.office.doings(5) == ()


@pytest.mark.parametrize(("anew", "did"), [(True, "asked_sign_in"), (False, "asked_check")])
async def test_a_shop_is_entered_at_once_without_a_case_being_touched(
    tmp_path: Path, home: Told, did: str, *, anew: bool
) -> None:
    assert (await home.office.enter(SHOP, WANG, anew=anew)).kind == "done"
    await asyncio.sleep(0)
    assert home.service.asked == [Wanted(shop=SHOP, posture="observe", pick=Pick(ids=frozenset()))]
    assert home.service.ended == ([SHOP] if anew else [])
    assert [(one.by, one.facts["did"]) for one in home.office.doings(5)] == [("Wang", did)]
    home.office.stop(WANG)
    assert (await home.office.enter(SHOP, WANG, anew=anew)).told.code == "brake.kill"
    assert len(home.service.asked) == 1
    with told(tmp_path / "alone", serves=False) as alone:
        assert (await alone.office.enter(SHOP, WANG, anew=anew)).kind == "unavailable"


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
    assert (await home.office.sign(signoff.id, LI, agrees=True)).told.code == "policy.edited"
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


@pytest.mark.parametrize("name", ["Li", "li", " L i", "ＬＩ"])
def test_the_ledger_itself_refuses_ones_own_word_in_any_spelling(tmp_path: Path, name: str) -> None:
    ledger = OfficeLedger(tmp_path / "l.db", StandingClock(), CountingIds())
    id_ = ledger.ask("verdict", "x", "{}", "Li", "why")
    with pytest.raises(CaseError):
        ledger.answer(id_, name, agrees=True)
    ledger.close()


def base(home: Told) -> str:
    return home.office.policy().hash


def test_a_policy_is_written_whole_kept_and_named_with_its_author(home: Told) -> None:
    answer = home.office.save_policy(TWO, base(home), LI, "less", Money(2_000))
    assert answer.kind == "done"
    assert (home.home / "policy.toml").read_text(encoding="utf-8") == TWO
    assert home.office.policy().name == "two"
    assert [one.current for one in home.office.versions()] == [True]
    assert home.office.version_text(base(home)) == TWO
    assert (home.office.doings(5)[0].by, home.office.doings(5)[0].why) == ("Li", "less")


def test_a_policy_that_somebody_else_changed_meanwhile_is_not_overwritten(home: Told) -> None:
    before = base(home)
    (home.home / "policy.toml").write_text(TWO, encoding="utf-8")
    answer = home.office.save_policy(TWO.replace("10.00", "9.00"), before, LI, "less", Money(0))
    assert (answer.kind, answer.told.code) == ("refused", "policy.edited")
    assert (home.home / "policy.toml").read_text(encoding="utf-8") == TWO


@pytest.mark.parametrize(("person", "moved"), [(WANG, Money(0)), (LI, Money(2_001))])
async def test_an_operators_policy_or_one_that_pays_more_than_the_limit_takes_two(
    home: Told, person: Person, moved: Money
) -> None:
    before = (home.home / "policy.toml").read_text(encoding="utf-8")
    assert home.office.save_policy(TWO, base(home), person, "less", moved).kind == "asked"
    assert (home.home / "policy.toml").read_text(encoding="utf-8") == before
    answer = await home.office.sign(home.office.signoffs()[0].id, CHEN, agrees=True)
    assert answer.kind == "done"
    assert (home.home / "policy.toml").read_text(encoding="utf-8") == TWO


def test_what_is_no_policy_is_told_by_line_and_never_written(home: Told) -> None:
    broken = TWO.replace("refund_unshipped", "refund_unshiped")
    check = home.office.check(broken, SAY)
    assert not check.whole
    assert check.findings[0].line == broken.splitlines().index('type = ["refund_unshiped"]') + 1
    assert home.office.save_policy(broken, base(home), LI, "why", Money(0)).kind == "refused"


def test_a_rehearsal_writes_nothing_and_tells_what_would_have_been_paid(home: Told) -> None:
    home.story.judge(1)
    before = (home.home / "policy.toml").read_text(encoding="utf-8")
    head = home.office.head()
    trial = home.office.rehearse(TWO, 10_000, SAY)
    assert trial.rehearsal is not None
    assert trial.rehearsal.decisions == 1
    assert ((home.home / "policy.toml").read_text(encoding="utf-8"), home.office.head()) == (before, head)


@pytest.fixture
def then(tmp_path: Path) -> Iterator[Told]:
    """A home at the story's own time: what is rehearsed has a past."""
    with told(tmp_path, clock=StandingClock()) as made:
        yield made


def text_of(home: Told) -> str:
    return (home.home / "policy.toml").read_text(encoding="utf-8")


def put(home: Told, text: str) -> None:
    (home.home / "policy.toml").write_text(text, encoding="utf-8")


OFF = TWO.replace("active = true", "active = false")
FREED = TWO.replace('amount_over = "500.00"', 'amount_over = "5.00"')
"""The hold bars what the second strategy would pay."""
CHANGES = [
    (OFF, lambda office: office.switch("two", LI, on=True), "two: active = true"),
    (FREED, lambda office: office.switch("one", LI, on=False), "one: active = false"),
    (TWO, lambda office: office.reorder(("two", "one"), LI), "two > one"),
]


def test_a_strategy_is_switched_and_the_order_changed_by_the_safe_way(then: Told) -> None:
    then.story.judge(1)
    put(then, TWO)
    assert then.office.switch("two", LI, on=False).told.code == "office.switched_off"
    assert [one.on for one in then.office.policy().strategies] == [True, False]
    then.office.switch("two", LI, on=True)
    answer = then.office.reorder(("two", "one"), LI)
    assert (answer.told.code, answer.told.params) == ("office.reordered", {"steps": "3"})
    assert [one.id for one in then.office.policy().strategies] == ["two", "one"]
    assert then.office.reorder(("two", "nobody"), LI).kind == "refused"
    assert [one.facts["did"] for one in then.office.doings(3)] == ["reordered", "switched", "switched"]
    assert then.office.version_text(base(then)) == text_of(then)


@pytest.mark.parametrize(("text", "change", "about"), CHANGES[:2])
async def test_a_switch_that_pays_more_than_the_limit_takes_two_as_saving_it_would(
    tmp_path: Path, text: str, change: Callable[[HomeOffice], Answer], about: str
) -> None:
    with told(tmp_path, limit="9.99", clock=StandingClock()) as then:
        then.story.judge(1, Verb.HOLD, amount=None)
        put(then, text)
        assert change(then.office).kind == "asked"
        assert text_of(then) == text
        (signoff,) = then.office.signoffs()
        assert signoff.about == about
        assert (await then.office.sign(signoff.id, CHEN, agrees=True)).kind == "done"
        assert about.partition(": ")[2] in text_of(then)


@pytest.mark.parametrize(("text", "change", "about"), CHANGES)
def test_what_cannot_be_rehearsed_takes_two_where_there_are_two(
    home: Told, text: str, change: Callable[[HomeOffice], Answer], about: str
) -> None:
    put(home, text)
    assert change(home.office).kind == "asked"
    assert (text_of(home), home.office.signoffs()[0].about) == (text, about)
    assert home.office.save_policy(TWO, base(home), LI, "less", None).kind == "asked"
    assert home.office.switch("two", LI, on=False).kind == "done", "doing less is always one person's"


@pytest.mark.parametrize(("text", "change", "about"), CHANGES)
def test_what_cannot_be_rehearsed_is_one_persons_where_there_is_one_or_no_limit(
    tmp_path: Path, text: str, change: Callable[[HomeOffice], Answer], about: str
) -> None:
    alone = '\n[[console.person]]\nname = "Li"\nrole = "approver"\n'
    for place, people, limit in (("one", alone, "20.00"), ("any", PEOPLE, "")):
        with told(tmp_path / place, people, limit=limit) as home:
            put(home, text)
            assert change(home.office).kind == "done", about
            assert home.office.save_policy(TWO, base(home), LI, "less", None).kind == "done"


def test_a_hold_is_not_an_operators_to_switch_off_alone(then: Told) -> None:
    then.story.judge(1)
    put(then, TWO)
    assert then.office.switch("one", WANG, on=False).kind == "asked"
    assert then.office.switch("two", WANG, on=False).kind == "done"


def test_two_who_switch_off_at_once_both_have_their_way(then: Told) -> None:
    put(then, TWO + TWO[TWO.index('[[strategy]]\nid = "two"') :].replace('"two"', '"three"'))
    with ThreadPoolExecutor(4) as at_once:
        for _ in range(5):
            put(then, text_of(then).replace("active = false", "active = true"))
            told = list(at_once.map(lambda one: then.office.switch(one, LI, on=False).kind, ("two", "three")))
            assert told == ["done", "done"]
            assert text_of(then).count("active = false") == 2


def test_stopping_and_going_on_are_written_down_once(home: Told) -> None:
    assert home.office.stop(WANG).told.code == "office.stopped"
    assert home.office.stop(WANG).told.code == "office.was_stopped"
    assert home.office.stopped()
    home.office.resume(LI)
    assert not home.office.stopped()
    assert [one.facts["did"] for one in home.office.doings(9)] == ["resumed", "stopped"]


def test_stopping_works_where_the_ledger_cannot_be_written(home: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise CaseError("no disk")

    acts = home.office._acts
    assert isinstance(acts, Acts)
    monkeypatch.setattr(acts._ledger, "did", broken)
    with pytest.raises(CaseError):
        home.office.stop(WANG)
    assert home.office.stopped()


def test_a_look_at_a_buyers_data_is_in_the_chain_without_anybodys_name(home: Told) -> None:
    home.story.judge(1)
    home.office.unmask(snapshot(1).key, WANG, "the buyer calls")
    file = home.office.case(snapshot(1).key)
    assert file is not None
    looked = file.events[-1]
    assert (looked.kind, looked.by, looked.why) == ("office.did", "Wang", "the buyer calls")
    assert "Wang" not in str(looked.facts)


async def test_the_audit_holds_after_all_that_people_do(home: Told) -> None:
    home.held()
    home.held(2, code="settle.unknown")
    await home.decide()
    await home.decide(number=2)
    home.office.unmask(snapshot(1).key, WANG, "why")
    home.office.stop(WANG)
    home.office.resume(LI)
    home.office.save_policy(TWO, base(home), LI, "less", Money(0))
    home.story.ledger.set_breaker(SHOP, "odd amounts")
    assert home.office.close_breaker(SHOP, WANG).told.code == "office.breaker_closed"
    seq, head = home.office.head()
    view = home.office.audit((seq, head))
    assert [name for name, breaches in view.checks if breaches] == []
    assert home.office.audit((seq, "0" * 64)).ok is False
    assert Anchor(seq, head) == home.story.ledger.head()


def test_pages_of_a_list_have_each_case_once_also_where_deadlines_are_the_same_or_missing(tmp_path: Path) -> None:
    story = story_at(tmp_path / "l.db")
    deadlines = [START + timedelta(hours=n % 3) if n % 4 else None for n in range(40)]
    story.ledger.saw(RUN, [row(n, deadline_at=deadlines[n], amount=Money(100 * n)) for n in range(40)])
    reader = OfficeReader(tmp_path / "l.db")
    seen, after = [], ""
    while True:
        page = reader.page(CaseFilter(), after, 7)
        seen += page.rows
        if not (after := page.following):
            break
    assert len(seen) == len({one.case for one in seen}) == 40
    known = [one.deadline for one in seen if one.deadline]
    assert known == sorted(known)
    assert all(one.deadline is None for one in seen[len(known) :])
    assert reader.total(CaseFilter(least=Money(1_000), most=Money(1_200))) == (3, Money(3_300))
    assert reader.page(CaseFilter(), "no cursor of ours", 7).rows == tuple(seen[:7])
    assert reader.page(CaseFilter(text="o7"), "", 7).rows == tuple(one for one in seen if one.order_id == "o7")
    reader.close()
    story.ledger.close()


def test_proposals_unknown_outcomes_and_other_holds_are_told_apart(home: Told) -> None:
    for number, code in enumerate(
        ("would.propose", "would.earning", "settle.unknown", "error.page.unreadable"), start=1
    ):
        home.held(number, code)
    day = home.office.day()
    assert (day.proposals, day.unknown, day.holds) == (2, 1, 1)
    assert (day.at_risk, day.at_risk_cases) == (Money(4_000), 4)
    shown = home.office.cases(CaseFilter(status=CaseStatus.HELD, proposals=True), "", 9)
    assert ([one.case.aftersale_id for one in shown.rows], shown.total) == (["a1", "a2"], 2)


def test_every_open_case_is_on_the_timeline_and_what_has_run_out_does_not_crowd_it(
    then: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office, "DUE", 3)
    hours = {1: 5, 2: 1, 3: -1, 4: -2, 5: 2, 6: 9, 7: 1, 8: -3, 9: -4}
    then.story.ledger.saw(RUN, [row(n, deadline_at=START + timedelta(hours=h)) for n, h in hours.items()])
    then.story.ledger.hold(RUN, then.story.hold(5))
    then.story.settle(then.story.send(7))
    day = then.office.day()
    told = [(one.case.aftersale_id, one.status) for one in day.due]
    assert told == [("a2", CaseStatus.SEEN), ("a5", CaseStatus.HELD), ("a1", CaseStatus.SEEN)]
    assert ([one.case.aftersale_id for one in day.overdue], day.overdue_cases) == (["a3", "a4", "a8"], 4)
    monkeypatch.setattr(type(then.office), "now", lambda _: START + timedelta(hours=1, minutes=1))
    assert [one.case.aftersale_id for one in then.office.day().due] == ["a5", "a1", "a6"], (
        "it passes while nothing happens"
    )


def test_an_older_ledger_gets_the_new_table(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    SqlLedger(path, StandingClock(), CountingIds()).close()
    with sqlite3.connect(path) as raw:
        raw.execute("DROP TABLE signoffs")
        raw.execute("DROP INDEX cases_in_turn")
        raw.execute("DROP INDEX events_by_hand")
        raw.execute("DELETE FROM schema_version WHERE version >= 6")
    ledger = OfficeLedger(path, StandingClock(), CountingIds())
    assert ledger.ask("verdict", "x", "{}", "Li", "why")
    ledger.close()


def test_a_changed_settings_file_shows_at_once_and_a_broken_one_changes_nothing(home: Told) -> None:
    assert [one.name for one in home.office.people] == ["Li", "Chen", "Wang"]
    settings = home.home / "refundpilot.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace('name = "Chen"', 'name = "Chang"'), encoding="utf-8")
    assert [one.name for one in home.office.people] == ["Li", "Chang", "Wang"]
    settings.write_text("nonsense", encoding="utf-8")
    assert [one.name for one in home.office.people] == ["Li", "Chang", "Wang"]
    assert isinstance(home.office.rules(), Policy)


def test_no_open_alarm_falls_off_the_page_and_the_most_pressing_stands_first(then: Told) -> None:
    ledger = then.story.ledger

    def raised(key: str, urgency: Urgency, **more: Any) -> None:
        alarm = Alarm(urgency=urgency, shop=SHOP, reason=Reason(code=f"test.{key}"), case_id=key, **more)
        assert ledger.raise_alarm(alarm, Subject(key, timedelta()))

    raised("breaker", Urgency.CALL)
    raised("near", Urgency.CALL, amount=Money(900), deadline=START + timedelta(hours=1))
    for number in range(6):
        raised(f"risk{number}", Urgency.WARN)
    raised("answered", Urgency.CALL)
    raised("late", Urgency.WARN)
    ledger.acknowledge_alarms(9, "Wang")
    for limit, lines in ((5, 9), (10, 10)):
        shown = then.office.alarms(limit)
        assert len(shown) == lines
        assert [one.case_id for one in shown[:3]] == ["near", "breaker", "risk0"]
    assert (shown[0].amount, shown[0].deadline) == (Money(900), START + timedelta(hours=1))
    assert shown[-1].acknowledged_by == "Wang"


def test_the_posture_that_is_shown_is_the_one_that_the_schedule_has_now(tmp_path: Path) -> None:
    clock = StandingClock(START.replace(hour=22, minute=59))
    with told(tmp_path, clock=clock) as home:
        night = '[schedule.off_hours]\nbegin = "23:00"\nend = "07:00"\nposture = "act"\n'
        spoil(home.home / "refundpilot.toml", "[browser]", f"{night}\n[browser]")
        case = CaseKey(**home.office.settings.shop[0].key.model_dump(), aftersale_id="a1")
        home.story.ledger.saw(RUN, [row(1, key=case)])

        def shown() -> tuple[str, str, str, Tone, str]:
            (shop,), file = home.office.shops(), home.office.case(case)
            assert file is not None
            return shop.posture, shop.usual, shop.season, face_of(home.office, SAY).tone, file.posture

        assert shown() == ("observe", "", "usual", Tone.LOOKING, "observe")
        mark = home.office.marks()["policy"]
        clock.pass_s(60)
        assert shown() == ("act", "observe", "off_hours", Tone.ACTING, "act")
        assert home.office.marks()["policy"] != mark, "a page that is left open is told"


@pytest.mark.parametrize("file", ["refundpilot.toml", "policy.toml"])
def test_a_file_that_could_not_be_read_for_a_moment_is_read_a_moment_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    clock, whole = StandingClock(), Path.read_text

    def held(self: Path, *how: Any, **named: Any) -> str:
        if self.name == file:
            raise PermissionError(13, "open in another program", str(self))
        return whole(self, *how, **named)

    with told(tmp_path, clock=clock) as home:

        def shown() -> tuple[str, str]:
            return home.office.people[1].name, home.office.rules().name

        before = shown()
        keep_last_good(home.office.files.last_good, text_of(home))
        spoil(home.home / "refundpilot.toml", 'name = "Chen"', 'name = "Chang"')
        put(home, TWO)
        with monkeypatch.context() as busy:
            busy.setattr(Path, "read_text", held)
            assert shown() != ("Chang", "two")
        clock.pass_s(2)
        assert (before[0], shown()) == ("Chen", ("Chang", "two"))


async def test_what_runs_out_is_drawn_by_the_shops_own_clock(home: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    say = Catalogue(Language.EN)
    home.held()
    (before,) = home.office.plots(say)
    monkeypatch.setattr(type(home.office), "now", lambda _: START - timedelta(hours=2))
    (then,) = home.office.plots(say)
    empty = say.text_of("daily.plot.empty")
    assert then.count(empty) == before.count(empty) - 1
