"""All that can stop a hand: kill switch, breaker, posture, allow-list, lease; asked before arming and again at the guard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from bot.domain.action import Verb
from bot.domain.decision import Reason
from bot.errors import NotAllowed, PageDrifted, SessionExpired, Stopped
from bot.ports.ledger import Lease
from bot.ports.notifier import Alarm, Urgency
from bot.runner.orders import Kit, Orders

LEASE_TTL_S = 120
"""Longer than permit deadline + quiet wait together (reliability.md 3.4), short enough that a dead PC frees the shop soon."""

FAILED_CASES_OPEN = 3
"""Cases in a row whose page could not be read before the breaker opens (design.md 6)."""


_LOOK_S = 1.0
"""How often whoever waits for a turn looks at what may stop the sweep."""

DRIFTS_FREEZE = 2
"""Fresh pages in a row on which a screen has to have drifted before its writes are frozen."""


class Brakes:
    """One shop's brakes during one sweep; holds the lease."""

    def __init__(self, kit: Kit, orders: Orders) -> None:
        self._kit = kit
        self._orders = orders
        self._lease = kit.ledger.acquire(orders.shop, orders.lease_owner, LEASE_TTL_S)
        self._barred: set[Verb] = set()
        self._drifts: Counter[str] = Counter()
        self._frozen: dict[str, PageDrifted] = {}
        self._failed_in_a_row = 0
        self._person_at_work = False
        self._next_turn_at = kit.clock.monotonic()

    @property
    def lease(self) -> Lease:
        """The lease as last renewed; renewed here once half of it is used up."""
        left = (self._lease.expires_at - self._kit.clock.now()).total_seconds()
        if left < LEASE_TTL_S / 2:
            self._lease = self._kit.ledger.renew(self._lease, LEASE_TTL_S)
        return self._lease

    def release(self) -> None:
        self._kit.ledger.release(self._lease)

    def check(self) -> None:
        """Raise Stopped when the kill switch is engaged or the breaker open."""
        if self._kit.kill.engaged():
            raise Stopped("the kill switch is engaged", code="brake.kill")
        if why := self._kit.ledger.breaker(self._orders.shop):
            raise Stopped(f"the breaker is open: {why}", code="brake.breaker")

    async def turn(self) -> None:
        """Wait until the shop's own limit lets the next action begin; whoever stops the sweep meanwhile need not wait for it.

        Raises:
            Stopped: by the kill switch, the breaker, or by hand.
        """
        while (left := self._next_turn_at - self._kit.clock.monotonic()) > 0:
            self.check()
            self._kit.heed_stop()
            await self._kit.clock.sleep(min(left, _LOOK_S))
        self._next_turn_at = self._kit.clock.monotonic() + self._orders.seconds_between_actions

    def check_click(self) -> None:
        """As `check`; also raises SessionExpired while a person is at a challenge: until then nobody clicks (F21).

        Nothing was sent, so the case is read again, and reading waits for the person.
        """
        self.check()
        if self._person_at_work:
            raise SessionExpired("a person is at the sign-in")

    @contextmanager
    def person_at_work(self) -> Iterator[None]:
        """No click leaves while the block runs."""
        self._person_at_work = True
        try:
            yield
        finally:
            self._person_at_work = False

    def check_verb(self, verb: Verb, *, by_hand: bool = False) -> None:
        """Raise NotAllowed when posture, allow-list or a missing right forbids this verb, by the orders or by the settings of now.

        The posture says who decides, and a person did; the list says what may be pressed in this shop at all, by whom ever.
        """
        bounds = self._kit.bounds(self._orders)
        if not bounds.acts and not by_hand:
            raise NotAllowed("the posture allows no clicks", code="brake.posture")
        if verb not in bounds.verbs:
            raise NotAllowed(f"{verb} is not on the shop's list", code="brake.verb")
        if verb in self._barred:
            raise NotAllowed(f"the account may not {verb}", code="brake.permission")

    def bar(self, verb: Verb) -> None:
        """The account lacks the right: do not try this verb again in this sweep."""
        self._barred.add(verb)

    def drifted(self, drift: PageDrifted) -> bool:
        """Whether the screen is frozen by it: no further write through it in this sweep; reads and other screens go on.

        Once is no drift yet: a page that loaded badly comes right when it is loaded afresh, a new release does not.
        """
        self._drifts[drift.screen] += 1
        if self._drifts[drift.screen] >= DRIFTS_FREEZE:
            self._frozen.setdefault(drift.screen, drift)
        return drift.screen in self._frozen

    def wrote_well(self, screens: Iterable[str]) -> None:
        """A write through these screens is proven: they are as they should be."""
        for screen in screens:
            del self._drifts[screen]

    def check_screens(self, screens: Iterable[str], case: str) -> None:
        """Raise NotAllowed, with the reason of the first drift, when a write would lead through a frozen screen."""
        for drift in filter(None, map(self._frozen.get, screens)):
            raise NotAllowed(
                str(drift), case=case, target=drift.target, page=drift.page, raw=drift.raw, code="brake.drifted"
            )

    def read_well(self) -> None:
        self._failed_in_a_row = 0

    def read_badly(self) -> None:
        """A case could not be read at all; the third in a row opens the breaker."""
        self._failed_in_a_row += 1
        if self._failed_in_a_row >= FAILED_CASES_OPEN:
            self.open_breaker("page")

    def open_breaker(self, why: str) -> None:
        self._kit.ledger.set_breaker(self._orders.shop, why)
        reason = Reason(code="brake.breaker", params={"detail": why})
        self._kit.notifier.notify(Alarm(urgency=Urgency.CALL, shop=self._orders.shop, reason=reason))
