"""Proposes the change of selectors and contract that would fit the page of a failure; pure: nothing is written here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import unified_diff
from pathlib import Path
from typing import Any, Final

import tomlkit

from bot.browser.candidates import Candidate, candidates, placed, scope_of
from bot.browser.contracts import OPTIONAL, Change, Contract, Contracts, Difference, Forest, compare, stands_for
from bot.browser.targets import Pattern, ReadTarget, Targets, WriteTarget
from bot.browser.tree import Node, dump
from bot.errors import ConfigError

_INDENT: Final = "  "


@dataclass(frozen=True, slots=True)
class Edit:
    """One file's text before and after."""

    file: Path
    old: str
    new: str

    def diff(self, root: Path) -> str:
        """The change as a unified diff, with paths below `root`."""
        name = self.file.relative_to(root).as_posix()
        return "".join(unified_diff(self.old.splitlines(keepends=True), self.new.splitlines(keepends=True), name, name))


@dataclass(frozen=True, slots=True)
class Proposal:
    """What would mend a target.

    `name`: what a person has to have seen on the page; `chosen`: the element that the target would mean from now on, None where
    it is still found, and `renamed` the target as it would be; `differences`: what the contract finds now; `left`: what it would still find after the edits.
    """

    target: WriteTarget | ReadTarget
    name: str
    ranked: tuple[Candidate, ...]
    chosen: Candidate | None
    differences: tuple[Difference, ...]
    left: tuple[Difference, ...]
    edits: tuple[Edit, ...]
    renamed: WriteTarget | None = None


@dataclass(frozen=True, slots=True)
class Shelf:
    """The selectors of one platform as they are in force: their folder, and what was read from it."""

    folder: Path
    targets: Targets
    contracts: Contracts

    def table_of(self, key: str) -> tuple[Path, str]:
        """File and text in which a target stands. Raises ConfigError: in none."""
        screen, _, name = key.partition(".")
        for file in sorted((self.folder / self.targets.platform).glob("*.toml")):
            text = file.read_text(encoding="utf-8")
            if name in tomlkit.parse(text).get(screen, {}):
                return file, text
        raise ConfigError(f"no such target: {key}", target=key, code="mend.no_target")


def propose(shelf: Shelf, key: str, page: Forest, choice: int = 1) -> Proposal:
    """The change that makes `key` fit the page; `choice`: which of the candidates, counted from 1.

    Raises:
        ConfigError: there is no such target, or no such candidate.
    """
    if key in shelf.targets.reads:
        return _for_reading(shelf, shelf.targets.read(key), page, choice)
    target = shelf.targets.write(key)
    contract = shelf.contracts.screens[target.screen]
    part = contract.part_of(target) or ()
    differences = tuple(compare(part, scope_of(target, page), target))
    ranked = candidates(target, page, part)
    there = _is_there(target, page)
    chosen = None if there else _chosen(ranked, choice, key)
    if chosen is None and not there:
        return Proposal(target, "", ranked, None, differences, differences, ())
    edits: dict[Path, Edit] = {}
    if chosen is not None:
        _rename(shelf, target, chosen, edits)
    renamed = _renamed(target, chosen)
    left = _widen(contract, renamed, page, edits)
    seen = chosen.at.node.name if chosen else next((d.node.name for d in differences if d.change is Change.NEW), "")
    ended = tuple(edit for edit in edits.values() if edit.old != edit.new)
    return Proposal(target, seen or target.called, ranked, chosen, differences, left, ended, renamed)


def _is_there(target: WriteTarget, page: Forest) -> bool:
    scope = (target.within, target.title)
    return any(
        stands_for(target, one.node) and scope in {("page", ""), (one.within, one.title)} for one in placed(page)
    )


def _chosen(ranked: Sequence[Candidate], choice: int, key: str) -> Candidate | None:
    if not ranked:
        return None
    if not 1 <= choice <= len(ranked):
        raise ConfigError(f"{key} has {len(ranked)} candidates", target=key, raw=str(choice), code="mend.no_candidate")
    return ranked[choice - 1]


def _renamed(target: WriteTarget, chosen: Candidate | None) -> WriteTarget:
    return target.model_copy(update=_changes(target, chosen)) if chosen else target


def _changes(target: WriteTarget, chosen: Candidate) -> dict[str, str]:
    """What of the target's table would be worded otherwise."""
    node, name = chosen.at.node, chosen.at.node.name
    said = {"role": node.role, "name": name} if target.role else {_way(target): name.removeprefix("*").strip()}
    if target.within != "page":
        said["title"] = chosen.at.title
    return {key: value for key, value in said.items() if getattr(target, key) != value}


def _way(target: WriteTarget) -> str:
    return "label" if target.label else "placeholder"


def _rename(shelf: Shelf, target: WriteTarget, chosen: Candidate, edits: dict[Path, Edit]) -> None:
    """The target's own words; a dialog's or section's new title is the new title of everything that stands in it."""
    changes = _changes(target, chosen)
    frame = {"title": changes.pop("title")} if "title" in changes else {}
    mates = [
        one for one in shelf.targets.screen(target.screen) if (one.within, one.title) == (target.within, target.title)
    ]
    for one in mates:
        _put(shelf, one.key, frame | (changes if one.key == target.key else {}), edits)
    contract = shelf.contracts.screens[target.screen]
    nodes = [node for root in contract.part_of(target) or () for node in root.all()]
    text = _text_of(contract.file, edits)
    for node in nodes:
        if stands_for(target, node):
            text = _reword(text, node, chosen.at.node.role, chosen.at.node.name)
        elif target.title and node.name == target.title and "title" in frame:
            text = _reword(text, node, node.role, frame["title"])
    _keep(contract.file, text, edits)


def _put(shelf: Shelf, key: str, values: Mapping[str, str], edits: dict[Path, Edit]) -> None:
    file, _ = shelf.table_of(key)
    document: Any = tomlkit.parse(_text_of(file, edits))
    screen, _, name = key.partition(".")
    for field, value in values.items():
        document[screen][name][field] = value
    _keep(file, tomlkit.dumps(document), edits)


def _reword(text: str, node: Node, role: str, name: str) -> str:
    lines = text.splitlines(keepends=True)
    old = f"{node.role} {json.dumps(node.name, ensure_ascii=False)}"
    lines[node.line - 1] = lines[node.line - 1].replace(old, f"{role} {json.dumps(name, ensure_ascii=False)}", 1)
    return "".join(lines)


def _widen(contract: Contract, target: WriteTarget, page: Forest, edits: dict[Path, Edit]) -> tuple[Difference, ...]:
    """Let the contract know what stands there now as something that may be there; returns what no such line can cure."""
    text = _text_of(contract.file, edits)
    part = _part(contract.file, text, target)
    found = tuple(compare(part, scope_of(target, page), target))
    once = {id(one.top) if one.top else id(one): one for one in found}
    # from the last line to the first, so that no insertion moves a line that is still to be changed
    for one in sorted(once.values(), key=lambda one: -_line(one)):
        text = _let_be(text, one, target)
    _keep(contract.file, text, edits)
    return tuple(compare(_part(contract.file, text, target), scope_of(target, page), target))


def _part(file: Path, text: str, target: WriteTarget) -> Forest:
    return Contract.of(file, text).part_of(target) or ()


def _line(one: Difference) -> int:
    return (
        one.node.line
        if one.change is Change.GONE
        else max((n.line for n in one.after.all()), default=0)
        if one.after
        else 0
    )


def _let_be(text: str, one: Difference, target: WriteTarget) -> str:
    lines = text.splitlines(keepends=True)
    if one.change is Change.GONE:
        if one.within and not stands_for(target, one.node) and OPTIONAL not in one.node.marks:
            before, colon, rest = lines[one.node.line - 1].rstrip("\n").partition(":")
            lines[one.node.line - 1] = f"{before} [{OPTIONAL}]{colon}{rest}\n"
    elif one.after is not None and one.top is not None:
        beside = lines[one.after.line - 1]
        indent = beside[: len(beside) - len(beside.lstrip())]
        lines[_line(one) - 1] = lines[_line(one) - 1].rstrip("\n") + "\n"
        lines[_line(one) : _line(one)] = [f"{indent}{line}\n" for line in dump([_bare(one.top)]).splitlines()]
    return "".join(lines)


def _bare(node: Node) -> Node:
    """Only what a contract is about: weighty nodes and what they stand in, all of it optional."""
    inner = (
        ()
        if node.weighty
        else tuple(_bare(child) for child in node.children if any(one.weighty for one in child.all()))
    )
    return replace(node, text="", marks=frozenset({OPTIONAL}), children=inner)


def _text_of(file: Path, edits: Mapping[Path, Edit]) -> str:
    return edits[file].new if file in edits else file.read_text(encoding="utf-8")


def _keep(file: Path, text: str, edits: dict[Path, Edit]) -> None:
    old = edits[file].old if file in edits else file.read_text(encoding="utf-8")
    edits[file] = Edit(file, old, text)


def _for_reading(shelf: Shelf, target: ReadTarget, page: Forest, choice: int) -> Proposal:
    """One more candidate at the end; only where the target is named by role and name is there anything to compare by."""
    named = next((one for one in target.candidates if one.role and one.name), None)
    if named is None:
        return Proposal(target, "", (), None, (), (), ())
    like = WriteTarget(key=target.key, use="write", role=named.role, name=named.name, within="page")
    ranked = candidates(like, page, ())
    chosen = _chosen(ranked, choice, target.key)
    if chosen is None:
        return Proposal(target, "", ranked, None, (), (), ())
    found = Pattern(role=chosen.at.node.role, name=chosen.at.node.name)
    edits: dict[Path, Edit] = {}
    if found not in target.candidates:
        file, text = shelf.table_of(target.key)
        document: Any = tomlkit.parse(text)
        screen, _, name = target.key.partition(".")
        line = tomlkit.inline_table()
        line.update({"role": found.role, "name": found.name})
        document[screen][name]["candidates"].append(line)
        _keep(file, tomlkit.dumps(document), edits)
    return Proposal(target, found.name, ranked, chosen, (), (), tuple(edits.values()))
