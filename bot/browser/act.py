"""Presses, fills and chooses: strict, exact, once; no force, no position, no second try (design.md 4.8; peers.md M7, M8)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import reduce
from typing import Final

from loguru import logger
from playwright.async_api import Error as BrowserError
from playwright.async_api import Frame, Locator, Page
from playwright.async_api import TimeoutError as BrowserTimeout

from bot.browser.targets import Pattern, ReadTarget, WriteTarget
from bot.errors import PageError, TargetAmbiguous, TargetMissing, Unreadable, WrongPage

PRESS_MS: Final = 5_000
"""How long an element may take to be there, still, enabled and uncovered: a slow page needs 1 to 2 s, a covered button
never becomes free, and the permit of a money click lives no longer either (design.md 4.9)."""

_ON_TOP: Final = """(found) => {
  if (found.length !== 1) return false;
  const box = found[0].getBoundingClientRect();
  const hit = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  return hit !== null && found[0].contains(hit);
}"""


def find(view: Page | Frame, target: WriteTarget, case_id: str = "") -> Locator:
    """The one element of a write target; a scope that has to name the case is narrowed to the dialog that does."""
    return by(scope(view, target, case_id), target.pattern)


def scope(view: Page | Frame, target: WriteTarget, case_id: str = "") -> Locator:
    """The page, section or dialog within which a write target stands."""
    match target.within:
        case "page":
            return view.locator("html")
        case "section":
            return view.locator("section").filter(has=view.get_by_role("heading", name=target.title, exact=True))
        case "dialog":
            dialog = view.get_by_role("dialog", name=target.title, exact=True)
            return dialog.filter(has_text=_whole_word(case_id)) if target.names_case else dialog


def _whole_word(case_id: str) -> re.Pattern[str]:
    """The id itself, not the beginning or the end of a longer one."""
    if not case_id:
        raise ValueError("a target that names its case needs the case's id")
    return re.compile(rf"(?<![0-9A-Za-z]){re.escape(case_id)}(?![0-9A-Za-z])")


def by(place: Page | Frame | Locator, pattern: Pattern) -> Locator:
    """All that a pattern matches."""
    if pattern.role:
        # Playwright names the ARIA roles in its types; ours come from a file
        return place.get_by_role(pattern.role, name=pattern.name or None, exact=pattern.exact)  # type: ignore[arg-type]
    if pattern.label:
        return place.get_by_label(pattern.label, exact=pattern.exact)
    if pattern.placeholder:
        return place.get_by_placeholder(pattern.placeholder, exact=pattern.exact)
    if pattern.text:
        return place.get_by_text(pattern.text, exact=pattern.exact)
    return place.locator(pattern.css)


async def look(view: Page | Frame, target: ReadTarget) -> Locator:
    """The first candidate that the page has exactly once; a fallback that had to serve is logged as drift.

    Raises:
        TargetMissing: no candidate is there.
        TargetAmbiguous: candidates are there, each more than once.
    """
    seen = 0
    for place, pattern in enumerate(target.candidates):
        located = by(view, pattern)
        count = await how_many(located)
        if count == 1:
            if place:
                logger.warning("target {} matched by its fallback {}: {}", target.key, place, pattern)
            return located
        seen += count
    kind = TargetAmbiguous if seen else TargetMissing
    raise kind(f"{target.key}: {seen} matches", target=target.key, page=view.url)


async def is_there(view: Page | Frame, target: ReadTarget) -> bool:
    """Whether any candidate is visible, be it more than once. Raises WrongPage when the page went away meanwhile."""
    return any([await how_many(by(view, pattern).filter(visible=True)) for pattern in target.candidates])


async def how_many(located: Locator) -> int:
    """Matches right now. Raises WrongPage when the page went away meanwhile, as when its context was renewed."""
    try:
        return await located.count()
    except BrowserError as error:
        raise WrongPage(f"the page went away: {error.message.splitlines()[0]}", page=located.page.url) from error


async def whichever(view: Page | Frame, targets: Iterable[ReadTarget], timeout_s: float) -> str:
    """Wait until one of the targets is visible and return its key, in the order given; empty when the time is up."""
    wanted = tuple(targets)
    patterns = [by(view, pattern) for target in wanted for pattern in target.candidates]
    any_of_them = reduce(Locator.or_, patterns).filter(visible=True).first
    try:
        await any_of_them.wait_for(timeout=timeout_s * 1000)
    except BrowserError:
        return ""
    for target in wanted:
        if await is_there(view, target):
            return target.key
    return ""


async def press(located: Locator, key: str) -> None:
    """One strict click on something that moves no money.

    Raises:
        TargetMissing: not there, covered or disabled within PRESS_MS.
        TargetAmbiguous: more than one.
        PageError: the page went away.
    """
    try:
        await located.click(timeout=PRESS_MS)
    except BrowserError as error:
        raise await trouble(error, located, key) from error


async def trouble(error: BrowserError, located: Locator, key: str) -> PageError:
    """What a click that failed tells about the page."""
    page = located.page.url
    if "strict mode violation" in error.message:
        return TargetAmbiguous(f"{key}: matches more than once", target=key, page=page)
    if not isinstance(error, BrowserTimeout):
        return PageError(f"{key}: {error.message.splitlines()[0]}", target=key, page=page)
    there = await _count(located)
    why = "is covered or disabled" if there else "is not there"
    return TargetMissing(f"{key}: {why}", target=key, page=page)


async def _count(located: Locator) -> int:
    try:
        return await located.count()
    except BrowserError:
        return 0


async def fill(located: Locator, text: str, key: str) -> None:
    """Fill a field and read it back. Raises PageError when it is not there or holds another text afterwards."""
    try:
        await located.fill(text, timeout=PRESS_MS)
        held = await located.input_value(timeout=PRESS_MS)
    except BrowserError as error:
        raise await trouble(error, located, key) from error
    if held.replace("\r\n", "\n") != text.replace("\r\n", "\n"):
        raise Unreadable(f"{key}: the field holds another text than was typed", target=key, page=located.page.url)


async def choose(view: Page | Frame, combobox: Locator, option: str, key: str) -> None:
    """Take one option of a custom select by its exact words and read back that it is shown.

    The list is drawn anywhere in the document (a portal), so it is looked for in the whole view; only one is ever open.

    Raises:
        PageError: the select or the option is not there, or it shows something else afterwards.
    """
    await press(combobox, key)
    await press(view.get_by_role("listbox").get_by_role("option", name=option, exact=True), f"{key}: {option}")
    shown = combobox.filter(has_text=re.compile(rf"^\s*{re.escape(option)}\s*$"))
    try:
        await shown.wait_for(timeout=PRESS_MS)
    except BrowserError as error:
        raise Unreadable(f"{key}: does not show {option!r} after choosing it", target=key, raw=option) from error


async def offered(view: Page | Frame, combobox: Locator, key: str) -> list[str]:
    """The options of a custom select, which is opened for it and closed again. Raises PageError: it is not there, or went away."""
    await press(combobox, key)
    try:
        options = await view.get_by_role("listbox").get_by_role("option").all_inner_texts()
    except BrowserError as error:
        raise await trouble(error, combobox, key) from error
    await press(combobox, key)
    return [one.strip() for one in options]


async def clear_overlays(view: Page | Frame, known: Iterable[WriteTarget]) -> tuple[str, ...]:
    """Close the overlays that the allow-list names and return their keys; what is not listed is left alone (F31).

    One that lies beneath something else covers nothing, so it is left alone as well, and one may go by itself meanwhile.

    Raises:
        PageError: one stands there and cannot be closed.
    """
    closed = []
    for target in known:
        located = find(view, target)
        if not await _on_top(located):
            continue
        try:
            await press(located, target.key)
        except PageError:
            if await _on_top(located):
                raise
        else:
            closed.append(target.key)
    return tuple(closed)


async def _on_top(located: Locator) -> bool:
    """Asked of whatever stands there right now: nobody waits for an overlay that is gone."""
    try:
        return bool(await located.evaluate_all(_ON_TOP))
    except BrowserError:
        return False
