"""`refundpilot policy check`: what is wrong with a policy, where in the file, and a case that shows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from bot.cli.check_words import Words
from bot.cli.front import Front
from bot.clock import SystemClock
from bot.config.documents import read_document
from bot.config.problems import BadConfig, Problem
from bot.config.rules import read_rules
from bot.engine.check import Finding, Pattern, Severity, check_policy
from bot.ports.exits import ExitCode

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
    head = words.say.text_of(
        "check.head", file=file.name, name=policy.name, count=len(policy.strategies), on=len(policy.ranked)
    )
    return Group(
        Text(head, style="bold"), "", *(part for one in found for part in _shown(one, words)), _verdict(found, words)
    )


def _shown(finding: Finding, words: Words) -> Iterator[RenderableType]:
    mark, style = _MARKS[finding.severity]
    line = words.line(finding)
    place = f"{words.say.text_of('check.line', line=line)} " if line else ""
    yield Text.assemble((f"{mark} ", f"bold {style}"), (place, "dim"), (words.headline(finding), f"bold {style}"))
    for sentence in words.because(finding):
        yield _indented(Text(sentence))
    for number, pattern in enumerate(finding.patterns[:MOST_SHOWN], start=1):
        yield from _pattern(pattern, finding, words, f"{number}. " if len(finding.patterns) > 1 else "")
    if len(finding.patterns) > MOST_SHOWN:
        yield _indented(Text(words.say.text_of("check.more", count=len(finding.patterns) - MOST_SHOWN), style="dim"))
    yield ""


def _pattern(pattern: Pattern, finding: Finding, words: Words, number: str) -> Iterator[RenderableType]:
    yield _indented(Text.assemble((number, "dim"), words.traits(pattern, finding)))
    yield _indented(
        Text(words.say.text_of("check.example", case=words.example(pattern.case)), style="dim"), more=len(number)
    )


def _indented(text: Text, more: int = 0) -> Padding:
    return Padding(text, (0, 0, 0, 2 + more))


def _verdict(found: Sequence[Finding], words: Words) -> Text:
    counts = _head(Path(), found)
    if counts["errors"]:
        return Text(
            words.say.text_of("check.bad", errors=counts["errors"], warnings=counts["warnings"]), style="bold red"
        )
    code = "check.good_but" if found else "check.good"
    return Text(words.say.text_of(code, warnings=counts["warnings"]), style="bold yellow" if found else "bold green")
