"""What on a page may be the write target that was not found, or not found as it was: scored, with the parts of the score; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal

from bot.browser.contracts import Forest, stands_for
from bot.browser.targets import WriteTarget
from bot.browser.tree import FIELDS, Node

_WEIGHTS: Final = {"role": 30, "name": 35, "scope": 25, "place": 10}
"""What a score is made of, out of 100. Name and scope together outweigh all else: they are what a target is found by."""
LEAST: Final = 45
"""Below this nobody would take the one for the other: the same role alone has as much."""
MOST: Final = 5


@dataclass(frozen=True, slots=True)
class Placed:
    """A node that a hand can use, and where it stands; `place` is 0.0 for the first of its scope to 1.0 for the last."""

    node: Node
    within: Literal["page", "section", "dialog"]
    title: str
    place: float = 0.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """One element, its score out of 100, and what each part gave to it."""

    at: Placed
    score: int
    parts: dict[str, int]


def candidates(target: WriteTarget, page: Forest, part: Forest) -> tuple[Candidate, ...]:
    """The likeliest elements of the page, best first.

    Left out: what the contract's `part` knows as something else, and what stands in another kind of frame: a button of the
    page never takes the place of one in a dialog.
    """
    known = {(node.role, node.name) for root in part for node in root.all() if not stands_for(target, node)}
    expected = next((one.place for one in placed(part) if stands_for(target, one.node)), 1.0)
    scored = [
        _score(target, one, expected)
        for one in placed(page)
        if target.within in {"page", one.within}
        and (one.title != target.title or (one.node.role, one.node.name) not in known)
    ]
    best = sorted(scored, key=lambda one: -one.score)
    return tuple(one for one in best[:MOST] if one.score >= LEAST)


def _score(target: WriteTarget, at: Placed, expected: float) -> Candidate:
    roles = {target.role} if target.role else FIELDS
    shares = {
        "role": 1.0 if at.node.role in roles else 0.3,
        "name": _alike(target.called, at.node.name.removeprefix("*").strip()),
        "scope": _scope(target, at),
        "place": 1.0 - abs(expected - at.place),
    }
    parts = {key: round(_WEIGHTS[key] * share) for key, share in shares.items()}
    return Candidate(at, sum(parts.values()), parts)


def _scope(target: WriteTarget, at: Placed) -> float:
    if (at.within, at.title) == (target.within, target.title) or target.within == "page":
        return 1.0
    return 0.8 * _alike(target.title, at.title)


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()


def placed(forest: Forest) -> tuple[Placed, ...]:
    """All that a hand can use, with the dialog it stands in, else the heading it stands under."""
    found = list(_placed(forest, Placed(Node(""), "page", "")))
    scopes: dict[tuple[str, str], list[Placed]] = {}
    for one in found:
        scopes.setdefault((one.within, one.title), []).append(one)
    return tuple(
        Placed(one.node, one.within, one.title, number / max(1, len(mates) - 1))
        for mates in scopes.values()
        for number, one in enumerate(mates)
    )


def _placed(forest: Sequence[Node], scope: Placed) -> Iterator[Placed]:
    for node in forest:
        if node.role == "heading" and scope.within != "dialog":
            scope = Placed(node, "section", node.name)
        inner = Placed(node, "dialog", node.name) if node.role in {"dialog", "alertdialog"} else scope
        if node.weighty:
            yield Placed(node, inner.within, inner.title)
        yield from _placed(node.children, inner)


def scope_of(target: WriteTarget, page: Forest) -> Forest:
    """The part of a whole page's tree within which the target has to stand, as `act.scope` would find it there."""
    match target.within:
        case "section":
            return next(_sections(page, target.title), ())
        case "dialog":
            return tuple(node for root in page for node in root.all() if node.role == "dialog")
        case "page":
            return page


def _sections(forest: Sequence[Node], title: str) -> Iterator[Forest]:
    """What stands under a heading, up to the next one of its level: a plain `section` has no node of its own."""
    for number, node in enumerate(forest):
        if node.role == "heading" and node.name == title:
            rest = forest[number + 1 :]
            end = next(
                (n for n, one in enumerate(rest) if one.role == "heading" and one.marks == node.marks), len(rest)
            )
            yield (node, *rest[:end])
        yield from _sections(node.children, title)
