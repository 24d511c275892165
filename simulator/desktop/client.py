"""What the client does when something is pressed: asks the courier, decides what is shown next, and lets the traps strike.

Knows no toolkit: the window is behind `Stage`, so that all of it is tested without a screen.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from simulator.desktop import wording
from simulator.desktop.around import Around
from simulator.desktop.door import Door, Refused, Unreachable
from simulator.desktop.stage import Do, Outcome, Stage, Told
from simulator.desktop.state import Book, Form, Shown, View, book_of, found_of
from simulator.desktop.traps import Traps

NOTE_MS: Final = 2_000
"""How long the green line stays."""


class Client:
    """One window's mind."""

    def __init__(self, door: Door, traps: Traps, stage: Stage) -> None:
        self.shown = Shown()
        self._door = door
        self._traps = traps
        self._stage = stage
        self._busy = False
        self._era = 0
        """Counts sign-outs: what was asked before one is not shown after it."""
        self._late: Do | None = None
        self._asked_back = False
        """Is 拦截确认 standing?"""
        self._around = Around(traps, stage, lambda: self._leave(note=wording.UPDATED))

    def start(self) -> None:
        """Show the sign-in."""
        self._stage.draw(self.shown)

    # ---- presses ----------------------------------------------------------------------------------------------

    def sign_in(self, account: str, password: str) -> None:
        """登录."""
        self._around.press()

        def ask() -> Told:
            return {"account": self._door.sign_in(account, password)}

        def entered(told: Told) -> None:
            self.shown.account, self.shown.view = told["account"], View.SEARCH

        self._request(ask, entered, signed_in=False)

    def show(self, view: View) -> None:
        """A tab."""
        if self.shown.view is View.SIGN_IN:
            return
        self._around.press()
        if view is View.BOOK:
            self._open_book(1)
        elif not self._busy:
            self._paint(lambda: self._turn_to(view))

    def search(self, number: str) -> None:
        """查询."""
        self._around.press()
        number = number.strip()
        if not number:
            self._paint(lambda: self._say(problem=wording.NO_NUMBER))
            return

        def found(told: Told) -> None:
            self.shown.found = found_of(told, self._traps.strike("twin_waybill"))

        self._request(lambda: self._door.waybill(number), found, refused=self._nothing_found)

    def open_form(self) -> None:
        """拦截快递."""
        found = self.shown.found
        if found is None or found.obstacle or self._busy:
            return
        self._around.press()
        self._paint(lambda: self._turn_to(View.FORM, Form(found.waybill)))

    def ask_fee(self, reason: str) -> None:
        """查询费用."""
        form = self.shown.form
        if form is None:
            return
        self._around.press()

        def quoted(told: Told) -> None:
            dice = self._traps.strike("disabled_button")
            self.shown.form = replace(form, reason=reason, fee_fen=told["fee_fen"], ready=dice is None)
            if dice is not None:
                self._enable_later(dice)

        self._request(lambda: self._door.quote(form.waybill), quoted, refused=self._no_fee)

    def submit(self, reason: str) -> None:
        """提交拦截: ask first."""
        form = self.shown.form
        if form is None or form.fee_fen is None or not form.ready or self._busy or self._asked_back:
            return
        self._around.press()
        form = replace(form, reason=reason)
        text = wording.CONFIRM.format(waybill=form.waybill, fee=wording.yuan(form.fee_fen or 0))
        self._asked_back = True
        self._stage.confirm(text, lambda yes: self._confirmed(form, yes=yes))

    def refresh(self) -> None:
        """刷新."""
        self._around.press()
        self._open_book(self.shown.book.page)

    def next_page(self) -> None:
        """下一页."""
        if self.shown.book.page < self.shown.book.pages:
            self._around.press()
            self._open_book(self.shown.book.page + 1)

    def copy(self, waybill: str) -> None:
        """复制运单号."""
        if waybill:
            self._stage.copy(waybill)
        words = wording.COPIED.format(waybill=waybill) if waybill else wording.SELECT_FIRST
        self.shown.status = words
        self._stage.draw(self.shown)

    # ---- what follows -----------------------------------------------------------------------------------------

    def _confirmed(self, form: Form, *, yes: bool) -> None:
        self._asked_back = False
        if not yes:
            return
        dropped = self._traps.strike("dropped_answer") is not None

        def ask() -> Told:
            told = self._door.intercept(form.waybill, form.fee_fen or 0, form.reason)
            if dropped:
                raise Unreachable("the answer was dropped on purpose")
            return told

        def ordered(told: Told) -> None:
            self._turn_to(View.SEARCH)
            self.shown.found = None
            self._note(wording.SUBMITTED.format(waybill=told["waybill"]))

        self._request(ask, ordered, refused=self._no_fee)

    def _open_book(self, page: int) -> None:
        def opened(told: Told) -> None:
            self._turn_to(View.BOOK)
            twin, away = self._traps.strike("twin_waybill"), self._traps.strike("row_scrolls_away")
            self.shown.book = book_of(told, twin, away)

        self._request(lambda: self._door.intercepts(page), opened)

    def _turn_to(self, view: View, form: Form | None = None) -> None:
        self.shown.view, self.shown.form = view, form
        self._say()

    def _nothing_found(self) -> None:
        self.shown.found = None

    def _no_fee(self) -> None:
        if self.shown.form is not None:
            self.shown.form = replace(self.shown.form, fee_fen=None, ready=False)

    def _enable_later(self, dice: random.Random) -> None:
        era = self._era

        def enable() -> None:
            form = self.shown.form
            if era == self._era and form is not None and form.fee_fen is not None:
                self.shown.form = replace(form, ready=True)
                self._stage.draw(self.shown)

        self._stage.later(int(dice.uniform(2_000, 5_000)), enable)

    def _say(self, *, problem: str = "", note: str = "") -> None:
        self.shown.problem, self.shown.note = problem, note

    def _note(self, words: str) -> None:
        self._say(note=words)

        def fade() -> None:
            if self.shown.note == words:
                self.shown.note = ""
                self._stage.draw(self.shown)

        self._stage.later(NOTE_MS, fade)

    # ---- asking and drawing -----------------------------------------------------------------------------------

    def _request(
        self,
        ask: Callable[[], Told],
        answered: Callable[[Told], None],
        *,
        refused: Do | None = None,
        signed_in: bool = True,
    ) -> None:
        """Ask once at a time; a press while something is asked is lost."""
        if self._busy:
            return
        if signed_in and self._traps.strike("signed_out") is not None:
            self._leave(problem=wording.SESSION_LOST)
            return
        self._busy, era = True, self._era
        self._say()
        self.shown.status = wording.LOADING
        self._stage.draw(self.shown)
        self._stage.work(ask, lambda outcome: self._hear(era, outcome, answered, refused))

    def _hear(self, era: int, outcome: Outcome, answered: Callable[[Told], None], refused: Do | None) -> None:
        self._busy = False
        if era != self._era:
            return
        if isinstance(outcome, Refused):
            self._refuse(outcome, refused)
        elif isinstance(outcome, Unreachable):
            self._paint(lambda: self._say(problem=wording.NETWORK))
        else:
            self._paint(lambda: answered(outcome))

    def _refuse(self, error: Refused, refused: Do | None) -> None:
        if error.code == "FAIL_SYS_SESSION_EXPIRED":
            self._leave(problem=wording.SESSION_LOST)
            return
        words = {"WRONG_PASSWORD": wording.WRONG_PASSWORD}.get(error.code, error.message)
        words = wording.OBSTACLE.format(reason=words) if error.code == "NOT_INTERCEPTABLE" else words

        def told() -> None:
            self._say(problem=words)
            if refused is not None:
                refused()

        self._paint(told)

    def _paint(self, change: Do) -> None:
        """Change what is shown and draw it, in order; a slow repaint leaves the old for a while."""
        dice = self._traps.strike("slow_repaint")
        self._flush()
        era = self._era

        def now() -> None:
            self._late = None
            if era == self._era:
                change()
                self.shown.status = wording.READY
                self._stage.draw(self.shown)

        if dice is None:
            now()
            return
        self._late = now
        self._stage.later(int(dice.uniform(500, 2_000)), lambda: self._flush(now))

    def _flush(self, only: Do | None = None) -> None:
        """Draw what is late, before anything newer is drawn."""
        if self._late is not None and only in {None, self._late}:
            self._late()

    def _leave(self, *, problem: str = "", note: str = "") -> None:
        """Signed out, whatever was going on."""
        self._era += 1
        self._busy, self._late, self._asked_back = False, None, False
        self._door.forget()
        self._around.clear()
        self.shown = Shown(problem=problem, note=note, book=Book())
        self._stage.draw(self.shown)
