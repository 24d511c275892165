"""Claims on the bound: what it promises, when it promotes and demotes, and that an override ends what was earned."""

from __future__ import annotations

import math
import tomllib
from statistics import NormalDist
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.scaffold import POLICIES
from bot.engine.autonomy import Autonomy, Terms, Word, lower_bound, still_needed, told, trust
from bot.engine.parameters import Parameters
from bot.engine.policy import parse_policy
from bot.errors import ConfigError
from bot.resources import shipped
from tests.unit.engine.builders import unshipped
from tests.unit.engine.policies import HOLD, REFUND, strategy

TERMS = Terms()
A, D, UNDONE = Word.AGREED, Word.DIFFERED, Word.OVERRIDDEN
counts = st.integers(1, 400).flatmap(lambda asked: st.tuples(st.integers(0, asked), st.just(asked)))


def earning(parameters: dict[str, Any] | None = None, **more: Any) -> Any:
    strategies = [strategy(REFUND, "pays", **more), strategy(HOLD, "calls")]
    return parse_policy({"name": "p", "strategy": strategies, "parameters": parameters or {}})


@pytest.mark.parametrize(
    ("agreed", "asked", "bound"),
    [(10, 10, 0.7871), (60, 60, 0.9568), (59, 60, 0.9287), (190, 200, 0.9182), (0, 5, 0.0), (1, 2, 0.1209)],
)
def test_the_bound_is_wilsons(agreed: int, asked: int, bound: float) -> None:
    """Against the interval's definition: the share p at which the score test just stops to reject."""
    found = lower_bound(agreed, asked, 0.95)
    assert found == pytest.approx(bound, abs=5e-4)
    if found:
        z = (agreed / asked - found) / math.sqrt(found * (1 - found) / asked)
        assert z == pytest.approx(NormalDist().inv_cdf(0.95))


@given(counts)
def test_the_bound_never_passes_the_share_and_more_agreement_never_lowers_it(count: tuple[int, int]) -> None:
    agreed, asked = count
    bound = lower_bound(agreed, asked, 0.95)
    assert 0 <= bound < max(agreed / asked, 1e-12)
    assert lower_bound(agreed + 1, asked + 1, 0.95) > bound
    assert lower_bound(agreed, asked + 1, 0.95) < max(bound, 1e-12)


def test_the_shipped_terms_keep_the_exact_promise_where_everybody_agreed() -> None:
    """Clopper and Pearson's bound for n of n is 0.05 ** (1 / n): at the least number of cases it holds as well (ADR 0012)."""
    assert 0.05 ** (1 / TERMS.cases) >= TERMS.agreement_percent / 100


def test_too_few_cases_never_promote_and_enough_do() -> None:
    assert not trust("v", [A] * (TERMS.cases - 1), TERMS).promoted
    assert trust("v", [A] * TERMS.cases, TERMS).promoted
    assert not trust("v", [D, *[A] * (TERMS.cases - 1)], TERMS).promoted


@given(st.lists(st.sampled_from([A, A, A, A, A, D, UNDONE]), max_size=260))
def test_an_override_wipes_what_was_earned_before_it(words: list[Word]) -> None:
    """Words come newest first: whatever is older than an override is never counted again."""
    found = trust("v", words, TERMS)
    newer = words[: words.index(UNDONE)] if UNDONE in words else words
    assert (found.agreed, found.asked) == (newer[: TERMS.window].count(A), len(newer[: TERMS.window]))
    assert not found.promoted or found.bound >= 0.95
    assert not trust("v", [UNDONE, *words], TERMS).promoted


def test_a_drift_demotes_although_the_past_was_good() -> None:
    assert trust("v", [A] * 5_000, TERMS).promoted
    assert not trust("v", [*[D, A, A, A, A] * 40, *[A] * 5_000], TERMS).promoted


@given(counts)
def test_so_many_agreements_as_are_told_promote_and_one_less_does_not(count: tuple[int, int]) -> None:
    agreed, asked = count
    wide = Terms(window=10_000)
    more = still_needed(agreed, asked, wide)
    words = [D] * (asked - agreed) + [A] * agreed
    assert trust("v", [*[A] * more, *words], wide).promoted
    assert not more or not trust("v", [*[A] * (more - 1), *words], wide).promoted


def test_the_told_bound_is_cut_off_never_rounded_up() -> None:
    shown = told(trust("v", [A] * 57, TERMS))
    assert float(shown["bound"]) / 100 <= lower_bound(57, 57, 0.95) < float(shown["bound"]) / 100 + 0.001


@pytest.mark.parametrize(
    "terms", [{"window": 30}, {"cases": 300}, {"agreement_percent": 99}, {"cases": 5}, {"agreement_percent": 95.5}]
)
def test_terms_that_nobody_could_meet_or_that_prove_nothing_are_refused(terms: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="autonomy"):
        parse_policy({"name": "p", "autonomy": terms, "strategy": [strategy(HOLD, "h")]})


def test_an_unknown_key_of_the_terms_names_the_nearest() -> None:
    with pytest.raises(ConfigError) as refused:
        parse_policy({"name": "p", "autonomy": {"windows": 100}, "strategy": [strategy(HOLD, "h")]})
    assert refused.value.hint == "window"


def test_every_strategy_starts_by_proposing_unless_the_policys_text_grants_it() -> None:
    assert set(earning().earning) == {"pays"}
    assert earning(autonomy=Autonomy.GRANTED.value).earning == {}
    data = {"name": "p", "autonomy": {"default": "granted"}, "strategy": [strategy(REFUND, "a"), strategy(HOLD, "h")]}
    assert parse_policy(data).earning == {}
    data["strategy"] = [strategy(REFUND, "a", autonomy="earned"), strategy(HOLD, "h")]
    assert set(parse_policy(data).earning) == {"a"}


def test_a_scene_too_starts_by_proposing_unless_it_is_granted() -> None:
    form = {"scene": "shipped_refund", "id": "s", "name": "s", "active": True, "max_amount": "5.00", "delay_s": 60}
    for said, earns in (({}, {"s"}), ({"autonomy": "granted"}, set())):
        data = {"name": "p", "strategy": [strategy(HOLD, "h")], "scene": [form | said]}
        assert set(parse_policy(data).earning) == earns


@pytest.mark.parametrize("name", POLICIES)
def test_the_shipped_strategies_are_granted_one_by_one_and_what_is_added_to_their_file_is_not(name: str) -> None:
    data = tomllib.loads(shipped(POLICIES[name]).read_text(encoding="utf-8"))
    assert parse_policy(data).earning == {}
    assert "autonomy" not in data
    data["strategy"].append(strategy(REFUND, "own"))
    assert set(parse_policy(data).earning) == {"own"}


def test_one_case_in_twenty_stays_with_people_whatever_sweep_asks() -> None:
    promoted = trust("v", [A] * TERMS.cases, TERMS)
    drawn = [case for case in map(str, range(20_000)) if promoted.still_proposes(case)]
    assert 900 < len(drawn) < 1_100
    assert drawn == [case for case in map(str, range(20_000)) if trust("v", [A] * 200, TERMS).still_proposes(case)]
    assert drawn != [case for case in map(str, range(20_000)) if trust("w", [A] * 200, TERMS).still_proposes(case)]
    never = Terms(still_propose_one_in=0)
    assert not any(trust("v", [A] * 200, never).still_proposes(case) for case in drawn)


def test_only_rules_make_another_version() -> None:
    version = earning(autonomy="earned").earning["pays"]
    assert earning(autonomy="earned", priority=7).earning["pays"] == version
    assert earning(autonomy="earned", max_amount="1999.00").earning["pays"] != version


def test_other_numbers_and_words_for_the_facts_make_another_version() -> None:
    """What was earned under a tolerance of 50 grams says nothing about one of 500."""
    version = earning(autonomy="earned").earning["pays"]
    assert earning({"weight_tolerance_g": 500}, autonomy="earned").earning["pays"] != version
    assert earning({"threat_words": ["曝光"]}, autonomy="earned").earning["pays"] != version
    shipped_too = {"weight_tolerance_g": Parameters().weight_tolerance_g}
    assert earning(shipped_too, autonomy="earned").earning["pays"] == version, "said or left out, it is the same number"


def test_the_decision_says_which_version_decided() -> None:
    policy = earning(autonomy="earned")
    plan = unshipped().judged(policy).plan
    assert plan is not None
    assert plan.earned == policy.earning["pays"]
    granted = unshipped().judged(earning(autonomy="granted")).plan
    assert granted is not None
    assert granted.earned == ""
