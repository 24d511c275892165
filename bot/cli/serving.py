"""What `refundpilot service …` does, and how it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot.catalogue import Catalogue
from bot.cli.callers import Caller
from bot.cli.front import Front
from bot.clock import SystemClock
from bot.config.files import writing
from bot.errors import ConfigError
from bot.ports.exits import ExitCode
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
