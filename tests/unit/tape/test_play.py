"""Claims on what a replay tells of requests that are not on the tape."""

from __future__ import annotations

import pytest

from bot.ports.tape import GET, PICTURE, Asked
from bot.tape.clock import TapeClock
from bot.tape.play import TapePlayer
from bot.tape.rules import TapeRules
from bot.tape.tape import Tape
from tests.tapes.values import label, take
from tests.unit.engine.builders import NOW, unshipped


@pytest.mark.parametrize(
    ("kind", "told"), [(PICTURE, []), ("noise", []), (GET, ["tape.unknown"]), ("read", ["tape.unknown"])]
)
def test_a_picture_that_its_page_did_not_stay_open_for_is_no_difference(kind: str, told: list[str]) -> None:
    made = label().model_copy(update={"takes": (take(unshipped()),)})
    player = TapePlayer(Tape(made, ()), lambda _: TapeRules(), TapeClock(NOW))
    player.begin(0)
    answer = player.answer(Asked("GET", "http://shop.example/img/7.svg", kind))
    assert (answer is None) == bool(told)
    assert [one.code for one in player.differences] == told
