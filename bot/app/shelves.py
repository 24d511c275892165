"""Which selectors are in force in a home, what a failure's bundle says of them, and how a mended set takes their place."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from bot.browser.candidates import Candidate, candidates
from bot.browser.contracts import load_contracts
from bot.browser.mending import Edit, Shelf
from bot.browser.targets import load_targets
from bot.browser.tree import parse
from bot.config import HomeFiles
from bot.config.files import writing
from bot.errors import ConfigError, Sight
from bot.ports.failures import Failure
from bot.ports.mending import Ranked
from bot.resources import shipped


def mended(home: Path) -> Path | None:
    """The home's own selectors, which stand in for the shipped ones as a whole; None where it has none."""
    own = HomeFiles(home).selectors
    return own if own.is_dir() else None


def shelf_of(home: Path, platform: str) -> Shelf:
    """The selectors of a platform as they are in force. Raises ConfigError."""
    folder = mended(home) or shipped("selectors")
    targets = load_targets(platform, folder)
    return Shelf(folder, targets, load_contracts(targets, folder))


def diagnosis(home: Path) -> Callable[[Failure, Sight], bytes]:
    """What a failure's bundle has to say beyond the page: the difference from the contract, and what may be meant instead."""

    def told(failure: Failure, sight: Sight) -> bytes:
        try:
            shelf = shelf_of(home, failure.shop.platform)
            page = parse(sight.tree)
        except (ConfigError, ValueError):
            return b""
        target = shelf.targets.writes.get(failure.target)
        if target is None or not page:
            return b""
        part = shelf.contracts.screens[target.screen].part_of(target) or ()
        body = {
            "target": target.key,
            "screen": target.screen,
            "difference": list(failure.differences),
            "candidates": [ranked(one).model_dump() for one in candidates(target, page, part)],
        }
        return f"{json.dumps(body, ensure_ascii=False, indent=1)}\n".encode()

    return told


def ranked(one: Candidate) -> Ranked:
    """A candidate as values."""
    node, at = one.at.node, one.at
    return Ranked(role=node.role, name=node.name, within=at.within, title=at.title, score=one.score, parts=one.parts)


def put_in_force(home: Path, shelf: Shelf, edits: Iterable[Edit]) -> Path:
    """Write the edited selectors as the home's own: a whole set beside the old one first, read once, then exchanged.

    Raises:
        ConfigError: the edited set cannot be used, or the home cannot be written; what was in force stays.
    """
    own = HomeFiles(home).selectors
    fresh, worn = own.with_name(f"{own.name}.new"), own.with_name(f"{own.name}.old")
    with writing(home):
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(shelf.folder, fresh)
        for edit in edits:
            (fresh / edit.file.relative_to(shelf.folder)).write_text(edit.new, encoding="utf-8")
        load_contracts(load_targets(shelf.targets.platform, fresh), fresh)
        shutil.rmtree(worn, ignore_errors=True)
        if own.is_dir():
            own.rename(worn)
        fresh.rename(own)
        shutil.rmtree(worn, ignore_errors=True)
    return own
