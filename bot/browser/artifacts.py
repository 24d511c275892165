"""Pictures of pages with private parts masked, and what stood on a page that failed, for whoever mends it."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageDraw
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Frame, Locator, Page

from bot.browser.tree import dump, parse
from bot.errors import PageError, RateLimited, Sight

_STILL: Final = Path(__file__).with_name("still_page.js")
_SIGHT_S: Final = 10.0
"""A page that answers no more is not waited for, by whoever looks at what it left."""

MASK = "#5b6472"
"""One flat grey: what lies beneath cannot be guessed (S5)."""

_QUALITY: Final = 88
"""Of a JPEG: small print stays sharp."""

PRIVATE_FIELDS = "input[type=password], input[autocomplete=one-time-code]"

_HOW: Final[dict[str, Any]] = {
    "type": "png",
    "scale": "css",
    "mask_color": MASK,
    "animations": "disabled",
    "caret": "hide",
    "timeout": 10_000,
}

_PHONES: Final = r"""part => {
  const phone = /(?<!\d)(?:\+?86[\s-]?)?1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?!\d)/g;
  const root = part || document, origin = part ? part.getBoundingClientRect() : {x: 0, y: 0};
  const words = document.createTreeWalker(root, NodeFilter.SHOW_TEXT), boxes = [];
  while (words.nextNode()) {
    for (const found of words.currentNode.data.matchAll(phone)) {
      const range = document.createRange();
      range.setStart(words.currentNode, found.index);
      range.setEnd(words.currentNode, found.index + found[0].length);
      for (const box of range.getClientRects()) boxes.push([box.x - origin.x, box.y - origin.y, box.width, box.height]);
    }
  }
  return boxes;
}"""
"""Where mobile numbers stand, in CSS pixels: buyers write them anywhere (S5)."""


async def picture(page: Page, mask: Sequence[Locator] = ()) -> bytes:
    """PNG of the visible page; secrets, phone numbers in anybody's words and `mask` covered. Raises PageError."""
    return await _shot(page, page, mask)


async def photo(page: Page, mask: Sequence[Locator] = ()) -> bytes:
    """The same as a JPEG, for the record of what was done: less work, and a fraction of the bytes where goods are pictured."""
    return await _shot(page, page, mask, type="jpeg", quality=_QUALITY)


async def picture_of(part: Locator, mask: Sequence[Locator] = ()) -> bytes:
    """PNG of one part of a page, covered in the same way: a proof is read by others, letter by letter. Raises PageError."""
    return await _shot(part.page, part, mask)


async def _shot(page: Page, part: Page | Locator, mask: Sequence[Locator], **how: Any) -> bytes:
    try:
        shot = await part.screenshot(mask=[page.locator(PRIVATE_FIELDS), *mask], **(_HOW | how))
        return _covered(shot, await part.evaluate(_PHONES))
    except PlaywrightError as error:
        raise PageError(f"no picture: {error.message.splitlines()[0]}", page=page.url) from error


def _covered(shot: bytes, boxes: Sequence[Sequence[float]]) -> bytes:
    """The picture with each box (x, y, width, height in its pixels) painted over; the page itself is never touched."""
    if not boxes:
        return shot
    with Image.open(io.BytesIO(shot)) as image:
        form, painted = image.format, image.convert("RGB")
    pen = ImageDraw.Draw(painted)
    for x, y, width, height in boxes:
        pen.rectangle((x, y, x + width, y + height), fill=MASK)
    out = io.BytesIO()
    painted.save(out, form, **({"quality": _QUALITY} if form == "JPEG" else {}))
    return out.getvalue()


async def sight_of(page: Page, mask: Sequence[Locator] = ()) -> Sight:
    """Picture, HTML and tree of the page as it stands, overlays and all. Never raises for the page: one that is gone gives nothing.

    The HTML holds what the page shows, buyers' data included, with its styles, but no scripts and no value of a hidden or
    secret field; it reads the same without those styles, so that it can become a recording. The tree holds no value of any field.
    """
    shot, html, tree = b"", "", ""
    with suppress(PlaywrightError, TimeoutError):
        async with asyncio.timeout(_SIGHT_S):
            html = await html_of(page)
    with suppress(PageError, TimeoutError):
        async with asyncio.timeout(_SIGHT_S):
            shot = await picture(page, mask)
    with suppress(PlaywrightError, TimeoutError, ValueError):
        async with asyncio.timeout(_SIGHT_S):
            tree = "".join([dump(parse(await frame.locator("html").aria_snapshot())) for frame in page.frames])
    return Sight(shot, html, tree)


@asynccontextmanager
async def witnessed(page: Page) -> AsyncIterator[None]:
    """An error about the page takes along what stands there, before whoever opened the page closes it."""
    try:
        yield
    except RateLimited:
        raise
    except PageError as error:
        error.sight = error.sight or await sight_of(page)
        raise


async def html_of(view: Page | Frame) -> str:
    """The HTML of `sight_of` alone: all frames, one after the other. Raises Playwright's error for a page that is gone."""
    frames = [view] if isinstance(view, Frame) else view.frames
    return "\n".join([await _html(frame) for frame in frames])


async def _html(frame: Frame) -> str:
    return str(await frame.evaluate(_still(), f"{PRIVATE_FIELDS}, input[type=hidden]"))


@cache
def _still() -> str:
    text = _STILL.read_text(encoding="utf-8")
    return text[text.index("(secrets)") :]
