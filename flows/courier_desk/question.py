"""The window that asks once more before a parcel is called back: both its facts are read, and only then yes is pressed, once."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from bot.desktop import boxes
from bot.desktop.look import Look, button, has, says
from bot.desktop.program import POLL_S, TRIES
from bot.desktop.reading import plain
from bot.domain.action import Intercept
from bot.domain.lines import Line
from bot.errors import (
    LedgerError,
    NotAllowed,
    NotSent,
    OutcomeUnknown,
    PageError,
    RefundPilotError,
    Stopped,
    TooLate,
    WrongPage,
)
from bot.ports.desks import Permit
from bot.ports.desktop import Point, WindowSeen
from flows.courier_desk import wording
from flows.courier_desk.office import Office
from flows.courier_desk.parse import confirmed, obstacle
from flows.sending import before_sending

QUESTION_S: Final = 8.0
"""How long the button may stay grey, and the last question may take to open."""
ANSWER_S: Final = 15.0
"""How long the client may take to say what became of it; what it says proves nothing."""


class LastQuestion:
    """Of one client; for one interception at a time."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._desktop = office.desktop

    async def open(self) -> WindowSeen:
        """Press until the window that asks once more stands there; its button may be grey for some seconds."""
        program, clock = self._office.program, self._office.clock
        ends = clock.monotonic() + QUESTION_S
        while clock.monotonic() < ends:
            await self._office.press("form.submit")
            for _ in range(round(1 / POLL_S)):
                if (window := await program.dialog(wording.CONFIRM)) is not None:
                    return window
                await clock.sleep(POLL_S)
        raise WrongPage("the last question does not open", target="form.submit")

    async def fire(self, window: WindowSeen, action: Intercept, permit: Permit) -> None:
        """Read the last question, and press yes once. Whatever goes wrong before answers it by no.

        Raises:
            NotSent, TooLate: nothing was pressed. OutcomeUnknown: something may have been.
            whatever `permit.on_send` raises: nothing was pressed.
        """
        sent = False

        def let_go() -> None:
            nonlocal sent
            permit.on_send()
            sent = True

        try:
            with before_sending(permit.case):
                await self._strike(window, action, permit, let_go)
        except BaseException as error:
            if sent:
                raise _unknown(error) from error
            await self._say_no()
            raise

    async def _strike(self, window: WindowSeen, action: Intercept, permit: Permit, let_go: Callable[[], None]) -> None:
        """One click; what was read is read anew, at last as a whole page, while something comes between. Raises as `_yes`."""
        for left in reversed(range(TRIES)):
            try:
                point, now = await self._yes(window, action, permit, whole=left < TRIES / 2)
            except PageError:
                if not left:
                    raise
                continue
            if await self._desktop.strike(now, point, let_go):
                return
        raise NotSent("something always came between", case=permit.case.aftersale_id, code="desktop.restless")

    async def _yes(
        self, window: WindowSeen, action: Intercept, permit: Permit, *, whole: bool
    ) -> tuple[Point, WindowSeen]:
        """Where yes is pressed, in a question that names exactly what was decided, and has not changed since it was read."""
        program, case = self._office.program, permit.case.aftersale_id
        await self._office.clear(keep=wording.CONFIRM)
        targets = self._office.targets
        look = await program.look(window, () if whole else [targets["confirm.yes"], targets["confirm.no"]])
        self._desktop.book.keep("confirm.yes", "before", look.image)
        said = confirmed([await program.certain(look, line) for line in self._question(look)])
        if said != (action.waybill, action.fee):
            raise NotSent(
                f"the last question names {said[0]} at {said[1]}, not {action.waybill} at {action.fee}",
                case=case,
                raw=f"{said[0]} {said[1]}",
                code="intercept.other_question",
            )
        yes = boxes.centre(button(look, self._office.targets["confirm.yes"]).box)
        now = await program.unchanged(look)
        if self._office.clock.monotonic() >= permit.expires_at:
            raise TooLate("the permit ran out at the last question", case=case)
        return Point(now.box.left + yes.x, now.box.top + yes.y), now

    def _question(self, look: Look) -> list[Line]:
        """Its lines in their order, without the buttons."""
        answers = {plain(self._office.targets[key].text) for key in ("confirm.yes", "confirm.no")}
        told = [line for line in look.lines if plain(line.text) not in answers]
        return [line for row in boxes.rows(told) for line in row]

    async def _say_no(self) -> None:
        """Answer no, or leave it to the next one who clears the windows: whatever stands there is never answered by yes."""
        with suppress(RefundPilotError):
            await self._office.clear()

    async def answered(self) -> None:
        """Wait for what the client says.

        Raises:
            NotAllowed: the courier refuses. OutcomeUnknown: it cannot be told.
        """
        try:
            why = await self._said()
        except (LedgerError, Stopped):
            raise
        except RefundPilotError as error:
            raise _unknown(error) from error
        if why is None:
            raise OutcomeUnknown("the client does not say what became of it")
        if why:
            raise NotAllowed("the courier refuses", code="intercept.infeasible", raw=why)

    async def _said(self) -> str | None:
        """Why the courier refuses, empty where it took the order, None where that cannot be told."""
        office = self._office
        ends = office.clock.monotonic() + ANSWER_S
        while office.clock.monotonic() < ends:
            look = await office.look()
            self._desktop.book.keep("confirm.yes", "after", look.image)
            if says(look, wording.NETWORK) or office.at_sign_in(look):
                return None
            if why := obstacle(look, office.targets):
                return why
            if says(look, wording.SUBMITTED) or self._back_at_search(look):
                return ""
            await office.clock.sleep(POLL_S)
        return None

    def _back_at_search(self, look: Look) -> bool:
        """The form is gone, as it goes once the courier has it; the sentence that says so stands for two seconds only."""
        gone = not says(look, self._office.targets["form.fee"].text) and not has(
            look, self._office.targets["form.submit"]
        )
        return gone and has(look, self._office.targets["search.ask"]) and not self._office.busy(look)


def _unknown(error: BaseException) -> BaseException:
    """What went wrong after it was let go says nothing about what became of it; what ends everything stays what it is."""
    known = isinstance(error, RefundPilotError) and not isinstance(error, (LedgerError, Stopped, OutcomeUnknown))
    return OutcomeUnknown(f"after yes: {error}") if known else error
