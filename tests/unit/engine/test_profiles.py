"""Claims on platforms' own rules: data with a source, boundaries on the right side, unknown where nobody can know."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from bot.domain.action import Verb
from bot.domain.case import AftersaleType, CaseState, Deadline, TimeoutAction
from bot.domain.facts import Known, Source, Unknown
from bot.domain.figures import Figures, read_percent
from bot.domain.history import UNASKED
from bot.domain.ids import CaseKey
from bot.engine.decide import judge
from bot.engine.facts import Facts, gather
from bot.engine.parameters import Parameters
from bot.engine.profiles import Lean, profiles, read_profiles
from tests.unit.engine.builders import NOW, Situation, odd, shop, unshipped
from tests.unit.engine.policies import HOLD, REFUND, policy_of, strategy

PLATFORMS = ["taobao", "pdd", "douyin", "kuaishou", "jd"]


def on(platform: str, **changes: Any) -> Situation:
    key = CaseKey(platform=platform, shop_id="s1", aftersale_id="2600000001")
    return unshipped().shows(key=key, **changes)


def seen(situation: Situation, good_review: str | None = None) -> Facts:
    figures = Figures(good_review_bp=None if good_review is None else read_percent(good_review))
    known = UNASKED.model_copy(update={"figures": figures})
    return gather(situation.page, situation.trails, Parameters(), NOW, known)


def lean(situation: Situation, good_review: str | None = None) -> Lean | None:
    fact = seen(situation, good_review).platform_leans
    return fact.value if isinstance(fact, Known) else None


def test_every_platform_of_the_domain_has_a_profile() -> None:
    assert list(profiles()) == PLATFORMS


@pytest.mark.parametrize(
    ("share", "expected"), [("69.9", Lean.BUYER), ("69.99", Lean.BUYER), ("70.0", Lean.OPEN), ("70", Lean.OPEN)]
)
def test_douyin_supports_the_buyer_below_seventy_percent_of_good_reviews(share: str, expected: Lean) -> None:
    assert lean(on("douyin"), share) is expected


def test_without_the_shops_figure_nobody_knows_how_douyin_leans() -> None:
    assert lean(on("douyin")) is None


def test_taobao_leans_by_what_its_page_shows() -> None:
    shipped_claim = shop(AftersaleType.REFUND_SHIPPED)
    assert lean(on("taobao")) is Lean.BUYER, "an unshipped refund may not be refused"
    assert lean(on("taobao", type=shipped_claim)) is Lean.OPEN
    assert lean(on("taobao", type=shipped_claim, platform_tags=("异常退款",))) is Lean.SELLER
    assert lean(on("taobao", type=odd("新类型"))) is None


def test_the_strict_the_loose_and_the_unknown() -> None:
    assert lean(on("pdd")) is Lean.BUYER
    assert lean(on("jd")) is Lean.OPEN
    assert lean(on("kuaishou")) is None
    assert lean(on("elsewhere")) is None


@pytest.mark.parametrize(
    ("granted", "shortened"),
    [
        (timedelta(hours=36), False),
        (timedelta(hours=35, minutes=1), False),
        (timedelta(hours=35), True),
        (timedelta(hours=12), True),
        (timedelta(days=7), False),
    ],
)
def test_pdd_gives_thirty_six_hours_unless_it_shortens_them(granted: timedelta, *, shortened: bool) -> None:
    applied = NOW - timedelta(hours=1)
    deadline = Deadline(at=applied + granted, action=shop(TimeoutAction.AGREE_REFUND))
    fact = seen(on("pdd", applied_at=applied, deadline=deadline)).limit_shortened
    assert isinstance(fact, Known)
    assert fact.value is shortened


def test_a_limit_is_only_known_while_the_first_answer_is_due() -> None:
    for situation in (
        on("pdd", state=shop(CaseState.WAIT_SELLER_RECEIVE)),
        on("pdd", deadline=None),
        on("jd"),
        on("pdd", type=shop(AftersaleType.REPAIR)),
    ):
        assert isinstance(seen(situation).limit_shortened, Unknown)


def test_a_policy_asks_how_the_platform_leans() -> None:
    policy = policy_of(strategy(REFUND, "a", {"platform_leans": ["buyer"], "good_review_below": "70"}))
    for share, verb in (("69.9", Verb.AGREE_REFUND), ("70.0", Verb.HOLD), (None, Verb.HOLD)):
        figures = Figures(good_review_bp=None if share is None else read_percent(share))
        situation = on("douyin")
        known = UNASKED.model_copy(update={"figures": figures})
        assert judge(situation.page, situation.trails, policy, NOW, known).verb is verb


SILENT = Deadline(at=NOW + timedelta(hours=9), action=odd("到期自动处理"))


def test_pdd_agrees_to_a_refund_that_nobody_answers() -> None:
    for silent in (None, SILENT):
        fact = seen(on("pdd", deadline=silent)).timeout_action
        assert isinstance(fact, Known)
        assert (fact.value, fact.source) == (TimeoutAction.AGREE_REFUND, Source.DERIVED)


def test_what_the_page_prints_goes_before_the_platforms_rule() -> None:
    printed = Deadline(at=NOW + timedelta(hours=9), action=shop(TimeoutAction.CLOSE))
    assert seen(on("pdd", deadline=printed)).timeout_action == printed.action


def test_where_no_rule_speaks_nobody_knows_what_silence_does() -> None:
    for situation in (
        on("jd", deadline=SILENT),
        on("elsewhere", deadline=SILENT),
        on("pdd", deadline=SILENT, type=shop(AftersaleType.RETURN_REFUND)),
        on("pdd", deadline=SILENT, state=shop(CaseState.WAIT_SELLER_RECEIVE)),
    ):
        assert isinstance(seen(situation).timeout_action, Unknown)


@pytest.mark.parametrize(
    ("platform", "both"), [("jd", True), ("pdd", False), ("taobao", False), ("douyin", False), ("kuaishou", None)]
)
def test_only_jd_needs_a_yes_from_both(platform: str, both: bool | None) -> None:
    fact = seen(on(platform)).both_must_agree
    assert (fact.value if isinstance(fact, Known) else None) is both


def test_a_policy_asks_what_silence_does_and_whether_both_must_agree() -> None:
    """PDD agrees by itself, in a shortened limit too, so it is answered; JD pays nothing without us, so it may wait."""
    policy = policy_of(
        strategy(REFUND, "before_pdd_does", {"at_timeout": ["agree_refund"], "limit_shortened": True}),
        strategy(HOLD, "talk_first", {"both_must_agree": True}),
    )
    hurried = Deadline(at=NOW + timedelta(hours=11), action=SILENT.action)
    pdd = on("pdd", applied_at=NOW - timedelta(hours=1), deadline=hurried)
    for situation, verb, code in (
        (pdd, Verb.AGREE_REFUND, "decided.agree_refund"),
        (on("jd", deadline=SILENT), Verb.HOLD, "hold.strategy"),
        (on("elsewhere", deadline=SILENT), Verb.HOLD, "hold.missing"),
    ):
        decision = judge(situation.page, situation.trails, policy, NOW, UNASKED)
        assert (decision.verb, decision.reasons[0].code) == (verb, code)


@pytest.mark.parametrize("bad", ["100.01", "7O", "69,9", "-1", "1e1", "69.999", 69.9, True, None, ""])
def test_a_share_is_read_strictly(bad: object) -> None:
    with pytest.raises(ValueError, match="in percent"):
        read_percent(bad)


@pytest.mark.parametrize(
    "bad",
    [
        {"x": {"lean": [{"to": "us"}]}},
        {"x": {"lean": [{"to": "buyer", "marked": "maybe"}]}},
        {"x": {"answer_h": {"refund_unshipped": 0}}},
        {"x": {"answer_h": {"refunds": 5}}},
        {"x": {"leans": []}},
    ],
)
def test_a_profile_that_does_not_fit_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        read_profiles(bad)
