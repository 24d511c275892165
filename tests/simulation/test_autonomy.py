"""Claims on earned autonomy over whole sweeps: proposals until people agreed often enough, acts then, and back after an override."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

import pytest

from bot.domain.action import Verb
from bot.domain.case import CaseState
from bot.domain.ids import CaseKey
from bot.domain.outcome import CaseStatus
from bot.engine.autonomy import Trust, Word, trust
from bot.engine.policy import Policy, parse_policy
from bot.errors import CaseError
from bot.ledger import audit
from bot.runner.orders import Posture
from tests.simulation.harness import ROOT, World
from tests.simulation.model_shop import SHOP, ModelShop

CASES = 24
PAYS = "unshipped_full"


def policy(terms: Mapping[str, int] = MappingProxyType({}), **changes: Any) -> Policy:
    """The shipped rules, none of them granted."""
    data = copy.deepcopy(tomllib.loads((ROOT / "policy.example.toml").read_text(encoding="utf-8")))
    shipped_terms = {"agreement_percent": 85, "cases": 20, "window": 60, "still_propose_one_in": 0}
    data["autonomy"] = {**shipped_terms, **terms}
    for one in data["strategy"]:
        one.pop("autonomy", None)
        one.update(changes if one["id"] == PAYS else {})
    return parse_policy(data)


POLICY = policy()


def world() -> World:
    """A shop with nothing but unshipped refunds, which one strategy would pay."""
    made = World(1, cases=CASES)
    made.shop = ModelShop(made.clock, made.chance, CASES, kinds=("unshipped",))
    return made


def words(made: World, rules: Policy = POLICY) -> list[Word]:
    return list(made.ledger.words(rules.earning, rules.terms.window).get(PAYS, ()))


def trusted(made: World, rules: Policy = POLICY) -> Mapping[str, Trust]:
    found = made.ledger.words(rules.earning, rules.terms.window)
    return {id_: trust(version, found[id_], rules.terms) for id_, version in rules.earning.items()}


def people(made: World, state: CaseState, count: int = CASES) -> None:
    """Colleagues settle the first so many cases on the shop."""
    for case in list(made.shop.cases.values())[:count]:
        case.state, case.version = state, case.version + 1


def more_cases(made: World) -> None:
    fresh = ModelShop(made.clock, made.chance, 2 * CASES, kinds=("unshipped",)).cases
    made.shop.cases |= {id_: case for id_, case in fresh.items() if id_ not in made.shop.cases}


async def earned() -> World:
    """A world whose people have agreed on every case."""
    made = world()
    await made.sweep(policy=POLICY)
    people(made, CaseState.SUCCESS)
    await made.sweep(policy=POLICY)
    return made


async def test_a_strategy_that_has_earned_nothing_proposes_and_never_acts() -> None:
    made = world()
    sweep = await made.sweep(policy=POLICY)
    assert made.shop.effects == []
    assert (sweep.held, sweep.proposed) == (CASES, {"agree_refund": CASES})
    for line in made.ledger.lines(made.ledger.runs(1)[0]):
        assert line.status is CaseStatus.HELD
        assert line.reasons[0].code == "would.earning"
        assert line.reasons[0].params["asked"] == "0"
        assert line.deadline is not None
    assert audit(made.ledger.engine, None).ok


@pytest.mark.parametrize("posture", Posture)
async def test_people_who_did_what_was_proposed_make_it_act(posture: Posture) -> None:
    made = world()
    await made.sweep(policy=POLICY, posture=posture)
    people(made, CaseState.SUCCESS)
    await made.sweep(policy=POLICY, posture=posture)
    assert words(made) == [Word.AGREED] * CASES
    if posture is Posture.ACT:
        more_cases(made)
        sweep = await made.sweep(policy=POLICY, trust=trusted(made))
        assert sweep.acted["agree_refund"] == CASES
        assert audit(made.ledger.engine, None).ok


async def test_people_who_did_otherwise_count_against_it() -> None:
    made = world()
    await made.sweep(policy=POLICY)
    people(made, CaseState.SELLER_REFUSED)
    await made.sweep(policy=POLICY)
    assert words(made) == [Word.DIFFERED] * CASES
    assert not trusted(made)[PAYS].promoted


async def test_a_buyer_who_withdrew_and_a_deadline_that_passed_say_nothing() -> None:
    made = world()
    await made.sweep(policy=POLICY)
    people(made, CaseState.CLOSED, 5)
    made.clock.pass_time(timedelta(days=2).total_seconds())
    for case in list(made.shop.cases.values())[5:]:
        case.state, case.version = CaseState.SUCCESS, case.version + 1
    await made.sweep(policy=POLICY)
    assert words(made) == []


async def test_a_vote_counts_once_and_the_newest_one() -> None:
    made = world()
    await made.sweep(policy=POLICY)
    cases = [CaseKey(**SHOP.model_dump(), aftersale_id=id_) for id_ in list(made.shop.cases)[:3]]
    for case in cases:
        made.ledger.vote(case, agrees=True)
    assert made.ledger.vote(cases[0], agrees=False) == PAYS
    assert sorted(words(made)) == [Word.AGREED, Word.AGREED, Word.DIFFERED]
    with pytest.raises(CaseError):
        made.ledger.vote(CaseKey(**SHOP.model_dump(), aftersale_id="none"), agrees=True)
    assert audit(made.ledger.engine, None).ok


async def test_an_override_of_its_own_act_takes_its_autonomy_away_at_once() -> None:
    made = await earned()
    more_cases(made)
    await made.sweep(policy=POLICY, trust=trusted(made))
    assert trusted(made)[PAYS].promoted
    acted = next(effect.case for effect in made.shop.effects if effect.actor == "bot")
    made.ledger.vote(CaseKey(**SHOP.model_dump(), aftersale_id=acted), agrees=False)
    assert not trusted(made)[PAYS].promoted
    assert Word.OVERRIDDEN in words(made)


async def test_what_was_earned_is_not_handed_on_to_other_rules() -> None:
    made = await earned()
    changed = policy(max_amount="1999.00")
    assert trusted(made)[PAYS].promoted
    assert not trusted(made, changed)[PAYS].promoted
    more_cases(made)
    done = len(made.shop.effects)
    sweep = await made.sweep(policy=changed, trust=trusted(made))
    assert sweep.acted == {}
    assert len(made.shop.effects) == done


async def test_after_promotion_a_share_is_still_proposed_so_that_drift_is_seen_and_demotes() -> None:
    made, rules = await earned(), policy({"still_propose_one_in": 2})
    more_cases(made)
    done = set(made.shop.cases) - {effect.case for effect in made.shop.effects}
    sweep = await made.sweep(policy=rules, trust=trusted(made, rules))
    assert sweep.acted["agree_refund"] + sweep.proposed["agree_refund"] == CASES
    held = [line for line in made.ledger.lines(made.ledger.runs(1)[0]) if line.status is CaseStatus.HELD]
    assert {line.reasons[0].code for line in held} == {"would.sampled"}
    assert 0 < len(held) == sweep.proposed["agree_refund"] < CASES
    again = await made.sweep(policy=rules, trust=trusted(made, rules))
    assert (again.acted, again.proposed) == ({}, {"agree_refund": len(held)}), "no sweep draws anew"
    for line in held:
        case = made.shop.cases[line.case.aftersale_id]
        assert case.id in done
        case.state, case.version = CaseState.SELLER_REFUSED, case.version + 1
    await made.sweep(policy=rules, trust=trusted(made, rules))
    assert words(made, rules)[: len(held)] == [Word.DIFFERED] * len(held)
    assert not trusted(made, rules)[PAYS].promoted


PROMOTED = {id_: Trust(version, 60, 60, 0.95, promoted=True) for id_, version in POLICY.earning.items()}


@pytest.mark.parametrize(
    ("turned", "expected"),
    [
        (CaseState.SELLER_REFUSED, [Word.OVERRIDDEN]),
        (CaseState.WAIT_BUYER_RETURN, [Word.OVERRIDDEN]),
        (CaseState.SUCCESS, []),
        (CaseState.CLOSED, []),
    ],
)
async def test_an_intercept_that_a_person_turned_into_another_answer_is_an_override(
    turned: CaseState, expected: list[Word]
) -> None:
    made = World(1, cases=1, kinds=("in_transit",))
    await made.sweep(policy=POLICY, trust=PROMOTED)
    assert [effect.verb for effect in made.shop.effects] == [Verb.INTERCEPT]
    people(made, turned)
    await made.sweep(policy=POLICY, trust=PROMOTED)
    found = made.ledger.words(POLICY.earning, POLICY.terms.window)
    assert [word for words_ in found.values() for word in words_] == expected


@pytest.mark.parametrize(
    ("kind", "verb", "turned"),
    [
        ("unshipped", Verb.AGREE_REFUND, CaseState.SELLER_REFUSED),
        ("return", Verb.AGREE_RETURN, CaseState.SUCCESS),
    ],
)
async def test_an_answer_of_its_own_that_came_back_and_was_turned_is_an_override(
    kind: str, verb: Verb, turned: CaseState
) -> None:
    """Whatever left our hands for good is read no more: the ledger knows of a turn only where the case comes back."""
    made = World(1, cases=1, kinds=(kind,))
    await made.sweep(policy=POLICY, trust=PROMOTED)
    assert [effect.verb for effect in made.shop.effects] == [verb]
    made.shop.cases["0000"].kind = "threat"  # it comes back with a threat, so that a person has it
    for state in (CaseState.WAIT_SELLER, turned):
        people(made, state)
        await made.sweep(policy=POLICY, trust={})
    assert len(made.shop.effects) == 1
    found = made.ledger.words(POLICY.earning, POLICY.terms.window)
    assert [word for words_ in found.values() for word in words_] == [Word.OVERRIDDEN]
