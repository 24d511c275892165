"""Renders the page: Jinja2 with escaping everywhere, style and script inline and named by hash in a strict CSP (S8)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from bot.catalogue import Language
from bot.report.section import Section

_HTML_LANG = {Language.ZH: "zh-CN", Language.EN: "en"}


@dataclass(frozen=True, slots=True)
class Page:
    """What the template is filled with; `text` gives an entry of the catalogue."""

    language: Language
    written: str
    workbook: str
    sections: Sequence[Section]
    omitted: int
    text: Callable[..., str]


def render(page: Page) -> str:
    """The whole file; nothing in it asks for anything outside of it."""
    return fill("report.html.j2", page.language, page=page, t=page.text)


def fill(template: str, language: Language, **values: object) -> str:
    """One of our templates as a whole file, style and script in it."""
    style, script = _asset("style.css"), _asset("script.js")
    policy = (
        "default-src 'none'",
        "img-src data:",
        f"style-src '{_hash(style)}'",
        f"script-src '{_hash(script)}'",
        "base-uri 'none'",
        "form-action 'none'",
    )
    return _template(template).render(
        **values,
        lang=_HTML_LANG[language],
        csp="; ".join(policy),
        style=Markup(style),  # noqa: S704 - our own file, no word of a stranger in it
        script=Markup(script),  # noqa: S704 - as above
    )


def part(template: str, **values: object) -> str:
    """One of our templates as a part of somebody else's page."""
    return _template(template).render(**values)


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def _asset(name: str) -> str:
    """With Unix line ends on every PC: a browser hashes what it parsed, and it parses every line end as one."""
    text = (files("bot.report") / "templates" / name).read_text(encoding="utf-8")
    return "\n".join(text.splitlines())


@cache
def _template(name: str) -> Template:
    environment = Environment(
        loader=PackageLoader("bot.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)
