"""Finds every catalogue code that the source names, by reading its syntax trees."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]

_BY_KEYWORD = {"code", "why"}
"""Reason(code=…), an error's code=…, Unknown(why=…)."""
_BY_POSITION = {"Reason", "text_of", "Unknown"}
_HELPERS = {
    ("bot/cli/summary.py", "_text"): "cli.",
    ("bot/cli/", "helped"): "help.",
    ("bot/config/home.py", "_reason"): "config.",
    ("bot/browser/provision.py", "say"): "browser.",
    ("bot/report/shop.py", "text"): "report.",
    ("bot/report/cards.py", "text"): "report.",
    ("bot/doctor/", "found"): "doctor.",
    ("bot/doctor/", "Found"): "doctor.",
}
"""Functions that put a prefix before the code they are given: (where, name) to prefix."""
_DOTTED = re.compile(r"[a-z_]+(?:\.[a-z0-9_]+)+", re.ASCII)


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
    if node.args and isinstance(node.args[0], ast.Constant):
        for (place, helper), prefix in _HELPERS.items():
            if name == helper and at.startswith(place):
                yield Named(at, f"{prefix}{node.args[0].value}")
    for value in values:
        match value:
            case ast.IfExp(body=ast.Constant(value=str(one)), orelse=ast.Constant(value=str(other))):
                yield from (Named(at, one), Named(at, other))
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


def dotted_literals() -> dict[str, str]:
    """Every string of the source that looks like a code, with one place where it stands; docstrings left out."""
    found: dict[str, str] = {}
    for package in ("bot", "flows"):
        for file in sorted((ROOT / package).rglob("*.py")):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
            # an error's target is a name of the selectors, or was one
            alone |= {
                id(node.value) for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "target"
            }
            for node in ast.walk(tree):
                match node:
                    case ast.Constant(value=str(text)) if id(node) not in alone and _DOTTED.fullmatch(text):
                        found.setdefault(text, f"{file.relative_to(ROOT)}:{node.lineno}")
    return found


def target_keys() -> frozenset[str]:
    """Names of targets (selectors/), which look like codes and are none."""
    return frozenset(
        f"{page}.{name}"
        for file in (ROOT / "selectors").rglob("*.toml")
        for page, names in tomllib.loads(file.read_text(encoding="utf-8")).items()
        if isinstance(names, dict)
        for name in names
    )
