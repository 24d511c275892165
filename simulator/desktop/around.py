"""The traps around any press: a window that moves or changes its size, news, an update that is forced."""

from __future__ import annotations

import random
from collections.abc import Callable

from simulator.desktop import wording
from simulator.desktop.stage import Do, Stage
from simulator.desktop.traps import Traps


class Around:
    """Strikes after a press, within a second or so; `update_taken` ends the sign-in."""

    def __init__(self, traps: Traps, stage: Stage, update_taken: Do) -> None:
        self._traps = traps
        self._stage = stage
        self._update_taken = update_taken
        self._standing: set[str] = set()
        self._era = 0
        """Counts the times that everything was closed: what was to open before does not open after."""

    def press(self) -> None:
        """An opportunity for each of them."""
        if (dice := self._traps.strike("window_moves")) is not None:
            dx, dy = dice.randint(-120, 120), dice.randint(-90, 90)
            self._stage.later(dice.randint(100, 1_000), lambda: self._stage.move(dx, dy))
        if (dice := self._traps.strike("window_resizes")) is not None:
            factor = dice.choice((0.88, 0.94, 1.06, 1.12))
            self._stage.later(dice.randint(100, 1_000), lambda: self._stage.resize(factor))
        self._maybe_pop_up("news_window", self._news)
        self._maybe_pop_up("forced_update", lambda _dice: self._stage.update(self._updated))

    def clear(self) -> None:
        """All small windows are gone."""
        self._era += 1
        self._standing.clear()
        self._stage.close_popups()

    def _maybe_pop_up(self, name: str, open_it: Callable[[random.Random], None]) -> None:
        if name in self._standing or (dice := self._traps.strike(name)) is None:
            return
        self._standing.add(name)
        era = self._era
        self._stage.later(dice.randint(200, 1_500), lambda: open_it(dice) if era == self._era else None)

    def _news(self, dice: random.Random) -> None:
        self._stage.news(dice.choice(wording.NEWS), lambda: self._standing.discard("news_window"))

    def _updated(self, now: bool) -> None:  # noqa: FBT001 - the answer of a dialog
        self._standing.discard("forced_update")
        if now:
            self._update_taken()
