"""The rehearsal itself: the past streamed in its order, judged by a candidate; only what comes out otherwise is kept.

Memory grows with the number of cases that flip, never with the number that was looked at.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.backtest.books import Books
from bot.backtest.flips import ENDS, Deed, Flip, deed_of, deed_of_gist
from bot.backtest.why import why
from bot.domain.ids import CaseKey
from bot.domain.money import ZERO, Money
from bot.engine.facts import Facts, gather
from bot.engine.fast import compiled
from bot.engine.policy import Policy
from bot.engine.ruling import Cause, rule, stand_all
from bot.ports.past import Head, Past, SpendingOf

MOST_UNCOVERED = 1_000
"""Cases without a strategy that are named; beyond them decisions are counted, not cases."""


MOST_TOLD = 500
"""The riskiest flips, which are explained: as many as the page lists; the others are listed without their why."""


@dataclass(slots=True)
class Totals:
    """Decisions and money by course, under each of the two policies."""

    was: Counter[str] = field(default_factory=Counter)
    now: Counter[str] = field(default_factory=Counter)
    was_fen: Counter[str] = field(default_factory=Counter)
    now_fen: Counter[str] = field(default_factory=Counter)

    def add(self, was: Deed, now: Deed) -> None:
        self.was[was.course] += 1
        self.now[now.course] += 1
        self.was_fen[was.course] += was.money.fen
        self.now_fen[now.course] += now.money.fen


@dataclass(slots=True)
class _Parted:
    """A case on which the two parted; `ended` once the candidate has acted on it in a run that acts.

    `ground`: what its why is made from, while it is among the riskiest; explaining a case takes a hundred times as long as
    finding it, so only those that are left in the end are explained.
    """

    flip: Flip
    ended: bool
    ground: tuple[Past, Facts] | None = None


class Rehearsal:
    """One candidate over one stretch of the past. Hand it every decision in the ledger's order, then read what it found."""

    def __init__(self, candidate: Policy, spending: SpendingOf) -> None:
        self._candidate = candidate
        self._fast = compiled(candidate)
        self._spending = spending
        self._books = Books()
        self._parted: dict[CaseKey, _Parted] = {}
        self._riskiest: list[tuple[int, int, int, _Parted]] = []
        self.totals = Totals()
        self.decisions = 0
        self.skipped = 0
        """Decisions on cases that the candidate had already ended, or that were out of the shop's hands."""
        self.policies: Counter[str] = Counter()
        self.uncovered: dict[CaseKey, Money] = {}
        self.uncovered_total = 0
        self.first: datetime | None = None
        self.last: datetime | None = None

    def take(self, past: Past) -> None:
        """The next decision."""
        decision = past.kept.decision
        self.decisions += 1
        self.policies[decision.policy_hash] += 1
        self.first, self.last = self.first or decision.decided_at, decision.decided_at
        known = self._parted.get(decision.case)
        if known is not None and known.ended:
            self._only_live(past, known)
        elif _out_of_hands(decision):
            self.skipped += 1
        else:
            self._compare(past, self._facts(past))

    def _facts(self, past: Past) -> Facts:
        """What the candidate would have known: all as it was, but for what it would have spent itself."""
        kept, now = past.kept, past.kept.decision.decided_at
        history, spent = kept.history, self.spent(past)
        if spent is not history.spent:
            history = history.model_copy(update={"spent": spent})
        return gather(kept.snapshot, kept.trails, self._candidate.parameters, now, history)

    def spent(self, past: Past) -> Mapping[str, Money]:
        """What each strategy of the candidate would have spent that day by then."""
        decision, history = past.kept.decision, past.kept.history
        return self._books.by_then(decision.case, history.day, history.spent, decision.decided_at)

    def _only_live(self, past: Past, known: _Parted) -> None:
        """The candidate has ended this case before: only what the live policy came to is still of interest."""
        self.skipped += 1
        decision = past.kept.decision
        if not _out_of_hands(decision):
            known.flip = replace(known.flip, was=deed_of(decision))
            self._take_out(past)

    def _compare(self, past: Past, facts: Facts) -> None:
        decision, was = past.kept.decision, deed_of(past.kept.decision)
        gist = self._fast.verdict(facts)
        if gist.cause is Cause.NO_MATCH and decision.reasons[0].code != "hold.no_match":
            self._uncover(decision.case, past.kept.snapshot.amount)
        now = deed_of_gist(gist, self._candidate.by_id.get(gist.strategy), facts)
        self.totals.add(was, now)
        self._note(past, facts, was, now)
        if past.posture == "act" and (was.money, was.strategy) != (now.money, now.strategy):
            self._respend(past, now)

    def _note(self, past: Past, facts: Facts, was: Deed, now: Deed) -> None:
        """The newest comparison counts; one that shows no difference any more is no flip."""
        decision = past.kept.decision
        if not now.parts_from(was):
            self._parted.pop(decision.case, None)
            return
        flip = Flip(decision.case, decision.decided_at, past.kept.snapshot.amount, was, now, ())
        parted = _Parted(flip, past.posture == "act" and now.course in ENDS, (past, facts))
        self._parted[decision.case] = parted
        self._rank(parted)

    def _rank(self, parted: _Parted) -> None:
        """Among the riskiest so far; who is pushed out of them is not going to be explained."""
        flip = parted.flip
        entry = (flip.risk.fen, abs(flip.moved.fen), -self.decisions, parted)
        if len(self._riskiest) < MOST_TOLD:
            heapq.heappush(self._riskiest, entry)
        else:
            heapq.heappushpop(self._riskiest, entry)[-1].ground = None

    def _told(self, parted: _Parted) -> Flip:
        """With its why, by the full engine, where it is one of the riskiest."""
        if parted.ground is not None:
            past, facts = parted.ground
            policy = self._candidate
            standings = stand_all(facts, policy)
            reasons = why(past.whole(), rule(standings, facts, policy.parameters), standings, facts)
            parted.flip, parted.ground = replace(parted.flip, why=reasons), None
        return parted.flip

    def _respend(self, past: Past, now: Deed) -> None:
        decision = past.kept.decision
        self._take_out(past)
        self._books.spend(decision.case, past.kept.history.day, decision.decided_at, now.strategy, now.money)

    def _take_out(self, past: Past) -> None:
        decision = past.kept.decision
        if past.posture == "act" and (spending := self._spending(decision.case, past.seq)) is not None:
            self._books.instead(decision.case, spending)

    def _uncover(self, case: CaseKey, claim: Money) -> None:
        if case in self.uncovered:
            return
        self.uncovered_total += 1
        if len(self.uncovered) < MOST_UNCOVERED:
            self.uncovered[case] = claim

    def flips(self) -> list[Flip]:
        """Cases that come out otherwise, the riskiest first, then by the money moved either way."""
        found = [self._told(one) for one in self._parted.values() if one.flip.now.parts_from(one.flip.was)]
        return sorted(found, key=lambda flip: (-flip.risk.fen, -abs(flip.moved.fen), flip.at, str(flip.case)))

    @property
    def sooner(self) -> int:
        """Cases on which the candidate does the same as the live policy did, only in an earlier sweep."""
        return sum(not one.flip.now.parts_from(one.flip.was) for one in self._parted.values())


def _out_of_hands(decision: Head) -> bool:
    return bool(decision.reasons) and decision.reasons[0].code.startswith("not_pending.")


def moved(flips: list[Flip]) -> Mapping[str, Money]:
    """Money newly paid and newly kept, and claims newly refused with and without proof."""
    sums: dict[str, Money] = defaultdict(lambda: ZERO)
    for flip in flips:
        sums["paid" if flip.moved > ZERO else "kept"] += flip.moved if flip.moved > ZERO else ZERO - flip.moved
        if flip.now.course == "refuse" and flip.was.course != "refuse":
            sums["unproven" if flip.now.unproven else "refused"] += flip.claim
    return sums
