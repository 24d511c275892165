"""Claims on the turns of several shops in one sweep: the plan of work says who is next, and what waits behind is told once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from bot.alerts.log import AlarmBook
from bot.app import sweeping
from bot.app.sweeping import Errand, sweep_shops
from bot.app.wiring import House, open_house
from bot.config import load_home
from bot.domain.ids import RunId, ShopKey
from bot.domain.money import Money
from bot.ports.progress import NullProgress
from bot.ports.results import ShopSweep
from bot.ports.wanted import EVERYTHING, Pick, Wanted
from bot.runner.orders import Orders
from tests.e2e.in_process import Never
from tests.simulation.left_running import make_home
from tests.unit.ledger.story import START, StandingClock, key, row

A, B, C = (ShopKey(platform="model", shop_id=name) for name in ("a", "b", "c"))


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """Three shops, in the order of the settings; an errand into one finds nothing and takes no time."""

    async def nothing(errand: Errand, _: Orders) -> ShopSweep:
        return ShopSweep(shop=str(errand.shop.key))

    monkeypatch.setattr(Errand, "sweep", nothing)
    monkeypatch.setattr(sweeping.Reel, "report", lambda *_: None)
    with open_house(load_home(make_home(tmp_path / "home", "a", "b", "c")), StandingClock()) as opened:
        yield opened


def waits(house: House, shop: ShopKey, *due_s: float) -> None:
    """The shop's list was seen: so many cases, due after so many seconds each."""
    run = RunId(f"run-{shop.shop_id}")
    house.ledger.open_run(run, shop, "act", "c", "p")
    told = {"amount": Money(2_000)}
    rows = [
        row(number, key=key(number, shop), deadline_at=START + timedelta(seconds=due), **told)
        for number, due in enumerate(due_s)
    ]
    house.ledger.saw(run, rows, START)


async def swept(house: House, **wanted: Any) -> list[str]:
    """The shops in the order in which they were gone into."""
    host = cast("Any", None)
    result = await sweep_shops(house, host, Wanted(**wanted), NullProgress(), Never())
    return [shop.shop for shop in result.shops]


async def test_a_sweep_of_all_shops_begins_where_the_least_is_lost_by_it(house: House) -> None:
    waits(house, A, 24 * 3600)
    waits(house, B, 3600)
    waits(house, C, 60)
    assert await swept(house) == [str(C), str(B), str(A)]


async def test_shops_that_nobody_has_seen_yet_come_as_the_settings_have_them(house: House) -> None:
    assert await swept(house) == [str(A), str(B), str(C)]


async def test_a_shop_that_was_never_listed_is_swept_all_the_same(house: House) -> None:
    waits(house, B, 3600)
    assert await swept(house) == [str(B), str(A), str(C)]


@pytest.mark.parametrize(("pick", "told"), [(EVERYTHING, [str(C)]), (Pick(ids=frozenset({"a1"})), [])])
async def test_what_is_lost_behind_the_first_shop_is_told_once_before_it_is_swept(
    house: House, monkeypatch: pytest.MonkeyPatch, pick: Pick, told: list[str]
) -> None:
    """Twenty seconds to get into two shops: of those due in fifteen the dearer shop's are kept. A few cases by hand foretell nothing."""
    book = AlarmBook()
    monkeypatch.setattr(type(house.notifier), "notify", lambda _, alarm: book.notify(alarm))
    waits(house, B, 15, 15)
    waits(house, C, 15)
    await swept(house, pick=pick)
    late = [alarm for alarm in book.alarms if alarm.reason.code == "plan.late"]
    assert [str(alarm.shop) for alarm in late] == told
    assert [alarm.deadline for alarm in late] == [START + timedelta(seconds=15)] * len(told)


async def test_a_shop_with_an_open_breaker_waits_for_a_person_and_not_for_its_turn(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = AlarmBook()
    monkeypatch.setattr(type(house.notifier), "notify", lambda _, alarm: book.notify(alarm))
    waits(house, B, 15, 15)
    waits(house, C, 15)
    monkeypatch.setattr(type(house.ledger), "breaker", lambda _, shop: "drift" if shop == C else "")
    await swept(house)
    assert book.alarms == []
