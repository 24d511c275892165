"""The tour shows every screen that the shop has right now, finds every target on it, and changes nothing."""

from __future__ import annotations

import pytest

from bot.browser.contracts import load_contracts
from bot.browser.guard import Mode
from bot.browser.launch import BrowserHost
from bot.browser.looks import look_over, worst_of
from bot.browser.mending import Shelf
from bot.browser.targets import load_targets
from bot.ports.mending import Look
from bot.resources import shipped
from tests.conftest import Simulator
from tests.flows.taobao.conftest import Ground, floor_for

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_tour_finds_all_that_the_shop_shows_and_writes_nothing(
    host: BrowserHost, world: Simulator, ground: Ground
) -> None:
    targets = load_targets("taobao")
    shelf = Shelf(shipped("selectors"), targets, load_contracts(targets))
    before, screens, looks = ground.mutations(), set[str](), []
    async with floor_for(host, world, mode=Mode.READ_ONLY) as floor:
        async for halt in floor.walk():
            looks += await look_over(halt.view, shelf, halt.name, halt.screens)
            screens |= halt.screens
    told = {one.target: one for one in worst_of(looks)}
    wrong = [one for one in told.values() if one.look in {Look.MISSING, Look.AMBIGUOUS, Look.DRIFTED, Look.HEALED}]
    assert wrong == []
    assert screens >= {"sign_in", "list", "detail", "remark", "complain", "refuse"}
    assert {told[key].look for key in ("list.table", "detail.remark", "remark.confirm", "refuse.submit")} == {
        Look.FOUND
    }
    assert ground.mutations() == before
