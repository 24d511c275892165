"""Looks at pictures of a page without touching their bytes: the browser decodes them, a handful of grey pixels come back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from playwright.async_api import Error as BrowserError
from playwright.async_api import Page
from pydantic import TypeAdapter

from bot.domain.pictures import SIDE, picture_hash

LOOK_S = 3.0
"""How long all pictures of one page may take together, in seconds; what comes later stays unknown."""

_SCRIPT = Path(__file__).with_name("look_at.js")
_LOOKS: TypeAdapter[list[list[int] | None]] = TypeAdapter(list[list[int] | None])


async def look_at(page: Page, sources: Sequence[str], within_s: float = LOOK_S) -> tuple[str, ...]:
    """One hash for each source, in one evaluate; empty for a picture that is blank, foreign, broken or too slow.

    Strangers' bytes never reach this process: the browser fetches them by a GET, as it does to show them.
    """
    if not sources:
        return ()
    asked = {"sources": list(sources), "side": SIDE, "ms": within_s * 1000}
    try:
        looks = _LOOKS.validate_json(await page.evaluate(_script(), asked))
    except (BrowserError, ValueError):
        return ("",) * len(sources)
    return tuple(picture_hash(grey) if grey else "" for grey in looks)


@cache
def _script() -> str:
    text = _SCRIPT.read_text(encoding="utf-8")
    return text[text.index("async (") :]
