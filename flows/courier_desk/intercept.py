"""Calling a parcel back at the client: ask for the fee, then commit at that fee, both read in the last question before yes."""

from __future__ import annotations

from io import BytesIO

from bot.desktop.desktop import Desktop
from bot.desktop.look import Look, chosen, has, labelled, says
from bot.desktop.reading import plain
from bot.domain.action import Intercept
from bot.domain.case import InterceptState
from bot.domain.courier import InterceptQuote
from bot.domain.facts import Fact, Source, Unknown
from bot.domain.ids import CaseKey
from bot.domain.money import ZERO, Money
from bot.errors import (
    CaseMoved,
    LedgerError,
    RefundPilotError,
    Stopped,
    TargetMissing,
    Unreadable,
    WrongPage,
)
from bot.ports.desks import Permit
from flows.courier_desk.lookup import Lookup
from flows.courier_desk.office import Office, patiently
from flows.courier_desk.parse import money, obstacle, resembles, state_of, value
from flows.courier_desk.question import LastQuestion
from flows.courier_desk.session import Session
from flows.sending import before_sending


class ClientDesk:
    """The InterceptDesk over one client program; see its Protocol for what each method promises and raises."""

    def __init__(self, name: str, couriers: frozenset[str], office: Office, session: Session) -> None:
        self.name = name
        self._couriers = couriers
        self._office = office
        self._session = session
        self._lookup = Lookup(office)
        self._question = LastQuestion(office)

    @property
    def _desktop(self) -> Desktop:
        return self._office.desktop

    def serves(self, courier: str) -> bool:
        return plain(courier) in self._couriers

    async def quote(self, case: CaseKey, waybill: str) -> InterceptQuote:
        del case
        async with self._desktop.turn(f"quote {waybill}"):
            return await patiently(lambda: self._quote(waybill), self._session.ensure, self._office.clock)

    async def perform(self, action: Intercept, permit: Permit) -> None:
        async with self._desktop.turn(f"intercept {action.waybill}"):
            with before_sending(permit.case):
                await patiently(lambda: self._stand_at_form(action), self._session.ensure, self._office.clock)
                window = await self._question.open()
            await self._question.fire(window, action, permit)
            await self._question.answered()

    async def follow(self, waybill: str) -> Fact[InterceptState]:
        try:
            async with self._desktop.turn(f"follow {waybill}"):
                found = await patiently(lambda: self._lookup.search(waybill), self._session.ensure, self._office.clock)
        except (LedgerError, Stopped):
            raise
        except RefundPilotError as error:
            return Unknown(why="unknown.desk", source=Source.COURIER, raw=str(error))
        return state_of(found.state, self._office.clock.now())

    async def picture(self, waybill: str) -> bytes:
        async with self._desktop.turn(f"picture {waybill}"):
            found = await patiently(lambda: self._lookup.search(waybill), self._session.ensure, self._office.clock)
        file = BytesIO()
        found.look.image.save(file, "PNG")
        return file.getvalue()

    # ---- the quote ----

    async def _quote(self, waybill: str) -> InterceptQuote:
        found = await self._lookup.search(waybill)
        if found.obstacle:
            return _infeasible(waybill, found.obstacle)
        await self._office.bring("result.open", lambda look: self._form_of(look, waybill))
        look = await self._office.bring("form.ask_fee", self._priced)
        if why := obstacle(look, self._office.targets):
            return _infeasible(waybill, why)
        fee = await self._read_form(look, waybill)
        return InterceptQuote(waybill=waybill, feasible=True, fee=fee, why_not="", other_goods=())

    def _form_of(self, look: Look, waybill: str) -> Look | None:
        """The form of that waybill, with the reason that it opens with."""
        targets = self._office.targets
        if not has(look, targets["form.ask_fee"]) or not chosen(look, targets["form.reason"]):
            return None
        number = value(plain(labelled(look, targets["form.number"]).text), targets["form.number"])
        return look if resembles(number, waybill) else None

    def _priced(self, look: Look) -> Look | None:
        priced = says(look, self._office.targets["form.fee"].text) or obstacle(look, self._office.targets)
        return look if priced and not self._office.busy(look) else None

    async def _read_form(self, look: Look, waybill: str) -> Money:
        """The fee, in a form that names this waybill; both read twice. Raises PageError."""
        program, targets = self._office.program, self._office.targets
        number = value(await program.certain(look, labelled(look, targets["form.number"])), targets["form.number"])
        if number != waybill:
            raise Unreadable(f"the form is of {number}", target="form.number", page=look.window.title, raw=number)
        if not chosen(look, targets["form.reason"]):
            raise WrongPage("another reason is chosen", target="form.reason", page=look.window.title)
        return money(await program.certain(look, labelled(look, targets["form.fee"])), targets["form.fee"])

    # ---- the commitment ----

    async def _stand_at_form(self, action: Intercept) -> None:
        """The form with this waybill and this fee: as the quote left it, or asked for anew.

        Raises:
            CaseMoved: it costs something else by now, or cannot be had at all. PageError.
        """
        look = await self._office.look()
        try:
            fee = await self._read_form(look, action.waybill)
            found = InterceptQuote(waybill=action.waybill, feasible=True, fee=fee, why_not="", other_goods=())
        except (TargetMissing, WrongPage, Unreadable):
            found = await self._quote(action.waybill)
        if (found.feasible, found.waybill, found.fee) != (True, action.waybill, action.fee):
            raise CaseMoved(
                f"the quote changed: {found.waybill} at {found.fee} {found.why_not}, decided on {action.waybill} at {action.fee}",
                code="intercept.quote_changed",
            )


def _infeasible(waybill: str, why: str) -> InterceptQuote:
    return InterceptQuote(waybill=waybill, feasible=False, fee=ZERO, why_not=why, other_goods=())
