"""What stands in the client's windows → values; pure, and an error where anything is not exactly as it has to be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Final

from bot.desktop import boxes
from bot.desktop.look import Look, labelled
from bot.desktop.reading import plain
from bot.desktop.targets import ScreenTarget, ScreenTargets
from bot.domain.case import InterceptState
from bot.domain.facts import Fact, Known, Source, Unknown
from bot.domain.lines import Line
from bot.domain.money import Money
from bot.errors import TargetMissing, Unreadable
from flows.courier_desk import wording
from flows.grammar import printed

_NEAR: Final = 0.85
"""One digit more or another one of fifteen is 0.93 and more; two numbers of one courier are below 0.75."""


@dataclass(frozen=True, slots=True)
class Result:
    """A search result's lines: the number and the state of its interception stand one under the other."""

    number: Line
    state: Line
    obstacle: Line | None


def result(look: Look, targets: ScreenTargets) -> Result:
    """The result that stands there, not its twin beside it. Raises TargetMissing, TargetAmbiguous."""
    state = labelled(look, targets["result.intercept"])
    numbers = [line for line in _all(look, targets["result.number"]) if _above(line, state)]
    if len(numbers) != 1:
        raise TargetMissing(
            f"{len(numbers)} numbers over the state of one interception", target="result.number", page=look.window.title
        )
    return Result(numbers[0], state, next(iter(_all(look, targets["result.obstacle"])), None))


def _all(look: Look, target: ScreenTarget) -> list[Line]:
    return [line for line in look.lines if plain(line.text).startswith(f"{plain(target.text)}:")]


def _above(line: Line, state: Line) -> bool:
    """In the same column: lines of one block begin at one edge, to within half a character."""
    em = boxes.height(state.box)
    return line.box.bottom <= state.box.top + em / 2 and abs(line.box.left - state.box.left) <= em / 2


def obstacle(look: Look, targets: ScreenTargets) -> str:
    """Why the parcel cannot be called back, by the client's word; empty where it says nothing of it."""
    told = _all(look, targets["result.obstacle"])
    return value(plain(told[0].text), targets["result.obstacle"]) if told else ""


def value(text: str, target: ScreenTarget) -> str:
    """What stands behind the label in a line that was read with certainty."""
    return text.removeprefix(f"{plain(target.text)}:")


def resembles(read: str, waybill: str) -> bool:
    """Near enough to be worth a second reading: one reading may have a digit too many, and the answer to another question has others."""
    return SequenceMatcher(None, read, waybill, autojunk=False).ratio() >= _NEAR


def money(line: str, target: ScreenTarget) -> Money:
    """Raises Unreadable."""
    return printed(Money.parse, target.text, value(line, target))


def confirmed(lines: Iterable[str]) -> tuple[str, Money]:
    """Waybill and fee that the last question names. Raises Unreadable."""
    text = "".join(lines)
    found = wording.CONFIRMED.search(text)
    if found is None:
        raise Unreadable(f"the question is another one: {text!r}", target="confirm", raw=text)
    return found[1], printed(Money.parse, wording.CONFIRM, found[2])


def state_of(word: str, now: datetime) -> Fact[InterceptState]:
    """The courier's word on an interception."""
    bare = word.partition(":")[0]
    if bare not in wording.STATES:
        return Unknown(why="unknown.label", source=Source.COURIER, raw=word)
    return Known(value=wording.STATES[bare], source=Source.COURIER, seen_at=now)
