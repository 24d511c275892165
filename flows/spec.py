"""What a platform's folder has to offer: its name, its guard table and how its desks are opened."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from playwright.async_api import Frame, Page

from bot.browser.guard import Guard, Mode, Refusal
from bot.browser.launch import BrowserHost
from bot.browser.nuisances import Incident
from bot.browser.rules import GuardRules
from bot.browser.session import BrowserSession, Look
from bot.desktop.desktop import Desktop
from bot.errors import RefundPilotError
from bot.ports.clock import Clock
from bot.ports.desks import CourierDesk, InterceptDesk, ShopFloor
from bot.recordings import PlatformPages
from bot.tape.rules import TapeRules


@dataclass(frozen=True, slots=True)
class Site:
    """Where a shop's back end is, and which shop it must be; a courier's portal has neither id nor name of a shop."""

    url: str
    shop_id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Login:
    """An account and its secret; the secret never shows in a repr, a log or an error."""

    account: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Screen:
    """What desks at programs of this PC are opened with; `selectors`: another folder than the shipped one."""

    desktop: Desktop
    selectors: Path | None = None


@dataclass(frozen=True, slots=True)
class Counter:
    """A courier's program on this PC: its name in the settings, whose parcels it serves, its window's title, its process."""

    name: str
    couriers: tuple[str, ...]
    title: str
    process: str


@dataclass(frozen=True, slots=True)
class Workplace:
    """What desks are opened with: the running browser, the clock, whether writes may pass, and where selectors are.

    `selectors`: another folder than the shipped one. `look`: size of the pages and time limits. `on_alarm` is told of
    every write or upload that the guard stopped, `on_incident` of every popup, native dialog and crash of a tab, `on_answer` of how each
    question to a courier's portal came out, None for an answer. `name`: of the account, so that a browser that keeps sign-ins gives each its own.
    """

    host: BrowserHost
    clock: Clock
    mode: Mode
    selectors: Path | None = None
    look: Look | None = None
    on_alarm: Callable[[Refusal], None] | None = None
    on_incident: Callable[[Incident], None] | None = None
    name: str = ""
    on_answer: Callable[[RefundPilotError | None], None] | None = None

    def guard(self, rules: GuardRules) -> Guard:
        """A guard for one session, by this workplace's clock, mode and alarm."""
        if self.on_alarm is None:
            return Guard(rules, self.clock, self.mode)
        return Guard(rules, self.clock, self.mode, self.on_alarm)

    async def session(self, guard: Guard) -> BrowserSession:
        """A fresh session behind that guard, in this workplace's browser; its incidents are told."""
        if self.on_incident is None:
            return await BrowserSession.open(self.host, guard, self.look, name=self.name)
        return await BrowserSession.open(self.host, guard, self.look, self.on_incident, self.name)


OpenShop: TypeAlias = Callable[[Workplace, Site, Login], ShopFloor]
OpenDesk: TypeAlias = Callable[[Screen, Counter, Login], InterceptDesk]
OpenCourier: TypeAlias = Callable[[Workplace, Site, Login], AbstractAsyncContextManager[CourierDesk]]


@dataclass(frozen=True, slots=True)
class Stop:
    """One halt of a tour: what stands open right now, what it is called, and which screens are shown by it."""

    view: Page | Frame
    name: str
    screens: frozenset[str]


Tour: TypeAlias = Callable[[Workplace, Site, Login], AsyncGenerator[Stop]]


@dataclass(frozen=True, slots=True)
class PlatformSpec:
    """A merchant back end. `open_shop` does no I/O: the floor's `async with` opens the browser session.

    `tour` walks through the screens that a shop shows right now, for whoever checks selectors; it only reads.
    `pages`: how a recorded page of each kind is read (recordings/README.md).
    """

    name: str
    guard_rules: Callable[[str], GuardRules]
    open_shop: OpenShop
    tour: Tour
    pages: PlatformPages
    tape: TapeRules


@dataclass(frozen=True, slots=True)
class CourierSpec:
    """A courier's portal; `async with open_courier(…) as desk` opens the browser session, sign-in waits for the first use."""

    name: str
    guard_rules: Callable[[str], GuardRules]
    open_courier: OpenCourier
    pages: PlatformPages
    tape: TapeRules


@dataclass(frozen=True, slots=True)
class DeskSpec:
    """A program with windows of its own. `open_desk` touches nothing on the screen: the desk does when it is asked."""

    name: str
    open_desk: OpenDesk
