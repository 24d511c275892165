"""Sweeps that somebody at the console asked to see before they act: looked at by the service, confirmed once, by the same person."""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta

from loguru import logger

from bot.console.sessions import same
from bot.domain.decision import Reason
from bot.errors import RefundPilotError
from bot.ports.office import Errands
from bot.ports.office_views import LookView, Person
from bot.ports.wanted import Wanted

GOOD_FOR = timedelta(minutes=30)
"""What was shown longer ago is looked at anew: policy, page and countdowns move on."""

KEPT = 20
"""Looks that are remembered; the oldest makes room."""


class Looks:
    """All of one console, in memory: they end with it, and nothing of them was done."""

    def __init__(self, errands: Errands, now: Callable[[], datetime]) -> None:
        self._errands = errands
        self._now = now
        self._known: OrderedDict[str, LookView] = OrderedDict()
        self._running: set[asyncio.Task[None]] = set()
        self.changes = 0
        """Grows whenever one of them came to something."""

    def of(self, id_: str) -> LookView | None:
        """One of them, as far as it has come."""
        return self._known.get(id_)

    def begin(self, wanted: Wanted, person: Person) -> str:
        """Its id; whoever asks does not wait for the robot."""
        look = LookView(id=secrets.token_urlsafe(9), by=person.name, asked_at=self._now(), wanted=wanted)
        self._known[look.id] = look
        while len(self._known) > KEPT:
            self._known.popitem(last=False)
        task = asyncio.get_running_loop().create_task(self._look(look))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return look.id

    async def _look(self, look: LookView) -> None:
        try:
            dry = await self._errands.look(look.wanted)
            seen = {"state": "seen", "dry": dry, "once": secrets.token_urlsafe(32), "seen_at": self._now()}
        except RefundPilotError as error:
            logger.warning("a look that the console asked for failed: {} {}", error.reason_code, error)
            seen = {"state": "failed", "why": Reason(code=error.reason_code, params=error.params)}
        if look.id in self._known:
            self._known[look.id] = look.model_copy(update=seen)
        self.changes += 1

    def confirm(self, id_: str, once: str, person: Person) -> Wanted | None:
        """What exactly was shown, with hands now; None where it was confirmed before, is too old, or was not this person's."""
        look = self._known.get(id_)
        if look is None or look.dry is None or look.seen_at is None or not (look.once and same(look.once, once)):
            return None
        if look.by != person.name or self._now() - look.seen_at > GOOD_FOR:
            return None
        self._known[id_] = look.model_copy(update={"state": "confirmed", "once": ""})
        self.changes += 1
        return look.dry.then
