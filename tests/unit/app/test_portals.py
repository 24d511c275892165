"""A courier's portal of no use: one call for all sweeps and shops, as loud as it matters, over by itself once it answers again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import pytest

from bot.app.portals import CHALLENGE, REFUSED, SILENT, SILENT_FOR, PortalWatch
from bot.app.wiring import House, open_house
from bot.browser.launch import BrowserHost
from bot.config import load_home
from bot.domain.base import SHANGHAI
from bot.errors import ChallengeRequired, PageError, RefundPilotError, SessionExpired, SignInRefused
from bot.ports.notifier import Urgency
from tests.simulation.left_running import FakeHost
from tests.unit.app.test_calling import listed
from tests.unit.config.homes import trial_home

NOON = datetime(2026, 11, 28, 12, tzinfo=SHANGHAI)


class Hand:
    """A clock that is set by hand."""

    at = NOON

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return (self.at - NOON).total_seconds()

    async def sleep(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
def house(tmp_path: Path, clock: Hand) -> Iterator[House]:
    with open_house(load_home(trial_home(tmp_path)), clock) as opened:
        yield opened


def watch(house: House, host: FakeHost, courier: str = "main") -> PortalWatch:
    """As each sweep has one of its own."""
    return PortalWatch(house, cast("BrowserHost", host), courier, f"http://{courier} kd")


def told(house: House) -> list[tuple[str, str, int]]:
    return [(one.alarm.reason.code, one.alarm.shop.shop_id, one.times) for one in house.notifier.open()]


@pytest.mark.parametrize(
    ("trouble", "code"), [(SignInRefused("no"), REFUSED), (ChallengeRequired("a slider"), CHALLENGE)]
)
def test_a_portal_that_needs_a_person_calls_at_once_and_once_for_all_sweeps(
    house: House, trouble: RefundPilotError, code: str
) -> None:
    host = FakeHost()
    for _ in range(3):
        sweep = watch(house, host)
        for _ in range(5):
            sweep(trouble)
    (entry,) = house.notifier.open()
    assert (entry.alarm.urgency, entry.alarm.reason.code, entry.times) == (Urgency.CALL, code, 3)
    assert house.catalogue.text(entry.alarm.reason)


def test_a_call_about_a_portal_can_wait_as_long_as_the_first_deadline_of_a_shop_that_asks_it(house: House) -> None:
    listed(house, hours=5)
    for courier in ("main", "second"):
        watch(house, FakeHost(), courier)(SignInRefused("no"))
    deadlines = [one.alarm.deadline for one in house.notifier.open()]
    assert deadlines == [NOON + timedelta(hours=5), None]


@pytest.mark.parametrize("trouble", [PageError("no page"), SessionExpired("forgot the sign-in")])
def test_a_portal_out_of_reach_is_told_of_once_it_lasts(house: House, clock: Hand, trouble: RefundPilotError) -> None:
    host = FakeHost()
    watch(house, host)(trouble)
    clock.at = NOON + SILENT_FOR - timedelta(seconds=1)
    watch(house, host)(trouble)
    assert told(house) == []
    clock.at = NOON + SILENT_FOR
    watch(house, host)(trouble)
    (entry,) = house.notifier.open()
    assert (entry.alarm.urgency, entry.alarm.reason.code) == (Urgency.WARN, SILENT)
    assert entry.alarm.reason.params["since"] == "11-28 12:00"


def test_a_portal_that_answers_now_and_then_is_not_out_of_reach(house: House, clock: Hand) -> None:
    host = FakeHost()
    for trouble in (PageError("no page"), None, PageError("no page")):
        watch(house, host)(trouble)
        clock.at += SILENT_FOR / 2
    assert told(house) == []


def test_a_portal_that_answers_again_takes_back_what_was_told_of_it_and_of_no_other(house: House) -> None:
    host = FakeHost()
    for courier in ("main", "second"):
        watch(house, host, courier)(SignInRefused("no"))
    assert told(house) == [(REFUSED, "main", 1), (REFUSED, "second", 1)]
    watch(house, FakeHost())(None)
    assert told(house) == [(REFUSED, "second", 1)], "also after a restart, which remembers nothing"
    watch(house, host)(SignInRefused("no"))
    assert told(house) == [(REFUSED, "second", 1), (REFUSED, "main", 1)], "when it comes back it is news"


def test_trouble_that_comes_again_within_a_sweep_is_told_again(house: House) -> None:
    sweep = watch(house, FakeHost())
    for trouble in (ChallengeRequired("a slider"), None, ChallengeRequired("a slider")):
        sweep(trouble)
    assert told(house) == [(CHALLENGE, "main", 1)]
