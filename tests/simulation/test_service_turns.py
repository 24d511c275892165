"""Claims on several shops over one pair of hands: a person who is waited for in one, and a long sweep of one, hold up no other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bot.app.service.desk import Hands
from bot.domain.decision import Reason
from bot.domain.ids import CaseKey, RunId, ShopKey
from bot.domain.money import Money
from bot.errors import ChallengeRequired, LedgerError, Stopped
from bot.ports.exits import ExitCode
from bot.ports.notifier import Alarm, Urgency
from bot.ports.results import ShopSweep, SweepResult
from bot.ports.wanted import Wanted
from bot.runner.orders import STOPPED_BY_HAND
from bot.scheduler.duties import Duty, Job
from bot.scheduler.errands import Errand
from tests.simulation.left_running import (
    STILL,
    FakeSweeps,
    Left,
    SteppedClock,
    alarms,
    change_schedule,
    every,
    left_running,
    make_home,
    spin,
    verdict,
    without_browser,
)
from tests.simulation.model_world import START
from tests.unit.ledger.story import row

CHALLENGE = Reason(code=ChallengeRequired.code)
S1, S2 = (ShopKey(platform="model", shop_id=name) for name in ("s1", "s2"))


@dataclass
class GuardedSweeps(FakeSweeps):
    """Shop s1 asks for a person in the middle of its sweep, as `Reading` waits for one; `comes` is set by the person."""

    wait_s: float = 600.0
    comes: asyncio.Event = field(default_factory=asyncio.Event)
    in_shops: set[str] = field(default_factory=set)
    log: list[tuple[float, str]] = field(default_factory=list)
    sign_ins: int = 0
    passed: bool = False

    async def __call__(self, house: Any, host: Any, wanted: Wanted, *more: Any, **told: Any) -> SweepResult:
        progress, stop = more[:2]
        self.swept.append((self.clock.monotonic(), wanted))
        shops = []
        for shop in [one.key for one in house.home.settings.shop if wanted.shop in {None, one.key}]:
            await told["turn"].back()
            if stop.is_set() or shop in wanted.without:
                continue
            assert str(shop) not in self.in_shops, "one writer a shop"
            self.in_shops.add(str(shop))
            progress.shop(shop, str(shop))
            try:
                await self._sweep(shop, house, told["turn"], stop)
                why = None
            except (ChallengeRequired, Stopped) as error:
                why = Reason(code=error.reason_code)
            finally:
                self.in_shops.discard(str(shop))
            shops.append(ShopSweep(shop=str(shop), stopped=why, whole_list=True))
        return SweepResult(run_id="run-1", shops=tuple(shops), report="", exit_code=ExitCode.DONE)

    async def _sweep(self, shop: ShopKey, house: Any, turn: Any, stop: Any) -> None:
        self._say(f"{shop.shop_id} begins")
        if shop == S1 and not self.passed:
            self.sign_ins += 1
            house.notifier.notify(Alarm(urgency=Urgency.CALL, shop=shop, reason=CHALLENGE))
            async with turn.aside(shop):
                until = self.clock.monotonic() + self.wait_s
                while not self.comes.is_set() and self.clock.monotonic() < until:
                    if stop.is_set():
                        raise Stopped("by hand", code=STOPPED_BY_HAND)
                    await self.clock.sleep(0.5)
            self._say(f"{shop.shop_id} goes on")
            if not self.comes.is_set():
                raise ChallengeRequired("a slider")
            self.passed = True
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await self.clock.sleep(self.takes_s)
        finally:
            self.at_once -= 1
        self._say(f"{shop.shop_id} ends")

    def _say(self, what: str) -> None:
        self.log.append((self.clock.monotonic(), what))

    def said(self, what: str) -> list[float]:
        return [at for at, one in self.log if one == what]


@dataclass(eq=False)
class Waiting:
    """Another sweep that stands aside, and whose person never comes."""

    errand: Errand
    waits_in: ShopKey
    wants_back: bool = False


def guarded(clock: SteppedClock, **changed: Any) -> tuple[GuardedSweeps, Hands]:
    sweeps = GuardedSweeps(clock, **changed)
    return sweeps, Hands(sweep=sweeps, chores={})


async def test_a_shop_that_waits_for_a_person_holds_up_no_other_and_goes_on_when_he_came(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", "s1", "s2", schedule=every("1m")), SteppedClock()
    sweeps, hands = guarded(clock)
    with left_running(home, clock, hands) as left:
        async with left.running():
            await spin(lambda: clock.monotonic() > 400)
            assert left.host.attended, "nothing is started afresh under the person's hands"
            sweeps.comes.set()
            came = clock.monotonic()
            await spin(lambda: bool(sweeps.said("s1 ends")))
            assert clock.monotonic() - came < 3, "at once, from where it stood"
            await spin(lambda: clock.monotonic() > 600)
            assert not left.host.attended
    assert (sweeps.sign_ins, sweeps.most_at_once) == (1, 1)
    beats = sweeps.said("s2 begins")
    assert all(later - one < 63 for one, later in pairwise(beats)), "s2 keeps its rhythm"
    assert len(beats) >= 10
    assert alarms(home) == [CHALLENGE.code], "a person was called once, and nobody is told of sweeps that took too long"


async def test_a_deadline_of_another_shop_is_met_while_a_person_is_waited_for(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", "s1", "s2", schedule=every("5m")), SteppedClock()
    sweeps, hands = guarded(clock)
    with left_running(home, clock, hands) as left:
        put(left, S1, 10, 90_000, seconds=400)
        put(left, S2, 1, 500, seconds=500)
        await left.run(for_s=700)
    assert sweeps.said("s1 begins")[0] < sweeps.said("s2 ends")[0] < 500 < sweeps.said("s1 goes on")[0]


async def test_where_nobody_came_the_shop_is_paused_and_the_others_never_were(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", "s1", "s2", schedule=every("5m")), SteppedClock()
    sweeps, hands = guarded(clock)
    with left_running(home, clock, hands) as left:
        async with left.running():
            await spin(lambda: clock.monotonic() > 700)
            assert [one.waits_for_person for one in left.service.sessions()] == [True, False]
            await spin(lambda: clock.monotonic() > 1480)
            assert len(sweeps.said("s1 begins")) == 1, "a quarter of an hour"
            await spin(lambda: len(sweeps.said("s1 begins")) == 2)
            assert 1500 <= clock.monotonic() < 1810
    assert len(sweeps.said("s2 begins")) >= 5


@pytest.mark.parametrize("asked", ["by name", "verdict"])
async def test_what_is_asked_for_in_a_shop_that_waits_for_a_person_waits_with_it(tmp_path: Path, asked: str) -> None:
    home, clock = make_home(tmp_path / "home", "s1", "s2", schedule=f'sweep = "24h"\n{STILL}'), SteppedClock()
    sweeps, hands = guarded(clock)
    wanted = Wanted(shop=S1) if asked == "by name" else Wanted(verdicts=(verdict("s1", clock),))
    with left_running(home, clock, hands) as left:
        async with left.running():
            await spin(lambda: clock.monotonic() > 60)
            answer = asyncio.create_task(left.service.ask(wanted))
            await left.service.ask(Wanted(shop=S2))
            await spin(lambda: clock.monotonic() > 120)
            assert not answer.done()
            sweeps.comes.set()
            await answer
    assert sweeps.sign_ins == 1, "no second password while a check stands"


async def test_a_sweep_of_all_shops_leaves_out_the_one_that_waits_for_a_person_and_says_so(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", "s1", "s2", schedule=f'sweep = "24h"\n{STILL}'), SteppedClock()
    sweeps, hands = guarded(clock)
    with left_running(home, clock, hands) as left:
        async with left.running():
            await spin(lambda: clock.monotonic() > 60)
            answer = await left.service.ask(Wanted())
            sweeps.comes.set()
    assert {one.shop: one.stopped for one in answer.shops} == {"model/s1": CHALLENGE, "model/s2": None}


async def test_a_sweep_of_all_shops_that_waited_for_a_person_enters_no_shop_where_another_one_waits(
    tmp_path: Path,
) -> None:
    home, clock = make_home(tmp_path / "home", "s1", "s2", schedule=f'sweep = "never"\n{STILL}'), SteppedClock()
    sweeps, hands = guarded(clock)
    with left_running(home, clock, hands) as left:
        async with left.running():
            everything = asyncio.create_task(left.service.ask(Wanted()))
            await spin(lambda: clock.monotonic() > 30)
            left.service._desk.errands.set_aside(other := Errand(clock.now(), sweep_of(S2)), S2)
            beside = left.service._worker._beside
            beside.append(waiting := Waiting(other, S2))  # type: ignore[arg-type]  # as much of one as is asked
            sweeps.comes.set()
            await spin(lambda: bool(sweeps.said("s1 ends")))
            beside.remove(waiting)  # type: ignore[arg-type]
            answer = await everything
            left.service._desk.errands.aside.clear()
    assert sweeps.said("s2 begins") == []
    assert {one.shop: one.stopped for one in answer.shops}["model/s2"] == CHALLENGE


@pytest.mark.parametrize("how", ["in good order", "at once"])
async def test_the_end_of_the_service_waits_for_no_person(tmp_path: Path, how: str) -> None:
    home, clock = make_home(tmp_path / "home", "s1", "s2", schedule=every("5m")), SteppedClock()
    sweeps, hands = guarded(clock)
    with left_running(home, clock, hands) as left:
        running = asyncio.create_task(left.run())
        await spin(lambda: clock.monotonic() > 60)
        if how == "in good order":
            left.stop.set()
            result = await running
            assert result.why == "stopped"
        else:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
    assert sweeps.in_shops == set(), "its page is closed"
    assert clock.monotonic() < 70


async def test_settings_change_nothing_under_a_persons_hands_and_count_once_he_is_gone(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", "s1", "s2", schedule=every("5m")), SteppedClock()
    sweeps, hands = guarded(clock)
    adopted: list[float] = []
    with left_running(home, clock, hands) as left:
        without_browser(left.service)

        async def note(*_: object) -> None:
            adopted.append(clock.monotonic())

        left.service._worker._adopt_browser = note  # type: ignore[method-assign]  # only when is the claim
        async with left.running():
            await spin(lambda: clock.monotonic() > 60)
            change_schedule(home, every("4m"))
            await spin(lambda: clock.monotonic() > 90)
            assert adopted == []
            sweeps.comes.set()
            await spin(lambda: bool(adopted))


async def test_a_ledger_that_fails_beside_ends_everything(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", "s1", "s2", schedule=every("5m")), SteppedClock()

    class Failing(GuardedSweeps):
        async def _sweep(self, shop: ShopKey, house: Any, turn: Any, stop: Any) -> None:
            await super()._sweep(shop, house, turn, stop)
            if shop == S1:
                raise LedgerError("the disk is full")

    sweeps = Failing(clock)
    with left_running(home, clock, Hands(sweep=sweeps, chores={})) as left:
        running = asyncio.create_task(left.run())
        await spin(lambda: clock.monotonic() > 60)
        sweeps.comes.set()
        with pytest.raises(LedgerError):
            await running


# ---- a long sweep ----


@dataclass
class LongSweeps(FakeSweeps):
    """Each shop has its cases, of a minute each; heeds its stop between two of them, once its list is read."""

    cases: dict[str, int] = field(default_factory=dict)
    list_s: float = 5.0
    done: list[tuple[float, str]] = field(default_factory=list)
    each: Callable[[str], None] = lambda _: None

    async def __call__(self, house: Any, host: Any, wanted: Wanted, *more: Any, **told: Any) -> SweepResult:
        progress, stop = more[:2]
        assert wanted.shop is not None
        name = wanted.shop.shop_id
        self.swept.append((self.clock.monotonic(), wanted))
        progress.shop(wanted.shop, name)
        read_to = self.clock.monotonic() + self.list_s
        while self.clock.monotonic() < read_to and not stop.is_set():
            await self.clock.sleep(5)
        listed = not stop.is_set()
        progress.planned(self.cases[name])
        while self.cases[name] and not stop.is_set():
            await self.clock.sleep(60)
            self.cases[name] -= 1
            self.done.append((self.clock.monotonic(), name))
            self.each(name)
        stopped = Reason(code=STOPPED_BY_HAND) if self.cases[name] else None
        run = f"run-{len(self.swept)}"
        shop = ShopSweep(shop=str(wanted.shop), run=run, stopped=stopped, whole_list=listed)
        return SweepResult(run_id=run, shops=(shop,), report="", exit_code=ExitCode.DONE)

    @property
    def order(self) -> list[str]:
        return [wanted.shop.shop_id for _, wanted in self.swept if wanted.shop]


def long(clock: SteppedClock, list_s: float = 5.0, **cases: int) -> tuple[LongSweeps, Hands]:
    sweeps = LongSweeps(clock, cases=cases, list_s=list_s)
    return sweeps, Hands(sweep=sweeps, chores={})


async def test_a_backlog_gives_way_and_every_shop_has_its_turn_until_all_is_done(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", "s1", "s2", "s3", schedule=every("24h")), SteppedClock()
    sweeps, hands = long(clock, s1=40, s2=25, s3=3)
    with left_running(home, clock, hands) as left:
        put(left, S1, 40, 90_000, seconds=10 * 3600)
        result = await left.run(until_idle=True)
    assert sweeps.order[:3] == ["s1", "s2", "s3"]
    assert sweeps.times[2] < 300, "what nobody has read yet is looked at first"
    gaps = [later - one for one, later in pairwise(sweeps.times[3:])]
    assert all(600 <= gap < 700 for gap in gaps[:-1]), "then by turns of ten minutes, never less"
    assert sweeps.cases == {"s1": 0, "s2": 0, "s3": 0}
    assert result.missed == ()
    assert alarms(home) == []


@pytest.mark.parametrize(("rhythm", "apart_s"), [("1m", 240), ("3m", 480), ("24h", 24 * 3600)])
async def test_a_backlog_gives_way_to_a_shop_whose_next_sweep_came_round(
    tmp_path: Path, rhythm: str, apart_s: float
) -> None:
    """On a promotion's day: a parcel that could still be stopped waits for no other shop's backlog."""
    home, clock = make_home(tmp_path / "home", "s1", "s2", schedule=every(rhythm)), SteppedClock()
    sweeps, hands = long(clock, s1=25, s2=0)
    with left_running(home, clock, hands) as left:
        put(left, S1, 25, 90_000, seconds=10 * 3600)
        async with left.running():
            await spin(lambda: not sweeps.cases["s1"])
    looks = [at for at, wanted in sweeps.swept if wanted.shop == S2]
    assert looks
    assert all(later - one <= apart_s for one, later in pairwise(looks))
    backlog = [at for at, wanted in sweeps.swept if wanted.shop == S1]
    assert all(later - one >= 60 for one, later in pairwise(backlog)), "each turn gets on"


async def test_a_sweep_that_gave_way_goes_on_behind_what_it_did(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", "s1", "s2", schedule=every("24h")), SteppedClock()
    sweeps, hands = long(clock, s1=4, s2=1)
    with left_running(home, clock, hands) as left:
        put(left, S1, 4, 90_000, seconds=10 * 3600)
        await left.run(until_idle=True)
        behind = [(wanted.shop, wanted.sparing.goes_on) for _, wanted in sweeps.swept]
        assert left.service._worker._rounds.sparing(left.house, sweep_of(S1), clock.now()).goes_on == frozenset()
    assert behind == [(S1, frozenset()), (S2, frozenset()), (S1, frozenset({"run-1"}))]


async def test_a_shop_where_a_deadline_would_be_missed_is_not_left_waiting_for_ten_minutes(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", "s1", "s2", schedule=every("20m")), SteppedClock()
    sweeps, hands = long(clock, s1=0, s2=0)
    with left_running(home, clock, hands) as left:
        async with left.running():
            await spin(lambda: len(sweeps.swept) == 2 and clock.monotonic() > 60)
            put(left, S1, 400, 900, seconds=40 * 3600)
            sweeps.cases |= {"s1": 60, "s2": 1}
            sweeps.each = lambda name: put(left, S2, 1, 90_000, seconds=1500) if name == "s1" else None
            await spin(lambda: len(sweeps.swept) >= 4)
    assert sweeps.order[2:4] == ["s1", "s2"]
    assert 60 <= sweeps.times[3] - sweeps.times[2] < 300


async def test_a_list_that_was_begun_is_read_to_its_end(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", "s1", "s2", schedule=every("24h")), SteppedClock()
    sweeps, hands = long(clock, list_s=900, s1=2, s2=2)
    with left_running(home, clock, hands) as left:
        await left.run(until_idle=True)
    assert sweeps.cases == {"s1": 0, "s2": 0}


async def test_a_shop_that_is_left_alone_anyway_cuts_no_sweep_short(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", "s1", "s2", schedule=every("24h")), SteppedClock()
    sweeps, hands = long(clock, s1=30, s2=1)
    with left_running(home, clock, hands) as left:
        put(left, S1, 30, 90_000, seconds=40 * 3600)
        left.house.ledger.set_breaker(S2, "page")
        await left.run(until_idle=True)
    assert sweeps.order == ["s1"]


async def test_what_a_person_asked_for_comes_to_its_end_before_the_schedule_goes_on(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", "s1", "s2", schedule=every("15m")), SteppedClock()
    sweeps, hands = long(clock, s1=0, s2=0)
    with left_running(home, clock, hands) as left:
        async with left.running():
            await spin(lambda: len(sweeps.swept) == 2 and clock.monotonic() > 60)
            sweeps.cases["s1"] = 40
            answer = await left.service.ask(Wanted(shop=S1))
    assert answer.shops[0].stopped is None
    assert sweeps.order[:3].count("s1") == 2


def sweep_of(shop: ShopKey) -> Duty:
    return Duty(Job.SWEEP, shop)


def put(left: Left, shop: ShopKey, count: int, fen: int, *, seconds: float) -> None:
    """So many cases on the shop's list, each of that sum, with that much time from the start on."""
    ledger, run = left.house.ledger, RunId(left.house.ids.fresh("run"))
    ledger.open_run(run, shop, "act", "c", "p")
    keys = [CaseKey(**shop.model_dump(), aftersale_id=str(number)) for number in range(count)]
    ends = START + timedelta(seconds=seconds)
    ledger.saw(run, [row(1, key=key, amount=Money(fen), deadline_at=ends) for key in keys], START)
    ledger.close_run(run, {})
