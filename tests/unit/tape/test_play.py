"""Claims on what a replay tells of requests that are not on the tape, and of pages that were read then and are not now."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.ports.tape import GET, PICTURE, Asked, Said
from bot.tape.clock import TapeClock
from bot.tape.entry import Entry
from bot.tape.play import TapePlayer
from bot.tape.rules import TapeRules
from bot.tape.tape import Reading, Tape
from tests.tapes.values import label, take
from tests.unit.engine.builders import NOW, unshipped

URL = "http://shop.example"
RULES = TapeRules(cases=frozenset({"disputeId"}))
PAGE = f"{URL}/detail?disputeId=7"
GIF = Said(200, (("content-type", "image/gif"),), b"GIF")


def playing(*entries: Entry, readings: tuple[Reading, ...] = ()) -> TapePlayer:
    """The first take of a tape with these."""
    made = label().model_copy(update={"takes": (take(unshipped()),), "readings": readings})
    player = TapePlayer(Tape(made, entries), lambda _: RULES, TapeClock(NOW))
    player.begin(0)
    return player


def codes(player: TapePlayer) -> list[str]:
    return [one.code for one in player.differences]


def shown(url: str = f"{URL}/img/1.gif", kind: str = PICTURE) -> Entry:
    return Entry(Asked("GET", url, kind), GIF, NOW)


@pytest.mark.parametrize(
    ("kind", "told"), [(PICTURE, []), ("noise", []), (GET, ["tape.unknown"]), ("read", ["tape.unknown"])]
)
def test_a_picture_that_its_page_did_not_stay_open_for_is_no_difference(kind: str, told: list[str]) -> None:
    player = playing(shown())
    answer = player.answer(Asked("GET", f"{URL}/img/7.svg?v=2", kind))
    assert (answer is None) == bool(told)
    assert codes(player) == told


@pytest.mark.parametrize(
    "url",
    [
        f"{URL}/h5api/dispute/agree?disputeId=7&amount=999999",
        f"{URL}/img/deeper/7.svg",
        "http://stranger.example/img/1.gif",
        f"{URL}/agree?to=/img/1.gif",
    ],
)
def test_a_picture_where_the_tape_has_none_is_a_request_like_any_other(url: str) -> None:
    player = playing(shown())
    assert player.answer(Asked("GET", url, PICTURE)) is None
    assert codes(player) == ["tape.unknown"]


def test_a_tape_of_before_knows_its_pictures_by_what_came() -> None:
    player = playing(shown(kind=GET))
    assert player.answer(Asked("GET", f"{URL}/img/7.gif", PICTURE)) is not None
    assert codes(player) == []


CALL = Asked("POST", f"{URL}/agree", "write", {"content-type": "application/json"}, b'{"disputeId": "7"}')


def read(minutes: int, url: str = PAGE) -> Reading:
    return Reading(take=0, at=NOW + timedelta(minutes=minutes), url=url, file="", lines=("line",))


def clicked(minutes: int = 5) -> Entry:
    return Entry(CALL, Said(200), NOW + timedelta(minutes=minutes))


def test_a_case_that_is_not_read_again_after_the_click_is_told() -> None:
    player = playing(clicked(), readings=(read(1), read(6)))
    player.reading(PAGE, ["line"])
    player.answer(CALL)
    player.end()
    assert [(one.code, one.params["case"]) for one in player.differences] == [("tape.unread", "7")]


def test_a_case_that_is_read_again_is_not() -> None:
    player = playing(clicked(), readings=(read(1), read(6)))
    player.answer(CALL)
    player.reading(PAGE, ["line"])
    player.end()
    assert codes(player) == []


@pytest.mark.parametrize("readings", [(), (read(1),), (read(6, f"{URL}/list"),), (read(6, f"{PAGE}8"),)])
def test_what_was_not_read_again_then_need_not_be(readings: tuple[Reading, ...]) -> None:
    player = playing(clicked(), readings=readings)
    player.answer(CALL)
    player.end()
    assert codes(player) == []


def test_a_click_that_is_not_sent_wants_no_page_read_again() -> None:
    player = playing(clicked(), readings=(read(6),))
    player.end()
    assert codes(player) == ["tape.not_sent"]
