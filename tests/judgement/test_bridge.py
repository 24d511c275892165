"""The contract of the bridge: what it makes of a world is what the real browser reads off the real pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from bot.browser.guard import Mode
from bot.browser.launch import BrowserHost
from bot.clock import SystemClock
from bot.domain.case import Snapshot
from bot.domain.courier import Trail
from bot.domain.facts import Fact, Known
from bot.domain.pictures import ALIKE, distance
from bot.engine.facts import waybills_of
from bot.ports.desks import CourierDesk
from flows.registry import courier
from flows.spec import Login, Site, Workplace
from flows.taobao.spec import Floor
from simulator.scenarios.build import Built, build
from simulator.world.model import Case
from tests.conftest import Simulator, end_simulator, start_simulator
from tests.judgement.bridge import Bridge, clean

SCENARIO, SEED, CASES = "mixed", 23, 160
LATER_H = 20
"""Hours after which intercepted parcels, returns and edits have moved on."""

SAMPLE = 27
A_MINUTE = timedelta(minutes=1)
"""The countdown is printed in whole minutes, and the `Date` header in whole seconds: they may fall on two sides of a minute."""

on_the_page = pytest.mark.asyncio(loop_scope="session")


@dataclass
class Twin:
    """The same world as the simulator's, in this process, at whatever moment the simulator last showed."""

    built: Built
    at: list[float]
    born: datetime

    def move_to(self, moment: datetime) -> None:
        self.at[0] = max(self.at[0], (moment - self.born).total_seconds())

    def sample(self) -> list[Case]:
        """One case of each archetype, then others, the hostile ones among them."""
        by_kind: dict[str, list[Case]] = defaultdict(list)
        for case in self.built.world.store.cases.values():
            if not case.background:
                by_kind[case.truth.archetype].append(case)
        first = [cases[0] for cases in by_kind.values()]
        return [*by_kind["hostile_text"][1:], *first][:SAMPLE]


@dataclass
class Shown:
    """The simulator's two desks, opened with a real browser."""

    simulator: Simulator
    floor: Floor
    parcels: CourierDesk
    twin: Twin
    bridge: Bridge

    async def read(self, case: Case) -> Snapshot:
        page = await self.floor.refunds.open(self.bridge.key(case))
        try:
            return await page.read()
        finally:
            await page.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    log = tmp_path_factory.mktemp("simulator") / "log"
    started = start_simulator(log, scenario=SCENARIO, seed=SEED, cases=CASES)
    yield started
    end_simulator(started)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shown(host: BrowserHost, world: Simulator) -> AsyncIterator[Shown]:
    at = [0.0]
    built = build(SCENARIO, SEED, CASES, monotonic=lambda: at[0])
    twin = Twin(built, at, built.world.now())
    shop, sheet = world.said["shops"][0], world.probe.get("/sandbox.json").json()
    place = Workplace(host, SystemClock(), Mode.ACT)
    to_courier = courier().open_courier(
        place, Site(world.courier), Login(sheet["courier_account"], sheet["courier_password"])
    )
    login = Login(shop["account"], shop["password"])
    async with Floor(place, Site(world.url, shop["shop_id"], shop["name"]), login) as floor, to_courier as parcels:
        await floor.session.ensure()
        yield Shown(world, floor, parcels, twin, Bridge(built))


@on_the_page
@pytest.mark.parametrize("hours", [0, LATER_H])
async def test_the_bridge_reads_what_the_browser_reads(shown: Shown, hours: int) -> None:
    if hours:
        shown.simulator.post("clock", advance_s=hours * 3600)
    different = [case.truth.archetype for case in shown.twin.sample() if not await _same(shown, case)]
    assert not different


async def _same(shown: Shown, case: Case) -> bool:
    seen = await shown.read(case)
    shown.twin.move_to(seen.seen_at)
    made = shown.bridge.snapshot(case)
    trails = await shown.parcels.trails(waybills_of(seen))
    shown.twin.move_to(max([seen.seen_at, *(_seen_at(trail) for trail in trails.values())]))
    return (
        _plain(seen) == _plain(made)
        and _as_known(trails) == _as_known(shown.bridge.trails(made))
        and _near(seen, made)
        and _look_alike(seen, made)
    )


def _look_alike(seen: Snapshot, made: Snapshot) -> bool:
    """Two scalers never agree to the bit; a picture is known again all the same."""
    assert isinstance(seen.picture_hashes, Known)
    assert isinstance(made.picture_hashes, Known)
    pairs = zip(seen.picture_hashes.value, made.picture_hashes.value, strict=True)
    return all(left and right and distance(left, right) <= ALIKE for left, right in pairs)


def _seen_at(trail: Fact[Trail]) -> datetime:
    assert isinstance(trail, Known), trail
    return trail.seen_at


def _near(seen: Snapshot, made: Snapshot) -> bool:
    if seen.deadline is None or made.deadline is None:
        return seen.deadline is made.deadline
    return abs(seen.deadline.at - made.deadline.at) <= A_MINUTE


def _plain(snapshot: Snapshot) -> Any:
    body = _without_moment(snapshot.model_dump(exclude={"seen_at", "picture_hashes"}))
    if body["deadline"]:
        del body["deadline"]["at"]
    return body


def _as_known(trails: Any) -> Any:
    return {number: _without_moment(fact.model_dump()) for number, fact in trails.items()}


def _without_moment(body: Any) -> Any:
    """Facts and trails carry the moment at which they were seen; that moment is no part of what was seen."""
    if isinstance(body, dict):
        return {name: _without_moment(value) for name, value in body.items() if name != "seen_at"}
    return [_without_moment(value) for value in body] if isinstance(body, list | tuple) else body


def test_text_is_trimmed_as_a_browser_trims_it() -> None:
    assert clean("\u3000 a\r\n\tb\u00a0c \ufeff") == "a b c"
    assert clean("\x1fa\x85") == "\x1fa\x85"
