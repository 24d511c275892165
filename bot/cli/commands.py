"""The commands: each parses, calls one use case and prints; what they mean stands in docs/runbook.md."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path
from typing import Annotated, Literal

import typer

from bot.cli import days, running, swept, tapes
from bot.cli.alarms import alarms
from bot.cli.deciding import decide
from bot.cli.front import Front, conduct, to_read
from bot.cli.homes import need_candidate, shop_of, to_sweep
from bot.cli.interrupt import run
from bot.cli.options import HomeOption, JsonOption, MaybeHomeOption, helped
from bot.cli.pages import page
from bot.cli.policies import policy
from bot.cli.serviced import service
from bot.cli.targets import mend, selectors
from bot.cli.usage import Commands
from bot.cli.use_cases import use_cases
from bot.clock import SystemClock
from bot.config import (
    FileKillSwitch,
    HomeFiles,
    write_home,
)
from bot.config.picks import Filters
from bot.config.scaffold import PolicyName
from bot.errors import ConfigError
from bot.ports.exits import ExitCode
from bot.ports.results import DemoOptions
from bot.ports.wanted import Wanted

cli = typer.Typer(
    name="refundpilot",
    cls=Commands,
    help=helped("refundpilot"),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # it prints local variables, passwords among them
)
cli.add_typer(policy, name="policy")
cli.add_typer(page, name="page")
cli.command(help=helped("decide"))(decide)
cli.add_typer(service, name="service")
cli.add_typer(alarms, name="alarms")
cli.command(help=helped("run"))(running.run)
cli.command(help=helped("record"))(tapes.record)
cli.command(help=helped("replay"))(tapes.replay)
cli.add_typer(selectors, name="selectors")
cli.command(help=helped("mend"))(mend)
cli.command(help=helped("report"))(days.report)
cli.command(help=helped("tidy"))(days.tidy)
cli.command(help=helped("forget"))(days.forget)


def _version(*, asked: bool) -> None:
    if asked:
        typer.echo(f"refundpilot {metadata.version('refundpilot')}")
        raise typer.Exit


@cli.callback()
def whole(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help=helped("version"))
    ] = False,
) -> None:
    """Options of the program itself."""


@cli.command(help=helped("demo"))
def demo(
    cases: Annotated[int, typer.Option(min=10, max=10_000, help=helped("cases"))] = 60,
    seed: Annotated[int, typer.Option(help=helped("seed"))] = 1,
    *,
    headed: Annotated[bool, typer.Option("--headed", help=helped("headed"))] = False,
    as_json: JsonOption = False,
) -> None:
    """Sweep a simulated shop from sign-in to proof."""

    def work(front: Front) -> ExitCode:
        options = DemoOptions(cases=cases, seed=seed, headed=headed)
        with front.progress() as progress:
            result = run(lambda stop: use_cases().run_demo(options, progress, stop), front.heard)
        front.show(result, front.summary.demo(result), report=result.report)
        return result.exit_code

    conduct(work, as_json=as_json)


@cli.command(help=helped("init"))
def init(
    home: Annotated[Path, typer.Argument(file_okay=False, help=helped("init_home"))],
    simulator: Annotated[str, typer.Option(help=helped("simulator"))] = "",
    policy: Annotated[PolicyName, typer.Option(help=helped("init_policy"))] = "balanced",
    *,
    force: Annotated[bool, typer.Option("--force", help=helped("force"))] = False,
    as_json: JsonOption = False,
) -> None:
    """Write a new home."""

    def work(front: Front) -> ExitCode:
        from bot.cli.fetch import fetch_sandbox  # noqa: PLC0415  # its HTTP client takes half a second; `stop` cannot wait

        sandbox = fetch_sandbox(simulator) if simulator else None
        files = write_home(home, sandbox, policy=policy, force=force)
        written = {"settings": files.settings, "policy": files.policy, "credentials": files.credentials}
        body = {"home": str(home), **{name: str(path) for name, path in written.items()}}
        code = "cli.written_sandbox" if sandbox else "cli.written"
        front.done(code, body, home=home, settings=files.settings.name)
        return ExitCode.DONE

    conduct(work, as_json=as_json)


@cli.command(help=helped("doctor"))
def doctor(home: MaybeHomeOption = None, *, as_json: JsonOption = False) -> None:
    """Examine PC and home."""

    def work(front: Front) -> ExitCode:
        from bot.cli.checkup import checkup  # noqa: PLC0415  # brings the browser kit along; `stop` cannot wait

        return checkup(front, home)

    conduct(work, home=home, as_json=as_json)


@cli.command(help=helped("sweep"))
def sweep(
    home: HomeOption,
    shop: Annotated[str | None, typer.Option(help=helped("shop"))] = None,
    posture: Annotated[
        Literal["observe", "propose", "act", "shadow"] | None, typer.Option(help=helped("posture"))
    ] = None,
    shadow: Annotated[Path | None, typer.Option(dir_okay=False, exists=True, help=helped("shadow"))] = None,
    tape: Annotated[Path | None, typer.Option(dir_okay=False, help=helped("tape_new"))] = None,
    scene: Annotated[list[str] | None, typer.Option(help=helped("pick_scene"))] = None,
    at_least: Annotated[str | None, typer.Option(metavar="10.00", help=helped("pick_at_least"))] = None,
    at_most: Annotated[str | None, typer.Option(metavar="200.00", help=helped("pick_at_most"))] = None,
    deadline_before: Annotated[
        str | None, typer.Option(metavar="2h|2026-11-28T18:00", help=helped("pick_deadline_before"))
    ] = None,
    ids: Annotated[Path | None, typer.Option(metavar="FILE", allow_dash=True, help=helped("pick_ids"))] = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=helped("pick_dry_run"))] = False,
    yes: Annotated[bool, typer.Option("--yes", help=helped("pick_yes"))] = False,
    as_json: JsonOption = False,
) -> None:
    """One pass over one shop or all, or over some of their cases."""

    def work(front: Front) -> ExitCode:
        loaded = to_sweep(front, home)
        loaded = loaded.with_shadow(shadow) if shadow else loaded
        chosen = None if shop is None else shop_of(loaded, shop)
        own = None if posture == "shadow" else posture
        if posture == "shadow":
            need_candidate(loaded, chosen)
        pick = Filters(scene or (), at_least, at_most, deadline_before, ids).pick()
        wanted = Wanted(shop=chosen, posture=own, pick=pick)
        return swept.sweep(front, use_cases(), loaded, wanted, swept.Asked(only_look=dry_run, yes=yes, tape=tape))

    conduct(work, home=home, as_json=as_json)


@cli.command(help=helped("status"))
def status(home: HomeOption, *, as_json: JsonOption = False) -> None:
    """Where everything stands."""

    def work(front: Front) -> ExitCode:
        loaded = to_read(front, home)
        result = run(lambda _: use_cases().status(loaded), front.heard)
        front.show(result, front.summary.status(result))
        return result.exit_code

    conduct(work, home=home, as_json=as_json)


@cli.command(help=helped("audit"))
def audit(home: HomeOption, *, as_json: JsonOption = False) -> None:
    """Prove the ledger."""

    def work(front: Front) -> ExitCode:
        loaded = to_read(front, home)
        result = run(lambda _: use_cases().audit(loaded), front.heard)
        front.show(result, front.summary.audit(result))
        return result.exit_code

    conduct(work, home=home, as_json=as_json)


@cli.command(help=helped("stop"))
def stop(
    home: HomeOption,
    *,
    clear: Annotated[bool, typer.Option("--clear", help=helped("clear"))] = False,
    close_breaker: Annotated[str | None, typer.Option(metavar="SHOP", help=helped("close_breaker"))] = None,
    as_json: JsonOption = False,
) -> None:
    """The kill switch: needs nothing but the folder, so it works when everything else is broken."""

    def work(front: Front) -> ExitCode:
        if close_breaker is not None:
            return _close_breaker(front, home, close_breaker)
        if not home.is_dir():
            raise ConfigError(f"no such folder: {home}", page=str(home), code="cli.no_home")
        switch = FileKillSwitch(HomeFiles(home).stop)
        was = switch.engaged()
        if clear:
            switch.clear()
            code = "cli.stop_cleared" if was else "cli.stop_was_clear"
        else:
            switch.engage(SystemClock().now())
            code = "cli.stop_engaged"
        front.done(code, {"home": str(home), "stopped": not clear, "was_stopped": was})
        return ExitCode.DONE

    conduct(work, home=home, as_json=as_json)


def _close_breaker(front: Front, home: Path, name: str) -> ExitCode:
    loaded = to_read(front, home)
    shop = shop_of(loaded, name)
    why = run(lambda _: use_cases().close_breaker(loaded, shop), front.heard)
    code = "cli.breaker_closed" if why else "cli.breaker_was_closed"
    front.done(code, {"home": str(home), "shop": str(shop), "breaker": "", "breaker_was": why}, shop=shop, why=why)
    return ExitCode.DONE


@cli.command(help=helped("console"))
def console(
    home: HomeOption,
    token: Annotated[Literal["token"] | None, typer.Argument(help=helped("console_token"))] = None,
    name: Annotated[str, typer.Argument(help=helped("console_name"))] = "",
    person: Annotated[str, typer.Option("--as", metavar="NAME", help=helped("console_as"))] = "",
    port: Annotated[int, typer.Option(min=0, max=65_535, help=helped("console_port"))] = 0,
    *,
    no_open: Annotated[bool, typer.Option("--no-open", help=helped("console_no_open"))] = False,
    revoke: Annotated[bool, typer.Option("--revoke", help=helped("console_revoke"))] = False,
    as_json: JsonOption = False,
) -> None:
    """Pages on this PC, or a token for somebody to come in by."""

    def work(front: Front) -> ExitCode:
        from bot.cli import consoles  # noqa: PLC0415  # only this command opens a browser

        loaded = to_read(front, home)
        if token:
            return consoles.token(front, loaded, name, revoke=revoke)
        return consoles.console(front, loaded, person, port, opens=not no_open)

    conduct(work, home=home, as_json=as_json)


@policy.command("check", help=helped("policy_check"))
def policy_check(
    file: Annotated[Path | None, typer.Argument(dir_okay=False, help=helped("policy_file"))] = None,
    home: MaybeHomeOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Is the policy whole: no hole, nothing dead, nothing at odds?"""

    def work(front: Front) -> ExitCode:
        from bot.cli import policy_check as checking  # noqa: PLC0415  # brings the engine along; `stop` cannot wait

        if file is None and home is None:
            raise ConfigError("neither --home nor a file", code="cli.no_policy")
        return checking.policy_check(front, file or HomeFiles(home or Path()).policy)

    conduct(work, home=home, as_json=as_json)
