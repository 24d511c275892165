"""What the back end's JSON codes mean: which say that the request did nothing, and which tell nothing (docs/simulator.md, XHR)."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from bot.browser.exchange import Answer
from bot.errors import (
    CaseMoved,
    ChallengeRequired,
    EvidenceDemanded,
    NotAllowed,
    OutcomeUnknown,
    PageError,
    PermissionMissing,
    PersonDemanded,
    RateLimited,
    RefundPilotError,
    SessionExpired,
)
from flows.navigation import wait_asked

SUCCESS: Final = "SUCCESS"
NEED_PROOF: Final = "NEED_PROOF"

DID_NOTHING: Final = MappingProxyType(
    {
        "VERSION_CHANGED": CaseMoved,
        "STATE_CHANGED": CaseMoved,
        "AMOUNT_MISMATCH": CaseMoved,
        "NO_PERMISSION": PermissionMissing,
        "NEED_SMS": PersonDemanded,
        NEED_PROOF: EvidenceDemanded,
        "REFUSE_BARRED": NotAllowed,
        "NOT_INTERCEPTABLE": NotAllowed,
        "FAIL_SYS_SESSION_EXPIRED": SessionExpired,
        "FAIL_SYS_USER_VALIDATE": ChallengeRequired,
    }
)
"""Codes by which the server says that this request did nothing, and the error that says what happens next.

Not that nothing was done: Chromium may have sent a twin before, whose answer was lost (measured with the simulator's
`dropped_after_apply`: the twin is told STATE_CHANGED). The runner reads the server back whatever is raised here.
"""

ON_READS: Final = MappingProxyType({**DID_NOTHING, "NEED_SMS": ChallengeRequired})
"""A code asked for before anything can be read concerns the whole session; asked for by a write, that write alone."""


def check_ret(answer: Answer, page: str) -> None:
    """For reads: raises what the code means, PageError for a code that nobody knows; SUCCESS is fine."""
    ret = str(answer.body.get("ret", ""))
    if ret == SUCCESS:
        return
    if answer.status == 429 or ret == "RATE_LIMITED":
        raise RateLimited("asked to wait", wait_s=wait_asked(answer.headers), page=page)
    if ret in ON_READS:
        raise ON_READS[ret](f"the back end answers {ret}", page=page, raw=str(answer.body.get("msg", "")))
    raise PageError(f"the back end answers {ret or answer.status}", page=page, raw=str(answer.body.get("msg", "")))


def trouble_of(answer: Answer | None, case: str) -> RefundPilotError | None:
    """For writes: None for SUCCESS; what a known code means; anything else is OutcomeUnknown (F13, F16, F20)."""
    if answer is None:
        return OutcomeUnknown("the request was not answered", case=case)
    ret, said = str(answer.body.get("ret", "")), str(answer.body.get("msg", ""))
    if answer.status == 429 or ret == "RATE_LIMITED":
        return RateLimited("asked to wait", wait_s=wait_asked(answer.headers))
    if answer.status >= 300:
        return OutcomeUnknown(f"the server answers {answer.status}", case=case)
    if ret == SUCCESS:
        return None
    if ret in DID_NOTHING:
        return DID_NOTHING[ret](f"the back end answers {ret}", case=case, raw=said)
    return OutcomeUnknown(f"the back end answers {ret or 'without a code'}", case=case, raw=said)
