"""What the guard says about a request, and what became of a permit while its block was open."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from enum import StrEnum

from bot.browser.exchange import Answer
from bot.browser.rules import Endpoint, GuardedRequest, Kind
from bot.domain.ids import CaseKey
from bot.ports.desks import Permit


class Why(StrEnum):
    """Why a request was stopped."""

    FOREIGN = "foreign"
    UNLISTED = "unlisted"
    READ_ONLY = "read_only"
    NO_PERMIT = "no_permit"
    SPENT = "spent"
    EXPIRED = "expired"
    WRONG_VERB = "wrong_verb"
    WRONG_CASE = "wrong_case"
    WRONG_AMOUNT = "wrong_amount"
    INSISTS = "insists"
    UNREADABLE = "unreadable"
    STOPPED = "stopped"
    STRANGER = "stranger"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One stopped request. No query and no body: they may hold names and tokens (S4)."""

    method: str
    origin: str
    path: str
    why: Why
    kind: Kind | None = None
    detail: str = ""

    @property
    def alarming(self) -> bool:
        """A write or upload that nobody was allowed to make: a person is told. One that came too late was allowed."""
        return self.kind in {Kind.WRITE, Kind.UPLOAD} and self.why is not Why.EXPIRED


@dataclass(slots=True)
class Admission:
    """What became of one permit. `sent` is set before the request leaves, after SENT was committed.

    `stopped_by` is what `permit.on_send` raised (kill switch, lost lease, ledger): nothing left then.
    """

    permit: Permit
    sent: bool = False
    spent: bool = False
    refusals: list[Refusal] = field(default_factory=list)
    stopped_by: Exception | None = None
    _decided: asyncio.Event = field(default_factory=asyncio.Event)
    _heard: asyncio.Event = field(default_factory=asyncio.Event)
    _answer: Answer | None = None

    def decide(self) -> None:
        self._decided.set()

    def hear(self, answer: Answer | None) -> None:
        """What the server said to the write that left; None when the connection broke without a word."""
        self._answer = answer
        self._heard.set()

    async def decided(self, timeout_s: float) -> bool:
        """Wait until a write was let go or refused; False when `timeout_s` passed without one (the click reached nothing)."""
        return await _within(timeout_s, self._decided)

    async def answer(self, timeout_s: float) -> Answer | None:
        """What the server answered, as the gate heard it before the page did; None when there was no answer in time."""
        await _within(timeout_s, self._heard)
        return self._answer


async def _within(timeout_s: float, event: asyncio.Event) -> bool:
    try:
        async with asyncio.timeout(timeout_s):
            await event.wait()
    except TimeoutError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Passed:
    """A request that may leave: `endpoint` is None for a plain GET, `admission` is there for a write."""

    endpoint: Endpoint | None = None
    admission: Admission | None = None


@dataclass(slots=True)
class UploadAdmission:
    """An open window for `left` uploads to one case."""

    case: CaseKey
    left: int
    passed: int = 0
    refusals: list[Refusal] = field(default_factory=list)


def refusal(request: GuardedRequest, why: Why, kind: Kind | None = None, detail: str = "") -> Refusal:
    """A refusal of `request`, without its query and body."""
    try:
        origin = request.origin
    except ValueError:
        origin = ""
    return Refusal(method=request.method, origin=origin, path=request.path, why=why, kind=kind, detail=detail)
