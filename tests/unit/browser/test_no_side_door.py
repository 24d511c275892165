"""Playwright's own HTTP client passes no guard (peers.md M6): nobody but the guard's sender may touch it."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).parents[3]
CLIENT = {"get", "post", "put", "patch", "delete", "head", "fetch"}
ALLOWED = {"bot/browser/session.py:_send"}


def test_no_flow_sends_past_the_guard() -> None:
    found = {
        f"{path.relative_to(ROOT).as_posix()}:{function.name}"
        for folder in ("bot", "flows")
        for path in (ROOT / folder).rglob("*.py")
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        and any(_is_client_call(node) for node in ast.walk(function))
    }
    assert found == ALLOWED


def test_no_flow_routes_around_the_gate() -> None:
    """`context.route` answers pages before the gate is asked, and switches the HTTP cache off."""
    offenders = [
        path.relative_to(ROOT).as_posix()
        for folder in ("bot/browser", "bot/app", "flows")
        for path in (ROOT / folder).rglob("*.py")
        if ".route(" in path.read_text(encoding="utf-8")
    ]
    assert offenders == []


def _is_client_call(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Attribute(attr=verb, value=ast.Attribute(attr="request"))) if verb in CLIENT:
            return True
        case _:
            return False
