"""Verdicts that people handed to the service: carried out, or answered on their case and told by a call; none is lost by a crash."""

from __future__ import annotations

from typing import Final

from bot.app.service.desk import Desk
from bot.domain.decision import Reason
from bot.domain.hand import HandVerdict
from bot.domain.ids import RunId
from bot.domain.outcome import UNPROVEN, CaseStatus, Hold
from bot.errors import RefundPilotError
from bot.ports.ledger import CaseLine
from bot.ports.notifier import Alarm, Urgency
from bot.ports.office import OPEN
from bot.ports.results import SweepResult
from bot.runner import calls
from bot.runner.orders import STOPPED_BY_HAND, Posture
from bot.scheduler.errands import Errand

_AS_ASKED: Final = frozenset({"hand.waits", "hand.released", "hand.done_before", *UNPROVEN})
"""First reasons of holds that a verdict asked for, and of those about which people were called already."""

_OVER: Final = frozenset({CaseStatus.DONE, CaseStatus.FOREIGN, CaseStatus.WAITING})


class Handed:
    """The ledger knows each from the moment at which it was accepted until it is answered; this is the way between."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def take(self, number: int, verdict: HandVerdict) -> None:
        """Queue a verdict that the ledger has under this number."""
        self._desk.errands.hand(number, verdict, self._desk.house.clock.now())

    def take_up(self) -> None:
        """What an earlier service was handed and did not answer; age and fingerprint are asked where it is carried out."""
        for number, verdict in self._desk.house.ledger.handed():
            self.take(number, verdict)

    def ended(self, errand: Errand, swept: SweepResult) -> None:
        """Its sweep is over. Where the service was stopped meanwhile it stays open: the next start takes it up."""
        for verdict in _verdicts(errand):
            shop = next((one for one in swept.shops if one.shop == str(verdict.case.shop)), None)
            lines = self._desk.house.ledger.lines(RunId(shop.run)) if shop and shop.run else ()
            line = next((one for one in lines if one.case == verdict.case), None)
            if line is None or not _done(line):
                stopped = shop.stopped if shop else Reason(code=STOPPED_BY_HAND)
                if stopped and stopped.code == STOPPED_BY_HAND:
                    return
                if line is None:
                    self._hold(verdict, stopped)
                self._call(verdict)
            self._desk.house.ledger.answered_hand(errand.handed, verdict.case)

    def refused(self, errand: Errand, error: RefundPilotError) -> None:
        """There was no sweep for it."""
        for verdict in _verdicts(errand):
            self._hold(verdict, Reason(code=error.reason_code, params=error.params))
            self._call(verdict)
            self._desk.house.ledger.answered_hand(errand.handed, verdict.case)

    def _hold(self, verdict: HandVerdict, why: Reason | None) -> None:
        """In a run of its own. A case that is over, or with an action of ours in doubt, says already how it stands."""
        house, case = self._desk.house, verdict.case
        ledger, run = house.ledger, RunId(house.ids.fresh("run"))
        if ledger.stands(case) not in OPEN or ledger.unknowns(case):
            return
        judged = ledger.decision(case)
        reasons = (_not_done(verdict), *filter(None, (why,)), *(judged.decision.reasons if judged else ()))
        hold = Hold(case=case, reasons=reasons, owner=house.catalogue.text_of("owner.desk"), deadline=None)
        ledger.open_run(run, case.shop, Posture.OBSERVE, house.home.config_hash, house.home.policy.hash)
        ledger.hold(run, hold)
        ledger.close_run(run, {str(CaseStatus.HELD): 1})

    def _call(self, verdict: HandVerdict) -> None:
        """Whoever decided has gone home since, and thinks that it is done."""
        case, house = verdict.case, self._desk.house
        judged, reason = house.ledger.decision(case), _not_done(verdict)
        bare = Alarm(urgency=Urgency.CALL, shop=case.shop, reason=reason, case_id=case.aftersale_id)
        house.notifier.notify(calls.of_case(judged.snapshot, Urgency.CALL, reason) if judged else bare)


def _verdicts(errand: Errand) -> tuple[HandVerdict, ...]:
    return errand.wanted.verdicts if errand.wanted else ()


def _done(line: CaseLine) -> bool:
    """Whether the case stands as the verdict wants it, or people know already that nobody can tell."""
    proven = any(intent.hand for intent, _ in line.receipts)
    return proven or line.status in _OVER or (bool(line.reasons) and line.reasons[0].code in _AS_ASKED)


def _not_done(verdict: HandVerdict) -> Reason:
    return Reason(code="hand.not_done", params={"by": verdict.by, "verb": verdict.verb})
