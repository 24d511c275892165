"""The service over the model shop: killed between marks, stopped in the middle, and truthful about a click on its way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.app.service.desk import Hands
from bot.domain.action import Verb
from bot.domain.ids import CaseKey
from bot.ledger import SqlLedger, audit
from bot.ports.exits import ExitCode
from bot.ports.progress import NullProgress, Stage
from bot.ports.results import SweepResult
from bot.ports.wanted import Pick
from tests.simulation.harness import World
from tests.simulation.left_running import STILL, Left, left_running, make_home
from tests.simulation.model_floor import ModelPage
from tests.simulation.model_shop import SHOP
from tests.simulation.model_world import Crash

CASES, CLEAR = 4, 3
"""Cases of the model, and those on which the shipped policy acts."""

SCHEDULE = f'sweep = "5m"\n{STILL}'


class OfWorld:
    """`sweep_shops` over the model shop, in the service's ledger and under its stop signal."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.picks: list[Pick] = []

    async def __call__(self, house: Any, host: Any, wanted: Any, progress: Any, stop: Any, **_: object) -> SweepResult:
        self.world.ledger, self.world.kill, self.world.stop = house.ledger, house.kill, stop
        self.picks.append(wanted.pick)
        swept = await self.world.sweep(lease_owner=house.lease_owner)
        return SweepResult(run_id="run", shops=(swept,), report="", exit_code=ExitCode.DONE)


def left(home: Path, world: World) -> Any:
    return left_running(home, world.clock, Hands(sweep=OfWorld(world), chores={}))


def assert_nothing_is_lost(world: World, ledger: SqlLedger) -> None:
    assert sum(world.ours.values()) == CLEAR
    assert set(world.ours.values()) == {1}, "each thing once"
    assert not ledger.open_intents(SHOP)
    assert audit(ledger.engine, None).findings == ()


@pytest.mark.parametrize("mark", ["arm", "fire", "sent", "settle"])
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_killed_at_any_mark_and_started_again_nothing_is_lost(tmp_path: Path, mark: str, moment: str) -> None:
    world, home = World(seed=1, cases=CASES), make_home(tmp_path / "home", schedule=SCHEDULE)
    world.crash_at = f"{moment} {mark}"
    with left(home, world) as killed, pytest.raises(Crash):
        await killed.run(until_idle=True)
    world.clock.pass_time(400)
    with left(home, world) as again:
        result = await again.run(until_idle=True)
        assert_nothing_is_lost(world, again.house.ledger)
    assert world.crashed_at == {world.crash_at: 1}
    assert result.errors == 0


class Presses(NullProgress):
    """Somebody ends the service when a case has come to this stage."""

    def __init__(self, stage: Stage, press: Callable[[], None]) -> None:
        self._stage = stage
        self._press = press

    def case(self, case: CaseKey, stage: Stage) -> None:
        if stage is self._stage:
            self._press()


async def test_service_that_is_ended_in_the_middle_settles_the_case_in_hand(tmp_path: Path) -> None:
    world, home = World(seed=1, cases=CASES), make_home(tmp_path / "home", schedule=SCHEDULE)
    with left(home, world) as ended:
        world.progress = Presses(Stage.FIRING, ended.stop.set)
        result = await ended.run()
        assert (result.why, result.exit_code, sum(result.acted.values())) == ("stopped", ExitCode.DONE, 1)
        assert sum(world.ours.values()) == 1
        assert not ended.house.ledger.open_intents(SHOP)
        assert ended.beat["phase"] == "stopped"
    world.progress = NullProgress()
    with left(home, world) as again:
        await again.run(until_idle=True)
        assert_nothing_is_lost(world, again.house.ledger)


async def test_heartbeat_says_sent_until_the_outcome_is_booked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world, home = World(seed=1, cases=1), make_home(tmp_path / "home", schedule=SCHEDULE)
    seen: list[tuple[str, str, bool]] = []
    perform, reload = ModelPage.perform, ModelPage.reload

    def look(name: str, running: Left) -> None:
        seen.append((name, running.beat["phase"], running.host.in_flight))

    with left(home, world) as running:

        async def watched(page: ModelPage, action: Any, permit: Any) -> None:
            look("before the click", running)
            await perform(page, action, permit)
            look("after the click", running)

        async def read_back(page: ModelPage) -> Any:
            look("read back", running)
            return await reload(page)

        monkeypatch.setattr(ModelPage, "perform", watched)
        monkeypatch.setattr(ModelPage, "reload", read_back)
        await running.run(until_idle=True)
        look("afterwards", running)
    assert seen[-4:] == [
        ("before the click", "sweeping", True),
        ("after the click", "sent", True),
        ("read back", "sent", True),
        ("afterwards", "stopped", False),
    ]


async def test_parcels_called_back_are_followed_up_between_sweeps_by_their_ids(tmp_path: Path) -> None:
    schedule = SCHEDULE.replace('follow_up = "never"', 'follow_up = "2m"')
    world, home = World(seed=1), make_home(tmp_path / "home", schedule=schedule)
    sweeps = OfWorld(world)
    with left_running(home, world.clock, Hands(sweep=sweeps, chores={})) as running:
        result = await running.run(for_s=200)
        waiting = running.house.ledger.on_the_way(SHOP)
    intercepted = {case for case, verb in world.ours if verb is Verb.INTERCEPT}
    assert waiting == intercepted
    assert len(waiting) == 3
    assert sweeps.picks == [Pick(), Pick(ids=waiting)]
    assert result.errors == 0


async def test_open_action_is_read_back_between_sweeps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The request left and the page died: what recovery needs is a sweep of no case at all, not a wait for the next one."""
    schedule = SCHEDULE.replace('sweep = "5m"', 'sweep = "2h"').replace('reconcile = "never"', 'reconcile = "1m"')
    world, home = World(seed=1, cases=1), make_home(tmp_path / "home", schedule=schedule)
    sweeps, perform = OfWorld(world), ModelPage.perform

    async def and_the_pc_dies(page: ModelPage, action: Any, permit: Any) -> None:
        await perform(page, action, permit)
        raise Crash

    monkeypatch.setattr(ModelPage, "perform", and_the_pc_dies)
    with left(home, world) as killed, pytest.raises(Crash):
        await killed.run(until_idle=True)
    monkeypatch.undo()
    with left_running(home, world.clock, Hands(sweep=sweeps, chores={})) as running:
        # as if the shop had been swept meanwhile, and the action stayed open
        running.house.ledger.duty_done("sweep model/s1", world.clock.now())
        assert running.house.ledger.open_intents(SHOP)
        await running.run(for_s=130)
        assert not running.house.ledger.open_intents(SHOP)
    assert sweeps.picks[0] == Pick(ids=frozenset())
