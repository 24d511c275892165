"""Makes a recording out of a page as it failed (or stood): only what can be read, and nothing about people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final, TypeAlias

from pydantic import ValidationError

from bot.browser.read import PageData, read_page
from bot.browser.targets import Targets
from bot.errors import ConfigError, RefundPilotError
from bot.ports.failures import Failure
from bot.recordings.folder import PAGE, Recording, named, save
from bot.recordings.meta import Meta
from bot.recordings.offline import Offline
from bot.recordings.outcome import differences
from bot.recordings.reading import PageKind, outcome_of

Scrub: TypeAlias = Callable[[str], str]
"""Takes a text (a whole page, a name) and gives it back with people and secrets replaced, the same by the same."""

SOUGHT: Final = "sought.json"
_PRIVATE: Final = ".private"
"""Targets of that name say where on a page people stand (selectors/)."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """A folder of `failures/`: what was sought, and the page as it stood."""

    failure: Failure
    html: str

    @classmethod
    def load(cls, folder: Path) -> Bundle:
        """Raises ConfigError naming the file (and key) that is missing or malformed."""
        try:
            failure = Failure.model_validate_json((folder / SOUGHT).read_bytes())
            return cls(failure, (folder / PAGE).read_bytes().decode())
        except FileNotFoundError as error:
            raise ConfigError(
                f"{error.filename}: missing", page=str(error.filename), code="recordings.missing"
            ) from error
        except ValidationError as error:
            first = error.errors()[0]
            why = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
            raise ConfigError(
                f"{folder / SOUGHT}: {why}", page=str(folder / SOUGHT), raw=why, code="recordings.spoilt"
            ) from error


@dataclass(frozen=True, slots=True)
class Kept:
    """The new recording, and the fields that the scrubbing changed: names do, an amount must not."""

    recording: Recording
    changed: tuple[str, ...]


async def keep(
    html: str, meta: Meta, folder: Path, kind: PageKind, targets: Targets, offline: Offline, scrub: Scrub
) -> Kept:
    """Strip, scrub, read, and write page and outcome into a folder that has no recording yet.

    Raises:
        ConfigError: a recording stands there already.
    """
    if (folder / PAGE).exists():
        raise ConfigError(f"{folder}: has a recording", page=str(folder), code="recordings.exists")
    bare = Recording(folder, meta, await offline.stripped(html), None)
    before = await outcome_of(bare, kind, targets, offline)
    nobody = await offline.stripped(html, _private(targets))
    clean = Recording(folder, _scrubbed(meta, scrub), scrub(nobody), None)
    after = await outcome_of(clean, kind, targets, offline)
    recording = replace(clean, expected=after)
    save(recording)
    return Kept(recording, tuple(one.field for one in differences(before, after)))


async def meta_of(
    bundle: Bundle, folder: Path, offline: Offline, shop_of: Callable[[PageData], str], at: datetime | None = None
) -> Meta:
    """What the bundle says about its page; the shop is the one that the page itself names, nameless where it names none.

    Raises:
        ConfigError: the folder is not named PLATFORM/PAGE.CASE, is another platform's, or nobody says when the page stood there.
    """
    failure, (platform, page) = bundle.failure, named(folder)
    if platform != failure.shop.platform:
        raise ConfigError(
            f"{folder}: {failure.shop.platform}'s page",
            page=str(folder),
            raw=failure.shop.platform,
            code="recordings.other_platform",
        )
    moment = at or failure.at
    if moment is None:
        raise ConfigError("no moment", page=SOUGHT, code="recordings.no_moment")
    return Meta(
        platform=platform,
        page=page,
        url=failure.page,
        at=moment.replace(microsecond=0),
        shop_id=failure.shop.shop_id,
        shop_name=await _shop_named(bundle.html, offline, shop_of),
        asked=(failure.case_id,) if failure.case_id else (),
        note=failure.detail,
    )


async def _shop_named(html: str, offline: Offline, shop_of: Callable[[PageData], str]) -> str:
    async with offline.opened(html) as page:
        try:
            return shop_of(await read_page(page))
        except RefundPilotError:
            return ""


def _private(targets: Targets) -> tuple[str, ...]:
    private = (target for key, target in targets.reads.items() if key.endswith(_PRIVATE))
    return tuple(pattern.css for target in private for pattern in target.candidates if pattern.css)


def _scrubbed(meta: Meta, scrub: Scrub) -> Meta:
    return meta.model_copy(
        update={
            "url": scrub(meta.url),
            "shop_name": scrub(meta.shop_name),
            "asked": tuple(map(scrub, meta.asked)),
            "note": scrub(meta.note),
        }
    )
