"""Recorded pages: read once more, compared, accepted, and made out of what a sweep left of a page that failed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.app.browsers import offline_browser
from bot.browser.targets import load_targets
from bot.config.redact import SECRETS
from bot.domain.base import SHANGHAI
from bot.errors import ConfigError
from bot.evidence.files import write_once
from bot.ports.pages import FieldDifference, KeptPage, PageCheck, PageReading
from bot.recordings import (
    MISSING,
    Bundle,
    Difference,
    Offline,
    Outcome,
    Recording,
    Trouble,
    differences,
    find_recordings,
    keep,
    load,
    meta_of,
    outcome_of,
    save,
)
from bot.recordings.folder import named
from bot.report.masking import private
from bot.resources import shipped
from flows.registry import pages_of


async def show_page(folder: Path, picture: Path | None = None) -> PageReading:
    """Read one recording again; with a picture of it in that file.

    Raises:
        ConfigError: the recording is missing or malformed (file and key are named), or the file cannot be written.
        BrowserMissing.
    """
    recording = load(folder)
    async with _offline() as offline:
        reading = await _read(recording, offline)
        if picture is None:
            return reading
        shot = await offline.picture(recording.html)
    try:
        write_once(picture, shot)
    except OSError as error:
        raise ConfigError(f"{picture}: {error}", page=str(picture), code="config.unwritable") from error
    return reading.model_copy(update={"picture": str(picture)})


async def check_pages(places: Sequence[Path]) -> PageCheck:
    """Read all recordings at or below these places, or those that ship. Raises as `show_page`."""
    recordings = [load(folder) for folder in find_recordings(places or _shipped())]
    async with _offline() as offline:
        readings = [await _read(recording, offline) for recording in recordings]
    return PageCheck(checked=len(readings), differing=tuple(one for one in readings if not one.as_expected))


async def accept_page(reading: PageReading) -> None:
    """Let what was read be what is expected from now on. Raises ConfigError: the recording is gone or malformed."""
    trouble = Trouble.model_validate(reading.error) if reading.error else None
    save(replace(load(Path(reading.folder)), expected=Outcome(reading.fields, trouble)))


async def keep_page(bundle: Path, folder: Path, at: datetime | None = None) -> KeptPage:
    """Make a recording of a failure's bundle, nobody's data in it, with what reading it comes to now as the expectation.

    Raises:
        ConfigError: the bundle is no bundle, the folder's name fits no page, or a recording stands there.
        BrowserMissing.
    """
    found, pages = Bundle.load(bundle), pages_of(named(folder)[0])
    moment = at.replace(tzinfo=SHANGHAI) if at and at.tzinfo is None else at
    async with _offline() as offline:
        meta = await meta_of(found, folder, offline, pages.shop_of, moment)
        kind, targets = pages.kind(meta.page, str(folder)), load_targets(meta.platform)
        kept = await keep(found.html, meta, folder, kind, targets, offline, scrubbed)
        return KeptPage(reading=await _read(kept.recording, offline), scrubbed=kept.changed)


def scrubbed(text: str) -> str:
    """A page's text without secrets, phone numbers and addresses; what stands in a platform's private places went before."""
    return private(SECRETS(text))


def _shipped() -> list[Path]:
    try:
        return [shipped("recordings")]
    except FileNotFoundError as error:
        raise ConfigError("no recordings here", page="recordings", code="recordings.none") from error


@asynccontextmanager
async def _offline() -> AsyncIterator[Offline]:
    """A browser of our own behind a gate that lets nothing out."""
    async with offline_browser() as browser, Offline.start(browser) as offline:
        yield offline


async def _read(recording: Recording, offline: Offline) -> PageReading:
    meta, pages = recording.meta, pages_of(recording.meta.platform)
    kind = pages.kind(meta.page, str(recording.folder))
    return reading_of(recording, await outcome_of(recording, kind, load_targets(meta.platform), offline))


def reading_of(recording: Recording, found: Outcome) -> PageReading:
    """What was read, beside what is expected."""
    meta = recording.meta
    differing = differences(recording.expected, found) if recording.expected else ()
    return PageReading(
        folder=str(recording.folder),
        name=recording.name,
        platform=meta.platform,
        page=meta.page,
        note=meta.note,
        url=meta.url,
        at=meta.at,
        shop=meta.shop_name,
        asked=meta.asked,
        fields=_plain(found.fields),
        error=found.trouble.model_dump() if found.trouble else None,
        accepted=recording.expected is not None,
        differences=tuple(map(_told, differing)),
    )


def _plain(fields: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if fields is None else dict(fields)


def _told(one: Difference) -> FieldDifference:
    if one.found is MISSING:
        return FieldDifference(field=one.field, kind="missing", expected=one.expected)
    if one.expected is MISSING:
        return FieldDifference(field=one.field, kind="extra", found=one.found)
    return FieldDifference(field=one.field, kind="changed", expected=one.expected, found=one.found)
