"""Claims on the demo around its sweep: a simulator that fails says why, a sweep that was stopped proves nothing."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from pathlib import Path

import pytest

from bot.app.demo import _result, differences
from bot.app.simulated import running
from bot.catalogue import Catalogue, Language
from bot.cli.front import cure_of, told
from bot.domain.decision import Reason
from bot.errors import RefundPilotError
from bot.ports.exits import ExitCode
from bot.ports.results import ShopSweep, SweepResult

READY = 'import sys; print("{\\"url\\": \\"http://127.0.0.1:1\\"}", flush=True); sys.stdin.read()'
SILENT = "import sys, time; print('still loading', file=sys.stderr, flush=True); time.sleep(600)"
BROKEN = "import sys; sys.exit('ModuleNotFoundError: no simulator')"
DEED = ("case-7", "agree_refund", 1_999, ("ab" * 32,))


async def start(code: str, log: Path, patience_s: float = 60.0) -> dict[str, str]:
    """What a program that plays the simulator says when it is ready."""
    async with running([], log, program=(sys.executable, "-c", code), patience_s=patience_s) as ready:
        return dict(ready)


def swept(*shops: ShopSweep, code: ExitCode = ExitCode.DONE) -> SweepResult:
    return SweepResult(run_id="run-1", shops=shops, report="", exit_code=code)


SHOP = ShopSweep(shop="taobao/1", posture="act", seen=3)


async def test_a_simulator_that_is_ready_says_where_it_is(tmp_path: Path) -> None:
    assert await start(READY, tmp_path / "log") == {"url": "http://127.0.0.1:1"}


@pytest.mark.parametrize("code", [BROKEN, "print('no json')"])
async def test_a_simulator_that_does_not_start_is_an_error_with_its_last_words(tmp_path: Path, code: str) -> None:
    with pytest.raises(RefundPilotError) as caught:
        await start(code, tmp_path / "log")
    assert caught.value.reason_code == "demo.simulator"
    assert caught.value.page == str(tmp_path / "log")
    assert ("ModuleNotFoundError: no simulator" in str(caught.value)) is (code == BROKEN)


async def test_a_simulator_that_hangs_is_given_up_and_ended_while_the_loop_goes_on(tmp_path: Path) -> None:
    waiting = asyncio.create_task(start(SILENT, tmp_path / "log", patience_s=2.0))
    await asyncio.sleep(0)
    assert not waiting.done(), "the loop runs while the simulator is waited for"
    with pytest.raises(RefundPilotError) as caught:
        await waiting
    assert caught.value.reason_code == "demo.simulator_silent"


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("code", ["demo.simulator", "demo.simulator_silent", "demo.simulator_gone"])
def test_a_failed_simulator_is_told_with_the_place_of_its_log(code: str, language: Language) -> None:
    error = RefundPilotError("no module", page="/t/simulator.log", raw="60", code=code)
    say = Catalogue(language)
    assert "no module" in " ".join(told(error, say))
    assert "/t/simulator.log" in cure_of(error, say)


def test_a_sweep_stopped_before_its_first_shop_is_no_agreement() -> None:
    result = _result(swept(code=ExitCode.INTERRUPTED), Path(), Counter(), Counter())
    assert result.exit_code is ExitCode.INTERRUPTED
    assert result.stopped == Reason(code="demo.stopped")


def test_a_sweep_stopped_by_hand_between_two_cases_is_no_agreement() -> None:
    left = SHOP.model_copy(update={"stopped": Reason(code="run.stopped")})
    result = _result(swept(left, code=ExitCode.INTERRUPTED), Path(), Counter([DEED]), Counter([DEED]))
    assert (result.exit_code, result.mismatches) == (ExitCode.INTERRUPTED, 0)
    assert result.stopped == Reason(code="demo.stopped")


def test_a_sweep_that_was_left_early_is_no_agreement() -> None:
    left = SHOP.model_copy(update={"stopped": Reason(code="error.session.challenge")})
    result = _result(swept(left, code=ExitCode.PERSON), Path(), Counter([DEED]), Counter([DEED]))
    assert result.exit_code is ExitCode.PERSON


def test_only_a_whole_sweep_on_which_both_agree_ends_with_0() -> None:
    assert _result(swept(SHOP, code=ExitCode.HELD), Path(), Counter([DEED]), Counter([DEED])).exit_code == 0
    parted = _result(swept(SHOP), Path(), Counter([DEED]), Counter())
    assert (parted.exit_code, parted.mismatches) == (ExitCode.HELD, 1)


@pytest.mark.parametrize(
    ("done", "booked", "codes"),
    [
        ([DEED], [], ["demo.only_done"]),
        ([], [DEED], ["demo.only_booked"]),
        ([DEED, DEED], [DEED, DEED], ["demo.twice"]),
        ([DEED], [("case-7", "agree_refund", 2_000, ())], ["demo.only_done", "demo.only_booked"]),
    ],
)
def test_each_difference_has_a_code_and_words_in_both_languages(done: list, booked: list, codes: list[str]) -> None:
    found = differences(Counter(done), Counter(booked))
    assert [one.code for one in found] == codes
    for language in Language:
        words = [Catalogue(language).text(one) for one in found]
        assert all("case-7" in text and "{" not in text and "agree_refund" not in text for text in words)
