"""What an InterceptDesk promises, held against both there are: a courier's window, and the shop's own page behind a face of the same form."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.browser.guard import Mode
from bot.browser.launch import BrowserHost
from bot.clock import SystemClock
from bot.desktop.lock import ScreenLock
from bot.domain.action import Intercept, Verb
from bot.domain.case import InterceptState
from bot.domain.courier import InterceptQuote
from bot.domain.facts import Fact, Known, Source, Unknown
from bot.domain.ids import CaseKey, IntentId
from bot.domain.money import Money
from bot.errors import NotSent, RefundPilotError, Stopped
from bot.evidence.checks import header
from bot.ports.clock import Clock
from bot.ports.desks import CasePage, InterceptDesk, Permit
from flows.spec import Login, Site, Workplace
from flows.taobao.spec import Floor
from tests.conftest import StartSimulator
from tests.desk.courier import place
from tests.simulation.model_world import VirtualClock


class PageDesk:
    """The shop's own page as a desk: what the runner does where no courier's desk serves a parcel."""

    name = ""

    def __init__(self, page: CasePage) -> None:
        self._page = page

    def serves(self, courier: str) -> bool:
        return bool(courier)

    async def quote(self, case: CaseKey, waybill: str) -> InterceptQuote:
        del case, waybill
        return await self._page.quote_intercept()

    async def perform(self, action: Intercept, permit: Permit) -> None:
        await self._page.perform(action, permit)

    async def follow(self, waybill: str) -> Fact[InterceptState]:
        parcel = (await self._page.reload()).forward
        if parcel is None or parcel.waybill != waybill:
            return Unknown(why="unknown.absent", source=Source.SHOP)
        return parcel.intercept

    async def picture(self, waybill: str) -> bytes:
        del waybill
        return await self._page.picture()


@dataclass
class Ground:
    """A desk with a parcel that can be called back; `orders` is the other side's own count."""

    desk: InterceptDesk
    clock: Clock
    case: CaseKey
    courier: str
    waybill: str
    orders: Callable[[], int]


@pytest_asyncio.fixture(params=["window", "page"], loop_scope="session")
async def ground(
    request: pytest.FixtureRequest, tmp_path: Path, host: BrowserHost, simulator: StartSimulator
) -> AsyncIterator[Ground]:
    if request.param == "window":
        clock = VirtualClock()
        here = place(clock, ScreenLock(tmp_path / "screen.lock"), {"W100203": 800})
        case = CaseKey(platform="model", shop_id="s1", aftersale_id="1")
        yield Ground(here.desk, clock, case, "顺达", "W100203", lambda: len(here.courier.orders))
        return
    world = simulator(scenario="intercept", seed=2, cases=20)
    shop: dict[str, Any] = world.said["shops"][0]
    clock = SystemClock()
    floor = Floor(
        Workplace(host, clock, Mode.ACT),
        Site(world.url, shop["shop_id"], shop["name"]),
        Login(shop["account"], shop["password"]),
    )
    found = next(one for one in world.get("cases") if one["label"] == ["intercept"])
    case = CaseKey(platform="taobao", shop_id=found["shop_id"], aftersale_id=found["aftersale_id"])
    async with floor:
        await floor.session.ensure()
        page = await floor.refunds.open(case)
        parcel = (await page.read()).forward
        assert parcel is not None
        told = [one for one in world.get("effects") if one["verb"] == "intercept"]
        assert told == []
        yield Ground(
            PageDesk(page),
            clock,
            case,
            parcel.courier,
            parcel.waybill,
            lambda: sum(one["verb"] == "intercept" for one in world.get("effects")),
        )
        await page.close()


def permit(ground: Ground, fee: Money, on_send: Callable[[], None]) -> Permit:
    return Permit(
        intent=IntentId("in-1"),
        verb=Verb.INTERCEPT,
        case=ground.case,
        amount=fee,
        expires_at=ground.clock.monotonic() + 60,
        on_send=on_send,
    )


async def test_a_quote_commits_nothing_and_is_committed_once_at_its_fee(ground: Ground) -> None:
    assert ground.desk.serves(ground.courier)
    quote = await ground.desk.quote(ground.case, ground.waybill)
    assert (quote.feasible, quote.waybill, quote.fee > Money(0), ground.orders()) == (True, ground.waybill, True, 0)
    told = await ground.desk.follow(ground.waybill)
    assert isinstance(told, Known)
    assert told.value is InterceptState.NONE
    sent: list[int] = []
    action = Intercept(waybill=quote.waybill, fee=quote.fee)
    await ground.desk.perform(action, permit(ground, quote.fee, lambda: sent.append(ground.orders())))
    assert sent == [0], "the mark comes once, and before the courier hears of it"
    assert ground.orders() == 1
    after = await ground.desk.follow(ground.waybill)
    assert isinstance(after, Known)
    assert after.value is not InterceptState.NONE
    assert header(await ground.desk.picture(ground.waybill)).width > 200


@pytest.mark.parametrize("wrong", ["fee", "waybill"])
async def test_what_was_not_quoted_so_is_never_committed(ground: Ground, wrong: str) -> None:
    quote = await ground.desk.quote(ground.case, ground.waybill)
    fee = quote.fee + Money(100) if wrong == "fee" else quote.fee
    waybill = f"{ground.waybill[:-1]}{(int(ground.waybill[-1]) + 1) % 10}" if wrong == "waybill" else ground.waybill
    sent: list[str] = []
    with pytest.raises(RefundPilotError):
        await ground.desk.perform(Intercept(waybill=waybill, fee=fee), permit(ground, fee, lambda: sent.append("sent")))
    assert (sent, ground.orders()) == ([], 0)


async def test_brakes_at_the_last_moment_are_obeyed(ground: Ground) -> None:
    quote = await ground.desk.quote(ground.case, ground.waybill)

    def braked() -> None:
        raise Stopped("the kill switch is engaged", code="brake.kill")

    with pytest.raises((Stopped, NotSent)):
        await ground.desk.perform(Intercept(waybill=quote.waybill, fee=quote.fee), permit(ground, quote.fee, braked))
    assert ground.orders() == 0
