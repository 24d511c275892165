"""The accessible tree of a page, as Playwright's `aria_snapshot` prints it, as plain values; what is read here is pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

_INDENT: Final = 2
_KEY: Final = re.compile(
    r"""(?P<role>[a-z]+)
        (?:\ (?:(?P<name>"(?:[^"\\]|\\.)*")|(?P<pattern>/(?:[^/\\]|\\.)+/)))?
        (?P<attributes>(?:\ \[[^\]]+\])*)""",
    re.VERBOSE,
)
_PROPERTY: Final = "/"
_REMARK: Final = "  #"
"""A snapshot never has two spaces in a row."""

FIELDS: Final = frozenset({"combobox", "searchbox", "spinbutton", "textbox"})
"""What a label or a placeholder can name."""

WEIGHTY: Final = FIELDS | frozenset(
    [
        "button",
        "checkbox",
        "listbox",
        "menuitem",
        "menuitemcheckbox",
        "menuitemradio",
        "radio",
        "slider",
        "switch",
        "tab",
    ]
)
"""What a hand can press, choose or fill. Links are not: they lead elsewhere, and a request on the way meets the guard."""


@dataclass(frozen=True, slots=True)
class Node:
    """One node: role, accessible name (or a pattern for it, in contracts), its own text, marks such as `disabled`, children."""

    role: str
    name: str = ""
    pattern: str = ""
    text: str = ""
    marks: frozenset[str] = frozenset()
    line: int = 0
    children: tuple[Node, ...] = ()

    @property
    def weighty(self) -> bool:
        """Whether a hand could change something by it."""
        return self.role in WEIGHTY

    @property
    def told(self) -> str:
        """As a person reads it: 「button "Agree"」."""
        said = self.name or self.pattern or (self.text if not self.children else "")
        return f'{self.role} "{said}"' if said else self.role

    def all(self) -> Iterator[Node]:
        """The node and everything below it, in the order of the page."""
        yield self
        for child in self.children:
            yield from child.all()


@dataclass(slots=True)
class _Draft:
    """A node whose children are still being read."""

    node: Node
    children: list[_Draft] = field(default_factory=list)

    def done(self) -> Node:
        node = self.node
        children = tuple(child.done() for child in self.children)
        return Node(node.role, node.name, node.pattern, node.text, node.marks, node.line, children)


def parse(snapshot: str, first_line: int = 1) -> tuple[Node, ...]:
    """The nodes of a snapshot, one tree each; `first_line` is the number of its first line in the file it stands in.

    Raises:
        ValueError: a line is none of a snapshot's; the message names its number.
    """
    top = _Draft(Node("document"))
    open_at: list[_Draft] = [top]
    for number, line in enumerate(snapshot.splitlines(), first_line):
        body = line.strip().partition(_REMARK)[0].rstrip()
        if not body or body.startswith("#"):
            continue
        depth, odd = divmod(len(line) - len(line.lstrip()), _INDENT)
        if odd or depth >= len(open_at) or not body.startswith("- "):
            raise ValueError(f"line {number}: no node of a tree: {body}")
        del open_at[depth + 1 :]
        if not body.startswith(f"- {_PROPERTY}"):
            draft = _Draft(_node(body.removeprefix("- "), number))
            open_at[depth].children.append(draft)
            open_at.append(draft)
    return top.done().children


def _node(body: str, number: int) -> Node:
    key, rest = _unquoted(body)
    found = _KEY.match(key)
    after = key[found.end() :] if found else ""
    if found is None or (after and not after.startswith(":")):
        raise ValueError(f"line {number}: no node of a tree: {body}")
    text = (after or rest).removeprefix(":").strip()
    return Node(
        role=found["role"],
        name=json.loads(found["name"]) if found["name"] else "",
        pattern=(found["pattern"] or "").strip("/"),
        text=_plain(text),
        marks=frozenset(re.findall(r"\[([^\]]+)\]", found["attributes"])),
        line=number,
    )


def _unquoted(body: str) -> tuple[str, str]:
    """YAML puts a key in single quotes where its name would confuse it."""
    if not body.startswith("'"):
        return body, ""
    quoted = re.match(r"'((?:[^']|'')*)'", body)
    return (quoted[1].replace("''", "'"), body[quoted.end() :]) if quoted else (body, "")


def _plain(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] == '"':
        try:
            return str(json.loads(text))
        except ValueError:
            return text[1:-1]
    return text[1:-1].replace("''", "'") if len(text) > 1 and text[0] == text[-1] == "'" else text


def dump(forest: Sequence[Node], depth: int = 0) -> str:
    """The nodes as text that `parse` reads; what was typed into fields is left out, it may be a secret."""
    return "".join(_line(node, depth) + dump(_shown(node), depth + 1) for node in forest)


def _shown(node: Node) -> Sequence[Node]:
    return () if node.role in FIELDS else node.children


def _line(node: Node, depth: int) -> str:
    name = (
        f" {json.dumps(node.name, ensure_ascii=False)}" if node.name else f" /{node.pattern}/" if node.pattern else ""
    )
    marks = "".join(f" [{mark}]" for mark in sorted(node.marks))
    text = f" {json.dumps(node.text, ensure_ascii=False)}" if node.text and node.role not in FIELDS else ""
    colon = ":" if text or _shown(node) else ""
    return f"{' ' * _INDENT * depth}- {node.role}{name}{marks}{colon}{text}\n"
