"""Calling people while work goes on: the alarm desk of a home, its loop, and what it has to look for by itself."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from bot.alerts.channels import Web, channels_of
from bot.alerts.desk import AlarmDesk
from bot.alerts.ladder import ladder_of
from bot.alerts.links import AckLinks, key_of
from bot.alerts.log import LogNotifier
from bot.alerts.message import Writer
from bot.alerts.outliving import outlived
from bot.app.unswept import look_for_unswept
from bot.catalogue import Catalogue
from bot.config import Home
from bot.doctor.home import DISK_BAD_MIB, DISK_WARN_MIB, MIB
from bot.domain.decision import Reason
from bot.domain.ids import ShopKey
from bot.domain.outcome import CaseStatus
from bot.engine.workplan import LAST_CALL_S
from bot.ports.alarms import AlarmBooks
from bot.ports.clock import Clock, Ids
from bot.ports.notifier import Alarm, Urgency
from bot.runner.calls import NEAR_HOLD, near_hold
from bot.scheduler.regime import in_force, schedule_of

if TYPE_CHECKING:
    from bot.app.wiring import House

TICK_S: Final = 3.0
WATCH_S: Final = 60.0
LAST_S: Final = 30.0
"""How long a command that is done otherwise may go on sending what is due."""

EVERYWHERE: Final = ShopKey(platform="*", shop_id="*")
"""The "shop" of an alarm that is about the whole home."""

ENDED: Final = (CaseStatus.DONE, CaseStatus.FOREIGN, CaseStatus.FAILED)
MOOT: Final[Mapping[str, tuple[Collection[CaseStatus], timedelta]]] = {
    NEAR_HOLD: ((*ENDED, CaseStatus.WAITING), timedelta()),
    "risk.found": (ENDED, timedelta(days=1)),
    "hand.not_done": (ENDED, timedelta()),
    "signoff.verdict": (ENDED, timedelta()),
}
"""Alarms that end with their case, so that nobody has to answer hundreds of them: how it stands then, and for how long they stay."""


def desk_of(home: Home, books: AlarmBooks, clock: Clock, ids: Ids, say: Catalogue, web: Web | None = None) -> AlarmDesk:
    """The desk of a home that is open; it can tell people outside where the home was loaded with its logins."""
    told = home.settings.alarms
    key = key_of(home.path) if told.answer_url else b""
    links = AckLinks(key, told.answer_url or "", timedelta(hours=told.link_hours))
    shops = {str(shop.key): shop.name for shop in home.settings.shop}
    writer = Writer(say, shops, links, lambda path: _picture(home, path))
    log = LogNotifier(home.files.logs, clock, say)
    return AlarmDesk(books, log, clock, ids, ladder_of(home.settings), channels_of(home, clock, web), writer)


def _picture(home: Home, path: str) -> bytes:
    """A picture of this home; anything else is none."""
    place = home.path / path
    try:
        inside = path and place.resolve().is_relative_to(home.path.resolve())
        return place.read_bytes() if inside else b""
    except OSError:
        return b""


@asynccontextmanager
async def calling(house: Callable[[], House]) -> AsyncIterator[None]:
    """While the block runs, and for a bounded time at its end, what is due is sent; who breaks off hard does not wait for it.

    `house`: as it is by now, since its settings may be read again while the block runs.
    """
    done = asyncio.Event()
    loop = asyncio.create_task(_loop(house, done))
    hurried = False
    try:
        yield
    except asyncio.CancelledError:
        hurried = True
        raise
    finally:
        done.set()
        if not hurried:
            with suppress(TimeoutError):
                async with asyncio.timeout(LAST_S):
                    await loop  # a message that is on its way is not cut off, or it would come twice
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)


async def _loop(now: Callable[[], House], done: asyncio.Event) -> None:
    """Every few seconds, and once more when the work is done; whatever breaks in one round, there is a next one."""
    watched, began = float("-inf"), None
    while True:
        last = done.is_set()
        with outlived("a round of alarms"):
            house = now()
            if last or house.clock.monotonic() - watched >= WATCH_S:
                watched = house.clock.monotonic()
                began = began or house.clock.now()
                watch(house, began)
            await house.notifier.tick()
        if last:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(TICK_S):
                await done.wait()


def watch(house: House, since: datetime | None = None) -> None:
    """Look for what nobody else tells of: cases whose deadline is near (I22), and the room on the disk. Raises nothing.

    `since`: when this watch began; None: long ago.
    """
    looks: tuple[Callable[[House], None], ...] = (_moot, _near_holds, partial(look_for_unswept, since=since), _disk)
    for number, look in enumerate(looks, 1):
        with outlived(f"look {number} of {len(looks)} for what nobody tells of"):
            look(house)


def _moot(house: House) -> None:
    now = house.clock.now()
    for code, (standings, after) in MOOT.items():
        if house.ledger.close_moot(code, standings, now - after):
            house.notifier.look_anew(code)


def _near_holds(house: House) -> None:
    """Also what is only observed: the robot would act on it, and does not. After a dry run in a shop that acts, it still will."""
    now = house.clock.now()
    observed = frozenset(_observed(house.home, now))
    for hold in house.ledger.near_holds(now, now + timedelta(seconds=LAST_CALL_S)):
        if not hold.observed or hold.case.shop in observed:
            house.notifier.notify(near_hold(hold.case, hold.amount, hold.deadline))


def _observed(home: Home, now: datetime) -> Iterator[ShopKey]:
    """Shops in which nothing is done right now, nor proposed."""
    for shop in home.settings.shop:
        if (in_force(schedule_of(home.settings, shop.key), now).posture or shop.posture) == "observe":
            yield shop.key


def _disk(house: House) -> None:
    if alarm := disk(house):
        house.notifier.notify(alarm)


def disk(house: House) -> Alarm | None:
    """A full disk stops everything (F39): said while there is time to make room."""
    try:
        free = shutil.disk_usage(house.home.path).free // MIB
    except OSError:
        return None
    if free >= DISK_WARN_MIB:
        return None
    full = free < DISK_BAD_MIB
    reason = Reason(
        code="disk.full" if full else "disk.low", params={"free": f"{free:,}", "least": f"{DISK_BAD_MIB:,}"}
    )
    return Alarm(urgency=Urgency.CALL if full else Urgency.WARN, shop=EVERYWHERE, reason=reason)
