"""What `refundpilot service …` does, and how it is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from loguru import logger
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot.alerts.log import LogNotifier
from bot.catalogue import Catalogue
from bot.cli.front import Front
from bot.cli.use_cases import use_cases
from bot.clock import SystemClock
from bot.config import Home, HomeFiles, load_home
from bot.config.files import writing
from bot.errors import ConfigError, RefundPilotError
from bot.ports.exits import ExitCode
from bot.ports.notifier import Alarm
from bot.service.deadman import look_at
from bot.service.heartbeat import read_heartbeat
from bot.service.hosts import Part, State
from bot.service.installation import Scope
from bot.service.installing import Site, lingers, site_of, waits_of
from bot.service.readback import decoded
from bot.service.steps import Remove, Step, Write

_MARKS = {State.SAME: ("✓", "green"), State.ABSENT: ("✗", "yellow"), State.DIFFERS: ("!", "red")}


def install(front: Front, home: Path, *, user: bool | None, dry_run: bool) -> ExitCode:
    """Say what will be done, do it, read it back."""
    site = site_of(home, _scope(user), looks_only=dry_run)
    if dry_run:
        return _only_said(front, site, site.steps())
    if not front.as_json:
        front.print({}, _steps(site.steps()), whole=True)
    code = "service.installed" if site.install() else "service.was_installed"
    front.done(code, _body(site, site.parts()), name=site.wanted.name, home=home)
    if site.wanted.scope is Scope.USER and lingers(site.wanted.account, site.run) is False:
        front.tell("service.linger", account=site.wanted.account)
    return ExitCode.DONE


def uninstall(front: Front, home: Path, *, user: bool | None, dry_run: bool) -> ExitCode:
    """Take away what install put there, and see that it is gone."""
    site = site_of(home, _scope(user), looks_only=dry_run)
    if dry_run:
        return _only_said(front, site, site.removal())
    code = "service.uninstalled" if site.uninstall() else "service.was_not_installed"
    front.done(code, _body(site, site.parts()), name=site.wanted.name, home=home)
    return ExitCode.DONE


def status(front: Front, home: Path, *, user: bool | None) -> ExitCode:
    """HELD when something of it is missing or changed."""
    site = site_of(home, _scope(user))
    parts, beat = site.parts(), read_heartbeat(home)
    code = ExitCode.DONE if all(part.state is State.SAME for part in parts) else ExitCode.HELD
    told = beat.model_dump(mode="json", exclude={"command", "created"}) if beat else None
    heart = (
        front.say.text_of("service.heartbeat", at=beat.at, phase=beat.phase, pid=beat.pid, shop=beat.shop)
        if beat
        else front.say.text_of("service.no_heartbeat")
    )
    front.print(_body(site, parts) | {"heartbeat": told, "exit_code": code}, Group(_parts(parts, front.say), heart))
    return code


def watch(front: Front, home: Path, *, kill: bool) -> ExitCode:
    """One look; 3 when a person is needed. Works with broken settings and without the ledger."""
    if not home.is_dir():
        raise ConfigError(f"no such folder: {home}", page=str(home), code="cli.no_home")
    root = home.resolve()
    with writing(root):
        caller = Caller(root, front.say)
        result = look_at(root, SystemClock().now(), caller, waits_of(root), kill=kill)
    if result.exit_code is not ExitCode.DONE:
        caller.send()
    front.print(result.model_dump(mode="json"), Text(front.say.text(result.what)))
    return result.exit_code


class Caller:
    """How the watch calls a person: over the home's channels, beside whoever holds its lock; where they cannot be had, by the log.

    Ledger and channels are opened only where there is something to tell, and a home without channels needs neither.
    """

    def __init__(self, home: Path, say: Catalogue) -> None:
        files = HomeFiles(home)
        with writing(files.logs):
            files.logs.mkdir(parents=True, exist_ok=True)
        self._log = LogNotifier(files.logs, SystemClock(), say)
        self._path = home

    def notify(self, alarm: Alarm) -> None:
        if not self._tried(lambda home: use_cases().raise_alarm(home, alarm)):
            self._log.notify(alarm)

    def send(self) -> None:
        """What is due by now, this look's alarm or the next rung of an earlier one's."""
        self._tried(lambda home: asyncio.run(use_cases().send_due(home)))

    def _tried(self, do: Callable[[Home], None]) -> bool:
        """Whether it was done: a watch must outlive settings, a ledger and libraries that are broken."""
        try:
            home = load_home(self._path, last_good_policy=True, last_good_settings=True)
            if not home.settings.channel:
                return False
            do(home)
        except (RefundPilotError, ImportError) as error:
            logger.error("the channels of {} could not be used: {}", self._path, error)
            return False
        return True


def _scope(user: bool | None) -> Scope | None:  # noqa: FBT001 - Typer's own form of a choice between two options
    return None if user is None else Scope.USER if user else Scope.SYSTEM


def _only_said(front: Front, site: Site, steps: Sequence[Step]) -> ExitCode:
    said = [line for step in steps for line in _told(step)]
    front.print(
        {"name": site.wanted.name, "scope": site.wanted.scope, "steps": said, "exit_code": 0}, _steps(steps), whole=True
    )
    return ExitCode.DONE


def _steps(steps: Sequence[Step]) -> RenderableType:
    return Text("\n".join(line for step in steps for line in _told(step)))


def _told(step: Step) -> list[str]:
    """A step as a person may read it; arguments as a list, since no shell ever sees them."""
    match step:
        case Write(path, content):
            return [f"+ {path}", *_indented(content)]
        case Remove(path):
            return [f"- {path}"]
        case _:
            return [f"$ {list(step.argv)}", *_indented(step.handed)]


def _indented(content: bytes) -> list[str]:
    return [f"    {line}" for line in decoded(content).lstrip("\ufeff").splitlines()]


def _parts(parts: Sequence[Part], say: Catalogue) -> RenderableType:
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
    for part in parts:
        mark, style = _MARKS[part.state]
        told = say.text_of(f"service.state.{part.state}")
        table.add_row(Text(mark, style=style), Text(part.name), Text(f"{told} {part.detail}".rstrip()))
    return table


def _body(site: Site, parts: Sequence[Part]) -> dict[str, object]:
    return {
        "name": site.wanted.name,
        "scope": site.wanted.scope,
        "account": site.wanted.account,
        "parts": [{"name": part.name, "state": part.state, "detail": part.detail} for part in parts],
    }
