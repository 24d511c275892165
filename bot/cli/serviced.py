"""`refundpilot service …`: the robot as a service of the PC, and the watch over it."""

from __future__ import annotations

from typing import Annotated

import typer

from bot.cli.front import Front, conduct
from bot.cli.options import HomeOption, JsonOption, helped
from bot.ports.exits import ExitCode

service = typer.Typer(no_args_is_help=True, help=helped("service"))

ScopeOption = Annotated[bool | None, typer.Option("--user/--system", help=helped("service_scope"), show_default=False)]
DryOption = Annotated[bool, typer.Option("--dry-run", help=helped("service_dry"))]


@service.command("install", help=helped("service_install"))
def install(
    home: HomeOption, *, user: ScopeOption = None, dry_run: DryOption = False, as_json: JsonOption = False
) -> None:
    """Make it start with the PC."""

    def work(front: Front) -> ExitCode:
        from bot.cli import serving  # noqa: PLC0415  # brings the process kit along; `stop` cannot wait

        return serving.install(front, home, user=user, dry_run=dry_run)

    conduct(work, home=home, as_json=as_json)


@service.command("uninstall", help=helped("service_uninstall"))
def uninstall(
    home: HomeOption, *, user: ScopeOption = None, dry_run: DryOption = False, as_json: JsonOption = False
) -> None:
    """Take away exactly what install put there."""

    def work(front: Front) -> ExitCode:
        from bot.cli import serving  # noqa: PLC0415  # brings the process kit along; `stop` cannot wait

        return serving.uninstall(front, home, user=user, dry_run=dry_run)

    conduct(work, home=home, as_json=as_json)


@service.command("status", help=helped("service_status"))
def status(home: HomeOption, *, user: ScopeOption = None, as_json: JsonOption = False) -> None:
    """What is installed, and whether it lives."""

    def work(front: Front) -> ExitCode:
        from bot.cli import serving  # noqa: PLC0415  # brings the process kit along; `stop` cannot wait

        return serving.status(front, home, user=user)

    conduct(work, home=home, as_json=as_json)


@service.command("watch", help=helped("service_watch"))
def watch(
    home: HomeOption,
    *,
    kill: Annotated[bool, typer.Option("--kill", help=helped("service_kill"))] = False,
    as_json: JsonOption = False,
) -> None:
    """One look of the dead-man watch; a second unit or task runs it every minute."""

    def work(front: Front) -> ExitCode:
        from bot.cli import serving  # noqa: PLC0415  # brings the process kit along; `stop` cannot wait

        return serving.watch(front, home, kill=kill)

    conduct(work, home=home, as_json=as_json)
