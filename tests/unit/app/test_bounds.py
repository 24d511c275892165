"""Claims on the settings that hold while a sweep runs: what is saved narrows it at once, a broken file is told once and changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bot.app.bounds import SettingsBounds
from bot.app.policies import PolicyWatch
from bot.app.sweeping import Errand
from bot.app.wiring import open_house
from bot.config import load_home
from bot.domain.action import Verb
from bot.domain.base import SHANGHAI
from bot.domain.decision import Reason
from bot.domain.money import Money
from bot.ports.brakes import Bounds
from bot.ports.progress import NullProgress
from bot.runner.orders import Posture
from tests.simulation.left_running import change_schedule, make_home
from tests.unit.config.homes import spoil
from tests.unit.ledger.story import StandingClock


@dataclass
class Watch:
    """The bounds of one shop in a home whose shops act, and what was told."""

    file: Path
    bounds: SettingsBounds
    told: list[Reason] = field(default_factory=list)

    def saved(self, old: str, new: str) -> Bounds:
        spoil(self.file, old, new)
        return self.bounds.in_force()


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    root = make_home(tmp_path / "home")
    with open_house(load_home(root)) as house:
        told: list[Reason] = []
        yield Watch(root / "refundpilot.toml", SettingsBounds(house, house.home.settings.shop[0], told.append), told)


def test_a_posture_verbs_and_caps_that_are_saved_hold_at_once(watch: Watch) -> None:
    before = watch.bounds.in_force()
    assert before.acts
    assert Verb.AGREE_REFUND in before.verbs
    assert not watch.saved('posture = "act"', 'posture = "observe"').acts
    assert watch.saved('posture = "observe"', 'posture = "act"').acts
    assert Verb.AGREE_REFUND not in watch.saved('"agree_refund", ', "").verbs
    assert watch.saved('shop_day = "200000.00"', 'shop_day = "1.00"').shop_day == Money(100)
    assert watch.told == []


def test_a_broken_file_is_told_once_and_the_last_good_one_holds(watch: Watch) -> None:
    assert not watch.saved('posture = "act"', 'posture = "observe"').acts
    for _ in range(2):
        assert not watch.bounds.in_force().acts
        watch.file.write_text(f"{watch.file.read_text(encoding='utf-8')}\nposture =", encoding="utf-8")
        assert not watch.bounds.in_force().acts, "and not what it began with"
    assert {reason.code for reason in watch.told} == {"settings.broken"}


def test_a_shop_that_left_the_settings_is_touched_no_more(watch: Watch) -> None:
    bounds = watch.saved('shop_id = "s1"', 'shop_id = "s2"')
    assert (bounds.acts, bounds.verbs) == (False, frozenset())


def test_a_sweep_that_was_asked_for_with_another_posture_is_not_narrowed_by_one_that_stands_as_it_stood(
    tmp_path: Path,
) -> None:
    root = make_home(tmp_path / "home")
    spoil(root / "refundpilot.toml", 'posture = "act"', 'posture = "observe"')
    with open_house(load_home(root)) as house:
        assert SettingsBounds(house, house.home.settings.shop[0], lambda _: None).in_force().acts


@pytest.mark.parametrize(
    ("usual", "night", "hour", "by_schedule", "before", "after"),
    [
        ("act", "propose", 22, True, True, False),
        ("observe", "act", 6, True, True, False),
        ("act", "propose", 22, False, True, True),
    ],
)
def test_a_night_that_begins_or_ends_in_a_sweep_of_the_schedule_holds_at_once(
    tmp_path: Path, usual: str, night: str, hour: int, *, by_schedule: bool, before: bool, after: bool
) -> None:
    """A sweep that a person asked for goes on as they asked for it."""
    root = make_home(tmp_path / "home")
    spoil(root / "refundpilot.toml", 'posture = "act"', f'posture = "{usual}"')
    change_schedule(root, f'[schedule.off_hours]\nbegin = "23:00"\nend = "07:00"\nposture = "{night}"')
    clock = StandingClock(datetime(2026, 11, 28, hour, 59, tzinfo=SHANGHAI))
    with open_house(load_home(root), clock) as house:
        bounds = SettingsBounds(house, house.home.settings.shop[0], lambda _: None, by_schedule=by_schedule)
        assert bounds.in_force().acts == before
        clock.pass_s(60)
        assert bounds.in_force().acts == after


def test_a_sweep_asks_the_settings_of_now(tmp_path: Path) -> None:
    root = make_home(tmp_path / "home")
    nobody: Any = None
    with open_house(load_home(root)) as house:
        (shop,), progress = house.home.settings.shop, NullProgress()
        policies = PolicyWatch(house, progress).of(shop.key, [])
        errand = Errand(house, nobody, shop, Posture.ACT, progress, asyncio.Event(), policies)
        kit, orders = errand._kit(nobody, nobody), errand.orders()
        assert kit.bounds(orders).acts
        spoil(root / "refundpilot.toml", 'posture = "act"', 'posture = "observe"')
        assert not kit.bounds(orders).acts
