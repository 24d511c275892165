"""What the parts of a running service share: the house as it is by now, the browser, the queue, and the way things are told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.app.calling import EVERYWHERE
from bot.app.policies import PolicyWatch
from bot.app.pulse import Pulse
from bot.app.service.chores import CHORES, Chore
from bot.app.service.daybook import Daybook
from bot.app.service.pauses import Pauses
from bot.app.sweeping import sign_in_of, sweep_shops
from bot.app.wiring import House
from bot.browser.launch import BrowserHost
from bot.domain.action import Mark
from bot.domain.decision import Reason
from bot.domain.ids import ShopKey
from bot.ports.notifier import Alarm, Urgency
from bot.ports.progress import Progress, StopSignal
from bot.ports.results import ShopSweep, SweepResult
from bot.ports.turns import Turn
from bot.ports.wanted import Wanted
from bot.scheduler.agenda import Agenda
from bot.scheduler.duties import Duty, Job
from bot.scheduler.errands import Errands
from bot.scheduler.heartbeat import Phase

TICK_S = 0.5
"""How often clock, kill switch and queue are looked at: half of the second within which a kill switch is honoured."""

_IN_FLIGHT = frozenset({Mark.FIRED, Mark.SENT})


class Sweeper(Protocol):
    """`bot.app.sweeping.sweep_shops`, or what a test puts in its place."""

    async def __call__(
        self,
        house: House,
        host: BrowserHost,
        wanted: Wanted,
        progress: Progress,
        stop: StopSignal,
        *,
        policies: PolicyWatch,
        told: Callable[[ShopSweep], bool],
        turn: Turn,
    ) -> SweepResult: ...


@dataclass(frozen=True, slots=True)
class Hands:
    """Who does the work."""

    sweep: Sweeper = sweep_shops
    chores: Mapping[Job, Chore] = field(default_factory=lambda: CHORES)


@dataclass
class Desk:
    """`house` is replaced when the settings change; everything else stays."""

    house: House
    host: BrowserHost
    progress: Progress
    hands: Hands
    agenda: Agenda
    pulse: Pulse
    book: Daybook
    errands: Errands = field(default_factory=Errands)
    pauses: Pauses = field(default_factory=Pauses)
    ended: set[str] = field(default_factory=set)
    """Sign-ins that somebody wants ended, by name; done as soon as nothing is in hand."""
    overran: set[Duty] = field(default_factory=set)
    """Sweeps of which it was told that the schedule came round again before they were done."""

    def tell(self, reason: Reason, urgency: Urgency = Urgency.WARN, shop: ShopKey = EVERYWHERE) -> None:
        """An alarm, and a line for whoever sits in front of it."""
        self.house.notifier.notify(Alarm(urgency=urgency, shop=shop, reason=reason))
        self.progress.note(reason)

    def signed_in(self) -> Mapping[str, datetime]:
        """Since when, by shop, of those that are."""
        since = self.host.signed_in
        shops = self.house.home.settings.shop
        return {str(shop.key): since[name] for shop in shops if (name := sign_in_of(shop)) in since}

    def marked(self, mark: Mark) -> None:
        """A click is on its way, or its outcome is booked: told to the heartbeat, and nothing is made anew meanwhile."""
        self.host.in_flight = mark in _IN_FLIGHT
        if mark is Mark.SENT:
            self.pulse.turn(Phase.SENT)
        elif self.pulse.phase is Phase.SENT:
            self.pulse.turn(Phase.SWEEPING)
