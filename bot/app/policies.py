"""The policy file under watch during a sweep: what changes in it is an alarm, a line on the terminal and a note in the report."""

from __future__ import annotations

from bot.app.wiring import House
from bot.config import PolicyFile
from bot.domain.decision import Reason
from bot.domain.ids import ShopKey
from bot.engine.policy import Policy
from bot.ports.notifier import Alarm, Urgency
from bot.ports.progress import Progress

_URGENCY = {"policy.changed": Urgency.INFO}
"""Anything else about the policy means that the sweep goes on by another one than the file says."""


class PolicyWatch:
    """`bot.ports.policy.PolicySource` for all shops of one sweep; `shop` is the one in hand, `notes` are of the whole sweep."""

    def __init__(self, house: House, progress: Progress, shop: ShopKey) -> None:
        self._notifier = house.notifier
        self._progress = progress
        self._file = PolicyFile(house.home.files, house.home.policy, self.tell, house.catalogue)
        self.shop = shop
        self.notes: list[Reason] = []

    def in_force(self) -> Policy:
        """The file's policy, or the last whole one."""
        return self._file.in_force()

    def tell(self, reason: Reason) -> None:
        self.notes.append(reason)
        urgency = _URGENCY.get(reason.code, Urgency.CALL)
        self._notifier.notify(Alarm(urgency=urgency, shop=self.shop, reason=reason))
        self._progress.note(reason)
