"""Claims about the shipped policy over whole seasons: nothing outside the label, most of the work done, no loss above the clerk's."""

from __future__ import annotations

import tomllib

import pytest

from bot.engine import decide
from bot.engine.policy import Policy, parse_policy
from simulator.scenarios.build import build
from simulator.scenarios.catalogue import SCENARIOS
from simulator.scenarios.loss import LossBook, reckon
from simulator.scenarios.people import Clerk
from simulator.scenarios.playing import cases_of, play
from simulator.world.model import FINISHED
from tests.judgement.robot import swift
from tests.judgement.season import AUTOMATION, LOSS_OVER, SHIPPED, load_policy, season
from tests.judgement.truths import TRUTHS, figures

SEED, CASES = 7, 60


@pytest.fixture(autouse=True)
def without_flips(monkeypatch: pytest.MonkeyPatch) -> None:
    """The nearest flip explains and decides nothing, and is most of a judgement's time."""
    monkeypatch.setattr(decide, "nearest_flip", lambda *_: None)


def test_the_swift_season_is_the_full_one(shipped: Policy) -> None:
    assert season("mixed", SEED, CASES, shipped, swift) == season("mixed", SEED, CASES, shipped)


@pytest.fixture(scope="module")
def shipped() -> Policy:
    return load_policy(SHIPPED)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_balanced_policy_does_its_work_and_nothing_else(scenario: str, shipped: Policy) -> None:
    result = season(scenario, SEED, CASES, shipped, swift)
    assert not result.outside
    assert result.automation >= AUTOMATION, result.missed
    assert result.loss["actual"] <= LOSS_OVER * result.loss["flawless_clerk"], result.loss


def test_a_policy_that_believes_the_back_end_alone_is_caught() -> None:
    """The claim above can fail: without the courier's and the warehouse's word, parcels on the road are paid for (domain.md 47)."""
    data = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    gullible = next(one for one in data["strategy"] if one["id"] == "unshipped_full")
    gullible["priority"] = 1
    for word in ("scanned", "left_warehouse"):
        del gullible["when"][word]
    result = season("intercept", SEED, CASES, parse_policy(data))
    assert result.outside
    assert result.loss["actual"] > LOSS_OVER * result.loss["flawless_clerk"]


def test_a_season_ends_with_nothing_pending_and_the_books_agree() -> None:
    built = build("mixed", SEED, CASES, monotonic=lambda: 0.0)
    play(built, Clerk(built))
    assert {case.state for case in cases_of(built)} <= FINISHED
    assert reckon(built).sheet() == LossBook(build("mixed", SEED, CASES)).sheet()["flawless_clerk"]


def test_every_detector_is_held_against_a_truth(shipped: Policy) -> None:
    result = season("patterns", SEED, CASES, shipped)
    told = {key.split("/")[0] for key in result.detectors}
    assert told <= set(TRUTHS)
    for name, asked, true, *_ in figures(result.detectors):
        assert 0 <= true <= asked, name
