"""Claims on `policy explain`: whole sentences with sources and times, nobody's name in them, and the right case."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from rich.console import Console

from bot.app.explaining import find_case
from bot.catalogue import Catalogue, Language
from bot.cli.explained import picture
from bot.domain.courier import ParcelStatus
from bot.domain.history import UNASKED
from bot.domain.ids import CaseKey, ShopKey
from bot.engine.policy import parse_policy
from bot.errors import ConfigError
from bot.ledger import SqlLedger
from bot.ports.ledger import Judged
from bot.report.explain import Explanation, explain
from tests.unit.engine.builders import Situation, received, shipped, shipped_policy, unshipped
from tests.unit.engine.policies import shipped_but
from tests.unit.ledger.story import RUN, CountingIds, StandingClock

EN, ZH = Catalogue(Language.EN), Catalogue(Language.ZH)
POLICY = shipped_policy()


def judged(situation: Situation) -> Judged:
    return Judged(snapshot=situation.page, trails=dict(situation.trails), history=UNASKED, decision=situation.judged())


def printed(told: Explanation, say: Catalogue) -> str:
    console = Console(width=400, record=True, file=io.StringIO())
    console.print(picture(told, say))
    return console.export_text()


@pytest.mark.parametrize("say", [EN, ZH], ids=lambda say: say.language.value)
@pytest.mark.parametrize("situation", [unshipped(), shipped(ParcelStatus.SIGNED), received()], ids=("a", "b", "c"))
def test_a_decision_is_told_with_sources_times_and_the_nearest_other_outcome(
    situation: Situation, say: Catalogue
) -> None:
    told = explain(judged(situation), POLICY, say)
    text = printed(told, say)
    assert told.headline in text
    assert all(one.source and one.seen for one in told.because if not one.head)
    assert told.flip
    assert {*told.lost, *told.matched, *told.undecided}
    assert told.policy_hash[:12] in text
    assert not re.search(r"\[[a-z_]+\.[a-z_.]+\]", text), "a code that nobody wrote a text for"


def test_every_fact_is_told_with_its_source_and_a_missing_one_with_its_why() -> None:
    told = explain(judged(shipped(ParcelStatus.SIGNED).silent()), POLICY, EN)
    assert all(one.source and bool(one.seen_at) is not bool(one.missing) for one in told.facts)
    assert next(one for one in told.facts if one.fact == "parcel_status").missing


def test_sources_are_not_made_up_where_another_policy_decided() -> None:
    other = parse_policy(shipped_but(packaging_g=99))
    told = explain(judged(unshipped()), other, EN)
    assert not told.same_policy
    assert told.facts == ()
    assert told.because
    assert not any(one.source for one in told.because)


def test_no_buyer_is_named() -> None:
    name = "山间清风2019"
    buyer = unshipped().page.buyer.model_copy(update={"name": name})
    case = unshipped().shows(buyer=buyer, buyer_text=f"我是{name}，不退就投诉你")
    told = explain(judged(case), POLICY, ZH)
    assert name not in told.model_dump_json()


@pytest.fixture
def ledger() -> Iterator[SqlLedger]:
    with SqlLedger(":memory:", StandingClock(), CountingIds()) as ledger:
        for number, shop in enumerate((ShopKey(platform="taobao", shop_id="s1"), ShopKey(platform="pdd", shop_id="7"))):
            run = type(RUN)(f"run-{number}")
            ledger.open_run(run, shop, "observe", "c", POLICY.hash)
            for one in ("2600000001", f"26000000{number}9"):
                page = unshipped().page.model_copy(update={"key": CaseKey(**shop.model_dump(), aftersale_id=one)})
                case = Situation(page)
                ledger.decided(run, case.page, {}, UNASKED, case.judged())
        yield ledger


def test_the_newest_decision_is_the_one_that_is_told(ledger: SqlLedger) -> None:
    case = find_case(ledger, "pdd/7/2600000001")
    page = shipped(ParcelStatus.SIGNED).page.model_copy(update={"key": case})
    again = Situation(page)
    ledger.decided(type(RUN)("run-1"), again.page, {}, UNASKED, again.judged())
    newest = ledger.decision(case)
    assert newest is not None
    assert newest.decision == again.judged()


def test_an_id_of_several_shops_names_the_shops_and_an_unknown_one_the_nearest_ids(ledger: SqlLedger) -> None:
    with pytest.raises(ConfigError) as several:
        find_case(ledger, "2600000001")
    assert several.value.params["target"] == "pdd/7/2600000001, taobao/s1/2600000001"
    with pytest.raises(ConfigError) as unknown:
        find_case(ledger, "2600000091")
    assert "2600000009" in unknown.value.params["target"]
    assert find_case(ledger, "2600000019").platform == "pdd"
