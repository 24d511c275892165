"""Claims on what a replay tells: nothing is the same by having been left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.app.replayed import Came, Told
from bot.domain.decision import Reason
from bot.ports.exits import ExitCode
from bot.ports.replays import ReplayResult
from bot.tape.clock import TapeClock
from bot.tape.play import TapePlayer
from bot.tape.rules import TapeRules
from bot.tape.tape import Take, Tape
from tests.tapes.values import label, take
from tests.unit.engine.builders import NOW, unshipped

TAKE = take(unshipped())
CASE = TAKE.judged[0].decision.case.aftersale_id
LEFT = Reason(code="error.session.lost")
PAGE = Reason(code="tape.page", params={"page": "http://shop.example/7"})
UNSENT = Reason(code="tape.not_sent", params={"request": "POST http://shop.example/agree"})


def told(
    came: Came, stopped: Reason | None = None, *seen: Reason, other_policy: bool = True, take: Take = TAKE
) -> ReplayResult:
    """What a replay of one take with one case comes to."""
    tape = Tape(label().model_copy(update={"takes": (take,)}), ())
    player = TapePlayer(tape, lambda _: TapeRules(), TapeClock(NOW), list(seen))
    told = Told(player, other_policy=other_policy)
    told.add(take, came, stopped)
    return told.result(Path("tape"), 0.0)


def codes(result: ReplayResult) -> list[str]:
    return [one.code for one in result.differences]


def test_another_policy_that_judged_nothing_is_not_told_to_agree() -> None:
    result = told(Came(), LEFT)
    assert (codes(result), result.exit_code) == (["tape.stopped", "tape.case_gone"], ExitCode.HELD)


def test_a_case_that_only_another_policys_sweep_judged_is_told() -> None:
    other = unshipped().shows(key=unshipped().page.key.model_copy(update={"aftersale_id": "8"}))
    result = told(Came((*TAKE.judged, *take(other).judged)))
    assert [(one.code, one.params["case"]) for one in result.differences] == [("tape.case_new", "8")]


def test_pages_read_otherwise_are_told_with_another_policy_too_and_what_was_not_sent_is_not() -> None:
    result = told(Came(TAKE.judged), None, PAGE, UNSENT)
    assert (codes(result), result.exit_code) == (["tape.page"], ExitCode.HELD)


def test_another_policy_that_decides_alike_is_done() -> None:
    result = told(Came(TAKE.judged), LEFT)
    assert (result.differences, result.flips, result.exit_code) == ((), (), ExitCode.DONE)
    assert result.other_policy


def test_with_its_own_policy_what_was_not_sent_is_told() -> None:
    result = told(Came(TAKE.judged, TAKE.ended), None, UNSENT, other_policy=False)
    assert codes(result) == ["tape.not_sent"]


@pytest.mark.parametrize(("was", "now", "code"), [(False, True, "tape.presumed"), (True, False, "tape.proven")])
def test_a_receipt_that_was_proven_on_one_side_alone_is_told(was: bool, now: bool, code: str) -> None:
    came = Came(TAKE.judged, presumed=frozenset({CASE} if now else ()))
    recorded = TAKE.model_copy(update={"presumed": (CASE,) if was else ()})
    assert codes(told(came, other_policy=False, take=recorded)) == [code]
    assert codes(told(came, take=recorded)) == []
