"""Claims on the policy at the console: written whole, rehearsed, switched and reordered, and where it takes two."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.app.calling import EVERYWHERE
from bot.app.office import HomeOffice
from bot.domain.action import Verb
from bot.domain.money import Money
from bot.ports.alarms import BY_ITSELF
from bot.ports.office_views import Answer, Person
from tests.unit.app.offices import CHEN, LI, OFF, PEOPLE, SAY, TWO, WANG, Told, base, put, text_of, told
from tests.unit.ledger.story import StandingClock


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
    assert (answer.kind, answer.told.code) == ("refused", "policy.overtaken")
    assert (home.home / "policy.toml").read_text(encoding="utf-8") == TWO


@pytest.mark.parametrize(("person", "moved"), [(WANG, Money(0)), (LI, Money(2_001))])
async def test_an_operators_policy_or_one_that_pays_more_than_the_limit_takes_two(
    home: Told, person: Person, moved: Money
) -> None:
    before = (home.home / "policy.toml").read_text(encoding="utf-8")
    assert home.office.save_policy(TWO, base(home), person, "less", moved).kind == "asked"
    assert (home.home / "policy.toml").read_text(encoding="utf-8") == before
    assert json.loads(home.office.signoffs()[0].body)["moved"] == moved.fen, "for whoever signs it"
    (called,) = home.office.alarms(9)
    assert (called.reason.code, called.shop, called.acknowledged_by) == ("signoff.policy", EVERYWHERE, "")
    answer = await home.office.sign(home.office.signoffs()[0].id, CHEN, agrees=True)
    assert answer.kind == "done"
    assert (home.home / "policy.toml").read_text(encoding="utf-8") == TWO
    assert home.office.alarms(9)[0].acknowledged_by == BY_ITSELF


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
