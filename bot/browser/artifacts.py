"""Pictures of pages with private parts masked, and the bundle that a failure leaves for whoever mends it."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PIL import Image, ImageDraw
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Locator, Page

from bot.errors import PageError

MASK = "#5b6472"
"""One flat grey: what lies beneath cannot be guessed (S5)."""

PRIVATE_FIELDS = "input[type=password], input[autocomplete=one-time-code]"

_HOW: Final[Mapping[str, Any]] = {
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

_SAFE = re.compile(r"[^0-9A-Za-z_.-]+")
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
_LONGEST = 80


def safe_name(*parts: str) -> str:
    """A file name out of ids: ASCII, short, no dots at its ends, no device name of Windows (S12).

    Ids of ours only; words of buyers never become names of files.
    """
    name = "-".join(_SAFE.sub("_", part) for part in parts if part).strip(".")[:_LONGEST].rstrip(".")
    return f"_{name}" if not name or _RESERVED.fullmatch(name) else name


async def picture(page: Page, mask: Sequence[Locator] = ()) -> bytes:
    """PNG of the visible page; secrets, phone numbers in anybody's words and `mask` covered. Raises PageError."""
    try:
        shot = await page.screenshot(mask=[page.locator(PRIVATE_FIELDS), *mask], **_HOW)
        return _covered(shot, await page.evaluate(_PHONES))
    except PlaywrightError as error:
        raise _no_picture(page, error) from error


async def picture_of(part: Locator, mask: Sequence[Locator] = ()) -> bytes:
    """PNG of one part of a page, covered in the same way. Raises PageError."""
    try:
        shot = await part.screenshot(mask=[part.page.locator(PRIVATE_FIELDS), *mask], **_HOW)
        return _covered(shot, await part.evaluate(_PHONES))
    except PlaywrightError as error:
        raise _no_picture(part.page, error) from error


def _no_picture(page: Page, error: PlaywrightError) -> PageError:
    return PageError(f"no picture: {error.message.splitlines()[0]}", page=page.url)


def _covered(shot: bytes, boxes: Sequence[Sequence[float]]) -> bytes:
    """The picture with each box (x, y, width, height in its pixels) painted over; the page itself is never touched."""
    if not boxes:
        return shot
    with Image.open(io.BytesIO(shot)) as image:
        painted = image.convert("RGB")
    pen = ImageDraw.Draw(painted)
    for x, y, width, height in boxes:
        pen.rectangle((x, y, x + width, y + height), fill=MASK)
    out = io.BytesIO()
    painted.save(out, "PNG")
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class Failure:
    """What was being done when a page was not as expected."""

    run: str
    case: str
    target: str
    sought: str
    error: str


async def keep_failure(folder: Path, page: Page, failure: Failure, mask: Sequence[Locator] = ()) -> Path | None:
    """Write picture, HTML and what was sought into a folder of their own below `folder`; give that folder.

    Never raises for the page: a page that is gone leaves the words alone. Returns None when the disk refuses: a failure's
    bundle must not become a second failure. The HTML is the page as it stood, buyers' data included: the folder is as
    private as the ledger, and typed secrets are blanked in it.
    """
    bundle = folder / safe_name(failure.run, failure.case, failure.target)
    shot, html = b"", ""
    with suppress(PageError):
        shot = await picture(page, mask)
    with suppress(PlaywrightError):
        html = await _html(page)
    try:
        _write(bundle, failure, page.url.partition("?")[0], shot, html)
    except OSError:
        return None
    return bundle


_BLANKED = """secrets => {
  const copy = document.documentElement.cloneNode(true);
  copy.querySelectorAll(secrets).forEach(field => field.setAttribute('value', ''));
  return copy.outerHTML;
}"""


async def _html(page: Page) -> str:
    return str(await page.evaluate(_BLANKED, PRIVATE_FIELDS))


def _write(bundle: Path, failure: Failure, url: str, shot: bytes, html: str) -> None:
    bundle.mkdir(parents=True, exist_ok=True)
    words = {
        "case": failure.case,
        "target": failure.target,
        "sought": failure.sought,
        "error": failure.error,
        "page": url,
    }
    (bundle / "sought.json").write_text(json.dumps(words, ensure_ascii=False, indent=1), encoding="utf-8")
    if shot:
        (bundle / "page.png").write_bytes(shot)
    if html:
        (bundle / "page.html").write_text(html, encoding="utf-8")
