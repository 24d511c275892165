"""`refundpilot policy check`: what is wrong with a policy, where in the file, and a case that shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot.cli.front import Front
from bot.clock import SystemClock
from bot.config.documents import read_document
from bot.config.problems import BadConfig, Problem
from bot.config.rules import read_rules
from bot.engine.check import Finding, Pattern, Severity, check_policy
from bot.ports.exits import ExitCode
from bot.report.check_words import Words, own_words

MOST_SHOWN = 6
"""Kinds of cases that the terminal lists for one finding; `--json` lists all."""

_MARKS = {Severity.ERROR: ("✗", "red"), Severity.WARNING: ("!", "yellow")}


def policy_check(front: Front, file: Path) -> ExitCode:
    """Read, check and tell; CONFIG where something has to be mended.

    Raises:
        BadConfig: the file is no policy; with `--json` its mistakes are findings like the others.
    """
    document = read_document(file)
    policy, problems = read_rules(document)
    if policy is None:
        return _malformed(front, file, problems)
    with front.steps("check.checking") as steps:
        found = check_policy(policy, SystemClock().now().date(), steps)
    words = Words(front.say, policy, document)
    code = ExitCode.CONFIG if any(one.severity is Severity.ERROR for one in found) else ExitCode.DONE
    body = _head(file, found) | {
        "name": policy.name,
        "strategies": len(policy.strategies),
        "on": len(policy.ranked),
        "hash": policy.hash,
        "findings": [_as_json(one, words) for one in found],
        "exit_code": code,
    }
    front.print(body, _picture(file, found, words))
    return code


def _malformed(front: Front, file: Path, problems: Sequence[Problem]) -> ExitCode:
    if not front.as_json:
        raise BadConfig(problems)
    findings = [
        {
            "kind": "malformed",
            "severity": Severity.ERROR,
            "line": one.line,
            "key": one.key,
            "what": front.say.text(one.reason),
        }
        for one in problems
    ]
    error = BadConfig(problems)
    body = {
        "error": error.reason_code,
        "message": [one.told(front.say) for one in problems],
        "exit_code": ExitCode.CONFIG,
    }
    front.print({"file": file.name, "errors": len(findings), "warnings": 0, "findings": findings} | body, "")
    return ExitCode.CONFIG


def _head(file: Path, found: Sequence[Finding]) -> dict[str, Any]:
    errors = sum(one.severity is Severity.ERROR for one in found)
    return {"file": file.name, "errors": errors, "warnings": len(found) - errors}


def _as_json(finding: Finding, words: Words) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "severity": finding.severity,
        "line": words.line(finding),
        "strategies": [{"id": name, "line": words.line_of(name)} for name in finding.strategies],
        "conditions": list(finding.conditions),
        "what": words.headline(finding),
        "because": list(words.because(finding)),
        "proven": finding.proven,
        "cases": [_pattern_json(pattern, finding, words) for pattern in finding.patterns],
    }


def _pattern_json(pattern: Pattern, finding: Finding, words: Words) -> dict[str, Any]:
    case = pattern.case
    return {"kind": words.traits(pattern, finding), "example": words.example(case), "facts": words.facts(case)}


def _picture(file: Path, found: Sequence[Finding], words: Words) -> RenderableType:
    policy = words.policy
    name = own_words(policy.name, words.say.language)
    head = words.say.text_of(
        "check.head", file=file.name, name=name, count=len(policy.strategies), on=len(policy.ranked)
    )
    return Group(Text(head, style="bold"), "", *(_shown(one, words) for one in found), _verdict(found, words))


def _shown(finding: Finding, words: Words) -> RenderableType:
    mark, style = _MARKS[finding.severity]
    line = words.line(finding)
    place = words.say.text_of("check.line", line=line) + "  " if line else ""
    headline = Text.assemble((place, "bold"), (words.headline(finding), style))
    rest = [*(Text(sentence) for sentence in words.because(finding)), *_patterns(finding, words)]
    return Group(_hanging((Text(mark, style=f"bold {style}"), headline), *((Text(), one) for one in rest)), "")


def _patterns(finding: Finding, words: Words) -> Iterator[RenderableType]:
    """Each kind with its example below it; numbers where there are several."""
    rows: list[tuple[RenderableType, RenderableType]] = []
    for number, pattern in enumerate(finding.patterns[:MOST_SHOWN], start=1):
        rows.append(
            (Text(f"{number}." if finding.patterns[1:] else "·", style="dim"), Text(words.traits(pattern, finding)))
        )
        if not pattern.whose:
            example = words.say.text_of("check.example", case=words.example(pattern.case))
            rows.append((Text(), Text(example, style="dim")))
    if rows:
        yield _hanging(*rows)
    if left := len(finding.patterns) - MOST_SHOWN:
        yield from [Text(words.say.text_of("check.more", count=left), style="dim")] * (left > 0)


def _hanging(*rows: tuple[RenderableType, RenderableType]) -> Table:
    """Marks in a narrow column, so that long lines hang behind them."""
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def _verdict(found: Sequence[Finding], words: Words) -> Text:
    counts = _head(Path(), found)
    if counts["errors"]:
        return Text(
            words.say.text_of("check.bad", errors=counts["errors"], warnings=counts["warnings"]), style="bold red"
        )
    code = "check.good_but" if found else "check.good"
    return Text(words.say.text_of(code, warnings=counts["warnings"]), style="bold yellow" if found else "bold green")
