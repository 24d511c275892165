"""Reads a page with one evaluate into plain data; everything after that is pure (design.md 4.1, 4.3; lab.md 2)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from playwright.async_api import Error as BrowserError
from playwright.async_api import Frame, Locator, Page
from playwright.async_api import TimeoutError as BrowserTimeout

from bot.browser.tree import Node, parse
from bot.domain.base import Frozen
from bot.errors import PageError, TargetAmbiguous, TargetMissing, Unreadable, WrongPage

_SCRIPT = Path(__file__).with_name("read_page.js")


class Picture(Frozen):
    """An image on the page."""

    alt: str
    src: str


class Field(Frozen):
    """One label with its value; `value` is None where the page has a label and nothing beside it."""

    group: str
    label: str
    value: str | None
    pictures: tuple[Picture, ...] = ()


class Grid(Frozen):
    """A table as text; `busy` while the page says that it is loading it."""

    group: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    busy: bool = False


class Entry(Frozen):
    """One item of a list: its time and speaker where it has them, and what it says."""

    group: str
    time: str
    who: str
    text: str


class Note(Frozen):
    """A paragraph or an alert."""

    group: str
    text: str


class Press(Frozen):
    """A button."""

    name: str
    enabled: bool


class Choice(Frozen):
    """A custom select, closed: its label and what it shows."""

    label: str
    value: str


class Tab(Frozen):
    """A tab."""

    name: str
    selected: bool


class Block(Frozen):
    """A section, a dialog, or the rest of the page; `group` in its parts is the sub-heading they stand under.

    `words`: every single piece of text outside tables and lists, for what stands in no element of its own kind.
    """

    title: str
    fields: tuple[Field, ...] = ()
    grids: tuple[Grid, ...] = ()
    entries: tuple[Entry, ...] = ()
    notes: tuple[Note, ...] = ()
    presses: tuple[Press, ...] = ()
    choices: tuple[Choice, ...] = ()
    tabs: tuple[Tab, ...] = ()
    pictures: tuple[Picture, ...] = ()
    words: tuple[str, ...] = ()

    def field(self, label: str, group: str | None = None) -> Field:
        """The one field of that label. Raises Unreadable when there is none, or more than one."""
        found = self.fields_named(label, group)
        if len(found) != 1:
            where = f"{self.title}/{group}" if group else self.title
            raise Unreadable(f"{where}: {len(found)} fields named {label!r}, one was expected", target=label)
        return found[0]

    def fields_named(self, label: str, group: str | None = None) -> tuple[Field, ...]:
        """All fields of that label, within that group if one is named."""
        return tuple(one for one in self.fields if one.label == label and group in {None, one.group})

    def lines(self) -> Iterator[str]:
        """What it says, a line each."""
        for field in self.fields:
            yield f"{self.title}/{field.group}/{field.label}: {field.value}"
        for grid in self.grids:
            yield from (f"{self.title}: {' | '.join(row)}" for row in (grid.head, *grid.rows))
        yield from (f"{self.title}: {entry.time} {entry.who} {entry.text}" for entry in self.entries)
        yield from (f"{self.title}: {note.text}" for note in self.notes)
        if self.title:  # cards outside of any section count by a request of their own, which may come late
            yield from (f"{self.title}: [{one.name}]{'' if one.enabled else ' -'}" for one in self.presses)

    def value(self, label: str, group: str | None = None) -> str:
        """What stands beside that label. Raises Unreadable when nothing does."""
        value = self.field(label, group).value
        if not value:
            raise Unreadable(f"{self.title}: nothing beside {label!r}", target=label, raw=value or "")
        return value


class PageData(Frozen):
    """All that a page shows at one moment."""

    url: str
    name: str
    header: tuple[str, ...]
    body: Block
    sections: tuple[Block, ...] = ()
    dialogs: tuple[Block, ...] = ()

    def lines(self) -> tuple[str, ...]:
        """All that a person would read for its meaning, a line each: header, fields, rows, entries, notes."""
        blocks = (line for block in (self.body, *self.sections) for line in block.lines())
        return (*self.header, *blocks)

    def section(self, title: str) -> Block:
        """The one section of that title. Raises Unreadable when there is none, or more than one."""
        found = [one for one in self.sections if one.title == title]
        if len(found) != 1:
            raise Unreadable(f"{len(found)} sections named {title!r}, one was expected", target=title, page=self.url)
        return found[0]

    def has_section(self, title: str) -> bool:
        """Whether a section of that title stands on the page."""
        return any(one.title == title for one in self.sections)


async def read_page(view: Page | Frame) -> PageData:
    """Everything a person could see on the page or in the frame. Raises WrongPage when the page went away meanwhile."""
    try:
        return PageData.model_validate_json(await view.evaluate(_script()))
    except BrowserError as error:
        raise WrongPage(f"the page could not be read: {_first_line(error)}", page=view.url) from error


async def read_block(block: Locator, timeout_s: float) -> Block:
    """One element (a dialog, a section) alone, waited for; the locator must match once. Raises WrongPage if it does not."""
    try:
        page = PageData.model_validate_json(await block.evaluate(_script(), timeout=timeout_s * 1000))
    except BrowserError as error:
        raise WrongPage(f"the block could not be read: {_first_line(error)}", page=block.page.url) from error
    return page.body


async def read_tree(part: Locator, key: str, timeout_s: float) -> tuple[Node, ...]:
    """The accessible tree of one part of the page, in which the target `key` stands.

    Raises:
        TargetMissing, TargetAmbiguous: the part is not there within `timeout_s`, or more than once.
        WrongPage: the page went away.
    """
    try:
        return parse(await part.aria_snapshot(timeout=timeout_s * 1000))
    except BrowserTimeout as error:
        raise TargetMissing(f"{key}: nothing it could stand in", target=key, page=part.page.url) from error
    except BrowserError as error:
        if "strict mode violation" in error.message:
            raise TargetAmbiguous(f"{key}: could stand in several places", target=key, page=part.page.url) from error
        raise WrongPage(f"the page could not be read: {_first_line(error)}", page=part.page.url) from error


async def read_settled(view: Page | Frame, left_behind: str, timeout_s: float) -> PageData:
    """Wait until no table says that it is loading and the first row is not `left_behind`, and read, all in one call.

    Old rows stay on the page for a while after a click (domain.md 3.1): a time would be a guess, the rows' own change is
    not. `left_behind` is the first cell's text of the page before, or empty.

    Raises:
        PageError: the page did not settle within `timeout_s`, or went away.
    """
    return await _settled(view.locator("html"), left_behind, timeout_s)


async def turn_page(button: Locator, left_behind: str, timeout_s: float) -> PageData:
    """Press a pager's button and `read_settled`, in one call.

    For turning pages only: it presses without looking whether a person could (10,000 rows are 500 pages, and a proper
    click costs seven round trips), which is never done with anything that writes.

    Raises:
        PageError: as `read_settled`; also when the button is not there exactly once.
    """
    return await _settled(button, left_behind, timeout_s)


async def _settled(element: Locator, left_behind: str, timeout_s: float) -> PageData:
    url = element.page.url
    try:
        found = await element.evaluate(_settled_script(), {"old": left_behind, "ms": timeout_s * 1000})
    except BrowserError as error:
        raise WrongPage(f"the page could not be read: {_first_line(error)}", page=url) from error
    if found is None:
        raise PageError(f"the page did not settle within {timeout_s:g} s", page=url)
    return PageData.model_validate_json(found)


def _first_line(error: BrowserError) -> str:
    return error.message.splitlines()[0]


@cache
def _script() -> str:
    text = _SCRIPT.read_text(encoding="utf-8")
    return text[text.index("(root)") :]


@cache
def _settled_script() -> str:
    """`press` is clicked within the same call where it is given: a page turn costs one round trip instead of seven."""
    return f"""async (press, {{ old, ms }}) => {{
      const first = () => document.querySelector("table tbody tr td")?.innerText.trim() ?? "";
      const settled = () => !document.querySelector("[aria-busy=true]") && (!old || first() !== old);
      if (press instanceof HTMLElement && press !== document.documentElement) press.click();
      const done = await new Promise((resolve) => {{
        if (settled()) return resolve(true);
        const watch = new MutationObserver(() => settled() && finish(true));
        const timer = setTimeout(() => finish(settled()), ms);
        const finish = (value) => {{ watch.disconnect(); clearTimeout(timer); resolve(value); }};
        watch.observe(document.documentElement, {{ subtree: true, childList: true, attributes: true, characterData: true }});
      }});
      return done ? ({_script()})() : null;
    }}"""
