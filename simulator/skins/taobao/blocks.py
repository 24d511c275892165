"""The pieces a page is made of, as plain values that templates/parts.html draws."""

from __future__ import annotations

from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Item:
    """One value; `kind` says how it is drawn: text, money, mono, raw, left (countdown), tag, goods or pictures."""

    label: str
    text: str
    kind: str = "text"
    tone: str = ""
    pictures: tuple[str, ...] = ()
    wide: bool = False


@dataclass(frozen=True)
class Pairs:
    """A `dl`."""

    entries: tuple[Item, ...]
    heading: str = ""
    narrow: bool = False
    shape: str = field(default="pairs", init=False)

    def renamed(self, labels: dict[str, str]) -> Pairs:
        """The same list with some labels worded differently (fault renamed_label)."""
        entries = tuple(replace(item, label=labels.get(item.label, item.label)) for item in self.entries)
        return replace(self, entries=entries)


@dataclass(frozen=True)
class Table:
    """A `table` with a head."""

    head: tuple[str, ...]
    rows: tuple[tuple[Item, ...], ...]
    heading: str = ""
    shape: str = field(default="table", init=False)


@dataclass(frozen=True)
class Line:
    """One line of a conversation."""

    at: str
    role: str
    tone: str
    text: str
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Talk:
    """A conversation, as `ol`."""

    lines: tuple[Line, ...]
    heading: str = ""
    shape: str = field(default="talk", init=False)


@dataclass(frozen=True)
class Trail:
    """A parcel's way, newest first, as `ol` of (time, text)."""

    nodes: tuple[tuple[str, str], ...]
    heading: str = ""
    shape: str = field(default="trail", init=False)


@dataclass(frozen=True)
class Note:
    """A sentence, mostly 「无」."""

    text: str
    heading: str = ""
    shape: str = field(default="note", init=False)


Block = Pairs | Table | Talk | Trail | Note


@dataclass(frozen=True)
class Section:
    """A `section` with its `h2`."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Step:
    """One dot of the step bar; `tone` is done, now or empty."""

    text: str
    tone: str


@dataclass(frozen=True)
class ActionButton:
    """A button of the 操作 section: it opens a dialog or leads to a page."""

    text: str
    opens: str = ""
    href: str = ""
    weighty: bool = False


@dataclass(frozen=True)
class Guide:
    """A newcomer's guide that covers the page until it is dismissed."""

    kind: str
    anchor: str
    title: str
    text: str
