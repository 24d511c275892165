"""`refundpilot doctor`: the doctor's findings in words, each trouble with its cure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot.catalogue import Catalogue
from bot.cli.front import Front
from bot.cli.interrupt import run
from bot.clock import SystemClock
from bot.doctor import Finding, Level, examine
from bot.domain.decision import Reason
from bot.ports.exits import ExitCode

_MARKS = {Level.OK: ("✓", "green"), Level.WARN: ("!", "yellow"), Level.BAD: ("✗", "red")}


def checkup(front: Front, home: Path | None) -> ExitCode:
    """Examine PC and home, show what was found; CONFIG when something keeps the robot from working."""

    def tell(reason: Reason) -> None:
        front.tell(reason.code, **reason.params)

    findings = run(lambda _: examine(home, SystemClock(), tell=tell, words=front.say), front.heard)
    code = ExitCode.CONFIG if any(one.level is Level.BAD for one in findings) else ExitCode.DONE
    front.print(as_json(findings, front.say) | {"exit_code": code}, picture(findings, front.say))
    return code


def as_json(findings: Sequence[Finding], say: Catalogue) -> dict[str, object]:
    """Codes for programs, sentences for people."""
    return {
        "findings": [
            {
                "name": one.name,
                "level": one.level,
                "code": one.what.code,
                "what": say.text(one.what),
                "cure": say.text(one.cure) if one.cure else "",
            }
            for one in findings
        ]
    }


def picture(findings: Sequence[Finding], say: Catalogue) -> RenderableType:
    """A line for each finding, its cure below it, a verdict last."""
    table = Table(box=None, show_header=False, padding=(0, 1, 0, 0))
    table.add_column()
    table.add_column(overflow="fold")
    for one in findings:
        mark, style = _MARKS[one.level]
        table.add_row(Text(mark, style=style), Text(say.text(one.what), style="" if one.level is Level.OK else style))
        if one.cure:
            table.add_row("", Text(f"→ {say.text(one.cure)}"))
    return Group(table, "", _verdict(Counter(one.level for one in findings), say))


def _verdict(counts: Counter[Level], say: Catalogue) -> Text:
    if bad := counts[Level.BAD]:
        return Text(say.text_of("cli.doctor_bad", count=bad), style="bold red")
    if warned := counts[Level.WARN]:
        return Text(say.text_of("cli.doctor_warn", count=warned), style="bold yellow")
    return Text(say.text_of("cli.doctor_good"), style="bold green")
