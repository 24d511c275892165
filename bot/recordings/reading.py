"""Reads a kept page once more with the robot's own eyes: the same script, the same parsers, the same selectors."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from playwright.async_api import Page

from bot.browser.act import find, how_many, look
from bot.browser.read import PageData, read_page
from bot.browser.targets import ReadTarget, Targets
from bot.errors import ConfigError, RefundPilotError, TargetAmbiguous, TargetMissing
from bot.recordings.folder import Recording
from bot.recordings.meta import Meta
from bot.recordings.offline import Offline
from bot.recordings.outcome import Outcome, Plain


@dataclass(frozen=True, slots=True)
class PageKind:
    """One kind of page of a platform: the pure function that its desk reads it with, and the screens of selectors that it shows.

    `read` returns a model or fields by name and raises RefundPilotError, as it does in a sweep.
    """

    read: Callable[[PageData, Meta], object]
    screens: tuple[str, ...] = ()


def _nameless(_: PageData) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class PlatformPages:
    """The pages of one platform by kind; `shop_of` says whose page one is, and raises where it does not say."""

    kinds: Mapping[str, PageKind]
    shop_of: Callable[[PageData], str] = _nameless

    def kind(self, name: str, where: str) -> PageKind:
        """Raises ConfigError naming the known kinds and the recording."""
        if name not in self.kinds:
            known = ", ".join(sorted(self.kinds))
            raise ConfigError(
                f"{where}: no page {name!r}; known: {known}",
                page=where,
                target=name,
                raw=known,
                code="recordings.no_such_page",
            )
        return self.kinds[name]


async def outcome_of(recording: Recording, kind: PageKind, targets: Targets, offline: Offline) -> Outcome:
    """The fields, among them which of the page's `targets` are there, or the error. Time stands at the recording's moment."""
    meta = recording.meta
    async with offline.opened(recording.html) as page:
        data = (await read_page(page)).model_copy(update={"url": meta.url})
        try:
            found = Outcome.of_result(kind.read(data, meta))
        except RefundPilotError as error:
            return Outcome.of_error(error)
        if not kind.screens:
            return found
        return Outcome(fields={**(found.fields or {}), "targets": await _targets(page, kind, targets, meta)})


async def _targets(page: Page, kind: PageKind, targets: Targets, meta: Meta) -> dict[str, Plain]:
    """What of selectors/ is on the page: `once`, `absent`, `N times`; a fallback that had to serve is drift and told as such."""
    case = meta.asked[0] if meta.asked else ""
    seen = {key: _seen(page, target) for key, target in targets.reads.items() if _screen(key) in kind.screens}
    counted = {
        key: how_many(find(page, target, case).filter(visible=True))
        for key, target in targets.writes.items()
        if _screen(key) in kind.screens and (case or not target.names_case)
    }
    # all asked at once: each is a round trip to the browser
    words, counts = await asyncio.gather(asyncio.gather(*seen.values()), asyncio.gather(*counted.values()))
    return {**dict(zip(seen, words, strict=True)), **dict(zip(counted, map(_times, counts), strict=True))}


def _screen(key: str) -> str:
    return key.partition(".")[0]


async def _seen(page: Page, target: ReadTarget) -> str:
    try:
        await look(page, target)
    except TargetMissing:
        return "absent"
    except TargetAmbiguous:
        return "more than once"
    first = ReadTarget(key=target.key, use="read", candidates=target.candidates[:1])
    try:
        await look(page, first)
    except (TargetMissing, TargetAmbiguous):
        return "by a fallback"
    return "once"


def _times(count: int) -> str:
    return {0: "absent", 1: "once"}.get(count, f"{count} times")
