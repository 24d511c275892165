"""What goes wrong in the window on purpose: named traps, each struck by dice of its own, so that a seed repeats them.

| Trap | An opportunity is | What happens |
|---|---|---|
| slow_repaint | anything new to draw | the old content stays 0.5 to 2 s |
| window_moves | any press | the window moves within the second |
| window_resizes | any press | the window becomes up to 12 % smaller or larger |
| news_window | any press while none stands | a window 快递资讯 opens and takes the focus |
| forced_update | any press while none stands | a modal 发现新版本; 立即更新 ends at the sign-in |
| disabled_button | a fee that is shown | 提交拦截 stays grey for 2 to 5 s |
| row_scrolls_away | a page of the book | its rows are rotated, fewer are in sight, and the table stands scrolled |
| twin_waybill | a result, a page of the book | a number that differs in one digit stands beside the one asked, or beside a row |
| signed_out | any request | nothing is sent: back to the sign-in |
| dropped_answer | an intercept | the courier has it, the window says 网络异常 |

Chance is drawn from (seed, trap, number of the opportunity), so neither time nor another trap moves it. A trap that bars the way
rests after it struck (`REST`), so that work ends even at rate 1.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from typing import Final

from simulator.lookalikes import LOOKS_LIKE, twin_at

TRAPS: Final = (
    "slow_repaint",
    "window_moves",
    "window_resizes",
    "news_window",
    "forced_update",
    "disabled_button",
    "row_scrolls_away",
    "twin_waybill",
    "signed_out",
    "dropped_answer",
)
REST: Final = {"news_window": 2, "forced_update": 4, "signed_out": 8, "dropped_answer": 1}
"""How many opportunities a trap lets pass after it struck."""


class Traps:
    """The dice; `rates` are chances from 0 to 1 by name, a trap that is not named never strikes."""

    def __init__(self, rates: Mapping[str, float], seed: int = 0) -> None:
        strange = [name for name in rates if name not in TRAPS]
        if strange or not all(0 <= rate <= 1 for rate in rates.values()):
            raise ValueError(f"a trap is one of {', '.join(TRAPS)}, its rate a number from 0 to 1")
        self._rates = dict(rates)
        self._seed = seed
        self._seen: Counter[str] = Counter()
        self._rests: Counter[str] = Counter()
        self.struck: Counter[str] = Counter()

    def strike(self, name: str) -> random.Random | None:
        """One opportunity: None, or the dice for how the trap strikes."""
        self._seen[name] += 1
        dice = random.Random(f"{self._seed}/{name}/{self._seen[name]}")
        hit = dice.random() < self._rates.get(name, 0.0)
        if self._rests[name] > 0:
            self._rests[name] -= 1
            return None
        if not hit:
            return None
        self._rests[name] = REST.get(name, 0)
        self.struck[name] += 1
        return dice


def twin_of(number: str, dice: random.Random) -> str:
    """A number that differs in one digit, by one that looks like it; the same number when it has none."""
    places = [place for place, letter in enumerate(number) if letter in LOOKS_LIKE]
    if not places:
        return number
    return twin_at(number, dice.choice(places))
