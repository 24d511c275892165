"""The whole error tree: each class says what happens next (one table in `runner/consequences.py` maps it).

RefundPilotError
├── ConfigError                 exit 2 before a browser opens
├── SessionError                one re-sign-in, then a person
│   ├── SessionExpired
│   ├── SignInRefused           wrong password, account closed: no second try
│   ├── ChallengeRequired       slider, SMS, captcha: the shop pauses, a person is called
│   ├── PermissionMissing       the sub-account may not do this
│   └── WrongShop               the header names another shop: nothing is read or done
├── PageError                   read again twice, then hold the case; three in a row open the breaker
│   ├── WrongPage               not the page, or not the case, that was asked for
│   ├── TargetMissing           a target matched nothing
│   ├── TargetAmbiguous         a target matched more than once
│   ├── Unreadable              a field stands there and cannot be read
│   ├── PageHung                no answer, not even an error: its browser was killed
│   └── RateLimited             429: wait as told, then read again
├── CaseError                   business: never retried, the case is held
│   ├── CaseMoved               another state, amount or version than the one decided on
│   ├── MissingFact
│   ├── OverCap
│   ├── EvidenceRefused         no proof, or not one that the platform would take
│   │   └── ProofRefused        its pictures were read: they do not show what they have to, or something else
│   ├── EvidenceDemanded        the second prompt came: proof is gathered, then tried once more
│   │   └── PromptOpen          it stands open still: the strategy allows 继续拒绝, a click of its own
│   ├── PersonDemanded          it asks a person for a code for this very act: alarm, the sweep goes on
│   └── NotAllowed              the page offers no such act for this case
├── ActionError                 never retried: the server is read back
│   ├── NotSent                 certain: no request left
│   │   ├── BrokenPage          page trouble before the click (a dialog that does not come): loaded afresh and decided again
│   │   ├── TooLate             the page was slower than its permit lasts: read and decided again
│   │   └── PageDrifted         the page is not as its contract says, twice: that screen's writes are frozen, a person is called
│   └── OutcomeUnknown          a request may have left
├── GuardRefused                a request was stopped at the guard: alarm, the case is held
├── LedgerError                 everything stops
│   ├── LeaseLost
│   └── ChainBroken
├── TapeError                   no tape, an altered one, or of another version: exit 2
├── BrowserMissing              no browser to be found: exit 2 with the cure
├── OcrMissing                  what was asked for needs pictures to be read, and nothing here reads them: exit 2 with the cure
├── NotAvailable                no desktop to work on: locked, in a person's hands, its window gone; the case is held, a person is told
└── Stopped                     kill switch or open breaker: no further work in this shop
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Sight:
    """What stood on a page; empty what could not be had.

    `picture`: a PNG with private parts masked; `html`: without typed secrets; `tree`: its accessible tree, as Playwright prints it.
    """

    picture: bytes = b""
    html: str = ""
    tree: str = ""


class RefundPilotError(Exception):
    """Base of all: `code` is the key of the message catalogue, `params` fill it; the rest tells a person where to look.

    `sight`: what stood on the page when it went wrong, once somebody who has the page looked.
    """

    code: ClassVar[str] = "error.internal"

    def __init__(
        self,
        message: str,
        *,
        case: str = "",
        target: str = "",
        page: str = "",
        raw: str = "",
        hint: str = "",
        code: str = "",
    ) -> None:
        super().__init__(message)
        self.case = case
        self.target = target
        self.page = page
        self.raw = raw
        self.hint = hint
        self.reason_code = code or self.code
        self.sight: Sight | None = None

    @property
    def params(self) -> dict[str, str]:
        """What the catalogue's text may name; empty entries are left out."""
        named = {"target": self.target, "page": self.page, "raw": self.raw, "detail": str(self)}
        return {key: value for key, value in named.items() if value}


class ConfigError(RefundPilotError):
    code = "error.config"


class SessionError(RefundPilotError):
    code = "error.session"


class SessionExpired(SessionError):
    code = "error.session.expired"


class SignInRefused(SessionError):
    code = "error.session.refused"


class ChallengeRequired(SessionError):
    code = "error.session.challenge"


class PermissionMissing(SessionError):
    code = "error.session.permission"


class WrongShop(SessionError):
    code = "error.session.wrong_shop"


class PageError(RefundPilotError):
    code = "error.page"


class WrongPage(PageError):
    code = "error.page.wrong"


class TargetMissing(PageError):
    code = "error.page.target_missing"


class TargetAmbiguous(PageError):
    code = "error.page.target_ambiguous"


class Unreadable(PageError):
    code = "error.page.unreadable"


class PageHung(PageError):
    code = "error.page.hung"


class RateLimited(PageError):
    """`wait_s`: seconds that the server asked us to wait (F14)."""

    code = "error.page.rate_limited"

    def __init__(self, message: str, *, wait_s: int, page: str = "") -> None:
        super().__init__(message, page=page)
        self.wait_s = wait_s


class CaseError(RefundPilotError):
    code = "error.case"


class CaseMoved(CaseError):
    code = "error.case.moved"


class MissingFact(CaseError):
    code = "error.case.missing_fact"


class OverCap(CaseError):
    code = "error.case.over_cap"


class EvidenceRefused(CaseError):
    code = "error.case.evidence"


class ProofRefused(EvidenceRefused):
    """`told`: what the catalogue's text names: facts that are missing, what stands there, which picture, which other case."""

    code = "error.case.proof"

    def __init__(self, message: str, *, case: str = "", code: str = "", told: Mapping[str, str] | None = None) -> None:
        super().__init__(message, case=case, code=code)
        self.told = dict(told or {})

    @property
    def params(self) -> dict[str, str]:
        """With what is told."""
        return {**super().params, **self.told}


class EvidenceDemanded(CaseError):
    code = "error.case.evidence_demanded"


class PromptOpen(EvidenceDemanded):
    code = "error.case.prompt_open"


class PersonDemanded(CaseError):
    code = "error.case.person_demanded"


class NotAllowed(CaseError):
    code = "error.case.not_allowed"


class ActionError(RefundPilotError):
    code = "error.action"


class NotSent(ActionError):
    code = "error.action.not_sent"


class BrokenPage(NotSent):
    """It keeps the code of the page trouble that it stands for."""


class TooLate(NotSent):
    code = "error.action.too_late"


class PageDrifted(NotSent):
    """`screen`: which screen's contract was not met; `differences`: what it wants and misses (-), and what it does not know (+)."""

    code = "error.action.drifted"

    def __init__(
        self, screen: str, differences: Sequence[str] = (), *, case: str = "", target: str = "", page: str = ""
    ) -> None:
        told = "; ".join(differences)
        super().__init__(f"{target}: {told}", case=case, target=target, page=page, raw=told)
        self.screen = screen
        self.differences = tuple(differences)

    @property
    def params(self) -> dict[str, str]:
        """With the screen."""
        return {**super().params, "screen": self.screen}


class OutcomeUnknown(ActionError):
    code = "error.action.unknown"


class GuardRefused(RefundPilotError):
    code = "error.guard"


class LedgerError(RefundPilotError):
    code = "error.ledger"


class LeaseLost(LedgerError):
    code = "error.ledger.lease"


class ChainBroken(LedgerError):
    code = "error.ledger.chain"


class BrowserMissing(RefundPilotError):
    code = "error.browser"


class OcrMissing(RefundPilotError):
    code = "error.ocr"


class NotAvailable(RefundPilotError):
    code = "error.not_available"


class TapeError(RefundPilotError):
    code = "error.tape"


class Stopped(RefundPilotError):
    code = "error.stopped"
