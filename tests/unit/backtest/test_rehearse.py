"""Claims on rehearsals: what a flip is, why it flips, what it moves, and that memory does not grow with the past."""

from __future__ import annotations

import copy
import gc
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from benchmarks.backtest import Facing, LiveShop, beside, policies
from benchmarks.situations import stream
from bot.app.rehearsing import told
from bot.backtest import Course, Flip, Rehearsal
from bot.catalogue import Catalogue, Language
from bot.cli.commands import cli
from bot.domain.courier import ParcelStatus
from bot.domain.decision import Decision
from bot.domain.ids import ShopKey
from bot.domain.money import ZERO, Money
from bot.engine.policy import Policy, parse_policy
from bot.ledger import SqlReader
from bot.ports.ledger import Judged
from bot.ports.past import Past, Spending
from bot.report.phrases import Words
from bot.report.rehearsal import page
from tests.unit.backtest.pasts import LATER, judged, many, situations, write
from tests.unit.config.homes import spoil, trial_home
from tests.unit.engine.builders import NOW, Situation, received, shipped, shipped_policy, shipped_policy_data, unshipped

LIVE = shipped_policy()
PAYS = "unshipped_full"


def policy_but(change: Callable[[dict[str, dict[str, Any]]], None], *, without: tuple[str, ...] = ()) -> Policy:
    """The shipped policy with its strategies changed by id."""
    data = copy.deepcopy(dict(shipped_policy_data()))
    change({one["id"]: one for one in data["strategy"]})
    data["strategy"] = [one for one in data["strategy"] if one["id"] not in without]
    return parse_policy(data)


def rehearsed(
    candidate: Policy, *past: Judged, posture: str = "act", spent: dict[int, Spending] | None = None
) -> Rehearsal:
    rehearsal = Rehearsal(candidate, lambda _, seq: (spent or {}).get(seq))
    for seq, one in enumerate(past):
        rehearsal.take(Past.of(one, seq, posture))
    return rehearsal


def only(candidate: Policy, situation: Situation, **changes: Any) -> Flip:
    (flip,) = rehearsed(candidate, judged(1, situation, LIVE, **changes)).flips()
    return flip


@settings(max_examples=25)
@given(st.lists(st.tuples(st.integers(0, 200), st.integers(100, 260_000)), min_size=1, max_size=8))
def test_the_policy_that_decided_flips_nothing(drawn: list[tuple[int, int]]) -> None:
    past = [
        judged(number, situations()[place % len(situations())], LIVE, amount=Money(fen), paid=Money(260_000))
        for number, (place, fen) in enumerate(drawn)
    ]
    found = rehearsed(LIVE, *past)
    assert found.flips() == []
    assert found.uncovered == {}
    assert found.totals.was == found.totals.now


def test_a_lower_limit_is_named_with_what_it_says_now() -> None:
    def change(by_id: dict[str, Any]) -> None:
        by_id["large"]["when"]["amount_over"] = "100.00"

    flip = only(policy_but(change), unshipped())
    assert (flip.was.course, flip.now.course) == (Course.AGREE_REFUND, Course.PERSON)
    assert flip.moved == Money(-12_900)
    assert flip.risk == ZERO
    assert [reason.code for reason in flip.why] == ["rehearsal.hit", "test.amount_over.yes"]
    assert flip.why[1].params["wanted"] == "¥100.00"


def test_a_strategy_that_lost_its_case_names_the_condition_that_took_it() -> None:
    def change(by_id: dict[str, Any]) -> None:
        by_id[PAYS]["max_amount"] = "50.00"

    flip = only(policy_but(change), unshipped())
    assert flip.now.course is Course.WAIT
    assert [reason.code for reason in flip.why] == ["rehearsal.lost", "test.max_amount.no", "rehearsal.first"]


def test_a_strategy_that_is_gone_leaves_its_cases_uncovered() -> None:
    found = rehearsed(policy_but(lambda _: None, without=(PAYS, "wait_budget")), judged(1, unshipped(), LIVE))
    (flip,) = found.flips()
    assert flip.why[0].code == "rehearsal.gone"
    assert list(found.uncovered.values()) == [Money(12_900)]


def test_money_newly_paid_is_the_risk() -> None:
    def change(by_id: dict[str, Any]) -> None:
        by_id["large"]["when"]["amount_over"] = "9000.00"
        by_id[PAYS]["max_amount"] = "9000.00"

    sums = Money(300_000)
    flip = only(policy_but(change), unshipped(), amount=sums, paid=sums)
    assert (flip.was.course, flip.now.course) == (Course.PERSON, Course.AGREE_REFUND)
    assert flip.moved == flip.risk == sums
    assert flip.why[0].code == "rehearsal.lost"


def test_a_refusal_without_proof_is_a_risk_though_no_money_moves() -> None:
    def change(by_id: dict[str, Any]) -> None:
        by_id["signed_for"] |= {"proofs": [], "without_proof_allowed": True}

    flip = only(policy_but(change), shipped(ParcelStatus.SIGNED))
    assert (flip.was.course, flip.now.course) == (Course.REFUSE, Course.REFUSE)
    assert (flip.moved, flip.risk) == (ZERO, flip.claim)


def test_the_same_act_by_another_strategy_is_no_flip() -> None:
    def change(by_id: dict[str, Any]) -> None:
        by_id[PAYS]["id"] = "by_another_name"

    assert rehearsed(policy_but(change), judged(1, unshipped(), LIVE)).flips() == []


def test_what_others_settled_is_not_judged_again() -> None:
    done = next(one for one in many(len(situations()), LIVE) if one.decision.reasons[0].code.startswith("not_pending."))
    found = rehearsed(policy_but(lambda _: None, without=(PAYS,)), done)
    assert (found.decisions, found.skipped, found.flips()) == (1, 1, [])


def test_a_case_counts_once_however_often_it_was_swept_and_an_earlier_act_is_no_flip() -> None:
    """The live policy waits twice and then pays; the candidate would have paid at once: nothing more is paid, only sooner."""
    late = policy_but(lambda by_id: by_id[PAYS].update(max_amount="1.00"))
    held, paid = judged(1, unshipped(), late), judged(1, unshipped(), LIVE)
    found = rehearsed(LIVE, held, held, paid)
    assert found.flips() == []
    assert found.sooner == 1
    (flip,) = rehearsed(LIVE, held, held).flips()
    assert flip.moved == Money(12_900)
    assert rehearsed(LIVE, held, held).totals.now == {"agree_refund": 1}


def test_a_run_that_only_looked_ends_no_case_and_spends_nothing() -> None:
    late = policy_but(lambda by_id: by_id[PAYS].update(max_amount="1.00"))
    held = judged(1, unshipped(), late)
    found = rehearsed(LIVE, held, held, posture="observe")
    assert found.skipped == 0
    assert len(found.flips()) == 1


def test_the_candidates_own_spending_fills_its_cap() -> None:
    """The live policy held both; the candidate pays the first, and its cap of the day has no room for the second."""
    held = policy_but(lambda by_id: by_id[PAYS].update(max_amount="1.00"))
    capped = policy_but(lambda by_id: by_id[PAYS].update(cap_day="200.00"))
    found = rehearsed(capped, judged(1, unshipped(), held), judged(2, unshipped(), held))
    assert [flip.case.aftersale_id[-1] for flip in found.flips()] == ["1"]
    again = rehearsed(capped, judged(1, unshipped(), held), judged(2, unshipped(), held), posture="observe")
    assert len(again.flips()) == 2


def test_what_the_live_policy_spent_and_the_candidate_would_not_frees_its_cap() -> None:
    first, second = judged(1, unshipped(), LIVE, amount=Money(30_000), paid=Money(30_000)), judged(2, unshipped(), LIVE)
    history = second.history.model_copy(update={"spent": {PAYS: Money(30_000)}})
    second = second.model_copy(update={"history": history})
    capped = policy_but(lambda by_id: by_id[PAYS].update(cap_day="200.00", max_amount="150.00"))
    at = NOW - timedelta(minutes=1)
    spent = {0: Spending(PAYS, first.history.day, at, Money(30_000), at, Money(30_000))}
    assert [flip.case.aftersale_id[-1] for flip in rehearsed(capped, first, second, spent=spent).flips()] == ["1"]
    assert len(rehearsed(capped, first, second).flips()) == 2


@pytest.mark.parametrize("language", Language)
def test_the_page_stands_alone_and_speaks_its_language(language: Language) -> None:
    def change(by_id: dict[str, Any]) -> None:
        by_id["large"]["when"]["amount_over"] = "100.00"

    candidate, say = policy_but(change), Catalogue(language)
    found = rehearsed(candidate, judged(1, unshipped(), LIVE), judged(2, received(), LIVE))
    result = told(found, candidate, Words.of(say, candidate, LIVE), NOW)
    html = page(result, say)
    assert "¥100.00" in html
    assert not [word for word in ("backtest.", "rehearsal.", "course.", "http://", "https://") if word in html]
    assert result.flips[0].why[0] in html.replace("&#34;", '"')


def test_the_result_lists_every_flip_and_the_page_says_how_many_it_leaves_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.report.rehearsal.LISTED", 3)
    candidate, say = policy_but(lambda by_id: by_id["large"]["when"].update(amount_over="100.00")), Catalogue("en")
    found = rehearsed(candidate, *(judged(n, unshipped(), LIVE) for n in range(1, 8)))
    result = told(found, candidate, Words.of(say, candidate, LIVE), NOW)
    assert len(result.flips) == result.flips_total == 7
    html = page(result, say)
    assert "4 more are not listed here" in html
    assert html.count("2600000007") + html.count("/7<") <= 1


def test_no_result_is_cut_however_many_flips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.backtest.rehearse.MOST_TOLD", 3)
    candidate, say = policy_but(lambda by_id: by_id["large"]["when"].update(amount_over="100.00")), Catalogue("en")
    one = judged(1, unshipped(), LIVE)
    cases = (one.decision.case.model_copy(update={"aftersale_id": str(n)}) for n in range(502))
    found = rehearsed(
        candidate,
        *(one.model_copy(update={"decision": one.decision.model_copy(update={"case": case})}) for case in cases),
    )
    result = told(found, candidate, Words.of(say, candidate, LIVE), NOW)
    assert len(result.flips) == result.flips_total == 502


def test_only_the_riskiest_that_are_left_are_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.backtest.rehearse.MOST_TOLD", 3)
    strict = policy_but(lambda by_id: by_id[PAYS].update(max_amount="1.00"))
    rehearsal, read = Rehearsal(LIVE, lambda _case, _seq: None), list[int]()

    def heard(number: int, one: Judged) -> Decision:
        read.append(number)
        return one.decision

    for number in range(1, 9):
        # amounts above the strict policy's cap
        one = judged(number, unshipped(), strict, amount=Money(number * 200), paid=Money(number * 200))
        rehearsal.take(replace(Past.of(one), whole=partial(heard, number, one)))
    assert read == []
    flips = rehearsal.flips()
    assert [bool(flip.why) for flip in flips] == [True] * 3 + [False] * (len(flips) - 3)
    assert [flip.moved.fen for flip in flips[:3]] == [1_600, 1_400, 1_200]
    assert rehearsal.flips() == flips
    assert sorted(read) == [6, 7, 8], "explained once, and none that others pushed out"


def test_the_if_chain_beside_the_back_test_flips_where_the_limit_for_large_sums_moved() -> None:
    lines = list(beside(1, 300))
    assert any("if-chain by hand" in line and "name another strategy" in line for line in lines)
    assert any("Rehearsal" in line for line in lines)


def test_strangers_words_cannot_leave_their_place_in_the_page() -> None:
    candidate = parse_policy({**shipped_policy_data(), "name": "<script>alert(1)</script>"})
    result = told(rehearsed(candidate), candidate, Words.of(Catalogue("en"), candidate), NOW)
    assert "<script>alert" not in page(result, Catalogue("en"))


def test_the_command_tells_flips_and_writes_the_page(tmp_path: Path) -> None:
    home = trial_home(tmp_path / "home")
    write(home / "ledger.db", many(60, LIVE))
    new = tmp_path / "new.toml"
    new.write_text((home / "policy.toml").read_text(encoding="utf-8"), encoding="utf-8")
    same = backtest(home, new)
    assert (same["flips_total"], same["decisions"], same["same_policy"]) == (0, 60, 60)
    spoil(new, 'when.amount_over = "2000.00"', 'when.amount_over = "100.00"')
    html = tmp_path / "out.html"
    found = backtest(home, new, "--html", html)
    assert found["flips_total"] == len(found["flips"]) > 0
    assert found["paid_less_fen"] == -sum(flip["moved_fen"] for flip in found["flips"])
    assert html.read_text(encoding="utf-8").startswith("<!doctype html>")
    spoil(new, "max_fee_percent", "max_fee_percnt")
    refused = run("policy", "backtest", "--home", home, "--candidate", new)
    assert refused.exit_code == 2


def run(*words: object) -> Any:
    return CliRunner().invoke(cli, [str(word) for word in words], env={"COLUMNS": "200", "LC_ALL": "en_US.UTF-8"})


def backtest(home: Path, candidate: Path, *more: object) -> dict[str, Any]:
    done = run("policy", "backtest", "--home", home, "--candidate", candidate, "--since", "900d", "--json", *more)
    assert done.exit_code == 0, done.output
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def things() -> int:
    """Objects that are alive: what is let go is none; without the slowness of a traced run."""
    gc.collect()
    return len(gc.get_objects())


def test_memory_stays_flat_over_twenty_thousand_cases() -> None:
    """Only what flips is kept: the candidate's first thousand flips are told, of all of them a few words."""
    live, candidate = policies()
    shop = LiveShop(live, ShopKey(platform="taobao", shop_id="1"))
    rehearsal = Facing(candidate, shop.spending)
    alive = []
    for place, facts in enumerate(stream(live, Random(3), 20_000, spent=shop.spent)):
        rehearsal.facts = facts
        rehearsal.take(shop.past(place, facts))
        if place % 4_000 == 3_999:
            alive.append((things(), len(rehearsal.flips())))
    assert rehearsal.decisions == 20_000
    (before, few), (after, many) = alive[0], alive[-1]
    assert after - before < 30 * (many - few), (
        "a flip with its reasons is some twenty things; a case that does not flip is none"
    )


def test_a_ledger_is_read_page_by_page_and_let_go(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    one = judged(0, unshipped(), LIVE)
    write(file, [one.model_copy(update={"decision": one.decision})] * 1_200)
    with SqlReader(file) as reader:
        since = LATER.now() - timedelta(days=1)
        assert reader.past_count(since) == 1_200
        alive = [things() for number, _ in enumerate(reader.past(since)) if number in (400, 1_190)]
        assert [past.seq for past in reader.past(since)] == sorted({past.seq for past in reader.past(since)})
    assert alive[1] < alive[0] * 1.05


def test_since_leaves_out_what_is_older(tmp_path: Path) -> None:
    file = tmp_path / "ledger.db"
    write(file, many(3, LIVE))
    with SqlReader(file) as reader:
        assert list(reader.past(LATER.now() + timedelta(seconds=1))) == []
        assert len(list(reader.past(LATER.now()))) == 3
