r"""Page contracts: what has to stand around a write target, from selectors/PLATFORM/contracts/SCREEN.yaml, held against the live page.

A contract is written as Playwright prints an accessible tree, so a new one is recorded, not composed. Beyond that:

    - heading "Agree" [level=3]     # has to be there, under this very parent; marks such as level are not compared
    - definition                    # no name: any of its role
    - button /\d+/ [many]           # any number of them, named by a pattern
    - textbox "Code" [optional]     # may be there
    ---                             # another part of the same screen, such as its dialog in another state

Whatever is weighty (`tree.WEIGHTY`) and not listed is drift, wherever in the part it stands; other unlisted nodes are not,
and order is none: dialogs name what they do. A part with one root is looked for in the whole scope of its target.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Final, TypeAlias

from bot.browser.targets import Targets, WriteTarget
from bot.browser.tree import FIELDS, Node, parse
from bot.errors import ConfigError
from bot.resources import shipped

FOLDER: Final = "contracts"
OPTIONAL: Final = "optional"
MANY: Final = "many"
_PART: Final = "---"

Forest: TypeAlias = tuple[Node, ...]


class Change(StrEnum):
    """What became of a node."""

    GONE = "-"
    NEW = "+"


@dataclass(frozen=True, slots=True)
class Difference:
    """One node that the contract wants and the page lacks, or that the page has and the contract does not know.

    `top`: of a node that is not known, the outermost one that the contract lacks; `after`: the contract's last node beside it.
    """

    change: Change
    node: Node
    within: tuple[Node, ...] = ()
    top: Node | None = None
    after: Node | None = None

    def __str__(self) -> str:
        where = " > ".join(one.told for one in self.within)
        return f"{self.change} {self.node.told}" + (f" ({where})" if where else "")


@dataclass(frozen=True, slots=True)
class Contract:
    """One screen's parts, and the file they stand in."""

    file: Path
    parts: tuple[Forest, ...]

    @classmethod
    def of(cls, file: Path, text: str) -> Contract:
        """The contract that `text` is. Raises ConfigError: it is no tree; the message names file and line."""
        try:
            return cls(file, _parts(text))
        except ValueError as error:
            raise ConfigError(f"{file}: {error}", page=str(file)) from error

    def part_of(self, target: WriteTarget) -> Forest | None:
        """The part in which the target stands."""
        named = (part for part in self.parts if any(stands_for(target, node) for node in _all(part)))
        return next(named, None)


@dataclass(frozen=True, slots=True)
class Contracts:
    """All contracts of one platform, by screen; every write target of the platform stands in one."""

    screens: Mapping[str, Contract]

    def drift(self, target: WriteTarget, live: Forest) -> tuple[Difference, ...]:
        """How the live tree of the target's scope differs from what it has to be; empty when it is as it should be."""
        part = self.screens[target.screen].part_of(target)
        assert part is not None, "loading demands a part for each write target"  # noqa: S101 - see load_contracts
        return tuple(compare(part, live, target))


def load_contracts(targets: Targets, folder: Path | None = None) -> Contracts:
    """Read every contract of the targets' platform under `folder` (default: the shipped selectors).

    Raises:
        ConfigError: a file cannot be read as a tree, or a write target stands in no contract.
    """
    home = (folder or shipped("selectors")) / targets.platform / FOLDER
    contracts = Contracts(
        {file.stem: Contract.of(file, file.read_text(encoding="utf-8")) for file in sorted(home.glob("*.yaml"))}
    )
    for target in targets.writes.values():
        contract = contracts.screens.get(target.screen)
        if contract is None or contract.part_of(target) is None:
            file = home / f"{target.screen}.yaml"
            raise ConfigError(f"{file}: {target.key} stands in no contract", target=target.key, page=str(file))
    return contracts


def _parts(text: str) -> tuple[Forest, ...]:
    lines = text.splitlines()
    cuts = [-1, *(number for number, line in enumerate(lines) if line.strip() == _PART), len(lines)]
    return tuple(filter(None, (parse("\n".join(lines[cut + 1 : end]), cut + 2) for cut, end in pairwise(cuts))))


def stands_for(target: WriteTarget, node: Node) -> bool:
    """Whether the node is the target by role and name, or by the label or placeholder that a field is named by."""
    if target.role:
        return (node.role, node.name) == (target.role, target.name)
    # a mandatory field's star is drawn beside its label and read out with it
    return node.role in FIELDS and node.name.removeprefix("*").strip() == target.called


def compare(part: Forest, live: Forest, target: WriteTarget | None = None) -> Iterator[Difference]:
    """Every difference between a part and a live tree; `target` itself has to be there, be it optional or not."""
    if len(part) > 1:
        inside = live[0].children if len(live) == 1 and live[0].role == "document" else live
        yield from _children(part, inside, (), target)
        return
    (root,) = part
    found = [node for node in _all(live) if _fits(root, node)]
    if not found:
        yield Difference(Change.GONE, root)
    for node in found[:1]:
        yield from _children(root.children, node.children, (node,), target)
    yield from (Difference(Change.NEW, node) for node in found[1:])


def _children(
    wanted: Forest, live: Forest, within: tuple[Node, ...], target: WriteTarget | None
) -> Iterator[Difference]:
    left = list(live)
    for want in wanted:
        found = [node for node in left if _fits(want, node)]
        taken = found if MANY in want.marks else found[:1]
        left = [node for node in left if not any(node is one for one in taken)]
        if not taken and (_needed(want) or (target is not None and stands_for(target, want))):
            yield Difference(Change.GONE, want, within)
        for node in taken:
            yield from _children(want.children, node.children, (*within, node), target)
    for node in left:
        for heavy, around in _weighty(node, within):
            yield Difference(Change.NEW, heavy, around, top=node, after=wanted[-1] if wanted else None)


def _needed(want: Node) -> bool:
    return not want.marks & {OPTIONAL, MANY}


def _weighty(node: Node, within: tuple[Node, ...]) -> Iterator[tuple[Node, tuple[Node, ...]]]:
    """The outermost weighty nodes of a tree, and what stands around each."""
    if node.weighty:
        yield node, within
        return
    for child in node.children:
        yield from _weighty(child, (*within, node))


def _fits(want: Node, node: Node) -> bool:
    if want.role != node.role:
        return False
    if want.pattern:
        return re.fullmatch(want.pattern, node.name) is not None
    if want.name:
        return want.name == node.name
    return not want.text or want.text == node.text


def _all(forest: Sequence[Node]) -> Iterator[Node]:
    for root in forest:
        yield from root.all()
