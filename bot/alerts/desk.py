"""The alarm desk: writes every call for a person down before anything else, sends what is due, and is silent once somebody answered."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

from loguru import logger

from bot.alerts.channels import Channel
from bot.alerts.ladder import Bundle, Ladder, bundles
from bot.alerts.links import AckLinks
from bot.alerts.log import LogNotifier
from bot.alerts.message import Message, Writer, bare
from bot.alerts.outliving import outlived
from bot.alerts.passing import end_alarms
from bot.alerts.sending import sent
from bot.alerts.subjects import UNSAID, WATCHED, subject_of
from bot.domain.decision import Reason
from bot.domain.ids import ShopKey
from bot.ports.alarms import AlarmBooks, AlarmEntry, Sending
from bot.ports.clock import Clock, Ids
from bot.ports.notifier import Alarm, Urgency

LOOK_AGAIN_S: Final = 3600.0


class AlarmDesk:
    """A Notifier over the ledger. `notify` is a commit and returns; whoever runs a loop calls `tick` every few seconds.

    Whatever is not sent when the process dies is sent by the next one: a message may come twice, none is lost.
    """

    def __init__(
        self,
        books: AlarmBooks,
        log: LogNotifier,
        clock: Clock,
        ids: Ids,
        ladder: Ladder,
        channels: Mapping[str, Channel],
        writer: Writer,
    ) -> None:
        self._books = books
        self._log = log
        self._clock = clock
        self._ids = ids
        self._ladder = ladder
        self._channels = channels
        self._writer = writer
        self._ticking = asyncio.Lock()
        self._looked: dict[str, tuple[Alarm, float]] = {}

    @property
    def links(self) -> AckLinks:
        """For whoever serves them."""
        return self._writer.links

    @property
    def speaks(self) -> bool:
        """Whether there is a way to tell anybody."""
        return bool(self._channels and self._ladder.rungs)

    def notify(self, alarm: Alarm) -> None:
        """Never raises: whatever the ledger's trouble is, the work itself meets it next, and the alarm is in the log all the same."""
        taken = False
        with outlived(f"the alarm {alarm.reason.code} is not in the ledger"):
            self.take(alarm)
            taken = True
        if not taken:
            self._looked.pop(subject_of(alarm).key, None)
            with outlived(f"the alarm {alarm.reason.code} could not be told here"):
                self._tell_here(alarm)

    def take(self, alarm: Alarm) -> None:
        """As `notify`, for whoever has another way to call people. What only somebody in front of the PC may care for is not kept open.

        Raises:
            LedgerError: it is not written down.
        """
        watched = alarm.reason.code in WATCHED
        if watched and self._looked_lately(alarm):
            return
        news = True
        if alarm.urgency is not Urgency.INFO:
            alarm = self._with_deadline(alarm)
            news = self._books.raise_alarm(alarm, subject_of(alarm))
        if news or not watched:
            self._tell_here(alarm)

    def _tell_here(self, alarm: Alarm) -> None:
        self._log.notify(alarm, aloud=alarm.reason.code not in UNSAID)

    def _with_deadline(self, alarm: Alarm) -> Alarm:
        """What keeps a whole shop from going on can wait for as long as the first deadline of its cases, and no longer."""
        whole_shop = not alarm.case_id and alarm.urgency is Urgency.CALL
        if not whole_shop or alarm.deadline is not None:
            return alarm
        return alarm.model_copy(update={"deadline": self._books.next_deadline(alarm.shop, self._clock.now())})

    def _looked_lately(self, alarm: Alarm) -> bool:
        """The same, no worse, within the hour."""
        key, now = subject_of(alarm).key, self._clock.monotonic()
        before, self._looked[key] = self._looked.get(key), (alarm, now)
        if before is None or _gravity(before[0]) != _gravity(alarm) or now - before[1] >= LOOK_AGAIN_S:
            return False
        self._looked[key] = before
        return True

    def has_just_told(self, reason: Reason) -> bool:
        """As `LogNotifier.has_just_told`."""
        return self._log.has_just_told(reason)

    def open(self) -> tuple[AlarmEntry, ...]:
        """What nobody has answered yet, the oldest first. Raises LedgerError."""
        return self._books.open_alarms()

    def acknowledge(self, wanted: int | str, by: str, note: str = "") -> tuple[int, ...]:
        """Answer an alarm by its number, or all of a message by its id; the numbers that were open. Raises LedgerError."""
        return self._books.acknowledge_alarms(wanted, by, note)

    def over(self, code: str, still: Collection[ShopKey]) -> None:
        """What this code told of has passed in all shops but these: that answers it, and it is news when it comes back. Raises LedgerError."""
        self.look_anew(code, still)
        end_alarms(self._books, code, lambda shop: shop not in still)

    def passed(self, code: str, shop: ShopKey) -> None:
        """As `over`, in this one shop. Never raises, as `notify`."""
        for key, (alarm, _) in tuple(self._looked.items()):
            if (alarm.reason.code, alarm.shop) == (code, shop):
                del self._looked[key]
        with outlived(f"the alarm {code} is over, and is not answered by that"):
            end_alarms(self._books, code, shop.__eq__)

    def look_anew(self, code: str, but: Collection[ShopKey] = ()) -> None:
        """What this code told of is news when it is found again, except in these shops."""
        for key, (alarm, _) in tuple(self._looked.items()):
            if alarm.reason.code == code and alarm.shop not in but:
                del self._looked[key]

    async def tick(self, now: datetime | None = None) -> datetime | None:
        """Send what is due by now (the PC's own unless told); when to look again, None for never. Never raises but when cancelled."""
        async with self._ticking:
            with outlived("alarms cannot be read or written down"):
                return await self._tick(now or self._clock.now())
        return None

    async def test(self, name: str) -> str:
        """Say over one channel that this is a test; what went wrong comes back, empty when it got through. KeyError: no such channel."""
        return await sent(self._channels, name, self._writer.test(self._ids.fresh("ms"), name))

    async def _tick(self, now: datetime) -> datetime | None:
        if not self.speaks or not (entries := self._books.open_alarms()):
            return None
        ready, later = bundles(entries, self._ladder, self._books.last_messages(now), now)
        for bundle in ready:
            with outlived("a message could not be sent, or not written down"):
                await self._tell(bundle, now)
        return now if ready else later

    async def _tell(self, bundle: Bundle, now: datetime) -> None:
        """The first channel that works is enough; each try is written down at the moment of the tick, which makes them one round."""
        id_ = self._ids.fresh("ms")
        message = self._message(id_, [entry for entry, _ in bundle.told], now)
        for name in bundle.channels:
            why = await sent(self._channels, name, message)
            for rung, numbers in _by_rung(bundle).items():
                tried = Sending(rung=rung, channel=name, at=now, ok=not why, message=id_, detail=why)
                self._books.sent_alarms(numbers, tried)
            if not why:
                return
        logger.error("an alarm reached nobody over {}", ", ".join(bundle.channels))

    def _message(self, id_: str, entries: Sequence[AlarmEntry], now: datetime) -> Message:
        """One alarm that cannot be put into words must not keep the others of its message, and itself, from being told."""
        with outlived("alarms cannot be put into words, only their codes are sent"):
            return self._writer.write(id_, entries, now)
        return bare(id_, entries)


def _gravity(alarm: Alarm) -> tuple[object, ...]:
    return alarm.urgency, alarm.amount, alarm.deadline


def _by_rung(bundle: Bundle) -> Mapping[int, Sequence[int]]:
    found: dict[int, list[int]] = {}
    for entry, rung in bundle.told:
        found.setdefault(rung, []).append(entry.number)
    return found
