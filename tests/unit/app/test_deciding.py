"""Claims on what a verdict would do, and on which shops a sweep with verdicts goes to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.app.deciding import preview
from bot.app.sweeping import shops_of
from bot.config import Home, load_home
from bot.config.sandbox import read_sandbox
from bot.config.scaffold import write_home
from bot.domain.action import Verb
from bot.domain.history import UNASKED
from bot.domain.ids import RunId, ShopKey
from bot.domain.money import Money
from bot.errors import ConfigError
from bot.ledger import SqlLedger
from bot.ports.deciding import HandAsk, HandWord
from bot.ports.wanted import HandVerdict, Wanted
from tests.unit.config.homes import SHEET
from tests.unit.ledger.story import START, CountingIds, StandingClock, decision, key, snapshot

SHOP = ShopKey(platform="taobao", shop_id="1001")
CASE = key(1, SHOP)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    write_home(tmp_path / "home", read_sandbox(SHEET))
    return load_home(tmp_path / "home")


@pytest.fixture
def ledger() -> Iterator[SqlLedger]:
    """One case that was looked at."""
    made = SqlLedger(":memory:", StandingClock(), CountingIds())
    run = RunId("run-1")
    made.open_run(run, SHOP, "observe", "c", "p")
    made.decided(run, snapshot(key=CASE), {}, UNASKED, decision().model_copy(update={"case": CASE}))
    yield made
    made.close()


def ask(word: HandWord = HandWord.AGREE, **told: Any) -> HandAsk:
    return HandAsk(**({"case": CASE.aftersale_id, "word": word, "by": "Li", "why": "regular"} | told))


def test_the_preview_says_verb_amount_and_the_version_that_was_seen(home: Home, ledger: SqlLedger) -> None:
    shown = preview(ledger, home, ask(), START)
    assert (shown.refused, shown.claim, shown.needs_two) == (None, Money(1_000), False)
    assert shown.plan is not None
    assert shown.plan.amount == Money(1_000)
    assert (shown.verdict.verb, shown.verdict.fingerprint) == (Verb.AGREE_REFUND, snapshot(key=CASE).fingerprint)


def test_the_preview_tells_what_is_left_of_the_days_budgets(home: Home, ledger: SqlLedger) -> None:
    limits = home.settings.limits.model_copy(update={"shop_day": Money(5_000), "buyer_day": Money(900)})
    shown = preview(ledger, _with(home, limits=limits), ask(), START)
    assert [(one.kind, one.left, one.after) for one in shown.budgets] == [
        ("shop", Money(5_000), Money(4_000)), ("buyer", Money(900), Money(-100)),
    ]  # fmt: skip
    assert preview(ledger, home, ask(HandWord.HOLD), START).budgets == ()


def limited(home: Home, above: Money | None) -> Home:
    limits = home.settings.limits.model_copy(update={"second_person_above": above})
    return _with(home, limits=limits)


def _with(home: Home, **settings: Any) -> Home:
    return replace(home, settings=home.settings.model_copy(update=settings))


def test_above_the_limit_it_asks_for_a_second_person(home: Home, ledger: SqlLedger) -> None:
    shown = preview(ledger, limited(home, Money(999)), ask(), START)
    assert shown.refused is not None
    assert (shown.refused.code, shown.needs_two) == ("hand.two_above", True)
    assert preview(ledger, limited(home, Money(999)), ask(approved_by="Wang"), START).refused is None
    assert preview(ledger, limited(home, None), ask(), START).refused is None


def test_a_verb_off_the_shops_list_is_refused_at_once(home: Home, ledger: SqlLedger) -> None:
    (shop,) = home.settings.shop
    few = _with(home, shop=(shop.model_copy(update={"verbs": (Verb.REFUSE,)}),))
    shown = preview(ledger, few, ask(), START)
    assert shown.refused is not None
    assert shown.refused.code == "brake.verb"


def test_without_a_name_or_a_why_nothing_is_decided(home: Home, ledger: SqlLedger) -> None:
    for told in ({"why": " "}, {"by": "-"}):
        with pytest.raises(ConfigError) as wrong:
            preview(ledger, home, ask(**told), START)
        assert wrong.value.reason_code == "decide.bad"
        assert wrong.value.target in told


def verdict(**told: Any) -> HandVerdict:
    given = {"case": CASE, "verb": Verb.AGREE_REFUND, "fingerprint": "f", "by": "Li", "why": "w", "decided_at": START}
    return HandVerdict(**(given | told))


def test_a_sweep_with_verdicts_goes_to_the_shops_of_their_cases(home: Home) -> None:
    assert [shop.key for shop in shops_of(home, Wanted(verdicts=(verdict(),)))] == [SHOP]
    with pytest.raises(ConfigError) as lost:
        shops_of(home, Wanted(verdicts=(verdict(case=key(1)),)))
    assert lost.value.reason_code == "config.no_such_shop"


def test_two_verdicts_on_one_case_are_refused(home: Home) -> None:
    with pytest.raises(ConfigError) as twice:
        shops_of(home, Wanted(verdicts=(verdict(), verdict(verb=Verb.REFUSE))))
    assert twice.value.reason_code == "hand.twice"
