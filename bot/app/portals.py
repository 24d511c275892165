"""Calls a person where a courier's portal is of no use any more, once, and takes the call back once it answers again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from bot.alerts.outliving import outlived
from bot.app.calling import EVERYWHERE
from bot.browser.launch import BrowserHost
from bot.domain.decision import Reason
from bot.domain.ids import ShopKey
from bot.errors import ChallengeRequired, RefundPilotError, SignInRefused
from bot.ports.notifier import Alarm, Urgency

if TYPE_CHECKING:
    from bot.app.wiring import House

SILENT_FOR: Final = timedelta(minutes=30)
"""A portal that is out of reach for so long is no passing trouble; before that its cases wait, and nobody is called."""

REFUSED: Final = "courier.refused"
CHALLENGE: Final = "courier.challenge"
SILENT: Final = "courier.silent"


class PortalWatch:
    """One portal during one sweep; `name` is its account's at the browser, which remembers from sweep to sweep."""

    def __init__(self, house: House, host: BrowserHost, courier: str, name: str) -> None:
        self._house = house
        self._host = host
        self._courier = courier
        self._name = name
        self._told = ""
        self._well = False

    def __call__(self, trouble: RefundPilotError | None) -> None:
        """How a question to it came out. Raises nothing."""
        with outlived(f"how the portal {self._courier} is cannot be told"):
            self._came_out(trouble)

    def _came_out(self, trouble: RefundPilotError | None) -> None:
        if trouble is None:
            self._answers()
            return
        self._well = False
        match trouble:
            case SignInRefused():
                self._tell(REFUSED, Urgency.CALL)
            case ChallengeRequired():
                self._tell(CHALLENGE, Urgency.CALL)
            case _:
                self._out_of_reach()

    def _answers(self) -> None:
        self._host.silent.pop(self._name, None)
        if not self._well:
            self._well, self._told = True, ""
            for code in (REFUSED, CHALLENGE, SILENT):
                self._house.notifier.passed(code, self._key)

    def _out_of_reach(self) -> None:
        now = self._house.clock.now()
        since = self._host.silent.setdefault(self._name, now)
        if now - since >= SILENT_FOR:
            self._tell(SILENT, Urgency.WARN, since=f"{since:%m-%d %H:%M}")

    def _tell(self, code: str, urgency: Urgency, **params: str) -> None:
        """Once a sweep; the alarm desk makes one of all sweeps."""
        if self._told != code:
            self._told = code
            reason = Reason(code=code, params={"courier": self._courier, **params})
            self._house.notifier.notify(
                Alarm(urgency=urgency, shop=self._key, reason=reason, deadline=self._first(urgency))
            )

    @property
    def _key(self) -> ShopKey:
        """The whole home's, and each portal's own."""
        return ShopKey(platform=EVERYWHERE.platform, shop_id=self._courier)

    def _first(self, urgency: Urgency) -> datetime | None:
        """A call can wait for as long as the first deadline of the shops that ask this portal."""
        if urgency is not Urgency.CALL:
            return None
        shops = (shop for shop in self._house.home.settings.shop if shop.courier == self._courier)
        now, ledger = self._house.clock.now(), self._house.ledger
        return min(filter(None, (ledger.next_deadline(shop.key, now) for shop in shops)), default=None)
