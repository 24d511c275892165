"""Claims on errands by hand, and on shops that are left alone until a person was there: who asks for what is never locked out by it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.app.sweeping import shops_of
from bot.domain.decision import Reason
from bot.errors import Stopped
from bot.ports.wanted import Pick, Wanted
from bot.scheduler.duties import Duty, Job
from tests.simulation.left_running import (
    STILL,
    FakeSweeps,
    SteppedClock,
    alarms,
    change_schedule,
    every,
    hands,
    left_running,
    make_home,
    spin,
    verdict,
    without_browser,
)
from tests.simulation.model_shop import SHOP


async def test_errand_by_hand_goes_before_the_schedule_and_answers_who_asked(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", "s1", "s2", "s3", schedule=every("5m")), SteppedClock()
    sweeps = FakeSweeps(clock)
    wanted = Wanted(shop=SHOP, posture="observe", pick=Pick(ids=frozenset({"7"})))
    with left_running(home, clock, hands(sweeps)) as left:
        async with left.running():
            await spin(lambda: sweeps.at_once == 1)
            result = await left.service.ask(wanted)
    assert sweeps.swept[1][1] == wanted
    assert [shop.shop for shop in result.shops] == ["model/s1"]


async def test_who_asks_a_service_that_ends_is_refused(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", schedule=every("5m")), SteppedClock()
    with left_running(home, clock, hands(FakeSweeps(clock))) as left:
        await left.run(until_idle=True)
        with pytest.raises(Stopped):
            await left.service.ask(Wanted())


async def test_refused_password_is_not_tried_again_until_the_settings_change(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", schedule=every("5m")), SteppedClock()
    sweeps = FakeSweeps(clock, stopped=Reason(code="error.session.refused"))
    with left_running(home, clock, hands(sweeps)) as left:
        without_browser(left.service)
        async with left.running():
            await spin(lambda: clock.monotonic() > 700)
            assert len(sweeps.swept) == 1
            change_schedule(home, every("6m"))
            await spin(lambda: len(sweeps.swept) == 2)
    assert alarms(home).count("service.paused") == 2


@pytest.mark.parametrize("asked", ["verdict", "look", "sweep"])
async def test_an_errand_that_does_not_name_a_shop_never_types_its_refused_password_again(
    tmp_path: Path, asked: str
) -> None:
    home, clock = make_home(tmp_path / "home", "s1", "s2", schedule=every("5m")), SteppedClock()
    sweeps = FakeSweeps(clock)
    wanted = {
        "verdict": Wanted(verdicts=(verdict("s2", clock),)),
        "look": Wanted(posture="observe"),
        "sweep": Wanted(),
    }[asked]
    with left_running(home, clock, hands(sweeps)) as left:
        refused = Reason(code="error.session.refused")
        left.service._desk.pauses.after(SHOP, refused, clock.now())
        async with left.running():
            answer = await left.service.ask(wanted)
            await spin(lambda: clock.monotonic() > 700)
            assert left.service.sessions()[0].waits_for_person
    entered = {str(shop.key) for _, one in sweeps.swept for shop in shops_of(left.house.home, one)}
    assert entered == {"model/s2"}
    left_out = {shop.shop: shop.stopped for shop in answer.shops if shop.stopped}
    assert left_out == ({} if asked == "verdict" else {"model/s1": refused}), "who asked for all is told"


@pytest.mark.parametrize("asked", ["verdict", "sweep"])
async def test_who_names_a_shop_has_it_tried_again(tmp_path: Path, asked: str) -> None:
    home, clock = make_home(tmp_path / "home", schedule=every("5m")), SteppedClock()
    sweeps = FakeSweeps(clock)
    with left_running(home, clock, hands(sweeps)) as left:
        left.service._desk.pauses.after(SHOP, Reason(code="error.session.refused"), clock.now())
        async with left.running():
            await left.service.ask(
                Wanted(verdicts=(verdict("s1", clock),)) if asked == "verdict" else Wanted(shop=SHOP)
            )
            await spin(lambda: clock.monotonic() > 700)
    assert len(sweeps.swept) > 2


async def test_a_verdict_is_no_sweep_of_its_shop(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", schedule=f'sweep = "never"\n{STILL}'), SteppedClock()
    with left_running(home, clock, hands(FakeSweeps(clock))) as left:
        async with left.running():
            await left.service.ask(Wanted(verdicts=(verdict("s1", clock),)))
            assert Duty(Job.SWEEP, SHOP).key not in left.house.ledger.last_done()
            await left.service.ask(Wanted(shop=SHOP))
            assert Duty(Job.SWEEP, SHOP).key in left.house.ledger.last_done()


def test_a_pause_that_is_over_waits_for_nobody(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", schedule=every("5m")), SteppedClock()
    with left_running(home, clock, hands(FakeSweeps(clock))) as left:
        left.service._desk.pauses.after(SHOP, Reason(code="error.session.challenge"), clock.now())
        clock.pass_time(14 * 60)
        assert left.service.sessions()[0].waits_for_person
        clock.pass_time(60)
        assert not left.service.sessions()[0].waits_for_person


def test_a_pause_from_before_the_clock_was_set_back_is_over(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", schedule=every("5m")), SteppedClock()
    with left_running(home, clock, hands(FakeSweeps(clock))) as left:
        left.service._desk.pauses.after(SHOP, Reason(code="error.session.challenge"), clock.now())
        clock.pass_time(-8 * 3600)
        assert not left.service.sessions()[0].waits_for_person


async def test_shop_with_a_challenge_is_tried_again_after_a_quarter_of_an_hour(tmp_path: Path) -> None:
    home, clock = make_home(tmp_path / "home", schedule=every("1m")), SteppedClock()
    sweeps = FakeSweeps(clock, stopped=Reason(code="error.session.challenge"))
    with left_running(home, clock, hands(sweeps)) as left:
        await left.run(for_s=1000)
    assert [round(at / 900) for at in sweeps.times] == [0, 1]
