"""Class names hashed per seed, and the one style sheet and one script the pages load under content-hashed names (domain.md 3.1)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_FAMILIES = ("next-", "qn-", "style_", "dispute-ui-", "mod-")
_CSS_CLASS = re.compile(r'"[^"]*"|\.([a-z][a-z0-9-]*)')
_TEMPLATE_CLASS = re.compile(r"\{\{ cls\('([a-z0-9 -]+)'\) \}\}")
_JS_CLASS = re.compile(r'cls\("([a-z0-9 -]+)"\)')


@dataclass(frozen=True)
class Asset:
    """One file the browser may keep for ever: its name changes with its content."""

    path: str
    media_type: str
    content: bytes


class Styling:
    """Hashes class names for one seed and builds the style sheet and script of a `static` folder that use them."""

    def __init__(self, seed: int, folder: Path) -> None:
        self._seed = seed
        self._folder = folder
        self._known: dict[str, str] = {}

    def cls(self, names: str) -> str:
        """Turn `"row active"` into this seed's two hashed class names; asked hundreds of times a page, so remembered."""
        if names not in self._known:
            self._known[names] = " ".join(self._one(name) for name in names.split())
        return self._known[names]

    def _one(self, name: str) -> str:
        digest = hashlib.sha256(f"{self._seed}:{name}".encode()).digest()
        tail = "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:5])
        return f"{_FAMILIES[self._seed % len(_FAMILIES)]}{name.replace('-', '_')}__{tail}"

    @cached_property
    def css(self) -> Asset:
        """The whole style sheet, class selectors hashed."""
        text = _CSS_CLASS.sub(lambda hit: f".{self._one(hit[1])}" if hit[1] else hit[0], self._joined("css"))
        return _asset("app", "css", "text/css; charset=utf-8", text)

    @cached_property
    def js(self) -> Asset:
        """The whole script, every `cls("…")` replaced by its hashed names."""
        text = _JS_CLASS.sub(lambda hit: f'"{self.cls(hit[1])}"', self._joined("js"))
        return _asset("app", "js", "text/javascript; charset=utf-8", f'(() => {{\n"use strict";\n{text}\n}})();\n')

    def _joined(self, kind: str) -> str:
        return "\n".join(path.read_text(encoding="utf-8") for path in _in_order(self._folder / kind, kind))

    @property
    def assets(self) -> dict[str, Asset]:
        """Both files by the path they are served under."""
        return {asset.path: asset for asset in (self.css, self.js)}

    def templates(self, folder: Path) -> Environment:
        """The templates of a folder, which may use `cls`, `css_path` and `js_path`; fixed class names cost nothing."""
        loader = _HashingLoader(folder, self)
        found = Environment(
            loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        found.globals.update(cls=self.cls, css_path=self.css.path, js_path=self.js.path)
        return found


class _HashingLoader(FileSystemLoader):
    """Writes `{{ cls('row') }}` out when a template is loaded, not each time it is drawn."""

    def __init__(self, folder: Path, styling: Styling) -> None:
        super().__init__(folder)
        self._styling = styling

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """The source with fixed class names in place."""
        source, path, fresh = super().get_source(environment, template)
        return _TEMPLATE_CLASS.sub(lambda hit: self._styling.cls(hit[1]), source), path, fresh


def _in_order(folder: Path, kind: str) -> Iterator[Path]:
    """Files are numbered (`10-base.css`), so name order is cascade and definition order."""
    yield from sorted(folder.glob(f"*.{kind}"))


def _asset(stem: str, kind: str, media_type: str, text: str) -> Asset:
    content = text.encode()
    return Asset(f"/static/{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{kind}", media_type, content)
