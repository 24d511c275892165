"""A real pointer on a screen of its own, at the simulated client's real window, read by the real reader of pictures."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from bot.clock import SystemClock
from bot.config import read_sandbox, sandbox_address
from bot.desktop import segment
from bot.desktop.desktop import Desktop, Manners
from bot.desktop.driver import PyautoguiDriver
from bot.desktop.lock import ScreenLock
from bot.domain.action import Intercept, Verb
from bot.domain.case import InterceptState
from bot.domain.facts import Known
from bot.domain.ids import CaseKey, IntentId
from bot.errors import OutcomeUnknown
from bot.ocr.engine import reader
from bot.ports.desks import InterceptDesk, Permit
from bot.ports.desktop import Ready
from flows.registry import Counter, Login, Screen, courier_desk
from simulator.scenarios.build import build
from tests.conftest import Simulator, end_simulator, start_simulator
from tests.desk import stage
from tests.screens import virtual_screen

# python3-xlib and pyscreeze leave files and pipes of their own open
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")

CLOCK = SystemClock()
CASES = 24


@dataclass
class Real:
    """A window with the driver that sees it, the desk over both, and parcels that can be called back, each with its case."""

    simulator: Simulator
    driver: PyautoguiDriver
    desk: InterceptDesk
    client: stage.Client
    parcels: list[tuple[str, str]]

    def orders(self, case: str) -> int:
        effects = self.simulator.get("effects")
        return sum(one["verb"] == "intercept" and one["aftersale_id"] == case for one in effects)


@pytest.fixture(scope="session")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The same one for as long as this process lasts: pyautogui keeps the first that it met, and a worker may come back to this module."""
    if missing := stage.lacks():
        # only where even the tests may not install it (no Debian, no root): there is no screen to put a window on
        pytest.skip(f"this machine lacks {missing}")
    with virtual_screen(tmp_path_factory.mktemp("screen") / "x.log") as name:
        yield name


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, screen: str) -> Iterator[Real]:
    folder = tmp_path_factory.mktemp("window")
    simulator = start_simulator(folder / "simulator.log", scenario="on_the_road", seed=4, cases=CASES)
    options = ("--scale", "1.25", "--trap", "twin_waybill", "--trap", "window_moves=0.5", "--seed", "4")
    try:
        with stage.displayed(screen), stage.client(simulator.courier, folder / "client.log", *options) as client:
            real = at_window(simulator, client, folder)
            yield real
            real.driver.close()
    finally:
        end_simulator(simulator)


def at_window(simulator: Simulator, client: stage.Client, folder: Path) -> Real:
    sheet = read_sandbox(httpx.get(sandbox_address(simulator.url), trust_env=False).content)
    driver, lock = PyautoguiDriver(), ScreenLock(folder / "screen.lock")
    desktop = Desktop(driver, reader, CLOCK, lock, manners=Manners(0.5, 60.0), find_boxes=segment.text_boxes)
    counter = Counter("real", ("韵达快递",), client.title, client.program)
    desk = courier_desk().open_desk(
        Screen(desktop), counter, Login(sheet.courier_account, sheet.courier_password.get_secret_value())
    )
    store = build("on_the_road", 4, CASES, monotonic=lambda: 0.0).world.store
    labelled = [one["aftersale_id"] for one in simulator.get("cases") if "intercept" in one["label"]]
    parcels = [(case, store.cases[case].order.forward or "") for case in labelled]
    return Real(simulator, driver, desk, client, parcels)


async def test_a_parcel_is_called_back_once_at_a_real_window_beside_its_twin(real: Real) -> None:
    case, waybill = real.parcels[0]
    key = CaseKey(platform="taobao", shop_id="s", aftersale_id=case)
    quote = await real.desk.quote(key, waybill)
    assert (quote.waybill, quote.feasible, real.orders(case)) == (waybill, True, 0)
    sent: list[int] = []
    permit = Permit(
        intent=IntentId("in-1"),
        verb=Verb.INTERCEPT,
        case=key,
        amount=quote.fee,
        expires_at=CLOCK.monotonic() + 120,
        on_send=lambda: sent.append(real.orders(case)),
    )
    try:
        await real.desk.perform(Intercept(waybill=waybill, fee=quote.fee), permit)
    except OutcomeUnknown:
        assert sent, "only what was let go may be unknown"
    told = await real.desk.follow(waybill)
    assert isinstance(told, Known), told
    assert told.value is not InterceptState.NONE
    assert (sent, real.orders(case)) == ([0], 1)


async def test_the_driver_sees_the_window_by_title_process_and_place(real: Real) -> None:
    assert os.environ["DISPLAY"]
    assert real.driver.ready() is Ready.YES
    found = [one for one in real.driver.windows() if one.title == real.client.title]
    assert [(one.pid, one.process) for one in found] == [(real.client.process.pid, real.client.program)]
    real.driver.copy("中文SF1￥（全角）")
    assert real.driver.clipboard() == "中文SF1￥（全角）"
    with pytest.raises(ValueError, match="no keyboard"):
        real.driver.press("中")
