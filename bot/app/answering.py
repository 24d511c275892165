"""`refundpilot alarms`: what is open, answering it, and trying the channels; beside a robot that works in the home."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from bot.alerts.channels import Web
from bot.alerts.desk import AlarmDesk
from bot.app.calling import LAST_S, desk_of
from bot.catalogue import Catalogue, language_of
from bot.clock import SystemClock, SystemIds
from bot.config import Home
from bot.domain.ids import ShopKey
from bot.errors import ConfigError
from bot.ledger import SqlLedger, SqlReader
from bot.ports.alarms import AlarmsResult, AlarmsTested, ChannelTest, number_of
from bot.ports.exits import ExitCode
from bot.ports.notifier import Alarm


async def list_alarms(home: Home) -> AlarmsResult:
    """What nobody has answered yet. Raises LedgerError."""
    if not home.files.ledger.exists():
        return AlarmsResult(alarms=())
    with SqlReader(home.files.ledger) as reader:
        return AlarmsResult(alarms=reader.open_alarms())


async def answer_alarm(home: Home, wanted: str, by: str, note: str) -> tuple[int, ...]:
    """By an alarm's number, with or without #, or a message's id; the numbers that were open.

    No lock on the home is taken: who answers must not have to wait until a sweep is done. The ledger writes one after the other.

    Raises:
        ConfigError: nothing open has that number or id. LedgerError.
    """
    number = number_of(wanted.removeprefix("#"))
    numbers: tuple[int, ...] = ()
    if home.files.ledger.exists():
        with SqlLedger(home.files.ledger, SystemClock(), SystemIds()) as ledger:
            numbers = ledger.acknowledge_alarms(wanted if number is None else number, by, note)
    if not numbers:
        raise ConfigError(f"no open alarm {wanted}", raw=wanted, code="calls.no_such")
    return numbers


def raise_alarm(home: Home, alarm: Alarm) -> None:
    """Write an alarm down beside a robot that may hang or be gone; `send_due` tells people. Raises LedgerError."""
    with _desk_beside(home) as desk:
        desk.take(alarm)


def end_alarms(home: Home, code: str, shop: ShopKey) -> None:
    """Answer what is over, beside a robot that may hang or be gone. Raises nothing but for a ledger that cannot be opened (LedgerError)."""
    with _desk_beside(home) as desk:
        desk.passed(code, shop)


async def send_due(home: Home) -> None:
    """Send what is due by now, for at most half a minute. `home`: loaded with its logins. Raises LedgerError."""
    with _desk_beside(home) as desk, suppress(TimeoutError):
        async with asyncio.timeout(LAST_S):
            await desk.tick()


@contextmanager
def _desk_beside(home: Home) -> Iterator[AlarmDesk]:
    """The alarm desk without the home's lock: the ledger writes one after the other."""
    clock, ids = SystemClock(), SystemIds()
    home.files.make_folders()
    with SqlLedger(home.files.ledger, clock, ids) as ledger:
        yield desk_of(home, ledger, clock, ids, Catalogue(language_of(home.settings.language)))


async def try_channels(home: Home, channel: str, web: Web | None = None) -> AlarmsTested:
    """Say over one channel, or each, that this is a test. `home`: loaded with its logins.

    Raises:
        ConfigError: no channel of that name, or none at all.
    """
    names = [said.name for said in home.settings.channel if channel in {"", said.name}]
    if not names:
        known = ", ".join(said.name for said in home.settings.channel) or "—"
        raise ConfigError(f"no channel {channel}", raw=channel or "—", target=known, code="calls.no_channel")
    clock, ids = SystemClock(), SystemIds()
    say = Catalogue(language_of(home.settings.language))
    with SqlLedger(":memory:", clock, ids) as nowhere:
        desk = desk_of(home, nowhere, clock, ids, say, web)
        tested = tuple([ChannelTest(channel=name, why=await desk.test(name)) for name in names])
    failed = any(one.why for one in tested)
    return AlarmsTested(channels=tested, exit_code=ExitCode.HELD if failed else ExitCode.DONE)
