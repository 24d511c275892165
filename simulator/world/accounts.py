"""Who may enter: accounts, sessions of both origins, and the challenges that only a person passes."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from simulator.world.errors import Code, WorldError
from simulator.world.model import Account, Actor, Challenge, Shop
from simulator.world.wording import CHALLENGE_TEXT, NO_RIGHT_TEXT, SESSION_TEXT, SMS_WRONG_TEXT, WRONG_PASSWORD_TEXT

SESSION_LIFE = timedelta(days=7)
"""How long a session lives without a request (world time)."""


class Realm(StrEnum):
    """The two origins; a session of one is worth nothing at the other."""

    SHOP = "shop"
    COURIER = "courier"


@dataclass(slots=True)
class Session:
    """One signed-in browser; `challenge` set = not usable before a person has passed it."""

    token: str
    realm: Realm
    account: Account
    actor: Actor
    seen_at: datetime
    challenge: Challenge | None = None
    sms_code: str = ""


class Accounts:
    """All accounts and sessions; tokens and codes come from `rng`, so that a seed repeats them."""

    def __init__(
        self, shops: dict[str, Shop], accounts: tuple[Account, ...], courier: Account, rng: random.Random
    ) -> None:
        self.all = accounts
        self.courier = courier
        self._shops = shops
        self._by_name = {
            **{(Realm.SHOP, account.name): account for account in accounts},
            (Realm.COURIER, courier.name): courier,
        }
        self._sessions: dict[str, Session] = {}
        self._doubted: dict[str, Challenge] = {}
        """Accounts of which the platform wants to see a person, however often they sign in anew."""
        self._rng = rng

    def sign_in(self, realm: Realm, name: str, password: str, now: datetime) -> Session:
        """A new session; WRONG_PASSWORD says nothing about which half was wrong."""
        account = self._by_name.get((realm, name.strip()))
        if account is None or account.password != password:
            raise WorldError(Code.WRONG_PASSWORD, WRONG_PASSWORD_TEXT)
        session = self._open(realm, account, now)
        self._sessions[session.token] = session
        return session

    def _open(self, realm: Realm, account: Account, now: datetime) -> Session:
        shop = self._shops.get(account.shop_id)
        usual = shop.sign_in_challenge if shop is not None and realm is Realm.SHOP else None
        challenge = self._doubted.get(account.name, usual)
        actor = Actor(f"seller:{account.name}", account.shop_id, account.rights)
        return Session(f"{self._rng.getrandbits(128):032x}", realm, account, actor, now, challenge)

    def pending(self, realm: Realm, token: str | None, now: datetime) -> Session:
        """A known session, challenged or not; its life starts anew."""
        session = self._sessions.get(token or "")
        if session is None or session.realm is not realm or now - session.seen_at > SESSION_LIFE:
            raise WorldError(Code.SESSION_EXPIRED, SESSION_TEXT)
        session.seen_at = now
        return session

    def session(self, realm: Realm, token: str | None, now: datetime) -> Session:
        """A usable session."""
        session = self.pending(realm, token, now)
        if session.challenge is not None:
            raise WorldError(Code.NEED_CHALLENGE, CHALLENGE_TEXT)
        return session

    def pass_slider(self, token: str | None, now: datetime) -> Session:
        """The slider reached the end."""
        return self._passed(self.pending(Realm.SHOP, token, now), Challenge.SLIDER)

    def send_sms(self, token: str | None, now: datetime) -> None:
        """Draw a six-digit code for the shop's phone."""
        self.pending(Realm.SHOP, token, now).sms_code = f"{self._rng.randrange(1_000_000):06d}"

    def pass_sms(self, token: str | None, code: str, now: datetime) -> Session:
        """The code was typed; it serves once."""
        session = self.pending(Realm.SHOP, token, now)
        if not session.sms_code or code.strip() != session.sms_code:
            raise WorldError(Code.BAD_REQUEST, SMS_WRONG_TEXT)
        return self._passed(session, Challenge.SMS)

    def _passed(self, session: Session, kind: Challenge) -> Session:
        if session.challenge is not kind:
            raise WorldError(Code.BAD_REQUEST, CHALLENGE_TEXT)
        session.challenge, session.sms_code = None, ""
        self._doubted.pop(session.account.name, None)
        return session

    def switch(self, token: str | None, shop_id: str, now: datetime) -> Session:
        """Work for another shop of the account, in every tab at once (F60); NO_PERMISSION for a foreign shop."""
        session = self.session(Realm.SHOP, token, now)
        if shop_id not in (session.account.shop_id, *session.account.also):
            raise WorldError(Code.NO_PERMISSION, NO_RIGHT_TEXT)
        session.actor = Actor(session.actor.label, shop_id, session.actor.rights)
        return session

    def sign_out(self, token: str | None) -> None:
        """Forget one session."""
        self._sessions.pop(token or "", None)

    def lose_all(self, realm: Realm = Realm.SHOP, shop_id: str = "") -> int:
        """Forget every session of an origin (fault session_loss), or of one shop's accounts; returns how many."""
        mine = {shop_id} if shop_id else {*self._shops, ""}
        ended = ((token, one) for token, one in self._sessions.items() if one.realm is realm)
        lost = [token for token, one in ended if one.account.shop_id in mine]
        for token in lost:
            del self._sessions[token]
        return len(lost)

    def challenge_all(self, kind: Challenge) -> int:
        """Ask every signed-in account of the shops for a person (fault challenge); returns how many browsers that met.

        Signing in anew does not help: the doubt stays with the account until a person has passed.
        """
        asked = [session for session in self._sessions.values() if session.realm is Realm.SHOP]
        for session in asked:
            session.challenge = self._doubted[session.account.name] = kind
        return len(asked)

    def doubt(self, kind: Challenge, shop_id: str = "") -> int:
        """End the sessions of a shop's accounts (empty: of all) and ask for a person at their next sign-in; how many accounts."""
        doubted = [account for account in self.all if shop_id in {"", account.shop_id}]
        self._doubted.update((account.name, kind) for account in doubted)
        self.lose_all(shop_id=shop_id)
        return len(doubted)

    def phone(self) -> list[dict[str, str]]:
        """What the shop's phone shows: the codes in force (for the scripted person of a test)."""
        return [
            {"account": session.account.name, "code": session.sms_code}
            for session in self._sessions.values()
            if session.sms_code
        ]
