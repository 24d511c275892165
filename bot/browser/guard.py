"""The network guard: decides for each request whether it may leave, and lets one mutating request out per permit (design.md 4.9).

Pure judgement: `gate.py` brings the requests here and carries the answer out. Whatever is not understood is refused.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import assert_never

from bot.browser.rules import Endpoint, GuardedRequest, GuardRules, Kind, Stated, origin_of, whole_fen
from bot.browser.verdicts import Admission, Passed, Refusal, UploadAdmission, Why, refusal
from bot.domain.ids import CaseKey
from bot.errors import GuardRefused
from bot.ports.clock import Clock
from bot.ports.desks import Permit

__all__ = [
    "Admission",
    "Endpoint",
    "Guard",
    "GuardRules",
    "GuardedRequest",
    "Kind",
    "Mode",
    "Passed",
    "Refusal",
    "Stated",
    "UploadAdmission",
    "Why",
    "origin_of",
    "whole_fen",
]

_SAFE_METHODS = frozenset({"GET", "HEAD"})
_NEVER_LEAVES = ("data:", "blob:", "about:")
_KEPT = 1000


class Mode(StrEnum):
    """READ_ONLY for the postures observe and propose: writes and uploads are refused whatever permit is shown.

    BY_HAND while a person works in the window and the robot only records: what the person sends to the shop leaves.
    """

    READ_ONLY = "read_only"
    ACT = "act"
    BY_HAND = "by_hand"


def _ignore(_: Refusal) -> None:
    """The default alarm: the refusal stands in `Guard.refusals` all the same."""


class Guard:
    """The guard of one browser session (one shop, or one courier account).

    `counts` holds `passed.<kind>` and `refused.<why>`; `refusals` and `alarms` the last thousand each.
    """

    def __init__(
        self, rules: GuardRules, clock: Clock, mode: Mode, on_alarm: Callable[[Refusal], None] = _ignore
    ) -> None:
        self.rules = rules
        self.mode = mode
        self.counts: Counter[str] = Counter()
        self.refusals: deque[Refusal] = deque(maxlen=_KEPT)
        self.alarms: deque[Refusal] = deque(maxlen=_KEPT)
        self._clock = clock
        self._on_alarm = on_alarm
        self._admission: Admission | None = None
        self._uploads: UploadAdmission | None = None

    @contextmanager
    def admit(self, permit: Permit) -> Iterator[Admission]:
        """Let one write that fits `permit` out while the block runs; the permit is dead afterwards, used or not.

        Raises:
            GuardRefused: another permit is open (one writer per shop), or the guard is read-only.
        """
        if self._admission is not None:
            raise GuardRefused("another permit is open in this shop", case=str(permit.case), code="guard.busy")
        if self.mode is not Mode.ACT:
            raise GuardRefused("the guard is read-only", case=str(permit.case), code="guard.read_only")
        self._admission = Admission(permit)
        try:
            yield self._admission
        finally:
            self._admission = None

    @contextmanager
    def admit_uploads(self, case: CaseKey, count: int) -> Iterator[UploadAdmission]:
        """Let up to `count` uploads to `case` out while the block runs. Raises GuardRefused as `admit` does."""
        if self._uploads is not None:
            raise GuardRefused("another upload is open in this shop", case=str(case), code="guard.busy")
        if self.mode is not Mode.ACT:
            raise GuardRefused("the guard is read-only", case=str(case), code="guard.read_only")
        self._uploads = UploadAdmission(case, count)
        try:
            yield self._uploads
        finally:
            self._uploads = None

    def judge(self, request: GuardedRequest) -> Passed | Refusal:
        """Decide, count and record. A pass of a write has already spent the permit and committed SENT."""
        verdict = self._verdict(request)
        match verdict:
            case Passed(endpoint=endpoint):
                self.counts[f"passed.{endpoint.kind if endpoint else 'get'}"] += 1
            case Refusal():
                self.record(verdict)
            case _:
                assert_never(verdict)
        return verdict

    def record(self, refusal: Refusal) -> None:
        """Keep a refusal; tell the alarm when it was a write or an upload."""
        self.counts[f"refused.{refusal.why}"] += 1
        self.refusals.append(refusal)
        if self._admission is not None and refusal.kind is Kind.WRITE:
            self._admission.refusals.append(refusal)
            self._admission.decide()
        if self._uploads is not None and refusal.kind is Kind.UPLOAD:
            self._uploads.refusals.append(refusal)
        if refusal.alarming:
            self.alarms.append(refusal)
            self._on_alarm(refusal)

    def allows_socket(self, url: str) -> bool:
        """Whether a WebSocket to `url` may be opened."""
        return url.startswith(self.rules.sockets) if self.rules.sockets else False

    def _verdict(self, request: GuardedRequest) -> Passed | Refusal:
        if request.url.startswith(_NEVER_LEAVES):
            return Passed()
        if request.origin not in self.rules.origins:
            return refusal(request, Why.FOREIGN)
        endpoint = self.rules.find(request)
        if endpoint is None:
            return self._unlisted(request)
        match endpoint.kind:
            case Kind.READ | Kind.NOISE:
                return Passed(endpoint)
            case Kind.UPLOAD:
                return Passed(endpoint) if self.mode is Mode.BY_HAND else self._upload(request, endpoint)
            case Kind.WRITE:
                return Passed(endpoint) if self.mode is Mode.BY_HAND else self._write(request, endpoint)
            case _:
                assert_never(endpoint.kind)

    def _unlisted(self, request: GuardedRequest) -> Passed | Refusal:
        """A plain GET may go, but not to where something is changed; so may the browser's own question (a preflight) about a listed path."""
        if self.mode is Mode.BY_HAND or (request.method == "OPTIONS" and self.rules.lists_path(request)):
            return Passed()
        if self.rules.changes(request):
            return refusal(request, Why.UNLISTED, Kind.WRITE)
        return Passed() if request.method in _SAFE_METHODS else refusal(request, Why.UNLISTED)

    def _upload(self, request: GuardedRequest, endpoint: Endpoint) -> Passed | Refusal:
        window = self._uploads
        if window is None:
            return refusal(request, Why.NO_PERMIT, Kind.UPLOAD)
        if window.left <= 0:
            return refusal(request, Why.SPENT, Kind.UPLOAD)
        if endpoint.stated is not None:
            stated = _read(endpoint, request)
            if stated is None:
                return refusal(request, Why.UNREADABLE, Kind.UPLOAD)
            if stated.aftersale_id != window.case.aftersale_id:
                return refusal(request, Why.WRONG_CASE, Kind.UPLOAD)
        window.left -= 1
        window.passed += 1
        return Passed(endpoint)

    def _write(self, request: GuardedRequest, endpoint: Endpoint) -> Passed | Refusal:
        admission = self._admission
        if admission is None:
            why = Why.NO_PERMIT if self.mode is Mode.ACT else Why.READ_ONLY
            return refusal(request, why, Kind.WRITE)
        misfit = self._misfit(admission, endpoint, _read(endpoint, request))
        if misfit is not None:
            return refusal(request, misfit, Kind.WRITE)
        return self._let_go(request, endpoint, admission)

    def _misfit(self, admission: Admission, endpoint: Endpoint, stated: Stated | None) -> Why | None:
        """The first reason why this request is not the one that the permit was made for; None when it is."""
        permit = admission.permit
        if stated is None:
            return Why.UNREADABLE
        checks = (
            (admission.spent, Why.SPENT),
            (permit.verb not in endpoint.verbs, Why.WRONG_VERB),
            (stated.aftersale_id != permit.case.aftersale_id, Why.WRONG_CASE),
            (stated.amount != permit.amount, Why.WRONG_AMOUNT),
            (stated.insists and not permit.insists, Why.INSISTS),
            # last, so that it says: the right request, too late
            (self._clock.monotonic() >= permit.expires_at, Why.EXPIRED),
        )
        return next((why for wrong, why in checks if wrong), None)

    def _let_go(self, request: GuardedRequest, endpoint: Endpoint, admission: Admission) -> Passed | Refusal:
        """Spend the permit, then commit SENT; an error there (kill switch, lease, disk) means that nothing leaves."""
        admission.spent = True
        try:
            admission.permit.on_send()
        except Exception as error:  # noqa: BLE001 - any failure to commit SENT must stop the request; the flow raises it again
            admission.stopped_by = error
            return refusal(request, Why.STOPPED, Kind.WRITE, type(error).__name__)
        admission.sent = True
        admission.decide()
        return Passed(endpoint, admission)


def _read(endpoint: Endpoint, request: GuardedRequest) -> Stated | None:
    """What the request states; None when it cannot be read in any way."""
    if endpoint.stated is None:
        return None
    try:
        return endpoint.stated(request)
    except (ValueError, LookupError, TypeError, AttributeError):
        return None
