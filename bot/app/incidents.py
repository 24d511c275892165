"""Tells somebody what the pages of a sweep did that nobody asked for: popups, native dialogs, crashed tabs (F8, F31, F32)."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from bot.browser.nuisances import Incident, Nuisance
from bot.domain.decision import Reason
from bot.domain.ids import ShopKey
from bot.ports.notifier import Alarm, Notifier, Urgency

_URGENCY: Final = MappingProxyType(
    {Nuisance.POPUP: Urgency.INFO, Nuisance.DIALOG: Urgency.WARN, Nuisance.CRASH: Urgency.WARN}
)
"""A popup was closed and is gone; a question that was answered with no, or a tab that died, may be why a case was held."""


class Incidents:
    """One shop's in one sweep; a page that repeats itself is told of once."""

    def __init__(self, notifier: Notifier, shop: ShopKey) -> None:
        self._notifier = notifier
        self._shop = shop
        self._told: set[Incident] = set()

    def __call__(self, incident: Incident) -> None:
        """Called from the browser's own events: cheap, raises nothing."""
        if incident in self._told:
            return
        self._told.add(incident)
        params = {"page": incident.page, "raw": incident.text}
        reason = Reason(code=f"incident.{incident.kind}", params=params)
        self._notifier.notify(Alarm(urgency=_URGENCY[incident.kind], shop=self._shop, reason=reason))
