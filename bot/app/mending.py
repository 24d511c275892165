"""`refundpilot mend`: from the bundle of a failure to a change of the selectors that a person may accept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, Locator, Page
from pydantic import ValidationError

from bot.app.browsers import offline_browser, show
from bot.app.shelves import put_in_force, ranked, shelf_of
from bot.browser.act import find, scope
from bot.browser.artifacts import picture
from bot.browser.mending import Edit, Proposal, Shelf, propose
from bot.browser.targets import WriteTarget
from bot.browser.tree import parse
from bot.errors import ConfigError
from bot.evidence.failures import PAGE, SOUGHT, TREE
from bot.ports.exits import ExitCode
from bot.ports.failures import Failure
from bot.ports.mending import MendResult

_OUTLINE: Final = "(e, colour) => { e.style.outline = `4px solid ${colour}`; e.scrollIntoView({block: 'center'}); }"
_RED, _GREEN = "#d4380d", "#389e0d"
_SOON_MS: Final = 3_000


async def propose_mend(bundle: Path, home: Path, choice: int) -> MendResult:
    """What would mend the target of the bundle, with pictures of the page beside it; nothing is changed.

    Raises:
        ConfigError: no bundle, no page in it, or no target that is known. BrowserMissing.
    """
    shelf, proposal = _read(bundle, home, choice)
    pictures: tuple[str, ...] = ()
    if proposal.name and isinstance(proposal.target, WriteTarget) and (bundle / PAGE).is_file():
        private = [
            pattern.css
            for key, one in shelf.targets.reads.items()
            if key.endswith(".private")
            for pattern in one.candidates
        ]
        async with offline_browser() as browser:
            pictures = await _pictures(browser, bundle, proposal, private)
    return _result(bundle, shelf, proposal, pictures)


def accept_mend(bundle: Path, home: Path, choice: int, name: str) -> MendResult:
    """Put the proposal in force in the home; `name` is what the person who accepts it says that the element is called.

    Raises:
        ConfigError: there is nothing to accept, or for a write target `name` is not, letter by letter, what is proposed.
    """
    shelf, proposal = _read(bundle, home, choice)
    key = proposal.target.key
    if not proposal.edits:
        raise ConfigError(f"nothing to accept for {key}", target=key, page=str(bundle), code="mend.nothing")
    if isinstance(proposal.target, WriteTarget) and name != proposal.name:
        raise ConfigError(f"{name!r} is not what is proposed", target=key, raw=proposal.name, code="mend.other_name")
    own = put_in_force(home, shelf, proposal.edits)
    return _result(bundle, shelf, proposal, ()).model_copy(update={"accepted": True, "selectors": str(own)})


def _read(bundle: Path, home: Path, choice: int) -> tuple[Shelf, Proposal]:
    try:
        failure = Failure.model_validate_json((bundle / SOUGHT).read_bytes())
        tree = (bundle / TREE).read_text(encoding="utf-8")
    except (OSError, ValidationError, UnicodeDecodeError) as error:
        raise ConfigError(f"{bundle} is no bundle: {error}", page=str(bundle), code="mend.no_bundle") from error
    shelf = shelf_of(home, failure.shop.platform)
    if failure.target not in shelf.targets.writes and failure.target not in shelf.targets.reads:
        raise ConfigError(
            f"{bundle} names no target", page=str(bundle), target=failure.target or "—", code="mend.no_target"
        )
    return shelf, propose(shelf, failure.target, parse(tree), choice)


def _result(bundle: Path, shelf: Shelf, proposal: Proposal, pictures: tuple[str, ...]) -> MendResult:
    return MendResult(
        bundle=str(bundle),
        target=proposal.target.key,
        name=proposal.name,
        writes=isinstance(proposal.target, WriteTarget),
        differences=tuple(map(str, proposal.differences)),
        candidates=tuple(map(ranked, proposal.ranked)),
        places=tuple(place for edit in proposal.edits for place in _places(edit, shelf.folder)),
        diff="".join(edit.diff(shelf.folder) for edit in proposal.edits),
        left=tuple(map(str, proposal.left)),
        pictures=pictures,
        selectors=str(shelf.folder),
        exit_code=ExitCode.DONE if proposal.edits or not proposal.differences else ExitCode.HELD,
    )


def _places(edit: Edit, root: Path) -> Iterator[str]:
    """File and line of each line that is new."""
    name, number = edit.file.relative_to(root).as_posix(), 0
    for line in edit.diff(root).splitlines()[2:]:
        if line.startswith("@@"):
            number = int(line.split("+")[1].split(",")[0].split(" ")[0]) - 1
        elif not line.startswith("-"):
            number += 1
            if line.startswith("+"):
                yield f"{name}:{number}"


async def _pictures(browser: Browser, bundle: Path, proposal: Proposal, private: Sequence[str]) -> tuple[str, ...]:
    """Before: where the target has to stand. After: what it would be, and whatever else is new there."""
    target = proposal.target
    assert isinstance(target, WriteTarget), "only what is pressed or filled has a place"  # noqa: S101 - the caller asked
    bare = target.model_copy(update={"names_case": False})
    html = (bundle / PAGE).read_text(encoding="utf-8")
    shots = []
    for name, colour, sought in (("before.png", _RED, bare), ("after.png", _GREEN, _new(bare, proposal))):
        page = await show(browser, html)
        for one in _outlined(page, sought, proposal, after=colour == _GREEN):
            if await one.count() == 1:
                await one.evaluate(_OUTLINE, colour, timeout=_SOON_MS)
        (bundle / name).write_bytes(await picture(page, [page.locator(css) for css in private]))
        shots.append(str(bundle / name))
        await page.context.close()
    return tuple(shots)


def _new(target: WriteTarget, proposal: Proposal) -> WriteTarget:
    return proposal.renamed.model_copy(update={"names_case": False}) if proposal.renamed else target


def _outlined(page: Page, target: WriteTarget, proposal: Proposal, *, after: bool) -> Iterator[Locator]:
    place = scope(page, target)
    if not after:
        yield place
        return
    yield find(page, target)
    for one in proposal.differences:
        if one.top is not None and one.node.name:
            role: Any = one.node.role  # Playwright names the ARIA roles in its types; ours come from the page
            yield place.get_by_role(role, name=one.node.name, exact=True)
