"""Finds every catalogue code that the source names, by reading its syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]

_BY_KEYWORD = {"code", "why"}
"""Reason(code=…), an error's code=…, Unknown(why=…)."""
_BY_POSITION = {"Reason", "text_of", "Unknown"}


@dataclass(frozen=True)
class Named:
    """A code as the source names it; `prefix` when an f-string goes on after it; `params` when they stand there literally."""

    where: str
    code: str
    prefix: bool = False
    params: frozenset[str] | None = None


def all_named() -> list[Named]:
    found: list[Named] = []
    for package in ("bot", "flows"):
        for file in sorted((ROOT / package).rglob("*.py")):
            found.extend(named_in(file.read_text(encoding="utf-8"), str(file.relative_to(ROOT))))
    return found


def named_in(source: str, where: str) -> Iterator[Named]:
    for node in ast.walk(ast.parse(source)):
        at = f"{where}:{getattr(node, 'lineno', 0)}"
        match node:
            case ast.Call():
                yield from _of_call(node, at)
            case (
                ast.Assign(targets=[ast.Name(id="code")], value=ast.Constant(value=str(code)))
                | ast.AnnAssign(target=ast.Name(id="code"), value=ast.Constant(value=str(code)))
            ):
                yield Named(at, code)


def _of_call(node: ast.Call, at: str) -> Iterator[Named]:
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    values = [word.value for word in node.keywords if word.arg in _BY_KEYWORD]
    if name in _BY_POSITION and node.args:
        values.append(node.args[0])
    for value in values:
        match value:
            case ast.Constant(value=str(code)) if "." in code:
                yield Named(at, code, params=_params(node, name))
            case ast.JoinedStr(values=[ast.Constant(value=str(start)), *_]) if "." in start:
                yield Named(at, start, prefix=True)


def _params(node: ast.Call, name: str) -> frozenset[str] | None:
    """What fills the text: the literal dict of Reason(params={…}), or the keywords of text_of; None when not literal."""
    if name == "text_of":
        return (
            None if any(word.arg is None for word in node.keywords) else frozenset(w.arg or "" for w in node.keywords)
        )
    if name != "Reason":
        return None
    given = next((word.value for word in node.keywords if word.arg == "params"), ast.Dict([], []))
    if not isinstance(given, ast.Dict):
        return None
    keys = [key.value if isinstance(key, ast.Constant) else None for key in given.keys]
    return None if None in keys else frozenset(str(key) for key in keys)
