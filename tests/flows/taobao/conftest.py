"""A signed-in floor over one running simulator, and fresh cases of it for each test."""

from __future__ import annotations

import hashlib
import io
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Frame, Page

from bot.browser.guard import Mode
from bot.browser.launch import BrowserHost
from bot.browser.read import PageData
from bot.clock import SystemClock
from bot.domain.action import Action, stated_amount
from bot.domain.base import Sha256
from bot.domain.case import Snapshot
from bot.domain.ids import CaseKey, IntentId
from bot.ports.desks import Permit, Proof
from flows.spec import Login, Site, Workplace
from flows.taobao import list_tab
from flows.taobao.case_page import DetailPage
from flows.taobao.endpoints import (
    AGREE,
    AGREE_RETURN,
    COMPLAIN,
    CONFIRM_RECEIPT,
    INTERCEPT,
    NEGOTIATE,
    REFUSE,
    REMARK,
    UPLOAD,
    UPLOAD_COMPLAINT,
)
from flows.taobao.spec import Floor
from tests.conftest import Simulator, end_simulator, start_simulator

CLOCK = SystemClock()
_WRITES = (AGREE, AGREE_RETURN, CONFIRM_RECEIPT, REFUSE, INTERCEPT, REMARK, NEGOTIATE, COMPLAIN)
MUTATING = [f"POST {path}" for path in (*_WRITES, UPLOAD, UPLOAD_COMPLAINT)]


ANY_TYPE: frozenset[str] = frozenset()


@dataclass
class Ground:
    """A simulator with the floor that works in it."""

    simulator: Simulator
    floor: Floor
    taken: set[str] = field(default_factory=set)

    @property
    def shop(self) -> dict[str, Any]:
        return dict(self.simulator.said["shops"][0])

    def mutations(self) -> dict[str, int]:
        """What reached the server beside reads, by method and path."""
        counts = self.simulator.get("requests")
        return {name: counts[name] for name in counts if name.startswith("POST") and name in MUTATING}

    def effects(self, case: CaseKey) -> list[str]:
        return [one["verb"] for one in self.simulator.get("effects") if one["aftersale_id"] == case.aftersale_id]

    def fault(self, kind: str, at: str = "*", times: int = 1) -> None:
        self.simulator.post("faults", kind=kind, at=at, times=times)

    def fresh(
        self, label: str, state: str = "wait_seller", most_fen: int = 200_000, types: frozenset[str] = ANY_TYPE
    ) -> CaseKey:
        """A case that no test has used, of which a flawless clerk would say `label`."""
        for case in self.simulator.get("cases"):
            found = case["aftersale_id"]
            fits = case["state"] == state and case["label"] == [label] and case["amount_fen"] < most_fen
            fits = fits and (not types or case["type"] in types)
            if fits and case["shop_id"] == self.shop["shop_id"] and found not in self.taken:
                self.taken.add(found)
                return CaseKey(platform="taobao", shop_id=case["shop_id"], aftersale_id=found)
        raise LookupError(f"the scenario has no further case for {label} in {state}")

    @asynccontextmanager
    async def opened(self, case: CaseKey) -> AsyncIterator[tuple[DetailPage, Snapshot]]:
        page = await self.floor.refunds.open(case)
        assert isinstance(page, DetailPage)
        try:
            yield page, await page.read()
        finally:
            await page.close()


@dataclass
class Firing:
    """One permit and what became of it."""

    permit: Permit
    sent: list[str]


def permit_for(case: CaseKey, action: Action, life_s: float = 60.0, *, insists: bool = False) -> Firing:
    sent: list[str] = []
    permit = Permit(
        intent=IntentId(f"in-{case.aftersale_id}"),
        verb=action.verb,
        case=case,
        amount=stated_amount(action),
        expires_at=CLOCK.monotonic() + life_s,
        on_send=lambda: sent.append(case.aftersale_id),
        insists=insists,
    )
    return Firing(permit, sent)


def await_counters(monkeypatch: pytest.MonkeyPatch) -> None:
    """The list is read once its counter cards say something: a card that comes late costs another pass, by right."""
    settled = list_tab.read_settled

    async def counted(view: Page | Frame, left_behind: str, timeout_s: float) -> PageData:
        await view.wait_for_function(
            "![...document.querySelectorAll('[data-counter] b')].some((card) => card.textContent === '-')"
        )
        return await settled(view, left_behind, timeout_s)

    monkeypatch.setattr(list_tab, "read_settled", counted)


def proof(number: int) -> Proof:
    """A small picture, different for each number."""
    made = io.BytesIO()
    Image.new("RGB", (60, 40), (number % 256, number // 256, 90)).save(made, "PNG")
    data = made.getvalue()
    return Proof(Sha256(hashlib.sha256(data).hexdigest()), "image/png", data)


def floor_for(host: BrowserHost, simulator: Simulator, *, mode: Mode = Mode.ACT, **changes: str) -> Floor:
    """A floor that is not open yet; `changes` to url, shop_id, name, account, password."""
    shop = {"url": simulator.url, **simulator.said["shops"][0], **changes}
    place = Workplace(host, CLOCK, mode)
    return Floor(place, Site(shop["url"], shop["shop_id"], shop["name"]), Login(shop["account"], shop["password"]))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """One simulator for the module: tests take different cases of it."""
    started = start_simulator(tmp_path_factory.mktemp("simulator") / "log", scenario="mixed", seed=11, cases=200)
    yield started
    end_simulator(started)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def ground(host: BrowserHost, world: Simulator) -> AsyncIterator[Ground]:
    async with floor_for(host, world) as floor:
        await floor.session.ensure()
        yield Ground(world, floor)
