"""Signing in to the client: the account pasted and copied back, the password key by key, and not again once it was refused twice."""

from __future__ import annotations

from bot.desktop.look import Look, has, says
from bot.desktop.program import TRIES
from bot.errors import NotAvailable, WrongPage
from flows.courier_desk import wording
from flows.courier_desk.office import Office
from flows.spec import Login

_REFUSALS = 2
"""One refusal may be a key that was lost on the way; more would lock the account."""


class Session:
    """One account of one client."""

    def __init__(self, office: Office, login: Login) -> None:
        self._office = office
        self._login = login
        self._refusals = 0

    async def ensure(self) -> None:
        """Be signed in.

        Raises:
            NotAvailable: the client refuses the account, or is not there.
            PageError: the sign-in led nowhere.
        """
        office = self._office
        look = await office.look()
        if not has(look, office.targets["search.ask"]) and not office.at_sign_in(look):
            look = await office.look(whole=True)
        if office.at_sign_in(look):
            await self._sign_in()

    async def _sign_in(self) -> None:
        office, targets = self._office, self._office.targets
        for _ in range(TRIES):
            if self._refusals >= _REFUSALS:
                raise NotAvailable("the client refuses the account", raw=self._login.account, code="desktop.refused")
            await office.program.fill(await office.main(), targets["sign_in.account"], self._login.account)
            if not await self._type_password():
                continue
            self._refusals += (
                1  # until it is seen to be in: what led nowhere may have been a refusal that nobody could read
            )
            await office.press("sign_in.submit")
            if await office.until("sign_in.submit", self._landed, inside=False) == "in":
                self._refusals = 0
                return
        raise WrongPage("the sign-in led nowhere", target="sign_in.submit")

    async def _type_password(self) -> bool:
        program, target = self._office.program, self._office.targets["sign_in.password"]
        try:
            return await program.type_secret(await self._office.main(), target, self._login.password)
        except ValueError:
            # its text would name the character
            raise NotAvailable("the password has a character that no keyboard has", code="desktop.password") from None

    def _landed(self, look: Look) -> str | None:
        if says(look, wording.REFUSED):
            return "refused"
        return None if self._office.at_sign_in(look) else "in"
