"""Tries every target of a platform on one opened page, live, saved or replayed: found once, ambiguous, missing, healed, drifted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from playwright.async_api import Frame, Page

from bot.browser.act import by, find, how_many, scope
from bot.browser.contracts import OPTIONAL, stands_for
from bot.browser.mending import Shelf
from bot.browser.read import read_tree
from bot.browser.targets import ReadTarget, WriteTarget
from bot.errors import PageError
from bot.ports.mending import Look, TargetLook

_TREE_S: Final = 5.0
_WORST_FIRST: Final = (Look.MISSING, Look.AMBIGUOUS, Look.DRIFTED, Look.HEALED, Look.FOUND, Look.NOT_SHOWN)


async def look_over(
    view: Page | Frame, shelf: Shelf, name: str, screens: frozenset[str] | None = None
) -> tuple[TargetLook, ...]:
    """One look at each target; reads only.

    Args:
        view: the page as it stands.
        shelf: the targets and contracts to try.
        name: what the page is called in the result.
        screens: those that the page shows; None: found out by what stands there. A screen counts as shown when its dialog or
            section is there, or at least half of what it always has.

    Raises:
        WrongPage: the page went away.
    """
    targets: tuple[WriteTarget | ReadTarget, ...] = (*shelf.targets.writes.values(), *shelf.targets.reads.values())
    counts = {target.key: await _counts(view, target) for target in targets}
    shown = screens if screens is not None else await _shown(view, shelf, targets, counts)
    return tuple([await _look(view, shelf, target, counts[target.key], name, shown) for target in targets])


def worst_of(looks: Iterable[TargetLook]) -> tuple[TargetLook, ...]:
    """One look for each target: the worst of all pages that show it."""
    kept: dict[str, TargetLook] = {}
    for one in looks:
        before = kept.get(one.target)
        if before is None or _WORST_FIRST.index(one.look) < _WORST_FIRST.index(before.look):
            kept[one.target] = one
    return tuple(kept.values())


async def _counts(view: Page | Frame, target: WriteTarget | ReadTarget) -> list[int]:
    """Matches of the one way of a write target, or of each candidate of a read target."""
    if isinstance(target, WriteTarget):
        return [await how_many(find(view, _bare(target)))]
    return [await how_many(by(view, pattern)) for pattern in target.candidates]


def _bare(target: WriteTarget) -> WriteTarget:
    """No case is in hand here."""
    return target.model_copy(update={"names_case": False})


def _sometimes(shelf: Shelf, target: WriteTarget | ReadTarget) -> bool:
    if isinstance(target, ReadTarget):
        return target.sometimes
    part = shelf.contracts.screens[target.screen].part_of(target) or ()
    return any(stands_for(target, node) and OPTIONAL in node.marks for root in part for node in root.all())


async def _shown(
    view: Page | Frame, shelf: Shelf, targets: Sequence[WriteTarget | ReadTarget], counts: Mapping[str, list[int]]
) -> frozenset[str]:
    shown = set()
    for screen in {target.screen for target in targets}:
        framed = [one for one in shelf.targets.screen(screen) if one.within != "page"]
        always = [one for one in targets if one.screen == screen and not _sometimes(shelf, one)]
        there = [one for one in always if counts[one.key][0]]
        in_frame = [await how_many(scope(view, _bare(one))) for one in framed]
        if any(in_frame) or (not framed and always and 2 * len(there) >= len(always)):
            shown.add(screen)
    return frozenset(shown)


async def _look(
    view: Page | Frame,
    shelf: Shelf,
    target: WriteTarget | ReadTarget,
    counts: Sequence[int],
    name: str,
    shown: frozenset[str],
) -> TargetLook:
    candidate = counts.index(1) + 1 if 1 in counts else 0
    look, detail = Look.FOUND, ""
    if target.screen not in shown or (not any(counts) and _sometimes(shelf, target)):
        look = Look.NOT_SHOWN
    elif not candidate:
        look = Look.AMBIGUOUS if any(counts) else Look.MISSING
        detail = str(max(counts)) if any(counts) else ""
    elif candidate > 1:
        look = Look.HEALED
    elif isinstance(target, WriteTarget) and (detail := await _drift(view, shelf, target)):
        look = Look.DRIFTED
    seen = "" if look is Look.NOT_SHOWN else name
    return TargetLook(
        target=target.key, use=target.use, look=look, page=seen, candidate=0 if not seen else candidate, detail=detail
    )


async def _drift(view: Page | Frame, shelf: Shelf, target: WriteTarget) -> str:
    try:
        live = await read_tree(scope(view, _bare(target)), target.key, _TREE_S)
    except PageError as error:
        return str(error)
    return "; ".join(map(str, shelf.contracts.drift(target, live)))
