"""Two persons let go of an action whose outcome nobody could tell: the page is read back, and books nothing but what it proves."""

from __future__ import annotations

from bot.domain.action import Verb
from bot.domain.hand import HandVerdict
from bot.domain.outcome import CaseStatus, Outcome
from bot.runner.byhand import ByHand
from bot.runner.endings import End
from bot.runner.follow import follow_of
from bot.runner.orders import Kit, Orders
from bot.runner.readback import ReadBack
from bot.runner.settle import Ending, Settler


class Release:
    """For verdicts that ask for it; the word of nobody is enough, a page that cannot be read leaves everything as it is."""

    def __init__(self, kit: Kit, orders: Orders, by_hand: ByHand, readback: ReadBack, settler: Settler) -> None:
        self._kit = kit
        self._orders = orders
        self._by_hand = by_hand
        self._readback = readback
        self._settler = settler

    async def run(self, verdict: HandVerdict) -> End | None:
        """The case's end where its action turns out to be done; None where the case is to be looked at as any other."""
        if not self._by_hand.may_release(verdict):
            return None
        done: CaseStatus | None = None
        for found in self._kit.ledger.unknowns(verdict.case):
            intent = self._kit.ledger.intent(found)
            seen = await self._readback.in_doubt(verdict.case, intent.action)
            if seen.outcome is Outcome.UNREADABLE:
                return None
            follow = follow_of(intent.action)
            settled = self._settler.conclude(intent, seen, None, follow, None, recovered=True)
            done = follow if settled.ending is Ending.SETTLED else done
        if done is None:
            return None
        self._kit.progress.done(verdict.case, done, Verb.HOLD)
        return End(done)
