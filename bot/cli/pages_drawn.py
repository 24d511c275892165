"""Recorded pages in the terminal: what was read, field by field, and where that is not what was expected."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot.catalogue import Catalogue
from bot.ports.pages import FieldDifference, KeptPage, PageCheck, PageReading
from bot.report.masking import cut, visible

_LONGEST: Final = 400
"""Characters of one value; `--json` and the files have all of it."""


def reading(one: PageReading, say: Catalogue) -> RenderableType:
    """The page, what is read off it, and the differences beneath."""
    return Group(*_head(one, say), Text(""), _body(one, say), *_differences(one, say))


def changes(one: PageReading, say: Catalogue) -> RenderableType:
    """What would change: a recording without an expectation shows all that is read."""
    body: Iterable[RenderableType] = _differences(one, say) if one.accepted else (_body(one, say),)
    return Group(*_head(one, say), *body)


def check(result: PageCheck, say: Catalogue) -> RenderableType:
    """Those that differ, each with its fields, and the count."""
    parts: list[RenderableType] = []
    for one in result.differing:
        parts += [Text(f"✗ {one.name}", style="bold red"), *_differences(one, say)]
    code = "page.differing" if result.differing else "page.all_alike"
    words = say.text_of(code, checked=result.checked, count=len(result.differing))
    return Group(*parts, Text(words, style="red" if result.differing else "green"))


def kept(result: KeptPage, say: Catalogue) -> RenderableType:
    """The new recording, and what the scrubbing changed."""
    parts: list[RenderableType] = [reading(result.reading, say), Text("")]
    if result.scrubbed:
        parts.append(Text(say.text_of("page.scrubbed", fields=", ".join(result.scrubbed)), style="yellow"))
    parts.append(Text(say.text_of("page.kept", folder=result.reading.folder), style="green"))
    return Group(*parts)


def _head(one: PageReading, say: Catalogue) -> Iterator[RenderableType]:
    yield Text(one.name, style="bold")
    if one.note:
        yield Text(one.note, style="dim")
    at = f"{one.at:%Y-%m-%d %H:%M:%S}"
    yield Text(say.text_of("page.whose", shop=one.shop or one.platform, asked=", ".join(one.asked) or "—", at=at))
    if one.url:
        yield Text(one.url, style="dim", overflow="fold")
    if one.picture:
        yield Text(say.text_of("page.picture", picture=one.picture))


def _body(one: PageReading, say: Catalogue) -> RenderableType:
    if one.error is not None:
        said = " · ".join(value for value in one.error.values() if value)
        return Text(say.text_of("page.ends_with", error=_shown(said)), style="yellow")
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for _ in range(2):
        table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    differing = {two.field.partition(".")[0].partition("[")[0] for two in one.differences}
    for name, value in sorted((one.fields or {}).items()):
        other = name in differing or any(two.field.startswith(f"{name}.") for two in one.differences)
        table.add_row(Text("≠" if other else " ", style="bold red"), Text(name, style="bold"), Text(_shown(value)))
    return table


def _differences(one: PageReading, say: Catalogue) -> Iterator[RenderableType]:
    if not one.accepted:
        yield Text(say.text_of("page.never_accepted"), style="yellow")
    if not one.differences:
        return
    table = Table(box=None, padding=(0, 2, 0, 2))
    for code in ("page.col_field", "page.col_expected", "page.col_found"):
        table.add_column(say.text_of(code), overflow="fold")
    for two in one.differences:
        table.add_row(Text(two.field, style="bold"), *_both(two, say))
    yield table


def _both(two: FieldDifference, say: Catalogue) -> tuple[Text, Text]:
    nothing = Text(say.text_of("page.nothing"), style="dim")
    expected = nothing if two.kind == "extra" else Text(_shown(two.expected), style="green")
    found = nothing if two.kind == "missing" else Text(_shown(two.found), style="red")
    return expected, found


def _shown(value: Any) -> str:
    """In one line, with what cannot be seen made visible: strangers' words go to a terminal here."""
    text = value if isinstance(value, str) else json.dumps(_folded(value), ensure_ascii=False)
    return cut(visible(text), _LONGEST)


def _folded(value: Any) -> Any:
    """A known fact as its value alone."""
    if isinstance(value, dict):
        return (
            value["value"] if value.keys() == {"value", "source"} else {key: _folded(one) for key, one in value.items()}
        )
    return [_folded(one) for one in value] if isinstance(value, list) else value
