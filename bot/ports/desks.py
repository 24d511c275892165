"""Desks: what a platform lets us do. The runner knows these Protocols and never a page, a selector or a browser."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self

from bot.domain.action import Action, Intercept, Verb
from bot.domain.base import Sha256
from bot.domain.case import AftersaleType, InterceptState, Row, Snapshot
from bot.domain.courier import InterceptQuote, Trail
from bot.domain.evidence import EvidenceKind, PictureLimits
from bot.domain.facts import Fact
from bot.domain.ids import CaseKey, IntentId
from bot.domain.money import Money
from bot.errors import Sight


@dataclass(frozen=True, slots=True)
class Permit:
    """The one-shot pass that lets exactly one mutating request leave the browser (design.md 4.9).

    `amount` is what the request's body must state, None where the body states none. `expires_at` is on the clock's
    monotonic scale, at most 5 s ahead. `on_send` is called right before the request is let go: it checks kill switch and
    lease and commits SENT; if it raises, the request is refused. `insists`: the request may say that it goes on without
    proof (继续拒绝); only the second click of a strategy that allows it has such a permit (domain.md 34).
    """

    intent: IntentId
    verb: Verb
    case: CaseKey
    amount: Money | None
    expires_at: float
    on_send: Callable[[], None]
    insists: bool = False


@dataclass(frozen=True, slots=True)
class Proof:
    """A picture to attach, already fitted to the platform's limits."""

    sha256: Sha256
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class UnreadRow:
    """A row of which some cell could not be read: its raw text, and its id where that could; else empty."""

    aftersale_id: str
    raw: str


@dataclass(frozen=True, slots=True)
class Listing:
    """All pending rows: read until ids and printed count agree, and with them a count from elsewhere if the page has one (F58).

    `unreadable`: rows that could not be read; they are held and reported, never dropped. `whole`: False where a quick
    look was enough, so that the rows are only those of the pages it read.
    """

    rows: tuple[Row, ...]
    printed_total: int
    passes: int
    unreadable: tuple[UnreadRow, ...]
    whole: bool = True


class SessionDesk(Protocol):
    """Signing in, and proof that we still are, in the shop we mean."""

    async def ensure(self) -> None:
        """Be signed in, in the right shop; signs in once if need be.

        Raises:
            ChallengeRequired: slider, SMS, captcha: only a person passes it; the page stays open.
            SignInRefused, WrongShop, PageError.
        """

    async def sight(self) -> Sight:
        """What stands on the page that waits for a person, for whoever is called; empty where none waits."""

    async def present(self) -> bool:
        """Bring the page that waits for a person to the front of the screen; False where the browser has no window."""

    async def await_person(self, timeout_s: float) -> bool:
        """Wait on the success marker while a person passes the challenge on the open page; False when time is up.

        Raises:
            PageError: the page died with its browser, and a new one has to be asked for.
        """


class CasePage(Protocol):
    """One case's detail page in a tab of its own. Everything but `perform` and `attach` only reads."""

    @property
    def age_s(self) -> float:
        """Seconds since the server rendered what stands here."""

    async def read(self) -> Snapshot:
        """Read the page as it stands, all fields in one call; id and shop on it must be the ones asked for."""

    async def reload(self) -> Snapshot:
        """A fresh navigation, cache off, then `read`."""

    async def picture(self) -> bytes:
        """JPEG of the visible page; the receiver's name and phone masked where the page prints them (S5)."""

    async def sight(self) -> Sight:
        """What stands on the page or form in hand, for whoever mends a selector. Raises nothing: what cannot be had is empty."""

    async def warehouse_picture(self) -> bytes:
        """PNG of the section with the warehouse's weights and counts."""

    async def quote_intercept(self) -> InterceptQuote:
        """Ask for feasibility and fee; commits nothing."""

    async def attach(self, proofs: Sequence[Proof], verb: Verb = Verb.REFUSE) -> tuple[Sha256, ...]:
        """Upload proofs to the form of `verb` (a refusal or a complaint) and read back, by hash, what the server holds.

        Raises:
            NotAllowed: the platform bars the verb for this case.
            EvidenceRefused: the server holds other pictures than the ones sent.
        """

    def screens(self, action: Action) -> tuple[str, ...]:
        """The screens whose write targets `action` presses, in their order."""

    async def perform(self, action: Action, permit: Permit) -> None:
        """Open the dialog, read id and amount in it, then one strict exact click. Called by `runner/settle.py` alone.

        Returning proves nothing. Raises:
            NotSent: nothing left the browser (target missing, dialog names another case or amount, guard refused).
            PageDrifted: nothing left, since a screen is not as its contract says: no further write through it.
            TooLate: nothing left, since the permit ran out on the way: the page may be tried again, afresh.
            PromptOpen: the second prompt came and the action may go without proof; the next call presses 继续拒绝.
            EvidenceDemanded: the second prompt came; 去举证 was pressed, nothing was refused.
            PersonDemanded: the dialog asks for a code that only a person has; nothing was done.
            OutcomeUnknown: anything else that went wrong after the click.
        """

    async def close(self) -> None: ...


class RefundDesk(Protocol):
    """The refund list and its cases."""

    @property
    def limits(self) -> PictureLimits: ...

    def type_of(self, row: Row) -> AftersaleType | None:
        """What the row's words ask for; None where the platform's words are not known."""

    async def list_pending(self, progress: Callable[[int, int], None], known: frozenset[str] | None = None) -> Listing:
        """Every row that waits for the seller; `progress(read, printed_total)` is told after each page, and may raise to end it.

        `known`: after-sale ids that are on the list by what the caller knows: a quick look will do. It reads from the newest
        application on, to the first page without an unknown id, and counts only where nothing moved meanwhile and the printed
        total is that of known and found; else the whole list is read. None: the whole list.
        """

    async def open(self, case: CaseKey) -> CasePage:
        """Load the detail page by id in a tab of its own. Raises PageError or SessionError."""


class CourierDesk(Protocol):
    """The couriers' own word on parcels."""

    async def trails(self, waybills: Sequence[str]) -> Mapping[str, Fact[Trail]]:
        """One entry per waybill asked for; `Unknown` where the portal cannot say or cannot be reached."""

    async def picture(self, waybill: str) -> bytes:
        """PNG of the trail of one waybill, its number readable in it."""


class InterceptDesk(Protocol):
    """Where parcels of some couriers are called back, beside the shop's own page. Everything but `perform` commits nothing."""

    name: str
    """By which intents find it again after a restart."""

    def serves(self, courier: str) -> bool:
        """Whether parcels of that courier, as the shop's page names it, are called back here."""

    async def quote(self, case: CaseKey, waybill: str) -> InterceptQuote:
        """Ask for feasibility and fee. Raises NotAllowed, PageError, NotAvailable."""

    async def perform(self, action: Intercept, permit: Permit) -> None:
        """Commit at the decided fee, waybill and fee read once more in the last question. Called by `runner/settle.py` alone.

        `permit.on_send` is called right before the one click that commits. Returning proves nothing. Raises:
            NotSent: nothing was committed (what stands there is something else, or cannot be read). TooLate, BrokenPage.
            CaseMoved: nothing was committed, the quote is another one by now.
            NotAvailable, Stopped: nothing was committed, unless `on_send` was called.
            NotAllowed: the courier says that it did nothing, and why.
            OutcomeUnknown: anything else that went wrong after `on_send`.
        """

    async def follow(self, waybill: str) -> Fact[InterceptState]:
        """How the interception stands by the courier's own word, asked afresh; `Unknown` where that cannot be told."""

    async def picture(self, waybill: str) -> bytes:
        """A picture of what stands there about that waybill, its number in it. Raises NotAllowed, PageError, NotAvailable."""


class ShopFloor(Protocol):
    """All desks of one shop over one browser session; an async context manager that closes what it opened."""

    session: SessionDesk
    refunds: RefundDesk

    def now(self) -> datetime:
        """The shop's own time (Asia/Shanghai): deadlines, business days and ages are counted by it, not by the PC's (F36)."""

    async def renew(self) -> None:
        """Throw the browser context away and start a fresh one with the kept sign-in (after an unknown outcome, or by count)."""

    async def abandon(self) -> None:
        """Kill the browser, which answers no more: whoever waits for it is told an error, the next page opens in a fresh one. Raises nothing."""

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


PICTURE_OF_PROOF = {EvidenceKind.TRAIL, EvidenceKind.WEIGHTS, EvidenceKind.INBOX}
"""Kinds of evidence that may be sent to a platform; our own before/after pictures never are."""
