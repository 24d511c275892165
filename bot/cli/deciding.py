"""`refundpilot decide`: a person's word on one case: what it would do is shown first, and done after a yes."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot.catalogue import Catalogue
from bot.cli.front import Front, conduct
from bot.cli.homes import to_sweep
from bot.cli.interrupt import run
from bot.cli.options import HomeOption, JsonOption, helped
from bot.cli.policies import stretch_of
from bot.cli.typed import forget_typed
from bot.cli.use_cases import use_cases
from bot.clock import SystemClock
from bot.domain.action import ComplaintScene, RefusalReason
from bot.domain.base import SHANGHAI
from bot.domain.decision import ProofKind
from bot.domain.money import Money
from bot.errors import ConfigError
from bot.ports.deciding import HandAsk, HandPreview, HandResult, HandWord
from bot.ports.exits import ExitCode


def decide(
    case: Annotated[str, typer.Argument(help=helped("case"))],
    word: Annotated[HandWord, typer.Argument(help=helped("d_word"))],
    home: HomeOption,
    why: Annotated[str, typer.Option(help=helped("d_why"))],
    by: Annotated[str, typer.Option(help=helped("d_by"))] = "",
    approved_by: Annotated[str, typer.Option(help=helped("d_approved_by"))] = "",
    amount: Annotated[str, typer.Option(help=helped("d_amount"))] = "",
    max_fee: Annotated[str, typer.Option(help=helped("d_max_fee"))] = "",
    refusal: Annotated[RefusalReason | None, typer.Option(help=helped("d_refusal"))] = None,
    scene: Annotated[ComplaintScene | None, typer.Option(help=helped("d_scene"))] = None,
    message: Annotated[str, typer.Option(help=helped("d_message"))] = "",
    proof: Annotated[list[ProofKind] | None, typer.Option(help=helped("d_proof"))] = None,
    until: Annotated[str, typer.Option(help=helped("d_until"))] = "",
    *,
    without_proof: Annotated[bool, typer.Option("--without-proof", help=helped("d_without_proof"))] = False,
    yes: Annotated[bool, typer.Option("--yes", help=helped("d_yes"))] = False,
    as_json: JsonOption = False,
) -> None:
    """A person decides one case."""

    def work(front: Front) -> ExitCode:
        ask = HandAsk(
            case=case,
            word=word,
            by=by or _user(),
            why=why,
            approved_by=approved_by,
            amount=_money(amount, "--amount"),
            max_fee=_money(max_fee, "--max-fee"),
            refusal=refusal,
            scene=scene,
            message=message,
            proofs=tuple(proof or ()),
            without_proof_allowed=without_proof,
            again_at=_moment(until) if until else None,
        )
        return _decide(front, home, ask, yes=yes)

    conduct(work, home=home, as_json=as_json)


def _decide(front: Front, home: Path, ask: HandAsk, *, yes: bool) -> ExitCode:
    if not yes and not _asks(front):
        raise ConfigError("nobody can say yes here", code="decide.need_yes")
    loaded = to_sweep(front, home)
    preview = run(lambda _: use_cases().preview_by_hand(loaded, ask), front.heard)
    if preview.refused is not None:
        front.show(preview, picture(preview, front.say))
        return ExitCode.HELD
    if not front.as_json:
        front.print({}, picture(preview, front.say))
    if not yes and not _says_yes(front):
        front.tell("decide.nothing_done")
        return ExitCode.DONE
    with front.progress() as progress:
        result = run(lambda stop: use_cases().decide_by_hand(loaded, preview.verdict, progress, stop), front.heard)
    front.show(result, outcome(result, front.say), report=result.report)
    return result.exit_code


def _says_yes(front: Front) -> bool:
    """To what stands there, not to what somebody who typed ahead expected to stand there."""
    forget_typed()
    return typer.confirm(front.say.text_of("decide.sure"), err=True)


def _asks(front: Front) -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty() and not front.as_json


def _user() -> str:
    """Who is signed in to this PC. Raises ConfigError: the PC does not say."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError) as error:
        raise ConfigError("this PC does not say who you are", code="decide.no_name") from error


def _money(text: str, option: str) -> Money | None:
    try:
        return Money.parse(text) if text else None
    except ValueError as error:
        raise ConfigError(str(error), code="decide.bad_amount", target=option, raw=text) from error


def _moment(text: str) -> datetime:
    """`2h`, `1d` or `2026-11-22 15:00` (Asia/Shanghai). Raises ConfigError."""
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)
    except ValueError:
        stretch: timedelta = stretch_of(text)
        return SystemClock().now() + stretch


def picture(told: HandPreview, say: Catalogue) -> RenderableType:
    """The case, the robot's word on it, and what would be done with which amount."""
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for label, value in _rows(told, say):
        table.add_row(say.text_of(f"decide.{label}"), Text(value))
    if told.refused is None:
        return Group(table, Text(_deed(told, say), style="bold"))
    return Group(table, Text(f"✗ {say.text(told.refused)}", style="bold red"))


def _rows(told: HandPreview, say: Catalogue) -> Iterator[tuple[str, str]]:
    verdict, plan = told.verdict, told.plan
    yield "case", str(verdict.case)
    yield "claim", f"{told.claim} · {say.text_of(told.type)} · {say.text_of(told.state)}"
    yield "buyer", told.buyers_reason
    yield "deadline", f"{told.deadline:%Y-%m-%d %H:%M}" if told.deadline else "–"
    yield "looked_at", f"{told.looked_at:%Y-%m-%d %H:%M}"
    if told.own:
        yield "robot", say.text(told.own[0])
    yield "who", f"{verdict.by} + {verdict.approved_by}" if verdict.approved_by else verdict.by
    yield "why", verdict.why
    if plan and plan.refusal:
        yield "refusal", say.name(plan.refusal)
    if plan and plan.message:
        yield "message", plan.message
    if plan and plan.proofs:
        yield "proofs", ", ".join(say.name(kind) for kind in plan.proofs)


def _deed(told: HandPreview, say: Catalogue) -> str:
    verdict, plan = told.verdict, told.plan
    if plan is None:
        return say.text_of(f"decide.instead.{verdict.instead}")
    code = "decide.fee" if plan.max_fee is not None else "decide.deed"
    return say.text_of(code, verb=verdict.verb, amount=plan.max_fee or plan.amount or told.claim)


def outcome(result: HandResult, say: Catalogue) -> RenderableType:
    """What became of it, and why."""
    sign, style = ("✓", "bold green") if result.done else ("•", "bold yellow")
    head = say.text_of("decide.became", case=result.case, status=result.status, amount=Money(result.moved_fen))
    return Group(Text(f"{sign} {head}", style=style), *(Text(f"  {say.text(one)}") for one in result.reasons))
