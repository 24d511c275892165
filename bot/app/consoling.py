"""`refundpilot console`: the console alone over a home, without a robot; and people's tokens."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from bot.app.office import open_office, people_of
from bot.app.office_links import ServiceErrands
from bot.app.service import Service, run_service
from bot.app.tray import in_tray
from bot.clock import SystemClock
from bot.config import Home
from bot.config.tokens import hand_in, make_token, revoke_token, take_in
from bot.console.serving import serve, served_at
from bot.console.sessions import HandedIn
from bot.domain.decision import Reason
from bot.errors import ConfigError
from bot.ports.clock import Clock
from bot.ports.progress import Progress, StopSignal
from bot.ports.status import RunOptions, RunResult

_LOOK_S = 0.2


@asynccontextmanager
async def company(service: Service, *, tray: bool | None = False) -> AsyncIterator[None]:
    """The console of a service, as one of its guests, and the tray's icon: what people decide there is done by its robot.

    A service whose console cannot be served works all the same, and says so. `tray`: see `RunOptions`. Raises LedgerError.
    """
    home, clock = service.house.home, service.house.clock
    with open_office(home, ServiceErrands(service), clock=clock) as office:
        async with AsyncExitStack() as beside:
            there = None
            try:
                there = await beside.enter_async_context(
                    serve(office, home.path, SystemClock().monotonic, home.settings.console.port, handed_in=_door(home))
                )
                said = Reason(code="console.beside", params={"url": there.url})
            except ConfigError as error:
                said = Reason(code="console.not_served", params={"detail": str(error)})
            service.progress.note(said)
            if tray is not False:
                icon = in_tray(office, there, service.progress.note, asked=tray is True)
                await beside.enter_async_context(icon)
            yield


async def leave_running(
    home: Home, options: RunOptions, progress: Progress, stop: StopSignal, clock: Clock | None = None
) -> RunResult:
    """`run_service` with its console beside it."""
    return await run_service(home, options, progress, stop, clock, guests=[partial(company, tray=options.tray)])


async def run_console(home: Home, port: int, person: str, ready: Callable[[str, str], None], stop: StopSignal) -> str:
    """Serve until `stop` is set.

    Args:
        home: its ledger is made where there is none yet.
        port: 0 for a free one.
        person: as whom the link lets in; empty for the first of the settings.
        ready: told the address, and the link that lets in once.
        stop: asked five times a second.

    Returns:
        Where a console of this home answers already; empty where this was the one.

    Raises:
        ConfigError: no such person; the port is taken. LedgerError.
    """
    if there := served_at(home.path):
        return there
    clock = SystemClock()
    with open_office(home) as office:
        _known(person, [one.name for one in office.people])
        async with serve(office, home.path, clock.monotonic, port, person, _door(home)) as served:
            ready(served.url, served.way_in)
            while not stop.is_set():
                await clock.sleep(_LOOK_S)
    return ""


def way_into_console(home: Home, person: str) -> str:
    """A link that lets in once, soon, where a console of this home answers; empty where none does, or people are named and nobody says which.

    Raises:
        ConfigError: no such person, or the home cannot be written.
    """
    there, people = served_at(home.path), [one.name for one in people_of(home.settings)]
    _known(person, people)
    if not there or (home.settings.console.person and not person):
        return ""
    return f"{there}enter#{hand_in(home.files.console_once, person or people[0], SystemClock().now())}"


def _door(home: Home) -> HandedIn:
    return partial(take_in, home.files.console_once, SystemClock().now)


def make_console_token(home: Home, name: str, *, revoke: bool) -> str:
    """A fresh token for a person who may come in; with `revoke` the old one goes, and its name comes back, empty where there was none.

    Raises:
        ConfigError: no such person, or the home cannot be written.
    """
    if revoke:
        return name if revoke_token(home.files.console_tokens, name) else ""
    _known(name or "?", [one.name for one in people_of(home.settings)])
    return make_token(home.files.console_tokens, name)


def _known(name: str, people: list[str]) -> None:
    if name and name not in people:
        told = ", ".join(people)
        raise ConfigError(f"no person {name} among {told}", raw=name, target=told or "—", code="console.no_person")
