"""Who has come in: tokens for cookies, a limit on guesses, and an end to a session whose token was replaced (S16, S32)."""

from __future__ import annotations

import hmac
import secrets
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bot.config.tokens import digest, fresh_token
from bot.ports.office_views import Person

IDLE_S = 8 * 3600
"""A session that nobody uses for a working day ends."""

GUESSES, WINDOW_S = 10, 60.0
"""So many wrong tokens a minute, over everybody: they all come from this PC. Right ones are refused too until it has passed."""

MOST = 64
"""Sessions at once; the one longest unused makes room."""


HandedIn = Callable[[str], str]
"""Whose word another process handed in under this hash, good once; empty: nobody's."""


def nobody(_: str) -> str:
    """Where no other process may hand words in."""
    return ""


@dataclass(slots=True)
class Session:
    """One browser that came in; `by` is the hash of the token it came by."""

    id: str
    name: str
    csrf: str
    by: str
    seen: float
    language: str = ""
    notice: tuple[str, str] | None = None
    dry: dict[str, int | None] = field(default_factory=dict)
    """What a rehearsal pays out more, by the hash of the policy's text, in fen."""


class TooManyGuesses(Exception):
    """Nobody is let in for a while."""


class Sessions:
    """All of one console, in memory: they end with it."""

    def __init__(
        self,
        monotonic: Callable[[], float],
        hashes: Callable[[], Mapping[str, str]],
        one_time: str,
        first: str,
        handed_in: HandedIn = nobody,
    ) -> None:
        self._monotonic = monotonic
        self._hashes = hashes
        self._one_time = digest(one_time)
        self._first = first
        self._handed_in = handed_in
        self._open: dict[str, Session] = {}
        self._wrong: deque[float] = deque()

    def enter(self, token: str) -> Session | None:
        """A session for a right token: a person's own, or, once, the one that was shown at the start or one that another process handed in.

        Raises:
            TooManyGuesses.
        """
        now = self._monotonic()
        while self._wrong and now - self._wrong[0] > WINDOW_S:
            self._wrong.popleft()
        if len(self._wrong) >= GUESSES:
            raise TooManyGuesses
        name, by = self._whose(digest(token))
        if not name:
            self._wrong.append(now)
            return None
        if len(self._open) >= MOST:
            del self._open[min(self._open.values(), key=lambda one: one.seen).id]
        session = Session(secrets.token_urlsafe(32), name, secrets.token_urlsafe(32), by, now)
        self._open[session.id] = session
        return session

    def _whose(self, told: str) -> tuple[str, str]:
        """Name and hash; every known one is compared, so that time says nothing."""
        found = ("", "")
        for name, known in self._hashes().items():
            if hmac.compare_digest(known, told):
                found = (name, known)
        if self._one_time and hmac.compare_digest(self._one_time, told):
            found, self._one_time = (self._first, ""), ""
        return found if found[0] else (self._handed_in(told), "")

    def renew_one_time(self) -> str:
        """Another way in for whoever started the console."""
        token = fresh_token()
        self._one_time = digest(token)
        return token

    def of(self, id_: str, *, used: bool = True) -> Session | None:
        """The session of a cookie; none where it is unknown, was left idle, or its token was replaced.

        `used`: somebody is there; a page that only keeps itself up to date does not keep the session open.
        """
        session = self._open.get(id_)
        if session is None:
            return None
        now = self._monotonic()
        if now - session.seen > IDLE_S or (session.by and self._hashes().get(session.name) != session.by):
            del self._open[id_]
            return None
        if used:
            session.seen = now
        return session

    def leave(self, id_: str) -> None:
        """End it."""
        self._open.pop(id_, None)


def person_of(session: Session | None, people: tuple[Person, ...]) -> Person | None:
    """Who it is, with the role of today; none once the settings do not name them any more."""
    return next((one for one in people if session is not None and one.name == session.name), None)


def same(left: str, right: str) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())
